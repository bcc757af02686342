"""An audit for people: counts and the histogram in the terminal, and the same histogram for --svg."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from lanecrypt.cli.picture import HistogramRow, histogram, share
from lanecrypt.cli.streams import shows

if TYPE_CHECKING:
    from lanecrypt.cli.audit import Audit

BAR = 36
EIGHTHS = " ▏▎▍▌▋▊▉█"

FINDINGS = {
    "malformed": "malformed: can never be verified",
    "weak_cost": "cost below the minimum",
    "weak_variant": "$2x$: made by a faulty implementation",
    "dear_cost": "cost so high that verifying is a hazard",
    "repeated_salt": "salt that another row has too",
}
NOTES = {
    "2a": "$2a$ may come from before 2011; it differs from $2b$ only for passwords with a byte 255, never in UTF-8.",
    "2y": "$2y$ is PHP's name of $2b$.",
}


def rows_of(audit: Audit, min_cost: int) -> list[HistogramRow]:
    """From the lowest to the highest cost that there is, and those between them: a gap is seen as one."""
    costs = audit.costs
    if not costs:
        return []
    return [HistogramRow(str(cost), costs[cost], cost < min_cost) for cost in range(min(costs), max(costs) + 1)]


def svg(audit: Audit, min_cost: int) -> str:
    found = sum(audit.costs.values())
    parts = [f"{found:,} bcrypt hashes in {audit.rows:,} rows"]
    if audit.malformed:
        parts.append(f"{sum(audit.malformed.values()):,} malformed")
    if audit.empty:
        parts.append(f"{audit.empty:,} empty")
    return histogram("bcrypt costs", ", ".join(parts), rows_of(audit, min_cost), min_cost)


def bar(count: int, largest: int) -> str:
    """Block characters in eighths, or # where there are none; something for every count that is not 0."""
    eighths = max(1, round(8 * BAR * count / largest)) if count else 0
    if not shows(EIGHTHS):
        return "#" * -(-eighths // 8)
    return "█" * (eighths // 8) + (EIGHTHS[eighths % 8] if eighths % 8 else "")


def _costs(audit: Audit, min_cost: int) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("cost", justify="right")
    table.add_column("", min_width=BAR, no_wrap=True)
    table.add_column("hashes", justify="right")
    table.add_column("share", justify="right", style="dim")
    rows = rows_of(audit, min_cost)
    largest, total = max([row.hashes for row in rows] or [1]), sum(row.hashes for row in rows)
    for row in rows:
        drawn = Text(bar(row.hashes, largest), style="red" if row.weak else "green")
        table.add_row(row.label, drawn, f"{row.hashes:,}", share(row.hashes, total))
    return table


def _counts(title: str, counts: Mapping[str, int]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(title, min_width=26)
    table.add_column("", justify="right")
    for name, count in counts.items():
        table.add_row(name, f"{count:,}")
    return table


def _findings(audit: Audit, min_cost: int) -> list[RenderableType]:
    if not audit.findings:
        return [Text("Nothing found.", style="bold green")]
    lines: list[RenderableType] = [Text("Findings", style="bold red")]
    for code, count in audit.findings.most_common():
        what = FINDINGS.get(code, code)
        lines.append(Text(f"  {count:>12,}  {what}{f' of {min_cost}' if code == 'weak_cost' else ''}"))
    return lines


def show(audit: Audit, min_cost: int) -> None:
    found = sum(audit.costs.values())
    head = f"{audit.rows:,} rows: {found:,} bcrypt hashes"
    head += f", {audit.empty:,} empty" if audit.empty else ""
    parts: list[RenderableType] = [Text(head, style="bold"), Text()]
    if found:
        parts += [_costs(audit, min_cost), Text()]
        grid = Table.grid(padding=(0, 4))
        variants = {f"${name}$": count for name, count in sorted(audit.variants.items())}
        grid.add_row(_counts("held as", dict(audit.wrappers.most_common())), _counts("variant", variants))
        parts += [grid, Text()]
    if audit.malformed:
        parts += [_counts("malformed", dict(audit.malformed.most_common())), Text()]
    parts += _findings(audit, min_cost)
    notes = [Text(f"Note: {NOTES[name]}", style="dim") for name in sorted(audit.variants) if name in NOTES]
    parts += [Text(), *notes] if notes else []
    Console(highlight=False).print(Padding(Group(*parts), (0, 1)))
