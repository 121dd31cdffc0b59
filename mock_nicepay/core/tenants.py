"""What runs for one merchant beside its records: its clock, its chance, its journal, its scenarios."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import count
from threading import RLock

from mock_nicepay.contract.editions import Edition
from mock_nicepay.contract.times import ClockSetting
from mock_nicepay.core.clock import Alarm, Clock, UnderWay
from mock_nicepay.core.identity import Identity
from mock_nicepay.core.journal import Journal
from mock_nicepay.core.records import STRANGER, Merchant
from mock_nicepay.core.scenarios.language import Scenario
from mock_nicepay.core.scenarios.player import Player, Stage
from mock_nicepay.settings import Settings


@dataclass(frozen=True, slots=True)
class Defaults:
    """What every merchant begins with."""

    settings: Settings
    clock: ClockSetting
    scenarios: tuple[Scenario, ...]  # those given at start
    chosen: Scenario | None = None  # the one put in front of them for all merchants
    address: str = ""  # where a server of ours listens, once one does


class Tenant:
    """One merchant's running parts. The stranger's tenant serves calls that name no merchant."""

    def __init__(
        self,
        merchant: Merchant | None,
        defaults: Defaults,
        stage: Stage,
        numbers: "count[int]",
        alarm: Alarm | None = None,
    ) -> None:
        self.merchant = merchant
        # Those of all its key pairs: what is to be masked wherever it turns up.
        self.secrets: tuple[str, ...] = (merchant.secret_key,) if merchant else ()
        self.client_id = merchant.client_id if merchant else STRANGER
        self._defaults = defaults
        self._stage = stage
        self.under_way = UnderWay()  # what receivers outside have not answered yet
        self.clock = Clock(outside=self.under_way, alarm=alarm)
        settings = defaults.settings
        self.journal = Journal(settings.journal_size, numbers, settings.journal_bytes)
        self.begin(defaults)

    def is_now(self, merchant: Merchant, secrets: tuple[str, ...]) -> None:
        """Know what the merchant has become, and the secret keys of its pairs."""
        self.merchant = merchant
        self.secrets = secrets

    def begin(self, defaults: Defaults) -> None:
        """Start as on the first day: no journal, the sandbox's clock and scenarios, the same chance."""
        self._defaults = defaults
        self.life = object()  # what was begun in another one is of no account any more
        self.journal.clear()
        self.clock.forget()
        self.clock.set(defaults.clock)
        self.identity = Identity(defaults.settings.seed, self.client_id)
        self.own: Player | None = None
        self._by_request: dict[str, Player] = {}
        given = [each for each in defaults.scenarios if _is_for(each, self.merchant)]
        self._prepare(given)
        self.standing = [self._player(scenario) for scenario in given]
        self.choose_if_fitting(defaults.chosen)

    def choose(self, scenario: Scenario | None) -> None:
        """Play `scenario` before those given at start; None ends the one that was chosen."""
        if self.own is not None:
            self.own.end()
            self.own = None
        if scenario is not None:
            self._prepare([scenario])
            self.own = self._player(scenario)
        self._settle_edition()

    def choose_if_fitting(self, scenario: Scenario | None) -> None:
        """The same for a scenario that was chosen for all merchants its `select` fits."""
        self.choose(scenario if scenario is not None and _is_for(scenario, self.merchant) else None)

    def asked_for(self, scenario: Scenario) -> Player:
        """The player of a scenario that a single request named; its counters go on between requests."""
        player = self._by_request.get(scenario.name)
        if player is None:  # of two threads the first one's player plays for both
            player = self._by_request.setdefault(scenario.name, self._player_of(scenario))
        return player

    @property
    def maintenance(self) -> bool:
        """Whether a scenario in play has the gateway down."""
        return any(player.maintenance for player in self.players())

    def players(self) -> list[Player]:
        """The scenarios that play for every call, the merchant's own first."""
        return ([self.own] if self.own is not None else []) + self.standing

    def listens_at(self, address: str) -> None:
        """Know from now on where a server of ours listens."""
        self._defaults = replace(self._defaults, address=address)
        self._settle_edition()

    def _prepare(self, scenarios: list[Scenario]) -> None:
        """Set clock and chance as the scenarios say; of several the first that says so counts."""
        clock = next((each.clock for each in scenarios if each.clock is not None), None)
        seed = next((each.seed for each in scenarios if each.seed is not None), None)
        if clock is not None:
            self.clock.set(clock)
        if seed is not None:
            self.identity = Identity(seed, self.client_id)

    def _player(self, scenario: Scenario) -> Player:
        player = self._player_of(scenario)
        self._stage.begin(player)
        player.begin_timeline()
        return player

    def _player_of(self, scenario: Scenario) -> Player:
        return Player(scenario, self._stage, self.client_id, self.clock, begun=self.clock.now())

    def _settle_edition(self) -> None:
        chosen = next((p.scenario.edition for p in self.players() if p.scenario.edition), "")
        self.edition: Edition = self._defaults.settings.switches(
            chosen or (self.merchant.edition if self.merchant else ""), self._defaults.address
        )


def _is_for(scenario: Scenario, merchant: Merchant | None) -> bool:
    if not scenario.select:
        return True
    if merchant is None:
        return False
    traits = {
        "client": merchant.client_id,
        "window": merchant.window,
        "authType": merchant.auth_type,
    }
    return all(condition.holds(traits[name]) for name, condition in scenario.select)


class Tenants:
    """Every tenant of a sandbox, and what a new one begins with."""

    def __init__(self, defaults: Defaults, stage: Stage, alarm: Alarm | None = None) -> None:
        self.defaults = defaults
        self._stage = stage
        self._alarm = alarm
        self._numbers = count(1)
        self._lock = RLock()
        self._tenants: dict[str, Tenant] = {}
        self.stranger = Tenant(None, defaults, stage, self._numbers, alarm)

    def of(self, merchant: Merchant | None) -> Tenant:
        """The tenant of a merchant; of None the stranger's."""
        if merchant is None:
            return self.stranger
        tenant = self._tenants.get(merchant.client_id)
        if tenant is None:
            with self._lock:
                tenant = self._tenants.get(merchant.client_id)
                if tenant is None:
                    tenant = Tenant(
                        merchant, self.defaults, self._stage, self._numbers, self._alarm
                    )
                    self._tenants[merchant.client_id] = tenant
        return tenant

    def change_all(
        self, defaults: Callable[[Defaults], Defaults], change: Callable[[Tenant], None]
    ) -> None:
        """Change every tenant there is, and what those to come begin with, as one step."""
        with self._lock:
            self.defaults = defaults(self.defaults)
            for tenant in self:
                change(tenant)

    def change_defaults(self, defaults: Callable[[Defaults], Defaults]) -> list[Tenant]:
        """Change what tenants to come begin with; gives back those there are, as one step.

        For what is not to be done to each of them while nobody else can be let in.
        """
        with self._lock:
            self.defaults = defaults(self.defaults)
            return list(self)

    def reset(self, tenant: Tenant) -> None:
        """Start one tenant anew."""
        tenant.begin(self.defaults)

    def __len__(self) -> int:
        """How many merchants have a tenant by now."""
        return len(self._tenants)

    def __iter__(self) -> Iterator[Tenant]:
        """Every tenant there is by now, the stranger last."""
        return iter([*list(self._tenants.values()), self.stranger])
