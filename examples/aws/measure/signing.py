"""Requests to HTTP APIs and Function URLs, signed as AWS_IAM wants them. Other hosts get no signature.

The signature is botocore's; here is only which service and region an address belongs to.
"""

from __future__ import annotations

import re
from collections.abc import Generator

import httpx
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

_SERVICES = {"execute-api": "execute-api", "lambda-url": "lambda"}
_HOST = re.compile(r"[^.]+\.(execute-api|lambda-url)\.([a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|on\.aws)")


def scope(host: str) -> tuple[str, str] | None:
    """Service and region of an address of AWS, None of any other."""
    found = _HOST.fullmatch(host)
    return (_SERVICES[found[1]], found[2]) if found else None


class AwsSignature(httpx.Auth):
    """For httpx's `auth`. Nothing but host, date and body is signed beside method and address."""

    requires_request_body = True

    def __init__(self, credentials: Credentials | None) -> None:
        self._credentials = credentials

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        where = scope(request.url.host)
        if where is not None and self._credentials is not None:
            to_sign = AWSRequest(method=request.method, url=str(request.url), data=request.content)
            SigV4Auth(self._credentials, *where).add_auth(to_sign)
            request.headers.update(dict(to_sign.headers.items()))
        yield request
