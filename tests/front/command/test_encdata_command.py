"""The command `encdata`: what it makes, shows and explains, and that it prints no secrets."""

import io
import os
from collections.abc import Callable

import pytest

from mock_nicepay.contract.encdata.envelope import make_encdata, open_encdata
from mock_nicepay.front.command import cli
from mock_nicepay.settings import PREFIX

KEY = "2dcc2a0d63bf469490bb19a201be3735"
CARD = "cardNo=9404123412341234&expYear=30&expMonth=12"
BY_APP = "authFlag=2&cardNo=9404123412341234&track2Data=379404123412341234=0000&cardExpire=3012"
SENT = make_encdata(CARD, KEY, "AES-128-ECB")

Ask = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Run `encdata` in this process, with the secret key in the environment: status, stdout, stderr."""
    for name in [name for name in os.environ if name.startswith((PREFIX, "NICEPAY_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("NICEPAY_SECRET_KEY", KEY)

    def run(*arguments: str, stdin: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        status = cli.main(["encdata", *arguments])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


# make


@pytest.mark.parametrize(
    ("cipher", "plain", "arguments"),
    [
        ("AES-128-ECB", CARD, CARD.split("&")),
        ("AES-128-ECB", CARD, [CARD]),
        ("AES-128-CBC", CARD, ["--mode", "cbc", CARD]),
        ("AES-256-CBC", CARD, ["--mode", "a2", CARD]),
        ("AES-128-CBC", BY_APP, [BY_APP]),
        ("AES-128-ECB", BY_APP, ["--mode", "ecb", BY_APP]),
        (
            "AES-128-ECB",
            CARD,
            ["--card-no", "9404123412341234", "--exp-year", "30", "--exp-month", "12"],
        ),
        (
            "AES-128-ECB",
            f"{CARD}&idNo=800101&cardPw=12",
            ["--id-no", "800101", "--card-pw", "12", CARD],
        ),
    ],
)
def test_makes_one_line_of_hex(ask: Ask, cipher: str, plain: str, arguments: list[str]) -> None:
    """From pairs and options, in the given mode, or the usual one for these fields."""
    status, out, err = ask("make", *arguments)
    inside = open_encdata(out.strip(), KEY, [cipher]).values

    assert (0, "") == (status, err)
    assert sorted(plain.split("&")) == sorted(f"{name}={value}" for name, value in inside.items())


def test_makes_it_from_stdin(ask: Ask) -> None:
    """So that neither card number nor key (on the first line) is in the process list."""
    lines = CARD.replace("&", "\n")

    assert (0, f"{SENT}\n", "") == ask("make", "-", stdin=lines)
    assert (0, f"{SENT}\n", "") == ask("make", "--secret-key", "-", "-", stdin=f"{KEY}\n{lines}\n")


@pytest.mark.parametrize(
    ("said", "pairs"),
    [
        ("birth is not a field of encData; did you mean idNo?", [CARD, "birth=800101"]),
        ("cardNumber is not a field of encData; did you mean cardNo?", ["cardNumber=9404123412341234"]),
        ("expMonth inside encData is not there", ["cardNo=9404123412341234", "expYear=30"]),
        ("expYear inside encData has 4 characters", [CARD.replace("=30", "=2030")]),
        ("cardNo inside encData is empty", ["cardNo=", "expYear=30", "expMonth=12"]),
        ("cvc is not a field of encData; they are cardNo, expYear", [CARD, "cvc=123"]),
    ],
)  # fmt: skip
def test_makes_wrong_fields_as_well(ask: Ask, said: str, pairs: list[str]) -> None:
    """A test may need wrong data; what is wrong is reported on stderr, without any number."""
    status, out, err = ask("make", *pairs)

    assert 0 == status
    assert pairs[0].split("=")[0] in open_encdata(out.strip(), KEY, ["AES-128-ECB"]).values
    assert said in err
    assert "9404123412341234" not in err


@pytest.mark.parametrize(
    ("said", "arguments"),
    [
        ("a command is missing; there are make, open, why", []),
        ("there is no command 'mak'; did you mean make?", ["mak"]),
        ("there is nothing to encrypt", ["make"]),
        ("a field is written name=value", ["make", "9404000011112222"]),
        ("the secret key has 20 characters; AES-256-CBC needs 32",
         ["make", "--mode", "a2", "--secret-key", KEY[:20], CARD]),
        ("the secret key is missing", ["make", "--secret-key", "", CARD]),
        ("the secret key is missing", ["open", "--secret-key", "-", SENT]),
        ("'gcm' is not one of", ["make", "--mode", "gcm", CARD]),
        ("Missing argument 'ENCDATA'", ["open"]),
        ("'keyin' is not one of", ["why", "--call", "keyin", SENT]),
    ],
)  # fmt: skip
def test_tells_a_mistake_in_one_line(ask: Ask, said: str, arguments: list[str]) -> None:
    """Status 2 and nothing on stdout; the message does not repeat a mistyped number."""
    status, out, err = ask(*arguments)

    assert (2, "", 1) == (status, out, len(err.splitlines()))
    assert said in err
    assert "9404000011112222" not in err


# open


@pytest.mark.parametrize("text", [SENT, SENT.upper(), f" {SENT}\n"])
def test_opens_with_what_is_secret_masked(ask: Ask, text: str) -> None:
    """In a pipe: cipher and fields, tab-separated."""
    lines = ["cipher\tAES-128-ECB", "cardNo\t940412******1234", "expYear\t30", "expMonth\t12"]

    assert (0, "\n".join([*lines, ""]), "") == ask("open", text)
    assert (0, "\n".join([*lines, ""]), "") == ask("open", "-", stdin=text)


def test_masks_whatever_may_be_secret(ask: Ask) -> None:
    """Of password, birth date, track data and unknown fields only the length is shown."""
    plain = f"{BY_APP}&idNo=800101&cardPw=12&birthday=801225"
    _, out, _ = ask("open", make_encdata(plain, KEY, "AES-128-CBC"))

    assert ["authFlag\t2", "idNo\t******", "cardPw\t**", "birthday\t******", "cardExpire\t3012"] == [
        line for name in ("authFlag", "idNo", "cardPw", "birthday", "cardExpire")
        for line in out.splitlines() if line.startswith(f"{name}\t")
    ]  # fmt: skip
    assert "379404" not in out


def test_shows_all_when_asked_to(ask: Ask) -> None:
    """With --show nothing is masked."""
    assert "cardNo\t9404123412341234" in ask("open", "--show", SENT)[1].splitlines()


def test_what_does_not_open_is_explained(ask: Ask) -> None:
    """On stderr, in one line, with status 1."""
    status, out, err = ask("open", SENT[:-1])

    assert (1, "") == (status, out)
    assert "an odd number" in err


# why


@pytest.mark.parametrize(
    ("status", "said", "arguments"),
    [
        (0, "It opens with AES-128-ECB, as taken by subscribe.regist, keyin.pay.", [SENT]),
        (0, "as taken by", ["--call", "keyin.pay", SENT]),
        (1, "epay.pay takes AES-128-CBC or AES-256-CBC, and answers U306 to AES-128-ECB.",
         ["--call", "epay.pay", SENT]),
        (0, "as taken by subscribe.regist with encMode A2, epay.pay with encMode A2.",
         [make_encdata(CARD, KEY, "AES-256-CBC")]),
        (1, "birth is not a field of encData; did you mean idNo?",
         [make_encdata(f"{CARD}&birth=800101", KEY, "AES-128-ECB")]),
        (1, "it looks URL-encoded", [make_encdata("cardNo=9404%201234&expYear=30&expMonth=12", KEY, "AES-128-ECB")]),
        (1, "with the first 16 characters of another key (clientId)",
         ["--client-id", "S2_0123456789abcdef", make_encdata(CARD, "S2_0123456789abcdef", "AES-128-ECB")]),
        (1, "The secret key has 33 characters; NICEPAY's have 32.",
         ["--secret-key", f"x{KEY}", SENT]),
        (1, "the secret key here has 8 characters", ["--secret-key", KEY[:8], SENT]),
        (1, "What is expected: hex of AES-128-ECB (key", ["--call", "keyin.pay", "abc"]),
    ],
)  # fmt: skip
def test_explains_in_two_languages(ask: Ask, status: int, said: str, arguments: list[str]) -> None:
    """English and Korean in turn; status 1 when a call would refuse it. No value is printed."""
    code, out, err = ask("why", *arguments)
    lines = out.splitlines()

    assert (status, "") == (code, err)
    assert any(said in line for line in lines[::2])
    assert not any(line.isascii() for line in lines[1::2])
    assert "9404123412341234" not in out
    assert KEY not in out


# Help


@pytest.mark.parametrize("name", ["make", "open", "why"])
def test_help_has_an_example(ask: Ask, name: str) -> None:
    """The help of each action has a description, the source of the key, and an example."""
    status, out, _ = ask(name, "--help")

    assert 0 == status
    assert f"\n    mock-nicepay encdata {name} " in out
    assert "NICEPAY_SECRET_KEY" in out
