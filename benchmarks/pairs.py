"""The bound of Eq. (24) of a GHZ state: random shots by pairs, beside all 3^N correlators.

pytest benchmarks/pairs.py -k tensor    both routes at sizes where both can go
pytest benchmarks/pairs.py -k large     20 and 30 qubits: seconds, ordered pairs a second, peak
                                        memory of a new process (Linux)

Shots are drawn directly: settings and outcomes uniform, but for the parity of the outcomes, even
with probability (1 + cos(pi/2 n_2)) / 2 with n_2 qubits along sigma_2. One shot a draw, 48 blocks,
influences of up to 10,000 shots.
"""

import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from qbell.conventions.eq24 import bound_weights
from qbell.estimator.pairs.pairs import PairSums, pair_cost, pair_sums

BLOCKS = 48

Bits = NDArray[np.uint8]


def ghz_shots(num_qubits: int, shots: int, seed: int = 1) -> tuple[Bits, Bits]:
    """(directions, bits) of single shots, column k = qubit k."""
    rng = np.random.default_rng(seed)
    directions, bits = rng.integers(0, 2, (2, shots, num_qubits), dtype=np.uint8)
    odd = rng.random(shots) >= (1 + np.cos(np.pi / 2 * directions.sum(axis=1))) / 2
    bits[:, 0] ^= (bits.sum(axis=1) % 2 != odd).astype(np.uint8)
    return directions, bits


def all_pairs(directions: Bits, bits: Bits) -> PairSums:
    """By qbell, by order, with blocks and influences as the intervals need them."""
    shots = len(bits)
    blocks = np.random.default_rng(2).permutation(np.arange(shots) % BLOCKS)
    return pair_sums(directions, bits, np.ones(shots, dtype=np.int64), None, blocks, BLOCKS)


def by_pairs(directions: Bits, bits: Bits) -> float:
    """The bound from pairs of shots."""
    return float(all_pairs(directions, bits).means.sum())


def by_numpy(directions: Bits, bits: Bits) -> float:
    """The bound through 4^N cells and 3^N correlators: U = (M V - K_d) / (M - 1)."""
    shots, num_qubits = bits.shape
    index = (2 * directions + bits).astype(np.int64) @ 4 ** np.arange(num_qubits)
    values = np.bincount(index, minlength=4**num_qubits) / shots + 0j
    one_qubit = np.array([[1, 1, 1, 1], [1, -1, 1j, -1j], [1, -1, -1j, 1j]])  # 0, +, -
    for _ in range(num_qubits):
        values = (values.reshape(4, -1).T @ one_qubit.T).reshape(-1)
    plug_in = float(bound_weights(num_qubits) @ np.abs(values) ** 2)
    diagonal = 1.6 * num_qubits * 2.5**num_qubits
    return float((shots * plug_in - diagonal) / (shots - 1))


ROUTES: dict[str, Callable[[Bits, Bits], float]] = {"pairs": by_pairs, "NumPy tensor": by_numpy}


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("num_qubits", [4, 6, 8, 10, 12])
def test_beside_tensor(benchmark: object, num_qubits: int, route: str) -> None:
    """8000 shots; NumPy finds the bound alone, pairs also blocks and influences, by order."""
    directions, bits = ghz_shots(num_qubits, 8000)
    by_pairs(*ghz_shots(num_qubits, 100))  # compile
    benchmark.group = f"bound from 8000 shots, N = {num_qubits}"  # type: ignore[attr-defined]
    found = benchmark.pedantic(  # type: ignore[attr-defined]
        ROUTES[route], (directions, bits), rounds=3, warmup_rounds=1
    )
    assert found == pytest.approx(by_numpy(directions, bits), rel=1e-9)


@pytest.mark.parametrize(("num_qubits", "shots"), [(20, 8000), (20, 100_000), (30, 300_000)])
def test_large(num_qubits: int, shots: int, capsys: pytest.CaptureFixture[str]) -> None:
    """What the kernel of 3^N correlators cannot hold, in a new process, kernels compiled."""
    done = subprocess.run(
        [sys.executable, "-P", __file__, str(num_qubits), str(shots)],
        capture_output=True,
        text=True,
        check=True,
    )
    with capsys.disabled():
        print(f"\n{done.stdout.strip()}")


def report(num_qubits: int, shots: int) -> None:
    """One line of measured figures."""
    directions, bits = ghz_shots(num_qubits, shots)
    by_pairs(directions[:100], bits[:100])  # compile
    start = time.perf_counter()
    found = all_pairs(directions, bits)
    seconds = time.perf_counter() - start
    # VmHWM: what getrusage gives is inherited from the process that started this one.
    with open("/proc/self/status", encoding="ascii") as lines:
        peak = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 2**20
    print(
        f"N = {num_qubits}, {shots} shots: bound {found.means.sum():.0f} (exact {num_qubits**2}), "
        f"{seconds:.2f} s, {found.pairs / seconds:.2e} ordered pairs/s, peak {peak:.2f} GiB "
        f"(foreseen for one core {pair_cost(shots, num_qubits):.2f} s)"
    )


if __name__ == "__main__":
    report(int(sys.argv[1]), int(sys.argv[2]))
