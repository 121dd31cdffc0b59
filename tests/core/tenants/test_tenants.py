"""What runs for one merchant: begun anew, its scenarios, its edition, and that it is made once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from threading import Barrier, Thread
from typing import Any

import pytest

from mock_nicepay.contract.times import KST, ClockSetting
from mock_nicepay.core.journal.entries import Entry
from mock_nicepay.core.records import Merchant
from mock_nicepay.core.scenarios.language import Event, Scenario
from mock_nicepay.core.scenarios.player import Player
from mock_nicepay.core.scenarios.reader import read_value
from mock_nicepay.core.tenants.tenant import Defaults, Tenant
from mock_nicepay.core.tenants.tenants import Tenants
from mock_nicepay.settings import Settings

NOON = datetime(2023, 2, 28, 12, tzinfo=KST)
MERCHANT = Merchant("S2_a", "secret")


class Silent:
    """A stage on which nothing happens."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def begin(self, player: Player) -> None:
        """Nothing has to be prepared."""

    def perform(self, event: Event, player: Player) -> None:
        """Write it down."""
        self.done.append(event.action)

    def finals(self, player: Player) -> list[dict[str, Any]]:
        """Nobody has anything."""
        return []


def scenario(name: str, **parts: Any) -> Scenario:
    """A scenario of that name."""
    return read_value({"version": 1, "name": name, **parts})


def defaults(*scenarios: Scenario, chosen: Scenario | None = None, **options: Any) -> Defaults:
    """What merchants begin with: a clock that stands at noon."""
    settings = Settings.read(options, environment={})
    return Defaults(settings, ClockSetting("frozen", moment=NOON), scenarios, chosen)


def tenant(begin: Defaults, merchant: Merchant | None = MERCHANT) -> Tenant:
    """A merchant's running parts."""
    return Tenant(merchant, begin, Silent(), count(1))


def playing(of: Tenant) -> list[str]:
    """The names of what plays, the first to be asked first."""
    return [player.scenario.name for player in of.players()]


def test_the_own_scenario_comes_before_those_of_the_start() -> None:
    """Stacked in their order; dropping the own one leaves the others."""
    of = tenant(defaults(scenario("one"), scenario("two")))
    assert ["one", "two"] == playing(of)
    of.choose(scenario("mine"))
    assert ["mine", "one", "two"] == playing(of)
    of.choose(scenario("other"))
    assert ["other", "one", "two"] == playing(of)
    of.choose(None)
    assert ["one", "two"] == playing(of)


@pytest.mark.parametrize(
    ("expected", "select", "merchant"),
    [
        (["s"], "S2_*", MERCHANT),
        ([], "S1_*", MERCHANT),
        (["s"], {"window": "server", "authType": "any"}, MERCHANT),
        ([], {"window": "server", "authType": "token"}, MERCHANT),
        (["s"], {"client": "S2_a"}, MERCHANT),
        ([], "*", None),
    ],
)
def test_a_scenario_plays_for_the_merchants_it_selects(
    expected: list[str], select: Any, merchant: Merchant | None
) -> None:
    """All conditions must hold, and a stranger is never selected."""
    assert expected == playing(tenant(defaults(scenario("s", select=select)), merchant))


def test_a_scenario_without_select_plays_for_strangers_too() -> None:
    """Calls that name no merchant meet it."""
    assert ["s"] == playing(tenant(defaults(scenario("s")), None))


@pytest.mark.parametrize(
    ("expected", "own", "standing", "merchant", "setting"),
    [
        ("union", "", "", "", "union"),
        ("manual", "", "", "", "manual"),
        ("gateway", "", "", "gateway", "manual"),
        ("union", "", "union", "gateway", "manual"),
        ("manual", "manual", "union", "gateway", "union"),
    ],
)
def test_the_nearest_edition_wins(
    expected: str, own: str, standing: str, merchant: str, setting: str
) -> None:
    """The own scenario's, one of the start's, the merchant's, the sandbox's: in this order."""

    def named(edition: str) -> dict[str, str]:
        return {"edition": edition} if edition else {}

    begin = defaults(scenario("standing", **named(standing)), edition=setting)
    of = tenant(begin, Merchant("S2_a", "secret", edition=merchant))
    of.choose(scenario("own", **named(own)))
    assert expected == of.edition.name


def test_an_ended_scenario_takes_its_edition_and_its_future_with_it() -> None:
    """What it had planned does not happen, and what others planned does."""
    timeline = [{"at": "+5m", "do": "token.expire"}]
    of = tenant(defaults(scenario("stays", timeline=timeline)))
    of.choose(scenario("goes", edition="gateway", timeline=timeline))
    assert ("gateway", 2) == (of.edition.name, len(of.clock.pending()))
    of.choose(None)
    assert ("union", 1) == (of.edition.name, len(of.clock.pending()))


def test_a_scenario_sets_clock_and_chance() -> None:
    """A scenario with a clock and a seed plays the same wherever it is chosen."""
    chosen = scenario("s", clock="2026-01-31T09:00:00+0900", seed=7)
    one, two = tenant(defaults(seed="1")), tenant(defaults(seed="2"))
    assert one.identity.hex(8) != two.identity.hex(8)
    one.choose(chosen)
    two.choose(chosen)
    assert one.identity.hex(8) == two.identity.hex(8)
    assert "2026-01-31" == one.clock.now().date().isoformat()


def entry(of: Tenant) -> Entry:
    """Some entry of a journal."""
    return Entry(
        of.journal.next_id(), NOON, "", "", "GET", "/", "", {}, None,
        200, "", "", None, "", "", 0, "commit", "ok", 0.0, None, "",
    )  # fmt: skip


def test_a_tenant_begins_as_on_the_first_day() -> None:
    """Journal, clock, chance, scenarios and counters are as new; the numbers of entries go on."""
    begin = defaults(scenario("s", timeline=[{"at": "+90m", "do": "token.expire"}]))
    of = tenant(begin)
    first = of.identity.hex(8)
    of.journal.add(entry(of))
    of.clock.advance(timedelta(minutes=31))
    of.choose(scenario("mine"))
    of.asked_for(scenario("asked"))
    of.begin(begin)
    assert (0, NOON, first, ["s"], 1, 1) == (
        len(of.journal),
        of.clock.now(),
        of.identity.hex(8),
        playing(of),
        len(of.players()),
        len(of.clock.pending()),
    )
    assert 2 == of.journal.next_id()


def test_a_scenario_of_single_requests_counts_on() -> None:
    """The same player serves each request that names it, and plays for no other."""
    of = tenant(defaults(scenario("one")))
    asked = of.asked_for(scenario("asked"))
    assert asked is of.asked_for(scenario("asked"))
    assert ["one"] == playing(of)


def at_once(work: Callable[[], Any]) -> list[Any]:
    """What eight threads get that do the same at the same time."""
    barrier = Barrier(8)
    got: list[Any] = []

    def begin() -> None:
        barrier.wait()
        got.append(work())

    threads = [Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got


def test_eight_threads_share_one_player() -> None:
    """A scenario that single requests name has one set of counters."""
    of = tenant(defaults())
    asked = scenario("asked")
    assert 1 == len({id(player) for player in at_once(lambda: of.asked_for(asked))})


def test_a_merchant_is_made_once() -> None:
    """Eight threads that need it at once get the same tenant; nobody is the stranger."""
    tenants = Tenants(defaults())
    tenants.begin(Silent())
    assert 1 == len({id(of) for of in at_once(lambda: tenants.of(MERCHANT))})
    assert tenants.of(None) is tenants.stranger
    assert ["S2_a", "unknown"] == [of.client_id for of in tenants]


def test_a_new_merchant_begins_with_the_defaults_of_the_moment() -> None:
    """What was chosen for all that will be plays for one that comes later."""
    tenants = Tenants(defaults())
    tenants.begin(Silent())
    early = tenants.of(MERCHANT)
    later = scenario("later")
    tenants.change_all(lambda before: replace(before, chosen=later), lambda of: None)
    assert ([], ["later"]) == (playing(early), playing(tenants.of(Merchant("S2_b", "x"))))
    tenants.reset(early)
    assert ["later"] == playing(early)
