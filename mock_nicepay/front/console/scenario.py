"""The page of scenarios: what plays and what came of it, the ready-made ones, and an editor."""

import json
from typing import Any

from mock_nicepay.core.misuse import Misuse
from mock_nicepay.core.scenarios.language import Problem, Scenario, ScenarioError
from mock_nicepay.core.scenarios.reader import read_text
from mock_nicepay.front.console.look import Go, Look, Page
from mock_nicepay.front.control.asked import Asked
from mock_nicepay.front.control.scenarios import delete_scenario, get_scenario, put_scenario

FILE = "scenario"  # what stands before line and column in a mistake
_FIRST = """version: 1
name: my-scenario
description: The second approval is declined, its answer comes late.
rules:
  - call: payments.approve
    after: 1
    times: 1
    reply: {code: "3011"}
    delay: 2s
expect:
  - {called: payments.approve, times: ">= 2"}
"""


def scenario(look: Look) -> Page:
    """What plays, what came of it, what could be played, and an editor."""
    playing = look.ask(get_scenario)
    return _page(look, _text(look, playing["own"]), playing)


def check(look: Look) -> Page:
    """What the reader says to a text: its mistakes, or what it would do."""
    return Page("scenario_part.html", _judged(look.form.get("text", "")))


def start(look: Look) -> Page | Go:
    """Play the text, or the ready-made scenario of that name. A text with mistakes stays as it is."""
    name, text = look.form.get("name", ""), _lines(look.form.get("text", ""))
    body = json.dumps({"name": name}) if name else text
    try:
        chosen = _put(look, body)
    except ScenarioError:
        page = _page(look, text, look.ask(get_scenario))
        return Page(page.template, page.values, 400)
    return Go(
        look.url("/scenario"),
        look.say(f"{chosen['name']} is playing", f"{chosen['name']} 실행 중입니다"),
    )


def stop(look: Look) -> Go:
    """End the one that was chosen."""
    look.ask(delete_scenario)
    return Go(
        look.url("/scenario"), look.say("the scenario was stopped", "시나리오를 종료했습니다")
    )


def _put(look: Look, body: str) -> dict[str, Any]:
    asked = Asked(look.merchant, {}, body.encode("utf-8", "replace"))
    chosen: dict[str, Any] = put_scenario(look.sandbox, asked)
    return chosen


def _page(look: Look, text: str, playing: dict[str, Any]) -> Page:
    values = {
        "playing": playing,
        "report": look.sandbox.report(look.merchant),
        "names": look.sandbox.library.ready_made(),
        "text": text,
        **_judged(text),
    }
    return Page("scenario.html", values)


def _text(look: Look, own: dict[str, Any] | None) -> str:
    """What the editor begins with: the one that was asked for, that plays, or an example."""
    name = look.arguments.get("name", "")
    if name:
        return look.sandbox.library.find(name).source
    return str(own["source"]) if own else _FIRST


def _judged(text: str) -> dict[str, Any]:
    problems, read = _read(_lines(text))
    return {"problems": problems, "read": read}


def _read(text: str) -> tuple[list[Problem], Scenario | None]:
    if not text.strip():
        return [Problem(FILE, 1, 1, "the text is empty; a scenario begins with `version: 1`")], None
    try:
        return [], read_text(text + "\n", FILE)
    except ScenarioError as error:
        return error.problems, None
    except Misuse as misuse:
        return [Problem(FILE, 1, 1, misuse.message)], None


def _lines(text: str) -> str:
    """A form's text as it was typed: browsers send each line's end as CR LF."""
    return text.replace("\r\n", "\n")
