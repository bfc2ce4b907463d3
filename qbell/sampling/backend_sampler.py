"""A backend's own `run`, read by the counts of its result: the form that all vendors have.

Qiskit's BackendSamplerV2 asks for the memory, the outcome of each shot, and reads it as hexadecimal
numbers. Of a backend that does not know the option it makes zeros in all shots, and of one whose
memory is bit strings other outcomes, both without a word. Shots of one setting have no order here,
so counts are enough. What they do not say beyond doubt is refused.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qbell.circuits.flags import num_flags
from qbell.circuits.measurement import read_bits
from qbell.devices.backends import backend_name
from qbell.errors import QbellError
from qbell.sampling.as_result import as_result
from qbell.shots.importers.outcome_words import key_number

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

NAME = "qbell"  # of circuits, with a number: results are found by it, in whatever order they come


@dataclass(frozen=True)
class Done:
    """A job that has run."""

    found: Any

    def result(self) -> Any:
        """What a SamplerV2 gives: of each pub the outcomes in the register ``meas``."""
        return self.found


@dataclass(frozen=True)
class BackendSampler:
    """Runs circuits on a backend, as a SamplerV2 does.

    Attributes:
        backend: a BackendV2.
        options: for each call of its `run`.
    """

    backend: Any
    options: Mapping[str, Any] = field(default_factory=dict)

    def run(self, pubs: Iterable[Any], *, shots: int) -> Done:
        """Run all circuits and wait for them.

        Raises:
            QbellError: a result that does not say how often each outcome came in ``shots`` shots.
        """
        from qiskit.primitives.containers.sampler_pub import SamplerPub

        coerced = [SamplerPub.coerce(pub, shots) for pub in pubs]
        bound = [pub.parameter_values.bind_all(pub.circuit) for pub in coerced]
        flat = [circuit for circuits in bound for circuit in np.ravel(circuits).tolist()]
        named = [circuit.copy(f"{NAME}-{number}") for number, circuit in enumerate(flat)]
        outcomes = iter(self._outcomes(named, shots))
        parts = []
        for circuits in bound:
            bits = np.stack([next(outcomes) for _ in range(circuits.size)])
            parts.append(bits.reshape(*circuits.shape, shots, -1))
        flags = [num_flags(pub.circuit) for pub in coerced]
        return Done(as_result(zip(parts, flags, strict=True)))

    def _outcomes(
        self, circuits: "Sequence[QuantumCircuit]", shots: int
    ) -> Iterator[NDArray[np.uint8]]:
        """(shots, N) outcome bits of each circuit, those that are alike next to each other."""
        name = backend_name(self.backend)
        most = getattr(self.backend, "max_circuits", None) or len(circuits)
        for first in range(0, len(circuits), most):
            part = list(circuits[first : first + most])
            result = self.backend.run(part, shots=shots, **self.options).result()
            for circuit, counts in zip(part, counts_of(result, part, name), strict=True):
                yield outcomes_of(counts, circuit, shots, f"{name}, {circuit.name}")


def counts_of(result: Any, circuits: "Sequence[QuantumCircuit]", name: str) -> list[Any]:
    """The counts of each circuit in turn, as the result holds them.

    By the circuits' names where the result gives them back, else by their places.

    Raises:
        QbellError: results that cannot be told apart, or are too few, failed or without counts.
    """
    found = list(getattr(result, "results", None) or [])
    if len(found) != len(circuits):
        raise QbellError(
            f"backend {name} gave {len(found)} results for {len(circuits)} circuits; expected one "
            "of each, as in a Qiskit Result: bring the shots as a CSV instead"
        )
    wanted = [circuit.name for circuit in circuits]
    names = [_get(_get(each, "header"), "name") for each in found]
    ours = set(names) & set(wanted)
    if ours:
        if len(set(names)) < len(names) or ours != set(wanted):
            raise QbellError(
                f"backend {name} gave results of the circuits {_first(names)}, asked for were "
                f"{_first(wanted)}: they cannot be told apart; bring the shots as a CSV instead"
            )
        found = [found[names.index(each)] for each in wanted]
    counts = []
    for circuit, each in zip(circuits, found, strict=True):
        if _get(each, "success") is False:
            raise QbellError(
                f"backend {name}, {circuit.name}: the circuit failed "
                f"({str(_get(each, 'status'))[:100]}); run it again"
            )
        counts.append(_get(_get(each, "data"), "counts"))
        if not isinstance(counts[-1], Mapping):
            raise QbellError(
                f"backend {name}, {circuit.name}: the result has no counts; expected how often "
                "each outcome came: give the sampler that the vendor provides, or bring the shots "
                "as a CSV"
            )
    return counts


def outcomes_of(
    counts: Mapping[Any, Any], circuit: "QuantumCircuit", shots: int, where: str
) -> NDArray[np.uint8]:
    """(shots, N) bits of the register ``meas``, sorted by outcome; column k is qubit k's.

    Those of the register ``flags`` stand behind them.

    Args:
        counts: by outcomes of all classical bits: hexadecimal with 0x, whole numbers, or bit
            strings with the first bit last, with or without spaces between registers.
        circuit: that was measured.
        shots: that were asked for.
        where: for messages.

    Raises:
        QbellError: an outcome that is none of these, counts that are no whole numbers, or that do
            not add up to ``shots``.
    """
    places = [circuit.find_bit(bit).index for bit in read_bits(circuit)]
    sizes = [register.size for register in reversed(circuit.cregs)]
    words = np.empty((len(counts), len(places)), dtype=np.uint8)
    many = np.empty(len(counts), dtype=np.int64)
    for row, (key, count) in enumerate(counts.items()):
        value = _number(key, sizes, circuit.num_clbits, where)
        words[row] = [value >> place & 1 for place in places]
        many[row] = _whole(count, where)
    if many.sum() != shots:
        raise QbellError(
            f"backend {where}: counts of {many.sum()} shots, and {shots} were asked for; shots "
            "left out by outcome bias estimates: see which of the device's options drop shots"
        )
    return np.repeat(words, many, axis=0)


def _number(key: Any, sizes: Sequence[int], num_bits: int, where: str) -> int:
    """An outcome as a number: bit i is classical bit i of the circuit."""
    value = key_number(key, num_bits)
    registers = key.split() if isinstance(key, str) else []
    if len(registers) > 1 and [*map(len, registers)] != [size for size in sizes if size]:
        value = None
    if value is None:
        raise QbellError(
            f"backend {where}: the outcome {str(key)[:40]!r} is not one of {num_bits} bits; "
            "expected hexadecimal with 0x, whole numbers or strings of so many 0 and 1: bring the "
            "shots as a CSV"
        )
    return value


def _whole(count: Any, where: str) -> int:
    try:
        number = float(count)
    except (TypeError, ValueError):
        number = -1.0
    if number < 0 or not number.is_integer():
        raise QbellError(
            f"backend {where}: the count {str(count)[:40]} is no whole number; expected how often "
            "the outcome came, not a probability: ask the vendor's backend for counts"
        )
    return int(number)


def _get(thing: Any, name: str) -> Any:
    """An attribute, or the item of a dictionary; None if there is none."""
    return thing.get(name) if isinstance(thing, Mapping) else getattr(thing, name, None)


def _first(names: Sequence[Any]) -> str:
    more = ", ..." if len(names) > 3 else ""
    return ", ".join(str(name)[:30] for name in names[:3]) + more
