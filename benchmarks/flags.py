"""Where flags pay: GHZ states with parity checks beside the same without, by device and size.

    python -m benchmarks.flags [DEVICE N ...]

Trees on snapshots, errors as random Paulis, waits included. Of each size without flags, with the
checks that the calibration promises to gain from (4 at most) read at the end, and read mid-circuit,
where all qubits wait for the readout. As read out: C, P, F = (C + P)/2, N C^2/P of accepted shots;
and what is left where every shot that was taken counts: the accepted share times N C^2/P, and C
times its square root, which is what the significance of a number of shots goes by.
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
from qbell.devices.layout.calibration import calibration_of
from qbell.devices.layout.flags import best_checks, with_best_flags
from qbell.sampling.large_noise import large_state
from qbell.simulation.stabiliser.state import draw_from_stabilisers

SHOTS, SHARE = 40_000, 0.4
MOST = 4
SIZES = {
    "fake_berlin": (6, 12, 24, 40),
    "fake_miami": (12, 24),
    "fake_pittsburgh": (40, 60, 120),
    "fake_fez": (40,),
    "fake_torino": (40,),
    "fake_brussels": (40,),
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


def rows_of(name: str, size: int) -> list[str]:
    """Of one device and size: without flags, at the end, mid-circuit."""
    device = find_backend(name)
    base = qbell.ghz(size, layout="tree").preparation(device, measured=True)
    assert base.wires is not None
    checks = best_checks(calibration_of(device), base.circuit, base.wires, MOST)
    count = sum(check.gain > 0 for check in checks)
    ways = [("none", base)]
    if count:
        for when in WHEN[::-1]:
            ways.append((f"{count}, {when}", with_best_flags(base, device, count, when)))
    found = []
    for label, preparation in ways:
        share, c, error, p, error_p = measured(replace(preparation, compiled=None), device)
        limit = size * c**2 / p
        found.append(
            f"| {name} | {size} | {label} | {share:.3f} | {c:.3f} ± {error:.3f} | "
            f"{p:.3f} ± {error_p:.3f} | {(c + p) / 2:.3f} | {limit:.1f} | {share * limit:.1f} | "
            f"{c * share**0.5:.3f} |"
        )
    return found


def main(words: list[str]) -> None:
    """Print the table."""
    sizes = {words[0]: tuple(map(int, words[1:]))} if words else SIZES
    print("| device | N | flags | accepted | C | P | F | F_Q/N ≥ | × accepted | C √accepted |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for name, several in sizes.items():
        for size in several:
            print("\n".join(rows_of(name, size)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
