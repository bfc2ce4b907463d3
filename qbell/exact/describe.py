"""All exact numbers of a state at once, for `qbell exact`."""

import math
import sys
from collections.abc import Callable
from typing import Any, TypeVar

from qbell.certificates.depths import OF_E, depths_of_log
from qbell.conventions.axes import AxisLike, parse_axis
from qbell.errors import QbellError
from qbell.exact.engine import ACCURACY, BelowRounding, Engine
from qbell.exact.frames import StateLike
from qbell.exact.moment_bound import quick_bound
from qbell.exact.quantities import engine_for
from qbell.exact.variational import VariationalState

Value = TypeVar("Value")

LONG = 30.0  # seconds that the bound may take without being asked for


def describe(
    state: StateLike,
    axis: AxisLike = "z",
    *,
    with_bound: bool | None = True,
    cutoff: float | None = None,
) -> dict[str, Any]:
    """QFI, F0, the bound and its orders, E_{N,0} and the depths it implies, as plain numbers.

    Args:
        state: a qbell state, a circuit that prepares one, a matrix product, (2^N,) amplitudes or a
            (2^N, 2^N) density matrix, in Qiskit's order (bit k of the index is qubit k).
        axis: xi of the generator h: ``x``, ``y``, ``z`` or a vector of three numbers.
        with_bound: False leaves out the bound, which takes the longest; None does so where it takes
            more than half a minute, and gives the moment bound of a chain in its place.
        cutoff: of the bound of a matrix product, as for `qbell.exact.orders`.

    Returns:
        n, axis, energy, qfi, f0, bound, bound_by_order, e_n, log_e_n (natural), q
        (log2(2^N E_{N,0}), above 0 if nonlocal), the depths that E_{N,0} implies (bell_qubits,
        nonlocality_depth, no_signalling_depth, entanglement_depth), method, notes. A value that
        cannot be computed is None, with the reason in notes. moment_bound stands where the bound
        took too long.

    Raises:
        QbellError: not a state, or not an axis.

    >>> from qbell.states import GHZ
    >>> found = describe(GHZ(6))
    >>> found["qfi"], round(found["bound"], 9), found["bell_qubits"]
    (36.0, 36.0, 6)
    """
    engine = engine_for(state, cutoff)
    parsed = parse_axis(axis)
    notes: list[str] = []
    refused: dict[str, Any] = {}

    def attempt(names: str, compute: Callable[[], Value]) -> Value | None:
        try:
            return compute()
        except QbellError as error:
            notes.append(f"{names}: {error}")
            refused[names] = error
            return None

    energy = attempt("energy", lambda: energy_of(engine, state))
    if energy is None and not notes:
        notes.append("energy: this state comes without a Hamiltonian")
    qfi = attempt("qfi", lambda: engine.qfi(parsed))
    if qfi is not None and engine.error_of_qfi(qfi) > ACCURACY * qfi:
        notes.append(f"qfi: cut-off states change it by at most {engine.error_of_qfi(qfi):.2g}")
    f0 = qfi if engine.is_pure else attempt("f0", lambda: engine.f0(parsed))
    forecast = engine.forecast(parsed) if with_bound is None else None
    in_place: dict[str, float | None] = {}
    orders = None
    if forecast is not None and forecast.seconds > LONG:
        notes.append(f"bound: would take {forecast}; ask for it with --bound, or with_bound=True")
        in_place["moment_bound"] = attempt("moment_bound", lambda: quick_bound(state, parsed.xi))
    elif with_bound is False:
        notes.append("bound: not asked for")
    else:
        orders = attempt("bound", lambda: engine.orders(parsed))
    most = log_e_n = attempt("e_n", lambda: engine.log_e_n(parsed))
    if log_e_n is not None and (error := engine.error_of_log_e_n(parsed)):
        notes.append(f"e_n: cut-off states change its logarithm by at most {error:.2g}")
    if isinstance(refused.get("e_n"), BelowRounding):
        most = refused["e_n"].most
    found = None if most is None else depths_of_log(engine.num_qubits, most)
    if log_e_n is None and found != depths_of_log(engine.num_qubits, -math.inf):
        found = None  # it might imply something, or not
    e_n = None if log_e_n is None else math.exp(log_e_n)
    if log_e_n == -math.inf:
        notes.append("log_e_n and q: E_{N,0} is 0")
        log_e_n = None
    elif e_n is not None and e_n < sys.float_info.min:
        notes.append("e_n: too small for a double; see log_e_n")
        e_n = None
    methods = [engine.method]
    if orders is not None and orders.method != engine.method:
        methods.append(f"bound: {orders.method}")
    notes += engine.notes
    if orders is not None and orders.error is not None:
        notes.append(
            f"bound: cut-off states and correlators change it by at most {orders.error:.2g}"
        )
    return {
        "n": engine.num_qubits,
        "axis": parsed.name,
        "energy": energy,
        "qfi": qfi,
        "f0": f0,
        "bound": None if orders is None else float(orders.values.sum()),
        "bound_by_order": None if orders is None else orders.values.tolist(),
        **in_place,
        "e_n": e_n,
        "log_e_n": log_e_n,
        "q": None if log_e_n is None else engine.num_qubits + log_e_n / math.log(2),
        **{depth.key: getattr(found, depth.key, None) for depth in OF_E},
        "method": "; ".join(methods),
        "notes": notes,
    }


def energy_of(engine: Engine, state: StateLike) -> float | None:
    """Of the state's Hamiltonian, if it has one; of a state that was searched for as found."""
    return getattr(engine if isinstance(engine, VariationalState) else state, "energy", None)
