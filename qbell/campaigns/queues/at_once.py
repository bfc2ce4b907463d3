"""Places without a queue: `submit` runs the job, and its result is there when it returns."""

from abc import abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from qbell.campaigns.queues.queue import Queue, Request
from qbell.campaigns.spec import Spec
from qbell.errors import QbellError

if TYPE_CHECKING:
    from qbell.devices.ibm import JobReport


class AtOnce(Queue):
    """A queue whose jobs run in this process; all that is left to say is how to `run` one."""

    at_once: ClassVar[bool] = True
    charged: ClassVar[bool] = False

    def __init__(self, spec: Spec, folder: Path, given: Any = None) -> None:
        """See `Queue`."""
        super().__init__(spec, folder, given)
        self._results: dict[str, Any] = {}

    @abstractmethod
    def run(self, request: Request) -> Any:
        """Run a job; its result."""

    def submit(self, request: Request) -> str:
        """Run the job, and keep its result until it is asked for."""
        job_id = str(request.number)
        self._results = {job_id: self.run(request)}
        return job_id

    def result(self, job_id: str) -> Any:
        """The result of the job that ran last."""
        if job_id not in self._results:
            raise QbellError(f"job {job_id} has not just been run here; submit it again")
        return self._results.pop(job_id)

    def find(self, tag: str) -> "tuple[JobReport, ...]":
        """None: a job that did not land is run again."""
        return ()

    def status(self, job_id: str) -> "JobReport":
        """Done, if its result is here, else lost."""
        from qbell.devices.ibm import JobReport

        return JobReport(job_id, "done" if job_id in self._results else "lost")

    def cancel(self, job_id: str) -> None:
        """Nothing is left to cancel."""

    def close(self) -> None:
        """Nothing is open."""
