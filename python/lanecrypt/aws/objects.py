"""Lambda handler for objects of S3: CSV or NDJSON with a column of passwords in, the same rows with hashes out.

    handler = lanecrypt.aws.objects.handler

Events are S3 notifications, EventBridge's "Object Created", or one object: {"bucket": …, "key": …}, with "etag" and
"version_id" if it must be that one. For an object the answer is {"done": true, "rows": 3, "failed": 1, "output":
{"bucket": …, "key": …}, "errors": {…} or null}; with "done": false call again with the same event. Notifications that
are not done call the function again themselves, or raise NotDone (LANECRYPT_CONTINUE).

The output is OUTPUT_PREFIX + key (without .gz), as the command line writes it: without the password column, the new
column last. A row that cannot be done keeps its place with an empty result; one that cannot be cut into columns is left
out. Both are listed in OUTPUT.errors.ndjson with line, code and message. OUTPUT.progress is there while a run is not
done.

What is promised: the output appears as a whole and at once, with each row of one content of the input (its ETag is
pinned) once, in order, with one hash. A run that was killed anywhere goes on from its last save, at most
LANECRYPT_SAVE_SECONDS and a chunk of about a second before: rows that were saved are never hashed again, and of rows
that are hashed again nobody ever saw the first hash. Of two invocations for one object the later one goes on, and the
other ends with TakenOver. An output that is finished already is not computed again.

Memory, whatever the object's size: 32 MiB (three blocks of 4 MiB, a chunk of 4 MiB of input or 16,384 rows as text and
as lines) and four times LANECRYPT_PART_MIB; more where a single line has several MB.

LANECRYPT_OUTPUT_BUCKET   required
LANECRYPT_OUTPUT_PREFIX   before the key; required where outputs go to the bucket of the inputs
LANECRYPT_OP              hash (default) or verify
LANECRYPT_COLUMN          the column of passwords; default password
LANECRYPT_HASH_COLUMN     the new column, or for verify the column of stored hashes; default hash
LANECRYPT_FORMAT          csv or ndjson; default: by the key's extension (.csv, .tsv, .ndjson, .jsonl; .gz behind it)
LANECRYPT_COST            of new hashes, 4 to LANECRYPT_MAX_COST; default 12
LANECRYPT_UPGRADE_TO      verify: a cost; what matches and is below it gets a new_hash
LANECRYPT_PREFIX          2b (default), 2a or 2y
LANECRYPT_LONG_PASSWORDS  refuse (default) or truncate passwords over 72 bytes
LANECRYPT_MAX_COST        the dearest cost accepted; default 14
LANECRYPT_PART_MIB        size of uploaded parts, 5 to 1024; default 8: outputs up to 78 GiB
LANECRYPT_SAVE_SECONDS    how often to save, 0 to 900; default 10
LANECRYPT_CONTINUE        invoke (default): call this function again; raise: NotDone, for retries that come anyway
WORKER_COUNT, LANECRYPT_ENGINE  as in the other functions

Needs s3:GetObject on the inputs; s3:GetObject, s3:PutObject, s3:DeleteObject, s3:AbortMultipartUpload and s3:ListBucket
on the outputs (without ListBucket, S3 calls what is missing forbidden); with invoke lambda:InvokeFunction on itself,
and RecursiveLoop: Allow, for Lambda ends such chains after some 16 calls. Incomplete uploads need a lifecycle rule.
"""

from __future__ import annotations

import json
import os
from typing import Any

from lanecrypt._errors import Error
from lanecrypt.aws import _clients, _log
from lanecrypt.aws._clock import Deadline, of_context, request_id
from lanecrypt.aws._download import look
from lanecrypt.aws._errors import ConfigError, InvalidRequest, NotDone, ObjectFailed, TakenOver, fault
from lanecrypt.aws._objects_event import Asked, Target, parse
from lanecrypt.aws._plan import Plan, from_environment
from lanecrypt.aws._settings import Environment
from lanecrypt.aws._transform import Result, transform

__all__ = ["ConfigError", "Handler", "InvalidRequest", "NotDone", "ObjectFailed", "TakenOver", "handler"]

RESERVE_SECONDS = 10.0  # for the chunk that is under way, the last save, and the call that goes on
RESERVE_SHARE = 0.2  # of an invocation that has little time


class Handler:
    """Callable as Lambda calls it. One event at a time."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._s3 = _clients.s3()

    def __call__(self, event: Any, context: Any = None) -> dict[str, Any]:
        try:
            return self._answer(parse(event), context)
        except (InvalidRequest, Error, NotDone):
            raise
        except Exception as error:
            raise fault(error) from None

    def _answer(self, asked: Asked, context: Any) -> dict[str, Any]:
        end = of_context(context)
        stop = end.earlier(min(RESERVE_SECONDS, RESERVE_SHARE * end.left()))
        if asked.direct:
            return self._one(asked.targets[0], stop, context)
        answers, failed = [], []
        for target in asked.targets:
            try:
                answers.append(self._one(target, stop, context))
                if not answers[-1]["done"]:
                    self._go_on(target, context)
            except Error as error:
                _log.line("ERROR", request_id(context), error.message, **target.event(), code=error.code)
                failed.append(error)
        if failed:
            raise failed[0]
        return {"done": all(answer["done"] for answer in answers), "objects": answers}

    def _one(self, target: Target, stop: Deadline, context: Any) -> dict[str, Any]:
        plan = self._plan
        if target.bucket == plan.bucket and target.key.startswith(plan.prefix):
            if plan.prefix:
                return {"done": True, "skipped": "it is an output itself"}
            raise ObjectFailed("would_replace_input", "LANECRYPT_OUTPUT_PREFIX must be set: this is the inputs' bucket")
        if stop.left() <= 0:
            return self._told(target, Result(False, {}, plan.output_key(target.key), None, 0, 0.0), context)
        version = look(self._s3, *target)
        result = transform(self._s3, version, plan, stop)
        if not result.done and not result.here:
            raise ObjectFailed("no_progress", "there was not the time for one row: raise the function's timeout")
        return self._told(target, result, context)

    def _told(self, target: Target, result: Result, context: Any) -> dict[str, Any]:
        counts = {name: result.counts.get(name, 0) for name in ("rows", "failed")}
        rate = round(result.here / result.seconds, 1) if result.seconds else 0
        _log.line(
            "INFO",
            request_id(context),
            "object",
            op=self._plan.op,
            bucket=target.bucket,
            key=target.key,
            done=result.done,
            **counts,
            duration_ms=round(result.seconds * 1000),
            hashes_per_second=rate,
        )
        errors = None if result.errors is None else {"bucket": self._plan.bucket, "key": result.errors}
        output = {"bucket": self._plan.bucket, "key": result.output}
        if result.already:
            return {"done": True, "already": True, "output": output}
        return {"done": result.done, **counts, "output": output, "errors": errors}

    def _go_on(self, target: Target, context: Any) -> None:
        """The rest is for another invocation, which finds the checkpoint."""
        name = getattr(context, "invoked_function_arn", None)
        if self._plan.go_on == "raise" or not isinstance(name, str):
            raise NotDone("there was no time for all rows; what is done is kept, and a retry goes on with it")
        event = {"Records": [_notification(target)]}
        _clients.lambda_().invoke(FunctionName=name, InvocationType="Event", Payload=json.dumps(event).encode())


def _notification(target: Target) -> dict[str, Any]:
    """As S3 would tell of the object: what goes on unattended must be told like what began unattended."""
    from urllib.parse import quote_plus

    found = {"key": quote_plus(target.key), "eTag": target.etag, "versionId": target.version_id}
    return {"eventName": "ObjectCreated:Continued", "s3": {"bucket": {"name": target.bucket}, "object": found}}


handler = Handler(from_environment(Environment(os.environ)))
