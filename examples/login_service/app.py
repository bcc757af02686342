"""A login service on lanecrypt: POST /register and POST /login, GET /health. See README.md beside this file.

    uvicorn --app-dir examples login_service.app:app

It shows what such a service owes its users: the same time for known and unknown names, hashes that grow stronger at the
next login, and a clear "try again" in place of a queue that nobody lives to see the end of.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from collections.abc import AsyncIterator
from typing import Any

from lanecrypt import ItemError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from .backends import TooBusy, make_backend

BODY_MAX = 4096
NAME_MAX = 64


class Users:
    """Names and their hashes. Calls are short enough for the event loop's thread."""

    def __init__(self, path: str) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.execute("CREATE TABLE IF NOT EXISTS users (name TEXT PRIMARY KEY, hash BLOB NOT NULL) WITHOUT ROWID")

    def hash_of(self, name: str) -> bytes | None:
        row = self._db.execute("SELECT hash FROM users WHERE name = ?", (name,)).fetchone()
        return None if row is None else bytes(row[0])

    def add(self, name: str, hash: bytes) -> bool:
        """Whether the name was free."""
        added = self._db.execute("INSERT INTO users VALUES (?, ?) ON CONFLICT DO NOTHING", (name, hash))
        return added.rowcount == 1

    def replace(self, name: str, old: bytes, new: bytes) -> None:
        """Only if nobody else did meanwhile: a user may have changed the password."""
        self._db.execute("UPDATE users SET hash = ? WHERE name = ? AND hash = ?", (new, name, old))

    def close(self) -> None:
        self._db.close()


async def body_of(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_MAX:
            raise HTTPException(413, "the request is too long")
    return bytes(body)


async def credentials(request: Request) -> tuple[str, bytes]:
    """{"user": ..., "password": ...}"""
    try:
        fields = json.loads(await body_of(request))
        name, password = fields["user"], fields["password"].encode()
    except (ValueError, KeyError, TypeError, AttributeError):
        raise HTTPException(400, 'the request must be {"user": "...", "password": "..."}') from None
    if not isinstance(name, str) or not 1 <= len(name) <= NAME_MAX:
        raise HTTPException(400, f"user must have 1 to {NAME_MAX} characters")
    return name, password


async def register(request: Request) -> JSONResponse:
    name, password = await credentials(request)
    hash = await request.app.state.backend.hash(password)
    if not request.app.state.users.add(name, hash):
        raise HTTPException(409, "that name is taken")
    return JSONResponse({"user": name}, 201)


async def login(request: Request) -> JSONResponse:
    name, password = await credentials(request)
    users: Users = request.app.state.users
    stored = users.hash_of(name)
    # None is the unknown user, who takes as long as a known one: nobody learns which names exist.
    matches, new_hash = await request.app.state.backend.verify(password, stored)
    if stored is None or not matches:
        raise HTTPException(401, "wrong user or password")
    if new_hash is not None:
        users.replace(name, stored, new_hash)
    return JSONResponse({"user": name})


async def health(request: Request) -> JSONResponse:
    return JSONResponse(request.app.state.backend.figures())


async def refused(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return JSONResponse({"error": error.detail}, error.status_code)


async def too_busy(_request: Request, _error: Exception) -> JSONResponse:
    return JSONResponse({"error": "too many logins at once"}, 503, {"Retry-After": "1"})


async def item_error(_request: Request, error: Exception) -> JSONResponse:
    """A password over 72 bytes is the caller's mistake; a stored hash that is none is ours."""
    assert isinstance(error, ItemError)
    too_long = error.code == "password_too_long"
    return JSONResponse({"error": error.code if too_long else "internal"}, 422 if too_long else 500)


@contextlib.asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    app.state.users = Users(os.environ.get("LOGIN_USERS", ":memory:"))
    rounds, queue = int(os.environ.get("LOGIN_ROUNDS", "12")), int(os.environ.get("LOGIN_QUEUE", "200"))
    backend = make_backend(os.environ.get("LOGIN_BACKEND", "lanecrypt"), rounds, queue)
    async with backend:
        app.state.backend = backend
        yield
    app.state.users.close()


ERRORS: dict[Any, Any] = {HTTPException: refused, TooBusy: too_busy, ItemError: item_error}
app = Starlette(
    routes=[
        Route("/register", register, methods=["POST"]),
        Route("/login", login, methods=["POST"]),
        Route("/health", health),
    ],
    exception_handlers=ERRORS,
    lifespan=lifespan,
)
