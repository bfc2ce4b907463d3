"""Simulation on this machine: Aer without noise, and the ``fake_*`` devices with theirs."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from qbell.campaigns.queues.at_once import AtOnce
from qbell.campaigns.queues.noisy_sampler import NoisySampler
from qbell.campaigns.queues.noisy_scan_sampler import NoisyScanSampler
from qbell.campaigns.queues.queue import Request
from qbell.campaigns.spec import Spec
from qbell.campaigns.spec_tables import OWN
from qbell.devices.backends import IDEAL, find_backend, is_local
from qbell.errors import QbellError
from qbell.noise_reference import is_computed
from qbell.sampling.large_noise import takes_paulis

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

    from qbell.devices.ibm import JobOptions


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
        """Fake devices are simulated with the pulses and the twirling of IBM's Sampler."""
        return device is not None

    def __init__(self, spec: Spec, folder: Path, given: Any = None) -> None:
        """See `Queue`."""
        super().__init__(spec, folder, given)
        self._device: Any = None
        self._sampler: NoisySampler | None = None

    def device(self) -> Any:
        """The fake device; None for ``aer``."""
        if self._device is None:
            self._device = find_backend(self.spec.backend)
        return self._device

    def run(self, request: Request) -> Any:
        """By Aer's sampler without noise; else by qbell's, or by IBM's in its local mode."""
        options = request.options
        if self.spec.backend == IDEAL:
            from qiskit_aer.primitives import SamplerV2

            one_thread = {"backend_options": {"max_parallel_threads": 1}}
            aer = SamplerV2(seed=options.seed, options=one_thread)
            return aer.run(request.pubs, shots=request.shots).result()
        if self.is_fast(request.pubs[-1][0], options):
            return self._noisy(options).run(request.pubs, request.shots, options.seed or 0)
        from qbell.devices.ibm import JobOptions, sampler_for

        known = JobOptions(
            dynamical_decoupling=options.dynamical_decoupling,
            twirling=options.twirling,
            randomizations=options.randomizations,
            seed=options.seed,
        )
        sampler = sampler_for(self.device(), known, request.shots)
        return sampler.run(request.pubs, shots=request.shots).result()

    def is_fast(self, circuit: "QuantumCircuit", options: "JobOptions") -> bool:
        """Whether qbell simulates the jobs of a measured circuit itself."""
        if self.spec.hardware.simulator != OWN or is_computed(circuit):
            return self.spec.hardware.simulator == OWN
        if self.spec.scan is not None or not takes_paulis(circuit, self.device()):
            return False
        try:
            self._noisy(options).large_state(circuit)
        except QbellError:
            return False
        return True

    def _noisy(self, options: "JobOptions") -> NoisySampler:
        if self._sampler is None:
            kind = NoisySampler if self.spec.scan is None else NoisyScanSampler
            self._sampler = kind(
                self.device(),
                self.spec.design,
                decoupling=options.dynamical_decoupling,
                twirled=options.twirling,
            )
        return self._sampler
