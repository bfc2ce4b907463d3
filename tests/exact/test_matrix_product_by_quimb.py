"""The Ising chain's matrix product state, judged by a tensor-network library and by brute force."""

import sys

import numpy as np
import pytest

import qbell
from qbell.errors import QbellError
from qbell.exact.ising_mps import ground_state
from qbell.exact.matrix_product import MatrixProduct, bound_by_order


def hamiltonian(size: int, u: float) -> "object":
    """Eq. (29) as quimb's matrix product operator; its spins are half the Pauli matrices."""
    import quimb.tensor as quimb

    builder = quimb.SpinHam1D()
    builder += 4 * u, "Z", "Z"
    builder += -2.0, "X"
    return builder.build_mpo(size)


@pytest.mark.first_and_last
@pytest.mark.slow
@pytest.mark.parametrize("u", [-3.0, -1.0, -0.6, 1.4])
@pytest.mark.parametrize("size", [5, 60])
def test_quimb_finds_an_eigenstate_of_the_free_fermions_energy(size: int, u: float) -> None:
    state = ground_state(size, u)
    psi = state.to_quimb()
    operator = hamiltonian(size, u)
    assert psi.H @ psi == pytest.approx(1, abs=1e-12)
    image = operator.apply(psi)
    energy = float(np.real(psi.H @ image))
    variance = float(np.real(image.H @ image)) - energy**2
    assert energy == pytest.approx(qbell.ising(size, u).energy, rel=1e-11)
    # No eigenstate but the lowest even one has this energy: the gap is far larger than the error.
    assert abs(variance) < 1e-9 * energy**2


@pytest.mark.slow
def test_quimb_agrees_on_the_two_amplitudes_and_the_parity() -> None:
    size, u = 40, -1.2
    psi = ground_state(size, u).to_quimb()
    zeros, ones = (float(np.real(psi.amplitude([bit] * size))) for bit in (0, 1))
    assert zeros == pytest.approx(ones, rel=1e-9)
    log_e_n = 2 * np.log(zeros * ones)
    assert qbell.exact.log_e_n(qbell.ising(size, u)) == pytest.approx(log_e_n, abs=1e-8)


def test_without_quimb_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "quimb.tensor", None)
    with pytest.raises(QbellError, match=r"pip install 'qbell\[mps\]'"):
        ground_state(4, -1.0).to_quimb()


def four_layers(state: MatrixProduct) -> float:
    """B by contracting psi psi* psi* psi with all four bonds at once, chi^4 numbers.

    Per site sum over (1, +, -) of weight T (x) T*, weight 1/2, 1, 1, and charge 0, 1, -1; the
    moments 1, q, q^2 of the sum of charges are carried along. Source: Eq. (24).
    """
    moments = [np.ones((1, 1, 1, 1)), np.zeros((1, 1, 1, 1)), np.zeros((1, 1, 1, 1))]
    for tensor in state.tensors:
        zero, one = tensor[:, 0], tensor[:, 1]
        layers = {
            0: [(zero, zero), (one, one)],
            1: [(zero, one)],  # <psi| sigma_+ |psi>: the bra is 0 where the ket is 1
            -1: [(one, zero)],
        }

        def through(old: np.ndarray, charge: int, layers: dict = layers) -> np.ndarray:
            total = 0.0
            for bra, ket in layers[charge]:
                for bra_2, ket_2 in layers[charge]:
                    step = np.tensordot(bra, old, axes=(0, 0))
                    step = np.tensordot(ket, step, axes=(0, 1))
                    step = np.tensordot(bra_2, step, axes=(0, 2))
                    total = total + np.tensordot(ket_2, step, axes=(0, 3)).transpose(3, 2, 1, 0)
            return total * (0.5 if charge == 0 else 1.0)

        new = [0.0, 0.0, 0.0]
        for charge in (0, 1, -1):
            first, second, third = (through(old, charge) for old in moments)
            new[0] = new[0] + first
            new[1] = new[1] + second + charge * first
            new[2] = new[2] + third + 2 * charge * second + charge**2 * first
        moments = new
    return 2 * float(moments[2].sum())


def test_the_brute_force_itself() -> None:
    state = qbell.ising(7, -1.1)
    assert four_layers(ground_state(7, -1.1)) == pytest.approx(qbell.exact.bound(state), rel=1e-10)


@pytest.mark.slow
@pytest.mark.parametrize(("size", "u"), [(40, -3.0), (100, -4.0), (60, 0.3)])
def test_bound_of_long_chains_by_brute_force(size: int, u: float) -> None:
    state = ground_state(size, u, cutoff=1e-7)
    values, error = bound_by_order(state)
    assert state.bond <= 14
    expected = four_layers(state)
    assert values.sum() == pytest.approx(expected, rel=1e-9, abs=1e-12)
    assert abs(values.sum() - expected) <= error


@pytest.mark.slow
@pytest.mark.parametrize("n", [13, pytest.param(17, marks=pytest.mark.nightly)])
def test_long_chains_against_the_state_vector(n: int) -> None:
    """The overlap of the two engines."""
    chain = qbell.ising(n, -1.1)
    values, error = bound_by_order(ground_state(n, -1.1))
    expected = qbell.exact.bound_by_order(chain.statevector())
    assert values == pytest.approx(expected, abs=1e-9 * expected.sum())
    assert abs(values.sum() - expected.sum()) <= error
