"""Logins per second and latency of examples/login_service: on lanecrypt's Batcher, and on pyca/bcrypt in a thread pool.

`./dev bench login`, about three minutes; `--quick` shows in twenty seconds that it works. Both services run all the
time, one of them is under load at a time, in turns: A B, B A, A B. The load comes from a process of its own: so many
clients, on one connection each, who log in again as soon as they are answered. What is timed begins when each of them
was answered once. Every answer's status is compared with what it must be.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import platform
import resource
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import lanecrypt

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "build" / "release" / "python"
RESULTS = ROOT / "bench" / "results"
EXAMPLES = ROOT / "examples"
COMMAND = "./dev bench login"
BACKENDS = {"lanecrypt": "lanecrypt's Batcher", "pyca": "pyca/bcrypt, thread pool"}
COST = 10
SECONDS = {1: 3.0, 8: 3.0, 64: 4.0, 256: 5.0}  # clients: what is timed, after every client was answered once
QUICK = {1: 0.5, 8: 0.5, 32: 0.5}
USERS = 16
# One of four logins fails, as in life; an unknown user's takes as long as any other. (name, password, status)
LOGINS = [
    *((f"user{i}", f"password {i}", 200) for i in range(USERS)),
    *((f"user{i}", "wrong", 401) for i in range(3)),
    *((f"nobody{i}", "password", 401) for i in range(3)),
]

Row = dict[str, Any]

# The load: a process of its own, `login_service.py --load PORT CLIENTS SECONDS`.


class Load:
    """Clients who log in, each again as soon as it was answered, until the time is over."""

    def __init__(self, port: int, clients: int, seconds: float) -> None:
        self.port, self.clients, self.seconds = port, clients, seconds
        self.answered = 0
        self.waiting_for_first = clients
        self.timed = False
        self.stopped = asyncio.Event()
        self.latencies: list[float] = []

    async def client(self, number: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        for turn in range(1_000_000):
            name, password, status = LOGINS[(number + turn) % len(LOGINS)]
            sent = time.monotonic()
            writer.write(request_bytes(name, password))
            answered = await read_status(reader)
            if answered != status:
                raise SystemExit(f"a login of {name} was answered {answered} and not {status}")
            self.note(sent, first=turn == 0)
            if self.stopped.is_set():
                break
        writer.close()

    def note(self, sent: float, *, first: bool) -> None:
        now = time.monotonic()
        self.answered += 1
        self.waiting_for_first -= first
        if self.timed and not self.stopped.is_set():
            self.latencies.append(now - sent)
        if not self.timed and self.waiting_for_first == 0:
            self.timed = True
            asyncio.get_running_loop().call_later(self.seconds, self.stopped.set)

    async def run(self) -> Row:
        cpu = time.process_time()
        began = time.monotonic()
        await asyncio.gather(*(self.client(number) for number in range(self.clients)))
        share = (time.process_time() - cpu) / (time.monotonic() - began)
        return {"seconds": self.seconds, "latencies": self.latencies, "answered": self.answered, "load_cpu": share}


def request_bytes(name: str, password: str) -> bytes:
    body = json.dumps({"user": name, "password": password}).encode()
    return b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


async def read_status(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            await reader.readexactly(int(line[15:]))
    return int(head[9:12])


# The services.


class Service:
    """The example on one backend, in a process of its own."""

    def __init__(self, backend: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        variables = {"PYTHONPATH": str(PACKAGE), "LOGIN_BACKEND": backend, "LOGIN_ROUNDS": str(COST)}
        command = [sys.executable, "-m", "uvicorn", "--app-dir", str(EXAMPLES), "--port", str(self.port)]
        app = ["login_service.app:app", "--log-level", "warning", "--no-access-log"]
        self.process = subprocess.Popen([*command, *app], env={**os.environ, **variables, "LOGIN_QUEUE": "1000"})

    def post(self, path: str, fields: dict[str, str]) -> None:
        data = json.dumps(fields).encode()
        urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", data, timeout=10).close()

    def prepare(self) -> None:
        """Waits for the service and registers the users."""
        deadline = time.monotonic() + 20
        while True:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                break
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise SystemExit("the login service did not start")
            time.sleep(0.05)
        for name, password, status in LOGINS:
            if status == 200:
                self.post("/register", {"user": name, "password": password})

    def measure(self, clients: int, seconds: float) -> Row:
        load = [sys.executable, str(Path(__file__)), "--load", str(self.port), str(clients), str(seconds)]
        before = self.cpu_seconds()
        answer: Row = json.loads(subprocess.run(load, check=True, stdout=subprocess.PIPE, timeout=300).stdout)
        return {**answer, "service_cpu": (self.cpu_seconds() - before) / answer["answered"]}

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)


@contextlib.contextmanager
def services() -> Iterator[dict[str, Service]]:
    started = {backend: Service(backend) for backend in BACKENDS}
    try:
        for service in started.values():
            service.prepare()
        yield started
    finally:
        for service in started.values():
            service.stop()


# The figures.


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def figures_of(row: Row) -> dict[str, float]:
    latencies: list[float] = row["latencies"]
    if not latencies:
        raise SystemExit("nobody was answered in the time that was measured")
    return {
        "logins_per_second": len(latencies) / row["seconds"],
        "p50_ms": percentile(latencies, 0.50) * 1e3,
        "p99_ms": percentile(latencies, 0.99) * 1e3,
        "cpu_ms_per_login": row["service_cpu"] * 1e3,
        "load_cpu": row["load_cpu"],
    }


def summary(rounds: list[dict[str, float]]) -> Row:
    """The best and the median of all rounds."""
    best = {name: (max if name == "logins_per_second" else min)(each[name] for each in rounds) for name in rounds[0]}
    median = {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}
    return {"best": best, "median": median, "rounds": rounds}


def measure_all(levels: dict[int, float], rounds: int) -> dict[str, dict[int, Row]]:
    taken: dict[str, dict[int, list[dict[str, float]]]] = {name: {n: [] for n in levels} for name in BACKENDS}
    with services() as running:
        for turn in range(rounds):
            for clients, seconds in levels.items():
                for backend in list(BACKENDS)[:: 1 if turn % 2 == 0 else -1]:
                    figures = figures_of(running[backend].measure(clients, seconds))
                    taken[backend][clients].append(figures)
                    print(f"round {turn + 1}/{rounds}  {backend:<10}{clients:>4} clients  {told(figures)}", flush=True)
    return {name: {n: summary(each) for n, each in by_level.items()} for name, by_level in taken.items()}


def told(figures: dict[str, float]) -> str:
    rate, p50, p99 = figures["logins_per_second"], figures["p50_ms"], figures["p99_ms"]
    cpu = figures["cpu_ms_per_login"]
    return f"{rate:6.1f} logins/s   p50 {p50:6.0f} ms   p99 {p99:6.0f} ms   {cpu:5.1f} ms of CPU each"


def machine() -> Row:
    names = [
        line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line
    ]
    return {
        "cpu": names[0] if names else platform.machine(),
        "cores": os.cpu_count(),
        "engine": lanecrypt.plan(1).engine,
        "python": platform.python_version(),
        "load_average": round(os.getloadavg()[0], 2),
        "versions": {name: version(name) for name in ("bcrypt", "starlette", "uvicorn")},
    }


# What is written.

LIMIT = 1.0  # load average from which on the table says that the machine was not quiet


def markdown(results: dict[str, dict[int, Row]], about: Row, rounds: int) -> str:
    ours, theirs = results["lanecrypt"], results["pyca"]
    lines = [
        "# The login service under load",
        "",
        f"Written by `{COMMAND}`; how it is measured is in the head of bench/login_service.py.",
        "",
        f"examples/login_service at cost {COST} on lanecrypt's `Batcher` (engine {about['engine']}), beside the same "
        f"service on pyca/bcrypt {about['versions']['bcrypt']} in a thread pool of {about['cores']}; median of "
        f"{rounds} alternating rounds, best in brackets. Clients log in again as soon as they are answered; one of "
        "four logins fails. CPU is the service's for each login, HTTP and all, and hardly moves with what else the "
        "machine does.",
        "",
        f"{about['cpu']}, {about['cores']} cores, which service and load share (the load takes "
        f"{load_share(results):.0%} of one at most); Python {about['python']}, starlette "
        f"{about['versions']['starlette']}, uvicorn {about['versions']['uvicorn']}; load average "
        f"{about['load_average']:.2f} at the start.",
        "",
        *(["The machine was not quiet.", ""] if about["load_average"] >= LIMIT else []),
        "![logins per second and latency by the number of clients](login_service.png)",
        "",
        "| clients | | logins/s | p50, ms | p99, ms | CPU, ms |",
        "|---|---|---|---|---|---|",
    ]
    for clients in ours:
        ratio = ours[clients]["median"]["logins_per_second"] / theirs[clients]["median"]["logins_per_second"]
        lines.append(table_row(f"{clients}", f"lanecrypt, {ratio:.2f} x", ours[clients]))
        lines.append(table_row("", "pyca/bcrypt", theirs[clients]))
    return "\n".join([*lines, ""])


def table_row(first: str, second: str, row: Row) -> str:
    best, median = row["best"], row["median"]
    cells = [f"{median['logins_per_second']:.1f} ({best['logins_per_second']:.1f})"]
    cells += [f"{median[name]:,.0f} ({best[name]:,.0f})" for name in ("p50_ms", "p99_ms")]
    cells.append(f"{median['cpu_ms_per_login']:.1f}")
    return f"| {first} | {second} | {' | '.join(cells)} |"


def load_share(results: dict[str, dict[int, Row]]) -> float:
    rows = [row for levels in results.values() for row in levels.values()]
    return float(max(each["load_cpu"] for row in rows for each in row["rounds"]))


def plot(results: dict[str, dict[int, Row]], path: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    colours = {"lanecrypt": "#1b6ca8", "pyca": "#b5651d"}
    figure, (rates, latencies) = pyplot.subplots(1, 2, figsize=(10, 4), constrained_layout=True)
    for place, (backend, levels) in enumerate(results.items()):
        at = [i + (place - 0.5) * 0.38 for i in range(len(levels))]
        draw_rates(rates, at, levels, BACKENDS[backend], colours[backend])
        draw_latencies(latencies, levels, BACKENDS[backend], colours[backend])
    finish_axes(rates, list(results["lanecrypt"]), f"Logins per second at cost {COST}")
    finish_axes(latencies, list(results["lanecrypt"]), "Seconds until the answer: p50 (solid) and p99 (dotted)")
    figure.savefig(path, dpi=130, metadata={"Software": ""})


def draw_rates(axes: Any, at: list[float], levels: dict[int, Row], label: str, colour: str) -> None:
    heights = [row["median"]["logins_per_second"] for row in levels.values()]
    axes.margins(y=0.25)  # room for the legend
    axes.bar_label(axes.bar(at, heights, 0.36, label=label, color=colour), fmt="%.0f", padding=2)


def draw_latencies(axes: Any, levels: dict[int, Row], label: str, colour: str) -> None:
    at = list(range(len(levels)))
    low = [row["median"]["p50_ms"] / 1e3 for row in levels.values()]
    high = [row["median"]["p99_ms"] / 1e3 for row in levels.values()]
    axes.plot(at, low, "o-", color=colour, label=label)
    axes.plot(at, high, "_:", color=colour, markersize=12)
    axes.set_yscale("log")
    axes.set_yticks([0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10], ["0.05", "0.1", "0.2", "0.5", "1", "2", "5", "10"])
    axes.minorticks_off()


def finish_axes(axes: Any, clients: list[int], title: str) -> None:
    axes.set_title(title, fontsize=10, loc="left")
    axes.set_xticks(range(len(clients)), [str(each) for each in clients])
    axes.set_xlabel("clients at the same time")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", alpha=0.3)
    axes.set_axisbelow(True)
    axes.legend(frameon=False, fontsize=9, loc="upper left")


def write(results: dict[str, dict[int, Row]], about: Row, rounds: int, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"cost": COST, "machine": about, "rounds": rounds, "results": results}, indent=1)
    (folder / "login_service.json").write_text(text + "\n")
    (folder / "LOGIN_SERVICE.md").write_text(markdown(results, about, rounds))
    plot(results, folder / "login_service.png")


def more_files() -> None:
    """256 connections need more descriptors than some machines give."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 4096)), hard))


def main() -> int:
    parser = argparse.ArgumentParser(description="The login service under load.")
    parser.add_argument("--quick", action="store_true", help="only show that it works; writes nothing unless --results")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--results", type=Path, help=f"folder for what is written (default: {RESULTS})")
    parser.add_argument("--load", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    more_files()
    if arguments.load:
        port, clients, seconds = arguments.load
        print(json.dumps(asyncio.run(Load(int(port), int(clients), float(seconds)).run())))
        return 0
    about = machine()
    rounds = 1 if arguments.quick else arguments.rounds
    results = measure_all(QUICK if arguments.quick else SECONDS, rounds)
    folder = arguments.results or (None if arguments.quick else RESULTS)
    if folder is not None:
        write(results, about, rounds, folder)
        print(f"written to {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
