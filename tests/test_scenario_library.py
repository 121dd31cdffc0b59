"""Every file of `scenarios/`, played: a dialogue for each name, with what comes back at each step.

A good client's dialogue fires every rule, lets every event of the timeline happen and fulfils what
the file expects; a careless client's breaks it. Files about payments have a story of two shops instead
(`test_careful_clients`), those about hosted checkout a plot (`checkout_stories`). A file without one fails, and
the reverse.
"""

import json
import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from checkout_stories import PLOTS
from counter import Counter
from renewal_stories import RENEWALS
from stories import STORIES
from subscriber import Subscriber
from typed import Keypad
from typed_stories import TYPED_CARDS

from mock_nicepay.contract.endpoint import Reply, Request
from mock_nicepay.contract.times import parse_moment
from mock_nicepay.core.records import Payment
from mock_nicepay.core.scenarios.library import ready_made_files
from mock_nicepay.core.scenarios.reader import read_file
from mock_nicepay.front.control.tokens import token_rows
from mock_nicepay.sandbox import Sandbox
from mock_nicepay.settings import Settings

FOLDER = Path(__file__).parent.parent / "scenarios"
CLIENT_ID = "S1_ce1bb1ebebc44fe1a3f7cec976c83ea7"
SECRET_KEY = "13e969a77a0545799242ccc3915243d3"
TID, ORDER_ID = "UT0000104m00012303241646422011", "641d555b91ae6"

JSON = "application/json;charset=utf-8"
JSON_EUC_KR = "application/json;charset=euc-kr"
HTML = "text/html;charset=utf-8"
SUCCESS = "정상 처리되었습니다."
TOKEN_KEYS = ("resultCode", "resultMsg", "accessToken", "tokenType")

Check = Callable[[bytes], bool]


# What can be said of a body's bytes


def json_of(body: bytes) -> dict[str, Any]:
    """The JSON object as a lenient client reads it; empty when it is none."""
    try:
        value = json.loads(body.decode("utf-8", "replace").removeprefix("\ufeff"))
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def utf_8(body: bytes) -> bool:
    """JSON in UTF-8."""
    return bool(json_of(body)) and "\ufffd" not in body.decode("utf-8", "replace")


def euc_kr(body: bytes) -> bool:
    """Korean text in EUC-KR bytes, which are not UTF-8."""
    return SUCCESS in body.decode("cp949", "replace") and SUCCESS.encode() not in body


def page(body: bytes) -> bool:
    """A page for people."""
    return body.startswith(b"<html>") and not json_of(body)


def says(text: str) -> Check:
    """The text stands in the body, in UTF-8."""
    return lambda body: text in body.decode("utf-8", "replace")


def keys(*names: str) -> Check:
    """The answer has exactly these keys, in this order."""
    return lambda body: list(names) == list(json_of(body))


def values(**wanted: Any) -> Check:
    """The answer has these values."""
    return lambda body: wanted.items() <= json_of(body).items()


def signed(body: bytes) -> bool:
    """The signature was made over what the answer says."""
    answer = json_of(body)
    hashed = f"{answer['tid']}{answer['amount']}{answer['ediDate']}{SECRET_KEY}"
    return bool(sha256(hashed.encode()).hexdigest() == answer["signature"])


def lives(span: timedelta) -> Check:
    """The token ends so long after the moment of the answer."""

    def check(body: bytes) -> bool:
        answer = json_of(body)
        return span == parse_moment(answer["expireAt"]) - parse_moment(answer["now"])

    return check


# What a client does, and what it must see


@dataclass(frozen=True, slots=True)
class Sight:
    """What a caller can tell of an answer beside its body."""

    status: int = 200
    code: str = "0000"
    media: str = JSON
    fate: str = "send"
    delay: float = 0.0


@dataclass(frozen=True, slots=True)
class Step:
    """Time passes, or a call is made; the answer must look so."""

    path: str = ""
    bearer: bool = False
    wait: timedelta = timedelta()
    sight: Sight = Sight()
    body: tuple[Check, ...] = (utf_8,)
    headers: Mapping[str, str] = field(default_factory=dict)
    token: str = ""  # the one in the answer: `same` as the one before, or `new`
    issued: int | None = None  # how many tokens the gateway holds afterwards

    def seen(self, *body: Check, **sight: Any) -> "Step":
        """The same step with another answer."""
        return replace(self, sight=replace(self.sight, **sight), body=body or self.body)

    def refused(self, status: int, code: str, text: str = "") -> "Step":
        """The same step, answered by a refusal."""
        return self.seen(says(text), status=status, code=code)

    def lost(self, fate: str) -> "Step":
        """The same step without any answer."""
        return replace(self, sight=Sight(0, "", "", fate), body=())

    def paged(self, status: int, text: str = "") -> "Step":
        """The same step, answered by a page."""
        return self.seen(page, says(text), status=status, code="", media=HTML)


def wait(minutes: int) -> Step:
    """Time passes."""
    return Step(wait=timedelta(minutes=minutes))


ASK = Step("/v1/access-token")  # for a token, with the keys
RENEW = replace(ASK, bearer=True)  # with the token instead
LOOK = Step(f"/v1/payments/{TID}", bearer=True)
FIND = Step(f"/v1/payments/find/{ORDER_ID}", bearer=True)
SAME, NEW = replace(ASK, token="same"), replace(ASK, token="new")
DEAD = LOOK.refused(401, "U104")

Dialogue = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """How a scenario is played."""

    good: Dialogue
    careless: tuple[Dialogue, ...] = ()  # together they break each expectation of the file
    ahead: timedelta | None = None  # how far the gateway's clock is ahead, when the file sets it


def refusal(status: int, code: str, text: str) -> Scene:
    """A token call that is refused however often it is made."""
    refused = ASK.refused(status, code, text)
    return Scene(good=(refused, refused), careless=((ASK,) * 4,))


def odd(*body: Check, ask: bool = True, **sight: Any) -> Scene:
    """Answers that are good and look odd; the token in them works."""
    return Scene((ASK.seen(*body, **sight) if ask else ASK, LOOK.seen(*body, **sight)))


def broken(step: Step) -> Scene:
    """A token call that fails each time, as a refused look-up does; and a client that does not stop."""
    refused = replace(step, path="/v1/payments/unknown")
    return Scene(good=(step, refused, step), careless=((ASK,) * 11,))


SCENES = {
    "success": Scene((ASK, LOOK, FIND, SAME, wait(31), DEAD, NEW, LOOK)),
    "euc-kr": odd(euc_kr, media=JSON_EUC_KR),
    # Refusals
    "token-u101-not-base64": refusal(401, "U101", "BASE64 DECODE 실패"),
    "token-u103-basic-key": refusal(403, "U103", "사용자 인증타입이 맞지 않습니다."),
    "token-u104-dead-bearer": Scene(
        good=(ASK, RENEW.refused(401, "U104", "사용자 인증에 실패하였습니다."), SAME, LOOK),
        careless=((ASK, RENEW, RENEW, RENEW),),
    ),
    "token-u105-field-too-long": refusal(200, "U105", "초과[max:10, realLength:11]"),
    "token-u108-unauthorized-request": refusal(401, "U108", "허가되지 않은 요청 입니다."),
    "token-u109-request-not-allowed": refusal(403, "U109", "허용되지 않은 요청 입니다."),
    "token-u116-unknown-client": refusal(401, "U116", "사용자 정보가 존재하지 않습니다."),
    "token-u117-empty-half": refusal(401, "U117", "사용자 비밀번호가 일치하지 않습니다."),
    "token-u132-unknown-charset": refusal(200, "U132", "허용된 옵션 내용이 아닙니다.[utf-7]"),
    "token-u304-no-credentials": refusal(401, "U304", "BASIC AUTHENTICATION 실패"),
    "token-u315-ip": refusal(200, "U315", "허용되지 않은 IP 입니다."),
    "token-u316-merchant-settings": refusal(404, "U316", "상점 기준정보가 유효하지 않습니다."),
    # A token's life
    "token-expiry-while-in-use": Scene(
        good=(ASK, LOOK, wait(19), LOOK, SAME, wait(1), DEAD, NEW, LOOK),
        careless=((ASK, wait(20), LOOK),),
    ),
    "token-revoked-early": Scene(
        good=(ASK, LOOK, wait(5), DEAD, NEW, LOOK), careless=((ASK, wait(5), LOOK),)
    ),
    "unauthorized-once": Scene(
        good=(ASK, DEAD, SAME, LOOK, FIND), careless=((ASK, LOOK), (ASK, LOOK, ASK))
    ),
    "unauthorized-midway": Scene(
        good=(ASK, LOOK, FIND, DEAD, SAME, LOOK, LOOK), careless=((ASK, LOOK, LOOK, LOOK),)
    ),
    "unauthorized-always": Scene(
        good=(ASK, DEAD, SAME, DEAD, FIND.refused(401, "U104")), careless=((ASK, LOOK) * 6,)
    ),
    "clock-ahead": Scene(
        good=(ASK.seen(lives(timedelta(minutes=30))), LOOK, wait(31), DEAD, NEW, LOOK),
        careless=((ASK, wait(31), LOOK),),
        ahead=timedelta(hours=2),
    ),
    "clock-behind": Scene(
        good=(ASK.seen(lives(timedelta(minutes=30))), LOOK, LOOK),
        careless=((ASK, LOOK) * 4,),
        ahead=timedelta(hours=-2),
    ),
    "token-expireat-only": Scene(
        good=(ASK.seen(keys(*TOKEN_KEYS, "expireAt", "now")), LOOK), careless=((ASK, LOOK) * 4,)
    ),
    "token-expiredat-only": Scene(
        good=(ASK.seen(keys(*TOKEN_KEYS, "expiredAt", "now")), LOOK), careless=((ASK, LOOK) * 4,)
    ),
    "token-without-expiry": Scene(
        good=(ASK.seen(keys(*TOKEN_KEYS, "now")), LOOK), careless=((ASK, LOOK) * 4,)
    ),
    "token-type-lower-case": Scene((ASK.seen(values(tokenType="bearer")), LOOK)),
    "token-missing-in-answer": Scene(
        good=(
            ASK.seen(keys("resultCode", "resultMsg", "tokenType", "expireAt", "expiredAt", "now")),
            ASK,
            LOOK,
        ),
        careless=((ASK, LOOK),),
    ),
    "unknown-keys": odd(
        values(
            requestNo="230228-0001", extension={"version": 2, "flags": ["a", "b"]}, reserved=None
        )
    ),
    # Slow and lost
    "slow": odd(delay=3.0),
    "slow-then-fine": Scene(good=(ASK.seen(delay=35.0), SAME, LOOK), careless=((ASK,) * 4,)),
    "dripping": odd(fate="drip"),
    "hanging": broken(ASK.lost("hang")),
    "cut-off": broken(ASK.lost("reset")),
    "cut-off-once": Scene(good=(ASK.lost("reset"), SAME, LOOK), careless=((ASK,),)),
    "truncated": Scene(good=(ASK.seen(fate="truncate"),) * 3, careless=((ASK,) * 11,)),
    "empty-answer": broken(ASK.seen(lambda body: not body, code="")),
    "lost-token-answer": Scene(
        good=(replace(ASK.lost("hang"), issued=1), replace(SAME, issued=1), LOOK),
        careless=((ASK,),),
    ),
    "phantom-success": Scene(
        good=(replace(ASK, issued=0), DEAD, replace(NEW, issued=1), LOOK), careless=((ASK, LOOK),)
    ),
    "temporary-error-9999": Scene(
        good=(ASK.refused(200, "9999", "일시적인 오류가 발생하였습니다."), ASK, LOOK),
        careless=((ASK,),),
    ),
    "gateway-502": broken(ASK.paged(502, "Bad Gateway")),
    "gateway-504-lost": Scene(
        good=(replace(ASK.paged(504), issued=1), replace(ASK, issued=1), LOOK), careless=((ASK,),)
    ),
    "too-many-requests": Scene(
        good=(replace(ASK.paged(429), headers={"Retry-After": "1"}), ASK, LOOK), careless=((ASK,),)
    ),
    "flaky-one-in-three": Scene(
        (ASK, LOOK, LOOK.paged(503), LOOK, FIND, FIND.paged(503), FIND, LOOK, ASK.paged(503), SAME)
    ),
    "maintenance-window": Scene(
        (
            *(ASK, wait(9), LOOK),
            *(wait(1), LOOK.paged(503, "서비스 점검"), wait(14), ASK.paged(503)),
            *(wait(1), LOOK),
        )
    ),
    "maintenance-at-start": Scene(
        good=(ASK.paged(503, "서비스 점검"), wait(29), ASK.paged(503), wait(1), ASK, LOOK),
        careless=((ASK,) * 11,),
    ),
    "redirected": Scene(
        good=(replace(ASK.paged(302), headers={"Location": "/login"}),), careless=((ASK,) * 4,)
    ),
    # Odd bytes
    "garbage": broken(ASK.seen(lambda body: bool(body) and not json_of(body), code="")),
    "html-with-200": broken(ASK.paged(200, "로그인이 필요합니다.")),
    "wrong-charset-label": odd(euc_kr, media=JSON),
    "no-charset-label": odd(media="application/json"),
    "wrong-content-type": odd(media="text/html;charset=utf-8"),
    "bom": odd(lambda body: body.startswith(b"\xef\xbb\xbf{")),
    "duplicate-keys": odd(says('{"resultCode":"","resultCode":"0000","resultMsg":""')),
    # Look-ups
    "lookup-lags": Scene(
        good=(ASK, LOOK.refused(404, "U107", "거래내역이 존재 하지 않습니다."), LOOK, FIND),
        careless=((ASK, FIND),),
    ),
    "lookup-altered-amount": odd(values(amount=1), lambda body: not signed(body), ask=False),
    "lookup-other-order": odd(values(orderId="somebody-elses-order"), signed, ask=False),
    # All together
    "tour": Scene(
        good=(
            *(ASK.refused(200, "9999"), ASK.seen(euc_kr, media=JSON_EUC_KR)),
            *(DEAD, SAME, LOOK),
            *(LOOK.lost("reset"), LOOK),
            *(FIND.paged(502), FIND),
            *(LOOK.seen(fate="truncate"), LOOK),
            LOOK.seen(delay=1.0),
            *(wait(5), DEAD, NEW, LOOK),
        ),
        careless=((ASK,), (ASK, ASK, wait(5), LOOK)),
    ),
}


class Shop:
    """One merchant's client at a sandbox, which remembers the last token it saw."""

    def __init__(self, name: str, *, at_start: bool) -> None:
        given = {"self_check": True, "clock": "2023-02-28T12:53:17.657+0900"}
        chosen = {"scenario": (name,)} if at_start else {}
        self.sandbox = Sandbox(Settings.read({**given, **chosen}, environment={}))
        self.sandbox.store.put(
            Payment(TID, CLIENT_ID, ORDER_ID, 1004, 1004, "test", "card", "paid")
        )
        self.judged = "" if at_start else CLIENT_ID  # of all who called, or of this one merchant
        if not at_start:
            self.sandbox.choose_scenario(name, CLIENT_ID)
        self.clock = self.sandbox.tenants(CLIENT_ID)[0].clock
        self.token = ""

    def act(self, step: Step) -> Reply | None:
        """Let time pass, or make the call."""
        if not step.path:
            self.sandbox.advance(step.wait, CLIENT_ID)
            return None
        basic = b64encode(f"{CLIENT_ID}:{SECRET_KEY}".encode()).decode()
        login = f"Bearer {self.token}" if step.bearer else f"Basic {basic}"
        method = "POST" if step.path == ASK.path else "GET"
        return self.sandbox.handle(Request(method, step.path, headers={"authorization": login}))

    def play(self, step: Step) -> None:
        """Act, hold the answer against what it must be, and remember the token in it."""
        reply = self.act(step)
        if reply is None:
            return
        assert step.sight == _sight(reply)
        assert not [check for check in step.body if not check(reply.body)], reply.body
        assert step.headers == {name: reply.header(name) for name in step.headers}
        token = json_of(reply.body).get("accessToken", self.token)
        if step.token:
            assert step.token == ("same" if token == self.token else "new")
        if step.issued is not None:
            assert step.issued == len(token_rows(self.sandbox, CLIENT_ID))
        self.token = token

    def broken(self) -> list[str]:
        """The expectations that do not hold."""
        rows = self.sandbox.report(self.judged)
        return [e["expected"] for row in rows for e in row["expectations"] if not e["ok"]]

    def idle(self) -> list[str]:
        """The rules that never fired."""
        rows = self.sandbox.report(CLIENT_ID)
        return [rule["rule"] for row in rows for rule in row["neverFired"]]


def _sight(reply: Reply) -> Sight:
    """What the caller sees; of an answer that never comes only that."""
    if reply.wire.fate in {"hang", "reset"}:
        return Sight(0, "", "", reply.wire.fate, reply.wire.delay)
    return Sight(
        reply.status,
        json_of(reply.body).get("resultCode", ""),
        reply.header("Content-Type") or "",
        reply.wire.fate,
        reply.wire.delay,
    )


def _first_sentence(description: str) -> str:
    return re.split(r"(?<=[.!?])\s", description)[0]


def test_every_file_is_played() -> None:
    """A scenario without a dialogue here or a story of the two shops is found, and the reverse."""
    played = sorted([*SCENES, *STORIES, *PLOTS, *RENEWALS, *TYPED_CARDS])
    assert played == sorted(path.stem for path in FOLDER.iterdir() if path.suffix != ".md")
    assert played == sorted(ready_made_files())


@pytest.mark.parametrize("name", [*SCENES, *STORIES, *PLOTS, *RENEWALS, *TYPED_CARDS])
def test_says_what_it_is(name: str) -> None:
    """A file is named like its scenario, and describes it in one paragraph and what a good client does."""
    scenario = read_file(FOLDER / f"{name}.yaml")
    first = _first_sentence(scenario.description)

    assert name == scenario.name
    assert "good client" in scenario.description.removeprefix(first)
    assert "\n" not in scenario.description
    assert len(first) <= 120


@pytest.mark.parametrize("at_start", [False, True], ids=["chosen", "at-start"])
@pytest.mark.parametrize("name", SCENES)
def test_plays(name: str, at_start: bool) -> None:
    """A good client meets every rule and event of the scenario, and does all that is expected of it."""
    scene, shop = SCENES[name], Shop(name, at_start=at_start)
    if scene.ahead is not None:
        assert scene.ahead == shop.clock.offset

    for step in scene.good:
        shop.play(step)

    assert not shop.broken()
    assert not shop.idle()
    assert not shop.clock.pending()


@pytest.mark.parametrize("at_start", [False, True], ids=["chosen", "at-start"])
@pytest.mark.parametrize("name", SCENES)
def test_careless_clients_are_caught(name: str, at_start: bool) -> None:
    """Each expectation of the file is broken by a careless client, and none goes without a proof."""
    expected = [e.text for e in read_file(FOLDER / f"{name}.yaml").expect]
    broken = set()
    for dialogue in SCENES[name].careless:
        shop = Shop(name, at_start=at_start)
        for step in dialogue:
            reply = shop.act(step)
            if reply is not None and reply.wire.fate == "send":
                shop.token = json_of(reply.body).get("accessToken", shop.token)
        assert shop.broken()
        broken.update(shop.broken())

    assert sorted(expected) == sorted(broken)


def _judged(name: str, acts: tuple[Callable[[Counter], object], ...]) -> list[str]:
    """The expectations that do not hold after these acts at a shop with hosted checkout."""
    shop = Counter(scenario=(name,))
    for act in acts:
        act(shop)
    (row,) = shop.sandbox.report(shop.merchant.client_id)
    assert not row["neverFired"]
    return [e["expected"] for e in row["expectations"] if not e["ok"]]


@pytest.mark.parametrize("name", PLOTS)
def test_checkouts_play(name: str) -> None:
    """A good shop does all that is expected of it; each expectation is broken by a careless one."""
    assert not _judged(name, PLOTS[name].good)
    broken = {each for acts in PLOTS[name].careless for each in _judged(name, acts)}

    assert {e.text for e in read_file(FOLDER / f"{name}.yaml").expect} == broken


def _renewed(name: str, acts: tuple[Callable[[Subscriber], object], ...]) -> list[str]:
    """The expectations that do not hold after these acts at a shop that sells subscriptions."""
    shop = Subscriber(scenario=(name,))
    for act in acts:
        act(shop)
    (row,) = shop.sandbox.report(shop.merchant.client_id)
    assert not row["neverFired"]
    return [e["expected"] for e in row["expectations"] if not e["ok"]]


@pytest.mark.parametrize("name", RENEWALS)
def test_renewals_play(name: str) -> None:
    """A good shop does all that is expected of it; each expectation is broken by a careless one."""
    assert not _renewed(name, RENEWALS[name].good)
    broken = {each for acts in RENEWALS[name].careless for each in _renewed(name, acts)}

    assert {e.text for e in read_file(FOLDER / f"{name}.yaml").expect} == broken


def _typed(name: str, acts: tuple[Callable[[Keypad], object], ...]) -> list[str]:
    """The expectations that do not hold after these acts at a shop that types cards in."""
    shop = Keypad(scenario=(name,))
    for act in acts:
        act(shop)
    (row,) = shop.till.sandbox.report(shop.till.merchant.client_id)
    assert not row["neverFired"]
    return [e["expected"] for e in row["expectations"] if not e["ok"]]


@pytest.mark.parametrize("name", TYPED_CARDS)
def test_typed_cards_play(name: str) -> None:
    """A good shop does all that is expected of it; each expectation is broken by a careless one."""
    assert not _typed(name, TYPED_CARDS[name].good)
    broken = {each for acts in TYPED_CARDS[name].careless for each in _typed(name, acts)}

    assert {e.text for e in read_file(FOLDER / f"{name}.yaml").expect} == broken


def test_index_is_complete() -> None:
    """The page beside the scenarios lists each of them once, by the first sentence of its description."""
    rows = re.findall(
        r"^\| \[`(.+)`\]\((.+)\.yaml\) \| (.+) \|$",
        (FOLDER / "README.md").read_text("utf-8"),
        re.MULTILINE,
    )
    expected = [
        (name, name, _first_sentence(read_file(path).description))
        for name, path in sorted(ready_made_files().items())
    ]

    assert expected == sorted(rows)
