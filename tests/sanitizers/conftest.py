"""These tests are for Pythons that `./dev sanitize` starts with ThreadSanitizer; in others there is nothing to see."""

from __future__ import annotations

import os

if "libclang_rt.tsan" not in os.environ.get("LD_PRELOAD", ""):
    collect_ignore_glob = ["*"]
