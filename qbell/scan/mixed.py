"""What a grid may vary beside the parameters of a family: temperature, and disorder."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from qbell.conventions.axes import Axis
from qbell.errors import QbellError
from qbell.exact import (
    average,
    describe,
    disordered_chains,
    optimal_axis,
    qfi_matrix,
    thermal_state,
)
from qbell.exact.disorder import MAX_DISORDER, MAX_DRAWS, averaged_state
from qbell.exact.quantities import top_axis
from qbell.exact.spin_chain import SpinChain
from qbell.states import State
from qbell.states.parameters import Choice, Number, Parameter, Whole

THERMAL = ("ising", "chain", "xxz", "double-well")
DISORDERED = ("ising",)
AVERAGES = ("values", "state")
DRAWS = 50

SPECIAL: dict[str, Parameter] = {
    "temperature": Number("Temperature, 0 for the ground state", example=0.1, most=math.inf),
    "disorder": Number("Relative width of couplings and fields", example=0.3, most=MAX_DISORDER),
    "draws": Whole("How many chains of each disorder", example=DRAWS, most=MAX_DRAWS),
    "seed": Whole("Of the draws", example=0, most=2**31),
    "average": Choice("Of what the row is", example=AVERAGES[0], among=AVERAGES),
}
"""By name; they turn a state into a mixture, or a row into an average."""


def allowed(family: str) -> tuple[str, ...]:
    """Which of them a grid of this family may have."""
    found = ("temperature",) if family in THERMAL else ()
    return (*found, "disorder", "draws", "seed", "average") if family in DISORDERED else found


def split(parameters: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Those of the family, and the special ones."""
    own = {name: value for name, value in parameters.items() if name not in SPECIAL}
    return own, {name: value for name, value in parameters.items() if name in SPECIAL}


def check(family: str, num_qubits: int, special: Mapping[str, Any]) -> None:
    """Refuse what no point could have.

    Raises:
        QbellError: a value outside its range, or things that do not go together.
    """
    for name, value in special.items():
        SPECIAL[name].checked(name, value, num_qubits)
    if special.get("temperature", 0) < 0:
        raise QbellError(f"temperature = {special['temperature']}; give numbers from 0 on")
    if special.get("disorder", 0) < 0:
        raise QbellError(f"disorder = {special['disorder']}; give numbers from 0 on")
    if "disorder" not in special and special.keys() & {"draws", "seed", "average"}:
        raise QbellError("draws, seed and average are of disorder; vary disorder too")


def described(
    state: State, special: Mapping[str, Any], axis: Axis, with_bound: bool | None
) -> dict[str, Any]:
    """`qbell.exact.describe` of the thermal state, or averages with their standard ``errors``."""
    if "disorder" not in special:
        return describe(at_temperature(state, special), axis, with_bound=with_bound)
    states = _disordered(state, special)
    found = average(states, axis, with_bound=bool(with_bound))
    of_state = _of_state(special)
    column = found.table["of_average" if of_state else "mean"]
    what = "values of the averaged state" if of_state else "means"
    values = {str(name): None if math.isnan(value) else value for name, value in column.items()}
    errors = {} if of_state else found.table["standard_error"].to_dict()
    return {
        **values,
        "axis": axis.name,
        "errors": errors,
        "method": f"{what} of {len(states)} draws",
        "notes": list(found.notes),
    }


def best_axis(state: State, special: Mapping[str, Any]) -> Axis:
    """Of the largest QFI: of the state, of the averaged state, or of the mean of all draws."""
    if "disorder" not in special:
        return optimal_axis(at_temperature(state, special))[0]
    states = _disordered(state, special)
    if _of_state(special):
        return optimal_axis(averaged_state(states))[0]
    return top_axis(np.mean([qfi_matrix(each) for each in states], axis=0))[0]


def _of_state(special: Mapping[str, Any]) -> bool:
    return bool(special.get("average", AVERAGES[0]) == AVERAGES[1])


def _disordered(state: State, special: Mapping[str, Any]) -> list[Any]:
    """The chains of all draws, each at the temperature."""
    chains = disordered_chains(
        state.num_qubits,
        getattr(state, "u", 0.0),
        special["disorder"],
        draws=special.get("draws", DRAWS),
        seed=special.get("seed", 0),
    )
    return [at_temperature(chain, special) for chain in chains]


def at_temperature(state: State | SpinChain, special: Mapping[str, Any]) -> Any:
    """The thermal state, or at 0 or without a temperature the state itself."""
    temperature = special.get("temperature", 0)
    return thermal_state(state, temperature) if temperature else state
