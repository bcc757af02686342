"""The parts of bench.py: what is measured, on what, and how it is told. Nothing here hashes."""
