"""What can go wrong, as data: faults of one reply, and fates of one job."""

import re
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Fault:
    """Meets requests whose method and path match; lets ``skip`` pass, then strikes ``count`` times.

    ``kind``: ``http`` (a status instead of the answer; with ``processed`` the request was carried
    out all the same), ``before`` (connection reset, nothing done), ``after`` (done, then reset),
    ``body`` (done, reset in the middle of the reply), ``truncated`` (half the reply, well framed),
    ``slow`` (the answer, late).
    """

    kind: str
    method: str
    path: str
    count: int = 1
    skip: int = 0
    status: int = 503
    retry_after: float | None = None
    seconds: float = 0.0
    processed: bool = False
    message: str = "injected"
    struck: int = field(default=0, init=False)

    def meets(self, method: str, path: str) -> bool:
        """Whether it strikes this request; counts."""
        if self.count <= 0 or not re.fullmatch(self.method, method):
            return False
        if not re.search(self.path, path):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.count -= 1
        self.struck += 1
        return True


@dataclass
class JobFault:
    """The fate of the next ``count`` jobs whose tags match ``tag``, after ``skip`` of them.

    ``kind``: ``fail``, ``cancel``, ``settings`` (one setting missing), ``shots`` (half the shots
    missing), ``gone`` (done, but without result).
    """

    kind: str
    tag: str = ""
    count: int = 1
    skip: int = 0
    reason: str = "The device lost its calibration during the job"
    reason_code: int | None = None

    def meets(self, tags: list[str]) -> bool:
        """Whether it strikes a job with these tags; counts."""
        if self.count <= 0 or not any(re.search(self.tag, tag) for tag in [*tags, ""]):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.count -= 1
        return True


def http(status: int, method: str = ".*", path: str = ".*", **more: Any) -> Fault:
    """An HTTP status instead of the answer."""
    return Fault("http", method, path, status=status, **more)


def reset(when: str, method: str = ".*", path: str = ".*", **more: Any) -> Fault:
    """The connection is reset ``before`` the request is carried out, ``after``, or in the ``body``
    of the reply."""
    return Fault(when, method, path, **more)


def truncated(method: str = "GET", path: str = "/results$", **more: Any) -> Fault:
    """The first half of the reply, with a Content-Length to match."""
    return Fault("truncated", method, path, **more)


def slow(seconds: float, method: str = ".*", path: str = ".*", **more: Any) -> Fault:
    """The reply comes late."""
    return Fault("slow", method, path, seconds=seconds, **more)


def failing(tag: str = "", **more: Any) -> JobFault:
    """The job fails, with a reason."""
    return JobFault("fail", tag, **more)


def cancelled(tag: str = "", **more: Any) -> JobFault:
    """Somebody cancels the job."""
    return JobFault("cancel", tag, **more)


def fewer_settings(tag: str = "", **more: Any) -> JobFault:
    """The result lacks its last setting."""
    return JobFault("settings", tag, **more)


def fewer_shots(tag: str = "", **more: Any) -> JobFault:
    """The result lacks half its shots."""
    return JobFault("shots", tag, **more)


def gone(tag: str = "", **more: Any) -> JobFault:
    """The job is done, but its result is not there any more."""
    return JobFault("gone", tag, **more)
