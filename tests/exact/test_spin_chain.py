"""Ising chains with disorder, and generators with an axis for each qubit: against matrices."""

from typing import Any

import numpy as np
import pytest

import qbell
from qbell import exact
from qbell.conventions.axes import parse_axis
from qbell.errors import QbellError
from tests.support import naive

OBLIQUE = (1.0, -2.0, 0.5)


def hamiltonian(couplings: np.ndarray, fields: np.ndarray) -> np.ndarray:
    n = len(fields)
    z, x = ([naive.on_qubit(op, k, n) for k in range(n)] for op in (naive.Z, naive.X))
    bonds = sum(j * z[k] @ z[k + 1] for k, j in enumerate(couplings))
    return bonds - sum(g * x[k] for k, g in enumerate(fields))


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("n", [2, 3, 4, 7])
def test_disorder_against_the_matrix(n: int, sign: int, rng: np.random.Generator) -> None:
    """Fields of both signs, too: an even number of negative ones for even n, else an odd one."""
    couplings, fields = 1.5 * rng.normal(size=n - 1), rng.random(n) + 0.2
    fields[[0, -1][: 2 - n % 2]] *= sign
    energies, vectors = np.linalg.eigh(hamiltonian(couplings, fields))
    vector, chain = vectors[:, 0], exact.ising_chain(couplings, fields)
    assert chain.energy == pytest.approx(energies[0], abs=1e-12)
    assert abs(np.vdot(chain.statevector(), vector)) == pytest.approx(1, abs=1e-12)
    assert exact.zz_correlations(chain) == pytest.approx(exact.zz_correlations(vector), abs=1e-11)
    assert exact.correlator_values(chain) == pytest.approx(
        exact.correlator_values(chain.statevector())
    )
    for axis in ("x", "y", "z", OBLIQUE):
        assert exact.qfi(chain, axis) == pytest.approx(exact.qfi(vector, axis), abs=1e-10)
        expected = exact.bound_by_order(vector, axis)
        assert exact.bound_by_order(chain, axis) == pytest.approx(expected, abs=1e-10)
        if axis != "x" or (n % 2 == 0 and np.prod(fields) > 0):
            assert exact.log_e_n(chain, axis) == pytest.approx(
                exact.log_e_n(vector, axis), abs=1e-6
            )
    assert exact.log_e_n(chain, "x") == -np.inf or n % 2 == 0
    assert exact.optimal_axis(chain)[1] == pytest.approx(exact.optimal_axis(vector)[1])


@pytest.mark.parametrize("n", [3, 4, 7])
def test_rings_of_any_signs_against_the_state_vector(n: int, rng: np.random.Generator) -> None:
    """Frustrated or not; even states, and odd ones by a negative field."""
    for closing, field in ((-1.3, 1.0), (0.9, 1.0), (0.9, -0.7)):
        couplings, fields = [*rng.normal(size=n - 1), closing], rng.random(n) + 0.3
        fields[1] *= np.sign(field)
        ring = qbell.chain(n, couplings, fields, ends="periodic")
        vector = ring.statevector()
        matrix = exact.hamiltonian_of(ring).to_matrix()
        assert ring.energy == pytest.approx(np.linalg.eigvalsh(matrix)[0], abs=1e-12)
        assert exact.zz_correlations(ring) == pytest.approx(exact.zz_correlations(vector))
        for axis in ("x", "y", "z", OBLIQUE):
            assert exact.qfi(ring, axis) == pytest.approx(exact.qfi(vector, axis), abs=1e-10)
            expected = exact.bound_by_order(vector, axis)
            assert exact.bound_by_order(ring, axis) == pytest.approx(expected, abs=1e-10)
        for axis in ("y", "z"):
            expected = exact.log_e_n(vector, axis)
            assert exact.log_e_n(ring, axis) == pytest.approx(expected, abs=1e-8)
        staggered = [(0, 0, 1), (0, 0, -1)] * n
        turned = exact.in_local_frames(ring, staggered[:n])
        assert exact.qfi(turned) == pytest.approx(
            exact.qfi(exact.in_local_frames(vector, staggered[:n])), abs=1e-10
        )


@pytest.mark.parametrize("u", [-3.0, -1.0, 0.7, 2.0])
def test_long_rings(u: float) -> None:
    """Antiperiodic momenta; every bond is like every other, the one that closes the ring too."""
    for n in (40, 101):  # the odd antiferromagnet is frustrated: one fermion more
        ring = qbell.chain(n, u, ends="periodic")
        momenta = (2 * np.arange(n) + 1) * np.pi / n
        modes = np.sqrt((1 + u**2 + 2 * u * np.cos(momenta)).clip(0))
        odd = n % 2 and u > 1
        expected = 2 * np.abs(1 - u) * odd - modes.sum()
        assert ring.energy == pytest.approx(expected, rel=1e-12)
        pairs = exact.zz_correlations(ring)
        assert np.ptp([pairs[k, (k + 3) % n] for k in range(n)]) < 1e-12
        fields = exact.qfi_matrix(ring)
        assert fields[2, 2] == pytest.approx(pairs.sum(), rel=1e-9)


def test_a_ring_of_two_ordered_parts_is_refused() -> None:
    parts = ([-900.0] * 19 + [0.0]) * 2
    with pytest.raises(QbellError, match="two modes of the ring"):
        exact.qfi(qbell.chain(40, parts, ends="periodic"))


@pytest.mark.parametrize("u", [-2.0, -0.7, 1.3])
def test_equal_couplings_are_the_uniform_chain(u: float) -> None:
    chain, uniform = exact.ising_chain([u] * 16, [1.0] * 17), qbell.ising(17, u)
    for name in ("energy", "qfi", "log_e_n"):
        found, expected = (
            exact.describe(state, with_bound=False)[name] for state in (chain, uniform)
        )
        assert found == pytest.approx(expected, rel=1e-9), name
    scaled = exact.ising_chain([3 * u] * 16, [3.0] * 17)
    assert exact.qfi(scaled) == pytest.approx(exact.qfi(uniform), rel=1e-9)


@pytest.mark.slow
def test_two_engines_agree_on_a_long_chain(rng: np.random.Generator) -> None:
    couplings, fields = rng.uniform(-2, 1, size=39), rng.uniform(0.5, 1.5, size=40)
    chain = exact.ising_chain(couplings, fields)
    product = exact.as_matrix_product(chain)
    for axis in ("x", "z"):
        assert exact.qfi(product, axis) == pytest.approx(exact.qfi(chain, axis), rel=1e-8)
    assert exact.zz_correlations(product) == pytest.approx(exact.zz_correlations(chain), abs=1e-8)


@pytest.mark.parametrize(
    ("couplings", "fields", "message"),
    [
        ([-1], [1], "1 couplings and 1 fields"),
        ([], [1], "0 couplings and 1 fields"),
        ([-1, -1], [1, 1], "2 couplings and 2 fields"),
        ([-1], [1, 0], r"fields\[1\] = 0: this spin"),
        ([np.nan], [1, 1], r"couplings\[0\]"),
        ([-9] * 20 + [0] + [-9] * 20, [1] * 42, "two modes"),
    ],
)
def test_what_is_no_chain(couplings: list[float], fields: list[float], message: str) -> None:
    with pytest.raises(QbellError, match=message):
        exact.qfi(exact.ising_chain(couplings, fields))


def generator(axes: list[Any]) -> np.ndarray:
    n = len(axes)
    parts = (naive.on_qubit(naive.pauli(parse_axis(a).xi), k, n) / 2 for k, a in enumerate(axes))
    return sum(parts)


@pytest.mark.parametrize(
    "make",
    [
        lambda v: v,
        lambda v: 0.7 * np.outer(v, v.conj()) + 0.3 * np.eye(len(v)) / len(v),
        lambda v: exact.ensemble([0.7, 0.3], [v, v[::-1]]),
        exact.as_matrix_product,
    ],
    ids=["vector", "matrix", "ensemble", "product"],
)
def test_an_axis_for_each_qubit(rng: np.random.Generator, make: Any) -> None:
    axes = ["x", OBLIQUE, "z", (0, 0, -1)]
    state = make(naive.random_vector(4, rng))
    rho = {
        1: lambda: np.outer(state, np.conj(state)),
        2: lambda: state,
        0: lambda: (
            state.vectors.T @ state.vectors.conj()
            if hasattr(state, "vectors")
            else np.outer(state.statevector(), state.statevector().conj())
        ),
    }[getattr(state, "ndim", 0)]()
    h = generator(axes)
    f0 = 4 * np.trace(rho @ rho @ h @ h - rho @ h @ rho @ h).real
    turned = exact.in_local_frames(state, axes)
    assert exact.f0(turned) == pytest.approx(f0, abs=1e-11)
    same = exact.in_local_frames(state, [OBLIQUE] * 4)
    assert exact.bound_by_order(same) == pytest.approx(
        exact.bound_by_order(state, OBLIQUE), abs=1e-11
    )
    with pytest.raises(QbellError, match="3 axes for 4 qubits"):
        exact.in_local_frames(state, axes[:3])


def test_staggered_axes_turn_the_antiferromagnet_into_the_ferromagnet() -> None:
    staggered = [(0, 0, 1), (0, 0, -1)] * 5
    assert exact.in_local_frames(qbell.ising(10, 2.0), staggered) == qbell.ising(10, -2.0)
    pairs = [(0, 0, 1), (0, 0, 1), (0, 0, -1), (0, 0, -1), (0, 0, 1)]
    for chain in (qbell.ising(5, 2.0), exact.ising_chain([2.0, -1, 0.5, 1], [1, 2, 1, 1, 1])):
        turned = exact.in_local_frames(chain, pairs)
        expected = exact.in_local_frames(chain.statevector(), pairs)
        assert exact.qfi(turned) == pytest.approx(exact.qfi(expected), rel=1e-9)
        assert exact.bound(turned) == pytest.approx(exact.bound(expected), rel=1e-9)
    mixed = exact.in_local_frames(qbell.ising(8, -1.0), ["x", "z"] * 4)
    vector = exact.in_local_frames(qbell.ising(8, -1.0).statevector(), ["x", "z"] * 4)
    assert exact.qfi(mixed) == pytest.approx(exact.qfi(vector), rel=1e-9)
