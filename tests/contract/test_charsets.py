"""The two character sets of the wire."""

import pytest

from mock_nicepay.contract.charsets import content_type, decode, encode


@pytest.mark.parametrize(
    ("expected", "text", "charset"),
    [
        ("ea b0 80", "가", "utf-8"),
        ("b0 a1", "가", "euc-kr"),
        ("c1 a4 bb f3", "정상", "euc-kr"),
        ("8c 63", "똠", "euc-kr"),
        ("c6 52", "힣", "euc-kr"),
        ("f0 9f 98 80", "😀", "utf-8"),
        ("3f", "😀", "euc-kr"),
        ("3f", "é", "euc-kr"),
        ("3f", "\ud800", "utf-8"),
        ("3f", "\ud800", "euc-kr"),
        ("61 0a 22", 'a\n"', "euc-kr"),
        ("", "", "euc-kr"),
    ],
)
def test_text_becomes_the_bytes_of_its_charset(expected: str, text: str, charset: str) -> None:
    """EUC-KR holds every Hangul syllable in two bytes; what a charset lacks becomes `?`."""
    assert expected == encode(text, charset).hex(" ")


def test_every_hangul_syllable_survives_euc_kr() -> None:
    """All 11,172 of them, also the ones the older codec does not know."""
    syllables = "".join(chr(code) for code in range(0xAC00, 0xD7A4))
    assert syllables == decode(encode(syllables, "euc-kr"), "euc-kr")


@pytest.mark.parametrize("charset", ["utf-8", "euc-kr"])
def test_bytes_of_another_charset_are_replaced(charset: str) -> None:
    """What is not of the charset becomes U+FFFD, never an error."""
    assert "\ufffd" in decode(b"\xff\xff\x80", charset)


@pytest.mark.parametrize(
    ("expected", "media", "charset"),
    [
        ("application/json;charset=utf-8", "application/json", "utf-8"),
        ("text/html;charset=euc-kr", "text/html", "euc-kr"),
    ],
)
def test_the_content_type_is_written_as_recorded(expected: str, media: str, charset: str) -> None:
    """No blank after the semicolon, the charset in lower case."""
    assert expected == content_type(media, charset)
