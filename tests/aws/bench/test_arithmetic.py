"""Percentiles, costs and reports, beside figures worked out by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from measure import cost, reports
from measure.burst import Burst, event, parse_mix
from measure.configurations import Configuration, all_configurations
from measure.failure import WrongFile
from measure.runs import Run
from measure.summary import percentile, summarize
from measure.targets import BOOTSTRAP, Function

RUN = Run("aws", "f", "arm64", 2048, 2, 1.158, 20, 1, "2026-11-22T00:00:00.000Z", 100, 104, 130.0, None, 30, 2)


def test_a_percentile_is_the_nearest_rank() -> None:
    twenty = [float(value) for value in range(20, 0, -1)]
    assert [percentile(twenty, percent) for percent in (50, 90, 95, 99, 100)] == [10, 18, 19, 20, 20]
    assert percentile([7.0], 1) == percentile([7.0], 99) == 7
    assert percentile([1.0, 2.0, 3.0, 4.0, 5.0], 50) == 3


@pytest.mark.parametrize(("values", "percent"), [([], 50), ([1.0], 0), ([1.0], 101)])
def test_a_percentile_of_nothing_is_refused(values: list[float], percent: float) -> None:
    with pytest.raises(ValueError, match=r"no values|percent is over 0"):
        percentile(values, percent)


def test_only_warm_runs_are_summarized() -> None:
    first = replace(RUN, run=0, duration_ms=900, init_ms=12.5)
    warm = [replace(RUN, run=number, duration_ms=100 + number, billed_ms=110 + number) for number in (1, 2, 3)]
    another_environment = replace(RUN, run=4, duration_ms=800, init_ms=14.0)
    (found,) = summarize([first, *warm, another_environment])
    assert (found.runs, found.mean_ms, found.median_ms, found.billed_ms, found.init_ms) == (3, 102, 102, 112, 12.5)
    assert summarize([first]) == []


def test_a_mean_of_some_bills_is_none() -> None:
    (found,) = summarize([RUN, replace(RUN, run=2, billed_ms=None)])
    assert found.billed_ms is None


def test_what_a_million_invocations_cost() -> None:
    prices = cost.load()
    # 0.5 s of 1.5 GB and 0.20 for the requests: 0.75 GB-s * 0.0000166667 * 10^6 = 12.500025
    assert prices.million(Configuration("x86_64", 1536, 1), 500) == pytest.approx(12.700025)
    # 0.1 s of 10 GB: 1 GB-s * 0.0000133334 * 10^6 = 13.3334
    assert prices.million(Configuration("arm64", 10240, 6), 100) == pytest.approx(13.5334)
    # The sample's first row: 1.885 s * 1.5 GB * 0.0000133334 * 10^6 + 0.20
    assert cost.published_million(Configuration("arm64", 1536, 1), prices) == pytest.approx(37.9001885)


def test_the_bill_prices_and_the_clock_only_where_there_is_none() -> None:
    prices = cost.load()
    (billed,) = summarize([RUN])
    (unbilled,) = summarize([replace(RUN, billed_ms=None)])
    # 2 GB: 0.208 GB-s and 0.2 GB-s
    assert cost.price(billed, prices).million == pytest.approx(0.208 * 13.3334 + 0.2)
    assert cost.price(unbilled, prices).million == pytest.approx(0.2 * 13.3334 + 0.2)
    assert cost.price(billed, prices).ms == 100  # what Lambda measured is not estimated


def test_local_processor_time_is_brought_to_what_the_memory_pays_for() -> None:
    def estimate(memory: int, threads: int, ran: float, longest: float) -> cost.Priced:
        run = replace(RUN, target="local", memory_mb=memory, workers=threads, threads_used=threads)
        (found,) = summarize([replace(run, ran_ms=ran, longest_ms=longest)])
        return cost.price(found, cost.load())

    assert estimate(2048, 2, 300, 155).ms == pytest.approx(300 * 1769 / 2048)  # it pays for 1.16
    assert estimate(10240, 5, 300, 70).ms == 70  # five threads have a processor each, and one of them has more to do
    assert estimate(10240, 5, 300, 70).billed_ms == 74  # 4 ms are billed beside the function's own time
    assert estimate(10240, 5, 300, 70).million == pytest.approx(0.74 * 13.3334 + 0.2)


def test_without_processor_time_the_clock_is_taken() -> None:
    def estimate(memory: int, workers: int, processors: float, threads: int) -> float:
        run = replace(
            RUN, target="local", memory_mb=memory, workers=workers, processors=processors, threads_used=threads
        )
        (found,) = summarize([run])
        return cost.price(found, cost.load()).ms

    assert estimate(1536, 1, 1, 1) == pytest.approx(100 * 1769 / 1536)  # one thread has 0.868 of a processor
    assert estimate(2048, 2, 2, 2) == pytest.approx(100 * 2 * 1769 / 2048)  # two share 1.158
    assert estimate(10240, 6, 2, 5) == pytest.approx(100 * 2 / 5)  # five threads had two, and would have five


def test_rows_say_what_is_not_as_on_lambda() -> None:
    (shared,) = summarize([replace(RUN, target="local", memory_mb=6144, workers=4, processors=2, threads_used=4)])
    (rich,) = summarize([replace(RUN, target="local", processors=2)])
    (aws,) = summarize([RUN])
    assert shared.note == "4 threads shared 2 processors"
    assert rich.note == "had 2, the memory pays for 1.16"
    assert aws.note == ""


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda prices: prices.pop("per_million_requests"), "has no per_million_requests"),
        (lambda prices: prices["per_gb_second"].pop("arm64"), "has no arm64"),
        (lambda prices: prices.update(mb_per_gb="many"), "is not a file of prices"),
    ],
)
def test_a_file_of_prices_that_lacks_one_is_refused(tmp_path: Path, change: object, message: str) -> None:
    prices = json.loads(cost.PRICES.read_text(encoding="utf-8"))
    assert callable(change)
    change(prices)
    path = tmp_path / "prices.json"
    path.write_text(json.dumps(prices), encoding="utf-8")
    with pytest.raises(WrongFile, match=message):
        cost.load(path)


LINE = (
    "REPORT RequestId: 4a8d\tDuration: 312.26 ms\tBilled Duration: 325 ms\tMemory Size: 6144 MB\t"
    "Max Memory Used: 22 MB\tInit Duration: 12.50 ms\t\nXRAY TraceId: 1-5e"
)
RECORD = (
    '{"time":"2026-11-22T00:00:00.000Z","type":"platform.report","record":{"requestId":"4a8d","status":"success",'
    '"metrics":{"durationMs":312.26,"billedDurationMs":325,"memorySizeMB":6144,"maxMemoryUsedMB":22,'
    '"initDurationMs":12.5}}}'
)


@pytest.mark.parametrize("line", [LINE, RECORD])
def test_both_forms_of_a_report_are_read(line: str) -> None:
    assert reports.parse(line) == reports.Report(312.26, 325, 6144, 22, 12.5)


def test_a_warm_report_has_no_init() -> None:
    warm = LINE.replace("\tInit Duration: 12.50 ms", "")
    assert reports.parse(warm) == reports.Report(312.26, 325, 6144, 22, None)


@pytest.mark.parametrize(
    "line",
    [
        "START RequestId: 4a8d Version: $LATEST",
        "REPORT RequestId: 4a8d\tDuration: 312.26 ms",
        '{"type":"platform.report"',
        '{"type":"platform.report","record":{"metrics":{"durationMs":"soon"}}}',
        '{"type":"platform.report","record":[]}',
        '{"message":"a platform.report of ours"}',
    ],
)
def test_other_lines_are_no_reports(line: str) -> None:
    assert reports.parse(line) is None


def test_the_last_report_of_a_tail_counts() -> None:
    later = LINE.replace("325", "326")
    found = reports.last(["START", LINE, "END", later, "EXTENSION"])
    assert found is not None
    assert found.billed_ms == 326
    assert reports.last(["START"]) is None


def burst(**changes: float) -> Burst:
    function = Function("f", BOOTSTRAP, "x86_64", 4096, 3)
    return replace(Burst(function, 100, 3, 2.0, 1.0, 1000.0, 625.0, 1100.0, 700.0), **changes)  # type: ignore[arg-type]


def test_idle_time() -> None:
    found = burst()
    assert found.idle == pytest.approx(0.2)  # 1,000 ms of work, 2 * 625 could have been done
    assert found.idle_ms == pytest.approx(250)
    assert found.waited_share == pytest.approx(700 / 1875)
    assert found.idle_share == pytest.approx(75 / 1875)
    # A thread that has 0.868 of a processor does that much less work in its time.
    assert burst(one_processor=0.868, processors=0.868, parallel_ms=1000.0).idle == pytest.approx(0)
    assert burst(parallel_ms=400.0).idle == 0  # faster than it can be: the machine's speed changed


def test_the_mix_is_the_event() -> None:
    mix = parse_mix("4:3, 5:2")
    items = json.loads(event(mix, "parallel"))["items"]
    assert sorted(item["cost"] for item in items) == [4, 4, 4, 5, 5]
    assert event(mix, "parallel") == event(mix, "parallel")


def test_the_twelve_configurations() -> None:
    names = [configuration.name for configuration in all_configurations()]
    assert len(set(names)) == 12
    assert {"arm64-1vcpu-1536mb", "x86_64-6vcpu-10240mb"} <= set(names)


def test_the_table_goes_between_the_marks(tmp_path: Path) -> None:
    prices = cost.load()
    rows = [cost.price(summary, prices) for summary in summarize([RUN])]
    path = tmp_path / "guide.md"
    path.write_text(f"before\n{cost.BEGIN}\nold\n{cost.END}\nafter\n", encoding="utf-8")
    cost.insert(path, cost.markdown(rows, prices))
    text = path.read_text(encoding="utf-8")
    assert text.startswith(f"before\n{cost.BEGIN}\n\nAWS Lambda: 20 items at cost 10, 1 warm runs each, 2026-11-22.")
    assert text.endswith(f"\n{cost.END}\nafter\n")
    assert "old" not in text
    assert "| arm64, 2,048 MB, 2 workers | 100 | 104.0 | 2.97 | 0.149 | 35.77 | 12.03 | cheapest, fastest |" in text
    cost.insert(path, cost.markdown(rows, prices))
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("text", ["", cost.BEGIN, f"{cost.END}{cost.BEGIN}", f"{cost.BEGIN}{cost.BEGIN}{cost.END}"])
def test_a_file_without_the_marks_is_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "guide.md"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(WrongFile, match="has not one line"):
        cost.insert(path, "table")
    assert path.read_text(encoding="utf-8") == text
