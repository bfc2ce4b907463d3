"""Checks of the tables of a campaign: [estimate], [mitigation], [plan], inputs of a circuit."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from qbell.checks import finite_number, whole_number
from qbell.errors import QbellError
from qbell.settings import MAX_SHOTS

LEARN = "learn"
HELD_OUT = 0.25
LEAST_HELD_OUT, MOST_HELD_OUT = 0.05, 0.5
METHODS = ("tensored", "mthree")
CALIBRATION_SHOTS = 10_000


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


def checked_phase(value: object) -> float | Literal["learn"]:
    """The phase of the correlator of all qubits, or ``learn``."""
    if value == LEARN:
        return "learn"
    if isinstance(value, str):
        raise QbellError(f"[estimate] phase = {value!r}; give a finite number, or 'learn'")
    return finite_number("[estimate] phase", value)


def checked_label(value: object, num_qubits: int | None) -> str | None:
    """A label of all qubits, ``learn``, or None for all +.

    Where N is not known yet (None; a circuit's file says it), the length is to be checked later.
    """
    if value is None or value == LEARN:
        return value
    example = "+" * ((num_qubits or 4) - 1) + "-"
    wanted = f"give + or - for each qubit, e.g. '{example}', or 'learn'"
    if not isinstance(value, str) or not value or set(value) - set("+-"):
        raise QbellError(f"[estimate] label = {value!r}; {wanted}")
    if num_qubits is not None and len(value) != num_qubits:
        raise QbellError(
            f"[estimate] label = {value!r} has {len(value)} signs for n = {num_qubits} qubits; "
            f"{wanted}"
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
            f"[mitigation] calibration: {path} is no file; give its path relative to the spec"
        )
    return Mitigation(method, CALIBRATION_SHOTS, path, given)


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
