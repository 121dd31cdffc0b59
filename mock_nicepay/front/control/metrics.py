"""`GET /_mock/metrics`: counts and present state in Prometheus' text format.

The Prometheus client library writes the format. It is imported on the first request, because the
import is slow and most runs are not monitored.
"""

import platform
from collections import Counter
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from mock_nicepay.contract.endpoint import Reply
from mock_nicepay.core.meter import BOUNDS, Durations, Meter
from mock_nicepay.core.records import Delivery, Merchant, Payment
from mock_nicepay.front.control.asked import Asked
from mock_nicepay.front.guard import PRIVATE
from mock_nicepay.sandbox import Sandbox

# Every version of Prometheus reads this one; no metric here needs a newer one.
_MEDIA = "text/plain; version=0.0.4; charset=utf-8"


def show_metrics(sandbox: Sandbox, asked: Asked) -> Reply:
    """Show the counts of calls and deliveries, and of the records held, in Prometheus' text format."""
    from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest

    registry = CollectorRegistry(auto_describe=False)
    if sandbox.meters is None:  # with several workers, each request would show another process
        ProcessCollector(registry=registry)  # memory, processor time, open files; Linux only
    registry.register(_Collected(sandbox))
    return Reply(200, (("Content-Type", _MEDIA), *PRIVATE.items()), generate_latest(registry))


class _Collected:
    """A collector, as the library calls it, for one sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def collect(self) -> Iterator[Any]:
        """Every family of metrics."""
        yield _build(self._sandbox)
        meters = self._sandbox.meters
        yield from _counted(self._sandbox.meter if meters is None else meters.total())
        yield from _held(self._sandbox)


def _build(sandbox: Sandbox) -> Any:
    from prometheus_client.core import InfoMetricFamily

    told = {
        "version": _version(),
        "python": platform.python_version(),
        "edition": sandbox.settings.edition,
    }
    return InfoMetricFamily("mock_nicepay_build", "What is running.", told)


@cache
def _version() -> str:
    try:
        return version("mock-nicepay")
    except PackageNotFoundError:
        return "unknown"


def _counted(meter: Meter) -> Iterator[Any]:
    from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily

    calls = CounterMetricFamily(
        "mock_nicepay_calls", "Calls that were answered.", labels=("call", "code", "status")
    )
    spans = HistogramMetricFamily(
        "mock_nicepay_call_duration_seconds",
        "Time to answer a call, without the delays of scenarios.",
        labels=("call",),
    )
    together: dict[str, Durations] = {}
    for (name, code, status), taken in meter.calls.copy().items():
        calls.add_metric((name, code, str(status)), sum(taken.classes))
        together.setdefault(name, Durations()).add_all(taken)
    for name, taken in together.items():
        spans.add_metric((name,), _cumulated(taken.classes), taken.seconds)
    yield from (calls, spans)
    tries = CounterMetricFamily(
        "mock_nicepay_delivery_tries", "Tries to deliver a webhook.", labels=("outcome",)
    )
    for outcome, number in meter.deliveries.copy().items():
        tries.add_metric((outcome,), number)
    yield tries


def _cumulated(classes: list[int]) -> list[tuple[str, float]]:
    """The histogram's buckets in the cumulative form of the format: each includes all below it."""
    rows, sum_ = [], 0
    for bound, number in zip((*map(str, BOUNDS), "+Inf"), classes, strict=True):
        sum_ += number
        rows.append((bound, float(sum_)))
    return rows


def _held(sandbox: Sandbox) -> Iterator[Any]:
    entries, weight = sandbox.journals_hold()
    yield from (
        _by(
            "payments",
            "Payments held.",
            "status",
            sandbox.store.tally(Payment, "status"),
        ),
        _by(
            "deliveries",
            "Webhook events held.",
            "state",
            sandbox.store.tally(Delivery, "state"),
        ),
        _gauge("merchants", "Merchants.", sandbox.store.number(Merchant)),
        _gauge("journal_entries", "Entries that all journals keep.", entries),
        _gauge(
            "journal_large_bytes", "Bytes of bodies above 1 KiB that all journals keep.", weight
        ),
    )


def _gauge(name: str, help_: str, value: float) -> Any:
    from prometheus_client.core import GaugeMetricFamily

    return GaugeMetricFamily(f"mock_nicepay_{name}", help_, value)


def _by(name: str, help_: str, label: str, tally: "Counter[str]") -> Any:
    from prometheus_client.core import GaugeMetricFamily

    family = GaugeMetricFamily(f"mock_nicepay_{name}", help_, labels=(label,))
    for value, number in sorted(tally.items()):
        family.add_metric((value,), number)
    return family
