"""The Authorization header: every way to get it right, and every published way to get it wrong."""

import base64

import pytest

from mock_nicepay.contract.credentials import Login, looks_live, read_login

ID, SECRET = "S2_af4543a0be4d49a98122e01ec2059a56", "9eb85607103646da9f9c02b128f2e5ee"


def b64(text: str | bytes) -> str:
    """Standard Base64 with padding."""
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def cause_of(login: Login) -> str:
    """The English half of a login's cause."""
    return login.cause.en if login.cause else ""


@pytest.mark.parametrize(
    ("expected", "header"),
    [
        (("basic", ID, SECRET, ""), f"Basic {b64(f'{ID}:{SECRET}')}"),
        (("basic", ID, SECRET, ""), f" Basic {b64(f'{ID}:{SECRET}')}"),
        (("basic", ID, SECRET, ""), f"basic {b64(f'{ID}:{SECRET}')}"),
        (("basic", ID, SECRET, ""), f"BASIC   {b64(f'{ID}:{SECRET}')}  "),
        (("basic", ID, f"{SECRET}\n", ""), f"Basic {b64(f'{ID}:{SECRET}' + chr(10))}"),
        (("basic", ID, "a:b", ""), f"Basic {b64(f'{ID}:a:b')}"),
        (("basic", " ", " ", ""), f"Basic {b64(' : ')}"),
        (("basic", "가맹점", "비밀", ""), f"Basic {b64('가맹점:비밀')}"),
        (("basic", "\ufffd\ufffd", "x", ""), f"Basic {b64(bytes([0xB0, 0xA1]) + b':x')}"),
        (("bearer", "", "", "abc"), "Bearer abc"),
        (("bearer", "", "", "abc"), "bEaReR   abc "),
        (("bearer", "", "", ""), "Bearer"),
        (("bearer", "", "", "a b"), "Bearer a b"),
    ],
)
def test_a_readable_login_is_read(expected: tuple[str, ...], header: str) -> None:
    """Scheme names are case-insensitive, the first colon divides, the rest arrives as it was sent."""
    login = read_login(header)
    assert (*expected, "") == (
        login.scheme,
        login.client_id,
        login.secret_key,
        login.token,
        login.code,
    )


@pytest.mark.parametrize(
    ("code", "scheme", "cause", "header"),
    [
        ("U304", "none", "there is no Authorization header", None),
        ("U304", "none", "there is no Authorization header", ""),
        ("U304", "none", "there is no Authorization header", " \t "),
        ("U304", "other", "the Authorization scheme is Digest; send", "Digest abc"),
        ("U304", "other", "the Authorization scheme is Token; send", "Token abc"),
        ("U304", "other", "(no scheme)", b64(f"{ID}:{SECRET}")),
        ("U304", "other", "(no scheme)", "Basic:abc"),
        ("U304", "basic", "the credentials are empty", "Basic"),
        ("U304", "basic", "the credentials are empty", "Basic  "),
        ("U304", "basic", "without a colon", f"Basic {b64(ID)}"),
        ("U304", "basic", "without a colon", f"Basic {b64(f'{ID} {SECRET}')}"),
        ("U101", "basic", "were sent as they are", f"Basic {ID}:{SECRET}"),
        ("U101", "basic", "lacks its padding", f"Basic {b64('ab:cd').rstrip('=')}"),
        ("U101", "basic", "URL-safe Base64", "Basic UzJfYTp-_w=="),
        ("U101", "basic", "not Base64: '\\n'", "Basic UzJf\nYWY0"),
        ("U101", "basic", "not Base64: '%'", "Basic UzJf%3D"),
        ("U101", "basic", "not Base64: '가'", "Basic 가가가가"),
        ("U101", "basic", "the credentials are not Base64", "Basic UzJf=YWY"),
        ("U101", "basic", "not Base64: ' '", "Basic UzJf YWY0"),
        ("U117", "basic", "the clientId before the colon", f"Basic {b64(f':{SECRET}')}"),
        ("U117", "basic", "the secretKey after the colon", f"Basic {b64(f'{ID}:')}"),
        ("U117", "basic", "the clientId before the colon", f"Basic {b64(':')}"),
    ],
)
def test_an_unreadable_login_is_named(
    code: str, scheme: str, cause: str, header: str | None
) -> None:
    """Scheme, Base64, colon, empty half: in this order, each with its code and its reason."""
    login = read_login(header)
    assert (code, scheme) == (login.code, login.scheme)
    assert cause in cause_of(login)


def test_a_known_id_is_kept_beside_an_empty_secret() -> None:
    """The journal can tell whose call it was, although the login is refused."""
    assert ID == read_login(f"Basic {b64(f'{ID}:')}").client_id


@pytest.mark.parametrize(
    ("expected", "header"),
    [
        ("", f"Basic {b64('a:' + 'b' * 49_000)}"),
        ("U101", f"Basic {'-' * 65_536}"),
        ("U101", f"Basic {'A' * 65_535}"),
        ("U304", f"Basic {'QUFB' * 16_384}"),
        ("U304", "Basic" * 13_000),
        ("U304", "x " * 32_768),
        ("", f"Bearer {'b' * 65_536}"),
        ("U304", " " * 65_536),
    ],
)
def test_a_header_of_64_kib_is_read_like_any_other(expected: str, header: str) -> None:
    """A huge header gets its code, and its cause stays a short line."""
    login = read_login(header)
    assert expected == login.code
    assert 200 > len(cause_of(login))


@pytest.mark.parametrize(
    "header",
    [None, "Digest x", "Basic", "Basic %", f"Basic {b64('x')}", f"Basic {b64(':x')}"],
)
def test_every_cause_is_told_in_both_languages(header: str | None) -> None:
    """No cause stands in English alone."""
    cause = read_login(header).cause
    assert cause is not None
    assert (True, False) == (cause.en.isascii(), cause.ko.isascii())


@pytest.mark.parametrize("header", [f"Basic {ID}:{SECRET}", f"Basic {b64(f'{ID}:')}-"])
def test_no_cause_repeats_what_was_sent(header: str) -> None:
    """The reason never carries the credentials it is about."""
    assert (False, False) == (
        SECRET in cause_of(read_login(header)),
        ID in cause_of(read_login(header)),
    )


@pytest.mark.parametrize(
    ("expected", "client_id"),
    [
        (True, "R1_af4543a0be4d49a98122e01ec2059a56"),
        (True, "R2_"),
        (False, "S2_af4543a0be4d49a98122e01ec2059a56"),
        (True, "r1_af45"),
        (True, ' "R2_af45"'),
        (False, "R3_af45"),
        (False, ""),
    ],
)
def test_a_live_key_is_known_by_its_form(expected: bool, client_id: str) -> None:
    """R1_ and R2_ are the prefixes of live keys."""
    assert expected is looks_live(client_id)
