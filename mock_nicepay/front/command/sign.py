"""The command `sign`: computes signatures by the published formulas, and explains given ones."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import click

from mock_nicepay.api import ENDPOINTS
from mock_nicepay.contract.signing import SECRET, Formula
from mock_nicepay.contract.spelling import did_you_mean, nearest
from mock_nicepay.contract.window import return_forms
from mock_nicepay.core.login.missigned import why_missigned
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.front.command.secret import secret_key_of
from mock_nicepay.front.terminal import complain, is_terminal, one_line, print_table

DIFFERS = 1
SIGN_DATA, SIGNATURE = "signData", "signature"
# What NICEPAY sends unasked: the forms to returnUrl, and events. There is no request to sign.
_SENT = {
    "returnUrl.authentication": return_forms.AUTHENTICATION.signature,
    "returnUrl.result": return_forms.RESULT.signature,
    "returnUrl.checkout": return_forms.CHECKOUT_RESULT.signature,
    "webhook.deliver": Formula("tid + amount + ediDate"),
}


@dataclass(frozen=True, slots=True)
class Signed:
    """A call's name, with the formulas of its request and of its answer."""

    name: str
    sign: Formula | None
    signature: Formula | None
    older: Formula | None = None  # of the request, in older editions


def signed() -> dict[str, Signed]:
    """Everything that is signed, by its name."""
    calls = (Signed(e.name, e.sign, e.signature, e.older_sign) for e in ENDPOINTS)
    sent = (Signed(name, None, formula) for name, formula in _SENT.items())
    return {each.name: each for each in (*calls, *sent) if each.sign or each.signature}


def list_formulas() -> int:
    """Print every formula; in a pipe tab-separated: name, signData, signature."""
    rows = [(each.name, _shown(each.sign), _shown(each.signature)) for each in signed().values()]
    print_table(("Call", SIGN_DATA, SIGNATURE), rows)
    return 0


def sign(
    name: str,
    pairs: Sequence[str],
    *,
    answer: bool,
    secret_key: str,
    client_id: str = "",
    given: str | None = None,
) -> int:
    """Print a signature (in a pipe nothing else), or explain the signature `given`.

    `pairs` are `field=value`. Raises `Misuse` for a call that is not signed, and for a missing field
    of the formula.
    """
    row, what, formula = _formula(name, answer=answer)
    values = _values(pairs, formula, given is not None)
    secret = secret_key_of(secret_key)
    if given is not None:
        if what == SIGN_DATA and row.older is not None and row.older.verify(given, values, secret):
            click.echo(f"right in older editions: {row.older}; today it is {formula}")
            return 0
        return _explain(what, formula, given, values, secret, client_id)
    made = formula.sign(values, secret)
    if is_terminal(sys.stdout):
        click.echo(one_line(f"formula   {formula}"))
        click.echo(one_line(f"text      {formula.text(values, f'<{SECRET}>')}"))
        click.echo(f"{what:<9} {made}")
    else:
        click.echo(made)
    return 0


def _explain(
    what: str,
    formula: Formula,
    given: str,
    values: Mapping[str, str],
    secret: str,
    client_id: str,
) -> int:
    """Print whether a signature is right; for a wrong one the right value and its likely cause."""
    if formula.verify(given, values, secret):
        click.echo(f"right: {formula}")
        return 0
    cause = why_missigned(formula, given, values, secret, client_id, what=what)
    click.echo(one_line(cause.en))
    click.echo(one_line(cause.ko))
    return DIFFERS


def _formula(name: str, *, answer: bool) -> tuple[Signed, str, Formula]:
    """The signed call, the name of its signature field, and the formula. Raises `Misuse`."""
    known = signed()
    if name not in known:
        raise Misuse(_no_formula(name, list(known)))
    row = known[name]
    if answer or row.sign is None:
        if row.signature is None:
            raise Misuse(f"the answer of {name} is not signed; its request is: leave out --answer")
        if not answer and name not in _SENT:
            raise Misuse(f"the request of {name} is not signed; its answer is: add --answer")
        return row, SIGNATURE, row.signature
    return row, SIGN_DATA, row.sign


def _no_formula(name: str, known: Sequence[str]) -> str:
    if any(name == each.name for each in ENDPOINTS):
        return f"nothing is signed at {name}: neither its request nor its answer"
    hint = did_you_mean(name, known, "`mock-nicepay sign` lists them")
    return f"there is no formula for {name[:100]!r}; {hint}"


def _values(pairs: Sequence[str], formula: Formula, explains: bool) -> dict[str, str]:
    """The fields. Raises `Misuse` for one that is missing, given twice, or not `field=value`.

    A field that the formula does not use is reported on stderr, except when explaining a signature: it
    may have been made from the wrong fields.
    """
    values = _read(pairs)
    missing = [part for part in formula.parts if part not in values]
    extra = [name for name in values if name not in formula.parts]
    if missing:
        near = nearest(missing[0], extra)
        meant = f"; it is spelt so, not {near}" if near else ""
        raise Misuse(
            f"{missing[0]} is missing: {formula} needs {', '.join(formula.parts)}{meant}. "
            f"Give it as {missing[0]}=..., or {missing[0]}= for an empty one"
        )
    if extra and not explains:
        complain(f"{', '.join(extra)} is not part of {formula}")
    return values


def _read(pairs: Sequence[str]) -> dict[str, str]:
    values: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise Misuse(f"{pair[:40]!r} is not FIELD=VALUE, such as amount=1004")
        if name in values:
            raise Misuse(f"{name[:40]} is given twice; give it once")
        values[name] = value
    return values


def _shown(formula: Formula | None) -> str:
    return "" if formula is None else str(formula)
