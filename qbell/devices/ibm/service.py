"""IBM's service: devices, jobs, batches and what is left of the allowance."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from qbell.devices.ibm import client, problems, records
from qbell.devices.ibm.account import need_account
from qbell.devices.ibm.problems import ServiceError, Uncertain
from qbell.devices.ibm.quiet import quiet
from qbell.devices.ibm.records import Allowance, DeviceStatus, JobReport, Offered
from qbell.devices.ibm.redaction import one_line
from qbell.devices.ibm.retry import Patience, persist
from qbell.devices.ibm.sampler import JobOptions, sampler_for
from qbell.devices.record import calibrated

if TYPE_CHECKING:
    from qiskit.primitives import PrimitiveResult

T = TypeVar("T")


class Service:
    """The service of the saved account, or of the environment's QISKIT_IBM_TOKEN.

    Opened at the first question. Each question is repeated after passing problems, with
    ``patience``, and once with a fresh access token where the first was refused. All methods raise
    `ServiceError`, in one line, without secrets.

    Raises:
        QbellError: no account, or the extra ``ibm`` is not installed.
    """

    def __init__(self, patience: Patience | None = None) -> None:
        need_account()
        self._patience = patience or Patience()
        self._opened: Any = None
        self._devices: dict[str, Any] = {}

    def device(self, name: str) -> Any:
        """The IBMBackend of a name, with its target loaded.

        Raises:
            ServiceError: the account has no such device.
        """

        def ask(service: Any) -> Any:
            found = client.named_device(service, name)
            if found.name != name:  # the client takes an empty name for any device
                raise ServiceError(f"device {name!r} is unknown to the account's instance")
            _ = found.target  # fetched here, not in the middle of a compilation
            return found

        return self._call(f"cannot open {one_line(name, 60)}", ask)

    def device_status(self, device: Any) -> DeviceStatus:
        """Whether the device takes jobs, and how many wait."""

        def ask(service: Any) -> DeviceStatus:
            said = self._own(service, device).status()
            return DeviceStatus(
                operational=bool(said.operational),
                message=one_line(said.status_msg, 120),
                pending_jobs=int(said.pending_jobs),
            )

        return self._call(f"cannot ask for the status of {device.name}", ask)

    def devices(self) -> tuple[Offered, ...]:
        """All devices of the account's instance, the shortest queue first."""

        def ask(service: Any) -> tuple[Offered, ...]:
            return tuple(_offered(device) for device in service.backends())

        found = self._call("cannot list the devices", ask)
        return tuple(sorted(found, key=lambda one: (not one.operational, one.pending_jobs)))

    def allowance(self) -> Allowance | None:
        """What the instance's plan leaves; None if the service does not tell."""
        said = self._call("cannot ask for the usage", lambda service: dict(service.usage()))
        limit = records.number(said.get("usage_limit_seconds"))
        if limit is None:
            limit = records.number(said.get("usage_allocation_seconds"))
        used = records.number(said.get("usage_consumed_seconds"))
        remaining = records.number(said.get("usage_remaining_seconds"))
        if said.get("usage_limit_reached"):
            remaining = 0.0
        if used is None and limit is None and remaining is None:
            return None
        return Allowance(used, limit, remaining)

    def open_batch(self, device: Any) -> str:
        """A new batch, by its id. Should the reply be lost, another is opened: an empty one costs
        nothing and ends by itself."""

        def ask(service: Any) -> str:
            from qiskit_ibm_runtime import Batch

            return str(Batch(backend=self._own(service, device)).session_id)

        return self._call("cannot open a batch", ask)

    def close_batch(self, batch: str, device: Any) -> None:
        """Let the batch take no more jobs; those it has will run. Closing twice is no error."""
        self._call(
            "cannot close the batch",
            lambda service: client.batch_from(self._own(service, device), batch).close(),
        )

    def submit(
        self,
        device: Any,
        pubs: Sequence[Any],
        shots: int,
        options: JobOptions,
        batch: str | None = None,
    ) -> str:
        """Send one job; its id. Sends again only where the first surely did not arrive.

        Raises:
            Uncertain: nobody knows whether it arrived; look for it with `find`.
            ServiceError: not sent: the device is offline (``passing``), the batch is closed
                (``batch_closed``), the instance has no time left, or the service refused it.
            QbellError: see `JobOptions.check`.
        """
        options.check(shots)
        doing = f"cannot submit to {device.name}"
        status = self.device_status(device)
        if not status.operational:
            raise ServiceError(
                f"{doing}: the device is offline, the service says {status.message!r}; try again "
                "later, or use another device",
                passing=True,
            )
        left = self.allowance()
        if left is not None and left.remaining is not None and left.remaining <= 0:
            of = "" if left.limit is None else f" of {left.limit:g} s"
            raise ServiceError(
                f"{doing}: the instance has used all its processor time{of}; wait for its next "
                "period, or use another instance"
            )
        if batch is not None:
            self._check_batch(batch, device, doing)

        def send(service: Any) -> str:
            own = self._own(service, device)
            mode = own if batch is None else client.batch_from(own, batch)
            try:
                return str(sampler_for(mode, options, shots).run(list(pubs)).job_id())
            except Exception as error:
                raise problems.explain_sending(error, doing) from None

        return self._call(doing, send)

    def find(self, tag: str) -> tuple[JobReport, ...]:
        """All jobs with a tag, oldest first, however many."""

        def ask(service: Any) -> tuple[JobReport, ...]:
            found = list(client.tagged_records(service, tag))
            return tuple(_report(*one) for one in sorted(found, key=_created))

        return self._call(f"cannot look for jobs tagged {one_line(tag, 60)}", ask)

    def report(self, job_id: str) -> JobReport:
        """Where a job stands. A job that failed, or that the service does not know, is no error."""

        def ask(service: Any) -> JobReport:
            found = client.job_record(service, job_id)
            if found is None:
                return JobReport(job_id, records.LOST, "the service does not know this job")
            return _report(*found)

        return self._call(f"cannot ask for job {one_line(job_id, 60)}", ask)

    def result(self, job_id: str) -> "PrimitiveResult[Any]":
        """The result of a job that is done. A private one can be read once.

        Raises:
            ServiceError: it has none: not final yet or half of it came (``passing``); failed,
                cancelled, or gone.
        """
        doing = f"cannot fetch job {one_line(job_id, 60)}"
        report = self.report(job_id)
        if report.status != records.DONE:
            because = f": {report.reason}" if report.reason else ""
            todo = "submit it again" if report.final else "wait until it is done"
            raise ServiceError(
                f"{doing}: it is {report.status}{because}; {todo}", passing=not report.final
            )

        def ask(service: Any) -> Any:
            try:
                found = service.job(job_id).result()
            except Exception as error:
                if problems.status_of(error) == 404:
                    raise _gone(doing) from None
                if problems.from_network(error):
                    raise
                # Not the request but the reading failed: the text is not a whole result.
                raise ServiceError(
                    f"{doing}: the result came broken; fetch again", passing=True
                ) from None
            if found is None:
                raise _gone(doing)
            return found

        return self._call(doing, ask)

    def cancel(self, job_id: str) -> None:
        """Cancel a job. One that is final already is left as it is."""

        def ask(service: Any) -> None:
            found = client.job_record(service, job_id)
            if found is None or records.status_in(found[1])[0] in records.FINAL:
                return
            try:
                found[0].job_cancel(job_id)
            except Exception as error:
                if problems.status_of(error) != 409:  # 409: it has just become final
                    raise

        self._call(f"cannot cancel job {one_line(job_id, 60)}", ask)

    def _check_batch(self, batch: str, device: Any, doing: str) -> None:
        def ask(service: Any) -> dict[str, Any]:
            try:
                return client.batch_from(self._own(service, device), batch).details() or {}
            except Exception as error:
                if problems.status_of(error) == 404:
                    return {"state": "closed"}
                raise

        said = self._call(doing, ask)
        if said.get("state") == "closed" or said.get("accepting_jobs") is False:
            raise ServiceError(f"{doing}: the batch is closed; open another", batch_closed=True)

    def _own(self, service: Any, device: Any) -> Any:
        """The device as this connection knows it: one opened before holds an older token."""
        if device.service is service:
            return device
        if device.name not in self._devices:
            self._devices[device.name] = client.named_device(service, device.name)
        return self._devices[device.name]

    def _forget(self) -> None:
        self._opened, self._devices = None, {}

    def _call(self, doing: str, action: Callable[[Any], T]) -> T:
        """Ask the service, with patience, and once more with a fresh token."""

        def attempt() -> T:
            try:
                return self._once(doing, action)
            except Uncertain:
                raise
            except ServiceError as problem:
                if problem.status != 401:
                    raise
            self._forget()  # a fresh client asks for a fresh access token
            return self._once(doing, action)

        return persist(attempt, self._patience)

    def _once(self, doing: str, action: Callable[[Any], T]) -> T:
        problem: ServiceError
        try:
            with quiet(), client.bounded():
                if self._opened is None:
                    self._opened = client.open_client()
                return action(self._opened)
        except Exception as error:
            problem = problems.explain(error, doing)
            if problems.no_token(error) or isinstance(error, client.Missed):
                self._forget()
        # Raised out here and bare: the client's own errors, which may hold secrets, end here.
        problem.__context__ = problem.__cause__ = None
        raise problem


def _report(connection: Any, record: dict[str, Any]) -> JobReport:
    metrics: dict[str, Any] = {}
    try:
        metrics = connection.job_metadata(record["id"])
    except Exception as error:
        if problems.status_of(error) != 404:
            raise
    status, reason = records.status_in(record)
    if status == records.FAILED and reason is None:
        try:  # the service then puts the reason in the place of the result
            reason = one_line((connection.job_results(record["id"]).splitlines() or [""])[-1])
        except Exception:
            reason = None
    return records.job_report(record, metrics, reason)


def _offered(device: Any) -> Offered:
    said = device.status()
    return Offered(
        name=one_line(device.name, 60),
        qubits=int(device.num_qubits),
        operational=bool(said.operational),
        pending_jobs=int(said.pending_jobs),
        calibrated=calibrated(device),
    )


def _created(found: tuple[Any, dict[str, Any]]) -> str:
    return records.utc(found[1].get("created")) or ""


def _gone(doing: str) -> ServiceError:
    return ServiceError(
        f"{doing}: it is done but its result is gone (a private one can be read once, others are "
        "kept for a limited time); submit it again"
    )
