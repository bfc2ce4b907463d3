"""A SamplerV2 or BackendV2 of any vendor, given as an object in Python."""

from typing import Any, ClassVar

from qbell.campaigns.queues.at_once import AtOnce
from qbell.campaigns.queues.queue import Request
from qbell.devices.backends import backend_of
from qbell.errors import QbellError
from qbell.sampling.run_sampler import run_sampler


class SamplerQueue(AtOnce):
    """Runs the jobs on the user's sampler, or backend, and waits for each."""

    where: ClassVar[str] = "sampler"
    has_name: ClassVar[bool] = False

    @classmethod
    def serves(cls, backend: str) -> bool:
        """No name leads here, only an object does."""
        return False

    def device(self) -> Any:
        """The device that the object is, or names."""
        return backend_of(self.given)

    def run(self, request: Request) -> Any:
        """By the sampler; its errors, of any vendor and kind, become one line."""
        if self.given is None:
            raise QbellError(
                f"{self.folder} is a campaign on a sampler object; give it again in Python: "
                "qbell.submit(folder=..., sampler=...)"
            )
        try:
            return run_sampler(self.given, request.pubs, request.shots)
        except QbellError as error:
            raise QbellError(
                f"job {request.number}: {error}; submit again to continue from this job"
            ) from error
