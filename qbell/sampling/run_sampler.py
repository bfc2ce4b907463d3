"""Running any SamplerV2, and reading what it gives: whole and as asked for, or not at all."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qbell.circuits.measurement import OUTCOMES
from qbell.devices.backends import backend_of
from qbell.errors import QbellError
from qbell.sampling.backend_sampler import BackendSampler
from qbell.shots.columns import FLAGS
from qbell.shots.importers.primitives import unpack


class HalfAResult(QbellError):
    """A result that is not what was asked for: to be fetched, or measured, again."""


def run_sampler(sampler: Any, pubs: Sequence[tuple[Any, ...]], shots: int) -> Any:
    """The result of all pubs; a backend is run by itself.

    Raises:
        QbellError: the sampler or its service failed, in one line.
    """
    sampler = reliable(sampler)
    try:
        return sampler.run(pubs, shots=shots).result()
    except QbellError:
        raise
    except Exception as error:  # of any vendor, of any kind
        said = (str(error).splitlines() or [""])[0][:200]
        raise QbellError(f"the sampler failed ({type(error).__name__}: {said})") from error


def reliable(sampler: Any) -> Any:
    """The sampler; a backend, and Qiskit's BackendSamplerV2, as `BackendSampler`.

    Raises:
        QbellError: neither a SamplerV2 nor a BackendV2.
    """
    from qiskit.primitives import BackendSamplerV2

    kind = type(sampler).__name__
    if isinstance(sampler, type) or not callable(getattr(sampler, "run", None)):
        got = f"the class {sampler.__name__}" if isinstance(sampler, type) else f"a {kind}"
        raise QbellError(f"expected a Qiskit SamplerV2 or a BackendV2, got {got}")
    if backend_of(sampler) is sampler:
        return BackendSampler(sampler)
    if isinstance(sampler, BackendSamplerV2) and type(sampler).run is BackendSamplerV2.run:
        options = dict(sampler.options.run_options or {})
        if sampler.options.seed_simulator is not None:
            options["seed_simulator"] = sampler.options.seed_simulator
        return BackendSampler(sampler.backend, options)
    return sampler


def outcomes_in(
    result: Any, index: int, shape: tuple[int, ...], num_qubits: int, num_flags: int = 0
) -> NDArray[np.uint8]:
    """(*shape, N) outcome bits of one part of a result; with flags (*shape, N + F), flags last.

    Raises:
        HalfAResult: other settings, shots or qubits than were asked for, or none.
    """
    bits = _register_in(result, index, OUTCOMES, shape, num_qubits)
    if not num_flags:
        return bits
    flags = _register_in(result, index, FLAGS, shape, num_flags)
    return np.concatenate([bits, flags], axis=-1)


def _register_in(
    result: Any, index: int, register: str, shape: tuple[int, ...], num_qubits: int
) -> NDArray[np.uint8]:
    try:
        data = result[index].data
    except Exception as error:  # of any vendor, of any kind
        raise HalfAResult(f"the result has no outcomes {register} in part {index}") from error
    try:
        found = getattr(data, register)
        size, packed = found.num_bits, found.array
        bits = unpack(packed, num_qubits)
        more = int(unpack(packed, 8 * packed.shape[-1]).sum()) - int(bits.sum())
    except Exception as error:
        there = ", ".join(map(str, data)) if hasattr(data, "keys") else type(data).__name__
        raise HalfAResult(
            f"the result has no outcomes {register} in part {index}, as a BitArray (found: "
            f"{there[:80] or 'nothing'})"
        ) from error
    if bits.shape != (*shape, num_qubits) or size != num_qubits:
        raise HalfAResult(
            f"part {index} of the result has {bits.shape[:-1]} outcomes of {size} qubits, not "
            f"{shape} of {num_qubits}"
        )
    if more:
        raise HalfAResult(
            f"part {index} of the result has outcomes with bits beyond {num_qubits} qubits; "
            "expected a BitArray as Qiskit packs it"
        )
    return bits
