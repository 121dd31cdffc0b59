"""The command `encdata`: encrypts card data as the calls take it, decrypts it, and explains why it fails.

Decrypted values are shown masked. Messages contain only the names of fields, never their values.
"""

import sys
from collections.abc import Mapping, Sequence

import click

from mock_nicepay.contract.encdata.card_data import (
    CARD,
    EXPIRY,
    TYPED,
    CardField,
    meant,
    names_in,
    table_of,
    usual_mode,
    why_malformed,
    why_missing,
)
from mock_nicepay.contract.encdata.causes import why_unreadable
from mock_nicepay.contract.encdata.ciphers import CIPHERS, EPAY, KEY_IN, MODES, RECURRING
from mock_nicepay.contract.encdata.envelope import Opened, Unreadable, make_encdata, open_encdata
from mock_nicepay.contract.refusal import Cause
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.core.payments.wish import masked_number
from mock_nicepay.front.command.secret import STDIN, secret_key_of
from mock_nicepay.front.terminal import complain, one_line, print_table

CANNOT_BE_OPENED = 1
_SECRET_KEY_CHARACTERS = 32
# For each call: the ciphers it takes, by encMode, and the code it answers when decryption fails.
_TAKERS = {
    "subscribe.regist": (RECURRING, "F101"),
    "keyin.pay": (KEY_IN, "U340"),
    "epay.pay": (EPAY, "U306"),
}
CALLS = tuple(_TAKERS)
_SHOWN = ("expYear", "expMonth", "authFlag", "cardExpire", "ECI")  # fields that are not secret


def make(pairs: Sequence[str], given: Mapping[str, str], secret_key: str, mode: str) -> int:
    """Encrypt these fields and print the hex. Fields that look wrong are reported on stderr only.

    `pairs` are `name=value`, or `-` for one pair per line on stdin. Raises `Misuse`.
    """
    key = secret_key_of(secret_key)
    values = {**given, **_pairs_of(pairs)}
    if not values:
        raise Misuse("there is nothing to encrypt; give fields, such as cardNo=9404123412341234")
    table = table_of(values)
    for cause in _flaws(values, table):
        complain(cause.en)
    try:
        click.echo(make_encdata(values, key, MODES[mode or usual_mode(values)]))
    except ValueError as error:
        raise Misuse(str(error)) from None
    return 0


def open_(text: str, secret_key: str, *, show: bool) -> int:
    """Print the cipher and the fields, masked unless `show`.

    When decryption fails, prints the reason to stderr and returns 1.
    """
    key = secret_key_of(secret_key)
    text = _text_of(text)
    try:
        found = open_encdata(text, key, tuple(CIPHERS))
    except Unreadable as error:
        complain(error.cause.en)
        return CANNOT_BE_OPENED
    rows = [(name, value if show else _masked(name, value)) for name, value in found.values.items()]
    print_table(("Field", "Value"), [("cipher", found.cipher), *rows])
    return 0


def why(text: str, secret_key: str, client_id: str, call: str) -> int:
    """Explain an encData in English and Korean. Returns 1 when a call would refuse it."""
    key = secret_key_of(secret_key)
    text = _text_of(text)
    others = {"clientId": client_id} if client_id else {}
    try:
        found = open_encdata(text, key, tuple(CIPHERS))
    except Unreadable:
        ciphers = _ciphers_of(call) if call else tuple(CIPHERS)
        _say(why_unreadable(text, key, ciphers, others))
        _say_of_key(key)
        return CANNOT_BE_OPENED
    return _say_of_opened(found, call)


def _say_of_opened(found: Opened, call: str) -> int:
    """Explain an encData that decrypts: its cipher, the calls that take it, what is wrong inside."""
    _say(_taken(found.cipher))
    fits = not call or found.cipher in _ciphers_of(call)
    if not fits:
        _say(_not_taken(found.cipher, call))
    flaws = _flaws(found.values, table_of(found.values))
    for flaw in flaws:
        _say(flaw)
    return 0 if fits and not flaws else CANNOT_BE_OPENED


def _say(cause: Cause) -> None:
    click.echo(one_line(cause.en))
    click.echo(one_line(cause.ko))


def _say_of_key(secret_key: str) -> None:
    count = len(secret_key)
    if count != _SECRET_KEY_CHARACTERS:
        _say(
            Cause(
                f"The secret key has {count} characters; NICEPAY's have {_SECRET_KEY_CHARACTERS}. "
                "Is it complete, and nothing else copied with it?",
                f"시크릿 키가 {count}자입니다. 나이스페이 시크릿 키는 {_SECRET_KEY_CHARACTERS}자입니다. "
                "전체를 정확히 복사했나요?",
            )
        )


def _taken(cipher: str) -> Cause:
    takers = [_with_mode(call, cipher) for call in CALLS if cipher in _ciphers_of(call)]
    return Cause(
        f"It opens with {cipher}, as taken by {', '.join(takers)}.",
        f"{cipher}(으)로 복호화됩니다. 이 방식을 받는 API: {', '.join(takers)}",
    )


def _not_taken(cipher: str, call: str) -> Cause:
    wanted, code = _ciphers_of(call), _TAKERS[call][1]
    return Cause(
        f"{call} takes {' or '.join(wanted)}, and answers {code} to {cipher}.",
        f"{call} API는 {' 또는 '.join(wanted)}만 받으며 {cipher}에는 {code}(으)로 응답합니다.",
    )


def _ciphers_of(call: str) -> tuple[str, ...]:
    return tuple(name for names in _TAKERS[call][0].values() for name in names)


def _with_mode(call: str, cipher: str) -> str:
    modes, _ = _TAKERS[call]
    mode = next(mode for mode, names in modes.items() if cipher in names)
    return f"{call} with encMode {mode}" if mode else call


# What is inside


def _flaws(values: Mapping[str, str], table: Mapping[str, CardField]) -> list[Cause]:
    """What looks wrong with the fields: unknown names first, then missing fields, then values."""
    flaws = [_unknown(name, table) for name in values if name not in table]
    needed = (*CARD, *EXPIRY) if table is TYPED else tuple(table)[:4]
    missing = [why_missing(values, (name,)) for name in needed]
    malformed = [why_malformed(values, table, (name,)) for name in table if values.get(name)]
    return [*flaws, *(cause for cause in (*missing, *malformed) if cause)]


def _unknown(name: str, table: Mapping[str, CardField]) -> Cause:
    near, shown = meant(name, table), names_in({name: ""})
    return Cause(
        f"{shown} is not a field of encData; "
        + (f"did you mean {near}?" if near else f"they are {', '.join(table)}"),
        f"{shown}은(는) encData의 항목이 아닙니다. "
        + (f"{near}을(를) 쓰려고 했나요?" if near else f"사용할 수 있는 항목: {', '.join(table)}"),
    )


def _masked(name: str, value: str) -> str:
    """A value as it may be shown: masked card number, a non-secret value, otherwise one * per character."""
    if name in _SHOWN:
        return value
    return masked_number(value) if name == "cardNo" and masked_number(value) else "*" * len(value)


# Reading the input


def _pairs_of(pairs: Sequence[str]) -> dict[str, str]:
    lines = [line for each in pairs for line in (_lines() if each == STDIN else [each])]
    found: dict[str, str] = {}
    for line in lines:
        for part in filter(None, line.strip().split("&")):
            name, equals, value = part.partition("=")
            if not equals or not name:
                raise Misuse("a field is written name=value, such as cardNo=9404123412341234")
            found[name] = value
    return found


def _text_of(given: str) -> str:
    """The encData, from stdin when `-` was given, without white space around it."""
    return ("".join(_lines()) if given == STDIN else given).strip()


def _lines() -> list[str]:
    return sys.stdin.read().splitlines()
