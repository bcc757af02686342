"""Whether each function answers right: known answers, matches, item errors, request errors, the sample's event, HTTP.

What a function answered is compared here and never shown: a report names the check and the item, no hash.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.markup import escape

from .configurations import ITEMS, sample_event
from .failure import Unreachable
from .tables import TITLES, table
from .targets import Function, Session, Target

KNOWN = json.loads((Path(__file__).resolve().parent / "known_answers.json").read_text(encoding="utf-8"))["rows"]
HTTP_SECONDS = 35.0  # an API Gateway gives up after 30
JSON = {"content-type": "application/json"}


@dataclass(frozen=True)
class Check:
    function: str
    name: str
    problem: str | None  # None: as it must be


def _password(row: dict[str, str]) -> str:
    return base64.b64encode(bytes.fromhex(row["password_hex"])).decode()


def hash_request() -> dict[str, Any]:
    """Each known answer's password with its setting, so that there is one right hash."""
    items = [{"id": row["id"], "password_base64": _password(row), "setting": row["setting"]} for row in KNOWN]
    return {"op": "hash", "items": items}


def hash_problem(answer: Any) -> str | None:
    found = _by_id(answer)
    wrong = [row["id"] for row in KNOWN if found.get(row["id"], {}).get("hash") != row["hash"]]
    return f"{len(wrong)} of {len(KNOWN)} known answers are wrong: {', '.join(wrong)}" if wrong else None


def verify_request() -> dict[str, Any]:
    """The right password of each, the last hash with a wrong one, and a user whom nobody knows."""
    right = [{"id": row["id"], "password_base64": _password(row), "hash": row["hash"]} for row in KNOWN]
    wrong = {"id": "wrong password", "password": "no password of the vectors", "hash": KNOWN[0]["hash"]}
    unknown = {"id": "unknown user", "password": "a", "hash": None}
    return {"op": "verify", "cost": 4, "items": [*right, wrong, unknown]}  # cost: what the unknown user takes


def verify_problem(answer: Any) -> str | None:
    found = _by_id(answer)
    expected = {**{row["id"]: True for row in KNOWN}, "wrong password": False, "unknown user": False}
    wrong = [name for name, match in expected.items() if found.get(name, {}).get("match") is not match]
    return f"match is wrong for {', '.join(wrong)}" if wrong else None


def item_error_request() -> dict[str, Any]:
    row = KNOWN[0]
    good = {"id": "good", "password_base64": _password(row), "setting": row["setting"]}
    items = [{"id": "DES", "password": "a", "setting": "nino"}, good, {"id": "long", "password": "x" * 73, "cost": 4}]
    return {"op": "hash", "items": items}


def item_error_problem(answer: Any) -> str | None:
    found = _by_id(answer)
    for name, code in (("DES", "invalid_setting"), ("long", "password_too_long")):
        error = found.get(name, {}).get("error")
        if not isinstance(error, dict) or error.get("code") != code:
            return f"the item {name!r} is not refused with {code}"
    return (
        None if found.get("good", {}).get("hash") == KNOWN[0]["hash"] else "a good item between bad ones is not hashed"
    )


def _by_id(answer: Any) -> dict[str, dict[str, Any]]:
    items = answer.get("items") if isinstance(answer, dict) else None
    rows = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    return {item["id"]: item for item in rows if isinstance(item.get("id"), str)}


REQUESTS: tuple[tuple[str, Callable[[], dict[str, Any]], Callable[[Any], str | None]], ...] = (
    ("known answers", hash_request, hash_problem),
    ("match and no match", verify_request, verify_problem),
    ("bad items among good ones", item_error_request, item_error_problem),
)
REFUSED = (
    ("count of 0", {"count": 0, "mode": "parallel"}, "count must be greater than 0"),
    ("unknown op", {"op": "encrypt", "items": []}, "op"),
)


def run(target: Target, functions: list[Function], step: Callable[[], None]) -> list[Check]:
    checks: list[Check] = []
    for function in functions:
        with target.open(function) as session:
            checks += _function(function, session)
        step()
    return checks


def _function(function: Function, session: Session) -> Iterator[Check]:
    for name, request, problem in REQUESTS:
        result = session.invoke(_text(request()))
        yield Check(function.name, name, result.error or problem(result.answer))
    for name, wrong, message in REFUSED:
        result = session.invoke(_text(wrong))
        error = result.error or "it was processed"
        yield Check(function.name, name, None if _is_refusal(error, message) else f"not refused as it must be: {error}")
    result = session.invoke(sample_event())
    yield Check(function.name, "the sample's event", result.error or _sample_problem(function, result.answer))


def _is_refusal(error: str, message: str) -> bool:
    kind, _, text = error.partition(": ")
    return kind == "InvalidRequest" and message in text


def _sample_problem(function: Function, answer: Any) -> str | None:
    if not isinstance(answer, dict) or answer.get("processed") != ITEMS:
        return f"it did not process {ITEMS} items"
    if function.workers is not None and answer.get("workers") != function.workers:
        return f"workers is {answer.get('workers')} and WORKER_COUNT {function.workers}"
    return None


def _text(request: dict[str, Any]) -> bytes:
    return json.dumps(request).encode()


def over_http(url: str, auth: httpx.Auth | None = None) -> list[Check]:
    """The same through an HTTP API whose address ends where the paths begin. Raises Unreachable."""
    base = url.rstrip("/")
    with httpx.Client(timeout=HTTP_SECONDS, auth=auth) as client:
        try:
            return list(_http(client, base))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unreachable(f"no answer from {base}: {error}") from error


def _http(client: httpx.Client, base: str) -> Iterator[Check]:
    status = client.get(f"{base}/health").status_code
    yield Check(base, "GET /health", None if status == 200 else f"status {status} instead of 200")
    for name, request, problem in REQUESTS:
        response = client.post(f"{base}/", content=_text(request()), headers=JSON)
        fault = _status_problem(response, 200) or problem(_body(response))
        yield Check(base, f"POST /: {name}", fault)
    for name, wrong, _ in REFUSED:
        response = client.post(f"{base}/", content=_text(wrong), headers=JSON)
        yield Check(base, f"POST /: {name}", _status_problem(response, 400))


def _status_problem(response: httpx.Response, expected: int) -> str | None:
    return None if response.status_code == expected else f"status {response.status_code} instead of {expected}"


def _body(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None


def show(out: Console, checks: list[Check], label: str) -> None:
    rows = table(TITLES[label], ["function"], ["checks", "right"], ["problems"])
    names = list(dict.fromkeys(check.function for check in checks))
    for name in names:
        own = [check for check in checks if check.function == name]
        problems = [f"{check.name}: {check.problem}" for check in own if check.problem]
        rows.add_row(escape(name), str(len(own)), str(len(own) - len(problems)), escape("\n".join(problems)))
    out.print(rows)
    wrong = sum(check.problem is not None for check in checks)
    out.print(f"{len(checks) - wrong} of {len(checks)} checks right, {len(names)} functions")
