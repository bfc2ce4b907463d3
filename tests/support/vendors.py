"""Backends as vendors' plugins make them: right counts inside, and each with a habit of its own."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from qiskit import QuantumCircuit
from qiskit.providers import BackendV2, Options
from qiskit.providers.fake_provider import GenericBackendV2
from qiskit.result import Result
from qiskit.result.models import ExperimentResult, ExperimentResultData
from qiskit_aer import AerSimulator

Counts = dict[Any, Any]  # by bit strings without spaces
Habit = Callable[[Counts], dict[str, Any]]  # -> what the data of a circuit hold


def hexadecimal(counts: Counts) -> Counts:
    return {hex(int(word, 2)): count for word, count in counts.items()}


def words_as_memory(counts: Counts) -> dict[str, Any]:
    """Braket's: bit strings in counts and in memory, and the option memory is not asked for."""
    memory = [word for word, count in counts.items() for _ in range(count)]
    return {"counts": dict(counts), "memory": memory}


def share(counts: Counts) -> Counts:
    total = sum(counts.values())
    return {word: count / total for word, count in counts.items()}


READ: dict[str, Habit] = {
    "no memory": lambda counts: {"counts": hexadecimal(counts)},
    "words as memory": words_as_memory,
    "whole numbers": lambda counts: {"counts": {int(word, 2): n for word, n in counts.items()}},
    "floats": lambda counts: {"counts": {word: float(n) for word, n in counts.items()}},
    "results in another order": lambda counts: {"counts": dict(counts)},
}
"""What must be read."""

REFUSED: dict[str, tuple[Habit, str]] = {
    "probabilities": (lambda counts: {"counts": share(counts)}, "no whole number"),
    "probabilities only": (lambda counts: {"probabilities": share(counts)}, "no counts"),
    "memory only": (lambda counts: {"memory": ["0x0"] * sum(counts.values())}, "no counts"),
    "fewer shots": (
        lambda counts: {"counts": dict(list(counts.items())[1:])},
        "and 100 were asked for",
    ),
    "leading zeros lost": (
        lambda counts: {"counts": {f"{int(word):d}": n for word, n in counts.items()}},
        "is not one of 3 bits",
    ),
    "an ancilla too": (
        lambda counts: {"counts": {f"0{word}": n for word, n in counts.items()}},
        "is not one of 3 bits",
    ),
    "numbers as text": (
        lambda counts: {"counts": {str(int(word, 2)): n for word, n in counts.items()}},
        "is not one of 3 bits",
    ),
    "too large": (
        lambda counts: {"counts": {int(word, 2) + 8: n for word, n in counts.items()}},
        "is not one of 3 bits",
    ),
}
"""What must be refused, of three qubits and 100 shots, and what the message says."""


class VendorBackend(BackendV2):  # type: ignore[misc]
    """Runs circuits without noise; ``habit`` is how it gives their counts."""

    def __init__(self, habit: Habit, *, name: str = "vendor", at_a_time: int | None = None) -> None:
        super().__init__(name=name)
        self._target = GenericBackendV2(3, seed=1, noise_info=False).target
        self.habit, self.at_a_time, self.runs = habit, at_a_time, 0
        self.reverse = self.lose = False

    @property
    def target(self) -> Any:
        return self._target

    @property
    def max_circuits(self) -> int | None:
        return self.at_a_time

    @classmethod
    def _default_options(cls) -> Options:
        return Options()

    def run(self, run_input: list[QuantumCircuit], shots: int, **options: Any) -> Any:
        """As a plugin's: unknown options, such as memory, are ignored."""
        assert self.at_a_time is None or len(run_input) <= self.at_a_time
        self.runs += 1
        simulator = AerSimulator(max_parallel_threads=1)
        run = simulator.run(run_input, shots=shots, seed_simulator=self.runs).result()
        results = [
            ExperimentResult(
                shots=shots,
                success=True,
                data=ExperimentResultData(**self.habit(run.get_counts(number))),
                header={"name": circuit.name},
            )
            for number, circuit in enumerate(run_input)
        ]
        if self.reverse:
            results.reverse()
        if self.lose:
            results.pop()
        return SimpleNamespace(result=lambda: Result(backend_name=self.name, results=results))
