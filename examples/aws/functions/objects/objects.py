"""The objects function: everything is in the layer. Here is the place for what your own function does besides."""

from lanecrypt.aws.objects import handler

__all__ = ["handler"]
