"""Where shots come from: a sampler that the user gives, or a simulation on this machine."""

import secrets
from dataclasses import dataclass
from typing import Any

from qbell.devices.backends import (
    backend_name,
    backend_of,
    find_backend,
    reports_errors,
    runs_here,
)
from qbell.errors import QbellError
from qbell.sampling.backend_sampler import BackendSampler
from qbell.sampling.run_sampler import reliable
from qbell.util.checks import whole_number


@dataclass(frozen=True)
class Source:
    """A sampler, or a simulation.

    Attributes:
        sampler: a SamplerV2 or BackendV2; None to simulate here.
        device: the BackendV2 to compile for, or whose noise is simulated; None without one.
        seed: of a simulation; None of the user's sampler, which has its own.
        name: what shots record as their backend.
    """

    sampler: Any
    device: Any
    seed: int | None
    name: str


def source_of(sampler: Any, backend: Any, seed: int | None) -> Source:
    """The source that the arguments of `qbell.sample` mean; a simulation without seed draws one.

    Raises:
        QbellError: an unknown backend, one that reports no errors to simulate, or a seed given for
            a sampler.
    """
    device = find_backend(backend)
    if sampler is None:
        seed = secrets.randbits(32) if seed is None else whole_number("seed", seed, least=0)
        own = None
        if device is not None and runs_here(device):
            own = BackendSampler(device, {"seed_simulator": seed % 2**31})
        elif device is not None and not reports_errors(device):
            raise QbellError(
                f"backend {backend_name(device)} reports no errors, so its noise cannot be "
                "simulated from its target: give it as sampler= to have it run the circuits "
                "itself, or backend='aer' to simulate without noise"
            )
        return Source(own, device, seed, backend_name(backend))
    if seed is not None:
        raise QbellError("seed = is for local simulation; give the seed to your sampler")
    reliable(sampler)
    device = backend_of(sampler) if device is None else device
    name = type(sampler).__name__ if device is None else backend_name(device)
    return Source(sampler, device, None, name)
