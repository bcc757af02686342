"""A Python handler as AWS runs it: with AWS's real runtime client (awslambdaric) behind the real emulator."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from emulator import Emulator


class PythonFunction(Emulator):
    """`with PythonFunction("liblambda.handler", [folder]) as function: function.invoke(b"{}")`."""

    def __init__(
        self,
        handler: str,
        path: Sequence[Path],
        env: Mapping[str, str] | None = None,
        python: Path | None = None,
    ) -> None:
        own = {**(env or {}), "PYTHONPATH": os.pathsep.join(str(folder) for folder in path)}
        super().__init__(python or Path(sys.executable), own, ["-m", "awslambdaric", handler])
