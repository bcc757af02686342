"""Batches and processes: fork at every moment, pools, and gunicorn with workers that were forked."""

from __future__ import annotations

import http.client
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., str]


# ---- fork


def test_fork_after_a_batch(run_batches: Run) -> None:
    run_batches(
        """
        batch()
        children = [in_child(batch) for _ in range(3)]
        batch()
        for child in children:
            ended_well(child)
        batch()
        """
    )


def test_fork_before_any_batch(run_batches: Run) -> None:
    run_batches(
        """
        ended_well(in_child(batch))
        batch()
        ended_well(in_child(lambda: ended_well(in_child(batch))))
        """
    )


def test_fork_during_a_batch_of_another_thread(run_batches: Run) -> None:
    run_batches(
        """
        cancel = lanecrypt.Cancel()
        running = threading.Event()
        codes = set()

        def long_batch():
            answers = lanecrypt.hash_many([b"pw"] * 100, rounds=20, max_cost=20, cancel=cancel, on_error="return",
                                          progress=lambda *_: running.set())
            codes.update(each.code for each in answers)

        thread = threading.Thread(target=long_batch)
        thread.start()
        assert running.wait(20)
        for _ in range(5):
            ended_well(in_child(batch))
            ended_well(in_child(lambda: ended_well(in_child(batch))))
        assert thread.is_alive()
        cancel.set()
        thread.join()
        assert codes == {"cancelled"}
        batch()
        """,
        options=("-W", "ignore::DeprecationWarning"),
    )


def test_fork_with_threads_waiting_for_their_turn(run_batches: Run) -> None:
    run_batches(
        """
        cancel = lanecrypt.Cancel()
        running = threading.Event()

        def long_batch():
            lanecrypt.hash_many([b"pw"] * 100, rounds=20, max_cost=20, cancel=cancel, on_error="return",
                                progress=lambda *_: running.set())

        threads = [threading.Thread(target=long_batch) for _ in range(5)]
        for thread in threads:
            thread.start()
        assert running.wait(20)
        time.sleep(0.1)
        children = [in_child(batch) for _ in range(3)]
        for child in children:
            ended_well(child)
        cancel.set()
        for thread in threads:
            thread.join()
        """,
        options=("-W", "ignore::DeprecationWarning"),
    )


def test_fork_inside_of_progress(run_batches: Run) -> None:
    """The child is inside of the parent's batch: it is busy there, and well once it runs something else."""
    run_batches(
        """
        def progress(done, total):
            def work():
                try:
                    batch()
                except lanecrypt.Error as error:
                    assert error.code == "busy"
            ended_well(in_child(work))

        batch(progress=progress)
        """,
        options=("-W", "ignore::DeprecationWarning"),
    )


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_multiprocessing_pools(run_python: Run, tmp_path: Path, method: str) -> None:
    script = tmp_path / "pools.py"
    body = f"""
        import lanecrypt, multiprocessing

        def work(number):
            passwords = [b"%d" % (number * 100 + each) for each in range(20)]
            return passwords, lanecrypt.hash_many(passwords, rounds=4)

        if __name__ == "__main__":
            work(0)
            with multiprocessing.get_context("{method}").Pool(2) as pool:
                done = pool.map(work, range(8))
            for passwords, hashes in done:
                assert lanecrypt.verify_many(passwords, hashes) == [True] * 20
            print(len(done))
    """
    script.write_text(textwrap.dedent(body))
    printed = run_python(
        f"import runpy; runpy.run_path({str(script)!r}, run_name='__main__')",
        options=("-W", "ignore::DeprecationWarning"),
    )
    assert printed.split() == ["8"]


def test_errors_cross_a_pool(run_batches: Run) -> None:
    run_batches(
        """
        import concurrent.futures, multiprocessing
        fork = multiprocessing.get_context("fork")
        with concurrent.futures.ProcessPoolExecutor(1, mp_context=fork) as pool:
            try:
                pool.submit(lanecrypt.hash_many, [b"pw", b"x" * 73], settings=[SETTING] * 2).result()
            except lanecrypt.ItemError as error:
                assert (error.index, error.code, error.results[0]) == (1, "password_too_long", HASH)
            else:
                raise AssertionError
        """,
        options=("-W", "ignore::DeprecationWarning"),
    )


# ---- gunicorn

APP = """
    import os
    import lanecrypt

    # Before the fork: OpenMP's workers start in the master and are not there in the workers.
    stored = lanecrypt.hash_many([b"pw"] * 40, rounds=4)

    def app(environ, start_response):
        answers = lanecrypt.verify_many([b"pw"] * 40, stored)
        new = lanecrypt.hash_many([b"other"] * 20, rounds=4)
        good = all(answers) and lanecrypt.verify_many([b"other"] * 20, new) == [True] * 20
        start_response("200 OK" if good else "500 Wrong", [("Content-Type", "text/plain")])
        return [str(os.getpid()).encode()]
"""


def get(port: int) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", "/")
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


@pytest.mark.parametrize("worker_class", ["sync", "gthread"])
def test_gunicorn_with_preload_and_two_workers(tmp_path: Path, worker_class: str) -> None:
    pytest.importorskip("gunicorn")
    (tmp_path / "app.py").write_text(textwrap.dedent(APP))
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "--preload", "--workers", "2", "--bind", f"127.0.0.1:{port}"]
    command += ["--worker-class", worker_class, "--threads", "4" if worker_class == "gthread" else "1"]
    command += ["--timeout", "20", "app:app"]
    log = tmp_path / "log"
    with log.open("w") as errors, subprocess.Popen(command, cwd=tmp_path, stdout=errors, stderr=errors) as server:
        try:
            answers: list[tuple[int, str]] = []
            until = time.monotonic() + 30
            while len(answers) < 40 or len({pid for _, pid in answers}) < 2:
                assert time.monotonic() < until, (answers, log.read_text())
                try:
                    answers.append(get(port))
                except ConnectionRefusedError:
                    time.sleep(0.05)
            assert {status for status, _ in answers} == {200}
        finally:
            server.send_signal(signal.SIGTERM)
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                raise
    assert server.returncode == 0, log.read_text()
