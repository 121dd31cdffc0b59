"""What scenarios do and read besides calls: the actions of a timeline, and final states."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from mock_nicepay.contract.tables import result_code
from mock_nicepay.core.billing.timeline_acts import delete_due, suspend_due
from mock_nicepay.core.call import Context
from mock_nicepay.core.desk import Desk
from mock_nicepay.core.journal.recorder import Occurrence, Recorder
from mock_nicepay.core.login.tokens import Tokens
from mock_nicepay.core.payments.orders import is_processing
from mock_nicepay.core.payments.timeline_acts import Happened, cancel_due, deposit_due
from mock_nicepay.core.receipts.book import ReceiptBook
from mock_nicepay.core.receipts.tax_answers import confirm_due, reject_due
from mock_nicepay.core.records import AUTHORISED, STRANGER, Merchant, Payment, Token
from mock_nicepay.core.scenarios.language import Event
from mock_nicepay.core.scenarios.player import Player
from mock_nicepay.core.store import Store
from mock_nicepay.core.webhooks.addresses import put_addresses

_Act = Callable[[Context, Mapping[str, str | int]], list[Happened]]


class GatewayStage:
    """The stage of one sandbox, where scenarios act on merchants' tokens, payments and receipts."""

    def __init__(
        self,
        store: Store,
        tokens: Tokens,
        desk: Desk,
        receipts: ReceiptBook,
        recorder: Recorder,
    ) -> None:
        self._store = store
        self._tokens = tokens
        self._desk = desk
        self._receipts = receipts
        self._recorder = recorder

    def begin(self, player: Player) -> None:
        """Register the webhooks that a scenario names, without a probe."""
        if player.client_id != STRANGER:
            for method, url in player.scenario.webhooks:
                put_addresses(self._store, player.client_id, method, url)

    def perform(self, event: Event, player: Player) -> None:
        """Carry out an event of a player's timeline, at the present time of the merchant."""
        _ACTS[event.action](self, event, player)

    def finals(self, player: Player) -> list[dict[str, Any]]:
        """The merchant's payments, cash receipts and token as `final` expectations see them."""
        now = player.clock.now()
        payments = self._store.find(Payment, player.client_id)
        return [
            *(_final_of(payment, now) for payment in payments),
            *self._receipts.finals(player.client_id),
            {"token": self._token_state(player.client_id, now)},
        ]

    def _token_state(self, client_id: str, now: datetime) -> str:
        tokens = self._store.find(Token, client_id, client_id=client_id)
        return self._tokens.state(tokens[-1], now) if tokens else "none"

    def expire_tokens(self, _: Event, player: Player) -> None:
        """End the merchant's live tokens."""
        with self._store.transaction(player.client_id):
            self._tokens.expire(player.client_id, player.clock.now())

    def revoke_tokens(self, _: Event, player: Player) -> None:
        """Withdraw the merchant's live tokens."""
        with self._store.transaction(player.client_id):
            self._tokens.revoke(player.client_id, player.clock.now())

    def act_on_records(self, act: _Act, event: Event, player: Player) -> None:
        """Carry out an action on the merchant's records, with a journal entry for each of them."""
        merchant = self._store.get(Merchant, player.client_id)
        if merchant is None:
            return  # the tenant of unknown callers has no payments
        with self._desk.serve(merchant) as context:
            happened = act(context, event.arguments)
        for each in happened:
            entry = _journal_entry(event, each, player, context.now)
            self._recorder.record_occurrence(context.tenant, entry)


def _on_records(act: _Act) -> Callable[[GatewayStage, Event, Player], None]:
    return lambda stage, event, player: stage.act_on_records(act, event, player)


# What each row of `faults.ACTIONS` does.
_ACTS: Mapping[str, Callable[[GatewayStage, Event, Player], None]] = {
    "token.expire": GatewayStage.expire_tokens,
    "token.revoke": GatewayStage.revoke_tokens,
    "maintenance.begin": lambda _, event, player: player.set_maintenance(True),
    "maintenance.end": lambda _, event, player: player.set_maintenance(False),
    "payment.deposit": _on_records(deposit_due),
    "payment.cancel": _on_records(cancel_due),
    "key.delete": _on_records(delete_due),
    "key.suspend": _on_records(suspend_due),
    "receipt.confirm": _on_records(confirm_due),
    "receipt.reject": _on_records(reject_due),
}


def _final_of(payment: Payment, now: datetime) -> dict[str, Any]:
    return {
        "tid": payment.tid,
        "orderId": payment.order_id,
        "status": AUTHORISED if is_processing(payment, now) else payment.status,
        "amount": payment.amount,
        "balanceAmt": payment.balance,
        **_renewal_of(payment),
    }


def _renewal_of(payment: Payment) -> dict[str, Any]:
    """The values by which two charges of a billing key are compared; empty for other payments."""
    if payment.bid is None or payment.session_id is not None:
        return {}
    return {"bid": payment.bid, "goodsName": payment.goods_name, "paidAt": payment.paid_at}


def _journal_entry(event: Event, happened: Happened, player: Player, now: datetime) -> Occurrence:
    """The journal entry for the result of a timeline's action; scenarios do not count it as a call."""
    row = result_code(happened.code)
    return Occurrence(
        name="",
        at=now,
        method="TIMELINE",
        target=f"{event.action} {happened.tid} {happened.order_id}",
        sent=dict(event.arguments),
        code=row.code,
        message=row.message(),
        player=player,
        cause=happened.cause,
        text=event.action,
        line=event.line,
    )
