"""Lambda's endpoint for boto3: invocations go to the real handler behind the real emulator, everything else to moto.

The emulator serves one function, named `function`, and answers errors like answers; here they have the names, the
header and the log tail that Lambda gives them. Throttling is made: `throttle` calls are refused first.
"""

from __future__ import annotations

import base64
import contextlib
import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from emulator import Emulator
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

INVOKE = "/2015-03-31/functions/"


class Endpoint:
    """`with Endpoint(bootstrap, moto_url) as endpoint`. `configure` names the functions with their environments."""

    def __init__(self, bootstrap: Path, moto: str) -> None:
        self._bootstrap = bootstrap
        self._moto = moto
        self._stack = contextlib.ExitStack()
        self._emulators: dict[str, Emulator] = {}
        self._lock = threading.Lock()
        self.environments: dict[str, dict[str, str]] = {}
        self.throttle = 0
        self.invoked: list[str] = []
        self._server = make_server("127.0.0.1", 0, Request.application(self._answer), threaded=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Endpoint:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._stack.close()

    def _answer(self, request: Request) -> Response:
        if not request.path.endswith("/invocations"):
            return self._to_moto(request)
        with self._lock:
            if self.throttle > 0:
                self.throttle -= 1
                return _throttled()
            name = request.path.removeprefix(INVOKE).partition("/")[0]
            self.invoked.append(name)
            return self._invoke(name, request.get_data())

    def _invoke(self, name: str, event: bytes) -> Response:
        if name not in self._emulators:
            self._emulators[name] = self._stack.enter_context(Emulator(self._bootstrap, self.environments[name]))
        emulator = self._emulators[name]
        before = len(emulator.output)
        _, body = emulator.invoke(event)
        headers = {"X-Amz-Log-Result": base64.b64encode(_tail(emulator, before).encode()).decode()}
        answer = json.loads(body)
        if isinstance(answer, dict) and "errorType" in answer:
            headers["X-Amz-Function-Error"] = "Unhandled"
        return Response(body, 200, headers)

    def _to_moto(self, request: Request) -> Response:
        headers = {name: value for name, value in request.headers.items() if name.lower() != "host"}
        found = httpx.request(
            request.method, self._moto + request.full_path, content=request.get_data(), headers=headers, trust_env=False
        )
        return Response(found.content, found.status_code, content_type=found.headers.get("content-type"))


def _tail(emulator: Emulator, before: int) -> str:
    end = time.monotonic() + 5
    while time.monotonic() < end:
        lines = emulator.output[before:]
        if any(line.startswith("REPORT") for line in lines):
            return "".join(line for line in lines if line.startswith(("START", "END", "REPORT")))
        time.sleep(0.002)
    raise AssertionError("the emulator wrote no report")


def _throttled() -> Response:
    body = json.dumps(
        {"Type": "User", "message": "Rate Exceeded.", "Reason": "ReservedFunctionConcurrentInvocationLimit"}
    )
    return Response(body, 429, {"X-Amzn-ErrorType": "TooManyRequestsException"}, content_type="application/json")


class HttpApi:
    """An HTTP API in front of one function: a request becomes an event of version 2.0, its answer a response."""

    def __init__(self, invoke: Callable[[bytes], Any]) -> None:
        self._invoke = invoke
        self.wrong_status: int | None = None  # instead of GET's
        self._server = make_server("127.0.0.1", 0, Request.application(self._answer), threaded=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> HttpApi:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, request: Request) -> Response:
        if request.method == "GET" and self.wrong_status is not None:
            return Response(status=self.wrong_status)
        http = {"method": request.method, "path": request.path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1"}
        event = {
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": request.path,
            "rawQueryString": "",
            "headers": {name.lower(): value for name, value in request.headers.items()},
            "requestContext": {"apiId": "abc", "http": http, "requestId": "1", "stage": "$default"},
            "body": request.get_data(as_text=True),
            "isBase64Encoded": False,
        }
        answer = self._invoke(json.dumps(event).encode()).answer
        return Response(answer["body"], answer["statusCode"], answer["headers"])
