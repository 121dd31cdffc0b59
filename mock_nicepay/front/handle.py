"""What the pytest fixtures give a test: a gateway, which makes merchants; and the text of a failure.

All of it uses the control plane, so it is the same for a gateway in this process and for a server
elsewhere. `Nicepay` and `NicepayError` can be imported from here, too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from mock_nicepay.contract.endpoint import Reply, Request, decoded_path, settled
from mock_nicepay.contract.spelling import did_you_mean
from mock_nicepay.front.testing.control_client import (
    UNKNOWN,
    ControlPlane,
    NicepayError,
    as_json,
    over_http,
)
from mock_nicepay.front.testing.merchant import Nicepay

if TYPE_CHECKING:
    from mock_nicepay.sandbox import Sandbox

__all__ = [
    "WORDS",
    "ControlPlane",
    "Gateway",
    "Nicepay",
    "NicepayError",
    "broken_expectations",
    "gateway_at",
    "gateway_here",
    "journal_text",
]

_LISTED = 10  # calls of a journal that a failing test shows

# Keywords of the marker and of `Gateway.merchant`, with their names in POST /_mock/merchants.
_TRAITS = {"edition": "edition", "window": "window", "auth_type": "authType"}
WORDS = ("scenario", "edition", "clock", "window", "auth_type")


@dataclass(frozen=True, slots=True)
class Gateway:
    """A gateway for tests: in this process, or a server elsewhere (then `sandbox` is None)."""

    url: str
    sandbox: "Sandbox | None"
    control: ControlPlane = field(repr=False)

    def merchant(self, **words: Any) -> Nicepay:
        """A fresh merchant; the keywords are those of the marker.

        Raises `NicepayError` for an unknown keyword or an impossible value.
        """
        __tracebackhide__ = True
        _check_words(words)
        traits = {name: words[word] for word, name in _TRAITS.items() if word in words}
        made = self.control.ask("POST", "/merchants", as_json(traits))
        merchant = Nicepay(
            self.url,
            made["clientId"],
            made["secretKey"],
            self.control,
            _elsewhere=self.sandbox is None,
            _after=self._latest_unknown_call(),
        )
        if words.get("clock") is not None:  # first: a scenario starts at the merchant's time
            merchant.clock(words["clock"])
        if words.get("scenario") is not None:
            merchant.scenario(words["scenario"])
        return merchant

    def _latest_unknown_call(self) -> int | None:
        """The number of the latest call with an unknown key; None for a server elsewhere."""
        __tracebackhide__ = True
        if self.sandbox is None:
            return None
        latest = self.control.ask("GET", "/journal", merchant=UNKNOWN, limit=1)["entries"]
        return int(latest[0]["id"]) if latest else 0


def gateway_here(sandbox: "Sandbox", url: str) -> Gateway:
    """The gateway of a sandbox in this process; the merchant's code calls it at `url`."""
    from mock_nicepay.front.dispatch import respond

    def send(request: Request) -> Reply:
        return settled(respond(sandbox, replace(request, path=decoded_path(request.path))))

    control = ControlPlane(send, sandbox.settings.admin_key)
    return Gateway(url, sandbox, control)


def gateway_at(url: str, admin_key: str = "") -> Gateway:
    """The gateway of a server elsewhere. Raises `NicepayError` when none answers at `url`."""
    url = url.rstrip("/")
    control = ControlPlane(partial(over_http, url), admin_key)
    control.ask("GET", "/health")
    return Gateway(url, None, control)


def _check_words(words: Mapping[str, Any]) -> None:
    for word in words:
        if word not in WORDS:
            hint = did_you_mean(word, WORDS, f"the words are {', '.join(WORDS)}")
            raise NicepayError(f"there is no {word!r}; {hint}")


# What a failing test shows


def broken_expectations(report: Mapping[str, Any]) -> str:
    """A report of the expectations that were not met, as text; empty when all were met."""
    if report["ok"]:
        return ""
    from mock_nicepay.front.report import verdict_text
    from mock_nicepay.front.terminal import plain

    return verdict_text(report["scenarios"], plain)


def journal_text(entries: list[dict[str, Any]]) -> str:
    """The latest calls of a journal as text, the oldest of them first."""
    if not entries:
        return "no call"
    left_out = len(entries) - _LISTED
    lines = [f"({left_out} earlier calls)"] if left_out > 0 else []
    lines += [_entry_text(entry) for entry in reversed(entries[:_LISTED])]
    return "\n".join(lines)


def _entry_text(entry: Mapping[str, Any]) -> str:
    from mock_nicepay.front.terminal import one_line

    moment = str(entry["at"])[11:23]
    query = f"?{entry['query']}" if entry["query"] else ""
    line = f"{moment} {entry['method']} {entry['path']}{query} {entry['status']} {entry['code']}"
    rule, diagnosis = entry["rule"], entry["diagnosis"]
    if rule:
        line += f" [{rule['scenario']}, line {rule['line']}: {rule['text']}]"
    told = f"\n    {one_line(diagnosis['en'])}" if diagnosis else ""
    return one_line(line.rstrip()) + told
