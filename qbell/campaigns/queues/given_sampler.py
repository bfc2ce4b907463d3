"""A SamplerV2 or BackendV2 of any vendor, given as an object in Python."""

from typing import Any, ClassVar

from qbell.campaigns.queues.at_once import AtOnce
from qbell.campaigns.queues.queue import Request
from qbell.devices.backends import backend_of, find_backend
from qbell.errors import QbellError


class SamplerQueue(AtOnce):
    """Runs the jobs on the user's sampler and waits for each; a backend gets a sampler made."""

    where: ClassVar[str] = "sampler"
    has_name: ClassVar[bool] = False

    @classmethod
    def serves(cls, backend: str) -> bool:
        """No name leads here, only an object does."""
        return False

    def device(self) -> Any:
        """The device that the object is, or names."""
        return find_backend(self.given) if hasattr(self.given, "target") else backend_of(self.given)

    def run(self, request: Request) -> Any:
        """By the sampler; its errors, of any vendor and kind, become one line."""
        if self.given is None:
            raise QbellError(
                f"{self.folder} is a campaign on a sampler object; give it again in Python: "
                "qbell.submit(folder=..., sampler=...)"
            )
        try:
            return self._sampler().run(request.pubs, shots=request.shots).result()
        except Exception as error:
            said = (str(error).splitlines() or [""])[0][:200]
            raise QbellError(
                f"job {request.number}: the sampler failed ({type(error).__name__}: {said}); "
                "submit again to continue from this job"
            ) from error

    def _sampler(self) -> Any:
        if not hasattr(self.given, "target"):
            return self.given
        from qiskit.primitives import BackendSamplerV2

        return BackendSamplerV2(backend=self.given)
