"""Reading scenarios: what is understood, and how each mistake is told."""

import json
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from mock_nicepay.contract.calls import CALL, CALL_NAMES, WEBHOOK, WINDOW, side_of
from mock_nicepay.contract.methods import WEBHOOK_METHODS
from mock_nicepay.contract.times import KST, ClockSetting
from mock_nicepay.core.scenarios.faults import ACTIONS, EFFECTS, FAULTS, INSTEAD
from mock_nicepay.core.scenarios.language import (
    Charset,
    Event,
    Patch,
    ReplyPlan,
    Rule,
    Scenario,
    ScenarioError,
)
from mock_nicepay.core.scenarios.reader import (
    SCENARIO,
    read_file,
    read_text,
    read_value,
)
from mock_nicepay.core.scenarios.rules import ARGUMENTS, RULE
from mock_nicepay.core.scenarios.syntax import parse_text
from mock_nicepay.core.scenarios.timeline import ARGUMENTS as ARGUMENTS_IN_TIME

PAGE = Path(__file__).parents[3].joinpath("docs", "scenarios.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```yaml\n(version:.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)

OF_SIDE = {CALL: "payments.get", WINDOW: "window.pay", WEBHOOK: "webhook.deliver"}
HEAD = "version: 1\nname: x\n"
RULES = f"{HEAD}rules:\n"
WHOLE = """\
version: 1
name: approval-lost-then-net-cancel
description: The money moves, the answer never arrives.
edition: gateway                       # optional
rules:
  - call: payments.approve             # a name, a list, or a glob
    match: {body: {amount: ">= 50000"}, header: {X-Test: "a*"}}
    times: 1
    effect: commit
    reply: hang
    delay: 2s
  - {call: token.issue, times: 1, reply: {code: U104, message: "..."}, charset: euc-kr, patch: {tokenType: "bearer", now: null}}
timeline:
  - {at: +31m, do: token.expire}
expect:
  - {called: payments.netcancel, times: 1, within: 1h}
  - {final: {orderId: "*", status: cancelled}}
  - {never: double_charge}
"""


def problems(source: object) -> list[str]:
    """Every mistake as `line:column: message`."""
    with pytest.raises(ScenarioError) as caught:
        read_text(source) if isinstance(source, str) else read_value(source)
    return [f"{each.line}:{each.column}: {each.message}" for each in caught.value.problems]


def rule(text: str) -> Rule:
    """The only rule, written in flow form without its call."""
    (only,) = read_text(f"{RULES}  - {{call: payments.get, {text}}}\n").rules
    return only


def test_reads_the_example() -> None:
    """The published example becomes the values it describes."""
    scenario = read_text(WHOLE, "lost.yaml")
    lost, refused = scenario.rules
    assert ("approval-lost-then-net-cancel", "gateway", "lost.yaml", WHOLE) == (
        scenario.name,
        scenario.edition,
        scenario.file,
        scenario.source,
    )
    assert (("payments.approve",), 1, "commit", ReplyPlan("hang"), timedelta(seconds=2), 6) == (
        lost.calls,
        lost.times,
        lost.effect,
        lost.reply,
        lost.delay,
        lost.line,
    )
    assert ["body.amount", "header.x-test"] == [name for name, _ in lost.match.conditions]
    assert ("", ReplyPlan("code", code="U104", message="..."), Charset("euc-kr", "euc-kr")) == (
        refused.effect,
        refused.reply,
        refused.charset,
    )
    assert (Patch(("tokenType",), "bearer"), Patch(("now",), drop=True)) == refused.patch
    assert (Event("token.expire", after=timedelta(minutes=31), line=14),) == scenario.timeline


def test_texts_for_reports() -> None:
    """Rules and expectations are told on one line."""
    scenario = read_text(WHOLE)
    assert [
        "payments.approve {body.amount: >= 50000, header.x-test: a*} times 1 -> commit, hang, delay 2s",
        "token.issue times 1 -> {code: U104, message: ...}, charset euc-kr, patch tokenType now",
    ] == [each.text for each in scenario.rules]
    assert [
        "called: payments.netcancel, times: 1, within: 1h",
        "final: {orderId: *, status: cancelled}",
        "never: double_charge",
    ] == [each.text for each in scenario.expect]
    assert [16, 17, 18] == [each.line for each in scenario.expect]


def test_the_smallest_scenario() -> None:
    """Version and name are enough."""
    assert Scenario("x", source=HEAD, file="<scenario>") == read_text(HEAD)


@pytest.mark.parametrize("word", ["3011", "0000", "no", "1:30", "on", "yes", "null", "1e3", "~"])
def test_nothing_is_guessed(word: str) -> None:
    """A plain scalar arrives as it was typed."""
    assert word == read_text(f"{HEAD}description: {word}\n").description
    (named,) = rule(f"match: {{body: {{code: {word}}}}}").match.conditions
    assert word == named[1].text
    assert (Patch(("a",), drop=True) if word == "null" else Patch(("a",), word, plain=True),) == (
        rule(f"patch: {{a: {word}}}").patch
    )


@pytest.mark.parametrize(
    ("code", "written"), [("3011", "3011"), ("0000", "0000"), ("cancel/2011", "cancel/2011")]
)
def test_codes_without_quotes(code: str, written: str) -> None:
    """A result code needs no quotes."""
    assert code == rule(f"reply: {{code: {written}}}").reply.code


def test_json() -> None:
    """JSON text is read, with tabs, escapes and surrogate pairs."""
    text = '{"version":1,\n\t"name":"x",\n\t"description":"\\ud83d\\ude00 \\/ \\uac00 \\u0041"}'
    assert "😀 / 가 A" == read_text(text).description


ESCAPE = 'version: 1\nname: "\\UFFFFFFFF"\n'


@pytest.mark.parametrize("text", [WHOLE, *EXAMPLES])
def test_without_the_fast_parser(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """YAML's slow parser, the only one on some platforms, reads the same."""
    expected = parse_text(text)
    monkeypatch.setattr("mock_nicepay.core.scenarios.syntax._FAST", yaml.BaseLoader)
    assert expected == parse_text(text)


def test_escapes_beyond_unicode(monkeypatch: pytest.MonkeyPatch) -> None:
    """An escape that is not a sign is a mistake, whichever parser meets it."""
    message = "this is neither YAML nor JSON: found invalid Unicode character escape code"
    assert [f"2:10: {message}"] == problems(ESCAPE)
    monkeypatch.setattr("mock_nicepay.core.scenarios.syntax._FAST", yaml.BaseLoader)
    (only,) = problems(ESCAPE)
    assert only.startswith("1:1: this is neither YAML nor JSON: ")


def test_byte_order_mark_is_no_text() -> None:
    """A leading byte order mark is passed over."""
    assert "x" == read_text(f"\ufeff{HEAD}").name


VALUE: dict[str, Any] = {
    "version": 1,
    "name": "x",
    "seed": 7,
    "rules": [
        {
            "call": ["token.issue"],
            "reply": {"code": 3011},
            "patch": {"a": None, "b": 1, "c": True, "d": "5", "e": {"set": None}, "f": 1.5},
        },
    ],
    "timeline": [],
}


def test_python_values_keep_their_meaning() -> None:
    """Numbers, bools and None of a Python value are exact; the source is its JSON text."""
    scenario = read_value(VALUE, "a test")
    assert "3011" == scenario.rules[0].reply.code
    assert (
        Patch(("a",), drop=True),
        Patch(("b",), 1),
        Patch(("c",), True),
        Patch(("d",), "5"),
        Patch(("e",), None),
        Patch(("f",), 1.5),
    ) == scenario.rules[0].patch
    assert json.dumps(VALUE, ensure_ascii=False, indent=2) == scenario.source
    assert (6, "a test") == (scenario.rules[0].line, scenario.file)


def test_yaml_json_and_python_agree() -> None:
    """The same scenario in three notations is played the same way."""
    value = {
        "version": 1,
        "name": "x",
        "rules": [{"call": "payments.*", "times": 2, "reply": {"drip": "5ms"}}],
    }
    yaml = "version: 1\nname: x\nrules: [{call: payments.*, times: 2, reply: {drip: 5ms}}]\n"
    by_value, by_json, by_yaml = read_value(value), read_text(json.dumps(value)), read_text(yaml)
    for other in (by_json, by_yaml):
        assert by_value.rules[0].calls == other.rules[0].calls
        assert by_value.rules[0].reply == other.rules[0].reply
        assert by_value.rules[0].text == other.rules[0].text


@pytest.mark.parametrize(
    ("calls", "written"),
    [
        (("token.issue",), "token.issue"),
        (tuple(name for name in CALL_NAMES if name.startswith("payments.")), "payments.*"),
        (("payments.cancel", "payments.netcancel"), '"payments.*cancel"'),
        (("terms.get", "card.event"), "[terms.get, card.event, terms.get]"),
        (("payments.get", "receipt.get", "terms.get", "webhook.get"), '[payments.get, "?e*.get"]'),
        (tuple(name for name in CALL_NAMES if side_of(name) == CALL), '"*"'),
        (("webhook.create", "webhook.get", "webhook.update", "webhook.delete"), '"webhook.*"'),
        (("window.open", "window.pay"), '"window.*"'),
        (("webhook.deliver", "window.pay"), "[webhook.deliver, window.pay]"),
    ],
)
def test_calls(calls: tuple[str, ...], written: str) -> None:
    """A name, a glob or a list of them stands for calls, each once."""
    assert calls == read_text(f"{RULES}  - call: {written}\n").rules[0].calls


@pytest.mark.parametrize(
    ("plan", "written"),
    [
        (ReplyPlan(), "ok"),
        (ReplyPlan("code", code="2032"), "{code: 2032}"),
        (ReplyPlan("code", code="U105", values=("64", "65")), "{code: U105, values: [64, 65]}"),
        (ReplyPlan("code", code="U105", values=("64",)), "{code: U105, values: 64}"),
        (ReplyPlan("http", status=502), "{http: 502}"),
        (ReplyPlan("http", status=200, body="<p>"), "{http: 200, body: <p>}"),
        (ReplyPlan("drip", pace=timedelta(seconds=1)), "{drip: 1s}"),
        (ReplyPlan("drip"), "drip"),
        (ReplyPlan("garbage", body="no"), "{garbage: no}"),
        (ReplyPlan("drop", tries=3), "{drop: 3}"),
        *((ReplyPlan(kind), kind) for kind in FAULTS if kind not in {"code", "http"}),
    ],
)
def test_replies(plan: ReplyPlan, written: str) -> None:
    """Each form of a reply, for a call of each side that can have it."""
    for side in FAULTS[plan.kind].sides:
        (read,) = read_text(f"{RULES}  - {{call: {OF_SIDE[side]}, reply: {written}}}\n").rules
        assert (plan, "") == (read.reply, read.effect)


@pytest.mark.parametrize("effect", EFFECTS)
def test_effects(effect: str) -> None:
    """Each effect is read, with what it needs."""
    rest = "delay: 2s, reply: {code: 3011}"
    (read,) = read_text(f"{RULES}  - {{call: payments.approve, effect: {effect}, {rest}}}\n").rules
    assert effect == read.effect


@pytest.mark.parametrize(("kind", "side"), INSTEAD)
def test_what_to_write_instead(kind: str, side: str) -> None:
    """What is named in the place of a reply can happen there, and the reply itself cannot."""
    assert side not in FAULTS[kind].sides
    assert side in FAULTS[INSTEAD[kind, side]].sides


def test_replies_that_take_something() -> None:
    """The mapping form serves just the replies whose row in the table has an argument."""
    assert {kind for kind, fault in FAULTS.items() if fault.argument} == set(ARGUMENTS)


@pytest.mark.parametrize(
    ("patch", "written"),
    [
        (Patch(("amount",), "1005", plain=True), "amount: 1005"),
        (Patch(("amount",), "1005"), 'amount: "1005"'),
        (Patch(("amount",), ""), 'amount: ""'),
        (Patch(("amount",), "null"), 'amount: "null"'),
        (Patch(("now",), drop=True), "now: null"),
        (Patch(("now",), None), "now: {set: null}"),
        (Patch(("now",), 1005), "now: {set: 1005}"),
        (Patch(("now",), "1005"), 'now: {set: "1005"}'),
        (Patch(("card", "cardCode"), "01"), 'card.cardCode: "01"'),
        (
            Patch(("card",), {"a": True, "b": None, "c": -1.5e2, "d": "01", "e": "1"}),
            'card: {a: true, b: null, c: -1.5e2, d: 01, e: "1"}',
        ),
        (
            Patch(("cancels",), [1, [], {"set": 1, "x": "yes"}]),
            "cancels: [1, [], {set: 1, x: yes}]",
        ),
    ],
)
def test_patches(patch: Patch, written: str) -> None:
    """Each way to change or drop a key of the answer."""
    assert (patch,) == rule(f"patch: {{{written}}}").patch


@pytest.mark.parametrize(
    ("charset", "written"),
    [
        (Charset("euc-kr", "euc-kr"), "EUC-KR"),
        (Charset("utf-8", "utf-8"), "utf-8"),
        (Charset("euc-kr", "UTF8"), "{bytes: euc-kr, label: UTF8}"),
        (Charset("utf-8", "utf-8"), "{bytes: Utf-8}"),
    ],
)
def test_charsets(charset: Charset, written: str) -> None:
    """A charset alone is bytes and label; a mapping tells them apart."""
    assert charset == rule(f"charset: {written}").charset


def test_counters_and_headers() -> None:
    """Numbers, durations and headers reach the rule."""
    read = rule(
        "after: 0, every: 3, times: 2, delay: 1500ms, effect: none, headers: {X-A: b c, Content-Type: text/plain}"
    )
    assert (0, 3, 2, timedelta(milliseconds=1500), "none") == (
        read.after,
        read.every,
        read.times,
        read.delay,
        read.effect,
    )
    assert (("X-A", "b c"), ("Content-Type", "text/plain")) == read.headers


def test_conditions_have_names() -> None:
    """Every condition of a match is named by where it looks, in the order written."""
    read = rule(
        "match: {credentials: basic, body: {a.b: 1}, header: {X-Test: a}, query: {Q: 1}, path: {tid: x}}"
    )
    assert ["credentials.scheme", "body.a.b", "header.x-test", "query.Q", "path.tid"] == [
        name for name, _ in read.match.conditions
    ]
    read = rule('match: {path: {not: "/v1/*"}, credentials: {client: c, scheme: {not: none}}}')
    assert ["path", "credentials.client", "credentials.scheme"] == [
        name for name, _ in read.match.conditions
    ]


@pytest.mark.parametrize(
    ("event", "written"),
    [
        (
            Event("token.revoke", after=timedelta(hours=1, minutes=30), line=4),
            "{at: +1h30m, do: token.revoke}",
        ),
        (
            Event("token.expire", at=datetime(2026, 1, 31, 9, tzinfo=KST), line=4),
            "{at: 2026-01-31T09:00:00, do: token.expire}",
        ),
        (
            Event("maintenance.end", at=datetime(2026, 1, 31, 9, tzinfo=KST), line=4),
            "{at: 2026-01-31T00:00:00Z, do: maintenance.end}",
        ),
        (
            Event(
                "payment.deposit",
                timedelta(hours=1),
                arguments={"orderId": "A*", "amount": 1004},
                line=4,
            ),
            '{at: +1h, do: payment.deposit, orderId: "A*", amount: 1004}',
        ),
        (
            Event("payment.cancel", timedelta(days=1), arguments={"orderId": "*"}, line=4),
            "{do: payment.cancel, at: +1d}",
        ),
    ],
)
def test_timeline(event: Event, written: str) -> None:
    """An event is so long after the beginning, or at a time."""
    assert (event,) == read_text(f"{HEAD}timeline:\n  - {written}\n").timeline


@pytest.mark.parametrize(
    ("webhooks", "written"),
    [
        (
            tuple((method, "http://127.0.0.1:8000/w") for method in WEBHOOK_METHODS),
            "http://127.0.0.1:8000/w",
        ),
        (
            (("vbank", "https://shop.example/v"), ("card", "http://[::1]/c")),
            "{vbank: https://shop.example/v, card: 'http://[::1]/c'}",
        ),
    ],
)
def test_webhook(webhooks: tuple[tuple[str, str], ...], written: str) -> None:
    """One address serves all payment methods, or each has its own."""
    assert webhooks == read_text(f"{HEAD}webhook: {written}\n").webhooks


def test_answers_of_a_receiver() -> None:
    """What became of a webhook's try is not a result code."""
    (expected,) = read_text(
        f"{HEAD}expect: [{{never: webhook.deliver, answered: failed}}]\n"
    ).expect
    assert expected.answered is not None
    assert [True, False] == [expected.answered.holds(word) for word in ("failed", "OK")]


def test_clock_and_seed() -> None:
    """The clock is read by the clock's own rules, the seed is a whole number."""
    scenario = read_text(f"{HEAD}clock: -30m\nseed: -5\n")
    assert (ClockSetting("moved", timedelta(minutes=-30)), -5) == (scenario.clock, scenario.seed)


@pytest.mark.parametrize(
    ("names", "written"),
    [
        (["client"], '"S2_*"'),
        (["client"], "[a, b]"),
        (["client"], "{not: a}"),
        (["window", "authType", "client"], "{window: server, authType: [basic, any], client: x}"),
    ],
)
def test_select(names: list[str], written: str) -> None:
    """A scenario is for all merchants that fulfil its conditions; one alone is the client's."""
    assert names == [name for name, _ in read_text(f"{HEAD}select: {written}\n").select]


MISTAKES = [
    # The text as a whole
    ("1:1: the scenario is empty: it begins with `version: 1`", ""),
    ("1:1: the scenario is empty: it begins with `version: 1`", "# nothing\n"),
    ("1:1: a scenario is a mapping that begins with `version: 1`, found a list", "[a]"),
    ("1:1: a scenario is a mapping that begins with `version: 1`, found `a`", "a"),
    ("2:3: the character U+0000 is not allowed here", "version: 1\nna\0me: x\n"),
    ("1:10: the character U+DC80 is not allowed here", "version: \udc80"),
    ("3:1: a second document begins here: write each scenario into a file of its own", f"{HEAD}---\n{HEAD}"),
    ("1:1: this is too long: a scenario has at most 1 MiB", "x" * (1024 * 1024 + 1)),
    ("1:65: this is nested more than 64 levels deep", "[" * 100_000),
    ("1:65: this is nested more than 64 levels deep", "[" * 65 + "]" * 65),
    ("3:1: `name` is given twice, first on line 2", f"{HEAD}name: y\n"),
    ("3:20: `times` is given twice, first on line 3", "version: 1\nname: x\nrules: [{times: 1, times: 2}]\n"),
    ("3:1: a key must be a text, found a list", f"{HEAD}[a]: 1\n"),
    ("2:7: `*x` refers to no anchor `&x` above it; a text that begins with `*` needs quotes", "version: 1\nname: *x\n"),
    ("2:14: the text holds half of a surrogate pair", 'version: 1\ndescription: "\\ud83d"\nname: x\n'),
    # Top level
    ("1:1: `version` is missing in a scenario", "name: x\n"),
    ("1:1: `name` is missing in a scenario", "version: 1\n"),
    ("1:10: version `2` is not known: this one reads version 1", "version: 2\nname: x\n"),
    ("1:10: version `1.0` is not known: this one reads version 1", "version: 1.0\nname: x\n"),
    ("2:7: a name is one line of 1 to 100 characters without a slash, found `a/b`", "version: 1\nname: a/b\n"),
    ("2:7: a name is one line of 1 to 100 characters without a slash, found ` x`", "version: 1\nname: ' x'\n"),
    ("3:1: unknown key `rule` in a scenario: did you mean `rules`?", f"{HEAD}rule: []\n"),
    ("3:1: unknown key `zzz` in a scenario: expected one of `version`, `name`, `description`, `edition`, `clock`, `select`, `seed`, `webhook`, `rules`, `timeline`, `expect`", f"{HEAD}zzz: []\n"),
    ("3:10: `manuel` is not a valid edition: did you mean `manual`?", f"{HEAD}edition: manuel\n"),
    ("3:13: expected a text, found nothing", f"{HEAD}description: \n"),
    ("3:14: expected a text, found a list", f"{HEAD}description: []\n"),
    ("3:8: 'noon' is not a clock setting: write `real`, a time such as 2026-01-31T09:00:00+0900, or an offset such as +2h or -30m", f"{HEAD}clock: noon\n"),
    ("3:7: expected a whole number, found `1.5`", f"{HEAD}seed: 1.5\n"),
    ("3:18: `both` is not a valid window: expected one of `server`, `client`", f"{HEAD}select: {{window: both}}\n"),
    ("3:10: unknown key `clinet` in `select`: did you mean `client`?", f"{HEAD}select: {{clinet: x}}\n"),
    ("3:8: expected a list of rules, found a mapping", f"{HEAD}rules: {{}}\n"),
    ("3:11: expected a list of events, found `x`", f"{HEAD}timeline: x\n"),
]  # fmt: skip

RULE_MISTAKES = [
    ("4:3: expected a rule, which is a mapping, found `x`", "- x"),
    ("4:3: `call` is missing in a rule", "- reply: ok"),
    ("4:13: unknown key `on` in a rule: write `call`", "- {call: x, on: payments.get}"),
    ("4:9: `payments.aprove` is not a call: did you mean `payments.approve`?", "- call: payments.aprove"),
    ("4:9: `approve` is not a call: did you mean `payments.approve`?", "- call: approve"),
    ("4:9: `cancel` is not a call: did you mean `payments.cancel` or `receipt.cancel`?", "- call: cancel"),
    ("4:9: `q` is not a call: write a name such as `payments.approve`, or a glob such as `payments.*`", "- call: q"),
    ("4:9: `payment.*` fits no call: did you mean `payments.*`?", "- call: payment.*"),
    ("4:9: expected at least one call, found an empty list", "- call: []"),
    ("4:9: expected a text, found a mapping", "- call: {}"),
    ("4:31: expected a whole number of at least 1, found `0`", "- {call: payments.get, times: 0}"),
    ("4:31: expected a whole number of at least 0, found `-1`", "- {call: payments.get, after: -1}"),
    ("4:31: expected a whole number of at least 1, found `1:30`", "- {call: payments.get, every: 1:30}"),
    ("4:32: `comit` is not a valid effect: did you mean `commit`?", "- {call: payments.get, effect: comit}"),
    ("4:31: '5' is not a duration: write it as 500ms, 2s, 31m, 1h, 7d or 1h30m (at most 36500d)", "- {call: payments.get, delay: 5}"),
    ("4:31: `25h` is too long: at most 1d", "- {call: payments.get, delay: 25h}"),
    ("4:31: `trunc` is not a reply: did you mean `truncate`?", "- {call: payments.get, reply: trunc}"),
    ("4:31: `3011` is a result code: write `{code: \"3011\"}`", "- {call: payments.get, reply: 3011}"),
    ("4:31: `502` is an HTTP status: write `{http: 502}`", "- {call: payments.get, reply: 502}"),
    ("4:31: `code` needs to know which: write `{code: \"3011\"}`", "- {call: payments.get, reply: code}"),
    ("4:31: `http` needs to know which: write `{http: 502}`", "- {call: payments.get, reply: http}"),
    ("4:31: `U9999` is not a published result code; nearest: `9999` (일시적인 오류가 발생하였습니다.), `S999` (기타오류가 발생하였습니다.); a code is written `{code: ...}`", "- {call: payments.get, reply: U9999}"),
    ("4:31: `30110` is not a reply: expected one of `ok`, `code`, `http`, `hang`, `reset`, `empty`, `truncate`, `drip`, `garbage`, `bom`, `duplicate-keys`, `close`, `timeout`, `duplicate`, `drop`, `never`, `duplicate-after-ok`, `reorder`, `before-answer`, `wrong-signature`, `reordered-keys`, `other-key`", "- {call: payments.get, reply: 30110}"),
    ("4:38: `qqqqq` is not a published result code; nearest: none; `mock-nicepay codes` lists all", "- {call: payments.get, reply: {code: qqqqq}}"),
    ("4:31: `11111111111111111111111111111111111111111111111111111111111…` is too long", f"- {{call: payments.get, delay: {'1' * 101}s}}"),
    ("4:41: expected a value, found nothing: write `null`, or `\"\"` for an empty text", "- {call: payments.get, patch: {a: {set: }}}"),
    ("4:31: `hang` takes nothing: write `reply: hang`", "- {call: payments.get, reply: {hang: 5s}}"),
    ("4:31: a reply must be exactly one of `code`, `http`, `drip`, `garbage`, `drop`, found `code` and `http`", "- {call: payments.get, reply: {code: 3011, http: 502}}"),
    ("4:31: a reply must be exactly one of `code`, `http`, `drip`, `garbage`, `drop`, found none of them", "- {call: payments.get, reply: {}}"),
    ("4:32: unknown key `cod` in `reply`: did you mean `code`?", "- {call: payments.get, reply: {cod: 3011}}"),
    ("4:44: unknown key `body` in a reply with `code`: expected one of `code`, `message`, `values`", "- {call: payments.get, reply: {code: 3011, body: x}}"),
    ("4:44: the text of 3011 has 0 places, found 1 values", "- {call: payments.get, reply: {code: 3011, values: x}}"),
    ("4:56: `values` fill the published text: they have no meaning with `message`", "- {call: payments.get, reply: {code: U105, message: x, values: 5}}"),
    ("4:38: expected an HTTP status from 200 to 599, found `199`", "- {call: payments.get, reply: {http: 199}}"),
    ("4:38: `11s` is too long: at most 10s", "- {call: payments.get, reply: {drip: 11s}}"),
    ("4:41: expected a text, found an empty text", "- {call: payments.get, reply: {garbage: ''}}"),
    ("4:33: `utf8` is not a charset of NICEPAY: did you mean `utf-8`?", "- {call: payments.get, charset: utf8}"),
    ("4:33: `bytes` is missing in `charset`", "- {call: payments.get, charset: {label: utf-8}}"),
    ("4:55: `a b` cannot be used in a header: use letters, digits and `-_.`", "- {call: payments.get, charset: {bytes: utf-8, label: a b}}"),
    ("4:33: expected a mapping of header to text, found `x`", "- {call: payments.get, headers: x}"),
    ("4:34: `a b` is not a name of a header", "- {call: payments.get, headers: {a b: c}}"),
    ("4:34: `Content-Length` is the server's own: a body cut short is `reply: truncate`", "- {call: payments.get, headers: {Content-Length: 5}}"),
    ("4:37: a header's value has at most 4000 characters of Latin-1, and no control characters", '- {call: payments.get, headers: {a: "b\\r\\nc"}}'),
    ("4:31: expected a mapping of key to value, found an empty one", "- {call: payments.get, patch: {}}"),
    ("4:32: `a..b` names no key: write `outer.inner`", "- {call: payments.get, patch: {a..b: 1}}"),
    ("4:35: expected a value, found nothing: `null` drops the key, `\"\"` is an empty text", "- {call: payments.get, patch: {a: }}"),
    ("4:56: expected a value, found nothing: write `null`, or `\"\"` for an empty text", "- {call: payments.get, patch: {a: {b: [{c: }], d: [{e: }]}}}"),
    ("4:24: `patch` has no meaning with `reply: hang`: the caller sees no answer at all", "- {call: payments.get, patch: {a: 1}, reply: hang}"),
    ("4:24: `headers` has no meaning with `reply: reset`: the caller sees no answer at all", "- {call: payments.get, headers: {a: b}, reply: reset}"),
    ("4:24: `charset` has no meaning with `reply: http`: its body is not the gateway's answer", "- {call: payments.get, charset: utf-8, reply: {http: 502}}"),
    ("4:24: `patch` has no meaning with `reply: empty`: its body is not the gateway's answer", "- {call: payments.get, patch: {a: 1}, reply: empty}"),
    ("4:24: `charset` has no meaning with `reply: garbage`: its body is not the gateway's answer", "- {call: payments.get, charset: utf-8, reply: garbage}"),
    ("4:32: unknown key `bdy` in `match`: did you mean `body`?", "- {call: payments.get, match: {bdy: {}}}"),
    ("4:38: expected a mapping of field to condition, found `x`", "- {call: payments.get, match: {body: x}}"),
    ("4:45: `digest` is not a valid kind of credentials: expected one of `basic`, `bearer`, `none`, `other`", "- {call: payments.get, match: {credentials: digest}}"),
    # What cannot happen at a call
    ("4:28: `drop` is for webhook.deliver; for payments.approve write `hang`", "- {call: payments.approve, reply: drop}"),
    ("4:38: `never` is for webhook.deliver; for payments.get write `hang`", "- {call: [payments.get, window.pay], reply: never}"),
    ("4:15: `drop` is for webhook.deliver; for token.issue write `hang`", '- {call: "*", reply: drop}'),
    ("4:22: `reset` is for calls of the API; for window.pay write `hang`", "- {call: window.pay, reply: reset}"),
    ("4:27: `hang` is for calls of the API and window.pay; for webhook.deliver write `drop`", "- {call: webhook.deliver, reply: hang}"),
    ("4:27: `http` is for calls of the API; for webhook.deliver expected one of `ok`, `duplicate`, `drop`, `never`, `duplicate-after-ok`, `reorder`, `before-answer`, `wrong-signature`, `reordered-keys`, `other-key`", "- {call: webhook.deliver, reply: {http: 502}}"),
    ("4:34: `never` takes nothing: write `reply: never`", "- {call: webhook.deliver, reply: {never: 1}}"),
    ("4:41: expected a number of tries from 1 to 10, found `11`", "- {call: webhook.deliver, reply: {drop: 11}}"),
    ("4:28: `late` needs a `delay`: how long it takes until the money moves", "- {call: payments.approve, effect: late}"),
    ("4:23: `late` is for `payments.approve`, `subscribe.pay`, `epay.pay`, `keyin.pay`, `window.pay`; for token.issue write `commit` or `none`", "- {call: token.issue, effect: late, delay: 2s}"),
    ('4:28: a `decline` needs the issuer\'s code: write `reply: {code: "3011"}`', "- {call: payments.approve, effect: decline}"),
    ("4:28: no issuer declines with `U112`: give a code of the payment network, such as `3011`, or write `effect: none`", "- {call: payments.approve, effect: decline, reply: {code: U112}}"),
    ("4:28: no issuer declines with `3001`: give a code of the payment network, such as `3011`, or write `effect: none`", "- {call: payments.approve, effect: decline, reply: {code: 3001}}"),
    ("4:24: `decline` is for `payments.approve`, `subscribe.pay`, `epay.pay`, `keyin.pay`, `payments.cancel`, `checkout.payment_cancel`, `receipt.issue`, `receipt.cancel`, `subscribe.regist`, `subscribe.expire`; for payments.get write `commit` or `none`", '- {call: "payments.*", effect: decline, reply: {code: 3011}}'),
    ("4:27: `effect` has no meaning for webhook.deliver: the event it reports has already happened", "- {call: webhook.deliver, effect: none}"),
    ("4:27: `headers` has no meaning for webhook.deliver: only the body of a webhook can vary", "- {call: webhook.deliver, headers: {a: b}}"),
    ("4:22: `headers` has no meaning for window.pay: it is the payer's browser that sends them", "- {call: window.pay, headers: {a: b}}"),
    ("4:27: `header.a` is never there for webhook.deliver: look at `body`, which is the event's JSON", "- {call: webhook.deliver, match: {header: {a: b}}}"),
    ("4:22: `path` is never there for window.pay: look at `body`, which is requestPay's parameters", "- {call: window.pay, match: {path: x}}"),
    ("4:36: `patch` has no meaning with `reply: close`: nothing is posted", "- {call: window.pay, reply: close, patch: {a: 1}}"),
    ("4:43: `delay` has no meaning with `reply: reorder`: it waits for the merchant's next event", "- {call: webhook.deliver, reply: reorder, delay: 2s}"),
    ("4:49: `delay` has no meaning with `reply: before-answer`: it comes before the answer", "- {call: webhook.deliver, reply: before-answer, delay: 2s}"),
    ("4:41: `delay` has no meaning with `reply: never`: nothing is sent", "- {call: webhook.deliver, reply: never, delay: 2s}"),
    ("4:39: `a.` names no field", "- {call: payments.get, match: {body: {a.: 1}}}"),
]  # fmt: skip

OTHER_MISTAKES = [
    ("3:12: `at` is missing in a `timeline` entry", "timeline: [{do: token.expire}]"),
    ("3:12: `do` is missing in a `timeline` entry", "timeline: [{at: +1m}, {at: +1m, do: token.expire}]"),
    ("3:26: `token.expir` is not a valid action: did you mean `token.expire`?", "timeline: [{at: +1m, do: token.expir}]"),
    ("3:17: a time after the beginning needs a plus sign: write `+31m`", "timeline: [{at: 31m, do: token.expire}]"),
    ("3:17: expected `+31m` after the beginning or a time such as 2026-01-31T09:00:00+0900, found `-5m`", "timeline: [{at: -5m, do: token.expire}]"),
    ("3:17: 'x' is not a duration: write it as 500ms, 2s, 31m, 1h, 7d or 1h30m (at most 36500d)", "timeline: [{at: +x, do: token.expire}]"),
    ("3:41: unknown key `tid` in a `timeline` entry: expected one of `at`, `do`", "timeline: [{at: +31m, do: token.expire, tid: x}]"),
    ("3:51: expected a whole number of at least 1, found `0`", "timeline: [{at: +1m, do: payment.deposit, amount: 0}]"),
    ("3:42: unknown key `amount` in a `timeline` entry: expected one of `at`, `do`, `orderId`", "timeline: [{at: +1m, do: payment.cancel, amount: 5}]"),
    ("3:43: unknown key `orderid` in a `timeline` entry: did you mean `orderId`?", "timeline: [{at: +1m, do: payment.deposit, orderid: 5}]"),
    ("3:10: expected an address such as http://127.0.0.1:8000/webhook, found `x`", "webhook: x"),
    ("3:10: expected an address such as http://127.0.0.1:8000/webhook, found `http://a:x/`", "webhook: http://a:x/"),
    ("3:17: expected an address such as http://127.0.0.1:8000/webhook, found `ftp://a`", "webhook: {card: ftp://a}"),
    ("3:11: unknown key `crad` in `webhook`: did you mean `card`?", "webhook: {crad: http://a}"),
    ("3:10: expected where events go, found an empty mapping", "webhook: {}"),
    ("3:10: expected a text, found a list", "webhook: [http://a]"),
    ("3:46: `ok` is not a valid answer of a webhook's receiver: did you mean `OK`?", "expect: [{called: webhook.deliver, answered: ok}]"),
    ("3:43: `OK` is not a published result code; nearest: none; `mock-nicepay codes` lists all", "expect: [{called: payments.get, answered: OK}]"),
    ("3:27: `authorized` is not a valid status: did you mean `authorised`?", "expect: [{final: {status: authorized}}]"),
    ("3:11: an `expect` entry needs one of `called`, `never`, `order`, `final`", "expect: [ {}]"),
    ("3:11: unknown key `calld` in an `expect` entry: did you mean `called`?", "expect: [{calld: token.issue}]"),
    ("3:10: expected an `expect` entry, which is a mapping, found `x`", "expect: [x]"),
    ("3:10: `called` and `never` cannot stand together: write each as an entry of its own", "expect: [{called: token.issue, never: token.issue}]"),
    ("3:39: expected a number of calls such as `2` or `>= 2`, found `twice`", "expect: [{called: token.issue, times: twice}]"),
    ("3:42: `U999` is not a published result code; nearest: `S999` (기타오류가 발생하였습니다.), `9999` (일시적인 오류가 발생하였습니다.), `U509` (기준정보 조회 결과 2행 이상 오류)", "expect: [{called: token.issue, answered: U999}]"),
    ("3:42: `qqqqq` is not a published result code; nearest: none; `mock-nicepay codes` lists all", "expect: [{called: token.issue, answered: '!= qqqqq'}]"),
    ("3:31: unknown key `times` in `expect` with `never`: expected one of `never`, `answered`", "expect: [{never: token.issue, times: 1}]"),
    ("3:18: `double-charge` is neither a call nor a named condition: did you mean `double_charge`?", "expect: [{never: double-charge}]"),
    ("3:33: `answered` has no meaning with `double_charge`", "expect: [{never: double_charge, answered: 3011}]"),
    ("3:18: an order needs at least two calls, found 1", "expect: [{order: [token.issue]}]"),
    ("3:32: `payments.*` is a glob, but exact names are needed here", "expect: [{order: [token.issue, payments.*]}]"),
    ("3:18: expected a mapping of field to condition, found an empty one", "expect: [{final: {}}]"),
    ("3:30: no path of these calls has a place `tdi`: they have `tid`", "rules: [{call: payments.get, match: {path: {tdi: x}}}]"),
    ("3:29: no path of these calls has a place `tid`: they have none", "rules: [{call: token.issue, match: {path: {tid: x}}}]"),
    ("3:19: unknown key `tokne` in `final`: did you mean `token`?", "expect: [{final: {tokne: live}}]"),
    ("3:26: `alive` is not a valid state of a token: did you mean `live`?", "expect: [{final: {token: alive}}]"),
    ("3:27: `canceled` is not a valid status: did you mean `cancelled`?", "expect: [{final: {status: canceled}}]"),
]  # fmt: skip


@pytest.mark.parametrize(("expected", "text"), MISTAKES)
def test_mistakes(expected: str, text: str) -> None:
    """Each mistake of a file is told with its place, what was expected, and the nearest word."""
    assert expected in problems(text)


@pytest.mark.parametrize(("expected", "text"), RULE_MISTAKES)
def test_mistakes_in_rules(expected: str, text: str) -> None:
    """Each mistake in a rule is told."""
    assert expected in problems(f"{RULES}{text}\n")


@pytest.mark.parametrize(("expected", "text"), OTHER_MISTAKES)
def test_mistakes_in_timeline_and_expect(expected: str, text: str) -> None:
    """Each mistake in a timeline or an expectation is told."""
    assert expected in problems(f"{HEAD}{text}\n")


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("4:38: this is neither YAML nor JSON: found character '>' that cannot start any token; a text that begins with `>` needs quotes", "- {call: '*', match: {body: {amount: >= 5}}}"),
        ("5:11: this is neither YAML nor JSON: expected chomping or indentation indicators, but found '='; a text that begins with `>` needs quotes", "- call: '*'\n  delay: >= 5"),
        ("4:38: `!=` is read as a YAML tag: put the text in quotes", "- {call: '*', match: {body: {amount: != 5}}}"),
        ("4:11: this is neither YAML nor JSON: expected alphabetic or numeric character, but found ','; a text that begins with `*` needs quotes", "- {call: *, times: 1}"),
        ("4:40: this is neither YAML nor JSON: expected ',' or '}', but got '['; between brackets a text with one of `,[]{}` needs quotes", "- {call: '*', match: {body: {amount: /a[/}}}"),
        ("4:3: this is neither YAML nor JSON: found character '\\t' that cannot start any token; indent by spaces", "- \tcall: '*'\n\ttimes: 1"),
    ],
)  # fmt: skip
def test_broken_yaml(expected: str, text: str) -> None:
    """Broken YAML is reported at the parser's place, with the usual remedy."""
    assert [expected] == problems(f"{RULES}{text}\n")


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
FIRST = "fires first each time; give that one `times` or a narrower `match`, or put it last"
MANY = "this is too much: a scenario has at most 20000 values, aliases written out"


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (f"5:12: {MANY}", BOMB),
        (f"1:40000: {MANY}", f"[{'1,' * 100_000}]"),
        ("1:8: `*a` refers to no anchor `&a` above it; a text that begins with `*` needs quotes", "a: &a [*a]"),
    ],
)  # fmt: skip
def test_bombs(expected: str, text: str) -> None:
    """A small text that stands for a huge or endless tree is refused early."""
    assert expected in problems(text)


def test_aliases() -> None:
    """An anchor's value may be used again."""
    text = f"{HEAD}rules:\n  - call: token.issue\n    match: &m {{header: {{X-Test: a}}}}\n    times: 1\n  - {{call: token.issue, match: *m}}\n"
    first, second = read_text(text).rules
    assert ["header.x-test"] == [name for name, _ in second.match.conditions]
    assert first.match.conditions[0][1].text == second.match.conditions[0][1].text


def test_all_mistakes_at_once() -> None:
    """Every mistake is found, in the order of the file, also across repeated keys and bad rules."""
    text = """\
version: 1
name: bad/name
rules:
  - call: payments.aprove
    mach: {}
    reply: hang
    patch: {a: 1}
    times: 0
    times: 1
  - {call: token.issue}
  - {call: token.issue, times: 1}
expct: []
"""
    assert [
        "2:7: a name is one line of 1 to 100 characters without a slash, found `bad/name`",
        "4:11: `payments.aprove` is not a call: did you mean `payments.approve`?",
        "5:5: unknown key `mach` in a rule: did you mean `match`?",
        "7:5: `patch` has no meaning with `reply: hang`: the caller sees no answer at all",
        "8:12: expected a whole number of at least 1, found `0`",
        "9:5: `times` is given twice, first on line 8",
        f"11:5: this rule never fires: the rule on line 10 {FIRST}",
        "12:1: unknown key `expct` in a scenario: did you mean `expect`?",
    ] == problems(text)


def test_mistakes_name_their_file() -> None:
    """A problem is printed as editors and terminals know it."""
    with pytest.raises(ScenarioError) as caught:
        read_text("version: 1\n", "a.yaml")
    assert "a.yaml:1:1: `name` is missing in a scenario" == str(caught.value)


@pytest.mark.parametrize(
    ("lines", "rules"),
    [
        ("5", ["{call: token.issue, reply: hang}", "{call: token.issue, match: {header: {a: b}}}"]),
        ("5", ["{call: token.issue, match: {body: {a: b}}}", "{call: token.issue, match: {body: {a: b}}}"]),
        ("5", ["{call: token.issue, match: {body: {a: b}}}", "{call: token.issue, match: {body: {a: b}, query: {c: d}}}"]),
        ("5", ['{call: "*"}', "{call: payments.*, times: 1}"]),
        ("5", ['{call: token.issue, match: {body: {a: "*"}}}', "{call: token.issue, match: {body: {a: b}}}"]),
        ("5", ['{call: token.issue, match: {body: {a: {glob: "**"}}}}', '{call: token.issue, match: {body: {a: "> 5"}}}']),
        ("5", ['{call: payments.get, match: {path: {tid: "*"}}}', "{call: payments.get, times: 1}"]),
        ("5", ['{call: "payments.*", match: {path: "*"}}', "{call: payments.get}"]),
        ("5, 6", ["{call: terms.get}", "{call: card.event}", "{call: [card.event, terms.get]}"]),
    ],
)  # fmt: skip
def test_rules_that_never_fire(lines: str, rules: list[str]) -> None:
    """A rule whose calls are all taken by earlier rules is a mistake that names those rules."""
    place = f"{4 + len(rules)}:5"
    rule_s = "rules on lines" if "," in lines else "rule on line"
    assert [f"{place}: this rule never fires: the {rule_s} {lines} {FIRST}"] == problems(
        f"{HEAD}\nrules:\n" + "".join(f"  - {rule}\n" for rule in rules)
    )


@pytest.mark.parametrize(
    "above",
    [
        "{call: token.issue, times: 1}",
        "{call: token.issue, after: 1}",
        "{call: token.issue, every: 2}",
        "{call: token.issue, match: {body: {a: b}}}",
        '{call: token.issue, match: {header: {x: {is: "a*"}}}}',
        "{call: payments.get}",
        '{call: token.issue, match: {body: {a: "*"}}}',
        '{call: token.issue, match: {header: {x: {is: "*"}}}}',
        '{call: token.issue, match: {header: {x: "*?"}}}',
        '{call: token.issue, match: {path: "*/x"}}',
    ],
)
def test_rules_that_may_fire(above: str) -> None:
    """A rule that sometimes lets a call pass hides nothing."""
    below = '{call: [token.issue, payments.get], match: {header: {x: "a*"}}}'
    assert 2 == len(read_text(f"{RULES}  - {above}\n  - {below}\n").rules)


def test_long_literals_do_not_hide_each_other() -> None:
    """Two conditions that differ only at their ends are two conditions."""
    match = "match: {body: {a: " + "x" * 300
    rules = read_text(
        f"{RULES}  - {{call: token.issue, {match}1}}}}}}\n  - {{call: token.issue, {match}2}}}}}}\n"
    ).rules
    assert 2 == len(rules)


@pytest.mark.parametrize(
    ("expected", "value"),
    [
        ("1:1: a scenario is a mapping that begins with `version: 1`, found a list", []),
        ("1:1: a scenario is a mapping that begins with `version: 1`, found `5`", 5),
        ("3:11: expected a text, found `null`", {"version": 1, "name": None}),
        ("1:1: this is too long: a scenario has at most 1 MiB", {"description": "x" * (1024 * 1024)}),
        ("3:11: a set has no meaning here: give a text, a number, a list or a mapping", {"version": 1, "name": {1}}),
        ("3:11: a number like that has no meaning here: give a text, a number, a list or a mapping", {"version": 1, "seed": float("nan")}),
        ("3:11: a number like that has no meaning here: give a text, a number, a list or a mapping", {"version": 1, "seed": 10**5000}),
        ("4:3: a key must be a text, found `7`", {"version": 1, "name": "x", 7: "y"}),
        ("3:11: the text holds half of a surrogate pair", {"version": 1, "name": "\ud83d"}),
        ("6:16: `hong` is not a reply: did you mean `hang`?", {"version": 1, "name": "x", "rules": [{"reply": "hong", "call": "*"}]}),
        ("6:16: expected a whole number of at least 1, found `true`", {"version": 1, "name": "x", "rules": [{"times": True, "call": "*"}]}),
    ],
)  # fmt: skip
def test_mistakes_in_python_values(expected: str, value: object) -> None:
    """A mistake in a Python value is told at its place in the JSON text."""
    assert expected in problems(value)


def test_endless_values() -> None:
    """A value that holds itself is refused."""
    value: dict[str, Any] = {"version": 1}
    value["name"] = value
    (only,) = [each for each in problems(value) if "deep" in each]
    assert "128:140: this is nested more than 64 levels deep" == only


def test_files(tmp_path: Path) -> None:
    """A file is read as UTF-8, and knows its name."""
    path = tmp_path / "x.yaml"
    path.write_bytes(f"{HEAD}description: 결제\r\n".encode())
    scenario = read_file(path)
    assert ("결제", str(path)) == (scenario.description, scenario.file)


@pytest.mark.parametrize(
    ("message", "data"),
    [
        ("this is not UTF-8 (byte 0xb0 in line 3): save it as UTF-8", f"{HEAD}description: 결제\n".encode("cp949")),
        ("this is too long: a scenario has at most 1 MiB", b"\xff" * (1024 * 1024 + 1)),
        ("the scenario is empty: it begins with `version: 1`", b""),
    ],
)  # fmt: skip
def test_files_that_cannot_be_read(tmp_path: Path, message: str, data: bytes) -> None:
    """A file's mistakes carry its path."""
    path = tmp_path / "x.yaml"
    path.write_bytes(data)
    with pytest.raises(ScenarioError) as caught:
        read_file(path)
    assert f"{path}:1:1: {message}" == str(caught.value)


def test_files_that_are_none(tmp_path: Path) -> None:
    """A missing file, a directory and an impossible name are told, not raised as they come."""
    for path, message in (
        (tmp_path / "none.yaml", "there is no such file"),
        (tmp_path, "this is a directory, and a scenario is a file"),
        (Path("a\0b"), "this file cannot be read: embedded null byte"),
    ):
        with pytest.raises(ScenarioError) as caught:
            read_file(path)
        assert message == caught.value.problems[0].message


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: text.split("name: ")[1].split()[0])
def test_examples_of_the_page(example: str) -> None:
    """Every example of the reference page can be played."""
    assert example == read_text(example).source


@pytest.mark.parametrize(
    "word", [*FAULTS, *EFFECTS, *ACTIONS, *ARGUMENTS_IN_TIME, *SCENARIO, *RULE, *CALL_NAMES]
)
def test_page_is_complete(word: str) -> None:
    """Every reply, action, key and call stands on the reference page."""
    assert f"`{word}`" in PAGE


REPLIES = PAGE[PAGE.index("### Replies") : PAGE.index("### Charset")]
TABLES = dict(
    zip(
        (CALL, WINDOW, WEBHOOK),
        re.split(r"^\| reply \|", REPLIES, flags=re.MULTILINE)[1:],
        strict=True,
    )
)


@pytest.mark.parametrize(
    ("kind", "side"), [(kind, side) for kind, fault in FAULTS.items() for side in fault.sides]
)
def test_page_tells_the_effects(kind: str, side: str) -> None:
    """Each side's table has its replies, with the effect each has when the rule does not say."""
    effect = "" if side == WEBHOOK else rf" \| `{FAULTS[kind].effect}`"
    assert re.search(rf"^\| `{kind}` \| .*{effect} \|$", TABLES[side], re.MULTILINE)


@pytest.mark.parametrize("side", TABLES)
def test_page_tells_no_more(side: str) -> None:
    """A side's table has no reply that cannot happen there."""
    listed = re.findall(r"^\| `([a-z-]+)` \|", TABLES[side], re.MULTILINE)
    assert [kind for kind, fault in FAULTS.items() if side in fault.sides] == sorted(
        listed, key=list(FAULTS).index
    )


def test_page_has_examples() -> None:
    """Every YAML block of the page is a whole scenario, and is read here."""
    assert EXAMPLES
    assert PAGE.count("```yaml") == len(EXAMPLES)
