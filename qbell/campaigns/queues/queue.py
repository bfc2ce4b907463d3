"""What a campaign asks of the place where its jobs run, whichever place that is."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from qbell.campaigns.spec import Spec

if TYPE_CHECKING:
    from qbell.devices.ibm import JobOptions, JobReport


@dataclass(frozen=True)
class Request:
    """One job, as it is handed to a queue.

    Attributes:
        number: of the job in its campaign, from 1.
        pubs: circuits and angles, as a SamplerV2 takes them.
        shots: of each setting.
        options: the tags that find the job again, its limits, and the options of IBM's Sampler; a
            queue leaves out those that it does not know.
    """

    number: int
    pubs: list[tuple[Any, ...]]
    shots: int
    options: "JobOptions"


@dataclass(frozen=True)
class Outlook:
    """What a queue says of itself; None for what it does not tell.

    Attributes:
        ahead: jobs in the device's queue.
        operational: whether the device takes jobs.
        left: seconds left to the account's instance.
    """

    ahead: int | None = None
    operational: bool | None = None
    left: float | None = None


class Queue(ABC):
    """Where the jobs of one campaign run: submit, find, status, result, cancel.

    Made anew by every `qbell.submit`, `qbell.status` and `qbell.fetch`, perhaps in another process:
    what it must not forget is at the service, or in the campaign's folder. Errors are `QbellError`;
    one that has an attribute ``passing`` that is true is worth another try later.

    Attributes:
        where: its name in ``campaign.json``, and the keyword under which `qbell.submit` and
            `qbell.fetch` take an object for it.
        at_once: a job has run when `submit` returns, and only this process can read its result.
        charged: jobs take time of a quantum processor, within a budget.
        qubits_wait: qubits decay while they wait for others.
        has_name: the name of the backend in the spec is enough to find it.
    """

    where: ClassVar[str]
    at_once: ClassVar[bool] = False
    charged: ClassVar[bool] = True
    qubits_wait: ClassVar[bool] = True
    has_name: ClassVar[bool] = True

    def __init__(self, spec: Spec, folder: Path, given: Any = None) -> None:
        """Of a campaign and its folder; ``given`` is the user's own object, or None."""
        self.spec, self.folder, self.given = spec, folder, given

    @classmethod
    @abstractmethod
    def serves(cls, backend: str) -> bool:
        """Whether a backend of this name is to be found here."""

    @classmethod
    def takes_options(cls, device: Any) -> bool:
        """Whether IBM's Sampler runs the jobs on ``device``: it decouples and twirls."""
        return False

    @abstractmethod
    def device(self) -> Any:
        """The BackendV2 to compile for; None for plain gates."""

    @abstractmethod
    def submit(self, request: Request) -> str:
        """Hand in a job; its id.

        Raises:
            Uncertain: nobody knows whether it arrived; it is then looked for with `find`.
            QbellError: it was not taken.
        """

    @abstractmethod
    def find(self, tag: str) -> "tuple[JobReport, ...]":
        """All jobs with a tag, oldest first."""

    @abstractmethod
    def status(self, job_id: str) -> "JobReport":
        """How far a job is. One that failed, or that is not known, is no error."""

    @abstractmethod
    def result(self, job_id: str) -> Any:
        """The result of a job that is done, as a SamplerV2 gives it."""

    @abstractmethod
    def cancel(self, job_id: str) -> None:
        """Cancel a job; one that has ended is left as it is."""

    @abstractmethod
    def close(self) -> None:
        """All shots are there: no more jobs will come."""

    def outlook(self) -> Outlook:
        """How long the queue is, and what is left of the allowance."""
        return Outlook()
