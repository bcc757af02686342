"""Do pyca/bcrypt, Go's x/crypto and bcrypt-rust say what lanecrypt says? Random jobs, once by each of them.

    .venv/bin/python tests/soak/peers_agree.py [--jobs 10000] [--seed N] [--planted]

Every answer must be the same, but for the differences that are documented: they are the rows of DIFFERENCES, and where
one applies, the peer must say exactly what its row says. All engines of lanecrypt are asked and must agree first. The
programs in Go and Rust are built from their lock files (peers/) into build/peers. Exit code 1: somebody says something
else.
--planted changes one character of one of lanecrypt's answers: all peers must find it, and nothing else.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / os.environ.get("LANECRYPT_BUILD", "build/release")
sys.path[:0] = [str(ROOT), str(BUILD / "python")]

import bcrypt  # noqa: E402
import lanecrypt  # noqa: E402

from bench.peers import install  # noqa: E402

HERE = Path(__file__).resolve().parent / "peers"
ALPHABET = b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
SETTING = 29  # characters before the digest


@dataclass(frozen=True)
class Job:
    password: bytes
    setting: bytes

    @property
    def dialect(self) -> str:
        return chr(self.setting[2])


@dataclass(frozen=True)
class Difference:
    """Where a peer is known to answer otherwise, and what it answers: "as 2b", or "refused"."""

    name: str
    why: str
    peers: tuple[str, ...]
    applies: Callable[[Job], bool]
    answer: str


PYCA, GO, RUST, RUST_MANY = "pyca/bcrypt", "Go x/crypto", "bcrypt-rust", "bcrypt-rust, batches"
PEERS = (PYCA, GO, RUST, RUST_MANY)


def high(job: Job) -> bool:
    return any(byte >= 0x80 for byte in job.password[:72])


DIFFERENCES = (
    Difference(
        "over 72 bytes",
        "pyca/bcrypt 5 refuses; the others, and lanecrypt where it is asked to truncate, take the first 72",
        (PYCA,),
        lambda job: len(job.password) > 72,
        "refused",
    ),
    Difference(
        "unused bits of the salt",
        "pyca/bcrypt refuses a salt whose last character has any; lanecrypt clears them, as libxcrypt does",
        (PYCA,),
        lambda job: job.setting[-1:] not in (b".", b"O", b"e", b"u"),
        "refused",
    ),
    Difference(
        "2x",
        "lanecrypt and libxcrypt have crypt_blowfish's sign extension bug under this name; the peers compute 2b",
        PEERS,
        lambda job: job.dialect == "x" and high(job),
        "as 2b",
    ),
    Difference(
        "2a, safety bit",
        "lanecrypt and libxcrypt have the safety bit of CVE-2011-2483, which 0xff can set; the peers have none",
        PEERS,
        lambda job: job.dialect == "a" and b"\xff" in job.password[:72],
        "as 2b",
    ),
)


# ---- Jobs, and lanecrypt's answers


def random_password(chance: random.Random) -> bytes:
    """0 to 72 bytes, one in eight longer: any bytes, ASCII, or mostly 0xff; one in eight with NULs in it. One in
    sixteen is of the kind that 2a's safety bit is for, which chance would hardly find."""
    if chance.randrange(16) == 0:
        return b"\xff\xff%c" % chance.randrange(0x80, 0x100)
    size = chance.randrange(73, 323) if chance.randrange(8) == 0 else chance.randrange(73)
    low, up = chance.choice(((0, 255), (32, 126), (253, 255)))
    password = bytearray(chance.randint(low, up) for _ in range(size))
    if password and chance.randrange(8) == 0:
        for _ in range(chance.randrange(1, 4)):
            password[chance.randrange(size)] = 0
    return bytes(password)


def random_jobs(chance: random.Random, count: int) -> list[Job]:
    jobs = []
    for _ in range(count):
        cost = 4 + (chance.randrange(3) if chance.randrange(8) == 0 else 0)
        salt = bytes(chance.choice(ALPHABET) for _ in range(21))
        last = chance.choice(ALPHABET if chance.randrange(16) == 0 else b".Oeu")
        setting = b"$2%c$%02d$%s%c" % (chance.choice(b"abxy"), cost, salt, last)
        jobs.append(Job(random_password(chance), setting))
    return jobs


def answers(jobs: Sequence[Job], settings: Sequence[bytes], engine: str | None = None) -> list[bytes]:
    passwords = [job.password for job in jobs]
    return lanecrypt.hash_many(passwords, settings=settings, long_passwords="truncate", engine=engine)


def ours_by_all_engines(jobs: Sequence[Job]) -> list[bytes]:
    settings = [job.setting for job in jobs]
    ours = answers(jobs, settings)
    for engine in lanecrypt.engines():
        if engine.state == "ready" and answers(jobs, settings, engine.name) != ours:
            raise SystemExit(f"lanecrypt's engines do not agree: {engine.name}")
    return ours


# ---- Peers: a digest of 31 characters for each job, or "refused"


def by_pyca(jobs: Sequence[Job], _candidates: Sequence[tuple[bytes, bytes]]) -> list[str]:
    def digest(job: Job) -> str:
        try:
            return bcrypt.hashpw(job.password, job.setting)[SETTING:].decode()
        except ValueError:
            return "refused"

    return [digest(job) for job in jobs]


def ask(command: list[str], lines: Sequence[str]) -> list[str]:
    done = subprocess.run(
        command, input="".join(f"{line}\n" for line in lines), capture_output=True, text=True, check=True
    )
    told = done.stdout.splitlines()
    if len(told) != len(lines):
        raise SystemExit(f"{Path(command[0]).name} gave {len(told)} answers to {len(lines)} jobs")
    return told


def by_go(jobs: Sequence[Job], candidates: Sequence[tuple[bytes, bytes]]) -> list[str]:
    """Go only compares: it is asked about each candidate, and about one that is nobody's."""
    program = install.PLACE / "go" / "peers_agree"
    install.go_build(HERE / "go", program, [], {})
    lines = []
    for job, (ours, as_2b) in zip(jobs, candidates, strict=True):
        other = as_2b[:-8] + (b"A" if as_2b[-8:-7] != b"A" else b"B") + as_2b[-7:]
        lines += [f"{job.password.hex()} {hash.decode()}" for hash in (ours, as_2b, other)]
    told = ask([str(program)], lines)
    digests = []
    for i, (ours, as_2b) in enumerate(candidates):
        known = {("same", "same", "other"): ours, ("same", "other", "other"): ours, ("other", "same", "other"): as_2b}
        hash = known.get((told[3 * i], told[3 * i + 1], told[3 * i + 2]))
        digests.append("neither" if hash is None else hash[SETTING:].decode())
    return digests


def by_rust(jobs: Sequence[Job], _candidates: Sequence[tuple[bytes, bytes]], *arguments: str) -> list[str]:
    target = install.PLACE / "rust-agree"
    install.cargo_build(HERE / "rust", target, [])
    command = [str(target / "release" / "peers-agree"), *arguments]
    return ask(command, [f"{job.password.hex()} {job.setting.decode()}" for job in jobs])


def by_rust_many(jobs: Sequence[Job], candidates: Sequence[tuple[bytes, bytes]]) -> list[str]:
    return by_rust(jobs, candidates, "many")


ASK: dict[str, Callable[[Sequence[Job], Sequence[tuple[bytes, bytes]]], list[str]]] = {
    PYCA: by_pyca,
    GO: by_go,
    RUST: by_rust,
    RUST_MANY: by_rust_many,
}


# ---- Judging


@dataclass(frozen=True)
class Verdict:
    peer: str
    agreed: int
    differing: Counter[str]  # by the name of what applies
    wrong: list[int]


def judge(peer: str, jobs: Sequence[Job], candidates: Sequence[tuple[bytes, bytes]], told: Sequence[str]) -> Verdict:
    agreed, differing, wrong = 0, Counter[str](), []
    for i, (job, (ours, as_2b), digest) in enumerate(zip(jobs, candidates, told, strict=True)):
        row = next((each for each in DIFFERENCES if peer in each.peers and each.applies(job)), None)
        right = ours[SETTING:].decode()
        if row is not None:
            right = "refused" if row.answer == "refused" else as_2b[SETTING:].decode()
        if digest != right:
            wrong.append(i)
        elif row is not None and digest.encode() != ours[SETTING:]:
            differing[row.name] += 1
        else:
            agreed += 1
    return Verdict(peer, agreed, differing, wrong)


def versions() -> str:
    go = (HERE / "go" / "go.mod").read_text().split()[-1]
    rust = (HERE / "rust" / "Cargo.toml").read_text().partition('bcrypt-rust = "=')[2].partition('"')[0]
    return f"pyca/bcrypt {metadata.version('bcrypt')}, x/crypto {go}, bcrypt-rust {rust}"


def plant(jobs: Sequence[Job], answers: Sequence[list[bytes]], seed: int) -> int:
    """Changes the last character of the answers to a job on which nobody differs, so that it is everybody's to find."""
    plain = [i for i, job in enumerate(jobs) if not any(each.applies(job) for each in DIFFERENCES)]
    at = plain[seed % len(plain)]
    for hashes in answers:
        hashes[at] = hashes[at][:-1] + (b"." if hashes[at][-1:] != b"." else b"C")
    return at


def main() -> int:
    parser = argparse.ArgumentParser(description="pyca/bcrypt, x/crypto and bcrypt-rust beside lanecrypt")
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    parser.add_argument("--planted", action="store_true", help="change one of lanecrypt's answers: it must be found")
    wishes = parser.parse_args()
    print(f"{datetime.now(UTC):%Y-%m-%d}, seed {wishes.seed}, {wishes.jobs} jobs; {versions()}", flush=True)
    jobs = random_jobs(random.Random(wishes.seed), wishes.jobs)
    ours = ours_by_all_engines(jobs)
    as_2b = answers(jobs, [b"$2b" + job.setting[3:] for job in jobs])
    expected = [plant(jobs, (ours, as_2b), wishes.seed)] if wishes.planted else []
    candidates = list(zip(ours, as_2b, strict=True))
    failed = False
    for peer, asked in ASK.items():
        verdict = judge(peer, jobs, candidates, asked(jobs, candidates))
        known = ", ".join(f"{name}: {count}" for name, count in sorted(verdict.differing.items())) or "none"
        print(f"{peer}: {verdict.agreed} agree; documented differences: {known}; unexplained: {len(verdict.wrong)}")
        for i in verdict.wrong[:10]:
            print(f"  job {i}: {jobs[i].setting.decode()}, a password of {len(jobs[i].password)} bytes")
        failed = failed or verdict.wrong != expected
    if expected:
        print(f"planted: a wrong character in the answer to job {expected[0]}: {'NOT ' if failed else ''}found by all")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
