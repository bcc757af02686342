"""Which objects an event is about: notifications of S3, EventBridge's, or one object named by whoever calls."""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import unquote_plus

from lanecrypt.aws._errors import InvalidRequest

FIELDS = ("bucket", "key", "etag", "version_id")


class Target(NamedTuple):
    bucket: str
    key: str
    etag: str | None
    version_id: str | None

    def event(self) -> dict[str, str]:
        """The event that asks for just this object."""
        return {name: value for name, value in self._asdict().items() if value is not None}


class Asked(NamedTuple):
    targets: list[Target]
    direct: bool  # whoever calls reads the answer


def parse(event: Any) -> Asked:
    """Raises InvalidRequest, which names the field."""
    if not isinstance(event, dict):
        raise InvalidRequest("the event must be an object")
    if event.get("Event") == "s3:TestEvent":
        return Asked([], False)
    if "Records" in event:
        return Asked(_notified(event["Records"]), False)
    if "detail" in event:
        return Asked([_bridged(event)], False)
    return Asked([_direct(event)], True)


def _notified(records: Any) -> list[Target]:
    if not isinstance(records, list):
        raise InvalidRequest("Records must be an array")
    return [_of_record(record, f"Records[{index}]") for index, record in enumerate(records)]


def _of_record(record: Any, where: str) -> Target:
    name = _at(record, where, "eventName", str)
    if not name.startswith(("ObjectCreated:", "s3:ObjectCreated:")):
        raise InvalidRequest(f"{where}.eventName must begin with ObjectCreated:")
    s3 = _at(record, where, "s3", dict)
    bucket = _at(_at(s3, f"{where}.s3", "bucket", dict), f"{where}.s3.bucket", "name", str)
    found = _at(s3, f"{where}.s3", "object", dict)
    key = unquote_plus(_at(found, f"{where}.s3.object", "key", str))
    return Target(bucket, key, _text(found, "eTag"), _text(found, "versionId"))


def _bridged(event: dict[str, Any]) -> Target:
    if event.get("detail-type") != "Object Created":
        raise InvalidRequest("detail-type must be 'Object Created'")
    detail = _at(event, "", "detail", dict)
    bucket = _at(_at(detail, "detail", "bucket", dict), "detail.bucket", "name", str)
    found = _at(detail, "detail", "object", dict)
    key = _at(found, "detail.object", "key", str)
    return Target(bucket, key, _text(found, "etag"), _text(found, "version-id"))


def _direct(event: dict[str, Any]) -> Target:
    for name in event:
        if name not in FIELDS:
            raise InvalidRequest(f"there is no field {name!r}; an object is named by {', '.join(FIELDS)}")
    for name in FIELDS[2:]:
        if name in event and not isinstance(event[name], str):
            raise InvalidRequest(f"{name} must be a string")
    bucket, key = _at(event, "", "bucket", str), _at(event, "", "key", str)
    return Target(bucket, key, event.get("etag"), event.get("version_id"))


def _at(found: Any, where: str, name: str, kind: type) -> Any:
    value = found.get(name) if isinstance(found, dict) else None
    if not isinstance(value, kind) or value == "":
        what = "a string" if kind is str else "an object"
        raise InvalidRequest(f"{where + '.' if where else ''}{name} must be {what}")
    return value


def _text(found: dict[str, Any], name: str) -> str | None:
    value = found.get(name)
    return value if isinstance(value, str) and value else None
