"""`mock-nicepay sign`: all formulas by name, values that verify, and explanations of given ones."""

import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from mock_nicepay.api import ENDPOINTS
from mock_nicepay.front.command import cli
from mock_nicepay.front.command.sign import signed

Ask = Callable[..., tuple[int, str, str]]
KEY = "9eb85607103646da9f9c02b128f2e5ee"
FORMS = Path(__file__).parents[3] / "fixtures" / "forms"
APPROVE = ("payments.approve", "tid=T", "amount=1004", "ediDate=D")


def hexed(text: str) -> str:
    """Lower-case hex SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Run `sign` in this process with the key in the environment: status, stdout, stderr."""
    monkeypatch.setenv("NICEPAY_SECRET_KEY", KEY)
    monkeypatch.delenv("NICEPAY_CLIENT_ID", raising=False)

    def run(*arguments: str) -> tuple[int, str, str]:
        status = cli.main(["sign", *arguments])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def test_alone_it_lists_every_formula(ask: Ask) -> None:
    """All signed calls, the forms and the webhook, tab-separated."""
    status, out, _ = ask()
    rows = [line.split("\t") for line in out.splitlines()]

    assert 0 == status
    assert list(signed()) == [row[0] for row in rows]
    assert {endpoint.name for endpoint in ENDPOINTS if endpoint.sign} <= {row[0] for row in rows}
    assert ["payments.get", "hex(sha256(tid + ediDate + SecretKey))"] == rows[1][:2]


@pytest.mark.parametrize(
    ("expected", "arguments"),
    [
        ("T1004D", APPROVE),
        ("TD", ("payments.get", "tid=T", "ediDate=D")),
        ("T1004D", ("payments.get", "--answer", "tid=T", "amount=1004", "ediDate=D")),
        ("OD", ("payments.netcancel", "orderId=O", "ediDate=D")),
        ("OBD", ("subscribe.pay", "orderId=O", "bid=B", "ediDate=D")),
        ("D", ("card.event", "ediDate=D")),
        ("TO D", ("receipt.get", "--answer", "tid=T", "orderId=O ", "ediDate=D")),
        ("AC1004", ("returnUrl.authentication", "authToken=A", "clientId=C", "amount=1004")),
        ("T1004D", ("returnUrl.checkout", "tid=T", "amount=1004", "ediDate=D")),
        ("T1004D", ("webhook.deliver", "tid=T", "amount=1004", "ediDate=D")),
        ("T1004", ("payments.approve", "tid=T", "amount=1004", "ediDate=")),
        ("T10=04D", ("payments.approve", "tid=T", "amount=10=04", "ediDate=D")),
    ],
)
def test_in_a_pipe_there_is_the_value_alone(
    ask: Ask, expected: str, arguments: tuple[str, ...]
) -> None:
    """For `$(mock-nicepay sign ...)`: one line with the hash of the values and the key."""
    assert (0, f"{hexed(expected + KEY)}\n", "") == ask(*arguments)


def test_a_recorded_form_verifies(ask: Ask) -> None:
    """What NICEPAY posted to returnUrl in 2021 verifies."""
    form = json.loads((FORMS / "authentication.json").read_text("utf-8"))
    recorded = next(each for each in _dicts(form) if "authToken" in each and each.get("signature"))
    pairs = [f"{name}={recorded[name]}" for name in ("authToken", "clientId", "amount")]
    keys = [each["secretKey"] for each in _dicts(form) if "secretKey" in each] or [KEY]
    status, out, _ = ask(
        "returnUrl.authentication",
        "--secret-key",
        keys[0],
        "--given",
        recorded["signature"],
        *pairs,
    )

    assert (0, "right: hex(sha256(authToken + clientId + amount + SecretKey))\n") == (status, out)


def _dicts(value: object) -> list[dict[str, str]]:
    """Every object within a JSON value."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    found = [each for part in inner for each in _dicts(part)]
    return [value, *found] if isinstance(value, dict) else found


def test_on_a_terminal_it_tells_the_text(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Formula and hashed text above the value, without the key."""
    monkeypatch.setattr("mock_nicepay.front.command.sign.is_terminal", lambda stream: True)
    status, out, _ = ask(*APPROVE)

    assert 0 == status
    assert [
        "formula   hex(sha256(tid + amount + ediDate + SecretKey))",
        "text      T1004D<SecretKey>",
        f"signData  {hexed('T1004D' + KEY)}",
    ] == out.splitlines()
    assert KEY not in out


@pytest.mark.parametrize(
    ("expected", "given"),
    [
        ("made from tid + ediDate + SecretKey", hexed(f"TD{KEY}")),
        ("in upper-case hex", hexed(f"T1004D{KEY}").upper()),
        ("made from ediDate + tid + amount + SecretKey", hexed(f"DT1004{KEY}")),
        ("made from tid + amount + ediDate + clientId", hexed("T1004DS2_mine")),
        ("it is SHA1, not SHA-256", hashlib.sha1(f"T1004D{KEY}".encode()).hexdigest()),
        ("could not be found out", "0" * 64),
    ],
)
def test_it_explains_a_wrong_one(ask: Ask, expected: str, given: str) -> None:
    """Wrong formula, fields, order, case or key: in English and Korean, status 1, without the key."""
    status, out, _ = ask(*APPROVE, "--given", given, "--client-id", "S2_mine")

    assert 1 == status
    assert expected in out.splitlines()[0]
    assert "signData" in out
    assert out.splitlines()[1].startswith("signData 값은")
    assert KEY not in out


def test_a_right_signature_is_confirmed(ask: Ask) -> None:
    """Status 0, also for the older editions' formula of the look-up by orderId."""
    assert 0 == ask(*APPROVE, "--given", hexed(f"T1004D{KEY}"))[0]
    find = ("payments.find", "orderId=O", "tid=T", "ediDate=D", "--given")

    assert "right: hex(sha256(orderId" in ask(*find, hexed(f"OD{KEY}"))[1]
    assert "right in older editions: hex(sha256(tid" in ask(*find, hexed(f"TD{KEY}"))[1]


def test_the_answers_signature_is_called_so(ask: Ask) -> None:
    """An explanation uses the name of the field in question."""
    out = ask("receipt.get", "--answer", "--given", "0", "tid=T", "orderId=O", "ediDate=D")[1]

    assert out.startswith("signature must be hex(sha256(tid + orderId + ediDate + SecretKey))")


def test_the_key_may_come_by_stdin(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key is the first line, without the line end."""
    monkeypatch.setattr("sys.stdin", io.StringIO("other-key\nmore\n"))

    assert f"{hexed('T1004Dother-key')}\n" == ask(*APPROVE, "--secret-key", "-")[1]


@pytest.mark.parametrize(
    ("expected", "arguments"),
    [
        ("there is no formula for 'payments.aprove'; did you mean payments.approve?", ["payments.aprove"]),
        ("there is no formula for 'zzz'; `mock-nicepay sign` lists them", ["zzz"]),
        ("nothing is signed at terms.get", ["terms.get"]),
        ("the answer of subscribe.regist is not signed", ["subscribe.regist", "--answer"]),
        ("the request of checkout.payment_get is not signed", ["checkout.payment_get"]),
        ("ediDate is missing", ["payments.approve", "tid=T", "amount=1004"]),
        ("it is spelt so, not edidate", ["payments.approve", "tid=T", "amount=1", "edidate=D"]),
        ("it is spelt so, not TID", ["payments.approve", "TID=T", "amount=1", "ediDate=D"]),
        ("tid is given twice", ["payments.approve", "tid=T", "tid=U", "amount=1", "ediDate=D"]),
        ("'amount' is not FIELD=VALUE", ["payments.approve", "amount"]),
        ("'=1' is not FIELD=VALUE", ["payments.approve", "=1"]),
        ("the secret key is missing", [*APPROVE, "--secret-key", ""]),
    ],
)  # fmt: skip
def test_a_mistake_is_told(ask: Ask, expected: str, arguments: list[str]) -> None:
    """One line on stderr, status 2, nothing on stdout."""
    status, out, err = ask(*arguments)

    assert (2, "") == (status, out)
    assert expected in err
    assert 1 == len(err.splitlines())


def test_a_field_too_many_is_told_and_left_out(ask: Ask) -> None:
    """A field that the formula does not use is reported, and not hashed."""
    status, out, err = ask("payments.get", "tid=T", "ediDate=D", "amount=1004")

    assert (0, f"{hexed('TD' + KEY)}\n") == (status, out)
    assert "amount is not part of hex(sha256(tid + ediDate + SecretKey))" in err
