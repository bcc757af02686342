"""The sample as a Python function: pyca/bcrypt, which releases the GIL, in a pool of threads."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import bcrypt

COST = 10
WORKERS = int(os.environ.get("WORKER_COUNT", "0")) or os.cpu_count() or 1


def hash_one(number: int) -> bytes:
    return bcrypt.hashpw(b"password_%06d" % number, bcrypt.gensalt(COST))


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, object]:  # noqa: ARG001
    count = event.get("count", 0)
    workers = min(WORKERS if event.get("mode") == "parallel" else 1, count)
    start = time.perf_counter()
    if workers > 1:
        with ThreadPoolExecutor(workers) as pool:
            hashes = list(pool.map(hash_one, range(count)))
    else:
        hashes = [hash_one(number) for number in range(count)]
    return {
        "processed": len(hashes),
        "duration_ms": round((time.perf_counter() - start) * 1000),
        "threads_used": workers,
    }
