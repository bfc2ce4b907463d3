"""Devices of IBM: jobs wait at its service, until they are fetched, perhaps days later."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from qbell.campaigns.folder import BATCH_FILE
from qbell.campaigns.queues.queue import Outlook, Queue, Request
from qbell.campaigns.spec import Spec
from qbell.devices.backends import service_for
from qbell.errors import QbellError
from qbell.shots.read_shots import read_record
from qbell.util.atomic_files import to_json, write_text
from qbell.util.times import now

if TYPE_CHECKING:
    from qbell.devices.ibm import JobReport, Service


class IBMQueue(Queue):
    """The service of the saved account, in batches or by single jobs.

    ``given`` is a `qbell.devices.ibm.Service`; None opens one at the first question.
    """

    where: ClassVar[str] = "service"

    def __init__(self, spec: Spec, folder: Path, given: "Service | None" = None) -> None:
        """See `Queue`."""
        super().__init__(spec, folder, given)
        self._opened: Any = None

    @classmethod
    def serves(cls, backend: str) -> bool:
        """All names that no other queue knows are looked for here."""
        return True

    @classmethod
    def takes_options(cls, device: Any) -> bool:
        """All devices."""
        return True

    def device(self) -> Any:
        """The device of the spec's name, with its target loaded."""
        if self.given is None:
            self.given = service_for(self.spec.backend)
        return self._device()

    def submit(self, request: Request) -> str:
        """Post the job; into the campaign's batch, where it has one."""
        options = replace(request.options, seed=None)  # it is for simulations
        device = self._device()

        def send(batch: str | None) -> str:
            return self._service.submit(device, request.pubs, request.shots, options, batch)

        if self.spec.hardware.mode != "batch":
            return send(None)
        from qbell.devices.ibm import ServiceError

        try:
            return send(self._batch(renew=False))
        except ServiceError as error:
            if not error.batch_closed:
                raise
        return send(self._batch(renew=True))

    def find(self, tag: str) -> "tuple[JobReport, ...]":
        """All jobs with a tag, oldest first."""
        return self._service.find(tag)

    def status(self, job_id: str) -> "JobReport":
        """What the service says of a job."""
        return self._service.report(job_id)

    def result(self, job_id: str) -> Any:
        """The result of a job that is done. A private one can be read once."""
        return self._service.result(job_id)

    def cancel(self, job_id: str) -> None:
        """Cancel a job, if it has not ended."""
        self._service.cancel(job_id)

    def outlook(self) -> Outlook:
        """The device's queue, and what the instance's plan leaves."""
        allowance = self._service.allowance()
        state = self._service.device_status(self._device())
        left = None if allowance is None else allowance.remaining
        return Outlook(state.pending_jobs, state.operational, left)

    def close(self) -> None:
        """Close the batch, if there is an open one."""
        path = self.folder / BATCH_FILE
        record = read_record(path) if path.exists() else {}
        if "batch" in record and "closed" not in record:
            self._service.close_batch(str(record["batch"]), self._device())
            write_text(path, to_json({**record, "closed": now()}) + "\n")

    def _batch(self, *, renew: bool) -> str:
        """The id of the campaign's batch; it stays in the folder for other processes."""
        path = self.folder / BATCH_FILE
        if path.exists() and not renew:
            known = read_record(path).get("batch")
            if not isinstance(known, str) or not known:
                raise QbellError(
                    f"{path} does not name a batch; remove the file, and another batch is opened"
                )
            return known
        batch = self._service.open_batch(self._device())
        write_text(path, to_json({"batch": batch, "opened": now()}) + "\n")
        return batch

    @property
    def _service(self) -> "Service":
        if self.given is None:
            from qbell.devices.ibm import Service

            self.given = Service()
        service: Service = self.given
        return service

    def _device(self) -> Any:
        if self._opened is None:
            self._opened = self._service.device(self.spec.backend)
        return self._opened
