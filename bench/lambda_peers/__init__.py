"""lanecrypt's Lambda functions beside what people run today, behind one emulator: `./dev bench lambda`."""

import sys
from pathlib import Path

# The emulator, which programs there import without a package.
_LOCAL = str(Path(__file__).resolve().parents[2] / "runtime" / "local")
if _LOCAL not in sys.path:
    sys.path.insert(0, _LOCAL)
