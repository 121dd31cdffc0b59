"""Virtual accounts: the transfer by the payer, for which there is no published call."""

from dataclasses import replace

from mock_nicepay.contract.charsets import UTF_8
from mock_nicepay.contract.refusal import Cause, Refusal
from mock_nicepay.contract.times import iso
from mock_nicepay.core.call import Context
from mock_nicepay.core.payments.orders import is_visible
from mock_nicepay.core.payments.receipts import issue_receipt
from mock_nicepay.core.records import CANCELLED, FAILED, PAID, READY, Account, Payment


def deposit(context: Context, payment: Payment, amount: int | None = None) -> Payment:
    """Transfer `amount` (None: the right one) to the payment's account; returns the stored payment.

    Emits `deposited`, always in UTF-8. Raises `Refusal` with the bank's code when the bank sends the
    money back; then nothing has changed.
    Documented (deposit.paid): the deposit turns `ready` into `paid` (E26).
    Assumed (deposit.paid-at): paidAt is then the moment of the deposit, approveNo a new number.
    Assumed (deposit.codes): 4119 no account yet, 4123 cancelled, 4124 twice, A107 after expiry,
    4122 another amount, in this order; A217 for a payment by another method.
    """
    account = _account(context, payment)
    _check_state(payment)
    _check_expiry(context, account)
    _check_amount(payment, amount)
    paid = replace(
        payment,
        status=PAID,
        paid_at=context.now,
        deposited_at=context.now,
        approve_no=context.identity.approval_number(),
    )
    paid = issue_receipt(context, paid)
    context.store.put(paid)
    context.emit("deposited", paid, UTF_8)
    return paid


def _account(context: Context, payment: Payment) -> Account:
    if payment.method != "vbank":
        raise Refusal(
            "A217",
            cause=Cause(
                f"{payment.tid} is a payment by {payment.pay_method}; only a payment by vbank has "
                "an account to transfer to",
                f"{payment.tid}은(는) {payment.pay_method} 결제입니다. 가상계좌(vbank) 결제에만 입금할 수 있습니다",
            ),
        )
    account = payment.account
    if account is None or payment.status == FAILED or not is_visible(payment, context.now):
        raise Refusal(
            "4119",
            cause=Cause(
                f"no account has been issued for {payment.tid}; the merchant must have it "
                "approved first",
                f"{payment.tid}에 발급된 가상계좌가 없습니다. 먼저 승인 API를 호출해야 합니다",
            ),
        )
    return account


def _check_state(payment: Payment) -> None:
    if payment.status == CANCELLED:
        raise Refusal(
            "4123",
            cause=Cause(
                f"{payment.tid} has been cancelled, so its account takes no more money",
                f"{payment.tid}은(는) 취소되어 입금할 수 없습니다",
            ),
        )
    if payment.status != READY:
        raise Refusal(
            "4124",
            cause=Cause(
                f"the deposit for {payment.tid} has already come; its status is {payment.status}",
                f"{payment.tid}은(는) 이미 입금되었습니다(상태 {payment.status})",
            ),
        )


def _check_expiry(context: Context, account: Account) -> None:
    if context.now > account.expires:
        raise Refusal(
            "A107",
            cause=Cause(
                f"the account could be paid to until {iso(account.expires)}, "
                f"and it is {iso(context.now)}",
                f"입금 기한은 {iso(account.expires)}까지였고 현재 시각은 {iso(context.now)}입니다",
            ),
        )


def _check_amount(payment: Payment, amount: int | None) -> None:
    if amount is not None and amount != payment.amount:
        raise Refusal(
            "4122",
            cause=Cause(
                f"{amount} was transferred, but the account takes exactly {payment.amount}",
                f"{amount}원이 입금되었지만 {payment.amount}원만 입금할 수 있습니다",
            ),
        )
