"""The pipeline of every call: what is stored, what is answered, and which errors do no harm."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from mock_nicepay.api import ENDPOINTS
from mock_nicepay.contract.bodies import RESULT
from mock_nicepay.contract.endpoint import Answer, Family
from mock_nicepay.contract.fields import Body, Integer, ReturnCharSet, Text
from mock_nicepay.contract.refusal import Refusal
from mock_nicepay.contract.shape import Shape
from mock_nicepay.contract.signing import Formula
from mock_nicepay.core.call import Context
from mock_nicepay.core.pipeline import BrokenAnswer
from mock_nicepay.core.records import Payment
from mock_nicepay.sandbox import Sandbox
from mock_nicepay.settings import Settings

ID, SECRET = "S2_af4543a0be4d49a98122e01ec2059a56", "9eb85607103646da9f9c02b128f2e5ee"
NOW = "2023-02-28T12:53:17.657+0900"
FAMILY = Family("payments")
Call = Callable[..., Any]


class Charge(Body):
    """The fields of the call that these tests make up."""

    amount = Text(12, required=True)
    ediDate = Text()
    signData = Text(256)
    returnCharSet = ReturnCharSet()


@FAMILY.endpoint(
    "POST",
    "/v1/payments/{tid}",
    name="approve",
    request=Charge,
    reply=Shape({**RESULT, "tid": Text(30), "amount": Integer()}),
    sign="tid + amount + ediDate",
    codes=("A118",),
)
def charge(context: Context, data: dict[str, Any]) -> Answer:
    """Store a payment; some amounts then raise an error."""
    tid, amount = data["tid"], data["amount"]
    record = Payment(tid, context.merchant.client_id, tid, 1, 1, "goods", "card", "paid")
    context.store.put(record)
    if amount == "666":
        raise RuntimeError(f"bug with {data['ediDate']}")
    if amount == "118":
        raise Refusal("A118")
    if amount == "119":
        raise Refusal("A119")
    return Answer({"tid": tid, "amount": int(amount) if amount.isdecimal() else amount})


@pytest.fixture
def sandbox(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """A gateway that serves the made-up call instead of the true one, with a test's settings."""
    others = (endpoint for endpoint in ENDPOINTS if endpoint.name != "payments.approve")
    monkeypatch.setattr("mock_nicepay.sandbox.ENDPOINTS", (*others, *FAMILY.endpoints))
    options = {"self_check": True, "clock": NOW, **getattr(request, "param", {})}
    return Sandbox(Settings.read(options, environment={}))


@pytest.fixture
def pay(call: Call) -> Call:
    """Send the made-up call: `pay("1004")`, or with any body."""

    def send(amount: str = "1004", body: Any = None, **parts: Any) -> Any:
        sent = {"amount": amount} if body is None else body
        return call("POST", "/v1/payments/T1", body=sent, **{"auth": (ID, SECRET), **parts})

    return send


def kept(sandbox: Sandbox) -> int:
    """How many payments there are."""
    return len(sandbox.store.find(Payment))


def why(sandbox: Sandbox) -> str:
    """The English diagnosis of the latest call."""
    cause = sandbox.journal()[0].cause
    return cause.en if cause else ""


def scenario(*rules: dict[str, Any], **parts: Any) -> dict[str, Any]:
    """A scenario of rules for the made-up call."""
    named = [{"call": "payments.approve", **rule} for rule in rules]
    return {"version": 1, "name": "s", "rules": named, **parts}


class TestOutcome:
    """What a call leaves behind."""

    def test_a_success_is_kept(self, pay: Call, sandbox: Sandbox) -> None:
        """The answer is the declared shape, and the record is there."""
        answer = pay()
        assert (200, "0000", 1, "") == (
            answer.status,
            answer.json["resultCode"],
            kept(sandbox),
            why(sandbox),
        )
        assert ["resultCode", "resultMsg", "tid", "amount"] == list(answer.json)

    def test_a_refusal_changes_nothing(self, pay: Call, sandbox: Sandbox) -> None:
        """What the call had written before it refused is undone."""
        assert ("A118", 0) == (pay("118").json["resultCode"], kept(sandbox))

    def test_a_bug_is_raised_under_test(self, pay: Call, sandbox: Sandbox) -> None:
        """Never hidden behind an answer, and the call is undone."""
        with pytest.raises(RuntimeError, match="bug with"):
            pay("666")
        assert (0, 500) == (kept(sandbox), sandbox.journal()[0].status)

    @pytest.mark.parametrize("sandbox", [{"self_check": False}], indirect=True)
    def test_a_bug_is_a_page_when_serving(self, pay: Call, sandbox: Sandbox) -> None:
        """A plain 500, and a journal entry that names the kind of error but not its text."""
        reply = pay(body={"amount": "666", "ediDate": "private"})
        assert (500, "text/html;charset=utf-8", 0) == (
            reply.status,
            reply.header("content-type"),
            kept(sandbox),
        )
        assert "an error in mock-nicepay itself (RuntimeError); please report" in why(sandbox)
        assert "bug with" not in json.dumps(sandbox.journal()[0].to_json())
        assert "bug with" not in reply.body.decode()

    @pytest.mark.parametrize("sandbox", [{"self_check": False}], indirect=True)
    def test_the_gateway_goes_on_after_a_bug(self, pay: Call, sandbox: Sandbox) -> None:
        """The next call is answered as ever."""
        assert [500, 200, 500, 200] == [pay(each).status for each in ("666", "1", "666", "1")]

    @pytest.mark.parametrize(
        ("expected", "amount"),
        [
            ("/v1/payments/T1: amount is str, not a whole number", "x"),
            ("payments.approve does not declare that it refuses with A119", "119"),
        ],
    )
    def test_an_answer_that_breaks_its_declaration_is_a_bug(
        self, expected: str, amount: str, pay: Call
    ) -> None:
        """Under test each true answer is checked against shape, limits and declared codes."""
        with pytest.raises(BrokenAnswer) as broken:
            pay(amount)
        assert expected == str(broken.value)

    @pytest.mark.parametrize("sandbox", [{"self_check": False}], indirect=True)
    @pytest.mark.parametrize(("expected", "amount"), [("0000", "x"), ("A119", "119")])
    def test_it_is_served_all_the_same(self, expected: str, amount: str, pay: Call) -> None:
        """A mistake of ours does not stop users of the mock."""
        assert expected == pay(amount).json["resultCode"]

    def test_a_scenario_may_break_the_shape(self, pay: Call, sandbox: Sandbox) -> None:
        """An answer changed by a rule is not checked."""
        sandbox.choose_scenario(scenario({"patch": {"amount": '"much"'}}), ID)
        assert '"much"' == pay().json["amount"]


class TestEffectAndReply:
    """The effect and the answer are independent."""

    @pytest.mark.parametrize(
        ("records", "status", "code", "fate", "rule"),
        [
            (1, 200, "0000", "send", {"reply": "ok"}),
            (0, 200, "0000", "send", {"reply": "ok", "effect": "none"}),
            (1, 200, "0000", "send", {"reply": {"code": "0000"}}),
            (0, 200, "0000", "send", {"reply": {"code": "0000"}, "effect": "none"}),
            (1, 200, "3011", "send", {"reply": {"code": "3011"}, "effect": "commit"}),
            (0, 200, "3011", "send", {"reply": {"code": "3011"}}),
            (0, 401, "U104", "send", {"reply": {"code": "U104"}}),
            (1, 502, "", "send", {"reply": {"http": 502}, "effect": "commit"}),
            (0, 502, "", "send", {"reply": {"http": 502}}),
            (1, 200, "0000", "hang", {"reply": "hang"}),
            (0, 200, "0000", "hang", {"reply": "hang", "effect": "none"}),
            (1, 200, "0000", "reset", {"reply": "reset"}),
            (1, 200, "0000", "truncate", {"reply": "truncate"}),
            (1, 200, "", "send", {"reply": "empty"}),
            (0, 200, "", "send", {"reply": "garbage", "effect": "none"}),
        ],
    )
    def test_money_and_answer_go_their_own_ways(
        self,
        records: int,
        status: int,
        code: str,
        fate: str,
        rule: dict[str, Any],
        pay: Call,
        sandbox: Sandbox,
    ) -> None:
        """With commit the payment is stored whatever the answer, with none it is not."""
        sandbox.choose_scenario(scenario(rule), ID)
        reply = pay()
        is_json = reply.body.startswith(b"{")
        assert (records, status, code, fate) == (
            kept(sandbox),
            reply.status,
            reply.json["resultCode"] if is_json else "",
            reply.wire.fate,
        )

    def test_a_wrong_request_is_refused_under_a_rule_too(self, pay: Call, sandbox: Sandbox) -> None:
        """A rule that lets the truth happen lets a refusal happen."""
        sandbox.choose_scenario(scenario({"delay": "1s"}), ID)
        assert "U100" == pay("").json["resultCode"]

    def test_a_success_that_is_asked_for_is_the_true_answer(
        self, pay: Call, sandbox: Sandbox
    ) -> None:
        """With the scenario's message; a wrong call is refused all the same."""
        sandbox.choose_scenario(scenario({"reply": {"code": "0000", "message": "고마워요"}}), ID)

        assert [("0000", "고마워요"), ("U100", "amount 필수입력항목이 누락되었습니다.")] == [
            (said["resultCode"], said["resultMsg"]) for said in (pay().json, pay("").json)
        ]

    def test_a_spent_rule_lets_the_truth_through(self, pay: Call, sandbox: Sandbox) -> None:
        """First the scenario, then the gateway."""
        sandbox.choose_scenario(scenario({"times": 1, "reply": {"code": "3011"}}), ID)
        assert ["3011", "0000"] == [pay().json["resultCode"] for _ in range(2)]

    @pytest.mark.parametrize(
        ("expected", "name"),
        [
            ("there is no scenario 'sucess'; did you mean success?", "sucess"),
            ("there is no scenario 'zzzzzzzz'", "zzzzzzzz"),
            ("there is no scenario '../../etc/passwd'", "../../etc/passwd"),
        ],
    )
    def test_an_unknown_scenario_in_the_header_is_a_400(
        self, expected: str, name: str, pay: Call, sandbox: Sandbox
    ) -> None:
        """The mock says what would be right; no gateway ever answers 400, and nothing happens."""
        reply = pay(headers={"X-Mock-Nicepay-Scenario": name})
        assert (400, "application/json;charset=utf-8", 0) == (
            reply.status,
            reply.header("content-type"),
            kept(sandbox),
        )
        assert reply.json["error"].startswith(expected)
        assert (400, "") == (sandbox.journal()[0].status, sandbox.journal()[0].code)


class TestOrder:
    """Path, login, fields, signature: the first wrong one decides the answer."""

    @pytest.mark.parametrize(
        ("status", "code", "method", "path"),
        [
            (404, "U320", "GET", "/"),
            (404, "U320", "POST", "/v1/acess-token"),
            (404, "U320", "POST", "/v1/payments/T1/x"),
            (405, "U308", "GET", "/v1/access-token"),
            (405, "U308", "DELETE", "/v1/payments/T1"),
        ],
    )
    def test_the_path_comes_before_the_login(
        self, status: int, code: str, method: str, path: str, call: Call
    ) -> None:
        """An unknown path is refused as such even without a login."""
        reply = call(method, path)
        assert (status, code) == (reply.status, reply.json["resultCode"])

    def test_a_wrong_path_or_method_is_explained(self, call: Call, sandbox: Sandbox) -> None:
        """The nearest path, and the methods a path takes."""
        call("POST", "/v1/acess-token")
        assert "there is no such path; the nearest is /v1/access-token" == why(sandbox)
        call("DELETE", "/v1/payments/T1")
        assert "this path takes GET, POST, not DELETE" == why(sandbox)

    @pytest.mark.parametrize(
        ("expected", "changes"),
        [
            ("U104", {"auth": (ID, "x"), "body": b"{"}),
            ("U125", {"body": b"{"}),
            ("U100", {"body": {"signData": "x"}}),
            ("U105", {"body": {"amount": "9" * 13, "signData": "x"}}),
            ("U312", {"body": {"amount": "118", "signData": "x"}}),
            ("A118", {"body": {"amount": "118"}}),
        ],
    )
    def test_the_first_wrong_thing_decides(
        self, expected: str, changes: dict[str, Any], pay: Call
    ) -> None:
        """Login, then body, then fields, then signature, then what the call itself finds."""
        assert expected == pay(**changes).json["resultCode"]

    @pytest.mark.parametrize(
        ("expected", "date", "signed"),
        [
            ("0000", NOW, NOW),
            ("0000", None, ""),
            ("0000", "anything", "anything"),
            ("U312", None, NOW),
            ("U312", NOW, ""),
        ],
    )
    def test_a_signature_is_checked_when_it_is_sent(
        self, expected: str, date: str | None, signed: str, pay: Call
    ) -> None:
        """Over the fields and the variable in the path; a missing ediDate counts as empty."""
        values = {"tid": "T1", "amount": "1004", "ediDate": signed}
        sign = Formula("tid + amount + ediDate").sign(values, SECRET)
        body = {"amount": "1004", "ediDate": date, "signData": sign}
        assert expected == pay(body=body).json["resultCode"]

    def test_a_wrong_signature_is_explained_without_the_key(
        self, pay: Call, sandbox: Sandbox
    ) -> None:
        """The formula and the text that should have been hashed."""
        pay(body={"amount": "1004", "ediDate": "D", "signData": "x"})
        assert (
            "signData must be hex(sha256(tid + amount + ediDate + SecretKey)), the lower-case hex "
            "SHA-256 of 'T11004D<SecretKey>'; it has 1 characters, and a SHA-256 in hex has 64"
            == why(sandbox)
        )

    def test_an_answer_is_signed(self, call: Call, sandbox: Sandbox) -> None:
        """By its own values and this moment, with the merchant's key."""
        sandbox.store.put(Payment("T1", ID, "O-1", 1004, 1004, "goods", "card", "paid"))
        body = call("GET", "/v1/payments/T1", auth=(ID, SECRET)).json
        assert NOW == body["ediDate"]
        assert Formula("tid + amount + ediDate").verify(body["signature"], body, SECRET)


def deep(levels: int, opening: str = "[", closing: str = "]") -> bytes:
    """JSON with that many levels."""
    return f'{{"amount": "1", "x": {opening * levels}1{closing * levels}}}'.encode()


class TestBody:
    """Bodies of every kind."""

    @pytest.mark.parametrize(
        ("code", "cause", "body"),
        [
            ("0000", "", b'{"amount": "1"}'),
            ("0000", "", b'\xef\xbb\xbf {"amount": 1}'),
            ("0000", "", b'{"amount": "1", "x": NaN, "y": 1e999, "z": "\\ud800"}'),
            ("0000", "", b'{"amount": "2", "amount": "1"}'),
            ("0000", "", deep(99)),
            ("U100", "amount was not sent", b""),
            ("U100", "amount was not sent", b" \r\n"),
            ("U100", "amount was not sent", b"null"),
            ("U100", "amount was not sent", b"{}"),
            ("U105", "amount takes 4000 bytes", b'{"amount": %s}' % (b"1" * 4000)),
            ("U133", "amount is a JSON list", b'{"amount": [1]}'),
            ("U125", "the body is JSON, but not an object", b"[]"),
            ("U125", "the body is JSON, but not an object", b'"text"'),
            ("U125", "the body is JSON, but not an object", b"5"),
            ("U125", "the body is not JSON: ", b"amount=1004"),
            ("U125", "the body is not JSON: ", b'{"amount": 1004'),
            ("U125", "the body is not JSON: ", b"{'amount': 1004}"),
            ("U125", "a number in the body has thousands", b'{"amount": %s}' % (b"1" * 5000)),
            (
                "U125",
                "the body is not UTF-8; was it written in EUC-KR?",
                '{"a": "가"}'.encode("cp949"),
            ),
            ("U125", "the body is not UTF-8", b"\xff\xfe{"),
            ("U125", "the body is nested too deeply", deep(100)),
            ("U125", "the body is nested too deeply", deep(500)),
            ("U125", "the body is nested too deeply", deep(100_000)),
            ("U125", "the body is nested too deeply", deep(300, '{"a":', "}")),
            ("U125", "the body is nested too deeply", b"[" * 100_000),
        ],
    )
    def test_a_strange_body_gets_a_defined_answer(
        self, code: str, cause: str, body: bytes, pay: Call, sandbox: Sandbox
    ) -> None:
        """Never a crash, and the journal says what is wrong with it."""
        assert code == pay(body=body).json["resultCode"]
        assert why(sandbox).startswith(cause)

    def test_a_form_is_recognised(self, pay: Call, sandbox: Sandbox) -> None:
        """The most common mistake has a hint of its own."""
        pay(body=b"amount=1004", headers={"Content-Type": "application/x-www-form-urlencoded"})
        assert why(sandbox).endswith("; it is a form, send JSON")

    @pytest.mark.parametrize(
        "body", [b"{", b"[]", b"\xff", deep(500), b"a=1", b'{"returnCharSet": ""}', b"null"]
    )
    def test_a_body_that_need_not_be_there_may_be_anything(self, body: bytes, call: Call) -> None:
        """Where the query is read as well, a broken body counts as none."""
        assert 200 == call("POST", "/v1/access-token", body=body, auth=(ID, SECRET)).status

    def test_a_deep_body_meets_rules_too(self, pay: Call, sandbox: Sandbox) -> None:
        """Conditions read it without a recursion error."""
        sandbox.choose_scenario(scenario({"match": {"body": {"x": "/1/"}}, "delay": "1s"}), ID)
        assert ["0000", "U125"] == [pay(body=deep(n)).json["resultCode"] for n in (90, 900)]

    def test_a_query_of_many_parameters_is_read(self, call: Call) -> None:
        """Hundreds of them are not errors."""
        query = "&".join(f"a{n}=1" for n in range(500)) + "&returnCharSet=euc-kr"
        reply = call("POST", "/v1/access-token", query=query, auth=(ID, SECRET))
        assert "application/json;charset=euc-kr" == reply.header("content-type")


class TestCharset:
    """The character set of answers and refusals."""

    @pytest.mark.parametrize(
        ("expected", "body"),
        [
            ("euc-kr", {"amount": "1", "returnCharSet": "euc-kr"}),
            ("euc-kr", {"amount": "118", "returnCharSet": "EUC-KR"}),
            ("euc-kr", {"returnCharSet": "euc-kr"}),
            ("utf-8", {"amount": "1"}),
            ("utf-8", {"amount": "1", "returnCharSet": "utf-8"}),
            ("utf-8", {"amount": "1", "returnCharSet": "cp949"}),
            ("utf-8", {"amount": "1", "returnCharSet": ["euc-kr"]}),
            ("utf-8", {"amount": "1", "returnCharSet": {"euc-kr": 1}}),
            ("utf-8", {"amount": "1", "returnCharSet": 949}),
            ("utf-8", ["euc-kr"]),
        ],
    )
    def test_a_refusal_speaks_the_charset_that_was_asked_for(
        self, expected: str, body: Any, pay: Call
    ) -> None:
        """Label and bytes agree, and what is not a charset is utf-8."""
        reply = pay(body=body)
        assert f"application/json;charset={expected}" == reply.header("content-type")
        assert reply.json["resultMsg"].encode() != b""

    def test_the_login_is_refused_in_it_as_well(self, pay: Call) -> None:
        """Even when nobody is logged in."""
        reply = pay(body={"returnCharSet": "euc-kr"}, auth=None)
        assert (401, "사용자 인증에 실패하였습니다.") == (
            reply.status,
            json.loads(reply.body.decode("cp949"))["resultMsg"],
        )

    @pytest.mark.parametrize(
        ("status", "charset", "query", "body"),
        [
            ("0000", "euc-kr", "returnCharSet=euc-kr", {"returnCharSet": "cp949"}),
            ("U132", "utf-8", "returnCharSet=cp949", {"returnCharSet": "euc-kr"}),
            ("0000", "euc-kr", "", {"returnCharSet": "euc-kr"}),
        ],
    )
    def test_the_query_wins_over_the_body(
        self, status: str, charset: str, query: str, body: Any, call: Call
    ) -> None:
        """Where both are read, the body's value is used when the query has none."""
        reply = call("POST", "/v1/access-token", query=query, body=body, auth=(ID, SECRET))
        assert (status, f"application/json;charset={charset}") == (
            reply.json["resultCode"],
            reply.header("content-type"),
        )

    @pytest.mark.parametrize(("method", "path"), [("GET", "/v1/x"), ("GET", "/v1/access-token")])
    def test_an_unknown_call_speaks_utf_8(self, method: str, path: str, call: Call) -> None:
        """There it is unknown where the character set would be."""
        reply = call(method, path, query="returnCharSet=euc-kr", body={"returnCharSet": "euc-kr"})
        assert "application/json;charset=utf-8" == reply.header("content-type")


class TestEdition:
    """Which published text wins, merchant by merchant."""

    @pytest.mark.parametrize("sandbox", [{"edition": "manual"}], indirect=True)
    @pytest.mark.parametrize(
        ("expected", "edition"),
        [
            (["expiredAt"], None),
            (["expireAt"], "gateway"),
            (["expireAt", "expiredAt"], "union"),
        ],
    )
    def test_a_merchant_may_have_an_edition_of_its_own(
        self, expected: list[str], edition: str | None, call: Call, sandbox: Sandbox
    ) -> None:
        """Others keep the sandbox's."""
        merchant = sandbox.add_merchant(edition=edition)
        reply = call("POST", "/v1/access-token", auth=(merchant.client_id, merchant.secret_key))
        assert expected == [key for key in reply.json if key.startswith("expire")]

    @pytest.mark.parametrize("sandbox", [{"http_statuses": False}], indirect=True)
    def test_statuses_of_older_editions(self, call: Call, sandbox: Sandbox) -> None:
        """Every answer of the gateway has status 200; other pages keep their status."""
        replies = [
            call("POST", "/v1/access-token"),
            call("GET", "/v1/payments/T1", auth=(ID, SECRET)),
            call("GET", "/v1/access-token"),
            call("GET", "/v1/x"),
        ]
        assert [(200, "U304"), (200, "U107"), (200, "U308"), (200, "U320")] == [
            (reply.status, reply.json["resultCode"]) for reply in replies
        ]
        sandbox.choose_scenario(scenario({"call": "payments.get", "reply": {"http": 502}}), ID)
        assert 502 == call("GET", "/v1/payments/T1", auth=(ID, SECRET)).status
        sandbox.choose_scenario(scenario({"call": "payments.get", "reply": {"code": "U104"}}), ID)
        assert 200 == call("GET", "/v1/payments/T1", auth=(ID, SECRET)).status


class TestMaintenance:
    """While the gateway is down."""

    def test_nothing_happens_and_everybody_is_told(self, pay: Call, sandbox: Sandbox) -> None:
        """A 503 page for every call of that merchant, until it ends; others are served."""
        timeline = [
            {"at": "+0s", "do": "maintenance.begin"},
            {"at": "+10m", "do": "maintenance.end"},
        ]
        sandbox.choose_scenario(scenario(timeline=timeline), ID)
        reply = pay()
        assert (503, "text/html;charset=utf-8", 0) == (
            reply.status,
            reply.header("content-type"),
            kept(sandbox),
        )
        assert "점검" in reply.body.decode()
        other = sandbox.add_merchant()
        assert 200 == pay(auth=(other.client_id, other.secret_key)).status
        sandbox.set_clock(sandbox.default_clock(), ID)
        for tenant in sandbox.tenants(ID):
            tenant.clock.advance(tenant.clock.pending()[0][0] - tenant.clock.now())
        assert 200 == pay().status
