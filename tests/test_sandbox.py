"""A whole gateway: merchants apart from each other, time, scenarios, and what is remembered."""

import json
from base64 import b64encode
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest

from mock_nicepay.contract.endpoint import Reply, Request
from mock_nicepay.contract.times import ClockSetting, iso, parse_clock
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.core.records import Merchant, Payment, Token
from mock_nicepay.core.scenarios.language import ScenarioError
from mock_nicepay.core.stores.memory import MemoryStore
from mock_nicepay.front.control.tokens import token_rows
from mock_nicepay.sandbox import Sandbox
from mock_nicepay.settings import SettingError, Settings

NOW = "2023-02-28T12:53:17.657+0900"
MINUTE = timedelta(minutes=1)


def make(**options: Any) -> Sandbox:
    """A sandbox whose clock stands still."""
    settings = {"self_check": True, "clock": NOW, **options}
    return Sandbox(Settings.read(settings, environment={}))


@pytest.fixture
def sandbox() -> Sandbox:
    """A fresh gateway."""
    return make()


def login(merchant: Merchant) -> dict[str, str]:
    """The headers of a merchant's call."""
    pair = f"{merchant.client_id}:{merchant.secret_key}".encode()
    return {"authorization": f"Basic {b64encode(pair).decode()}"}


def ask(sandbox: Sandbox, merchant: Merchant, **headers: str) -> Reply:
    """The token call of a merchant."""
    request = Request("POST", "/v1/access-token", headers={**login(merchant), **headers})
    return sandbox.handle(request)


def token(sandbox: Sandbox, merchant: Merchant) -> str:
    """A merchant's access token."""
    return str(json.loads(ask(sandbox, merchant).body)["accessToken"])


def code(reply: Reply) -> str:
    """A reply's result code."""
    return str(json.loads(reply.body)["resultCode"])


def time_of(sandbox: Sandbox, merchant: Merchant) -> str:
    """The time of day of a merchant."""
    return iso(sandbox.tenants(merchant.client_id)[0].clock.now())[11:16]


def refusing(name: str, result: str = "3011", **rule: Any) -> dict[str, Any]:
    """A scenario that answers every token call with a code."""
    rules = [{"call": "token.issue", "reply": {"code": result}, **rule}]
    return {"version": 1, "name": name, "rules": rules}


def write(path: Path, scenario: dict[str, Any]) -> str:
    """A scenario's file, named after it."""
    file = path / f"{scenario['name']}.yaml"
    file.write_text(json.dumps(scenario), "utf-8")
    return str(file)


class TestMerchants:
    """Who there is."""

    def test_the_published_pairs_are_there_at_once(self, sandbox: Sandbox) -> None:
        """All three, and ours of each narrower type, each able to log in."""
        merchants = sandbox.merchants()
        assert ["any", "any", "any", "basic", "token"] == [m.auth_type for m in merchants]
        assert ["0000", "0000", "0000", "U103", "0000"] == [
            code(ask(sandbox, m)) for m in merchants
        ]

    def test_a_new_one_can_log_in(self, sandbox: Sandbox) -> None:
        """With what add_merchant gives back, and it is the youngest."""
        merchant = sandbox.add_merchant(window="client", name="상점")
        assert ("0000", merchant) == (code(ask(sandbox, merchant)), sandbox.merchants()[-1])

    def test_an_id_can_be_had_once(self, sandbox: Sandbox) -> None:
        """The second is refused with 409, and the first keeps its key."""
        first = sandbox.add_merchant(clientId="S2_mine")
        with pytest.raises(
            Misuse, match="there is already a merchant with the client id S2_mine"
        ) as taken:
            sandbox.add_merchant(clientId="S2_mine")
        assert (409, first) == (taken.value.status, sandbox.merchant("S2_mine"))

    @pytest.mark.parametrize(
        ("trait", "hint"),
        [
            ("self", "it has clientId"),
            ("clientid", "did you mean clientId?"),
            ("id", "did you mean"),
        ],
    )
    def test_an_unknown_trait_is_refused(self, trait: str, hint: str, sandbox: Sandbox) -> None:
        """Whatever it is called; the nearest is named, or all of them."""
        with pytest.raises(Misuse, match=f"a merchant has no '{trait}'; {hint}"):
            sandbox.add_merchant(**{trait: "x"})

    @pytest.mark.parametrize(
        ("expected", "client_id"),
        [
            (
                "there is no merchant with the client id 'S2_mini'; the nearest is S2_mine",
                "S2_mini",
            ),
            ("there is no merchant with the client id 'zzz'", "zzz"),
        ],
    )
    def test_an_unknown_one_has_a_neighbour(
        self, expected: str, client_id: str, sandbox: Sandbox
    ) -> None:
        """Status 404, and the id that comes nearest."""
        sandbox.add_merchant(clientId="S2_mine")
        with pytest.raises(Misuse) as unknown:
            sandbox.merchant(client_id)
        assert (expected, 404) == (unknown.value.message, unknown.value.status)

    def test_eight_threads_add_eight(self, sandbox: Sandbox) -> None:
        """No two get the same key pair."""
        barrier = Barrier(8)

        def work() -> None:
            barrier.wait()
            for _ in range(10):
                sandbox.add_merchant()

        threads = [Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (85, 85) == (
            len(sandbox.merchants()),
            len({merchant.secret_key for merchant in sandbox.merchants()}),
        )

    def test_a_file_adds_more(self, tmp_path: Path) -> None:
        """After the published ones, and a published id may be given another key."""
        published = make().merchants()[0].client_id
        file = tmp_path / "more.yaml"
        file.write_text(f"merchants: [{{clientId: S2_x}}, {{clientId: {published}, secretKey: k}}]")
        sandbox = make(merchants=[str(file)])
        assert ["S2_x", "k"] == [
            sandbox.merchants()[-1].client_id,
            sandbox.merchant(published).secret_key,
        ]

    @pytest.mark.parametrize(
        ("expected", "text"),
        [
            ("expected a key `merchants` with a list", "{}"),
            (
                "more.yaml, entry 1: window is 'x'; expected one of server, client",
                "merchants: [{window: x}]",
            ),
        ],
    )
    def test_a_wrong_file_ends_the_start(self, expected: str, text: str, tmp_path: Path) -> None:
        """With one line that names the setting, the file and the place."""
        file = tmp_path / "more.yaml"
        file.write_text(text)
        with pytest.raises(SettingError) as wrong:
            make(merchants=[str(file)])
        assert str(wrong.value).startswith(f"--merchants: {file}")
        assert expected in str(wrong.value)


@pytest.fixture
def pair(sandbox: Sandbox) -> tuple[Merchant, Merchant]:
    """Two merchants of the same gateway."""
    return sandbox.add_merchant(clientId="S2_one"), sandbox.add_merchant(clientId="S2_two")


class TestIsolation:
    """Two merchants never meet."""

    def test_each_has_tokens_of_its_own(
        self, sandbox: Sandbox, pair: tuple[Merchant, Merchant]
    ) -> None:
        """And each list of tokens shows its own only."""
        one, two = pair
        assert token(sandbox, one) != token(sandbox, two)
        assert [["S2_one"], ["S2_two"], ["S2_one", "S2_two"]] == [
            [row["merchant"] for row in token_rows(sandbox, client_id)]
            for client_id in ("S2_one", "S2_two", "")
        ]

    def test_each_has_payments_of_its_own(
        self, sandbox: Sandbox, pair: tuple[Merchant, Merchant]
    ) -> None:
        """Another merchant's payment is like an unknown one, by tid and by order."""
        one, two = pair
        sandbox.store.put(Payment("T1", one.client_id, "O-1", 1, 1, "goods", "card", "paid"))
        found = {
            merchant.client_id: [
                code(sandbox.handle(Request("GET", path, headers=login(merchant))))
                for path in ("/v1/payments/T1", "/v1/payments/find/O-1")
            ]
            for merchant in (one, two)
        }
        assert {"S2_one": ["0000", "0000"], "S2_two": ["U107", "U107"]} == found

    def test_each_has_a_scenario_clock_and_journal_of_its_own(
        self, sandbox: Sandbox, pair: tuple[Merchant, Merchant]
    ) -> None:
        """What is chosen for one is nothing to the other."""
        one, two = pair
        sandbox.choose_scenario(refusing("s"), one.client_id)
        sandbox.advance(31 * MINUTE, one.client_id)
        assert [("3011", "13:24"), ("0000", "12:53")] == [
            (code(ask(sandbox, merchant)), time_of(sandbox, merchant)) for merchant in pair
        ]
        assert ([1], [2], [2, 1]) == (
            [entry.id for entry in sandbox.journal(one.client_id)],
            [entry.id for entry in sandbox.journal(two.client_id)],
            [entry.id for entry in sandbox.journal()],
        )

    def test_a_merchant_invents_the_same_whatever_others_do(self) -> None:
        """The stream of chance is each merchant's own, so the order of tests plays no part."""
        quiet, busy = make(), make()
        for other in busy.merchants()[1:]:
            ask(busy, other)
        assert token(quiet, quiet.merchants()[0]) == token(busy, busy.merchants()[0])


class TestReset:
    """Forgetting."""

    def test_one_is_as_new_and_the_other_as_before(
        self, sandbox: Sandbox, pair: tuple[Merchant, Merchant]
    ) -> None:
        """Records, journal, scenario and clock of one go; its key stays, and everything of the other."""
        one, two = pair
        before = [token(sandbox, merchant) for merchant in pair]
        for merchant in pair:
            sandbox.store.put(
                Payment(
                    f"T-{merchant.client_id}", merchant.client_id, "O", 1, 1, "g", "card", "paid"
                )
            )
            sandbox.advance(5 * MINUTE, merchant.client_id)
            sandbox.choose_scenario(refusing("s", times=1), merchant.client_id)
        sandbox.reset(one.client_id)
        assert ([], ["T-S2_two"]) == (
            sandbox.store.find(Payment, "S2_one"),
            [payment.tid for payment in sandbox.store.find(Payment, "S2_two")],
        )
        assert [(0, "12:53"), (1, "12:58")] == [
            (len(sandbox.journal(merchant.client_id)), time_of(sandbox, merchant))
            for merchant in pair
        ]
        assert before[0] == token(sandbox, one)
        assert ["3011", "0000"] == [code(ask(sandbox, two)) for _ in range(2)]
        assert before[1] == token(sandbox, two)

    def test_all_are_as_at_the_start(
        self, sandbox: Sandbox, pair: tuple[Merchant, Merchant]
    ) -> None:
        """Also what was set for merchants to come; the keys of all stay."""
        for merchant in pair:
            ask(sandbox, merchant)
        sandbox.advance(5 * MINUTE)
        sandbox.choose_scenario(refusing("s"))
        sandbox.reset()
        later = sandbox.add_merchant()
        assert [("12:53", "0000")] * 3 == [
            (time_of(sandbox, merchant), code(ask(sandbox, merchant)))
            for merchant in (*pair, later)
        ]

    def test_calls_of_nobody_are_forgotten_too(self, sandbox: Sandbox) -> None:
        """By their name, or with all."""
        for client_id in ("unknown", ""):
            sandbox.handle(Request("GET", "/v1/nowhere"))
            sandbox.reset(client_id)
            assert [] == sandbox.journal("unknown")

    @pytest.mark.parametrize("others", [1, 100])
    def test_its_work_does_not_grow_with_the_others(
        self, others: int, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Only what the one merchant owns is written: its token goes."""
        one = sandbox.add_merchant()
        for merchant in (one, *(sandbox.add_merchant() for _ in range(others))):
            ask(sandbox, merchant)
        work: Counter[str] = Counter()
        for name in ("_write", "get", "find", "snapshot", "clear"):
            plain = getattr(MemoryStore, name)

            def counted(
                self: Any, *args: Any, plain: Any = plain, name: str = name, **more: Any
            ) -> Any:
                work[name] += 1
                return plain(self, *args, **more)

            monkeypatch.setattr(MemoryStore, name, counted)
        sandbox.reset(one.client_id)
        assert {"_write": 1, "clear": 1, "get": 1} == work


class TestTime:
    """Clocks of one merchant and of all."""

    def test_all_that_are_and_will_be_are_moved(
        self, sandbox: Sandbox, pair: tuple[Merchant, Merchant]
    ) -> None:
        """Without a merchant the time of everybody moves, each from where it is."""
        sandbox.advance(10 * MINUTE, "S2_one")
        time_of(sandbox, pair[1])
        sandbox.advance(5 * MINUTE)
        later = sandbox.add_merchant()
        assert ["13:08", "12:58", "12:58"] == [
            time_of(sandbox, merchant) for merchant in (*pair, later)
        ]

    @pytest.mark.parametrize(
        ("expected", "start", "spans"),
        [
            (ClockSetting(), "real", ()),
            (ClockSetting("moved", 5 * MINUTE), "real", (5,)),
            (ClockSetting("moved", 125 * MINUTE), "+2h", (5,)),
            (ClockSetting(), "-5m", (5,)),
            (parse_clock("2023-02-28T13:00:00+0900"), "2023-02-28T12:53:00+0900", (5, 2)),
        ],
    )
    def test_merchants_to_come_begin_later(
        self, expected: ClockSetting, start: str, spans: tuple[int, ...]
    ) -> None:
        """A clock that runs is moved, one that stands still stands later."""
        sandbox = make(clock=start)
        for span in spans:
            sandbox.advance(span * MINUTE)
        assert expected == sandbox.default_clock()

    def test_a_clock_is_set_for_one_or_for_all(
        self, sandbox: Sandbox, pair: tuple[Merchant, Merchant]
    ) -> None:
        """All includes those to come, and those that had a clock of their own."""
        one, two = pair
        sandbox.set_clock(parse_clock("2026-01-31T09:00:00"), "S2_one")
        assert ["09:00", "12:53"] == [time_of(sandbox, merchant) for merchant in pair]
        sandbox.set_clock(parse_clock("2026-01-31T10:00:00"))
        assert ["10:00"] * 3 == [
            time_of(sandbox, merchant) for merchant in (one, two, sandbox.add_merchant())
        ]

    def test_a_token_dies_when_the_time_comes(
        self, sandbox: Sandbox, pair: tuple[Merchant, Merchant]
    ) -> None:
        """By its merchant's clock, not by another's."""
        before = [token(sandbox, merchant) for merchant in pair]
        sandbox.advance(30 * MINUTE, "S2_one")
        after = [token(sandbox, merchant) for merchant in pair]
        assert [False, True] == [old == new for old, new in zip(before, after, strict=True)]

    @pytest.mark.parametrize(
        ("state", "left", "happens"),
        [
            ("live", 1800, lambda sandbox: None),
            ("live", 1, lambda sandbox: sandbox.advance(timedelta(seconds=1798.5))),
            ("expired", 0, lambda sandbox: sandbox.advance(30 * MINUTE)),
            ("revoked", 1740, lambda sandbox: play(sandbox, "token.revoke")),
            ("expired", 0, lambda sandbox: play(sandbox, "token.expire")),
            ("forged", 0, lambda sandbox: forge(sandbox)),
        ],
    )
    def test_tokens_are_listed_with_what_they_stand_for(
        self, state: str, left: int, happens: Callable[[Sandbox], None], sandbox: Sandbox
    ) -> None:
        """Live, expired, revoked or forged, and for how many seconds more."""
        merchant = sandbox.merchants()[0]
        ask(sandbox, merchant)
        happens(sandbox)
        (row,) = token_rows(sandbox, merchant.client_id)
        assert (state, left) == (row["state"], row["secondsLeft"])
        if state == "forged":
            assert row["claims"] is None
        else:
            assert (merchant.client_id, NOW) == (row["claims"]["sub"], row["claims"]["iat"])


def play(sandbox: Sandbox, action: str) -> None:
    """Have a timeline do something within the next minute."""
    timeline = [{"at": "+30s", "do": action}]
    merchant = sandbox.merchants()[0].client_id
    sandbox.choose_scenario({"version": 1, "name": "s", "timeline": timeline}, merchant)
    sandbox.advance(MINUTE, merchant)


def forge(sandbox: Sandbox) -> None:
    """Change the claims of every token in the store."""
    for each in sandbox.store.find(Token):
        sandbox.store.put(replace(each, claims=f"{each.claims}x"))


def dialogue(sandbox: Sandbox) -> list[bytes]:
    """The answers to a row of calls, some of them by a merchant that was invented on the way."""
    merchant = sandbox.add_merchant()
    answers = [json.dumps([merchant.client_id, merchant.secret_key, merchant.mid]).encode()]
    for each in (*sandbox.merchants(), merchant):
        answers.append(ask(sandbox, each).body)
        sandbox.advance(31 * MINUTE, each.client_id)
        answers.append(ask(sandbox, each).body)
    sandbox.reset(merchant.client_id)
    return [*answers, ask(sandbox, merchant).body]


class TestSeed:
    """One source of chance."""

    def test_the_same_seed_and_calls_give_the_same_answers(self) -> None:
        """To the byte, in two gateways, with the keys of an invented merchant."""
        assert dialogue(make(seed="7")) == dialogue(make(seed="7"))

    def test_another_seed_gives_other_answers(self) -> None:
        """No token and no key is the same."""
        one, two = dialogue(make(seed="7")), dialogue(make(seed="8"))
        same = [a for a, b in zip(one, two, strict=True) if a == b]
        assert ["U103", "U103"] == [json.loads(answer)["resultCode"] for answer in same]


class TestScenarios:
    """What plays, and where it was found."""

    @pytest.mark.parametrize(
        "source",
        [{"version": 1}, {"version": 1, "name": "s", "rulez": []}, "version: 2\nname: s", [1]],
    )
    def test_mistakes_are_told_and_nothing_changes(self, source: object, sandbox: Sandbox) -> None:
        """What played before plays on."""
        merchant = sandbox.merchants()[0]
        sandbox.choose_scenario(refusing("s"), merchant.client_id)
        with pytest.raises((ScenarioError, Misuse)):
            sandbox.choose_scenario(source, merchant.client_id)
        assert "3011" == code(ask(sandbox, merchant))

    @pytest.mark.parametrize(
        ("error", "expected", "name"),
        [
            (SettingError, "--scenario: there is no scenario 'sucess'; did you mean", "sucess"),
            (SettingError, "--scenario: there is no scenario 'zzzzzz'", "zzzzzz"),
            (ScenarioError, "absent.yaml:1:1: there is no such file", "absent.yaml"),
            (ScenarioError, "there is no such file", "./absent"),
        ],
    )
    def test_a_wrong_scenario_ends_the_start(
        self, error: type[Exception], expected: str, name: str
    ) -> None:
        """A name has a neighbour, a file has a line and a column."""
        with pytest.raises(error) as wrong:
            make(scenario=[name])
        assert expected in str(wrong.value)

    def test_the_nearest_scenario_is_asked_first(self, tmp_path: Path) -> None:
        """The request's own, then the merchant's, then those of the start, in their order."""
        names = {"asked": "3011", "mine": "3012", "first": "3013", "second": "3014"}
        files = {
            name: write(tmp_path, refusing(name, result, times=1)) for name, result in names.items()
        }
        sandbox = make(scenario=[files["first"], files["second"], files["asked"]])
        merchant = sandbox.merchants()[0]
        sandbox.choose_scenario(Path(files["mine"]), merchant.client_id)
        header = {"x-mock-nicepay-scenario": "asked"}
        assert ["3011", "3012", "3013", "3014", "3011", "0000"] == [
            code(ask(sandbox, merchant, **header)) for _ in range(6)
        ]

    def test_a_scenario_of_one_request_is_nothing_to_the_next(self, sandbox: Sandbox) -> None:
        """And its counters go on where they were."""
        merchant = sandbox.merchants()[0]
        headers: list[dict[str, str]] = [{"x-mock-nicepay-scenario": "gateway-502"}, {}]
        assert [502, 200, 502, 200] == [
            ask(sandbox, merchant, **header).status for header in headers * 2
        ]

    def test_a_scenario_for_all_plays_for_those_to_come(
        self, sandbox: Sandbox, pair: tuple[Merchant, Merchant]
    ) -> None:
        """Until it is dropped, for all or for one."""
        ask(sandbox, pair[0])
        sandbox.choose_scenario(refusing("s"))
        merchants = [*pair, sandbox.add_merchant()]
        assert ["3011"] * 3 == [code(ask(sandbox, merchant)) for merchant in merchants]
        sandbox.drop_scenario("S2_one")
        assert ["0000", "3011", "3011"] == [code(ask(sandbox, merchant)) for merchant in merchants]
        sandbox.drop_scenario()
        merchants = [*merchants, sandbox.add_merchant()]
        assert ["0000"] * 4 == [code(ask(sandbox, merchant)) for merchant in merchants]

    def test_a_report_counts_who_called(
        self, sandbox: Sandbox, pair: tuple[Merchant, Merchant]
    ) -> None:
        """Without a merchant only those that called, never strangers; with one, that one."""
        sandbox.choose_scenario(refusing("s"))
        ask(sandbox, pair[0])
        sandbox.handle(Request("POST", "/v1/access-token"))
        assert [["S2_one"], ["S2_two"], ["unknown"]] == [
            [row["merchant"] for row in sandbox.report(client_id)]
            for client_id in ("", "S2_two", "unknown")
        ]


def test_a_sandbox_takes_settings_as_keywords(monkeypatch: pytest.MonkeyPatch) -> None:
    """As text or as values; what is not given comes from the environment."""
    monkeypatch.setenv("MOCK_NICEPAY_EDITION", "manual")
    sandbox = Sandbox(seed=5, token_lifetime="1h")
    assert ("manual", 5, timedelta(hours=1)) == (
        sandbox.settings.edition,
        sandbox.settings.seed,
        sandbox.settings.token_lifetime,
    )


def test_sandboxes_share_nothing() -> None:
    """Two in one process: a merchant, a token and a scenario of one are unknown to the other."""
    one, two = make(), make(seed="9")
    merchant = one.add_merchant()
    one.choose_scenario(refusing("s"), one.merchants()[0].client_id)
    assert ("U116", "0000") == (code(ask(two, merchant)), code(ask(two, two.merchants()[0])))
    known = two.merchants()[1]
    bearer = {"authorization": f"Bearer {token(one, known)}"}
    assert "U104" == code(two.handle(Request("GET", "/v1/payments/T1", headers=bearer)))


def test_servers_with_one_key_would_know_each_others_tokens() -> None:
    """The key is a setting; without one each sandbox makes its own."""
    merchant = make().merchants()[0]
    made = [make(token_key=key) for key in ("same", "same", "", "")]
    for sandbox in made:
        ask(sandbox, merchant)
    records = [sandbox.store.find(Token)[0] for sandbox in made]
    assert [True, False, False] == [
        made[0].tokens.claims(records[1]) is not None,
        made[0].tokens.claims(records[2]) is not None,
        made[2].tokens.claims(records[3]) is not None,
    ]
