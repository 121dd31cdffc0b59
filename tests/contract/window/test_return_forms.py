"""The forms posted to returnUrl: fields in order, texts, bytes, signatures of the recorded ones."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from mock_nicepay.contract.window.return_forms import AUTHENTICATION, RESULT, encoded, flat, text_of

FOLDER = Path(__file__).parents[3] / "fixtures" / "forms"


def recorded_forms(name: str) -> list[dict[str, Any]]:
    """The printed forms of one file, each with the published key that signed it."""
    forms: list[dict[str, Any]] = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))["forms"]
    return forms


@pytest.mark.parametrize(
    "recorded", recorded_forms("authentication"), ids=lambda form: form["source"]
)
def test_the_recorded_forms_are_ours(recorded: dict[str, Any]) -> None:
    """Key by key, in order, with a signature that is the printed one."""
    printed = recorded["form"]
    values = {name: value for name, value in printed.items() if name != "signature"}
    values |= {"amount": int(printed["amount"]), "mallReserved": None}
    form = AUTHENTICATION.fill(values, recorded["secretKey"])

    assert list(printed.items()) == list(form.items())


@pytest.mark.parametrize("recorded", recorded_forms("result"), ids=lambda form: form["source"])
def test_the_recorded_flat_form_is_ours(recorded: dict[str, Any]) -> None:
    """The same texts and signature; its order, and sessionId, are those of a checkout."""
    printed = {name: text for name, text in recorded["form"].items() if name != "sessionId"}
    nothing = {"", "null"}
    values = {
        name: None if text in nothing else text
        for name, text in printed.items()
        if name != "signature"
    }

    assert printed == RESULT.fill(values, recorded["secretKey"])


def test_a_failed_authentication_has_no_signature() -> None:
    """The key is not there; the tid is, and empty."""
    form = AUTHENTICATION.fill({"authResultCode": "I002", "amount": 1004})

    assert "signature" not in form
    assert ("", "", "") == (form["tid"], form["authToken"], form["mallReserved"])


def test_the_flat_form_is_in_the_manuals_order() -> None:
    """Of values that are not there some are empty, some the text null, and some left out."""
    form = RESULT.fill({"success": True, "amount": 1004, "cardQuota": 0})

    assert ["success", "authToken", "tid", "orderId", "clientId"] == list(form)[:5]
    assert ("true", "1004", "0") == (form["success"], form["amount"], form["cardQuota"])
    assert {"tid": "", "mallReserved": "", "couponAmt": "", "signature": ""} == {
        name: value for name, value in form.items() if value == ""
    }
    assert ["null"] * 4 == [
        form[name] for name in ("buyerName", "buyerTel", "buyerEmail", "mallUserId")
    ]
    assert not {"cardCode", "vbankCode", "bankCode", "cardNum"} & set(form)


def test_a_payments_objects_are_laid_out() -> None:
    """Card, account and bank stand beside the other keys; null objects vanish."""
    payment = {"tid": "T", "card": {"cardCode": "04"}, "vbank": None, "bank": {"bankCode": "088"}}

    assert ("T", "04", "088") == (
        flat(payment)["tid"],
        flat(payment)["cardCode"],
        flat(payment)["bankCode"],
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [("가", "가"), (1004, "1004"), (True, "true"), (None, "null"), ({"a": "가"}, '{"a":"가"}')],
)
def test_every_value_of_a_form_is_text(value: Any, text: str) -> None:
    """As JSON writes it, Korean as it stands."""
    assert text == text_of(value)


@pytest.mark.parametrize(
    ("charset", "body"),
    [
        ("utf-8", b"goodsName=%ED%96%84+%26%3D&resultMsg=%F0%9F%98%80"),
        ("euc-kr", b"goodsName=%C7%DC+%26%3D&resultMsg=%3F"),
    ],
)
def test_a_form_goes_out_percent_encoded(charset: str, body: bytes) -> None:
    """In the character set that was asked for; what it cannot hold is a question mark."""
    form = {"goodsName": "햄 &=", "resultMsg": "😀"}

    assert body == encoded(form, charset)
    codec = {"utf-8": "utf-8", "euc-kr": "cp949"}[charset]
    assert "햄 &=" == dict(parse_qsl(body.decode(), encoding=codec))["goodsName"]
