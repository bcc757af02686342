"""What goes wrong here, by names that Lambda reports as error types. No text holds a password, a hash or a payload."""

from __future__ import annotations

import os
import traceback

from lanecrypt._errors import Error


class ConfigError(Exception):
    """The environment asks for what cannot be. Raised when a handler's module is imported: an init error."""


class InvalidRequest(ValueError):
    """The event as a whole is none that this handler takes. The message names the field."""


class ObjectFailed(Error):
    """An object that cannot be done. ``code``: ``input_changed``, ``input_missing``, ``unusable_input``, ``forbidden``,
    ``would_replace_input``, ``no_progress``, ``upload_gone``, ``too_large``."""


class TakenOver(Error):
    """Another invocation has gone on with this object: it has the checkpoint now, and this one ends."""


class NotDone(Exception):
    """There was no time for the rest. What was done is kept, and the retry that this error asks for goes on with it."""


class Fault(Exception):
    """An error that nobody foresaw, told by its type and place: its own text could hold a value."""


def fault(error: BaseException) -> Fault:
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    at = " < ".join(f"{os.path.basename(frame.filename)}:{frame.lineno}" for frame in reversed(frames))  # noqa: PTH119
    return Fault(f"{name_of(error)} at {at}")


def name_of(error: BaseException) -> str:
    """An error's type, and the code that AWS gave it."""
    code = code_of(error)
    return type(error).__name__ + (f" ({code})" if code else "")


def code_of(error: BaseException) -> str:
    """AWS's code of a botocore ClientError; empty for every other error."""
    response = getattr(error, "response", None)
    return str(response.get("Error", {}).get("Code", "")) if isinstance(response, dict) else ""


def status_of(error: BaseException) -> int:
    """The HTTP status of a botocore ClientError; 0 for every other error."""
    response = getattr(error, "response", None)
    return int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)) if isinstance(response, dict) else 0
