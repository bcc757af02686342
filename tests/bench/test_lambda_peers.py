"""What decides in the Lambda bench: percentiles and bars, the tap's bytes and times, the threads that are counted.

Ours and the plain Python handler run behind the emulator here; what must be downloaded first does not.
"""

from __future__ import annotations

import csv
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bench.lambda_peers import bars, catalogue, install, measure, plots, process, report, tap
from bench.lambda_peers.catalogue import BOOTSTRAP, CROWBAR, PLAIN, RUST, Contestant
from bench.lambda_peers.measure import Pace, Run
from bench.lambda_peers.samples import COLD, WARM, WARM_TAPPED, Sample, Samples, figure
from bench.peers.install import Missing

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("LANECRYPT_BUILD", ROOT / "build" / "release")).resolve()


def test_a_figure_has_the_median_the_best_and_the_slow_ones() -> None:
    found = figure(float(value) for value in range(100, -1, -1))
    assert found is not None
    assert (found.count, found.best, found.p50, found.p95, found.p99) == (101, 0, 50, 95, 99)
    lone = figure([7.0])
    assert lone is not None
    assert (lone.best, lone.p50, lone.p99) == (7, 7, 7)
    between = figure([10.0, 20.0])
    assert between is not None
    assert between.p95 == pytest.approx(19.5)
    assert figure([]) is None


def warm(contestant: str, *times: tuple[float, float]) -> list[Sample]:
    return [Sample(WARM_TAPPED, contestant, 2, 0, handle=handle, turn=turn) for handle, turn in times]


def verdict(rows: list[Sample], text: str) -> bars.Verdict:
    return next(each for each in bars.judged(Samples(rows), {BOOTSTRAP: 50, RUST: 100}) if text in each.bar.text)


def test_the_warm_bar_is_on_the_median_of_both_parts_of_a_call() -> None:
    slow_once = [*warm(BOOTSTRAP, (40, 10), (40, 20), (900, 900)), *warm(RUST, (70, 30), (60, 40), (50, 50))]
    found = verdict(slow_once, "bootstrap, warm")
    assert found.ratio == pytest.approx(0.6)
    assert found.word == bars.MET
    slower = [*warm(BOOTSTRAP, (40, 21)), *warm(RUST, (60, 40))]
    assert verdict(slower, "bootstrap, warm").word == bars.MISSED


def test_a_bar_that_was_not_measured_is_not_met() -> None:
    assert verdict(warm(BOOTSTRAP, (1, 1)), "bootstrap, warm").word == bars.UNKNOWN
    assert verdict([], "bootstrap, cold").word == bars.UNKNOWN
    assert verdict([], "bootstrap, zip").word == bars.MET


def test_the_bars_are_those_that_were_set() -> None:
    limits = {each.text: each.limit for each in bars.BARS if each.limit is not None}
    assert list(limits.values()) == [0.6, 0.6, 0.8, 1.0, 1.15, 1.1]


@contextmanager
def api(replies: list[bytes]) -> Iterator[tuple[tuple[str, int], list[bytes]]]:
    """A server that takes one connection, keeps what comes until its end, and sends its replies, one for each piece."""
    got: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                waiting = iter(replies)
                while data := connection.recv(1 << 16):
                    got.append(data)
                    connection.sendall(next(waiting, b""))

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname(), got
        thread.join(timeout=10)


def test_the_tap_forwards_every_byte_in_both_directions() -> None:
    sent, reply = os.urandom(3_000_000), os.urandom(2_000_000)
    with api([reply]) as (address, got), tap.Tap() as between:
        between.upstream = address
        with socket.create_connection(("127.0.0.1", between.port)) as client:
            received = bytearray()
            reader = threading.Thread(target=lambda: received.extend(b"".join(iter(lambda: client.recv(1 << 16), b""))))
            reader.start()
            client.sendall(sent)
            client.shutdown(socket.SHUT_WR)
            reader.join(timeout=10)
    assert b"".join(got) == sent
    assert bytes(received) == reply


NEXT = b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\n\r\n"
ANSWER = b"POST /2018-06-01/runtime/invocation/7/response HTTP/1.1\r\n\r\n{}"


def test_the_tap_tells_invocations_apart_and_dates_them_in_order() -> None:
    event, accepted = b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 202 Accepted\r\n\r\n"
    with api([event, accepted, event]) as (address, _), tap.Tap() as between:
        between.upstream = address
        with socket.create_connection(("127.0.0.1", between.port)) as client:
            for request in (NEXT, ANSWER, NEXT):
                client.sendall(request)
                client.recv(1000)
            (first,) = between.settled(1)
    assert between.log.first_next is not None
    assert first.response is not None
    assert first.accepted is not None
    assert first.next is not None
    assert between.log.first_next < first.event < first.response < first.accepted < first.next
    assert (first.handle, first.turn) == (first.response - first.event, first.next - first.accepted)


def test_an_event_in_pieces_counts_from_its_last() -> None:
    log = tap.Log()
    log.request(tap.NEXT, 1)
    log.reply(tap.NEXT, 2, begins=True)
    log.reply(tap.NEXT, 3, begins=False)
    for at in (10, 11):
        log.request(tap.RESPONSE, at)
    log.reply(tap.RESPONSE, 20, begins=True)
    log.request(tap.OTHER, 21)
    log.request(tap.NEXT, 25)
    (found,) = log.invocations
    assert (log.first_next, found.handle, found.turn) == (1, 8, 5)


def test_only_threads_that_computed_are_counted() -> None:
    before = {1: 100, 2: 100, 3: 500}
    assert process.computing(before, {1: 600, 2: 580, 3: 510}) == 2
    assert process.computing(before, {1: 600, 2: 580, 3: 500, 4: 400}) == 3  # 4 came during the call
    assert process.computing(before, before) == 0


@pytest.fixture(scope="module")
def contestants(tmp_path_factory: pytest.TempPathFactory) -> list[Contestant]:
    """From zips that this build's own rules make, and unzipped."""
    if b"__asan_init" in (BUILD / "bin" / "bootstrap").read_bytes():
        pytest.skip("a sanitized build is not what is deployed")
    folder = tmp_path_factory.mktemp("lambda")
    for rules in ("runtime", "python/liblambda"):
        subprocess.run(
            ["cmake", f"-DDIST={folder}", "-P", str(BUILD / rules / "package.cmake")], check=True, capture_output=True
        )
    python = Path(sys.executable)
    version = sysconfig.get_python_version().replace(".", "")
    return [
        catalogue.bootstrap(install.packaged("bootstrap", folder), folder),
        catalogue.crowbar(install.packaged(f"crowbar-py{version}", folder), python, folder),
        catalogue.plain(python, folder),
    ]


@pytest.fixture(scope="module")
def results(contestants: list[Contestant]) -> report.Results:
    """A whole run, as short as can be."""
    said: list[str] = []
    pace = Pace(cold=1, first=1, warm=3, items=1)
    run = Run([catalogue.tried(each) for each in contestants], pace, said.append)
    samples = run.all()
    assert run.failed == {}
    about = {"cpu": "a processor", "l1d": "48K L1D", "cores_online": 2, "cores_used": 2, "load_average": 0.1}
    return report.Results({**about, "compiler": "gcc"}, contestants, {"rust": "no cargo"}, samples, pace, 0.1)


def test_every_call_of_a_run_has_its_row_with_plausible_figures(results: report.Results) -> None:
    for contestant in results.contestants:
        (cold,) = results.samples.of(COLD, contestant.key)
        assert cold.since_start is not None
        assert cold.round_trip is not None
        assert 0 < cold.since_start < cold.round_trip  # the emulator starts it after it was asked
        assert cold.rss_kb is not None
        assert cold.rss_kb > 500
        (tapped,) = results.samples.of("cold_tapped", contestant.key)
        assert tapped.init is not None
        assert tapped.init > 0
        assert (
            len(results.samples.of(WARM, contestant.key)) == len(results.samples.of(WARM_TAPPED, contestant.key)) == 3
        )
    assert results.samples.threads(BOOTSTRAP, 1) == 1
    assert results.samples.threads(PLAIN, 1) is None
    own = results.samples.figure(WARM_TAPPED, CROWBAR, "own")
    trip = results.samples.figure(WARM, CROWBAR, "round_trip")
    assert own is not None
    assert trip is not None
    assert 0 < own.best < trip.p99


def test_the_report_has_every_function_and_every_bar(results: report.Results, tmp_path: Path) -> None:
    names = plots.draw_all(results, tmp_path)
    report.write(results, names, tmp_path)
    text = (tmp_path / "LAMBDA.md").read_text()
    for contestant in results.contestants:
        assert f"| {contestant.name} | {contestant.zip_bytes:,} |" in text
    for bar in bars.BARS:
        assert f"| {bar.text} |" in text
    assert text.count(f"| {bars.UNKNOWN} |") == 4  # those over Rust's
    assert "- rust: no cargo" in text
    with (tmp_path / "lambda.csv").open() as opened:
        rows = list(csv.DictReader(opened))
    assert len(rows) == len(results.samples.rows)
    assert {row["contestant"] for row in rows} == {BOOTSTRAP, CROWBAR, PLAIN}
    for name in names:
        assert (tmp_path / name).read_text().startswith("<?xml")


def test_a_function_that_fails_on_the_way_is_out_and_the_others_go_on(contestants: list[Contestant]) -> None:
    ours = contestants[0]
    broken = Contestant("broken", "broken", "", ours.archive, Path("/bin/false"))
    run = Run([broken, ours], Pace(cold=1, first=0, warm=1, items=1), lambda _: None)
    run.cold()
    assert set(run.failed) == {"broken"}
    assert {row.contestant for row in run.rows} == {BOOTSTRAP}


def test_a_function_that_answers_wrongly_is_nobody_to_race_with(contestants: list[Contestant], tmp_path: Path) -> None:
    """The plain handler hashes nothing: as one of those that do it must be refused."""
    plain = contestants[2]
    liar = Contestant("liar", "liar", "", plain.archive, plain.program, plain.arguments, plain.environment)
    with pytest.raises(Missing, match="does not work here"):
        catalogue.tried(liar)
    with pytest.raises(Missing, match="there is no lanecrypt-bootstrap"):
        install.packaged("bootstrap", tmp_path)


def test_what_is_unzipped_is_what_was_zipped(tmp_path: Path) -> None:
    program = tmp_path / "bootstrap"
    shutil.copy("/bin/true", program)
    archive = install.zipped("one", install.staged("one", [program], tmp_path), tmp_path)
    again = install.deployed("one", archive, tmp_path) / "bootstrap"
    assert again.read_bytes() == program.read_bytes()
    assert os.access(again, os.X_OK)
    assert measure.WORKERS == (1, 2)
