"""What is inside an encData: its fields, their forms, and which must be there. No value is ever told.

`TYPED` are the fields of a typed-in card (recurring and key-in calls), `PAID_BY_APP` those of e-pay.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from mock_nicepay.contract.fields import Text
from mock_nicepay.contract.refusal import Cause, Refusal
from mock_nicepay.contract.spelling import nearest
from mock_nicepay.contract.tables import cards

_SHOWN_NAME = re.compile(r"[A-Za-z][A-Za-z_]{0,24}[0-9]?[A-Za-z]{0,8}")
_MOST_NAMES = 8


@dataclass(frozen=True, slots=True)
class CardField:
    """One field inside an encData."""

    name: str
    longest: int  # characters, as the tables print it
    form: re.Pattern[str]  # of a value that is there
    en: str  # what it is to be
    ko: str

    def flaw(self, value: str) -> Cause | None:
        """What is wrong with a value; None when nothing is."""
        if not value:
            return Cause(
                f"{self.name} inside encData is empty; expected {self.en}",
                f"encData 안의 {self.name} 값이 비어 있습니다. {self.ko}이어야 합니다",
            )
        if len(value) > self.longest or not self.form.fullmatch(value):
            return Cause(
                f"{self.name} inside encData has {len(value)} characters that do not fit; expected "
                f"{self.en}{_hint(value)}",
                f"encData 안의 {self.name} 값({len(value)}자)의 형식이 맞지 않습니다. "
                f"{self.ko}이어야 합니다",
            )
        return None


def _field(name: str, longest: int, form: str, en: str, ko: str) -> CardField:
    return CardField(name, longest, re.compile(form, re.ASCII), en, ko)


# Documented (card-data.typed): these fields and lengths (K25, E24, E26).
# Assumed (card-data.form): a card number has 14 to 16 digits: the shortest that is issued, and the
# longest that the table allows.
TYPED: Mapping[str, CardField] = {
    field.name: field
    for field in (
        _field("cardNo", 16, r"\d{14,16}", "14 to 16 digits", "숫자 14~16자리"),
        _field("expYear", 2, r"\d\d", "the year's last two digits (YY)", "연도 뒤 두 자리(YY)"),
        _field("expMonth", 2, r"0[1-9]|1[0-2]", "the month, 01 to 12", "월 두 자리(01~12)"),
        _field(
            "idNo",
            13,
            r"\d{6}|\d{10}|\d{13}",
            "a birth date of 6 digits (YYMMDD) or a business number of 10",
            "생년월일 6자리(YYMMDD) 또는 사업자번호 10자리",
        ),
        _field("cardPw", 2, r"\d\d", "the password's first two digits", "카드 비밀번호 앞 두 자리"),
    )
}
CARD, EXPIRY = ("cardNo",), ("expYear", "expMonth")
# Which of the fields a merchant's account asks for, besides number and expiry.
ASKED: Mapping[str, tuple[str, ...]] = {
    "none": (),
    "birth": ("idNo",),
    "all": ("idNo", "cardPw"),
}

# Documented (card-data.epay): these fields and lengths (K25).
PAID_BY_APP: Mapping[str, CardField] = {
    field.name: field
    for field in (
        _field(
            "authFlag", 2, r"0?[02]", "0 for 3-D secure, 2 for others", "0(3-D Secure) 또는 2(기타)"
        ),
        _field("cardNo", 16, r"\d{14,16}", "14 to 16 digits", "숫자 14~16자리"),
        _field(
            "track2Data",
            39,
            r"\d+(=\d+)?",
            "digits, and perhaps = and digits",
            "숫자 또는 숫자=숫자 형식",
        ),
        _field("cardExpire", 4, r"\d\d(0[1-9]|1[0-2])|0000", "YYMM, or 0000", "YYMM 또는 0000"),
        _field("TRID", 20, r"\S+", "text without blanks", "공백 없는 문자열"),
        _field("CAVV", 30, r"[A-Za-z0-9+/]+={0,2}", "Base64", "Base64 문자열"),
        _field("XID", 30, r"[A-Za-z0-9+/]+={0,2}", "Base64", "Base64 문자열"),
        _field("ECI", 2, r"\d\d?", "one or two digits, such as 05", "숫자 한두 자리(예: 05)"),
    )
}
_ALWAYS_BY_APP = ("authFlag", "cardNo", "track2Data", "cardExpire")
_OF_3D_SECURE = ("CAVV", "XID", "ECI")

# Other names that shops give the fields. One of OA's samples says birth instead of idNo.
_MISNOMERS = {
    "birth": "idNo",
    "birthday": "idNo",
    "birthdate": "idNo",
    "identityno": "idNo",
    "bizno": "idNo",
    "cardnumber": "cardNo",
    "pan": "cardNo",
    "expireyear": "expYear",
    "expiremonth": "expMonth",
    "year": "expYear",
    "month": "expMonth",
    "expiry": "expYear and expMonth",
    "password": "cardPw",
    "pw": "cardPw",
    "cardpassword": "cardPw",
    "track2": "track2Data",
}


class CardCode(Text):
    """The code of a card company, two digits, as a field beside the encData.

    Assumed (epay.card-code): one that no table has is U149; the text fits.
    """

    refuses_with = (*Text.refuses_with, "U149")

    def read(self, value: Any, name: str) -> str:
        code = super().read(value, name)
        if code not in cards():
            raise Refusal(
                "U149",
                cause=Cause(
                    f'{name} is {code!r}, which is not a card code; send two digits as text, such as "04"',
                    f'{name} 값 {code!r}은(는) 카드 코드표에 없습니다. "04"처럼 두 자리 문자열로 보내야 '
                    "합니다",
                ),
            )
        return code


def why_missing(values: Mapping[str, str], needed: Collection[str]) -> Cause | None:
    """The first needed field that is not there, or is empty; None when all are there."""
    for name in needed:
        if not values.get(name):
            sent = "empty" if name in values else "not there"
            sent_ko = "비어 있습니다" if name in values else "없습니다"
            hint_en, hint_ko = _nearest(values, name)
            return Cause(
                f"{name} inside encData is {sent}{hint_en}",
                f"encData 안에 {name} 값이 {sent_ko}{hint_ko}",
            )
    return None


def why_malformed(
    values: Mapping[str, str], table: Mapping[str, CardField], names: Collection[str]
) -> Cause | None:
    """What is wrong with the first of the named fields that is there; None when nothing is."""
    for name in names:
        if name in values and (flaw := table[name].flaw(values[name])):
            return flaw
    return None


def why_unfit(values: Mapping[str, str], asked: str) -> Cause | None:
    """Why an account of key-in payments does not take these fields; None when it does.

    Documented (keyin.fields): only what is there is checked: a field that the account does not use,
    or an empty one, does not fit; a missing one is not refused; an account that asks for neither
    birth date nor password ignores both (E26).
    Documented (keyin.order): expMonth follows expYear directly (E26).
    """
    used = ASKED[asked]
    for name in ASKED["all"]:
        if used and name in values and name not in used:
            return Cause(
                f"{name} is inside encData, and this account does not use it; leave it out "
                "(its trait cardFields says which are used)",
                f"encData 안에 {name} 값이 있지만 이 상점은 사용하지 않는 항목입니다. 빼고 보내야 합니다"
                "(사용하는 항목은 상점의 cardFields에서 정합니다)",
            )
    names = list(values)
    if all(name in values for name in EXPIRY):
        year, month = (names.index(name) for name in EXPIRY)
        if month != year + 1:
            return _WRONG_ORDER
    return why_malformed(values, TYPED, (*CARD, *EXPIRY, *used))


def why_unpayable(values: Mapping[str, str], card_code: str) -> Cause | None:
    """What is missing or wrong in e-pay's fields; None when nothing is.

    Documented (epay.auth-flag): 0 is 3-D secure, 2 is others (K25).
    Assumed (epay.3d-secure): with 0 CAVV, XID and ECI are needed, as in the published example.
    """
    found = why_missing(values, _ALWAYS_BY_APP)
    found = found or why_malformed(values, PAID_BY_APP, _ALWAYS_BY_APP)
    if found:
        return found
    if int(values["authFlag"]) == 0 and (missing := why_missing(values, _OF_3D_SECURE)):
        return Cause(
            f"{missing.en}; authFlag 0 is 3-D secure, which needs {', '.join(_OF_3D_SECURE)}",
            f"{missing.ko}. authFlag 0(3-D Secure)에는 {', '.join(_OF_3D_SECURE)} 값이 필요합니다",
        )
    extras = [name for name in (*_OF_3D_SECURE, "TRID") if values.get(name)]
    return why_malformed(values, PAID_BY_APP, extras) or _track_flaw(values, card_code)


def _track_flaw(values: Mapping[str, str], card_code: str) -> Cause | None:
    """Documented (epay.track2): 37, the card number and a tail: =0000 of Samsung and Hyundai, =9999 of
    Lotte, the expiry of BC; 37 and a one-time number of Shinhan, Hana and NH, a one-time number and
    =8911 of KB (K25). Of the other companies nothing is said, and nothing is checked.

    Assumed (epay.track2-bc): BC's expiry is what cardExpire says: 0000 in the published example.
    """
    number = re.escape(values["cardNo"])
    rows = {
        "01": (rf"37{number}={values['cardExpire']}", "37, cardNo, = and cardExpire"),
        "04": (rf"37{number}=0000", "37, cardNo and =0000"),
        "07": (rf"37{number}=0000", "37, cardNo and =0000"),
        "08": (rf"37{number}=9999", "37, cardNo and =9999"),
        "02": (r"\d+=8911", "the one-time number and =8911"),
        **dict.fromkeys(("03", "06", "12", "16"), (r"37\d+", "37 and the one-time number")),
    }
    form, told = rows.get(card_code, (r".*", ""))
    if re.fullmatch(form, values["track2Data"], re.ASCII):
        return None
    return Cause(
        f"track2Data inside encData does not fit cardCode {card_code}; expected {told}",
        f"encData 안의 track2Data 값이 cardCode {card_code}의 형식과 맞지 않습니다. 필요한 형식: {told}",
    )


def table_of(values: Collection[str]) -> Mapping[str, CardField]:
    """Whose fields these are, by their names: e-pay's, or those of a typed-in card."""
    own = (name if name in PAID_BY_APP else meant(name, PAID_BY_APP) for name in values)
    return PAID_BY_APP if any(name and name not in TYPED for name in own) else TYPED


def usual_mode(values: Collection[str]) -> str:
    """The mode that these fields are sent in, by the first call that takes them: ecb or cbc."""
    return "cbc" if table_of(values) is PAID_BY_APP else "ecb"


def names_in(values: Mapping[str, str]) -> str:
    """The names that are inside, those that can be shown: never what may be a value."""
    shown = [name for name in values if _SHOWN_NAME.fullmatch(name)]
    rest = ["…"] if len(shown) > _MOST_NAMES or len(shown) < len(values) else []
    return ", ".join([*shown[:_MOST_NAMES], *rest])


def meant(name: str, table: Collection[str]) -> str:
    """The field that a name stands for which is none; empty when there is no telling."""
    if name in table:
        return ""
    known = _MISNOMERS.get(re.sub(r"[_-]", "", name).lower(), "")
    if known and all(part in table for part in known.split(" and ")):
        return known
    return nearest(re.sub(r"[_-]", "", name), table, alike=0.75)


def _nearest(values: Mapping[str, str], name: str) -> tuple[str, str]:
    """What stands in a missing field's place, when something of another name seems to."""
    table = {**TYPED, **PAID_BY_APP}
    for sent in values:
        if name in meant(sent, table).split(" and ") and _SHOWN_NAME.fullmatch(sent):
            return (
                f"; {sent} is there, which is not a field: did you mean {name}?",
                f". {sent} 항목이 있지만 없는 이름입니다. {name}을(를) 쓰려고 했나요?",
            )
    return f"; there are {names_in(values)}", f". 들어 있는 항목: {names_in(values)}"


def _hint(value: str) -> str:
    if re.search(r"%[0-9A-Fa-f]{2}", value):
        return "; it looks URL-encoded: encrypt the text as it is"
    if re.search(r"[\s-]", value):
        return "; leave out blanks and hyphens"
    return ""


_WRONG_ORDER = Cause(
    "expMonth must follow expYear directly inside encData, and here it does not",
    "encData 안에서 expMonth는 expYear 바로 뒤에 와야 합니다",
)
