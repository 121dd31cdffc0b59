"""The commands that need no server: `codes`, `encdata`, `sign`, `openapi`.

Their modules are imported when they run.
"""

from typing import Any

import click

from mock_nicepay.front.command.group import Commands


@click.command()
@click.option(
    "--call",
    metavar="NAME",
    default="",
    help="Only the codes of this call, such as payments.cancel.",
)
@click.argument("text", nargs=-1, metavar="[TEXT]")
def codes(text: tuple[str, ...], call: str) -> int:
    """Look up result codes by code, Korean or English.

    Every word of TEXT must occur in a code's row. Exact codes come first, then codes that begin with
    TEXT. Without TEXT all codes are listed. --call limits the list to the codes that this call may
    answer with, its own first; where the issuer decides, other codes of the payment network are
    possible. In a pipe the list is tab-separated: code, HTTP status, Korean, English. A code with two
    meanings has two rows, such as 2011 and cancel/2011. The exit status is 1 when nothing is found.

    \b
    Examples:
      mock-nicepay codes U104
      mock-nicepay codes card error
      mock-nicepay codes 한도 초과
      mock-nicepay codes F11
      mock-nicepay codes --call payments.cancel
    """
    from mock_nicepay.front.command.codes import codes as look_up

    return look_up(" ".join(text), call)


_secret_key = click.option(
    "--secret-key",
    metavar="KEY",
    default="",
    envvar="NICEPAY_SECRET_KEY",
    help="The merchant's secret key; `-` reads it from the first line of stdin.  [NICEPAY_SECRET_KEY]",
)
_encdata_text = click.argument("text", metavar="ENCDATA")


@click.group(cls=Commands, short_help="Make, open and explain encData.")
def encdata() -> None:
    """Make, open and explain encData: card data as the recurring, key-in and e-pay calls take it.

    \b
    Examples:
      mock-nicepay encdata make cardNo=9404123412341234 expYear=30 expMonth=12
      mock-nicepay encdata open 7c4b12eb43324290...
      mock-nicepay encdata why --call keyin.pay 7c4b12eb43324290...
    """


@encdata.command(short_help="Print the encData of card fields.")
@_secret_key
@click.option(
    "--mode",
    type=click.Choice(["ecb", "cbc", "a2"]),
    default=None,
    help="AES-128-ECB (recurring, key-in), AES-128-CBC (recurring, e-pay), or AES-256-CBC, sent with "
    "encMode A2 (recurring, e-pay).  [default: ecb, or cbc for e-pay's fields]",
)
@click.option("--card-no", metavar="DIGITS", help="cardNo, the card's number.")
@click.option("--exp-year", metavar="YY", help="expYear, the expiry year.")
@click.option("--exp-month", metavar="MM", help="expMonth, the expiry month.")
@click.option("--id-no", metavar="DIGITS", help="idNo, birth date YYMMDD or business number.")
@click.option("--card-pw", metavar="DIGITS", help="cardPw, the password's first two digits.")
@click.argument("pairs", nargs=-1, metavar="[NAME=VALUE]...")
def make(pairs: tuple[str, ...], secret_key: str, mode: str | None, **fields: str | None) -> int:
    """Print the encData of card fields, one line of hex.

    Fields are options or NAME=VALUE; `-` reads them from stdin, which keeps a card number out of the
    process list. A field that looks wrong is reported on stderr, and the hex is printed anyway: a test
    may need a wrong one.

    \b
    Examples:
      mock-nicepay encdata make --card-no 9404123412341234 --exp-year 30 --exp-month 12
      mock-nicepay encdata make --mode a2 cardNo=9404123412341234 expYear=30 expMonth=12
      mock-nicepay encdata make - < card.txt
    """
    from mock_nicepay.front.command.encdata import make as make_encdata

    given = {_camel_case(name): value for name, value in fields.items() if value is not None}
    return make_encdata(pairs, given, secret_key, mode or "")


@encdata.command(name="open", short_help="Show what is inside an encData.")
@_secret_key
@click.option("--show", is_flag=True, help="Show card number, birth date and password as they are.")
@_encdata_text
def open_encdata(text: str, secret_key: str, show: bool) -> int:
    """Show the cipher of an encData and its fields, masked.

    `-` reads it from stdin. In a pipe the list is tab-separated: name, value. When it cannot be
    decrypted, the reason is on stderr and the exit status is 1.

    \b
    Examples:
      mock-nicepay encdata open 7c4b12eb43324290...
      mock-nicepay encdata open --show --secret-key 9eb85607103646da9f9c02b128f2e5ee - < sent.txt
    """
    from mock_nicepay.front.command.encdata import open_

    return open_(text, secret_key, show=show)


@encdata.command(short_help="Explain why an encData cannot be decrypted or is refused.")
@_secret_key
@click.option(
    "--client-id",
    metavar="ID",
    default="",
    envvar="NICEPAY_CLIENT_ID",
    help="The other half of the key pair: was it taken by mistake?  [NICEPAY_CLIENT_ID]",
)
@click.option(
    "--call",
    type=click.Choice(["subscribe.regist", "keyin.pay", "epay.pay"]),
    default=None,
    help="The call that refused it.",
)
@_encdata_text
def why(text: str, secret_key: str, client_id: str, call: str | None) -> int:
    """Explain an encData, in English and Korean.

    It tries the other ciphers, IVs, paddings and keys that senders use by mistake, and checks the
    fields when it can decrypt them. `-` reads the encData from stdin. The exit status is 1 when a call
    would refuse it.

    \b
    Examples:
      mock-nicepay encdata why 7c4b12eb43324290...
      mock-nicepay encdata why --call keyin.pay --client-id S2_af45... 7c4b12eb43324290...
    """
    from mock_nicepay.front.command.encdata import why as explain

    return explain(text, secret_key, client_id, call or "")


@click.command(short_help="Compute a signature, or explain one.")
@click.argument("name", required=False, metavar="[CALL]")
@click.argument("pairs", nargs=-1, metavar="[FIELD=VALUE]...")
@_secret_key
@click.option("--answer", is_flag=True, help="The answer's signature, not the request's signData.")
@click.option("--given", metavar="HEX", default=None, help="Explain this signature.")
@click.option(
    "--client-id",
    metavar="ID",
    default="",
    envvar="NICEPAY_CLIENT_ID",
    help="The other half of the key pair: was it taken by mistake?  [NICEPAY_CLIENT_ID]",
)
def sign(name: str | None, pairs: tuple[str, ...], **given: Any) -> int:
    """Compute a signature by the published formula of a call, or explain a given one.

    Without a CALL it lists all formulas. On a terminal it prints the formula and the hashed text
    (without the key) above the value; in a pipe only the value. With --given it explains, in English
    and Korean, what a wrong signature was probably made of, and the exit status is 1; you may then give
    more fields than the formula has. What NICEPAY sends unasked has names, too:
    returnUrl.authentication, returnUrl.result, returnUrl.checkout, webhook.deliver.

    \b
    Examples:
      mock-nicepay sign
      mock-nicepay sign payments.approve tid=... amount=1004 ediDate=2026-01-31T09:00:00+0900
      mock-nicepay sign payments.get --answer --given 0a1b... tid=... amount=1004 ediDate=...
      echo "$KEY" | mock-nicepay sign webhook.deliver --secret-key - tid=... amount=1004 ediDate=...
    """
    from mock_nicepay.front.command import sign as command

    return command.sign(name, pairs, **given) if name else command.list_formulas()


@click.command(short_help="Print the OpenAPI document.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["json", "yaml"]),
    default="json",
    show_default=True,
    help="The document's format.",
)
@click.option(
    "--edition",
    type=click.Choice(["union", "manual", "gateway"]),
    default="union",
    show_default=True,
    help="Which published text wins where they differ.",
)
def openapi(form: str, edition: str) -> int:
    """Print an OpenAPI 3.1 document of all calls, made from the declarations that serve them.

    A server has the same at /_mock/openapi.json, and a page to browse it at /_mock/openapi.

    \b
    Examples:
      mock-nicepay openapi > nicepay.json
      mock-nicepay openapi --format yaml --edition gateway
    """
    from mock_nicepay.front.command.openapi import openapi as print_document

    return print_document(form, edition)


def _camel_case(name: str) -> str:
    """`card_no` as `cardNo`."""
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)
