"""What went wrong at the service, in plain words.

The client wraps errors in errors and loses status codes on the way, so the whole chain of causes
is read.
"""

import re
from collections.abc import Iterator
from typing import Any

from qbell.devices.ibm.account import INSTANCE, NO_ACCOUNT, TOKEN
from qbell.devices.ibm.quiet import NO_TOKEN
from qbell.devices.ibm.redaction import one_line
from qbell.errors import QbellError

TRY_LATER = "try again later"
NEW_KEY = (
    "make an API key at quantum.cloud.ibm.com and save it with QiskitRuntimeService.save_account("
    f"token=..., overwrite=True) or set {TOKEN}"
)
OTHER_INSTANCE = f"check the account's instance ({INSTANCE} or the saved one) and its plan"


class ServiceError(QbellError):
    """The service could not do it, or would not.

    ``passing``: worth waiting for (network, 429, 5xx, a device that is offline). ``status``: of
    HTTP, where one came. ``retry_after``: seconds that the service asks to wait.
    ``batch_closed``: the batch takes no more jobs.
    """

    def __init__(
        self,
        message: str,
        *,
        passing: bool = False,
        status: int | None = None,
        retry_after: float | None = None,
        batch_closed: bool = False,
    ) -> None:
        super().__init__(message)
        self.passing, self.status, self.retry_after = passing, status, retry_after
        self.batch_closed = batch_closed


class Uncertain(ServiceError):
    """Nobody knows whether the job arrived. Look for it by its tag before it is sent again."""


def causes(error: BaseException) -> Iterator[BaseException]:
    """The error and all that it came from, also where ``from None`` hides it."""
    seen: set[int] = set()
    todo: list[BaseException | None] = [error]
    while todo:
        one = todo.pop(0)
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        todo += [one.__cause__, one.__context__]


def status_of(error: BaseException) -> int | None:
    """The status of HTTP behind an error, if one came."""
    for one in causes(error):
        for holder in (one, getattr(one, "response", None)):
            status = getattr(holder, "status_code", None)
            if isinstance(status, int) and 100 <= status < 600:
                return status
        if type(one).__name__ == "IBMNotAuthorizedError":
            return 401
        # urllib3 gave up on it: its error has no response, only these words.
        found = re.search(r"too many (\d{3}) error responses", str(one))
        if found:
            return int(found[1])
    return None


def from_network(error: BaseException) -> bool:
    """Whether a request failed, rather than the work on what it brought."""
    from requests import RequestException
    from urllib3.exceptions import HTTPError

    return any(isinstance(one, RequestException | HTTPError | OSError) for one in causes(error))


def nothing_sent(error: BaseException) -> bool:
    """Whether no connection came about, so that the service cannot have heard of it."""
    from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

    found = list(causes(error))
    reasons = [getattr(one, "reason", None) for one in found]
    kinds = (ConnectTimeoutError, NewConnectionError, ConnectionRefusedError)
    return any(isinstance(one, kinds) for one in (*found, *reasons)) or no_token(error)


def only_asked(error: BaseException) -> bool:
    """Whether the request that failed was a GET."""
    for one in causes(error):
        request = getattr(one, "request", None) or getattr(
            getattr(one, "response", None), "request", None
        )
        if request is not None:
            return str(getattr(request, "method", "")) == "GET"
    return False


def explain(error: BaseException, doing: str) -> ServiceError:
    """The error as one line that says what was being done, what happened and what to do."""
    if isinstance(error, ServiceError):
        return error
    if no_token(error):
        return _token_problem(error, doing)
    status = status_of(error)
    if status is not None:
        said = _said(error)
        if _is_closed(said):
            return ServiceError(
                f"{doing}: the batch is closed; open another", status=status, batch_closed=True
            )
        return _http(status, said, doing, _retry_after(error))
    if from_network(error):
        return ServiceError(f"{doing}: {_network(error)}", passing=True)
    return ServiceError(f"{doing}: {_other(error)}")


def explain_sending(error: BaseException, doing: str) -> ServiceError:
    """The same for a job that was being sent: `Uncertain` unless it surely did not arrive."""
    problem = explain(error, doing)
    status = problem.status
    refused = status is not None and 400 <= status < 500 and status != 408
    if refused or nothing_sent(error) or only_asked(error) or not _was_sending(error):
        return problem
    return Uncertain(
        f"{doing}: the job may have arrived or not ({str(problem).removeprefix(doing + ': ')})",
        passing=True,
        status=status,
        retry_after=problem.retry_after,
    )


def _was_sending(error: BaseException) -> bool:
    """Whether the client had come to its request, rather than to preparing the circuits."""
    for one in causes(error):
        trace = one.__traceback__
        while trace is not None:
            if trace.tb_frame.f_code.co_name == "_run":
                return True
            trace = trace.tb_next
    return False


def _token_problem(error: BaseException, doing: str) -> ServiceError:
    status = status_of(error)
    if status in (400, 401, 403, 404):
        return ServiceError(f"{doing}: IBM Cloud refused the API key; {NEW_KEY}", status=400)
    if status is not None:
        return _http(status, "no access token", doing, _retry_after(error))
    return ServiceError(f"{doing}: no access token: {_network(error)}", passing=True)


def _http(status: int, said: str, doing: str, retry_after: float | None) -> ServiceError:
    quoted = f" ({status}: {said})" if said else f" ({status})"
    if status == 401:
        text = f"the service refused the access token (401); {NEW_KEY}"
    elif status == 402:
        text = f"the service asks for payment{quoted}; look at the plan of the instance"
    elif status == 403:
        text = f"the service does not allow it{quoted}; {OTHER_INSTANCE}"
    elif status == 404:
        text = f"the service does not know it{quoted}; {OTHER_INSTANCE}"
    elif status == 409:
        text = f"its state does not allow it{quoted}; look at `qbell status`"
    elif status == 413:
        text = "the job is too large for the service (413); use more jobs, with fewer settings each"
    elif status == 429:
        wait = f"wait {retry_after:g} s and" if retry_after else "wait a while and"
        text = f"too many requests or jobs for the service{quoted}; {wait} try again"
    elif status >= 500:
        text = f"the service is not available{quoted}; {TRY_LATER}"
    else:
        text = f"the service refused it{quoted}; change what it names, or report it"
    passing = status in (408, 425, 429) or status >= 500
    return ServiceError(f"{doing}: {text}", passing=passing, status=status, retry_after=retry_after)


def _network(error: BaseException) -> str:
    text = " ".join(f"{type(one).__name__} {one}" for one in causes(error)).lower()
    for words, plain in (
        (("refused",), "the connection was refused"),
        (("name resolution", "resolve", "getaddrinfo"), "its name was not resolved"),
        (("timed out", "timeout"), "it did not answer in time"),
        (("ssl", "certificate"), "the secure connection failed"),
        (("proxy",), "the proxy failed"),
        (("reset", "aborted", "disconnected", "broken", "incomplete"), "the connection broke off"),
        (("json", "expecting value"), "its reply is broken"),
    ):
        if any(word in text for word in words):
            return f"the service cannot be reached: {plain}; check the network, {TRY_LATER}"
    return f"the service cannot be reached; check the network, {TRY_LATER}"


def _other(error: BaseException) -> str:
    name, text = type(error).__name__, str(error)
    if name == "AccountNotFoundError":
        return NO_ACCOUNT
    if "instance" in text.lower() and name in ("IBMInputValueError", "InvalidAccountError"):
        return f"the account does not have this instance; {OTHER_INSTANCE}"
    if name == "InvalidAccountError":
        return f"the account is not valid ({one_line(text, 120)}); {NEW_KEY}"
    return f"{name}: {one_line(text)}"


def _said(error: BaseException) -> str:
    """What the service itself said, from the body of its reply."""
    for one in causes(error):
        response = getattr(one, "response", None)
        if response is not None:
            try:
                return one_line(_message(response.json()), 160)
            except ValueError:
                return ""
    return ""


def _message(content: Any) -> str:
    if not isinstance(content, dict):
        return ""
    errors = content.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else content.get("error", content)
    if not isinstance(first, dict):
        return ""
    return str(first.get("message") or first.get("errorMessage") or "")


def _is_closed(said: str) -> bool:
    return bool(re.search(r"(session|batch|workload)\b.*\b(closed|not accepting)", said, re.I))


def _retry_after(error: BaseException) -> float | None:
    for one in causes(error):
        headers = getattr(getattr(one, "response", None), "headers", None)
        if headers and "Retry-After" in headers:
            try:
                return max(0.0, float(headers["Retry-After"]))
            except ValueError:
                return None  # a date: patience has its own times
    return None


def no_token(error: BaseException) -> bool:
    """Whether no access token could be had, so that nothing was asked of the service."""
    return any(isinstance(one, UserWarning) and NO_TOKEN in str(one) for one in causes(error))
