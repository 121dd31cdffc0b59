"""Whether a gateway could go on with a record from outside: words there are, scenarios that can be read."""

from mock_nicepay.contract.times import EARLIEST, END_OF_TIME, ClockSetting
from mock_nicepay.core.clock import wall
from mock_nicepay.core.identity import Identity
from mock_nicepay.core.merchants import traits
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.core.records import KeyPair, Merchant, Record, Running
from mock_nicepay.core.scenarios.language import ScenarioError
from mock_nicepay.core.scenarios.reader import read_text

_NOBODY = Identity(
    0, "a record from outside"
)  # invents what such a record leaves out; it is not kept


def check(record: Record, where: str) -> None:
    """Raise `Misuse` that begins with `where` for a record that nothing could be done with."""
    if isinstance(record, Merchant):
        _check_merchant(record, where)
    elif isinstance(record, KeyPair):
        _check_key_pair(record, where)
    elif isinstance(record, Running):
        _check_running(record, where)


def _check_merchant(merchant: Merchant, where: str) -> None:
    given = {key: value for key, value in traits.to_json(merchant).items() if value}
    traits.merchant_of(given, _NOBODY, f"{where}: ")


def _check_key_pair(pair: KeyPair, where: str) -> None:
    given = {"clientId": pair.client_id, "secretKey": pair.secret_key}
    given |= {"window": pair.window, "authType": pair.auth_type}
    try:
        traits.key_pair_of(given, Merchant(pair.merchant_id, ""), _NOBODY)
    except Misuse as no:
        raise Misuse(f"{where}: {no.message}") from None


def _check_running(running: Running, where: str) -> None:
    for clock in filter(None, (running.clock, running.at_start)):
        if not _can_go(clock):
            raise Misuse(f"{where}: its clock is neither real nor moved nor frozen at a time")
    try:
        if running.chosen:
            read_text(running.chosen)
    except ScenarioError as error:
        raise Misuse(f"{where}: its scenario cannot be read: {str(error)[:200]}") from None


def _can_go(clock: ClockSetting) -> bool:
    now = wall()
    if clock.mode == "frozen":
        return clock.moment is not None
    return clock.mode in {"real", "moved"} and EARLIEST - now <= clock.offset < END_OF_TIME - now
