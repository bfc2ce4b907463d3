"""A campaign as a TOML file: state, schedule, backend, estimate and more. Every key is checked."""

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

from qbell.campaigns.scan_table import BESIDE, OF_ESTIMATE, SCAN, ScanTable, checked_scan
from qbell.campaigns.spec_tables import (
    HELD_OUT,
    LEARN,
    Hardware,
    Mitigation,
    PlanGoal,
    StopRule,
    checked_hardware,
    checked_held_out,
    checked_inputs,
    checked_label,
    checked_mitigation,
    checked_phase,
    checked_plan,
    checked_stop,
    checked_turn,
)
from qbell.circuits.preparation import Preparation
from qbell.conventions.axes import parse_axis
from qbell.designs import DEFAULT, find_design
from qbell.designs.schedule import MAX_SHOTS, checked_share
from qbell.devices.backends import IDEAL
from qbell.errors import QbellError
from qbell.shots.flagged import RAW
from qbell.states import FAMILIES, State, named_state
from qbell.util.checks import (
    MAX_MEASURED_QUBITS,
    confidence_level,
    enough_resamples,
    finite_number,
    whole_number,
)
from qbell.util.plain_files import read_bytes

TABLES: dict[str, tuple[str, ...]] = {
    "state": ("family", "n", "circuit", "parameters"),  # and the parameters of the family
    "schedule": ("design", "shots", "draws", "order", "axis", "share", "extendable"),
    SCAN: ("read_out", "angles", "shots", "axis", "pair", "held_out"),
    "backend": ("name",),
    "estimate": ("confidence", "resamples", "phase", "label", "held_out"),
    "mitigation": ("method", "shots", "calibration"),
    "hardware": tuple(each.name for each in fields(Hardware)),
    "plan": ("precision", "p_value"),
    "stop": ("p_value", "precision", "quantity"),
}


@dataclass(frozen=True)
class Spec:
    """A checked campaign.

    Attributes:
        family, num_qubits, parameters: the named state, or
        circuit: the file that prepares one (family and num_qubits are then None), and
        circuit_as_given: its path as written in the TOML.
        design, shots, draws, axis: how to measure; draws is None where settings are not drawn.
        backend: name of the backend.
        confidence, resamples: how to estimate.
        phase: of the correlator of all qubits, fixed beforehand, or ``learn``.
        seed: of settings and shots; None draws one.
        text: the TOML itself.
        order: of a covering design; None for the others.
        label: of the correlator of all qubits, one of + - a qubit, qubit 0 last; None for all +,
            or ``learn``.
        held_out: share of the shots on which ``learn`` learns; the rest is what is tested.
        mitigation: None for none.
        plan: what `qbell plan` aims at.
        inputs: values of the free parameters of the circuit's file.
        hardware: how jobs are sent to a device.
        share: probability of a draw along sigma_xi, where the design mixes them in; else None.
        stop: when jobs are enough; None if all of them are to be sent.
        extendable: registered as a campaign that parts may be added to, whatever the first shows;
            see `qbell.certificates.parts`.
        turned: qubit 0 is turned by pi/4 about the axis before it is measured, and ``phase`` is
            that of the test against groups of any boxes: ``phase = "svetlichny"``.
        scan: how a phase is scanned, in the place of settings; ``shots`` and ``axis`` are then
            its own, and of the design only that its settings are listed means anything. Else None.
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
    phase: float | Literal["learn"]
    seed: int | None
    text: str
    order: int | None = None
    label: str | None = None
    held_out: float = HELD_OUT
    mitigation: Mitigation | None = None
    plan: PlanGoal = field(default_factory=PlanGoal)
    inputs: Mapping[str, Any] = field(default_factory=dict)
    hardware: Hardware = field(default_factory=Hardware)
    share: float | None = None
    stop: StopRule | None = None
    extendable: bool = False
    turned: bool = False
    scan: ScanTable | None = None

    @property
    def learns(self) -> bool:
        """True if label or phase are learnt on held-out shots."""
        return LEARN in (self.label, self.phase)

    def state(self) -> State | Preparation:
        """The state to prepare: one of qbell's, or the circuit in the file."""
        if self.circuit is not None:
            from qbell.circuits.files import read_preparation

            return read_preparation(self.circuit, self.inputs)
        assert self.family is not None
        assert self.num_qubits is not None
        return named_state(self.family, self.num_qubits, self.parameters)

    @property
    def provenance(self) -> str:
        """Of its shots: raw, but for a state that is prepared with flags."""
        return RAW if self.circuit is not None else self.state().provenance

    def portable_text(self) -> str:
        """The TOML with paths reduced to their names, for a copy beside the files they name."""
        text = self.text
        if self.circuit is not None and self.circuit_as_given is not None:
            text = text.replace(self.circuit_as_given, self.circuit.name)
        mitigation = self.mitigation
        if mitigation is not None and mitigation.calibration is not None:
            assert mitigation.calibration_as_given is not None
            text = text.replace(mitigation.calibration_as_given, mitigation.calibration.name)
        return text

    def sampling(self) -> dict[str, Any]:
        """All that decides which shots are taken, as plain data: equal for equal campaigns."""
        found: dict[str, Any] = {
            "state": {"family": self.family, "n": self.num_qubits, **self.parameters}
            if self.circuit is None
            else {
                "circuit": self.circuit.name,
                "text_of_circuit": _digest(self.circuit),
                **({"parameters": dict(self.inputs)} if self.inputs else {}),
            },
            "backend": {"name": self.backend},
        }
        if self.scan is not None:
            return {**found, SCAN: self.scan.record}
        found |= {
            **({"turned": True} if self.turned else {}),
            "schedule": {
                "design": self.design,
                "shots": self.shots,
                "draws": self.draws,
                "axis": self.axis,
                **({} if self.order is None else {"order": self.order}),
                **({} if self.share is None else {"share": self.share}),
                **({"extendable": True} if self.extendable else {}),
            },
        }
        if self.mitigation is not None and self.mitigation.calibration is None:
            found["mitigation"] = {"shots": self.mitigation.shots}
        if self.stop is not None:  # what the rule looks at is registered with it
            look = {"phase": self.phase, "label": self.label, "confidence": self.confidence}
            found["stop"] = {**self.stop.record, **look}
        return found


def read_spec(path: str | Path) -> Spec:
    """Read and check a TOML file.

    Raises:
        QbellError: names the file, the key, what stands there and what should.
    """
    path = Path(path)
    data, text = read_toml(path)
    return parse_spec(data, text, name=str(path), folder=path.parent)


def read_toml(path: Path) -> tuple[dict[str, Any], str]:
    """What a TOML file says, and its text.

    Raises:
        QbellError: it cannot be read, or is not TOML.
    """
    try:
        text = read_bytes(path).decode("utf-8-sig")
        return tomllib.loads(text), text
    except OSError as error:
        raise QbellError(f"{path} cannot be read: {error.strerror}; give a spec in TOML") from error
    except UnicodeDecodeError as error:
        raise QbellError(f"{path} is not UTF-8 text; give a spec in TOML") from error
    except tomllib.TOMLDecodeError as error:
        raise QbellError(f"{path} is not TOML: {error}; correct that line") from error
    except RecursionError as error:
        raise QbellError(f"{path} is nested too deeply; give a spec in TOML") from error
    except ValueError as error:  # thousands of digits
        raise QbellError(f"{path} has a number that cannot be read: {error}; mend it") from error


def parse_spec(data: Mapping[str, Any], text: str, *, name: str, folder: Path) -> Spec:
    """A `Spec` from the parsed TOML; paths in it are relative to ``folder``."""
    try:
        return _parse(data, text, folder)
    except QbellError as error:
        raise QbellError(f"{name}: {error}") from error


def _parse(data: Mapping[str, Any], text: str, folder: Path) -> Spec:
    scans = SCAN in data
    check_keys(data, BESIDE if scans else (*TABLES, "seed"), _what(scans))
    tables: dict[str, Mapping[str, Any]] = {}
    for name, keys in TABLES.items():
        table = data.get(name, {})
        if not isinstance(table, Mapping):
            raise QbellError(
                f"{name} = {table!r} is not a table; write [{name}] and its keys below it"
            )
        check_keys(table, _state_keys() if name == "state" else keys, f"[{name}]")
        tables[name] = table
    scan = checked_scan(tables[SCAN]) if scans else None
    if scan is not None:
        check_keys(tables["estimate"], OF_ESTIMATE, "[estimate] of a phase scan")
    state, schedule = tables["state"], tables["schedule"]
    circuit = _circuit(state, folder)
    family, num_qubits, parameters = (None, None, {}) if circuit else _named(state)

    design = schedule.get("design", DEFAULT)
    try:
        kind = find_design(design)
    except QbellError as error:
        raise QbellError(f"[schedule] {error}") from error
    shots = schedule.get("shots", kind.default_shots)
    shots = whole_number("[schedule] shots", shots, least=1, most=MAX_SHOTS)
    if not kind.drawn and shots < 2:
        raise QbellError(
            f"[schedule] shots = 1 in a {design} design allows no unbiased estimate of a squared "
            "correlator; use 2 or more, or design random"
        )
    draws, order, share = (schedule.get(key) for key in ("draws", "order", "share"))
    try:
        kind.check_arguments(draws=draws, order=order, share=share)
    except QbellError as error:
        raise QbellError(f"[schedule] {error}") from error
    extendable = schedule.get("extendable", False)
    if not isinstance(extendable, bool):
        raise QbellError(f"[schedule] extendable = {extendable!r}; give true or false")
    estimate = tables["estimate"]
    backend = tables["backend"].get("name", IDEAL)
    if not isinstance(backend, str) or not backend.strip():
        raise QbellError(f"[backend] name = {backend!r}; give a name in quotes, e.g. 'aer'")
    axis = schedule.get("axis", "z")
    parse_axis(axis)
    if scan is not None:
        shots, axis = scan.shots, scan.axis
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
        draws=_whole("draws", draws, least=2, most=MAX_SHOTS),
        axis=axis,
        backend=backend,
        confidence=confidence,
        resamples=enough_resamples(resamples, confidence, "[estimate] resamples"),
        phase=checked_phase(estimate.get("phase", 0.0)),
        seed=whole_number("seed", data["seed"], least=0) if "seed" in data else None,
        text=text,
        order=_whole("order", order, least=1, most=num_qubits or MAX_MEASURED_QUBITS),
        label=checked_label(estimate.get("label"), num_qubits),
        held_out=checked_held_out(estimate),
        mitigation=checked_mitigation(tables["mitigation"], folder)
        if "mitigation" in data
        else None,
        plan=checked_plan(tables["plan"]),
        inputs=checked_inputs(state),
        hardware=checked_hardware(tables["hardware"]),
        turned=checked_turn(estimate, kind),
        share=kind.default_share if share is None else checked_share(share, "[schedule] share"),
        extendable=extendable,
        stop=checked_stop(tables["stop"]) if "stop" in data else None,
        scan=scan,
    )


def _what(scans: bool) -> str:
    return "the file of a phase scan" if scans else "the file"


def _whole(key: str, value: object, *, least: int, most: int) -> int | None:
    if value is None:
        return None
    return whole_number(f"[schedule] {key}", value, least=least, most=most)


def _named(state: Mapping[str, Any]) -> tuple[str, int, dict[str, Any]]:
    for key in ("family", "n"):
        if key not in state:
            raise QbellError(f"[state] needs {key} =, e.g. family = 'ghz' and n = 6")
    if "parameters" in state:
        raise QbellError(
            "[state] parameters = is for the inputs of a circuit's file; write a family's own "
            "parameters as keys, e.g. u = -1.5"
        )
    parameters = {key: value for key, value in state.items() if key not in ("family", "n")}
    family = state["family"]
    num_qubits = whole_number("[state] n", state["n"], least=2, most=MAX_MEASURED_QUBITS)
    if not isinstance(family, str):
        raise QbellError(f"[state] family = {family!r}; give a name in quotes, e.g. 'ghz'")
    try:
        named_state(family, num_qubits, parameters)
    except QbellError as error:
        raise QbellError(f"[state] {error}") from error
    if "u" in parameters:  # a number of every record: not whole, even if written so
        parameters["u"] = finite_number("u", parameters["u"])
    return family, num_qubits, parameters


def _state_keys() -> tuple[str, ...]:
    """Keys of [state]: those of all families, since which one it is is checked later."""
    of_families = dict.fromkeys(name for kind in FAMILIES.values() for name in kind.parameters())
    first, second, *rest = TABLES["state"]
    return (first, second, *of_families, *rest)


def _circuit(state: Mapping[str, Any], folder: Path) -> Path | None:
    if "circuit" not in state:
        return None
    if set(state) - {"circuit", "parameters"}:
        raise QbellError(
            "[state] has circuit = and other keys; give a circuit (and parameters =), or a family"
        )
    if not isinstance(state["circuit"], str):
        raise QbellError(f"[state] circuit = {state['circuit']!r}; give a file name in quotes")
    path = folder / state["circuit"]
    if not path.is_file():
        raise QbellError(f"[state] circuit: no file {path}; give its path relative to the spec")
    return path


def check_keys(table: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    """Refuse a key that is not known, with the one that may have been meant."""
    for key in table:
        if key not in known:
            near = difflib.get_close_matches(key.lower(), known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known here: {', '.join(known)}"
            raise QbellError(f"unknown key {key!r} in {where}; {hint}")


def _digest(path: Path) -> str:
    import hashlib

    return hashlib.sha256(path.read_bytes()).hexdigest()
