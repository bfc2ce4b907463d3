"""Ground states by DMRG: against matrices, free fermions, closed forms, and quimb's DMRG."""

import math
from typing import Any

import numpy as np
import pytest
from qiskit.quantum_info import SparsePauliOp

import qbell
from qbell import QbellError, exact
from qbell.exact.dmrg import GroundProduct
from qbell.exact.variational import family_ground

NIGHTLY = [pytest.mark.slow, pytest.mark.nightly]
OBLIQUE = (1.0, -2.0, 0.5)


def require_right(found: GroundProduct, energy: float, vector: np.ndarray) -> None:
    """Also that it says itself how wrong it may be."""
    assert found.energy == pytest.approx(energy, abs=1e-9)
    missing = 1 - abs(np.vdot(found.statevector(), vector)) ** 2
    assert missing < found.discarded + 1e-13
    for axis in ("x", "y", "z", OBLIQUE):
        expected = exact.qfi(vector, axis)
        error = 4 * len(found.tensors) * math.sqrt(2 * found.discarded * expected) + 1e-8
        assert exact.qfi(found, axis) == pytest.approx(expected, abs=error)


MODELS = [
    qbell.chain(8, -3.0, [1, -1, 0.5, 1, 2, -1, -1, 1], alpha=2.0),  # ordered, odd
    qbell.xxz(7, -0.7, ends="periodic"),  # odd: the sum of two sectors
    qbell.chain(8, -1.1, longitudinal=[0.1, -0.2, 0.3, 0, 0.1, 0, 0, 1], fields=-0.6),
    *(
        pytest.param(state, marks=NIGHTLY)
        for state in (
            qbell.chain(9, -1.0, alpha=1.5),
            qbell.chain(8, 0.8, alpha=0.7, ends="periodic"),
            qbell.chain(8, [-1, 0.5, -2, 1, -0.7, 1, 1, 2], longitudinal=0.2, ends="periodic"),
            qbell.xxz(8, 0.5),
            qbell.xxz(8, 4.0, ends="periodic"),  # two alternating states, all but equal in energy
            qbell.xxz(9, 1.0, alpha=1.3),
        )
    ),
]


@pytest.mark.parametrize("state", MODELS, ids=str)
def test_families_against_the_state_vector(state: Any) -> None:
    require_right(family_ground(state), state.energy, state.statevector())


@pytest.mark.slow
@pytest.mark.nightly
@pytest.mark.parametrize("ends", ["open", "periodic"])
@pytest.mark.parametrize("u", [-2.0, -1.0, -0.4, 0.4, 1.0, 2.0])
def test_sixteen_qubits(u: float, ends: str) -> None:
    """Ordered, critical, disordered, of either sign."""
    for state in (
        qbell.chain(16, u, alpha=1.2, ends=ends),
        qbell.chain(16, u, alpha=3.0, ends=ends),
        # Staggered where neighbours oppose each other: a uniform field leaves two such states.
        qbell.chain(16, u, longitudinal=[0.05 * np.sign(-u) ** k for k in range(16)], ends=ends),
        *([qbell.xxz(16, u, ends=ends)] if u > -1 else []),
    ):
        require_right(family_ground(state), state.energy, state.statevector())


@pytest.mark.parametrize(("n", "words"), [(4, 10), pytest.param(6, 20, marks=NIGHTLY)])
def test_any_hamiltonian(n: int, words: int, rng: np.random.Generator) -> None:
    """Words of all qubits, an odd number of Y's in some: complex amplitudes."""
    letters = ["".join(rng.choice(list("IXYZ"), n)) for _ in range(words)]
    hamiltonian = SparsePauliOp(letters, rng.normal(size=words))
    energies, vectors = np.linalg.eigh(hamiltonian.to_matrix())
    found = exact.dmrg(hamiltonian)
    require_right(found, energies[0], vectors[:, 0])
    assert found.gap == pytest.approx(energies[1] - energies[0], rel=0.3)
    assert found.gap < (energies[1] - energies[0]) * (1 + 1e-6)


@pytest.mark.parametrize(
    "symmetry",
    [
        "-YYYY",
        "XIXZ",
        *(pytest.param(s, marks=NIGHTLY) for s in ("XXXX", "-XXXX", "YYYY", "ZZZZ", "-ZIZY")),
    ],
)
def test_sectors(symmetry: str, rng: np.random.Generator) -> None:
    """Of a Hamiltonian that is random but for the symmetry."""
    word = SparsePauliOp(symmetry.removeprefix("-"))
    draws = [SparsePauliOp("".join(rng.choice(list("IXYZ"), 4))) for _ in range(60)]
    kept = [each for each in draws if np.allclose((each @ word - word @ each).simplify().coeffs, 0)]
    hamiltonian = sum(float(rng.normal()) * each for each in kept)
    sign = -1 if symmetry.startswith("-") else 1
    matrix = hamiltonian.to_matrix() + 100 * (np.eye(16) - sign * word.to_matrix())
    energies, vectors = np.linalg.eigh(matrix)
    found = exact.dmrg(hamiltonian.simplify(), symmetry)
    require_right(found, energies[0], vectors[:, 0])


@pytest.mark.slow
@pytest.mark.nightly
@pytest.mark.parametrize("u", [-2.0, -1.0])
def test_ring_against_free_fermions(u: float) -> None:
    """In the ordered phase, too, where the odd state is nearer than rounding."""
    ring = qbell.chain(24, u, ends="periodic")
    found = exact.dmrg(exact.hamiltonian_of(ring), "X" * 24, bond=48)
    assert found.energy == pytest.approx(ring.energy, abs=1e-5)
    assert exact.qfi(found) == pytest.approx(exact.qfi(ring), rel=1e-4)
    assert exact.log_e_n(exact.as_matrix_product(ring)) == pytest.approx(exact.log_e_n(ring))


def test_couplings_that_fall_fast_are_the_open_chain() -> None:
    """More than 20 qubits of a family, against free fermions."""
    state, chain = qbell.chain(22, -0.6, alpha=60.0), qbell.ising(22, -0.6)
    found = exact.describe(state)
    expected = exact.describe(chain)
    assert found["energy"] == pytest.approx(expected["energy"], rel=1e-12)
    for name in ("qfi", "bound"):
        assert found[name] == pytest.approx(expected[name], rel=1e-6)
    assert any("found by DMRG" in note for note in found["notes"])
    assert found["method"].startswith("DMRG, matrix product state of bond")
    bounds = [exact.moment_bound(each, order=2, reach=1) for each in (state, chain)]
    assert bounds[0] == pytest.approx(bounds[1], rel=1e-6)
    with pytest.raises(QbellError, match=r"n = 22.*exact.describe"):
        _ = state.energy


@pytest.mark.slow
@pytest.mark.nightly
def test_closed_forms() -> None:
    """The XX chain is free fermions that hop."""
    n = 30
    found = exact.describe(qbell.xxz(n, 0.0), "x", with_bound=False)
    modes = np.cos(np.arange(1, n // 2 + 1) * np.pi / (n + 1))
    assert found["energy"] == pytest.approx(-4 * modes.sum(), rel=1e-9)


DEGENERATE = {
    "ordered": SparsePauliOp.from_sparse_list(
        [("ZZ", [k, k + 1], -3.0) for k in range(13)] + [("X", [k], -1.0) for k in range(14)], 14
    ),
    "doublet": SparsePauliOp.from_sparse_list(
        [(pair, [k, k + 1], 1.0) for k in range(6) for pair in ("XX", "YY", "ZZ")], 7
    ),
    "ferromagnet": SparsePauliOp.from_sparse_list(
        [(pair, [k, k + 1], -1.0 - 0.5 * (pair == "ZZ")) for k in range(9)
         for pair in ("XX", "YY", "ZZ")], 10
    ),
    "multiplet": SparsePauliOp.from_sparse_list(
        [(pair, [k, k + 1], -1.0) for k in range(9) for pair in ("XX", "YY", "ZZ")], 10
    ),
    "no fields": SparsePauliOp.from_sparse_list([("ZZ", [k, k + 1], -1.0) for k in range(9)], 10),
    "free spin": SparsePauliOp.from_sparse_list([("X", [k], -1.0) for k in range(9)], 10),
    "nothing": SparsePauliOp(["IIII"], [1.0]),
}  # fmt: skip


@pytest.mark.parametrize(
    "name",
    [n if n in ("doublet", "free spin") else pytest.param(n, marks=NIGHTLY) for n in DEGENERATE],
)
def test_degenerate_ground_states_are_refused(name: str) -> None:
    with pytest.raises(QbellError, match="two lowest energies differ"):
        exact.dmrg(DEGENERATE[name])


def test_a_symmetry_tells_them_apart() -> None:
    found = exact.dmrg(DEGENERATE["ordered"], "X" * 14)
    assert exact.qfi(found) == pytest.approx(exact.qfi(qbell.ising(14, -3.0)), rel=1e-6)
    assert exact.log_e_n(found) == pytest.approx(exact.log_e_n(qbell.ising(14, -3.0)), abs=1e-4)


@pytest.mark.slow
@pytest.mark.nightly
def test_both_states_of_a_doublet() -> None:
    odd = exact.dmrg(DEGENERATE["doublet"], "-" + "X" * 7)
    even = exact.dmrg(DEGENERATE["doublet"], "X" * 7)
    assert odd.energy == pytest.approx(even.energy, abs=1e-9)
    assert exact.qfi(odd) == pytest.approx(exact.qfi(even), rel=1e-6)


@pytest.mark.parametrize(
    ("hamiltonian", "options", "message"),
    [
        (np.eye(4), {}, "expected a SparsePauliOp"),
        (SparsePauliOp(["XX"], [1j]), {}, "not Hermitian"),
        (SparsePauliOp(["XX"], [np.nan]), {}, "NaN"),
        (SparsePauliOp(["XXX", "ZII"]), {"symmetry": "XXX"}, "does not commute"),
        (SparsePauliOp(["XXX"]), {"symmetry": "XX"}, "a word of 3 letters"),
        (SparsePauliOp(["XXX"]), {"symmetry": 3}, "a word of 3 letters"),
        (SparsePauliOp(["X"]), {}, "num_qubits"),
        (SparsePauliOp(["XX"]), {"bond": 1}, "bond"),
    ],
)
def test_what_is_refused(hamiltonian: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(QbellError, match=message):
        exact.dmrg(hamiltonian, **options)


def test_a_bond_that_is_too_small() -> None:
    with pytest.raises(QbellError, match="a bond of 2 is too small"):
        exact.dmrg(exact.hamiltonian_of(qbell.ising(8, -1.0)), "X" * 8, bond=2)


@pytest.mark.slow
@pytest.mark.nightly
def test_against_quimb() -> None:
    """A critical chain in a weak longitudinal field, N = 40: another library."""
    import quimb.tensor as qtn

    n, u, along = 40, -1.0, 0.1
    builder = qtn.SpinHam1D(0.5)
    builder += 4 * u, "Z", "Z"
    builder += -2.0, "X"
    builder += -2 * along, "Z"
    search = qtn.DMRG2(builder.build_mpo(n), bond_dims=[10, 20, 60], cutoffs=1e-12)
    assert search.solve(tol=1e-10, max_sweeps=20, verbosity=0)
    state = qbell.chain(n, u, longitudinal=along)
    found = exact.describe(state, with_bound=False)
    assert found["energy"] == pytest.approx(float(search.energy), rel=1e-9)
    assert found["qfi"] == pytest.approx(exact.qfi(search.state), rel=1e-5)


@pytest.mark.slow
@pytest.mark.nightly
def test_random_models_are_right_or_refused(rng: np.random.Generator) -> None:
    """All to all with fields, of either sign; random signs; three-body words without a symmetry."""
    n = 10
    for trial in range(24):
        signs = rng.choice([-1.0, 1.0], size=n - 1) * rng.choice([0.3, 1, 3], size=n - 1)
        kinds = [
            [("ZZ", [j, k], rng.normal()) for j in range(n) for k in range(j)]
            + [("X", [k], -rng.choice([0.1, 0.5, 1.0])) for k in range(n)],
            [("ZZ", [k, k + 1], signs[k]) for k in range(n - 1)]
            + [("X", [k], rng.normal()) for k in range(n)],
            [("".join(rng.choice(list("XYZ"), 3)), [k, k + 1, k + 2], rng.normal())
             for k in range(n - 2)],
        ]  # fmt: skip
        hamiltonian = SparsePauliOp.from_sparse_list(kinds[trial % 3], n)
        symmetry = "X" * n if trial % 3 < 2 else None
        matrix = hamiltonian.to_matrix()
        if symmetry:
            matrix = matrix + 100 * (np.eye(2**n) - SparsePauliOp(symmetry).to_matrix())
        energies, vectors = np.linalg.eigh(matrix)
        try:
            found = exact.dmrg(hamiltonian, symmetry, seed=trial)
        except QbellError:
            assert energies[1] - energies[0] < 0.02
            continue
        missing = 1 - abs(np.vdot(found.statevector(), vectors[:, 0])) ** 2
        assert missing < found.discarded + 1e-10
