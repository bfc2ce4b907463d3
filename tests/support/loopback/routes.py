"""What the service answers, path by path."""

import base64
import json
import re
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.support.loopback.jobs import Job
    from tests.support.loopback.server import Loopback

LIFETIME = 3600  # s of an access token


@dataclass(frozen=True)
class Request:
    """One request, without the prefix of its path."""

    method: str
    path: str
    query: dict[str, list[str]]
    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    """Status and body; a body that is no text is sent as JSON."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def content(self) -> bytes:
        if self.body is None:
            return b""
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()


def refusal(status: int, message: str, code: int = 0) -> Answer:
    """An error as the service words it."""
    return Answer(status, {"errors": [{"code": code, "message": message}]})


def answer(server: "Loopback", request: Request) -> Answer:
    """Carry out a request."""
    if request.path == "/identity/token":
        return _token(server, request)
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer" or token not in server.tokens:
        return refusal(401, "Authorization failed: the token is expired or invalid", 1201)
    if request.headers.get("Service-CRN") != server.instance:
        return refusal(403, f"{request.headers.get('Service-CRN')} is not yours", 1202)
    for method, pattern, route in ROUTES:
        found = re.fullmatch(pattern, request.path)
        if found and method == request.method:
            return route(server, request, *found.groups())
    server.unhandled.append((request.method, request.path))
    return refusal(404, "not here", 1291)


def _token(server: "Loopback", request: Request) -> Answer:
    from urllib.parse import parse_qs

    if parse_qs(request.body.decode()).get("apikey") != [server.api_key]:
        text = "Provided API key could not be found."
        return Answer(400, {"errorCode": "BXNIM0415E", "errorMessage": text})
    now = int(time.time())
    claims = {"iat": now, "exp": now + LIFETIME, "jti": uuid.uuid4().hex, "iam_id": "IBMid-1"}
    token = ".".join(_base64(part) for part in ({"alg": "HS256", "typ": "JWT"}, claims, "s" * 32))
    with server.lock:
        server.tokens.add(token)
        server.secrets_seen.add(token)
    return Answer(
        200,
        {
            "access_token": token,
            "refresh_token": "not_supported",
            "token_type": "Bearer",
            "expires_in": LIFETIME,
            "expiration": now + LIFETIME,
        },
    )


def _base64(part: Any) -> str:
    text = part if isinstance(part, str) else json.dumps(part)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _backends(server: "Loopback", request: Request) -> Answer:
    listed = [device.listed(server.queue.pending(name)) for name, device in server.devices.items()]
    return Answer(200, {"devices": listed})


def _backend(server: "Loopback", request: Request, name: str, what: str) -> Answer:
    device = server.devices.get(name)
    if device is None:
        return refusal(404, f"Backend {name} not found", 1223)
    if what == "status":
        return Answer(200, device.state(server.queue.pending(name)))
    return Answer(200, getattr(device, what))


def _usage(server: "Loopback", request: Request) -> Answer:
    used = sum(job.usage for job in server.jobs if job.final)
    limit = server.usage_limit
    reached = server.usage_reached or used >= limit
    return Answer(
        200,
        {
            "instance_id": server.instance,
            "usage_consumed_seconds": limit if server.usage_reached else used,
            "usage_limit_seconds": limit,
            "usage_limit_reached": reached,
        },
    )


def _submit(server: "Loopback", request: Request) -> Answer:
    sent = json.loads(request.body)
    if sent.get("program_id") != "executor":
        return refusal(404, "Program not found", 1230)
    if sent.get("backend") not in server.devices:
        return refusal(404, "Backend not found", 1223)
    session = sent.get("session_id")
    if session is not None:
        if session not in server.sessions:
            return refusal(404, "Session not found", 1216)
        if not server.sessions[session]["accepting_jobs"]:
            return refusal(400, "Session has been closed", 1217)
    job = server.queue.accept(sent, server.fate_of(list(sent.get("tags", []))))
    return Answer(200, {"id": job.job_id, "backend": job.device})


def _jobs(server: "Loopback", request: Request) -> Answer:
    wanted = set(request.query.get("tags", []))
    found = [job for job in server.jobs if wanted <= set(job.tags)]
    if request.query.get("sort") != ["ASC"]:
        found.reverse()
    offset = int(request.query.get("offset", ["0"])[0])
    limit = min(int(request.query.get("limit", ["200"])[0]), server.page)
    page = [job.record(with_params=False) for job in found[offset : offset + limit]]
    return Answer(200, {"jobs": page, "count": len(found), "limit": limit, "offset": offset})


def _job(server: "Loopback", request: Request, job_id: str) -> Answer:
    job = server.queue.jobs.get(job_id)
    if job is None:
        return _no_job(job_id)
    return Answer(200, job.record(request.query.get("exclude_params") != ["true"]))


def _part(server: "Loopback", request: Request, job_id: str, part: str) -> Answer:
    job = server.queue.jobs.get(job_id)
    if job is None:
        return _no_job(job_id)
    if part == "metrics":
        return Answer(200, job.metrics(server.queue.place(job)))
    return _results(job)


def _results(job: "Job") -> Answer:
    if job.status == "Failed":
        return Answer(200, f"Traceback (most recent call last):\n{job.reason}")
    if job.result is None or (job.private and job.reads > 0):
        return refusal(404, "Job results not found", 1292)
    job.reads += 1
    return Answer(200, job.result)


def _no_job(job_id: str) -> Answer:
    return refusal(404, f"Job not found. Job ID: {job_id}", 1291)


def _cancel(server: "Loopback", request: Request, job_id: str) -> Answer:
    job = server.queue.jobs.get(job_id)
    if job is None:
        return _no_job(job_id)
    if not server.queue.cancel(job):
        return refusal(409, "Job is in a final state and cannot be cancelled", 1293)
    return Answer(204)


def _open(server: "Loopback", request: Request) -> Answer:
    sent = json.loads(request.body)
    session = "s" + uuid.uuid4().hex[:19]
    server.sessions[session] = {
        "id": session,
        "backend_name": sent.get("backend"),
        "mode": sent.get("mode"),
        "state": "open",
        "accepting_jobs": True,
        "max_ttl": sent.get("max_ttl", 28800),
    }
    return Answer(200, server.sessions[session])


def _session(server: "Loopback", request: Request, session: str) -> Answer:
    if session not in server.sessions:
        return refusal(404, "Session not found", 1216)
    if request.method == "GET":
        return Answer(200, server.sessions[session])
    server.sessions[session] |= {"accepting_jobs": False, "state": "closed"}
    return Answer(204)


ROUTES: list[tuple[str, str, Any]] = [
    ("GET", "/backends", _backends),
    ("GET", "/backends/([^/]+)/(configuration|properties|status)", _backend),
    ("GET", "/instances/usage", _usage),
    ("POST", "/jobs", _submit),
    ("GET", "/jobs", _jobs),
    ("GET", "/jobs/([^/]+)", _job),
    ("GET", "/jobs/([^/]+)/(results|metrics)", _part),
    ("POST", "/jobs/([^/]+)/cancel", _cancel),
    ("POST", "/sessions", _open),
    ("GET", "/sessions/([^/]+)", _session),
    ("PATCH", "/sessions/([^/]+)", _session),
    ("DELETE", "/sessions/([^/]+)/close", _session),
]
