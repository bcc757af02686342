"""A worker for pyca/bcrypt in a thread pool; the protocol is in bench/README.md."""

import sys
import time
from concurrent.futures import ThreadPoolExecutor

import bcrypt


def answer(count: int, cost: int, threads: int, times: int) -> tuple[int, list[bytes]]:
    passwords = [b"password_%06d" % number for number in range(count)]
    hashes: list[bytes] = []

    def one(password: bytes) -> bytes:
        return bcrypt.hashpw(password, bcrypt.gensalt(cost))

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda _: None, range(threads)))  # its threads are there before the clock runs
        start = time.perf_counter_ns()
        for _ in range(times):
            hashes = list(pool.map(one, passwords))
        return time.perf_counter_ns() - start, hashes


def main() -> None:
    for line in sys.stdin:
        count, cost, threads, times = (int(word) for word in line.split())
        elapsed, hashes = answer(count, cost, threads, times)
        print(elapsed, *(each.decode() for each in hashes), sep="\n", flush=True)


if __name__ == "__main__":
    main()
