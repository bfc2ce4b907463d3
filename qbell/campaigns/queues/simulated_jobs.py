"""Simulation on this machine: Aer without noise, and the ``fake_*`` devices with theirs."""

from pathlib import Path
from typing import Any, ClassVar

from qbell.campaigns.queues.at_once import AtOnce
from qbell.campaigns.queues.queue import Request
from qbell.campaigns.spec import Spec
from qbell.devices.backends import IDEAL, find_backend, is_local


class LocalQueue(AtOnce):
    """Simulates each job at once; the same again whenever it is repeated, by the job's seed."""

    where: ClassVar[str] = "local"
    qubits_wait: ClassVar[bool] = False  # a simulation of a circuit without delays lets them be

    @classmethod
    def serves(cls, backend: str) -> bool:
        """``aer`` and ``fake_*``."""
        return is_local(backend)

    @classmethod
    def takes_options(cls, device: Any) -> bool:
        """IBM's Sampler, in its local mode, runs the fake devices."""
        return device is not None

    def __init__(self, spec: Spec, folder: Path, given: Any = None) -> None:
        """See `Queue`."""
        super().__init__(spec, folder, given)
        self._device: Any = None

    def device(self) -> Any:
        """The fake device; None for ``aer``."""
        if self._device is None:
            self._device = find_backend(self.spec.backend)
        return self._device

    def run(self, request: Request) -> Any:
        """By Aer's sampler, or by IBM's in its local mode."""
        options = request.options
        if self.spec.backend == IDEAL:
            from qiskit_aer.primitives import SamplerV2

            one_thread = {"backend_options": {"max_parallel_threads": 1}}
            aer = SamplerV2(seed=options.seed, options=one_thread)
            return aer.run(request.pubs, shots=request.shots).result()
        from qbell.devices.ibm import JobOptions, sampler_for

        known = JobOptions(
            dynamical_decoupling=options.dynamical_decoupling,
            twirling=options.twirling,
            randomizations=options.randomizations,
            seed=options.seed,
        )
        sampler = sampler_for(self.device(), known, request.shots)
        return sampler.run(request.pubs, shots=request.shots).result()
