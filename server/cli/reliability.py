"""Pictures of how far a reader can be believed: a diagram as SVG, and a line of characters for the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from server.domain.calibration import Bin

Named = tuple[str, Sequence[Bin]]
"""A reader's name and its table."""

WIDTH, HEIGHT, LEFT, TOP, SIDE, COUNTS = 520, 600, 70, 64, 400, 70

STYLE = """
    text { font: 13px system-ui, sans-serif; fill: #1f2328 }
    .soft { fill: #57606a }
    .few { font-size: 11px }
    .head { font-size: 15px; font-weight: 600 }
    .paper { fill: #ffffff }
    .grid { stroke: #d0d7de; fill: none }
    .even { stroke: #57606a; stroke-dasharray: 5 4 }
    .seen { stroke: #0969da; stroke-width: 2 }
    .dot, .count { fill: #0969da }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3 }
      .soft { fill: #9da7b3 }
      .paper { fill: #0d1117 }
      .grid { stroke: #3d444d }
      .even { stroke: #9da7b3 }
      .seen { stroke: #58a6ff }
      .dot, .count { fill: #58a6ff }
    }
"""

LINE = 41
"""Characters from 0 to 100 %."""


def line(one: Bin) -> str:
    """Where the right ones of a bin lie: `●` what was seen, `─` its bounds, `┊` what the confidence says."""
    low, high = one.bounds
    cells = [" "] * LINE
    for at in range(_cell(low), _cell(high) + 1):
        cells[at] = "─"
    cells[_cell(one.confidence)] = "┊"
    cells[_cell(one.share)] = "●"
    return "".join(cells)


def _cell(share: float) -> int:
    return round(share * (LINE - 1))


def diagram(readers: Iterable[Named]) -> str:
    """One SVG with a diagram for each reader, below one another; for light and dark, with all figures in words."""
    every = list(readers)
    words = "How often readings of a confidence were right, by people's reviews"
    panels = "\n".join(_panel(name, table, number * HEIGHT) for number, (name, table) in enumerate(every))
    height = HEIGHT * len(every)
    return f"""<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="title figures"
  viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}">
  <title id="title">{words}</title>
  <desc id="figures">{escape(" ".join(_in_words(name, table) for name, table in every))}</desc>
  <style>{STYLE}  </style>
  <rect class="paper" width="{WIDTH}" height="{height}"/>
{panels}
</svg>
"""


def _in_words(name: str, table: Sequence[Bin]) -> str:
    lines = [
        f"confidence {one.low:.2f} to {one.high:.2f}: {one.right} of {one.count} right, {_bounds(one)};"
        for one in table
    ]
    return f"{name}: {' '.join(lines)}"


def _bounds(one: Bin) -> str:
    low, high = one.bounds
    return f"{low:.1%} to {high:.1%} with 95 % confidence"


def _panel(name: str, table: Sequence[Bin], down: int) -> str:
    """Shares against confidence, how many there were of each below, and the line on which the two would be the same."""
    most = max((one.count for one in table), default=1)
    bottom, foot = TOP + SIDE, TOP + SIDE + 48 + COUNTS
    parts = [
        f'<text class="head" x="{LEFT}" y="28">{escape(name)}</text>',
        f'<text class="soft" x="{LEFT}" y="48">share of right readings (with its 95 % bounds), by confidence</text>',
        f'<path class="even" d="M{LEFT} {bottom}L{LEFT + SIDE} {TOP}"/>',
    ]
    for tenth in range(0, 11, 2):
        share = tenth / 10
        parts += [
            f'<path class="grid" d="M{LEFT} {_y(share)}h{SIDE}M{_x(share)} {TOP}v{SIDE}"/>',
            f'<text class="soft" x="{LEFT - 8}" y="{_y(share) + 4:g}" text-anchor="end">{share:.0%}</text>',
            f'<text class="soft" x="{_x(share)}" y="{bottom + 18}" text-anchor="middle">{share:.1f}</text>',
        ]
    for one in table:
        x, (low, high) = _x(one.confidence), one.bounds
        tall = max(2.0, COUNTS * one.count / most)
        told = f"{one.low:.2f} to {one.high:.2f}: {one.right} of {one.count} right, {_bounds(one)}"
        parts += [
            f'<path class="seen" d="M{x} {_y(low)}V{_y(high)}M{x - 4:g} {_y(low)}h8M{x - 4:g} {_y(high)}h8"/>',
            f'<circle class="dot" cx="{x}" cy="{_y(one.share)}" r="5"><title>{told}</title></circle>',
            f'<rect class="count" x="{_x(one.low) + 1:g}" y="{foot - tall:g}" '
            f'width="{_x(one.high) - _x(one.low) - 2:g}" height="{tall:g}"/>',
            f'<text class="soft few" x="{(_x(one.low) + _x(one.high)) / 2:g}" y="{foot - tall - 4:g}" '
            f'text-anchor="middle">{one.count}</text>',
        ]
    parts.append(f'<text class="soft" x="{LEFT - 8}" y="{foot}" text-anchor="end">readings</text>')
    inside = "\n".join(f"    {part}" for part in parts)
    return f'  <g transform="translate(0 {down})">\n{inside}\n  </g>'


def _x(confidence: float) -> float:
    return round(LEFT + SIDE * confidence, 1)


def _y(share: float) -> float:
    return round(TOP + SIDE * (1 - share), 1)
