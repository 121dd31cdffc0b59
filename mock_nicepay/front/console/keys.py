"""The page of keys: merchants with their secrets, allow lists and tokens; a new merchant."""

from typing import Any

from mock_nicepay.contract.editions import EDITIONS
from mock_nicepay.core import merchants as forms
from mock_nicepay.front import control
from mock_nicepay.front.console.look import Go, Look, Page

SIZE = 25  # merchants on a page


def keys(look: Look) -> Page:
    """The merchants with their keys, the tokens of each with the time they have left."""
    wanted = look.arguments.get("q", "").casefold()
    every = [look.known] if look.known else look.sandbox.merchants()
    found = [
        each for each in every if wanted in f"{each.client_id} {each.name} {each.mid}".casefold()
    ]
    shown = [forms.to_json(each) for each in found[-SIZE:]] if not look.is_stranger else []
    listed = {each["clientId"] for each in shown}
    tokens: dict[str, list[dict[str, Any]]] = {}
    for row in look.sandbox.token_rows(look.owner):
        if row["merchant"] in listed:
            tokens.setdefault(row["merchant"], []).append(row)
    return Page(
        "keys.html",
        {
            "found": shown,
            "total": len(found),
            "q": look.arguments.get("q", ""),
            "tokens": tokens,
            "editions": list(EDITIONS),
        },
    )


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
    made = look.ask(control.add_merchant, body)
    return Go(
        look.url("/keys", merchant=made["clientId"]),
        look.say(f"{made['clientId']} is made", f"{made['clientId']} 상점을 만들었습니다"),
    )


def allow(look: Look) -> Go:
    """The addresses a merchant may call from."""
    rules = look.form.get("allow", "").replace(",", " ").split()
    look.ask(control.put_allow, {"allow": rules})
    return Go(look.back("/keys"), look.say("the allow list is set", "허용 IP를 저장했습니다"))
