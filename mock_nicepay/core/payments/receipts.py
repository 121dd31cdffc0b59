"""Cash receipts that belong to a payment: asked for when money came, taken back when it goes."""

from dataclasses import replace

from mock_nicepay.contract.methods import RECEIPT_SERVICE
from mock_nicepay.core.call import Context
from mock_nicepay.core.payments.ids import new_tid
from mock_nicepay.core.records import Cancel, CashReceipt, Payment


def issue_receipt(context: Context, payment: Payment) -> Payment:
    """The payment with the receipt its payer wished for, when one was wished for.

    Assumed (receipt.issue): asked for when the money has come, by a transfer or a deposit; the
    payment shows status issueRequested and a nine-digit number of the tax office's.
    """
    wish = payment.receipt_wish
    if wish is None:
        return payment
    receipt = CashReceipt(
        tid=new_tid(context, RECEIPT_SERVICE),
        origin_tid=payment.tid,
        status="issueRequested",
        amount=payment.amount,
        tax_free=payment.tax_free,
        kind=wish.kind,
        issue_no=context.identity.digits(9),
    )
    return replace(payment, receipts=(*payment.receipts, receipt))


def cancel_receipt(context: Context, payment: Payment, cancel: Cancel) -> Payment:
    """The payment with one more receipt element for what a cancel took back.

    Documented (receipt.cancel): a partial cancel adds an element whose orgTid is the cancel's tid
    (K25).
    Assumed (receipt.cancel-full): a full cancel adds one as well.
    """
    if not payment.receipts:
        return payment
    receipt = replace(
        payment.receipts[0],
        tid=new_tid(context, RECEIPT_SERVICE),
        origin_tid=cancel.tid,
        status="cancelRequested",
        amount=cancel.amount,
        tax_free=cancel.tax_free,
    )
    return replace(payment, receipts=(*payment.receipts, receipt))
