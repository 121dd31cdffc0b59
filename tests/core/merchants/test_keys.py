"""Key pairs: what a merchant's pairs share, what is each one's own, and how they end."""

import json
from base64 import b64encode
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from till import Till

from mock_nicepay.contract.endpoint import Request
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.core.records import Delivery, KeyPair, Merchant, Payment
from mock_nicepay.core.webhooks.addresses import put_addresses
from mock_nicepay.front.control.tokens import token_rows

ORDER = {"method": "card", "amount": 1004, "goodsName": "상품", "returnUrl": "http://127.0.0.1/"}


@pytest.fixture
def till() -> Till:
    """A merchant of its own, whose first pair is of Server approval."""
    return Till()


def add(till: Till, **traits: Any) -> Merchant:
    """A further pair of the merchant."""
    return till.sandbox.keys.add(till.merchant.client_id, traits)


def ask(
    till: Till, key: Merchant | str, method: str, path: str, body: Any = None, query: str = ""
) -> tuple[int, Any]:
    """Status and answer of a call with a pair, or with a token."""
    login = f"Bearer {key}"
    if isinstance(key, Merchant):
        login = f"Basic {b64encode(f'{key.calling_id}:{key.secret_key}'.encode()).decode()}"
    sent = b"" if body is None else json.dumps(body).encode()
    reply = till.sandbox.handle(Request(method, path, query, {"authorization": login}, sent))
    return reply.status, json.loads(reply.body)


def token(till: Till, key: Merchant) -> str:
    """An access token of a pair."""
    return str(ask(till, key, "POST", "/v1/access-token")[1]["accessToken"])


def visit(till: Till, key: Merchant, order_id: str = "A") -> Any:
    """The form that a payer's visit to a pair's window ends with."""
    params = {**ORDER, "clientId": key.calling_id, "orderId": order_id}
    return till.sandbox.window.pay(params).form


def signature(*parts: object) -> str:
    """The signature over these parts."""
    return sha256("".join(map(str, parts)).encode()).hexdigest()


def cause(till: Till) -> str:
    """Why the latest call was refused."""
    why = till.sandbox.journal()[0].cause
    assert why is not None
    return why.en


class TestShared:
    """All that the merchant has."""

    def test_a_payment_is_that_of_all_pairs(self, till: Till) -> None:
        """Authorised by one, approved by another one of Server approval, cancelled by a third."""
        server, client = add(till), add(till, window="client")
        tid = visit(till, till.merchant)["tid"]
        body = {"amount": 1004}

        assert "U147" == ask(till, client, "POST", f"/v1/payments/{tid}", body)[1]["resultCode"]
        assert "paid" == ask(till, server, "POST", f"/v1/payments/{tid}", body)[1]["status"]
        for key in (till.merchant, server, client):
            assert "paid" == ask(till, key, "GET", f"/v1/payments/{tid}")[1]["status"]
        wish = {"reason": "변심", "orderId": "B"}
        answer = ask(till, client, "POST", f"/v1/payments/{tid}/cancel", wish)[1]
        assert "cancelled" == answer["status"]
        assert client.calling_id == till.sandbox.journal(client.calling_id)[0].key_id

    def test_an_order_id_is_used_for_all_pairs(self, till: Till) -> None:
        """Whoever paid it first."""
        client = add(till, window="client")
        till.pay(order_id="A")

        assert visit(till, client) is None

    def test_clock_journal_and_scenario_are_one(self, till: Till) -> None:
        """And any pair's client id names them."""
        client = add(till, window="client")
        till.sandbox.advance(timedelta(days=1), client.calling_id)
        till.sandbox.choose_scenario("maintenance-window", client.calling_id)
        first, second = (
            till.sandbox.tenants(name)[0] for name in (till.merchant.client_id, client.calling_id)
        )

        assert first is second
        assert 1 == first.clock.now().day
        assert "maintenance-window" == (first.own.scenario.name if first.own else "")

    def test_a_reset_keeps_the_pairs(self, till: Till) -> None:
        """And forgets what was done with any of them."""
        client = add(till, window="client")
        held = token(till, client)
        visit(till, client)
        till.sandbox.reset(client.calling_id)

        assert 2 == len(till.sandbox.keys.living(till.merchant.client_id))
        assert [] == till.sandbox.ledger.payments(till.merchant.client_id)
        assert 401 == ask(till, held, "GET", "/v1/payments/x")[0]


class TestOwn:
    """What is each pair's."""

    @pytest.mark.parametrize(
        ("expected", "auth_type", "by_token"),
        [
            ("U107", "any", False),
            ("U107", "any", True),
            ("U107", "basic", False),
            ("U104", "token", False),
            ("U107", "token", True),
        ],
    )
    def test_its_type(self, till: Till, expected: str, auth_type: str, by_token: bool) -> None:
        """One pair may need a token, while the first does as it likes."""
        key = add(till, authType=auth_type)
        login = token(till, key) if by_token else key

        assert expected == ask(till, login, "GET", "/v1/payments/x")[1]["resultCode"]
        assert "U107" == ask(till, till.merchant, "GET", "/v1/payments/x")[1]["resultCode"]

    def test_a_basic_pair_issues_no_token(self, till: Till) -> None:
        """U103, though the first pair's may."""
        key = add(till, authType="basic")

        assert 403 == ask(till, key, "POST", "/v1/access-token")[0]
        assert token(till, till.merchant)

    def test_its_token(self, till: Till) -> None:
        """Repeated for the pair, another one for another pair, and the same pair's by a call with it."""
        client = add(till, window="client")
        first, second = token(till, till.merchant), token(till, client)

        assert first != second
        assert second == token(till, client)
        rows = token_rows(till.sandbox, client.calling_id)
        assert [till.merchant.client_id, client.calling_id] == [row["clientId"] for row in rows]
        tid = visit(till, till.merchant)["tid"]
        path, body = f"/v1/payments/{tid}", {"amount": 1004}
        assert "U147" == ask(till, second, "POST", path, body)[1]["resultCode"]
        assert "0000" == ask(till, first, "POST", path, body)[1]["resultCode"]

    def test_a_token_moved_to_another_pair_is_none(self, till: Till) -> None:
        """In a store that was tampered with."""
        client = add(till, window="client")
        held = token(till, client)
        record = till.sandbox.store.snapshot()["Token"][0]
        till.sandbox.store.put(_at_first_pair(record))

        assert (401, True) == (
            ask(till, held, "GET", "/v1/payments/x")[0],
            "do not verify" in cause(till),
        )

    def test_its_window(self, till: Till) -> None:
        """The pair decides who approves, what the form is, and whose clientId it has."""
        client = add(till, window="client")
        approved, authenticated = visit(till, client, "A"), visit(till, till.merchant, "B")

        assert ("true", client.calling_id) == (approved["success"], approved["clientId"])
        assert till.merchant.client_id == authenticated["clientId"]
        made_of = (approved["tid"], approved["amount"], approved["ediDate"])
        assert signature(*made_of, client.secret_key) == approved["signature"]

    def test_its_signatures(self, till: Till) -> None:
        """Of requests and answers: those of the calling pair; the error names another pair's."""
        key, tid = add(till), till.pay().tid
        for secret, code in ((key.secret_key, "0000"), (till.merchant.secret_key, "U312")):
            query = f"ediDate=now&signData={signature(tid, 'now', secret)}"
            answer = ask(till, key, "GET", f"/v1/payments/{tid}", query=query)[1]

            assert code == answer["resultCode"]
        assert f"another secret key ({till.merchant.client_id})" in cause(till)
        right = ask(till, key, "GET", f"/v1/payments/{tid}")[1]
        expected = signature(tid, right["amount"], right["ediDate"], key.secret_key)
        assert expected == right["signature"]

    def test_its_checkout(self, till: Till) -> None:
        """Paid on the page by a pair of Client approval, whose clientId the session has."""
        client = add(till, window="client")
        order = {**ORDER, "sessionId": "S", "orderId": "A"}
        made = ask(till, client, "POST", "/v1/checkout", order)[1]
        session = till.sandbox.checkout.session("S")
        form = till.sandbox.checkout.pay(session).form

        assert client.calling_id == made["clientId"]
        assert form is not None
        assert ("true", client.calling_id) == (form["success"], form["clientId"])
        made_of = (form["tid"], form["amount"], form["ediDate"])
        assert signature(*made_of, client.secret_key) == form["signature"]

    def test_its_events(self, till: Till) -> None:
        """Signed by the pair that a payment was made with, whoever cancels it."""
        client = add(till, window="client")
        put_addresses(till.sandbox.store, till.merchant.client_id, "all", "http://127.0.0.1:9/")
        tid = visit(till, client)["tid"]
        ask(
            till,
            till.merchant,
            "POST",
            f"/v1/payments/{tid}/cancel",
            {"reason": "r", "orderId": "B"},
        )
        bodies = [json.loads(each.body) for each in till.sandbox.store.find(Delivery)]

        assert ["paid", "cancelled"] == [body["status"] for body in bodies]
        assert [signature(tid, 1004, body["ediDate"], client.secret_key) for body in bodies] == [
            body["signature"] for body in bodies
        ]
        till.sandbox.close()

    @pytest.mark.parametrize("further", [True, False], ids=["a-second-pair", "one-pair"])
    def test_another_pairs_signature(self, till: Till, further: bool) -> None:
        """What a scenario signs with the other key is signed with the second pair's, where there is one."""
        key = add(till).secret_key if further else till.merchant.other_secret_key
        put_addresses(till.sandbox.store, till.merchant.client_id, "all", "http://127.0.0.1:9/")
        rule = {"call": "webhook.deliver", "reply": "other-key"}
        till.sandbox.choose_scenario({"version": 1, "name": "other", "rules": [rule]})
        tid = till.pay().tid
        (event,) = till.sandbox.store.find(Delivery)
        body = json.loads(event.body)

        assert signature(tid, 1004, body["ediDate"], key) == body["signature"]
        till.sandbox.close()


class TestEnded:
    """Re-issued and deleted."""

    @pytest.mark.parametrize("first", [True, False], ids=["first", "further"])
    def test_a_reissue(self, till: Till, first: bool) -> None:
        """The old secret key and the pair's tokens are refused; other pairs are not affected."""
        other, old = (add(till), till.merchant) if first else (till.merchant, add(till))
        held, kept = token(till, old), token(till, other)
        new = till.sandbox.keys.reissue(old.calling_id)

        assert new.secret_key != old.secret_key
        assert "U116" == ask(till, old, "POST", "/v1/access-token")[1]["resultCode"]
        assert "from before the last re-issue" in cause(till)
        assert "U104" == ask(till, old, "GET", "/v1/payments/x")[1]["resultCode"]
        assert "U104" == ask(till, held, "GET", "/v1/payments/x")[1]["resultCode"]
        assert "withdrawn" in cause(till)
        for login in (new, kept, other, token(till, new)):
            assert "U107" == ask(till, login, "GET", "/v1/payments/x")[1]["resultCode"]

    def test_events_after_a_reissue(self, till: Till) -> None:
        """Those to come are signed with the new secret key, which the journal does not show."""
        put_addresses(till.sandbox.store, till.merchant.client_id, "all", "http://127.0.0.1:9/")
        payment = till.pay()
        till.merchant = till.sandbox.keys.reissue(till.merchant.client_id)
        till.cancel(payment, mallReserved=till.merchant.secret_key)
        body = json.loads(till.sandbox.store.find(Delivery)[-1].body)
        made_of = (payment.tid, 1004, body["ediDate"])

        assert signature(*made_of, till.merchant.secret_key) == body["signature"]
        assert till.merchant.secret_key not in str([e.to_json() for e in till.sandbox.journal()])
        till.sandbox.close()

    @pytest.mark.parametrize("first", [True, False], ids=["first", "further"])
    def test_a_deletion(self, till: Till, first: bool) -> None:
        """The pair is unknown, also to the window; its records stay, and its client id finds them."""
        client = add(till, window="client")
        gone, other = (till.merchant, client) if first else (client, till.merchant)
        held, tid = token(till, gone), visit(till, client)["tid"]
        till.sandbox.keys.delete(gone.calling_id)

        assert "U116" == ask(till, gone, "POST", "/v1/access-token")[1]["resultCode"]
        assert "has been deleted" in cause(till)
        assert "U104" == ask(till, held, "GET", "/v1/payments/x")[1]["resultCode"]
        assert "has been deleted" in cause(till)
        assert visit(till, gone, "B") is None
        assert "paid" == ask(till, other, "GET", f"/v1/payments/{tid}")[1]["status"]
        assert till.merchant.client_id == till.sandbox.merchant(gone.calling_id).client_id
        assert [other.calling_id] == [
            key.calling_id for key in till.sandbox.keys.living(gone.calling_id)
        ]

    def test_events_of_a_deleted_pair(self, till: Till) -> None:
        """Signed with the merchant's oldest pair."""
        client = add(till, window="client")
        tid = visit(till, client)["tid"]
        put_addresses(till.sandbox.store, till.merchant.client_id, "all", "http://127.0.0.1:9/")
        till.sandbox.keys.delete(client.calling_id)
        till.sandbox.ledger.cancel(tid)
        body = json.loads(till.sandbox.store.find(Delivery)[-1].body)
        made_of = (tid, 1004, body["ediDate"])

        assert signature(*made_of, till.merchant.secret_key) == body["signature"]
        till.sandbox.close()

    def test_a_checkout_of_a_deleted_pair(self, till: Till) -> None:
        """Its page is paid on all the same."""
        client = add(till, window="client")
        order = {**ORDER, "sessionId": "S", "orderId": "A"}
        ask(till, client, "POST", "/v1/checkout", order)
        till.sandbox.keys.delete(client.calling_id)
        form = till.sandbox.checkout.pay(till.sandbox.checkout.session("S")).form

        assert "true" == (form or {})["success"]

    def test_pairs_in_all(self, till: Till) -> None:
        """Five; a deleted one makes room."""
        keys = [add(till) for _ in range(4)]
        with pytest.raises(Misuse, match="has 5 key pairs") as sixth:
            add(till)

        assert 409 == sixth.value.status
        till.sandbox.keys.delete(keys[0].calling_id)
        assert add(till).calling_id not in {key.calling_id for key in keys}

    @pytest.mark.parametrize(
        ("expected", "status", "act"),
        [
            ("is the only key pair", 409, lambda keys, own: keys.delete(own)),
            ("there is no merchant with the client id 'x'", 404, lambda keys, _: keys.delete("x")),
            ("there is no merchant with", 404, lambda keys, _: keys.reissue("x")),
            ("is taken", 409, lambda keys, own: keys.add(own, {"clientId": own})),
            ("did you mean window?", 400, lambda keys, own: keys.add(own, {"windw": "client"})),
            ("window is 'x'", 400, lambda keys, own: keys.add(own, {"window": "x"})),
            (
                "must not be 'unknown'",
                400,
                lambda keys, own: keys.add(own, {"clientId": "unknown"}),
            ),
        ],
    )
    def test_mistakes(self, till: Till, expected: str, status: int, act: Any) -> None:
        """Each with what would be right, and nothing has changed."""
        before = till.records()
        with pytest.raises(Misuse, match=expected) as misuse:
            act(till.sandbox.keys, till.merchant.client_id)

        assert status == misuse.value.status
        assert before == till.records()

    @pytest.mark.parametrize("act", ["reissue", "delete"])
    def test_a_deleted_pair_is_gone(self, till: Till, act: str) -> None:
        """For good: its client id is nobody else's."""
        key = add(till)
        till.sandbox.keys.delete(key.calling_id)

        with pytest.raises(Misuse, match="has been deleted"):
            getattr(till.sandbox.keys, act)(key.calling_id)
        with pytest.raises(Misuse, match="is taken"):
            add(till, clientId=key.calling_id)
        with pytest.raises(Misuse, match="already a merchant"):
            till.sandbox.add_merchant(clientId=key.calling_id)


def test_pairs_are_those_of_the_seed() -> None:
    """The same in every run, and asking for one changes nothing else."""
    first, second, plain = Till(), Till(), Till()
    pairs = [(key.calling_id, key.secret_key) for key in (add(first), add(second))]
    secrets = {
        till.sandbox.keys.reissue(till.merchant.client_id).secret_key for till in (first, second)
    }

    assert pairs[0] == pairs[1]
    assert 1 == len(secrets)
    assert plain.pay().tid == first.sandbox.ledger.payment(_pay(first)).tid


def _pay(till: Till) -> str:
    till.merchant = till.sandbox.keys.one(till.merchant.client_id)
    return till.pay().tid


def test_no_secret_is_shown_by_accident() -> None:
    """Neither by a pair nor by a merchant seen through it."""
    till = Till()
    key = till.sandbox.keys.reissue(add(till).calling_id)
    pair = till.sandbox.store.get(KeyPair, key.calling_id)
    assert pair is not None

    for secret in (key.secret_key, pair.former_secret_key):
        assert secret not in repr(key) + repr(pair)


def _at_first_pair(token: Any) -> Any:
    return type(token)(token.opaque, token.client_id, token.claims)


def test_a_payment_remembers_its_pair(till: Till) -> None:
    """Nothing for the first, its client id for a further one."""
    client = add(till, window="client")
    tids = [visit(till, till.merchant, "A")["tid"], visit(till, client, "B")["tid"]]
    kept = [till.sandbox.store.get(Payment, tid) for tid in tids]

    assert ["", client.calling_id] == [each.key_id for each in kept if each]
