"""A result as plain data: what is printed, shown as JSON and written to summary.json."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np

from qbell import exact
from qbell.circuits.compiled import compiled_circuit
from qbell.circuits.gate_counts import count_gates
from qbell.circuits.measurement import checked, plain_gates
from qbell.circuits.preparation import Preparation
from qbell.conventions.axes import Axis
from qbell.designs import find_design
from qbell.devices.device_map import device_map
from qbell.errors import QbellError
from qbell.estimator import Result
from qbell.estimator.drawn import seldom
from qbell.estimator.intervals.job_deviations import JobDeviations
from qbell.estimator.phase_scan.bures import clopper_pearson
from qbell.estimator.result import PartOfResult
from qbell.exact.matrix_product import MatrixProduct, right_canonical
from qbell.noise_reference import (
    NoiseReference,
    large_reference,
    noise_reference,
    reference_of_state,
)
from qbell.sampling.large_noise import large_state
from qbell.shots.flagged import Flagged
from qbell.simulation.draw_outcomes import MAX_IDEAL_QUBITS, prepare_vector
from qbell.simulation.exact_vector import exact_vector, formula_note
from qbell.simulation.mps_circuit import matrix_product_of
from qbell.simulation.noisy_state import MAX_NOISY_QUBITS, prepare_noisy
from qbell.states import State
from qbell.states.base import preparation_of
from qbell.states.symmetric import SymmetricState

FEW_SHOTS = 10  # of a setting
FEW_DRAWS = 100
# Of several shots, which scatter the more by their settings; and where that is not allowed for.
FEW_LONG_DRAWS, FEW_LONG_DRAWS_UNALLOWED = 40, 200
LARGE_BOND = 32  # of a circuit's matrix product of which exact values are taken
FEW_BODY = {"squeezing": "spin squeezing", "moment_bound": "moment bound"}  # as notes say
MAX_LARGE_QUBITS = 40  # exact values beyond state vectors; of Ising chains the bound takes longer


def summarize(
    result: Result,
    *,
    family: str | None = None,
    u: float | None = None,
    known: dict[str, Any] | None = None,
    device: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Everything worth printing of a result, beside ``known`` values from `known_values`.

    ``device`` says how a device was used, where the shots come from one: ``name``, ``calibrated``,
    ``started``, ``finished``, ``jobs``, ``qpu_seconds``, ``dynamical_decoupling``, ``twirling``,
    ``randomizations``, ``reference_drift_p`` and ``wires``; each may be None.
    """
    shots = result.shots
    certificate = asdict(result.certificate)
    known = {
        **dict.fromkeys(("exact", "circuit", "noise", "device_map")),
        **(known or {}),
    }
    few_body = result.moments
    notes = [
        *shots.notes,
        *result.notes,
        *few_body.notes,
        *certificate.pop("notes"),
        *known.pop("notes", []),
    ]
    several = shots.num_draws is not None and shots.num_draws < shots.total
    several = several and "post-stratified" not in result.route
    if result.bound.degenerate and shots.rules.measures_qfi:
        cause = (
            "some settings came too seldom by chance, so part of its width is an allowance for "
            "draws not observed, which is conservative"
            if several
            else "the data hardly scatter, so its width comes from the allowance for unobserved "
            "outcomes and is conservative"
        )
        notes.append(f"the bound's interval is degenerate: {cause}")
    size = shots.shots_per_setting
    allowed = seldom.applies_to(shots) and not isinstance(result.deviations, JobDeviations)
    few = FEW_DRAWS if not several else FEW_LONG_DRAWS if allowed else FEW_LONG_DRAWS_UNALLOWED
    if shots.num_draws is not None and shots.num_draws < few and shots.rules.measures_qfi:
        notes.append(
            f"fewer than {few} random settings: the bound's interval may cover less often "
            "than stated"
        )
    if not shots.drawn and shots.fewest_shots < FEW_SHOTS:
        notes.append(
            f"fewer than {FEW_SHOTS} shots in some setting: intervals are only roughly right"
        )
    if shots.order is not None:
        known = {
            name: values if name == "device_map" else _up_to(values, shots.order)
            for name, values in known.items()
        }
    return {
        "n": shots.num_qubits,
        "family": family,
        "u": u,
        "axis": shots.axis.name,
        "design": shots.design,
        "order": shots.order,
        "claim": _claim(result),
        "claim_says": shots.rules.says,
        "settings": shots.num_settings,
        "draws": shots.num_draws,
        "shots": size,
        "total_shots": shots.total,
        "provenance": result.shots.provenance,
        **({} if shots.flagged is None else {"flags": _flags(shots.flagged, result)}),
        "backend": shots.backend,
        "seed": shots.seed,
        "bound": asdict(result.bound),
        "e_n": None if result.e_n is None else asdict(result.e_n),
        "q": None if result.q is None else asdict(result.q),
        "f0": None if result.f0 is None else asdict(result.f0),
        "k1": None if result.k1 is None else asdict(result.k1),
        "moment_bound": None if few_body.bound is None else asdict(few_body.bound),
        "squeezing": None if few_body.squeezing is None else asdict(few_body.squeezing),
        **{key: asdict(estimate) for key, estimate in result.quantities.items()},
        **result.facts,
        "bound_by_order": result.bound_by_order.to_dict("records"),
        "significance": asdict(result.significance),
        "harmonics": None if result.harmonics is None else result.harmonics.to_dict("records"),
        "symmetry_p": result.symmetry_p,
        "drift_p": result.drift_p,
        "route": result.route,
        "shot_noise": shots.num_qubits,
        "heisenberg": shots.num_qubits**2,
        **known,
        "device": device,
        "certificate": certificate,
        **({"parts": [_part(one) for one in result.parts]} if result.parts else {}),
        "notes": notes,
    }


def _flags(flagged: Flagged, result: Result) -> dict[str, Any]:
    """How many shots the flags left of those that were taken, with exact limits of the share."""
    sent, level = flagged.kept + flagged.lost, result.bound.confidence
    ends = clopper_pearson(np.array([flagged.kept]), np.array([sent]), (1 - level) / 2)
    low, high = (float(end[0]) for end in ends)
    return {
        "flags": flagged.num_flags,
        "sent": sent,
        "accepted": flagged.kept,
        "rejected": flagged.lost,
        "acceptance": {
            "value": flagged.kept / sent,
            "low": low,
            "high": high,
            "confidence": level,
        },
        "raised": (flagged.raised / sent).tolist(),
    }


def _part(one: PartOfResult) -> dict[str, Any]:
    """A part of a campaign by itself, at its own confidence."""
    record = {"part": one.number, "share": one.share, "confidence": one.confidence}
    if one.result is None:
        return {**record, "total_shots": None, "bound": None, "e_n": None, "certificate": None}
    e_n = one.result.e_n
    certificate = asdict(one.result.certificate)
    certificate.pop("notes")
    return {
        **record,
        "total_shots": one.result.shots.total,
        "bound": asdict(one.result.bound),
        "e_n": None if e_n is None else asdict(e_n),
        "certificate": certificate,
    }


def _claim(result: Result) -> str:
    """The strongest kind of claim that these data may make: that of the design, if they are raw."""
    shots = result.shots
    claim = shots.rules.claim_of(shots.num_settings, shots.num_qubits)
    return "witness" if claim == "bell" and shots.treated else claim


def known_values(
    state: Any,
    axis: Axis,
    device: Any = None,
    design: str | None = None,
    preparation: Preparation | None = None,
    ideal: bool = True,
    words: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Exact values of the state aimed at (`exact`) and of what its circuit prepares (`circuit`).

    The two differ for variational circuits, and it is the circuit's values that ideal shots
    estimate. Beyond the size of a state vector, `circuit` is there for variational circuits of
    little entanglement, and `exact` where another description of the state is at hand. The circuit
    is that for ``device``, a BackendV2, if one is given, but its depth and gates are those before
    it is compiled for it; without the device that its layout asks for, `circuit` is None.

    With ``device`` and ``design`` there is also `noise`: the noise reference of what `qbell.sample`
    draws for this device, see `qbell.noise_reference`; None where it is not computed.
    With `device` alone there is `device_map`: see `qbell.devices.device_map`.
    And `device_map`, see `qbell.devices.device_map`.

    ``preparation`` is the state's on this device, if it has been made already. Without ``ideal``
    the first two are None: of designs that measure none of these. ``words`` are the operators of
    which shots have a moment bound: that of the best operator made of them is exact then.
    """
    if preparation is None and state.num_qubits <= MAX_IDEAL_QUBITS:
        preparation = _preparation(state, device)
    known: dict[str, Any] = {"exact": None, "circuit": None, "notes": []}
    if ideal:
        known = _ideal_values(state, axis, device, preparation, words)
        values = known["exact"] or {}
        missing = [name for name in FEW_BODY if name in values and values[name] is None]
        if missing:
            names = " and ".join(FEW_BODY[name] for name in missing)
            known["notes"].append(f"no exact {names}: not computed for this state at this size")
    if device is not None:
        known["device_map"] = device_map(device, _on_device(preparation))
    if device is not None and design is not None:
        known["noise"] = None if preparation is None else _noise(preparation, axis, device, design)
    return known


def _preparation(state: Any, device: Any) -> Preparation | None:
    """The state's circuit on a device; None of a state of ours that cannot be prepared there."""
    try:
        return checked(preparation_of(state, device, measured=True))
    except QbellError:
        if not isinstance(state, State):
            raise
        return None


def _on_device(preparation: Preparation | None) -> tuple[int, ...] | None:
    """The physical qubit of each qubit of the state; None where the compiler chooses."""
    if preparation is None or preparation.wires is None:
        return None
    return tuple(int(preparation.wires[qubit]) for qubit in preparation.qubits)


def noise_values(reference: NoiseReference) -> dict[str, Any]:
    """A noise reference as plain data, as a summary holds it under ``noise``."""
    plain = asdict(reference)
    of_state, read = plain.pop("quantities"), plain.pop("quantities_read")
    found = {
        name: list(value) if isinstance(value, tuple) else value for name, value in plain.items()
    }
    return {**found, **of_state, **{f"{name}_read": value for name, value in read.items()}}


def _noise(preparation: Preparation, axis: Axis, device: Any, design: str) -> dict[str, Any] | None:
    """Of locally drawn shots: what their own simulation holds, and no more."""
    if preparation.flags is not None:
        return _noise_with_flags(preparation, axis, device, design)
    if not preparation.is_unitary:
        return None
    stars = preparation.stars
    if preparation.num_qubits > MAX_NOISY_QUBITS or stars is not None:
        rules = find_design(design).on((), stars if find_design(design).measures_stars else None)
        try:
            compiled = compiled_circuit(preparation, device, axis, design)
            state, says = large_state(compiled, device, design)
        except QbellError:
            return None
        return large_reference(state, device, rules, says)
    try:
        prepared = prepare_noisy(preparation, axis, device, design)
    except QbellError:  # nothing could be drawn either
        return None
    assumptions = (
        "waiting qubits do not decay",
        "0 and 1 are read as Aer reads them from the device's target: with the mean of their "
        "errors, if that is what the target holds",
    )
    found = reference_of_state(prepared, device, axis, design, assumptions=assumptions)
    return noise_values(found)


def _noise_with_flags(
    preparation: Preparation, axis: Axis, device: Any, design: str
) -> dict[str, Any] | None:
    """Given the flags that are accepted, with the waits that the simulation of such shots has."""
    try:
        compiled = compiled_circuit(preparation, device, axis, design)
        return noise_values(noise_reference(compiled, device, axis, design, waiting=True))
    except QbellError:  # more qubits, flags included, than a density matrix holds
        return None


def _ideal_values(
    state: Any,
    axis: Axis,
    device: Any,
    preparation: Preparation | None,
    words: tuple[str, ...],
) -> dict[str, Any]:
    if state.num_qubits > MAX_IDEAL_QUBITS:
        dear = state.num_qubits > MAX_LARGE_QUBITS and not isinstance(state, SymmetricState)
        if not isinstance(state, State) or dear:
            formulas = getattr(preparation, "formulas", ()) or getattr(state, "formulas", ())
            said = [formula_note(formulas, None)] if formulas else []
            return {"exact": None, "circuit": None, "notes": [*_notes_of_file(state), *said]}
        given = preparation if device is None else None
        circuit, notes = _large_circuit(state, axis, given, words)
        return {"exact": _described(state, axis, words), "circuit": circuit, "notes": notes}
    if preparation is None:
        values = _with_coherence(state.statevector(), axis, words)
        return {"exact": values, "circuit": None, "notes": []}
    if isinstance(state, State):
        state = state.as_prepared(preparation)
    if preparation.is_unitary or not isinstance(state, State):
        prepared = prepare_vector(preparation)
        target = state.statevector() if isinstance(state, State) else exact_vector(preparation)
        fidelity = float(abs(np.vdot(target, prepared)) ** 2)
    else:  # random mid-circuit outcomes: exact by construction
        prepared = target = state.statevector()
        fidelity = preparation.fidelity
    notes = _notes_of_file(preparation)
    if preparation.formulas:
        notes.append(formula_note(preparation.formulas, fidelity))
    return {
        "notes": notes,
        "exact": _with_coherence(target, axis, words),
        "circuit": {**_gates(preparation, fidelity), **_values(prepared, axis, words)},
    }


def _notes_of_file(state: Any) -> list[str]:
    """What was left out of a circuit's file."""
    return [f"circuit: {note}" for note in getattr(state, "notes", ())]


def _gates(preparation: Preparation, fidelity: float) -> dict[str, Any]:
    counts = count_gates(plain_gates(preparation))
    return {
        "fidelity": fidelity,
        "depth": counts.depth,
        "two_qubit_gates": counts.two_qubit_gates,
    }


def _large_circuit(
    state: State, axis: Axis, preparation: Preparation | None, words: tuple[str, ...]
) -> tuple[dict[str, Any] | None, list[str]]:
    """Of a variational circuit, as a matrix product; None for exact and for entangled ones."""
    if preparation is None:
        try:
            preparation = checked(preparation_of(state))
        except QbellError:  # a layout that needs a device: exact
            return None, []
    if preparation.fidelity == 1.0:
        return None, []
    try:
        tensors = matrix_product_of(preparation, LARGE_BOND)
        values = _described(right_canonical(tensors), axis, words)
    except QbellError:
        values = None
    if values is None:
        return None, [
            f"the circuit prepares the state with fidelity {preparation.fidelity:.4f}: ideal shots "
            "estimate values of the circuit, which are not known at this size; the exact ones are "
            "the state's"
        ]
    return {**_gates(preparation, preparation.fidelity), **values}, []


def _described(
    state: State | MatrixProduct, axis: Axis, words: tuple[str, ...]
) -> dict[str, Any] | None:
    """Exact values without a state vector, where all of them can be had."""
    found = exact.describe(state, axis)
    kept = {name: found[name] for name in ("qfi", "f0", "bound", "bound_by_order", "e_n")}
    if isinstance(state, SymmetricState):
        kept |= exact.coherence_values(state, axis)
    return None if None in kept.values() else {**kept, **_few_body(state, axis, words)}


def _few_body(state: Any, axis: Axis, words: tuple[str, ...]) -> dict[str, float | None]:
    """xi^2, and the moment bound of the operators that shots have one of; None beyond reach."""
    ways: dict[str, Callable[[], float]] = {"squeezing": lambda: exact.squeezing(state, axis)}
    if words:
        ways["moment_bound"] = lambda: exact.moment_bound(state, axis, words=words)
    found: dict[str, float | None] = {}
    for name, way in ways.items():
        try:
            found[name] = way()
        except QbellError:
            found[name] = None
    return found


def _up_to(values: dict[str, Any] | None, order: int) -> dict[str, Any] | None:
    """With what a covering design measures of the bound: its terms of up to ``order`` qubits."""
    if values is None or values["bound_by_order"] is None:
        return values
    found = {**values, "bound_to_order": float(np.sum(values["bound_by_order"][: order + 1]))}
    if "bound_by_order_read" in values:
        read = values["bound_by_order_read"]
        found["bound_read_to_order"] = float(np.sum(read[: order + 1]))
    return found


def _with_coherence(amplitudes: Any, axis: Axis, words: tuple[str, ...]) -> dict[str, Any]:
    """Of the state aimed at. A circuit's ``fidelity`` is with that state, and means another one."""
    return {**_values(amplitudes, axis, words), **exact.coherence_values(amplitudes, axis)}


def _values(amplitudes: Any, axis: Axis, words: tuple[str, ...]) -> dict[str, Any]:
    by_order = exact.bound_by_order(amplitudes, axis).tolist()
    return {
        "qfi": exact.qfi(amplitudes, axis),
        "f0": exact.f0(amplitudes, axis),
        "k1": exact.k1(amplitudes, axis),
        "bound": float(np.sum(by_order)),
        "bound_by_order": by_order,
        "e_n": abs(exact.correlator_of_all(amplitudes, axis)) ** 2,
        **_few_body(amplitudes, axis, words),
    }
