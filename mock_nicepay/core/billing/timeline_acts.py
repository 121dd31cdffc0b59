"""Actions of a scenario's timeline on billing keys, as the card company or wallet takes them."""

from collections.abc import Callable, Mapping

from mock_nicepay.core.billing.keys import delete_key, suspend_key
from mock_nicepay.core.call import Context
from mock_nicepay.core.payments.timeline_acts import Happened
from mock_nicepay.core.records import ACTIVE, DELETED, BillingKey
from mock_nicepay.core.scenarios.matching import glob_regex


def delete_due(context: Context, arguments: Mapping[str, str | int]) -> list[Happened]:
    """Delete the keys that were registered under an orderId that matches `orderId`, a glob."""
    meant = [each for each in _meant(context, arguments) if each.status != DELETED]
    return _done(context, meant, delete_key)


def suspend_due(context: Context, arguments: Mapping[str, str | int]) -> list[Happened]:
    """Suspend the keys that were registered under an orderId that matches `orderId`, a glob."""
    meant = [each for each in _meant(context, arguments) if each.status == ACTIVE]
    return _done(context, meant, lambda at, key: suspend_key(at, key, on=True))


def _meant(context: Context, arguments: Mapping[str, str | int]) -> list[BillingKey]:
    wanted = glob_regex(str(arguments.get("orderId", "*"))).fullmatch
    keys = context.store.find(BillingKey, context.merchant.client_id)
    return [key for key in keys if wanted(key.order_id)]


def _done(
    context: Context, keys: list[BillingKey], act: Callable[[Context, BillingKey], BillingKey]
) -> list[Happened]:
    return [Happened(act(context, key).bid, key.order_id) for key in keys]
