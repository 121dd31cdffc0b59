"""A picture of the measurements: a bar chart in plain SVG."""

from collections.abc import Mapping, Sequence
from html import escape

WIDTH, LABEL, BAR, GAP = 760, 270, 18, 8
COLOURS = {"ours": "#1f6feb", "reference": "#b6bcc4"}

# A bar: its label, its length, the text beside it, and a key of `COLOURS`.
Bar = tuple[str, float, str, str]


def picture(groups: Mapping[str, Sequence[Bar]]) -> str:
    """The SVG of several groups of bars, each group with its own scale."""
    parts, y = [], 16
    for title, bars in groups.items():
        y += 16
        parts.append(f'<text x="12" y="{y}" class="title">{escape(title)}</text>')
        y += 12
        longest = max(length for _, length, _, _ in bars)
        for label, length, told, whose in bars:
            width = max(2, round(length / longest * (WIDTH - LABEL - 130)))
            middle = y + BAR - 5
            parts.append(f'<text x="{LABEL - 8}" y="{middle}" class="label">{escape(label)}</text>')
            parts.append(
                f'<rect x="{LABEL}" y="{y}" width="{width}" height="{BAR}" rx="2" '
                f'fill="{COLOURS[whose]}"/>'
            )
            parts.append(f'<text x="{LABEL + width + 6}" y="{middle}">{escape(told)}</text>')
            y += BAR + GAP
        y += 12
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" role="img" '
        f'aria-label="Measurements of mock-nicepay">\n<style>\n'
        "text { font: 13px system-ui, sans-serif; fill: #24292f }\n"
        ".title { font-weight: 600 } .label { text-anchor: end }\n"
        f'</style>\n<rect width="{WIDTH}" height="{y}" fill="#ffffff"/>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )
