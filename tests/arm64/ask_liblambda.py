"""Run by a Python of either architecture: liblambda's answers to events in a JSON file, and what lanecrypt says.

python ask_liblambda.py FILE        # a list of events; prints a JSON object, and liblambda its log on stderr
"""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import platform
import sys
from pathlib import Path
from typing import Any

import lanecrypt

liblambda = importlib.import_module("liblambda")  # beside its sources' folder of the same name in a checkout


def answer(event: Any) -> Any:
    """The answer, or the error's type and text."""
    try:
        return liblambda.handler(event, None)
    except Exception as error:
        return {"errorType": type(error).__name__, "errorMessage": str(error)}


if __name__ == "__main__":
    events = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    hashed = lanecrypt.hashpw(b"U*U", b"$2b$05$CCCCCCCCCCCCCCCCCCCCC.")
    libraries = sorted({line.split()[-1] for line in open("/proc/self/maps") if ".so" in line})  # noqa: PTH123, SIM115
    told = {
        "machine": platform.machine(),
        "version": importlib.metadata.version("lanecrypt"),
        "hash": hashed.decode(),
        "matches": lanecrypt.verify_many([b"U*U", b"U*V"], [hashed, hashed]),
        "engines": [(engine.name, list(engine.relative_time)) for engine in lanecrypt.engines()],
        "widths": list(lanecrypt.plan(1000, threads=1).widths),
        "width_limit": lanecrypt.plan(1000).width_limit,
        "libraries": libraries,
        "answers": [answer(event) for event in events],
    }
    print(json.dumps(told))
