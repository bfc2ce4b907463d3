"""Opening IBM's client, and the few of its private parts that are used, all in one place."""

import difflib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from qbell.devices.ibm.problems import ServiceError, status_of
from qbell.devices.ibm.redaction import one_line

READ_SECONDS = 120.0  # s without a byte before a request counts as lost; the client would wait on


@contextmanager
def bounded() -> Iterator[None]:
    """Bound the waiting of every connection that the client opens meanwhile.

    Left alone it waits for a reply without end, and sleeps for as long as a Retry-After says, be it
    hours; `patience` decides that instead.
    """
    from qiskit_ibm_runtime.api.session import RetrySession

    plain = RetrySession.__init__

    def opened(self: Any, *arguments: Any, **options: Any) -> None:
        plain(self, *arguments, **options)
        _bound(self)

    RetrySession.__init__ = opened
    try:
        yield
    finally:
        RetrySession.__init__ = plain


def open_client() -> Any:
    """The client's service for the saved account or the environment's.

    Raises:
        Exception: whatever the client raises; see `problems.explain`.
    """
    from qiskit_ibm_runtime import QiskitRuntimeService

    service = QiskitRuntimeService()
    for client in clients(service):
        # After a token was refused, the client would sleep for a minute before it asks again.
        manager = getattr(client._session.auth, "tm", None)
        if manager is not None:
            manager.request_time = 0
    # The client swallows what goes wrong while it lists the devices: ask again, to be told.
    _current(service).list_backends()
    return service


def clients(service: Any) -> list[Any]:
    """The connections to all instances of the account, the active one first."""
    current = _current(service)
    return [current, *(one for one in service._get_api_clients().values() if one is not current)]


class Missed(ServiceError):
    """The client failed to list the devices and said nothing: it must be opened anew."""


def named_device(service: Any, name: str) -> Any:
    """A device of the account's instances.

    Raises:
        ServiceError: there is none of this name; `Missed` if the client overlooked it.
    """
    from qiskit.providers.exceptions import QiskitBackendNotFoundError

    try:
        return service.backend(name)
    except QiskitBackendNotFoundError:
        names = device_names(service)
    if name in names:
        raise Missed(f"device {name} could not be read; try again", passing=True)
    near = difflib.get_close_matches(name, names, 3, 0.4) or names[:5]
    raise ServiceError(
        f"device {one_line(name, 60)!r} is unknown to the account's instance; "
        + (f"it has {', '.join(near)}" if near else "it has no device: check its plan")
    )


def device_names(service: Any) -> list[str]:
    """All devices of the account's instances."""
    return sorted({device["name"] for one in clients(service) for device in one.list_backends()})


def job_record(service: Any, job_id: str) -> tuple[Any, dict[str, Any]] | None:
    """The connection that knows a job and the service's record of it; None if none does."""
    for client in clients(service):
        try:
            return client, client.job_get(job_id, exclude_params=True)
        except Exception as error:
            if status_of(error) != 404:
                raise
    return None


def tagged_records(service: Any, tag: str) -> Iterator[tuple[Any, dict[str, Any]]]:
    """All jobs with a tag, oldest first, whatever the size of a page."""
    for client in clients(service):
        seen: set[str] = set()
        offset = 0
        while True:
            # Oldest first: jobs that come in meanwhile are appended and move no page.
            reply = client.jobs_get(limit=50, skip=offset, job_tags=[tag], descending=False)
            page = reply["jobs"]
            for record in page:
                if tag in (record.get("tags") or ()) and record["id"] not in seen:
                    seen.add(record["id"])
                    yield client, record
            offset += len(page)
            if not page or offset >= reply.get("count", 0):
                break


def batch_from(device: Any, batch: str) -> Any:
    """A batch that was opened before, perhaps by another process.

    ``Batch.from_id`` would do, but reads the device anew and refuses a batch without jobs.
    """
    from qiskit_ibm_runtime import Batch

    known = Batch(backend=device, create_new=False)
    known._session_id = batch
    return known


def _current(service: Any) -> Any:
    return service._get_api_client()


def _bound(session: Any) -> None:
    request = session.request

    def within(method: str, url: str, bare: bool = False, **options: Any) -> Any:
        if options.get("timeout") is None:  # the list of devices asks for no limit at all
            options["timeout"] = (session._timeout[0], READ_SECONDS)
        return request(method, url, bare, **options)

    session.request = within
    for adapter in session.adapters.values():
        adapter.max_retries = adapter.max_retries.new(respect_retry_after_header=False)
