"""Seeds of the fuzz targets, made from what the tests have: tests/vectors and examples/events, and a few of their own.

    seeds.py FOLDER    one folder in FOLDER for each target, files in it named by their content
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VECTORS = ROOT / "tests" / "vectors"
EVENTS = ROOT / "examples" / "events"


def rows(name: str) -> Iterator[dict[str, str]]:
    lines = [line for line in (VECTORS / name).read_text().split("\n") if line and not line.startswith("#")]
    columns = lines[0].split("\t")
    for line in lines[1:]:
        yield dict(zip(columns, line.split("\t"), strict=False))


def settings() -> Iterator[bytes]:
    """Settings, hashes and what is neither, of every dialect and kind."""
    for row in rows("bcrypt_vectors.tsv"):
        yield row["setting"].encode()
        yield row["expected_hash"].encode()
    for row in rows("bcrypt_badsalts.tsv"):
        yield bytes.fromhex(row["value_hex"])


def radix64_texts() -> Iterator[bytes]:
    for text in settings():
        yield text[7:29]
        yield text[29:]
    yield bytes(range(256))


TARGETS = {
    "setting": settings,
    "stored_hash": settings,
    "radix64": radix64_texts,
}


def write(folder: Path) -> None:
    for target, seeds in TARGETS.items():
        (folder / target).mkdir(parents=True, exist_ok=True)
        for seed in seeds():
            (folder / target / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    write(Path(sys.argv[1]))
