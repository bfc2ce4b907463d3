"""A campaign as a TOML file: state, schedule, backend, estimate. Every key is checked."""

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qbell.axes import parse_axis
from qbell.backends import IDEAL
from qbell.checks import confidence_level, enough_resamples, finite_number, whole_number
from qbell.errors import QbellError
from qbell.settings import DESIGNS, MAX_QUBITS, MAX_SHOTS, design_problem
from qbell.states import PARAMETERS, State, named_state

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

TABLES: dict[str, tuple[str, ...]] = {
    "state": ("family", "n", "u", "ones", "layers", "fidelity", "circuit"),
    "schedule": ("design", "shots", "draws", "axis"),
    "backend": ("name",),
    "estimate": ("confidence", "resamples", "phase"),
}


@dataclass(frozen=True)
class Spec:
    """A checked campaign.

    Attributes:
        family, num_qubits, parameters: the named state, or
        circuit: the file that prepares one (family and num_qubits are then None), and
        circuit_as_given: its path as written in the TOML.
        design, shots, draws, axis: how to measure; draws is None for a full design.
        backend: name of the backend.
        confidence, resamples, phase: how to estimate.
        seed: of settings and shots; None draws one.
        text: the TOML itself.
    """

    family: str | None
    num_qubits: int | None
    parameters: Mapping[str, Any]
    circuit: Path | None
    circuit_as_given: str | None
    design: str
    shots: int
    draws: int | None
    axis: Any
    backend: str
    confidence: float
    resamples: int
    phase: float
    seed: int | None
    text: str

    def state(self) -> "State | QuantumCircuit":
        """The state to prepare: one of qbell's, or the circuit in the file."""
        if self.circuit is not None:
            from qbell.circuit_files import read_circuit

            return read_circuit(self.circuit)
        assert self.family is not None
        assert self.num_qubits is not None
        return named_state(self.family, self.num_qubits, self.parameters)

    def portable_text(self) -> str:
        """The TOML with the circuit's path reduced to its name, for a copy beside the circuit."""
        if self.circuit is None or self.circuit_as_given is None:
            return self.text
        return self.text.replace(self.circuit_as_given, self.circuit.name)

    def sampling(self) -> dict[str, Any]:
        """All that decides which shots are taken, as plain data: equal for equal campaigns."""
        return {
            "state": {"family": self.family, "n": self.num_qubits, **self.parameters}
            if self.circuit is None
            else {"circuit": self.circuit.name, "text_of_circuit": _digest(self.circuit)},
            "schedule": {
                "design": self.design,
                "shots": self.shots,
                "draws": self.draws,
                "axis": self.axis,
            },
            "backend": {"name": self.backend},
        }


def read_spec(path: str | Path) -> Spec:
    """Read and check a TOML file.

    Raises:
        QbellError: names the file, the key, what stands there and what should.
    """
    path = Path(path)
    try:
        text = path.read_bytes().decode("utf-8")
        data = tomllib.loads(text)
    except OSError as error:
        raise QbellError(f"{path} cannot be read: {error.strerror}; give a spec in TOML") from error
    except UnicodeDecodeError as error:
        raise QbellError(f"{path} is not UTF-8 text; give a spec in TOML") from error
    except tomllib.TOMLDecodeError as error:
        raise QbellError(f"{path} is not TOML: {error}; mend that line") from error
    except RecursionError as error:
        raise QbellError(f"{path} is nested too deeply; give a spec in TOML") from error
    return parse_spec(data, text, name=str(path), folder=path.parent)


def parse_spec(data: Mapping[str, Any], text: str, *, name: str, folder: Path) -> Spec:
    """A `Spec` from the parsed TOML; paths in it are relative to ``folder``."""
    try:
        return _parse(data, text, folder)
    except QbellError as error:
        raise QbellError(f"{name}: {error}") from error


def _parse(data: Mapping[str, Any], text: str, folder: Path) -> Spec:
    _check_keys(data, (*TABLES, "seed"), "the file")
    tables: dict[str, Mapping[str, Any]] = {}
    for name, keys in TABLES.items():
        table = data.get(name, {})
        if not isinstance(table, Mapping):
            raise QbellError(f"{name} = {table!r} is no table; write [{name}] and its keys below")
        _check_keys(table, keys, f"[{name}]")
        tables[name] = table
    state, schedule = tables["state"], tables["schedule"]
    circuit = _circuit(state, folder)
    family, num_qubits, parameters = (None, None, {}) if circuit else _named(state)

    design = schedule.get("design", "full")
    if design not in DESIGNS:
        raise QbellError(f"[schedule] {design_problem(design)}")
    random = design == "random"
    shots = schedule.get("shots", 1 if random else 1000)
    shots = whole_number("[schedule] shots", shots, least=1, most=MAX_SHOTS)
    if not random and shots < 2:
        raise QbellError(
            "[schedule] shots = 1 in a full design allows no unbiased estimate of a squared "
            "correlator; use 2 or more, or design random"
        )
    if random and "draws" not in schedule:
        raise QbellError("[schedule] a random design needs draws =, the number of random settings")
    if not random and "draws" in schedule:
        raise QbellError("[schedule] draws = belongs to design random; leave it out of a full one")
    estimate = tables["estimate"]
    backend = tables["backend"].get("name", IDEAL)
    if not isinstance(backend, str):
        raise QbellError(f"[backend] name = {backend!r}; give a name in quotes, e.g. 'aer'")
    axis = schedule.get("axis", "z")
    parse_axis(axis)
    confidence = confidence_level(estimate.get("confidence", 0.95))
    resamples = estimate.get("resamples", 1000)
    return Spec(
        family=family,
        num_qubits=num_qubits,
        parameters=parameters,
        circuit=circuit,
        circuit_as_given=state.get("circuit"),
        design=design,
        shots=shots,
        draws=_draws(schedule) if random else None,
        axis=axis,
        backend=backend,
        confidence=confidence,
        resamples=enough_resamples(resamples, confidence, "[estimate] resamples"),
        phase=finite_number("[estimate] phase", estimate.get("phase", 0.0)),
        seed=whole_number("seed", data["seed"], least=0) if "seed" in data else None,
        text=text,
    )


def _draws(schedule: Mapping[str, Any]) -> int:
    return whole_number("[schedule] draws", schedule["draws"], least=2, most=MAX_SHOTS)


def _named(state: Mapping[str, Any]) -> tuple[str, int, dict[str, Any]]:
    for key in ("family", "n"):
        if key not in state:
            raise QbellError(f"[state] needs {key} =, e.g. family = 'ghz' and n = 6")
    parameters = {key: value for key, value in state.items() if key not in ("family", "n")}
    family = state["family"]
    num_qubits = whole_number("[state] n", state["n"], least=2, most=MAX_QUBITS)
    if not isinstance(family, str):
        raise QbellError(f"[state] family = {family!r}; give a name in quotes, e.g. 'ghz'")
    if "u" in parameters and "u" in PARAMETERS.get(family, ()):
        parameters["u"] = finite_number("[state] u", parameters["u"])
    named_state(family, num_qubits, parameters)  # checks the rest
    return family, num_qubits, parameters


def _circuit(state: Mapping[str, Any], folder: Path) -> Path | None:
    if "circuit" not in state:
        return None
    if len(state) > 1:
        raise QbellError("[state] has circuit = and other keys; give a circuit or a family")
    if not isinstance(state["circuit"], str):
        raise QbellError(f"[state] circuit = {state['circuit']!r}; give a file name in quotes")
    path = folder / state["circuit"]
    if not path.is_file():
        raise QbellError(f"[state] circuit: {path} is no file; give its path relative to the spec")
    return path


def _check_keys(table: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    for key in table:
        if key not in known:
            near = difflib.get_close_matches(key.lower(), known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known here: {', '.join(known)}"
            raise QbellError(f"unknown key {key!r} in {where}; {hint}")


def _digest(path: Path) -> str:
    import hashlib

    return hashlib.sha256(path.read_bytes()).hexdigest()
