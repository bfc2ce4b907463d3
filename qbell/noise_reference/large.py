"""The noise reference of many qubits: what random Paulis leave of the measured correlators.

Averages over settings drawn for this purpose; of each the mean is exact.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qbell.designs.base import XI, Design
from qbell.devices.record import calibrated
from qbell.simulation.stabiliser.expectations import noisy_means
from qbell.simulation.stabiliser.state import StabiliserState

Floats = NDArray[np.float64]

SETTINGS = 1024
SEED = 2021


def large_reference(
    state: StabiliserState, device: Any, design: Design, says: tuple[str, ...]
) -> dict[str, Any] | None:
    """The noise reference as plain data, as a summary holds it; None where it is not computed.

    Of the correlator of all qubits, the population, and what follows from them; of stars the
    visibility. What needs correlators of fewer qubits is null.

    Args:
        state: the noisy state, and how it is measured.
        device: whose calibration the noise is.
        design: with its stars, where it has some.
        says: what the simulation assumes.

    Returns:
        See `qbell.report.summary.noise_values`; None of designs other than random, even, ghz and
        stars, where a qubit is measured along no Pauli, and with flags.
    """
    product = (design.drawn and design.letters < 3) or design.measures_population
    if state.num_flags or state.turned is not None or not (product or design.measures_stars):
        return None
    num_qubits = len(state.qubits)
    rng = np.random.default_rng(SEED)
    (clean, read), imaginary = _coherence(state, design, rng)
    found: dict[str, Any] = dict.fromkeys(
        ("qfi", "bound", "bound_by_order", "e_n", "f0", "bound_read", "bound_by_order_read")
    )
    found |= dict.fromkeys(("e_n_read", "f0_read"))
    found |= {
        "device": str(getattr(device, "name", "unnamed")),
        "calibrated": calibrated(device),
        "assumptions": [
            *says,
            f"averages over {SETTINGS} random settings; products of fewer qubits than are "
            "measured, which readout errors of 0 and 1 that differ mix in, are left out",
        ],
    }
    if design.measures_stars:
        return {**found, "visibility": clean, "visibility_read": read}
    found["e_n"], found["e_n_read"] = (
        (one**2 + other**2) / 4 for one, other in zip((clean, read), imaginary, strict=True)
    )
    if not design.measures_e_n:
        found["bound_read"] = num_qubits**2 * read**2
    if design.measures_population:
        populations = _population(state, rng)
        for ending, c, p in zip(("", "_read"), (clean, read), populations, strict=True):
            found |= {
                f"coherence{ending}": c,
                f"population{ending}": p,
                f"fidelity{ending}": (c + p) / 2,
                f"qfi_ghz{ending}": num_qubits**2 * c**2 / p if p else 0.0,
            }
    return found


def _coherence(
    state: StabiliserState, design: Design, rng: np.random.Generator
) -> list[tuple[float, float]]:
    """2 Re c and 2 Im c of all qubits, or the visibility and 0; of the state, and as read out."""
    num_qubits = len(state.qubits)
    rows = design.directions(num_qubits, draws=SETTINGS, order=num_qubits, rng=rng)
    rows = rows[design.tested(rows)]
    nothing = np.zeros(rows.shape, dtype=np.uint8)
    turns = design.quarter_turns(rows, nothing, np.ones(num_qubits, dtype=np.int16))
    signs = np.array([1.0, 1.0, -1.0, -1.0])[turns]
    counted = _counted(design, rows, turns)
    qubit = np.arange(num_qubits)
    paulis = state.paulis[qubit, rows]
    along = np.take_along_axis(
        state.means[qubit, rows], paulis[..., None].astype(np.int64), axis=-1
    )[..., 0]
    means = signs * noisy_means(state, np.where(counted, paulis, 0).astype(np.uint8))
    factors = np.where(counted, along, 1.0)
    both = np.array([means * np.sign(factors).prod(axis=1), means * factors.prod(axis=1)])
    real = turns % 2 == 0
    found = [both[:, part].mean(axis=1) if part.any() else np.zeros(2) for part in (real, ~real)]
    return [(float(clean), float(read)) for clean, read in found]


def _counted(
    design: Design, rows: NDArray[np.uint8], turns: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """(settings, N) whether a qubit's outcome is in the product."""
    if not design.measures_stars:
        return np.ones(rows.shape, dtype=bool)
    plus = np.ones(rows.shape[1], dtype=np.int16)
    found = np.empty(rows.shape, dtype=bool)
    for qubit in range(rows.shape[1]):
        flipped = np.zeros(rows.shape, dtype=np.uint8)
        flipped[:, qubit] = 1
        found[:, qubit] = design.quarter_turns(rows, flipped, plus) != turns
    return found


def _population(state: StabiliserState, rng: np.random.Generator) -> tuple[float, float]:
    """P, from products of Z over random even sets of qubits: of the state, and as read out.

    P is the mean over even sets of the product over the set; as read out a qubit has a + b Z in the
    place of Z, and P that of prod_T b (prod_rest (1 + a) + prod_rest (1 - a)) / 2 times Z of T.
    """
    num_qubits = len(state.qubits)
    chosen = rng.integers(0, 2, size=(SETTINGS, num_qubits), dtype=np.uint8)
    chosen[:, 0] ^= chosen.sum(axis=1, dtype=np.uint8) % 2
    which = state.paulis[:, XI]
    read = state.means[:, XI]
    along = np.take_along_axis(read, which[:, None].astype(np.int64), axis=-1)[:, 0]
    means = noisy_means(state, chosen * which)
    inside = chosen == 1
    clean = means * np.where(inside, np.sign(along), 1.0).prod(axis=1)
    rest = [np.where(inside, 1.0, 1 + sign * read[:, 0]).prod(axis=1) for sign in (1, -1)]
    seen = means * np.where(inside, along, 1.0).prod(axis=1) * (rest[0] + rest[1]) / 2
    return float(clean.mean()), float(seen.mean())
