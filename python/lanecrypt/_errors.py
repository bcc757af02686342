"""What goes wrong: Error for a call as a whole, ItemError for one item of a batch."""

from __future__ import annotations

from ._core import status_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Error(Exception):
    """A call that could not run. Base class of all errors that are lanecrypt's own.

    ``code`` is the C library's name of the status: ``busy`` (called from inside a progress callback), ``unsupported``
    (an engine that cannot run here), ``out_of_memory``, ``no_entropy``, ``internal`` and the codes of ItemError; or of
    lanecrypt.aio: ``queue_full``, ``closed``.
    """

    def __init__(self, code: str, message: str | None = None) -> None:
        self.code = code
        self.message: str = message if message is not None else (status_text(code) or code)
        super().__init__(code, message)

    def __str__(self) -> str:
        return f"{self.message} ({self.code})"


class ItemError(Error, ValueError):
    """One item of a batch that ended without an answer. It never holds a password or a hash.

    ``index``    its place in the input, from 0.
    ``code``     ``password_too_long``, ``invalid_setting``, ``invalid_hash``, ``cost_too_high``, ``deadline``,
                 ``cancelled``, ``invalid_argument`` (an item that is no bytes), ``no_entropy``.
    ``results``  where it was raised and not returned: the list that ``on_error="return"`` would have given, so that
                 nothing that was computed is lost; else None.
    """

    def __init__(self, index: int, code: str, message: str | None = None) -> None:
        super().__init__(code, message)
        self.index = index
        self.results: list[Any] | None = None
        self.args = (index, code, message)  # what pickle and copy hand to __init__

    def __str__(self) -> str:
        return f"item {self.index}: {super().__str__()}"
