#!/usr/bin/env python3
"""Checks and measures the functions of the stack, and tells what they cost: `bench.py --help`. The parts: measure/."""

import sys

from measure.app import main

if __name__ == "__main__":
    sys.exit(main())
