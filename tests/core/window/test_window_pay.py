"""A payer's visit to the payment window and its result, for both kinds of keys."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from mock_nicepay.contract.methods import METHODS
from mock_nicepay.contract.times import parse_moment
from mock_nicepay.contract.window.return_forms import AUTHENTICATION, RESULT
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.core.payments.wish import Payer
from mock_nicepay.core.records import Merchant, Payment
from mock_nicepay.core.scenarios.language import ReplyPlan
from mock_nicepay.core.window.result import WindowResult
from mock_nicepay.core.window.wishes import payer_of
from mock_nicepay.sandbox import Sandbox

NOW = "2023-02-28T12:53:17.657+0900"
SERVER = "S2_af4543a0be4d49a98122e01ec2059a56"
CLIENT = "S1_6eaa0db1afdc41f3becb770878d67d25"
MODELS = {"server": SERVER, "client": CLIENT}
COMPANIONS: dict[str, dict[str, Any]] = {
    "vbank": {"vbankHolder": "홍길동"},
    "cellphone": {"isDigital": False},
    "directCard": {"cardCode": "04", "cardQuota": "00"},
}
AGREED = ReplyPlan()
DECLINED = ReplyPlan("code", code="3011")
Pay = Callable[..., WindowResult]


@pytest.fixture
def pay(sandbox: Sandbox) -> Pay:
    """Go through the window: `pay("client", method="vbank", ending=...)`."""

    def result(model: str = "server", **params: Any) -> WindowResult:
        words = {name: params.pop(name) for name in ("ending", "payer") if name in params}
        usual = {
            "clientId": MODELS[model],
            "method": "card",
            "orderId": "order-1",
            "amount": 1004,
            "goodsName": "나이스페이-상품",
            "returnUrl": "http://127.0.0.1/return",
            **COMPANIONS.get(str(params.get("method")), {}),
        }
        return sandbox.window.pay({**usual, **params}, **words)

    return result


@pytest.fixture
def play(sandbox: Sandbox) -> Callable[..., None]:
    """Have one rule for window.pay in play for all merchants: `play(reply="hang")`."""

    def choose(**rule: Any) -> None:
        rules = [{"call": "window.pay", **rule}]
        sandbox.choose_scenario({"version": 1, "name": "window", "rules": rules})

    return choose


def form_of(result: WindowResult) -> Mapping[str, str]:
    """The form of a visit that has one."""
    assert result.form is not None
    return result.form


def payments(sandbox: Sandbox) -> list[tuple[str, str]]:
    """The status and tid of every payment there is."""
    return [(each.status, each.tid) for each in sandbox.store.find(Payment)]


def secret(sandbox: Sandbox, model: str) -> str:
    """The key that signs the forms of a model's merchant."""
    merchant = sandbox.store.get(Merchant, MODELS[model])
    assert merchant is not None
    return merchant.secret_key


class TestWhoAgrees:
    """A payer who goes through with it."""

    @pytest.mark.parametrize("method", METHODS)
    def test_is_authenticated_for_a_server_approval_key(
        self, method: str, pay: Pay, sandbox: Sandbox
    ) -> None:
        """Nothing is paid; the form has the recorded fields and a signature that verifies."""
        result = pay(method=method)
        form = form_of(result)

        assert [("authorised", result.tid)] == payments(sandbox)
        assert list(AUTHENTICATION.fields) == list(form)
        assert ("0000", "인증 성공", "1004", "") == (
            form["authResultCode"],
            form["authResultMsg"],
            form["amount"],
            form["mallReserved"],
        )
        assert AUTHENTICATION.signature.verify(form["signature"], form, secret(sandbox, "server"))

    @pytest.mark.parametrize("method", METHODS)
    def test_has_paid_with_a_client_approval_key(
        self, method: str, pay: Pay, sandbox: Sandbox
    ) -> None:
        """In the same step; an account waits for its deposit. The flat form verifies."""
        result = pay("client", method=method)
        form = form_of(result)
        status = "ready" if method == "vbank" else "paid"

        assert [(status, result.tid)] == payments(sandbox)
        assert ("true", "0000", "정상 처리되었습니다.", status) == (
            form["success"],
            form["resultCode"],
            form["resultMsg"],
            form["status"],
        )
        assert [name for name in RESULT.fields if name in form] == list(form)
        assert RESULT.signature.verify(form["signature"], form, secret(sandbox, "client"))
        assert ("2023-02-28T12:53:17.000+0900", "0", NOW) == (
            form["paidAt"],
            form["failedAt"],
            form["ediDate"],
        )

    @pytest.mark.parametrize(
        ("method", "there", "absent"),
        [
            ("card", "cardCode", "vbankCode"),
            ("naverpayCard", "acquCardName", "bankCode"),
            ("vbank", "vbankNumber", "cardCode"),
            ("bank", "bankName", "cardCode"),
            ("cellphone", "receiptUrl", "bankCode"),
        ],
    )
    def test_sees_what_was_paid_with(self, method: str, there: str, absent: str, pay: Pay) -> None:
        """The card's, account's or bank's fields stand flat in the form, and no others."""
        form = form_of(pay("client", method=method))

        assert form[there] not in {"", "null"}
        assert absent not in form
        assert "cardNum" not in form

    def test_gives_the_payment_everything_that_was_asked_for(
        self, pay: Pay, sandbox: Sandbox
    ) -> None:
        """What requestPay said, and what the payer picked."""
        result = pay(
            amount="60000",
            orderId=7,
            taxFreeAmt=1000,
            useEscrow="true",
            mallReserved="{'a': 1}",
            mallUserId="user",
            buyerName="홍길동",
            buyerTel="01012345678",
            buyerEmail="hong@example.com",
            returnCharSet="EUC-KR",
            cardQuota="00,03",
            cardCode="04,06",
            payer=Payer(card_code="06", quota=3, channel="mobile"),
        )
        payment = sandbox.store.get(Payment, result.tid)

        assert payment is not None
        assert ("7", 60000, 1000, True, "euc-kr", "mobile") == (
            payment.order_id,
            payment.amount,
            payment.tax_free,
            payment.use_escrow,
            payment.charset,
            payment.channel,
        )
        assert ("{'a': 1}", "user", "홍길동", "01012345678", "hong@example.com") == (
            payment.mall_reserved,
            payment.mall_user_id,
            payment.buyer_name,
            payment.buyer_tel,
            payment.buyer_email,
        )
        assert payment.card is not None
        assert ("06", 3) == (payment.card.code, payment.card.quota)
        assert "{'a': 1}" == form_of(result)["mallReserved"]

    @pytest.mark.parametrize(
        ("params", "expires"),
        [
            ({}, "2023-03-07T12:53:17+0900"),
            ({"vbankValidHours": 3}, "2023-02-28T15:53:17+0900"),
            ({"vbankExpDate": "2023-03-01"}, "2023-03-01T23:59:00+0900"),
            ({"vbankExpDate": "2023-03-01", "vbankValidHours": 3}, "2023-03-01T23:59:00+0900"),
        ],
    )
    def test_may_be_given_a_deadline(
        self, params: dict[str, Any], expires: str, pay: Pay, sandbox: Sandbox
    ) -> None:
        """A date wins over hours, as in the sandbox; without either it is a week."""
        payment = sandbox.store.get(Payment, pay(method="vbank", **params).tid)

        assert payment is not None
        assert payment.account is not None
        assert parse_moment(expires) == payment.account.expires


class TestWhoDoesNot:
    """A payer who is declined, leaves, or stays too long."""

    @pytest.mark.parametrize("model", MODELS)
    @pytest.mark.parametrize("method", METHODS)
    @pytest.mark.parametrize("kind", ["code", "timeout"])
    def test_is_not_authenticated(
        self, model: str, method: str, kind: str, pay: Pay, sandbox: Sandbox
    ) -> None:
        """A form with the code, without a tid and without a good signature; there is no payment."""
        form = form_of(pay(model, method=method, ending=ReplyPlan(kind)))
        usual = "C002" if METHODS[method].takes_cards else "I001"
        code = "A245" if kind == "timeout" else usual
        name = "authResultCode" if model == "server" else "resultCode"

        assert (code, "", "order-1") == (form[name], form["tid"], form["orderId"])
        assert not form.get("signature")
        assert [] == payments(sandbox)

    @pytest.mark.parametrize("model", MODELS)
    def test_closes_the_window(self, model: str, pay: Pay, sandbox: Sandbox) -> None:
        """Nothing is posted; the page's fnError is called."""
        result = pay(model, ending=ReplyPlan("close"))

        assert (None, "") == (result.form, result.tid)
        assert result.error is not None
        assert ("P091", "결제 요청을 취소하였습니다.") == (result.error.code, result.error.msg)
        assert [] == payments(sandbox)

    def test_is_declined_by_the_issuer_of_a_client_approval_key(
        self, pay: Pay, sandbox: Sandbox
    ) -> None:
        """That is recorded: a failed payment with a tid, whose form verifies; the orderId is free."""
        result = pay("client", ending=DECLINED)
        form = form_of(result)

        assert [("failed", result.tid)] == payments(sandbox)
        assert ("false", "3011", "카드번호 오류", "failed", "0") == (
            form["success"],
            form["resultCode"],
            form["resultMsg"],
            form["status"],
            form["paidAt"],
        )
        assert "2023-02-28T12:53:17.000+0900" == form["failedAt"]
        assert "cardCode" not in form
        assert RESULT.signature.verify(form["signature"], form, secret(sandbox, "client"))
        assert "0000" == pay("client").code

    def test_is_not_recorded_for_a_server_approval_key(self, pay: Pay, sandbox: Sandbox) -> None:
        """There the issuer has not been asked for money yet."""
        form = form_of(pay(ending=DECLINED))

        assert ("3011", "카드번호 오류", "") == (
            form["authResultCode"],
            form["authResultMsg"],
            form["tid"],
        )
        assert [] == payments(sandbox)

    def test_meets_the_windows_meaning_of_a_code(self, pay: Pay) -> None:
        """C002 means two things; here the card company's."""
        assert "카드사 인증 실패" == pay(ending=ReplyPlan("code", code="C002")).message

    def test_fills_a_messages_places(self, pay: Pay) -> None:
        """A code of the window's has some."""
        assert (
            "orderid order-1가 이미 존재합니다."
            == pay(ending=ReplyPlan("code", code="P015")).message
        )


class TestWhatTheWindowRefuses:
    """The page's fnError is called, and nothing has happened."""

    @pytest.mark.parametrize(
        ("params", "code", "said"),
        [
            ({"clientId": ""}, "P001", "clientId was not sent"),
            ({"clientId": "S2_nobody"}, "P005", "no merchant of this mock"),
            ({"clientId": ["x"]}, "P005", "no merchant of this mock"),
            ({"clientId": "S2_nobody", "amount": 0}, "P005", "no merchant"),
            ({"method": "cash"}, "P012", "allowed: card"),
            ({"goodsName": "가" * 14}, "P009", "42 bytes"),
            ({"method": "vbank", "vbankExpDate": "2023-02-28T12:53"}, "A108", "for this merchant"),
        ],
    )
    def test_a_mistake(
        self, params: dict[str, Any], code: str, said: str, pay: Pay, sandbox: Sandbox
    ) -> None:
        """By its code: Korean for the customer, for the developer what would be right."""
        result = pay(**params)

        assert result.form is None
        assert result.error is not None
        assert code == result.error.code
        assert result.error.error_msg.startswith(f"[{code}] {result.error.msg}")
        assert said in result.error.error_msg
        assert [] == payments(sandbox)

    @pytest.mark.parametrize("model", MODELS)
    def test_a_used_order(self, model: str, pay: Pay, call: Any) -> None:
        """P015 once it is paid; an authorisation alone uses nothing up."""
        first = pay(model)
        if model == "server":
            assert "0000" == pay().code
            auth = (SERVER, "9eb85607103646da9f9c02b128f2e5ee")
            call("POST", f"/v1/payments/{first.tid}", auth=auth, body={"amount": 1004})

        assert "P015" == pay(model).code

    def test_a_deadline_of_another_method_is_nobodys_business(self, pay: Pay) -> None:
        """Only an account has one."""
        assert "0000" == pay(vbankExpDate="2001-01-01").code

    def test_maintenance(self, pay: Pay, sandbox: Sandbox) -> None:
        """While the gateway is down there is no window either, and no rule is used up."""
        sandbox.choose_scenario(
            {
                "version": 1,
                "name": "down",
                "rules": [{"call": "window.pay", "times": 1, "reply": "close"}],
                "timeline": [
                    {"at": "+1m", "do": "maintenance.begin"},
                    {"at": "+2m", "do": "maintenance.end"},
                ],
            }
        )
        sandbox.advance(timedelta(minutes=1))
        assert "I001" == pay().code
        sandbox.advance(timedelta(minutes=1))
        assert ["P091", "0000"] == [pay().code, pay().code]


class TestScenarios:
    """What a scenario's rule does to a visit."""

    @pytest.mark.parametrize(
        ("rule", "model", "code", "status"),
        [
            ({"reply": "ok"}, "server", "0000", ["authorised"]),
            ({"reply": {"code": "3011"}}, "server", "3011", []),
            ({"reply": {"code": "3011"}}, "client", "3011", ["failed"]),
            ({"reply": {"code": "C002"}}, "client", "C002", []),
            ({"reply": {"code": "3011"}, "effect": "none"}, "client", "3011", []),
            ({"reply": {"code": "3011"}, "effect": "commit"}, "client", "3011", ["paid"]),
            ({"reply": {"code": "3011"}, "effect": "commit"}, "server", "3011", ["authorised"]),
            ({"reply": {"code": "0000"}}, "server", "0000", ["authorised"]),
            ({"reply": "close"}, "client", "P091", []),
            ({"reply": "close", "effect": "commit"}, "client", "P091", ["paid"]),
            ({"reply": "timeout"}, "client", "A245", []),
            ({"reply": {"code": "A245"}}, "client", "A245", []),
            ({"reply": "hang"}, "client", "0000", ["paid"]),
            ({"reply": "duplicate"}, "server", "0000", ["authorised"]),
            ({"effect": "none"}, "client", "0000", []),
            ({"effect": "none"}, "server", "0000", []),
        ],
    )
    def test_an_ending(
        self,
        rule: dict[str, Any],
        model: str,
        code: str,
        status: list[str],
        pay: Pay,
        play: Callable[..., None],
        sandbox: Sandbox,
    ) -> None:
        """What the shop is told is independent of what happened."""
        play(**rule)

        assert code == pay(model).code
        assert status == [state for state, _ in payments(sandbox)]

    def test_a_rule_wins_over_the_payer(self, pay: Pay, play: Callable[..., None]) -> None:
        """As for every call; what only concerns the form's way leaves the payer's will."""
        play(times=1, reply={"code": "0000"})
        assert ["0000", "3011"] == [pay(ending=DECLINED).code for _ in range(2)]
        play(reply="duplicate")
        assert "3011" == pay(ending=DECLINED).code

    @pytest.mark.parametrize(("reply", "posts"), [("ok", 1), ("hang", 0), ("duplicate", 2)])
    def test_how_often_the_form_comes(
        self, reply: str, posts: int, pay: Pay, play: Callable[..., None]
    ) -> None:
        """Never, or twice."""
        play(reply=reply)

        assert posts == pay().posts

    def test_a_form_changed_on_its_way(self, pay: Pay, play: Callable[..., None]) -> None:
        """Fields are altered, dropped, added, in another character set, later; the signature stays."""
        true = form_of(pay())
        play(
            patch={"amount": 10, "mallReserved": None, "extra": True},
            charset="euc-kr",
            delay="2s",
        )
        result = pay()
        form = form_of(result)

        assert ("10", "euc-kr", timedelta(seconds=2)) == (
            form["amount"],
            result.charset,
            result.delay,
        )
        assert all(isinstance(text, str) for text in form.values())
        assert len(true["signature"]) == len(form["signature"])
        assert not AUTHENTICATION.signature.verify(
            form["signature"], form, "9eb85607103646da9f9c02b128f2e5ee"
        )

    def test_a_rule_looks_at_the_parameters(self, pay: Pay, play: Callable[..., None]) -> None:
        """`match: body` is what requestPay was given."""
        play(match={"body": {"amount": ">= 50000", "method": "card"}}, reply="close")

        assert ["0000", "P091"] == [pay(amount=1004).code, pay(amount=50000).code]

    def test_a_message_of_the_scenarios_own(self, pay: Pay, play: Callable[..., None]) -> None:
        """In both models, and where the issuer's no is recorded."""
        play(reply={"code": "3011", "message": "한도가 모자랍니다"})

        assert ["한도가 모자랍니다"] * 2 == [pay(model).message for model in MODELS]

    def test_it_is_expected_and_counted(self, pay: Pay, sandbox: Sandbox) -> None:
        """A form that never came was not answered."""
        sandbox.choose_scenario(
            {
                "version": 1,
                "name": "counted",
                "rules": [{"call": "window.pay", "times": 1, "reply": "hang"}],
                "expect": [
                    {"called": "window.pay", "times": 2},
                    {"called": "window.pay", "times": 1, "answered": "0000"},
                ],
            },
            SERVER,
        )
        pay()
        pay()

        assert sandbox.report(SERVER)[0]["ok"]


class TestMagicValues:
    """An orderId or a goodsName that asks for something."""

    @pytest.mark.parametrize(
        ("model", "order_id", "code", "posts"),
        [
            ("server", "1-mock:window:C002", "C002", 1),
            ("server", "1-mock:window:3011", "3011", 1),
            ("server", "1-mock:close", "P091", 1),
            ("server", "1-mock:window:timeout", "A245", 1),
            ("server", "1-mock:window:hang", "0000", 0),
            ("server", "1-mock:window:duplicate", "0000", 2),
            ("server", "1-mock:3011", "0000", 1),
            ("client", "1-mock:3011", "3011", 1),
            ("client", "1-mock:hang", "0000", 0),
            ("client", "1-mock:reset", "0000", 1),
        ],
    )
    def test_a_word(self, model: str, order_id: str, code: str, posts: int, pay: Pay) -> None:
        """For a key of Client approval what is asked of the approval happens here."""
        result = pay(model, orderId=order_id)

        assert (code, posts) == (result.code, result.posts)

    def test_of_the_goods_name(self, pay: Pay, sandbox: Sandbox) -> None:
        """The journal says what it was."""
        assert "P091" == pay(goodsName="상품 mock:close").code
        entry = sandbox.journal(SERVER)[0]
        assert ("magic value", "mock:close") == (entry.scenario, entry.rule)

    def test_that_means_nothing(self, pay: Pay, sandbox: Sandbox) -> None:
        """It is ignored, and the journal says so."""
        assert "0000" == pay(orderId="mock:window:hangg").code
        cause = sandbox.journal(SERVER)[0].cause
        assert cause is not None
        assert "hang" in cause.en


class TestTheJournal:
    """What is kept of a visit."""

    def test_an_entry(self, pay: Pay, sandbox: Sandbox) -> None:
        """Parameters, form and code; the token masked."""
        pay(orderId="kept", unknown="x", buyerName="a" * 30)
        entry = sandbox.journal(SERVER)[0].to_json()

        assert ("window.pay", "POST", "http://127.0.0.1/return", 200, "0000", "인증 성공") == (
            entry["call"],
            entry["method"],
            entry["path"],
            entry["status"],
            entry["code"],
            entry["message"],
        )
        assert "kept" == entry["request"]["body"]["orderId"]
        assert "unknown" not in entry["request"]["body"]
        assert "kept" == entry["response"]["body"]["orderId"]
        assert "********" == entry["response"]["body"]["authToken"]
        assert ("commit", None) == (entry["effect"], entry["diagnosis"])

    def test_a_mistake_is_diagnosed(self, pay: Pay, sandbox: Sandbox) -> None:
        """In both languages; of what was sent nothing at length, and nothing nested."""
        pay(goodsName="가" * 2000, mallReserved={"a": {"b": 1}})
        entry = sandbox.journal(SERVER)[0].to_json()

        assert "P009" == entry["code"]
        assert "6000 bytes" in entry["diagnosis"]["en"]
        assert "none" == entry["effect"]
        assert "{…}" == entry["request"]["body"]["mallReserved"]
        assert len(entry["request"]["body"]["goodsName"]) < 1100

    def test_a_key_that_is_nobodys(self, pay: Pay, sandbox: Sandbox) -> None:
        """Its visit is in the journal of unknown keys."""
        pay(clientId="S2_nobody")

        assert ["window.pay"] == [entry.call for entry in sandbox.journal("unknown")]


class TestThePayersPicks:
    """What the payer chooses, as JSON says it."""

    def test_everything(self) -> None:
        """Each key; a card number is masked at once."""
        picks = {
            "cardCode": "06",
            "cardQuota": "3",
            "cardType": "check",
            "cardNum": "9410 0612 3456 7890",
            "canPartCancel": False,
            "isInterestFree": True,
            "bankCode": "088",
            "wallet": "payco",
            "channel": "mobile",
            "coupon": "500",
        }

        assert (
            Payer("06", 3, "check", False, True, "088", "941006******7890", "payco", "mobile", 500)
        ) == payer_of(picks)
        assert Payer() == payer_of({"cardCode": None})

    @pytest.mark.parametrize(
        ("picks", "said"),
        [
            ("04", "must be a JSON object"),
            ({"cardCod": "04"}, "did you mean cardCode?"),
            ({"zzz": 1}, "it has cardCode, cardQuota"),
            ({"cardCode": 4}, 'expected a text such as "04"'),
            ({"cardQuota": "three"}, "expected months"),
            ({"cardQuota": True}, "expected months"),
            ({"cardType": "debit"}, "expected credit, check"),
            ({"canPartCancel": "no"}, "expected true or false"),
            ({"cardNum": "4111"}, "is not a card number"),
            ({"wallet": "applepay"}, "expected card, naverpay"),
            ({"channel": "tv"}, "expected pc, mobile"),
            ({"coupon": -5}, "expected an amount in won"),
            ({"coupon": True}, "expected an amount in won"),
        ],
    )
    def test_a_mistake(self, picks: Any, said: str) -> None:
        """It says what would be right."""
        with pytest.raises(Misuse) as mistake:
            payer_of(picks)

        assert said in mistake.value.message

    def test_a_wrong_card_number_is_not_repeated(self) -> None:
        """It may be one with a slip in it."""
        with pytest.raises(Misuse) as mistake:
            payer_of({"cardNum": "9410-0612-3456-789x"})

        assert "9410" not in mistake.value.message

    @pytest.mark.parametrize(
        "payer", [Payer(card_code="15"), Payer(card_code="99"), Payer(quota=3)]
    )
    def test_what_is_not_offered_cannot_be_picked(
        self, payer: Payer, pay: Pay, sandbox: Sandbox
    ) -> None:
        """That is a mistake of the test's, and leaves nothing."""
        with pytest.raises(Misuse):
            pay(method="samsungpayCard", payer=payer)

        assert [] == payments(sandbox)
