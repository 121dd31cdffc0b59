"""The control plane's actions on scenarios: those that play, those ready made, and the report."""

import json
from typing import Any

from mock_nicepay.contract.times import iso
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.core.records import STRANGER
from mock_nicepay.core.scenarios.language import Scenario
from mock_nicepay.front.control.asked import Asked
from mock_nicepay.sandbox import Sandbox


def get_scenario(sandbox: Sandbox, asked: Asked) -> Any:
    """Show which scenarios play for a merchant; without one, for a new merchant."""
    tenant = sandbox.tenants(asked.merchant or STRANGER)[0]
    return {
        "own": _scenario_json(tenant.own.scenario) if tenant.own else None,
        "standing": [_scenario_json(player.scenario) for player in tenant.standing],
        "pending": [{"at": iso(due), "do": label} for due, label in tenant.clock.pending()],
    }


def put_scenario(sandbox: Sandbox, asked: Asked) -> Any:
    """Play a scenario: YAML or JSON, or {"name": ...} for a ready-made one."""
    text = asked.text()
    if not text.strip():
        raise Misuse('the body is empty; send a scenario as YAML or JSON, or {"name": "success"}')
    scenario = sandbox.choose_scenario(_named(text) or text + "\n", asked.merchant)
    return _scenario_json(scenario)


def delete_scenario(sandbox: Sandbox, asked: Asked) -> Any:
    """End the scenario that PUT began; those given at start play on."""
    sandbox.drop_scenario(asked.merchant)
    return get_scenario(sandbox, asked)


def list_scenarios(sandbox: Sandbox, asked: Asked) -> Any:
    """List the ready-made scenarios."""
    ready_made = sandbox.library.ready_made()
    return {"scenarios": [{"name": s.name, "description": s.description} for s in ready_made]}


def get_report(sandbox: Sandbox, asked: Asked) -> Any:
    """Report on the scenarios: which rules fired, which did not and why, which expectations hold."""
    rows = sandbox.report(asked.merchant)
    return {"ok": all(row["ok"] for row in rows), "scenarios": rows}


def _named(text: str) -> dict[str, Any] | None:
    """The body `{"name": ...}`, which names a ready-made scenario; None for any other body."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) and set(value) == {"name"} else None


def _scenario_json(scenario: Scenario) -> dict[str, Any]:
    return {
        "name": scenario.name,
        "description": scenario.description,
        "file": scenario.file or None,
        "rules": len(scenario.rules),
        "source": scenario.source,
    }
