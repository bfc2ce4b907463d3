"""Where flags pay: GHZ states with parity checks beside the same without, by device and size.

    python -m benchmarks.flags [DEVICE N ...]

Trees on snapshots, errors as random Paulis, waits included. Of each size without flags, with the
checks that the calibration promises to gain from (4 at most) read at the end, and read mid-circuit,
where all qubits wait for the readout. As read out: C, P, F = (C + P)/2, N C^2/P of accepted shots;
and what is left where every shot that was taken counts: the accepted share times N C^2/P, and C
times its square root, which is what the significance of a number of shots goes by. Last the time
that a readout may take for flags read mid-circuit to break even, to first order, and the time that
it takes.
"""

import sys
from dataclasses import replace
from typing import Any

import numpy as np

import qbell
from qbell.circuits.compiled import compiled_circuit
from qbell.circuits.flags import WHEN
from qbell.circuits.preparation import Preparation
from qbell.conventions.axes import parse_axis
from qbell.devices.backends import find_backend
from qbell.devices.layout.calibration import DeviceCalibration, calibration_of
from qbell.devices.layout.flags import ParityCheck, best_checks, with_best_flags
from qbell.sampling.large_noise import large_state
from qbell.shots.flagged import HERALDED
from qbell.simulation.stabiliser.state import draw_from_stabilisers

SHOTS, SHARE = 100_000, 0.4
MOST = 4
SIZES = {
    "fake_berlin": (6, 12, 24, 40),
    "fake_miami": (12, 24),
    "fake_pittsburgh": (40, 60, 120),
    "fake_fez": (40,),
    "fake_torino": (40,),
}


def measured(preparation: Preparation, device: Any) -> tuple[float, float, float, float, float]:
    """Accepted share; C and its standard error, P and its own, of accepted shots."""
    size = preparation.num_qubits
    compiled = compiled_circuit(preparation, device, parse_axis("z"), "ghz")
    state, _ = large_state(compiled, device, "ghz")
    rows = qbell.schedule(size, "ghz", draws=SHOTS, share=SHARE, seed=1).directions
    bits = draw_from_stabilisers(state, rows, 1, 7)[:, 0]
    kept = ~bits[:, size:].any(axis=1)
    along = (rows == 2).all(axis=1)
    turns = (rows == 1).sum(axis=1) // 2 + bits[:, :size].sum(axis=1)
    products = 1.0 - 2.0 * (turns[kept & ~along] % 2)
    alike = np.isin(bits[kept & along, :size].sum(axis=1), (0, size))
    c, p = float(products.mean()), float(alike.mean())
    return (
        float(kept.mean()),
        c,
        float(np.sqrt((1 - c**2) / len(products))),
        p,
        float(np.sqrt(p * (1 - p) / len(alike))),
    )


def break_even(
    calibration: DeviceCalibration, checks: list[ParityCheck], wires: tuple[int, ...]
) -> str:
    """Seconds in which the qubits lose by waiting what the checks gain, and those of a readout."""
    lost = sum(calibration.decay_rate(wire) for wire in wires)
    gained = sum(check.gain for check in checks)
    taken = max(calibration.readout_durations[check.ancilla] for check in checks)
    return f"{1e9 * gained / lost:.0f} of {1e9 * taken:.0f} ns"


def rows_of(name: str, size: int) -> list[str]:
    """Of one device and size: without flags, at the end, mid-circuit."""
    device = find_backend(name)
    calibration = calibration_of(device)
    base = qbell.ghz(size, layout="tree").preparation(device, measured=True)
    assert base.wires is not None
    checks = best_checks(calibration, base.circuit, base.wires, MOST)
    useful = [check for check in checks if check.gain > 0]
    ways = [("none", base, "")]
    for when in WHEN[::-1] if useful else ():
        flagged = with_best_flags(base, device, len(useful), when)
        waits = (
            break_even(calibration, useful, base.wires) if flagged.provenance == HERALDED else ""
        )
        ways.append((f"{len(useful)}, {when}", flagged, waits))
    found = []
    for label, preparation, waits in ways:
        share, c, error, p, error_p = measured(replace(preparation, compiled=None), device)
        limit = size * c**2 / p
        found.append(
            f"| {name} | {size} | {label} | {share:.3f} | {c:.3f} ± {error:.3f} | "
            f"{p:.3f} ± {error_p:.3f} | {(c + p) / 2:.3f} | {limit:.1f} | {share * limit:.1f} | "
            f"{c * share**0.5:.3f} | {waits} |"
        )
    return found


def main(words: list[str]) -> None:
    """Print the table."""
    sizes = {words[0]: tuple(map(int, words[1:]))} if words else SIZES
    heads = "device | N | flags | accepted | C | P | F | F_Q/N ≥ | × accepted | C √accepted"
    print(f"| {heads} | readout, to break even |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for name, several in sizes.items():
        for size in several:
            print("\n".join(rows_of(name, size)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
