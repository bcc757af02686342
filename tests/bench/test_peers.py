"""What decides in the peers' bench: the guard's verdict, the oracle's no, John's words, the counters' lines."""

import json
import os
from pathlib import Path

import pytest

from bench.peers import bars, check, counters, john, oracle
from bench.peers.catalogue import LIBCRYPT, OURS
from bench.peers.turns import Row, alternate
from bench.peers.worker import Request, Worker, WorkerFailed

FLOORS = {"libcrypt": 4.4, "john_test": 1.85}


def judged(**measured: float) -> int:
    return check.exit_code(check.judge(measured, FLOORS, 0.07))


def test_ratios_at_their_floors_pass() -> None:
    assert judged(libcrypt=4.4, john_test=1.85) == check.FINE


def test_a_ratio_within_the_margin_passes() -> None:
    assert judged(libcrypt=4.4 * 0.935, john_test=2.0) == check.FINE


def test_a_planted_slow_ratio_fails_and_is_named_with_its_floor() -> None:
    verdicts = check.judge({"libcrypt": 4.4 * 0.925, "john_test": 2.0}, FLOORS, 0.07)
    assert check.exit_code(verdicts) == check.SLOWER
    (slow,) = (verdict for verdict in verdicts if verdict.slower)
    assert "libcrypt" in str(slow)
    assert "4.070" in str(slow)
    assert "4.40" in str(slow)


@pytest.mark.parametrize(("measured", "floors"), [({"libcrypt": 5.0}, FLOORS), ({"libcrypt": 5.0}, {})])
def test_what_was_not_measured_is_no_pass(measured: dict[str, float], floors: dict[str, float]) -> None:
    with pytest.raises(check.CannotTell):
        check.judge(measured, floors, 0.07)


def test_the_committed_floors_are_of_ratios_that_are_measured() -> None:
    settings = json.loads(check.FLOORS.read_text())
    assert settings["margin"] == 0.07
    for floors in settings["floors"].values():
        assert set(floors) == {"libcrypt", "single", "john_test", "john_search", "john_cost_5"}


def test_a_wrong_hash_is_refused_and_a_right_one_is_not() -> None:
    right = [oracle.libcrypt(i, f"$2b$04${oracle.numbered_salt(i)}") for i in range(3)]
    oracle.verify(right, 4, range(3))
    wrong = [*right[:2], right[2][:-1] + ("a" if right[2][-1] != "a" else "b")]
    with pytest.raises(oracle.WrongHash):
        oracle.verify(wrong, 4, range(3))
    with pytest.raises(oracle.WrongHash):
        oracle.verify([right[0], right[0]], 4, [])
    with pytest.raises(oracle.WrongHash):
        oracle.verify(right, 5, [])


def test_johns_words_are_read() -> None:
    assert john.rate_of("DONE\nRaw:\t1056 c/s real, 1089 c/s virtual\n", john.RATE) == 1056
    assert john.rate_of("Raw:\t12.5K c/s real, 12.6K c/s virtual", john.RATE) == 12500
    status = "Wait...\n0g 0:00:00:03 0g/s 26.86p/s 26.87c/s 26.86C/s mikki..14321\nSession aborted\n"
    assert john.rate_of(status, john.STATUS) == 26.87
    assert john.work(10) / john.work(5) == pytest.approx(31.35, abs=0.01)


def test_counters_that_are_not_supported_are_none() -> None:
    text = "<not supported>,,cycles,0,100.00,,\n1234567,,instructions:u,1000,100.00,,\n"
    assert counters.parse(text) == {"instructions": 1234567}


class Fixed:
    """A contestant that takes the same time in every turn, and says when it had it."""

    cost, jobs, threads, note = 4, 1, 1, ""

    def __init__(self, peer: str, seconds: float, order: list[str]) -> None:
        self.peer, self.seconds, self.order = peer, seconds, order

    def prepare(self) -> None:
        pass

    def turn(self) -> tuple[float, float]:
        self.order.append(self.peer)
        return self.seconds, self.seconds


def test_turns_alternate_and_come_back() -> None:
    order: list[str] = []
    rows = alternate("x", [Fixed("a", 1.0, order), Fixed("b", 2.0, order)], 3)
    assert order == ["a", "b", "b", "a", "a", "b"]
    assert [(row.peer, row.best, row.rounds) for row in rows] == [("a", 1.0, 3), ("b", 2.0, 3)]


def row(section: str, peer: str, jobs: int, best: float) -> Row:
    return Row(section, peer, 10, jobs, 1, best, best, 5, 1.0)


def test_bars_compare_the_right_rows() -> None:
    rows = [row("rates", OURS, 64, 1.0), row("rates", LIBCRYPT, 1, 4.5)]
    rows += [row("steps", OURS, 1, 1.0), row("steps", OURS, 2, 0.6)]
    verdicts = {bar.key: (pair, verdict) for bar, pair, verdict in bars.judged(rows, 2)}
    assert verdicts["libcrypt"] == ((4.5, 4.5), "met")
    assert verdicts["two"] == ((1.2, 1.2), "MISSED")
    assert verdicts["john_test"] == (None, "not measured")


BUILD = Path(os.environ.get("LANECRYPT_BUILD", "build/release")).resolve()


@pytest.fixture(scope="module")
def our_worker() -> str:
    program = BUILD / "bin" / "lanecrypt_bench_peer"
    if "LANECRYPT_BENCH:BOOL=OFF" in (BUILD / "CMakeCache.txt").read_text():
        pytest.skip("this build has no benchmarks")
    return str(program)


@pytest.mark.parametrize("subject", [["batch"], ["single"], ["group", "portable"], ["crypt_r"]])
def test_our_worker_answers_what_libcrypt_does(our_worker: str, subject: list[str]) -> None:
    worker = Worker([our_worker, *subject], 1)
    try:
        for request in (Request(3, 4, 1), Request(2, 5, 1, times=2)):
            answer = worker.ask(request)
            assert answer.seconds > 0
            oracle.verify(answer.hashes, request.cost, range(request.count))
    finally:
        worker.stop()


def test_a_worker_that_ends_says_why(our_worker: str) -> None:
    worker = Worker([our_worker, "group", "nosuch"], 1)
    with pytest.raises(WorkerFailed, match="nosuch"):
        worker.ask(Request(1, 4, 1))
    worker.stop()
