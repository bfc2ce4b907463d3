"""Checks of a campaign's tables: [estimate], [mitigation], [hardware], [plan], circuit inputs."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from qbell.certificates.svetlichny_depth import SVETLICHNY_PHASE
from qbell.designs.base import Design
from qbell.designs.schedule import MAX_SHOTS
from qbell.devices.decoupling import SEQUENCES
from qbell.devices.qpu_time import MOST_SECONDS
from qbell.errors import QbellError
from qbell.util.checks import finite_number, whole_number

LEARN, SVETLICHNY = "learn", "svetlichny"
HELD_OUT = 0.25
LEAST_HELD_OUT, MOST_HELD_OUT = 0.05, 0.5
METHODS = ("tensored", "mthree")
CALIBRATION_SHOTS = 10_000
MODES = ("batch", "job")
MOST_JOBS = 1000
OWN = "qbell"
SIMULATORS = (OWN, "ibm")
MOST_TAGS, LONGEST_TAG = 4, 40
TAG = re.compile(rf"[A-Za-z0-9._-]{{1,{LONGEST_TAG}}}")


@dataclass(frozen=True)
class Mitigation:
    """How readout errors are mitigated.

    Attributes:
        method: ``tensored`` (a 2x2 matrix for each qubit, inverted) or ``mthree``.
        shots: of each calibration circuit.
        calibration: CSV with a calibration that was taken elsewhere; None takes one.
        calibration_as_given: its path as written in the TOML.
    """

    method: str = METHODS[0]
    shots: int = CALIBRATION_SHOTS
    calibration: Path | None = None
    calibration_as_given: str | None = None


QUANTITIES = ("mean", "e_n", "bound", "population", "fidelity", "qfi_ghz")  # of a rule to stop


@dataclass(frozen=True)
class StopRule:
    """When the jobs of a campaign are enough; one of the two.

    Attributes:
        p_value: at any time (``p_any``), at most this.
        precision: half of the distance of limits that hold at any time (``anytime``), at most this
            times the middle between them.
        quantity: what they are of: see `qbell.certificates.sequence.anytime_values`.
    """

    p_value: float | None = None
    precision: float | None = None
    quantity: str = QUANTITIES[0]

    @property
    def record(self) -> dict[str, Any]:
        """As plans have it."""
        named = {"quantity": self.quantity} if self.quantity != QUANTITIES[0] else {}
        return {"p_value": self.p_value, "precision": self.precision, **named}


def checked_stop(table: Mapping[str, Any]) -> StopRule:
    """The table [stop]."""
    rules = {key: value for key, value in table.items() if key != "quantity"}
    if len(rules) != 1:
        raise QbellError(
            f"[stop] has {len(rules)} rules; give one of p_value, such as 1e-6, and precision, "
            "such as 0.1"
        )
    ((key, given),) = rules.items()
    value = finite_number(f"[stop] {key}", given)
    if not 0 < value < 1:
        raise QbellError(f"[stop] {key} = {value:g}; give a number above 0 and below 1")
    if "quantity" not in table:
        return StopRule(value, None) if key == "p_value" else StopRule(None, value)
    name = table["quantity"]
    if key != "precision" or name not in QUANTITIES:
        raise QbellError(
            f"[stop] quantity = {name!r} beside {key}; it names what a precision is of: "
            f"{', '.join(QUANTITIES)}"
        )
    return StopRule(precision=value, quantity=name)


@dataclass(frozen=True)
class Hardware:
    """How a campaign is sent to a device; see docs/hardware.md.

    Attributes:
        jobs: data jobs; each measures every setting, or its share of the random ones.
        reference: how often the reference job is repeated among them, to calibrate the readout and
            to detect drift; 0 for none.
        reference_shots: of each circuit of a reference job.
        dynamical_decoupling: sequence of pulses on waiting qubits; None for none.
        twirling: of the measurements: random flips before them, undone in the outcomes.
        randomizations: of the twirling, of each setting in each job; None chooses.
        mode: ``batch``, in which the jobs follow each other closely, or ``job``.
        budget: seconds of the processor at most, all jobs together; None for no limit.
        max_execution_time: seconds of the processor of each job at most; None derives it.
        attempts: how often a job is sent at most, if it fails.
        private: the service deletes results once they were read.
        simulator: of jobs on a ``fake_*`` device: ``qbell``, one density matrix for all settings,
            or ``ibm``, IBM's Sampler in its local mode.
        tags: of the user's own, that each job carries at the service.
    """

    jobs: int = 10
    reference: int = 3
    reference_shots: int = 1000
    dynamical_decoupling: str | None = "XY4"
    twirling: bool = True
    randomizations: int | None = None
    mode: str = MODES[0]
    budget: float | None = None
    max_execution_time: int | None = None
    attempts: int = 3
    private: bool = False
    simulator: str = OWN
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlanGoal:
    """What a plan of shots aims at.

    Attributes:
        precision: standard error wanted, relative to the value.
        p_value: wanted against local realism.
    """

    precision: float = 0.1
    p_value: float = 1e-6


def checked_inputs(state: Mapping[str, Any]) -> dict[str, float | list[float]]:
    """Values for the free parameters of a circuit's file; whether it has them is seen later."""
    given = state.get("parameters", {})
    if not isinstance(given, Mapping):
        raise QbellError(
            f"[state] parameters = {given!r}; give names and values, e.g. {{theta = 0.3}}"
        )
    return {name: _checked_input(name, value) for name, value in given.items()}


def _checked_input(name: str, value: object) -> float | list[float]:
    where = f"[state] parameters: {name}"
    if isinstance(value, Mapping):
        raise QbellError(f"{where} = {value!r}; give a number, and a name with dots in quotes")
    if isinstance(value, list):
        return [finite_number(where, each) for each in value]
    return finite_number(where, value)


def checked_phase(value: object, where: str = "[estimate] phase =") -> float | Literal["learn"]:
    """The phase of the correlator of all qubits, or ``learn``; ``svetlichny`` is a number."""
    if value == LEARN:
        return "learn"
    if value == SVETLICHNY:
        return SVETLICHNY_PHASE
    if isinstance(value, str):
        raise QbellError(f"{where} {value!r}; give a finite number, 'learn' or 'svetlichny'")
    return finite_number(where.removesuffix(" ="), value)


def checked_turn(estimate: Mapping[str, Any], kind: Design) -> bool:
    """Whether one qubit is to be turned: ``phase = "svetlichny"``."""
    if estimate.get("phase") != SVETLICHNY:
        return False
    if not kind.any_phase:
        raise QbellError(
            f"[estimate] phase = 'svetlichny': the {kind.name} design measures the real part of "
            "the correlator alone, which excludes boxes in groups of less than N/2; leave it out, "
            "or use design random or full"
        )
    if estimate.get("label") is not None:
        raise QbellError(
            "[estimate] phase = 'svetlichny' is for the label of all +, as of a GHZ state; leave "
            "label out, or turn a qubit in the circuit and give the phase as a number"
        )
    return True


def checked_label(
    value: object, num_qubits: int | None, where: str = "[estimate] label ="
) -> str | None:
    """A label of all qubits, ``learn``, or None for all +.

    Where N is not known yet (None; a circuit's file says it), the length is to be checked later.
    """
    if value is None or value == LEARN:
        return value
    example = "+" * ((num_qubits or 4) - 1) + "-"
    wanted = f"give + or - for each qubit, e.g. '{example}', or 'learn'"
    if not isinstance(value, str) or not value or set(value) - set("+-"):
        raise QbellError(f"{where} {value!r}; {wanted}")
    if num_qubits is not None and len(value) != num_qubits:
        raise QbellError(
            f"{where} {value!r} has {len(value)} signs for n = {num_qubits} qubits; {wanted}"
        )
    return value


def checked_held_out(estimate: Mapping[str, Any]) -> float:
    """The share of the shots to learn from; only where something is learnt."""
    share = finite_number("[estimate] held_out", estimate.get("held_out", HELD_OUT))
    if not LEAST_HELD_OUT <= share <= MOST_HELD_OUT:
        raise QbellError(
            f"[estimate] held_out = {share}; give a share of the shots from {LEAST_HELD_OUT} to "
            f"{MOST_HELD_OUT}"
        )
    if "held_out" in estimate and LEARN not in (estimate.get("phase"), estimate.get("label")):
        raise QbellError(
            "[estimate] held_out = is the share of the shots to learn from, but nothing is learnt; "
            "leave it out, or say label = 'learn' or phase = 'learn'"
        )
    return share


def checked_mitigation(table: Mapping[str, Any], folder: Path) -> Mitigation:
    """The table [mitigation]; a calibration's path is relative to ``folder``."""
    method = table.get("method", METHODS[0])
    if method not in METHODS:
        raise QbellError(f"[mitigation] method = {method!r}; use {' or '.join(METHODS)}")
    if "calibration" not in table:
        shots = table.get("shots", CALIBRATION_SHOTS)
        shots = whole_number("[mitigation] shots", shots, least=1, most=MAX_SHOTS)
        return Mitigation(method, shots)
    if "shots" in table:
        raise QbellError(
            "[mitigation] shots = is for calibration circuits, but calibration = names a file; "
            "leave one of them out"
        )
    given = table["calibration"]
    if not isinstance(given, str):
        raise QbellError(f"[mitigation] calibration = {given!r}; give a file name in quotes")
    path = folder / given
    if not path.is_file():
        raise QbellError(
            f"[mitigation] calibration: no file {path}; give its path relative to the spec"
        )
    return Mitigation(method, CALIBRATION_SHOTS, path, given)


def checked_hardware(table: Mapping[str, Any]) -> Hardware:
    """The table [hardware]."""
    default = Hardware()

    def whole(key: str, least: int, most: int) -> int:
        value = table.get(key, getattr(default, key))
        return whole_number(f"[hardware] {key}", value, least=least, most=most)

    decoupling = table.get("dynamical_decoupling", default.dynamical_decoupling)
    if decoupling not in (*SEQUENCES, "none"):
        raise QbellError(
            f"[hardware] dynamical_decoupling = {decoupling!r}; use {', '.join(SEQUENCES)} or none"
        )
    mode = table.get("mode", default.mode)
    if mode not in MODES:
        raise QbellError(f"[hardware] mode = {mode!r}; use {' or '.join(MODES)}")
    simulator = table.get("simulator", default.simulator)
    if simulator not in SIMULATORS:
        raise QbellError(f"[hardware] simulator = {simulator!r}; use {' or '.join(SIMULATORS)}")
    for key in ("twirling", "private"):
        if not isinstance(table.get(key, False), bool):
            raise QbellError(f"[hardware] {key} = {table[key]!r}; write true or false")
    twirling = table.get("twirling", default.twirling)
    if "randomizations" in table and not twirling:
        raise QbellError(
            "[hardware] randomizations = is for twirling, which is off; leave it out, or say "
            "twirling = true"
        )
    budget = table.get("budget")
    return Hardware(
        jobs=whole("jobs", 1, MOST_JOBS),
        reference=whole("reference", 0, MOST_JOBS),
        reference_shots=whole("reference_shots", 1, MAX_SHOTS),
        dynamical_decoupling=None if decoupling == "none" else decoupling,
        twirling=twirling,
        randomizations=whole("randomizations", 1, MAX_SHOTS) if "randomizations" in table else None,
        mode=mode,
        budget=None if budget is None else checked_budget(budget, "[hardware] budget"),
        max_execution_time=whole("max_execution_time", 1, MOST_SECONDS)
        if "max_execution_time" in table
        else None,
        attempts=whole("attempts", 1, 100),
        private=table.get("private", default.private),
        simulator=simulator,
        tags=_checked_tags(table.get("tags", ())),
    )


def _checked_tags(value: object) -> tuple[str, ...]:
    """The user's own tags; those of qbell begin with its name, and find jobs again."""
    problem = (
        f"[hardware] tags = {value!r}; give up to {MOST_TAGS} words in quotes, of up to "
        f"{LONGEST_TAG} letters, digits and . _ -, that do not begin with qbell or job"
    )
    if not isinstance(value, list | tuple) or len(value) > MOST_TAGS:
        raise QbellError(problem)
    for tag in value:
        if not isinstance(tag, str) or not TAG.fullmatch(tag) or tag.startswith(("qbell", "job")):
            raise QbellError(problem)
    return tuple(value)


def checked_budget(value: object, where: str) -> float:
    """Seconds of a processor that may be used."""
    budget = finite_number(where, value)
    if budget <= 0:
        raise QbellError(f"{where} = {budget}; give seconds above 0")
    return budget


def checked_plan(table: Mapping[str, Any]) -> PlanGoal:
    """The table [plan]."""
    goal = PlanGoal(
        finite_number("[plan] precision", table.get("precision", PlanGoal.precision)),
        finite_number("[plan] p_value", table.get("p_value", PlanGoal.p_value)),
    )
    for key, value in (("precision", goal.precision), ("p_value", goal.p_value)):
        if not 0 < value < 1:
            raise QbellError(f"[plan] {key} = {value}; give a number above 0 and below 1")
    return goal
