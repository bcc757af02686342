"""What Lambda itself says of a time window: duration, init, memory and cost of each function.

Counts of invocations, errors and throttles are CloudWatch metrics. Everything else is read from the reports in the
function's log group (REPORT lines, or platform.report where it logs JSON), because no metric has what was billed, how
long an init took, or how much memory was used.
"""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from .aws import AwsTarget, told_clearly
from .configurations import sample_event
from .cost import Prices
from .reports import Report, parse
from .summary import percentile
from .tables import NOTHING, TITLES, number, table
from .targets import Function, Target, counted

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import DimensionTypeDef, MetricDataQueryTypeDef

PATTERN = '?"REPORT RequestId" ?"platform.report"'
COUNTED = ("Invocations", "Errors", "Throttles")
QUERIES_AT_ONCE = 498  # of 500 that GetMetricData takes, a multiple of the counts of a function


@dataclass(frozen=True)
class FunctionMetrics:
    """`counts` by the names of COUNTED; None where only reports are to be had. `complete`: none was left unread."""

    function: Function
    reports: list[Report]
    counts: dict[str, int] | None
    complete: bool = True
    peak_mb: float | None = None  # where reports have no memory

    @property
    def max_memory_mb(self) -> float | None:
        return max((report.max_memory_mb for report in self.reports if report.max_memory_mb), default=self.peak_mb)

    def cost(self, prices: Prices) -> float | None:
        """What these invocations cost; None without a report, or where a price is missing."""
        if not self.reports or self.function.architecture not in prices.gb_second:
            return None
        gb_seconds = sum(report.billed_ms / 1000 * report.memory_mb / prices.mb_per_gb for report in self.reports)
        requests = len(self.reports) * prices.million_requests / 1e6
        return gb_seconds * prices.gb_second[self.function.architecture] + requests


def of_aws(
    target: AwsTarget, functions: list[Function], hours: float, limit: int, step: Callable[[], None]
) -> list[FunctionMetrics]:
    """At most `limit` reports of each function, the oldest first. Raises Unreachable."""
    end = datetime.now(UTC)
    start = end - timedelta(hours=hours)
    counts = _counts(target, functions, start, end)
    found = []
    for function in functions:
        reports = list(itertools.islice(_reports(target, function, start, end), limit + 1))
        found.append(FunctionMetrics(function, reports[:limit], counts[function.name], len(reports) <= limit))
        step()
    return found


def _reports(target: AwsTarget, function: Function, start: datetime, end: datetime) -> Iterator[Report]:
    group = target.log_group(function)
    pages = target.logs.get_paginator("filter_log_events").paginate(
        logGroupName=group,
        filterPattern=PATTERN,
        startTime=int(start.timestamp() * 1e3),
        endTime=int(end.timestamp() * 1e3),
    )
    with told_clearly(f"cannot read the log group {group}"):
        try:
            for page in pages:
                for event in page["events"]:
                    if report := parse(event.get("message", "")):
                        yield report
        except target.logs.exceptions.ResourceNotFoundException:
            return  # there is none before the first invocation


def _counts(target: AwsTarget, functions: list[Function], start: datetime, end: datetime) -> dict[str, dict[str, int]]:
    """Sums over the window. A period that divides it into few points, for a point must be a whole number of minutes."""
    period = 3600 if end - start > timedelta(hours=24) else 60
    wanted = {f"m{index}": key for index, key in enumerate(itertools.product(functions, COUNTED))}
    queries = [_query(id, function.name, metric, period) for id, (function, metric) in wanted.items()]
    sums = dict.fromkeys(wanted, 0)
    with told_clearly("cannot read CloudWatch metrics"):
        for first in range(0, len(queries), QUERIES_AT_ONCE):
            pages = target.cloudwatch.get_paginator("get_metric_data").paginate(
                MetricDataQueries=queries[first : first + QUERIES_AT_ONCE], StartTime=start, EndTime=end
            )
            for result in itertools.chain.from_iterable(page["MetricDataResults"] for page in pages):
                sums[result["Id"]] += int(sum(result["Values"]))
    counts: dict[str, dict[str, int]] = {function.name: {} for function in functions}
    for id, (function, metric) in wanted.items():
        counts[function.name][metric] = sums[id]
    return counts


def _query(id: str, function: str, metric: str, period: int) -> MetricDataQueryTypeDef:
    dimensions: list[DimensionTypeDef] = [{"Name": "FunctionName", "Value": function}]
    return {
        "Id": id,
        "MetricStat": {
            "Metric": {"Namespace": "AWS/Lambda", "MetricName": metric, "Dimensions": dimensions},
            "Period": period,
            "Stat": "Sum",
        },
    }


def of_local(
    target: Target, functions: Iterable[Function], runs: int, items: int, step: Callable[[], None]
) -> list[FunctionMetrics]:
    """The emulator keeps no log of the past, so each function is started and called `runs` times now."""
    found = []
    for function in functions:
        with target.open(function) as session:
            reports = []
            for _ in range(runs):
                result = session.invoke(sample_event(items))
                counted(function, result, items)
                if result.report is not None:
                    reports.append(result.report)
                step()
            found.append(FunctionMetrics(function, reports, None, peak_mb=session.peak_mb()))
    return found


def show(out: Console, found: list[FunctionMetrics], prices: Prices, title: str, label: str) -> None:
    names = [
        "calls",
        "errors",
        "throttled",
        "P50\nms",
        "P95\nms",
        "P99\nms",
        "cold",
        "init\nms",
        "memory\nMB",
        "of\nMB",
    ]
    rows = table(f"{title}. {TITLES[label]}", ["function"], [*names, f"{prices.currency} for\nthese", "for 1M\ncalls"])
    for each in found:
        durations = [report.duration_ms for report in each.reports]
        inits = [report.init_ms for report in each.reports if report.init_ms is not None]
        counts = [NOTHING] * 2 if each.counts is None else [f"{each.counts[name]:,}" for name in COUNTED[1:]]
        calls = len(each.reports) if each.counts is None else each.counts["Invocations"]
        cost = each.cost(prices)
        rows.add_row(
            escape(each.function.name),
            f"{calls:,}",
            *counts,
            *(number(percentile(durations, percent) if durations else None, 1) for percent in (50, 95, 99)),
            str(len(inits)),
            number(statistics.fmean(inits) if inits else None, 1),
            number(each.max_memory_mb, 0 if each.counts is not None else 1),
            number(each.function.memory_mb),
            number(cost, 6),
            number(cost / len(each.reports) * 1e6 if cost is not None else None, 2),
        )
    out.print(rows)
    for line in _remarks(found, prices, label):
        out.print(escape(line))


def _remarks(found: list[FunctionMetrics], prices: Prices, label: str) -> Iterator[str]:
    yield f"Prices: {prices.region}, first tier, looked up {prices.looked_up}, {prices.source}"
    if label == "local":
        yield "Memory: the most that the process had, by the kernel. Init: from its start until it asked for work."
        yield "Costs are those of these times on Lambda, whose processors are others: see `bench.py cost --local`."
    for each in found:
        read = len(each.reports)
        if not each.complete:
            yield f"{each.function.name}: only the first {read:,} reports were read (--limit)"
        elif each.counts is not None and read != each.counts["Invocations"]:
            yield (
                f"{each.function.name}: {each.counts['Invocations']:,} invocations and {read:,} reports: both come "
                "late, and a function whose system log level is WARN writes no reports"
            )


def window(hours: float) -> str:
    since = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(time.time() - hours * 3600))
    return f"Since {since}"
