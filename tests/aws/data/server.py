"""A moto server with a front that can fail: answers are refused, lost, cut off or failed in part, as it is told.

    python server.py PORT

POST /_faults takes {"seed": …, "rules": {OPERATION: {"share": 0.2, "how": …}}, "kill": {"pid": …, "after": …}}, which
kills a process once so many requests are served, and before it knows; GET /_counts says how often each operation was
asked for and failed; GET /_messages?queue=NAME gives what a queue got. moto's own work for a message
grows with those that lie in its queue, and so a standard queue's are taken out of it as they come.
"""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import sys
import threading
from collections import Counter
from collections.abc import Iterable
from io import BytesIO
from typing import Any

from moto.moto_api._internal.models import moto_api_backend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.sqs.models import sqs_backends
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Request, Response

ACCOUNT, REGION = "123456789012", "eu-central-1"
THROTTLED = {
    "s3": (503, "SlowDown"),
    "sqs": (400, "ThrottlingException"),
    "dynamodb": (400, "ProvisionedThroughputExceededException"),
}
STATUS = {
    "AccessDenied": 403,
    "AccessDeniedException": 400,
    "ExpiredTokenException": 400,
    "InternalError": 500,
    "InternalServerError": 500,
    "NoSuchKey": 404,
    "NoSuchUpload": 404,
    "PreconditionFailed": 412,
}


S3_OPERATIONS = {
    ("uploads", "POST"): "CreateMultipartUpload",
    ("uploadId", "PUT"): "UploadPart",
    ("uploadId", "POST"): "CompleteMultipartUpload",
    ("uploadId", "DELETE"): "AbortMultipartUpload",
    ("object", "GET"): "GetObject",
    ("object", "PUT"): "PutObject",
    ("object", "HEAD"): "HeadObject",
    ("object", "DELETE"): "DeleteObject",
}


class Quiet(WSGIRequestHandler):
    """Keeps connections, and says nothing."""

    protocol_version = "HTTP/1.1"

    def log(self, *_: Any) -> None:
        pass


def operation(request: Request) -> tuple[str, str]:
    """The service, and what is asked of it."""
    target = request.headers.get("X-Amz-Target", "")
    if target:
        service, _, name = target.partition(".")
        return ("sqs" if "SQS" in service else "dynamodb"), name
    if "/lambda/" in request.headers.get("Authorization", ""):
        return "lambda", "Invoke" if request.path.endswith("/invocations") else request.method
    return "s3", _s3_operation(request)


def _s3_operation(request: Request) -> str:
    kind = next((kind for kind in ("uploadId", "uploads") if kind in request.args), "object")
    return S3_OPERATIONS.get((kind, request.method), request.method)


class Front:
    def __init__(self) -> None:
        self._app = DomainDispatcherApplication(create_backend_app)
        self._lock = threading.Lock()
        self._random = random.Random(0)
        self._rules: dict[str, dict[str, Any]] = {}
        self._kill: dict[str, int] = {}
        self._counts: Counter[str] = Counter()
        self._taken: dict[str, list[dict[str, Any]]] = {}
        self._invoked: list[str] = []

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        chunked = environ.pop("HTTP_TRANSFER_ENCODING", "") == "chunked"
        body = environ["wsgi.input"].read(-1 if chunked else int(environ.get("CONTENT_LENGTH") or 0))
        environ.update({"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))})
        request = Request(environ)
        own = {"/_faults": self._set, "/_counts": self._count, "/_messages": self._messages}.get(request.path)
        response = own(request, body) if own else self._served(request, environ, body)
        if not own:
            self._count_down()
        return response(environ, start_response)

    # What a test asks

    def _set(self, _: Request, body: bytes) -> Response:
        told = json.loads(body)
        with self._lock:
            self._random.seed(told.get("seed", 0))
            self._rules, self._kill = told["rules"], told.get("kill", {})
            self._counts.clear()
            self._invoked.clear()
        return Response(b"{}")

    def _count(self, _: Request, __: bytes) -> Response:
        return Response(json.dumps({**self._counts, "invoked": self._invoked}))

    def _messages(self, request: Request, _: bytes) -> Response:
        name = request.args["queue"]
        self._take(name)
        queue = sqs_backends[ACCOUNT][REGION].queues[name]
        kept = [_told(message) for message in queue._messages]
        return Response(json.dumps(self._taken.get(name, []) + kept))

    def _take(self, name: str) -> None:
        queue = sqs_backends[ACCOUNT][REGION].queues.get(name)
        if queue is None or queue.fifo_queue:
            return
        with queue._messages_lock:
            taken, queue._messages[:] = [_told(message) for message in queue._messages], []
        with self._lock:
            self._taken.setdefault(name, []).extend(taken)

    # What a handler asks

    def _count_down(self) -> None:
        with self._lock:
            self._counts["all"] += 1
            if self._kill and self._counts["all"] == self._kill["after"]:
                os.kill(self._kill["pid"], signal.SIGKILL)

    def _served(self, request: Request, environ: dict[str, Any], body: bytes) -> Response:
        service, name = operation(request)
        with self._lock:
            rule = self._rules.get(name, {})
            hit = self._random.random() < rule.get("share", 0)
            hit = hit and self._counts[name + " failed"] < rule.get("times", 1 << 30)
            self._counts[name] += 1
            self._counts[name + " failed"] += hit
        if service == "lambda" and name == "Invoke":
            self._invoked.append(body.decode())
            return Response(b"", 202, {"X-Amz-Invocation-Type": "Event"})
        how = rule["how"] if hit else ""
        if how == "refused":
            return refusal(service, rule.get("code"))
        if how == "dropped":
            return hung_up(environ)
        if how == "empty":
            return Response(b"{}", 200, {"Content-Type": "application/x-amz-json-1.0"})
        if how == "error in 200":
            return Response(b"<Error><Code>InternalError</Code></Error>", 200, {"Content-Type": "application/xml"})
        if how == "entries":
            return self._some_entries(environ, body, rule.get("of", 0), rule.get("holding", []))
        response = self._moto(environ)
        if name == "SendMessageBatch":
            self._take(json.loads(body)["QueueUrl"].rpartition("/")[2])
        if how == "lost":
            return refusal(service, None)
        if how == "done and dropped":
            return hung_up(environ)
        if how == "cut":
            whole = response.get_data()
            response = Response(iter([whole[: len(whole) // 2]]), response.status_code, response.headers)
            response.headers["Content-Length"] = str(len(whole))
        return response

    def _moto(self, environ: dict[str, Any]) -> Response:
        chunks, status, headers = run_wsgi_app(self._app, environ)
        return Response([b"".join(chunks)], status, headers)  # a list: the length of what HEAD tells of stays

    def _some_entries(self, environ: dict[str, Any], body: bytes, share: float, holding: list[str]) -> Response:
        """A batch some of whose entries fail: the others are moto's."""
        asked = json.loads(body)
        with self._lock:
            dropped = [
                one
                for one in asked["Entries"]
                if self._random.random() < share or any(text in one["MessageBody"] for text in holding)
            ]
        kept = [one for one in asked["Entries"] if one not in dropped]
        answer: dict[str, Any] = {"Successful": []}
        if kept:
            text = json.dumps({**asked, "Entries": kept}).encode()
            served = self._moto({**environ, "wsgi.input": BytesIO(text), "CONTENT_LENGTH": str(len(text))})
            answer = json.loads(served.get_data())
            self._take(asked["QueueUrl"].rpartition("/")[2])
        failures = [{"Id": one["Id"], "SenderFault": False, "Code": "InternalError"} for one in dropped]
        return Response(json.dumps({**answer, "Failed": failures}), 200, {"Content-Type": "application/x-amz-json-1.0"})


def _told(message: Any) -> dict[str, Any]:
    return {"body": message.body, "group": message.group_id, "deduplication": message.deduplication_id}


def hung_up(environ: dict[str, Any]) -> Response:
    """The connection ends without an answer."""
    environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    return Response(b"")


def refusal(service: str, code: str | None) -> Response:
    status, usual = THROTTLED[service]
    code = code or usual
    status = STATUS.get(code, status)
    if service == "s3":
        return Response(f"<Error><Code>{code}</Code></Error>", status, {"Content-Type": "application/xml"})
    kind = {"__type": f"com.amazonaws#{code}", "message": "told to"}
    return Response(json.dumps(kind), status, {"Content-Type": "application/x-amz-json-1.0"})


def main() -> None:
    moto_api_backend.get_config()  # loads what the first request would wait for
    server = make_server("127.0.0.1", int(sys.argv[1]), Front(), threaded=True, request_handler=Quiet)
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
