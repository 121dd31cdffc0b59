"""encData: what opens, what does not, and what is said of it."""

from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_nicepay.contract.encdata.ciphers import CIPHERS, encrypt, padded
from mock_nicepay.contract.encdata.envelope import (
    Unreadable,
    make_encdata,
    open_encdata,
)
from mock_nicepay.contract.encdata.form import LONGEST

# The examples that the manuals print, with the secret key they print beside them.
KEY = "2dcc2a0d63bf469490bb19a201be3735"
TYPED = "cardNo=1234567890123456&expYear=25&expMonth=12&idNo=800101&cardPw=12"
BY_APP = (
    "authFlag=0&cardNo=5310123412341234&track2Data=375310123412341234=0000&cardExpire=0000"
    "&CAVV=AAABCGkWZSAhBwIIGRZlBSAAAAA=&XID=MjAyMTA3MDIwNzEyNTQ2MzE5OTg=&ECI=05"
)
PUBLISHED = [
    pytest.param(
        "AES-128-ECB",
        TYPED,
        "7c4b12eb43324290bd0e522900a892343f57e0d176cdadae757132c7f3cd442f023ef5c3ffa254ed04b6d47624d4"
        "c7847e8061f3be0d67adf1b463b46a542052cf47a5206bfd23945fc1851d426468f4",
        id="recurring-and-key-in-ecb",
    ),
    pytest.param(
        "AES-128-CBC",
        TYPED,
        "2127975b6d82c36136ba8197a997a994f6c086ff75a6d35e514c54a1e686545e60b76f11bec706de1082e43dd74a"
        "e5c5f0709dc1eca6c3cd20e1c0e9e9b7a85c6505461c91c865d82072e41ba5284bd7",
        id="recurring-cbc",
    ),
    pytest.param(
        "AES-256-CBC",
        TYPED,
        "6ecfe97e521bc67c3053d74a9dbdba53033d343fc9e8e38e730964b22ef2e4a59607171b00a9da977141b3f79fff"
        "a1e80a16c08bc58666b479f554a966a363414347e62f2621f8df220c7a4a545592d0",
        id="recurring-a2",
    ),
    pytest.param(
        "AES-128-CBC",
        BY_APP,
        "3e5219ba1e488866a3552695e954d5feb7824d18da81229cd21cee7c3de3f9b0f803c52f8482ccdda8186d31d010"
        "833766f2dba48c6205db8788d8c010e1ceb9bd2ab37c41ff370287de70f50af1cfbdd379283894683dbf42f87560"
        "85b6bfb54fc5fbe19b4a00400adf2d0f712f4671736e821a979b7d6f8e6c384a2ecd9c65a2c251513f704580ae7f"
        "16680d60f560a8c613d5cea104fa5bedfa6895ba0034",
        id="epay-cbc",
    ),
]
ALL = tuple(CIPHERS)
NUMBER = "1234567890123456"
WORDS = TYPED.encode()
CUT = KEY[:16].encode()
Spell = Callable[[str], str]


@pytest.mark.parametrize("spell", [str.lower, str.upper])
@pytest.mark.parametrize(("cipher", "plain", "text"), PUBLISHED)
def test_the_published_examples_open(cipher: str, plain: str, text: str, spell: Spell) -> None:
    """Each in its own cipher, in hex of either case, with all of its fields in order."""
    found = open_encdata(spell(text), KEY, ALL)

    assert cipher == found.cipher
    assert plain == "&".join(f"{name}={value}" for name, value in found.values.items())


@pytest.mark.parametrize(("cipher", "plain", "text"), PUBLISHED)
def test_the_published_examples_open_in_no_other_cipher(cipher: str, plain: str, text: str) -> None:
    """And what is said then names the cipher that it is, but no value."""
    for other in set(ALL) - {cipher}:
        with pytest.raises(Unreadable) as caught:
            open_encdata(text, KEY, [other])

        assert f"it is {cipher} with" in caught.value.cause.en
        assert plain.partition("=")[2][:8] not in caught.value.cause.en


@pytest.mark.parametrize(("cipher", "plain", "text"), PUBLISHED)
def test_the_published_examples_can_be_made(cipher: str, plain: str, text: str) -> None:
    """From the text and from its fields, in lower-case hex."""
    fields = dict(part.split("=", 1) for part in plain.split("&"))

    assert text == make_encdata(plain, KEY, cipher)
    assert text == make_encdata(fields, KEY, cipher)


@pytest.mark.parametrize(
    ("expected", "plain"),
    [
        ({"a": "1", "b": "2"}, "a=1&b=2"),
        ({"b": "2", "a": "1"}, "b=2&a=1"),
        ({"a": "1"}, "a=1&a=2"),
        ({"a": ""}, "a="),
        ({"a": "b=c"}, "a=b=c"),
        ({"a": "1", "b": "2"}, "&a=1&&b=2&"),
        ({"name": "홍길동"}, "name=홍길동"),
        ({"a": "%3D+ "}, "a=%3D+ "),
    ],
)
def test_pairs_are_read_as_they_stand(expected: dict[str, str], plain: str) -> None:
    """Order stays, the first of a repeated name counts, nothing is decoded."""
    found = open_encdata(make_encdata(plain, KEY, "AES-128-ECB"), KEY, ["AES-128-ECB"]).values

    assert list(expected.items()) == list(found.items())


def made(plain: bytes, key: bytes = CUT, iv: bytes | None = CUT, *, pad: bool = True) -> str:
    """An encData made in any way at all; AES-128-CBC as it should be when nothing is said."""
    return encrypt(padded(plain) if pad else plain, key, iv).hex()


def filled(sign: bytes) -> bytes:
    """The text filled up to whole blocks with one sign."""
    return WORDS + sign * (-len(WORDS) % 16)


RIGHT = made(WORDS)


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("it is blank", ""),
        ("it is blank", "  \n"),
        ("it has 319 hex digits, an odd number", "a" * 319),
        ("it has 17 bytes, and AES makes whole blocks of 16", "ab" * 17),
        ("it has 79 bytes", RIGHT[:-2]),
        ("blanks or line breaks in the hex", f"{RIGHT[:64]}\n{RIGHT[64:]}"),
        ("it begins with 0x", f"0x{RIGHT}"),
        ("it is Base64 instead of hex", b64encode(bytes.fromhex(RIGHT)).decode()),
        ("it is not hex: character 3 of 34", f"ab{'z' * 32}"),
        ("it is not hex", "ａｂ" * 16),
        ("it is the plain text itself", TYPED),
        ("it is the plain text itself", TYPED.replace("=", "%3D").replace("&", "%26")),
        ("it is the plain text in hex", padded(WORDS).hex()),
        (f"longer than {LONGEST} characters", "00" * LONGEST),
        ("it opens, and is empty", made(b"")),
        ("it opens, and is empty", made(b"\0 \n")),
        ("it opens, and is JSON inside", made(b'{"cardNo":"1234567890123456"}')),
        ("it opens, and is URL-encoded inside", made(b"cardNo%3D1234%26expYear%3D25")),
        ("it opens, and inside are line breaks, tabs or zero bytes", made(b"cardNo=1\n&expYear=2")),
        ("it opens, and inside are line breaks, tabs or zero bytes", made(b"cardNo=1&expYear=2\0")),
        ("it opens, and inside is not name=value", made(b"1234567890123456")),
        ("AES-128-CBC with the first 16 characters of the secret key, padded with zero bytes",
         made(filled(b"\0"), pad=False)),
        ("padded with blanks instead of PKCS7", made(filled(b" "), pad=False)),
        ("without padding", made(filled(b"9"), pad=False)),
        ("AES-128-CBC with an IV of zeros, with the first 16", made(WORDS, iv=bytes(16))),
        ("AES-128-CBC with an IV of the digit 0,", made(WORDS, iv=b"0" * 16)),
        ("AES-128-CBC with another IV: the first block is broken", made(WORDS, iv=b"x" * 16)),
        ("AES-128-CBC with the IV put in front of it", "78" * 16 + made(WORDS, iv=b"x" * 16)),
        ("AES-128-ECB with the last 16 characters of the secret key", made(WORDS, KEY[16:].encode(), None)),
        ("AES-128-ECB with the secret key decoded from hex", made(WORDS, bytes.fromhex(KEY), None)),
        ("AES-128-CBC with the first 16 characters of the secret key in upper case",
         made(WORDS, KEY.upper()[:16].encode(), KEY.upper()[:16].encode())),
        ("AES-256-ECB with the first 32 characters", made(WORDS, KEY.encode(), None)),
        ("AES-256-CBC with the last 16 characters of the key as IV",
         made(WORDS, KEY.encode(), KEY[16:].encode())),
        ("AES-192-ECB with the first 24 characters", made(WORDS, KEY[:24].encode(), None)),
        ("AES-256-ECB with the SHA-256 of the secret key", made(WORDS, sha256(KEY.encode()).digest(), None)),
        ("with the first 16 characters of another key (clientId)", made(WORDS, b"S2_0123456789abc", None)),
        ("no key, cipher, IV or padding that was tried opens it", "00" * 64),
        ("no key, cipher, IV or padding that was tried opens it", made(WORDS, b"?" * 16, None)),
    ],
)  # fmt: skip
def test_says_why_it_does_not_open(said: str, text: str) -> None:
    """In two languages, and without the card number or the key."""
    with pytest.raises(Unreadable) as caught:
        open_encdata(text, KEY, ["AES-128-CBC"], {"clientId": "S2_0123456789abcdef"})

    cause = caught.value.cause
    assert said in cause.en
    assert "16진수" in cause.ko
    assert "?." not in cause.en + cause.ko
    for secret in (NUMBER, KEY, KEY[:16], TYPED[-10:]):
        assert secret not in cause.en + cause.ko


@pytest.mark.parametrize(
    ("cipher", "secret_key"),
    [("AES-128-ECB", "short"), ("AES-256-CBC", "a" * 31), ("AES-128-CBC", "가" * 32), ("AES-128-CBC", "")],
)  # fmt: skip
def test_a_key_that_makes_no_cipher(cipher: str, secret_key: str) -> None:
    """Nothing opens with it, and nothing can be made with it; both say so."""
    with pytest.raises(Unreadable, match="the secret key here has"):
        open_encdata("00" * 16, secret_key, [cipher])
    with pytest.raises(ValueError, match="secret key has"):
        make_encdata({"a": "1"}, secret_key, cipher)


@pytest.mark.parametrize("values", [{"a": "1&b"}, {"a&b": "1"}, {"a=b": "1"}])
def test_what_cannot_be_written_is_refused(values: dict[str, str]) -> None:
    """A value that would be taken for another field is not encrypted."""
    with pytest.raises(ValueError, match="cannot be sent"):
        make_encdata(values, KEY, "AES-128-ECB")


def test_the_ciphers_are_tried_in_order() -> None:
    """The first that opens it is the one it is; one whose key is too short is passed over."""
    text = make_encdata(TYPED, KEY[:16], "AES-128-CBC")

    assert (
        "AES-128-CBC"
        == open_encdata(text, KEY[:16], ["AES-256-CBC", "AES-128-ECB", "AES-128-CBC"]).cipher
    )


def told(text: str, ciphers: tuple[str, ...]) -> str:
    """What comes of an encData: its fields, or why it has none."""
    try:
        return "&".join(open_encdata(text, KEY, ciphers).values)
    except Unreadable as error:
        return error.cause.ko


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.one_of(st.binary(max_size=200).map(bytes.hex), st.text(max_size=300)))
def test_anything_at_all_opens_or_is_explained(text: str) -> None:
    """Never another exception, whatever is sent."""
    assert told(text, ALL)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.binary(max_size=120), st.sampled_from(ALL))
def test_any_plain_text_opens_or_is_explained(plain: bytes, cipher: str) -> None:
    """Also what is encrypted as it should be and holds something else: bytes, controls, half a text."""
    how = CIPHERS[cipher]
    key = how.key(KEY)

    assert told(encrypt(padded(plain), key, how.iv(key)).hex(), (cipher,))
