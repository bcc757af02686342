"""The histogram of costs as SVG: a small file without scripts, fonts or anything to load."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

WIDTH = 720
LEFT, RIGHT, TOP = 64, 196, 92  # right: a count of nine digits and a share
ROW = 34
BAR = 20
INK, FAINT, FINE, WEAK = "#1f2933", "#6b7785", "#2f7d6d", "#c8553d"
FONT = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif"


class HistogramRow(NamedTuple):
    label: str
    hashes: int
    weak: bool


def text(x: float, y: float, content: str, *, size: int = 14, color: str = INK, anchor: str = "start") -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size}" fill="{color}" text-anchor="{anchor}">{escape(content)}</text>'
    )


def _row(row: HistogramRow, index: int, largest: int, total: int) -> list[str]:
    top = TOP + index * ROW
    middle = top + BAR * 0.75
    # Something can be seen of every row that has a hash.
    length = max(2.0, (WIDTH - LEFT - RIGHT) * row.hashes / largest) if row.hashes else 0.0
    size = f'width="{length:.1f}" height="{BAR}" rx="{min(3.0, length / 2):.1f}"'
    return [
        text(LEFT - 12, middle, row.label, anchor="end"),
        f'<rect x="{LEFT}" y="{top}" {size} fill="{WEAK if row.weak else FINE}"/>',
        text(LEFT + length + 10, middle, f"{row.hashes:,}", color=INK if row.hashes else FAINT),
        text(WIDTH - 20, middle, share(row.hashes, total), color=FAINT, anchor="end"),
    ]


def share(count: int, total: int) -> str:
    """Percent, without saying 0 or 100 of what is only nearly that."""
    if not count:
        return ""
    percent = 100 * count / total
    if 0 < percent < 0.1:
        return "< 0.1 %"
    if 99.9 < percent < 100:
        return "> 99.9 %"
    return f"{percent:.1f} %"


def _legend(y: float, min_cost: int) -> list[str]:
    return [
        f'<rect x="{LEFT}" y="{y - 11}" width="12" height="12" rx="2" fill="{FINE}"/>',
        text(LEFT + 18, y, f"cost {min_cost} and above", size=12, color=FAINT),
        f'<rect x="{LEFT + 150}" y="{y - 11}" width="12" height="12" rx="2" fill="{WEAK}"/>',
        text(LEFT + 168, y, f"weak: below {min_cost}", size=12, color=FAINT),
    ]


def histogram(title: str, subtitle: str, rows: Sequence[HistogramRow], min_cost: int) -> str:
    height = TOP + max(1, len(rows)) * ROW + 44
    largest, total = max([row.hashes for row in rows] or [1]), sum(row.hashes for row in rows)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
        f' role="img" font-family="{FONT}">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        text(20, 36, title, size=20),
        text(20, 60, subtitle, size=13, color=FAINT),
    ]
    for index, row in enumerate(rows):
        parts += _row(row, index, largest or 1, total)
    if not rows:
        parts.append(text(20, TOP + BAR * 0.75, "no hashes", color=FAINT))
    parts += [*_legend(height - 20, min_cost), "</svg>"]
    return "\n".join(parts) + "\n"
