"""The records function: everything is in the layer. Here is the place for what your own function does besides."""

from lanecrypt.aws.records import handler

__all__ = ["handler"]
