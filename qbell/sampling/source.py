"""Where shots come from: a sampler that the user gives, or a simulation on this machine."""

import secrets
from dataclasses import dataclass
from typing import Any

from qbell.devices.backends import backend_name, backend_of, find_backend
from qbell.errors import QbellError
from qbell.util.checks import whole_number


@dataclass(frozen=True)
class Source:
    """A sampler, or a simulation.

    Attributes:
        sampler: a SamplerV2; None to simulate here.
        device: the BackendV2 to compile for, or whose noise is simulated; None without one.
        seed: of a simulation; None of a sampler, which has its own.
        name: what shots record as their backend.
    """

    sampler: Any
    device: Any
    seed: int | None
    name: str


def source_of(sampler: Any, backend: Any, seed: int | None) -> Source:
    """The source that the arguments of `qbell.sample` mean; a simulation without seed draws one.

    Raises:
        QbellError: an unknown backend, or a seed given for a sampler.
    """
    device = find_backend(backend)
    if sampler is None:
        seed = secrets.randbits(32) if seed is None else whole_number("seed", seed, least=0)
        return Source(None, device, seed, backend_name(backend))
    if seed is not None:
        raise QbellError("seed = is for local simulation; give the seed to your sampler")
    device = backend_of(sampler) if device is None else device
    name = type(sampler).__name__ if device is None else backend_name(device)
    return Source(sampler, device, None, name)
