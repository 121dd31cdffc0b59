"""The page of keys: merchants with their key pairs, allow lists and tokens; a new merchant."""

from typing import Any

from mock_nicepay.contract.editions import EDITIONS
from mock_nicepay.core.merchants import traits as forms
from mock_nicepay.core.merchants.keys import MOST
from mock_nicepay.core.records import Merchant
from mock_nicepay.front.console.look import Go, Look, Page
from mock_nicepay.front.control import keys as key_actions
from mock_nicepay.front.control.merchants import add_merchant
from mock_nicepay.front.control.tokens import token_rows

SIZE = 25  # merchants on a page


def keys(look: Look) -> Page:
    """The merchants with their keys, the tokens of each with the time they have left."""
    found, total = _found(look)
    shown = [forms.to_json(each) for each in found] if not look.is_stranger else []
    listed = {each["clientId"] for each in shown}
    return Page(
        "keys.html",
        {
            "found": shown,
            "total": total,
            "q": look.arguments.get("q", ""),
            "tokens": {
                client_id: rows
                for client_id in listed
                if (rows := token_rows(look.sandbox, client_id))
            },
            "pairs": {client_id: _pairs(look, client_id) for client_id in listed},
            "most": MOST,
            "editions": list(EDITIONS),
        },
    )


def _found(look: Look) -> tuple[list[Merchant], int]:
    """The youngest that are meant, and how many are. Only a search reads all others, too."""
    store, wanted = look.sandbox.store, look.arguments.get("q", "").casefold()
    if not look.known and not wanted:
        return store.latest(Merchant, SIZE), store.number(Merchant)
    every = [look.known] if look.known else look.sandbox.merchants()
    found = [
        each for each in every if wanted in f"{each.client_id} {each.name} {each.mid}".casefold()
    ]
    return found[-SIZE:], len(found)


def add(look: Look) -> Go:
    """A merchant with a fresh key pair."""
    form = {name: value.strip() for name, value in look.form.items()}
    body: dict[str, Any] = {
        name: form[name]
        for name in ("name", "window", "authType", "edition", "clientId", "secretKey", "mid")
        if form.get(name)
    }
    if form.get("allow"):
        body["allow"] = form["allow"].replace(",", " ").split()
    made = look.ask(add_merchant, body)
    return Go(
        look.url("/keys", merchant=made["clientId"]),
        look.say(f"{made['clientId']} was created", f"{made['clientId']} 상점을 만들었습니다"),
    )


def add_pair(look: Look) -> Go:
    """A further key pair for a merchant."""
    made = look.ask(key_actions.add_key, {"window": look.form.get("window", "server")})
    return Go(
        look.back("/keys"),
        look.say(f"{made['clientId']} was created", f"{made['clientId']} 키를 발급했습니다"),
    )


def reissue(look: Look) -> Go:
    """A new secret key for a pair."""
    made = look.ask(key_actions.reissue_key)
    return Go(
        look.back("/keys"),
        look.say(
            f"{made['clientId']} has a new secret key",
            f"{made['clientId']}의 시크릿 키를 재발급했습니다",
        ),
    )


def delete(look: Look) -> Go:
    """A pair is deleted."""
    gone = look.ask(key_actions.delete_key)["deleted"]
    return Go(look.back("/keys"), look.say(f"{gone} was deleted", f"{gone} 키를 삭제했습니다"))


def try_allow(look: Look) -> Go:
    """Whether an address would be let in."""
    address = look.form.get("address", "").strip()
    told = look.ask(key_actions.try_allow, {"address": address})
    if not told["allowed"]:
        no = f"{told['code']} {told['message']}"
        return Go(look.back("/keys"), f"{address}: {no}", "error")
    rule = told["rule"] or look.say("the list is empty", "제한 없음")
    return Go(
        look.back("/keys"),
        look.say(f"{address} is let in ({rule})", f"{address} 호출은 허용됩니다({rule})"),
    )


def _pairs(look: Look, client_id: str) -> list[dict[str, Any]]:
    return [forms.key_json(key) for key in look.sandbox.keys.living(client_id)]


def allow(look: Look) -> Go:
    """The addresses a merchant may call from."""
    rules = look.form.get("allow", "").replace(",", " ").split()
    look.ask(key_actions.put_allow, {"allow": rules})
    return Go(look.back("/keys"), look.say("the allow list was saved", "허용 IP를 저장했습니다"))
