"""A server on 127.0.0.1 that plays IBM's service to the real client, with faults on request.

    with Loopback() as server:
        server.add(http(503, "GET", "/jobs", count=2))
        subprocess.run([...], env={**os.environ, **server.environment})
        assert server.complaints() == []

What it answers was read off the client. How faithful it is to the real service is unknown; what it
does not know it answers with 404 and notes in `Loopback.unhandled`.
"""

from tests.support.loopback.faults import (
    Fault,
    JobFault,
    cancelled,
    failing,
    fewer_settings,
    fewer_shots,
    gone,
    http,
    reset,
    slow,
    truncated,
)
from tests.support.loopback.server import API_KEY, INSTANCE, Loopback

__all__ = [
    "API_KEY",
    "INSTANCE",
    "Fault",
    "JobFault",
    "Loopback",
    "cancelled",
    "failing",
    "fewer_settings",
    "fewer_shots",
    "gone",
    "http",
    "reset",
    "slow",
    "truncated",
]
