"""Matrix products of others, and circuits too large for a vector: against state vectors."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.circuit.library import PauliEvolutionGate
from qiskit.quantum_info import SparsePauliOp

import qbell
from qbell import exact
from qbell.errors import QbellError
from qbell.exact.matrix_product import MatrixProduct
from tests.support import naive

quimb = pytest.importorskip("quimb.tensor")
OBLIQUE = (1.0, -2.0, 0.5)


def random_tensors(rng: np.random.Generator, bonds: list[int]) -> list[np.ndarray]:
    """Of no canonical form and norm 1."""
    shapes = [(left, 2, right) for left, right in pairwise(bonds)]
    tensors = [rng.normal(size=shape) + 1j * rng.normal(size=shape) for shape in shapes]
    tensors[0] = tensors[0] / np.linalg.norm(vector_of(tensors))
    return tensors


def vector_of(tensors: list[np.ndarray]) -> np.ndarray:
    """Its amplitudes, with qubit 0 in the last place."""
    total = tensors[0]
    for tensor in tensors[1:]:
        total = np.tensordot(total, tensor, (-1, 0))
    return total[0, ..., 0].transpose().ravel()


class Charged:
    """A tensor of TeNPy with named legs."""

    def __init__(self, array: np.ndarray) -> None:
        self.array = array

    def transpose(self, legs: list[str]) -> "Charged":
        assert legs == ["vL", "p", "vR"]
        return self

    def to_ndarray(self) -> np.ndarray:
        return self.array


class Site:
    def __init__(self, **state_labels: int) -> None:
        self.state_labels = state_labels


class Tenpy:
    """What TeNPy's MPS has; a site that conserves Sz holds down first."""

    bc = "finite"
    norm = 1.0

    def __init__(self, tensors: list[np.ndarray], *sites: Site) -> None:
        self.tensors, self.sites = tensors, sites

    def get_B(self, k: int, form: str) -> Charged:
        assert form == "B"
        return Charged(self.tensors[k])


def of_quimb(tensors: list[np.ndarray]) -> Any:
    arrays = [tensors[0][0], *tensors[1:-1], tensors[-1][..., 0]]
    return quimb.MatrixProductState(arrays, shape="lpr")


def of_tenpy(tensors: list[np.ndarray]) -> Any:
    mixed = [tensor[:, ::-1] if k % 2 else tensor for k, tensor in enumerate(tensors)]
    sites = [Site(up=k % 2, down=1 - k % 2) for k in range(len(tensors))]
    return Tenpy(mixed, *sites)


@pytest.mark.parametrize("source", [list, of_quimb, of_tenpy], ids=["list", "quimb", "tenpy"])
def test_every_quantity_is_that_of_the_vector(rng: np.random.Generator, source: Any) -> None:
    tensors = random_tensors(rng, [1, 2, 5, 3, 3, 2, 1])
    given, vector = source(tensors), vector_of(tensors)
    product = exact.matrix_product(given)
    assert product.statevector() == pytest.approx(vector, abs=1e-12)
    for state in (product, given) if source is not list else (product,):
        for axis in ("z", OBLIQUE):
            found, expected = exact.describe(state, axis), exact.describe(vector, axis)
            for name in ("qfi", "f0", "bound", "log_e_n", "bound_by_order"):
                assert found[name] == pytest.approx(expected[name], abs=1e-10), name
        assert exact.zz_correlations(state) == pytest.approx(exact.zz_correlations(vector))
        assert exact.qfi_matrix(state) == pytest.approx(exact.qfi_matrix(vector), abs=1e-10)
        assert exact.correlator_of_all(state) == pytest.approx(exact.correlator_of_all(vector))
        assert exact.correlator_values(state) == pytest.approx(exact.correlator_values(vector))


def test_what_qbell_hands_to_quimb_comes_back(rng: np.random.Generator) -> None:
    vector = naive.random_vector(5, rng)
    there = exact.as_matrix_product(vector).to_quimb()
    assert exact.matrix_product(there).statevector() == pytest.approx(vector, abs=1e-12)
    scaled = there.copy()
    scaled.multiply_(1e-3)
    scaled.exponent = 3.0
    assert exact.qfi(scaled) == pytest.approx(exact.qfi(vector))


def test_the_cutoff_takes_what_it_says(rng: np.random.Generator) -> None:
    weak = naive.random_vector(8, rng)
    vector = (qbell.ghz(8).statevector() + 1e-4 * weak) / np.linalg.norm(
        qbell.ghz(8).statevector() + 1e-4 * weak
    )
    whole = exact.as_matrix_product(vector)
    small = exact.matrix_product(whole, cutoff=1e-3)
    assert (whole.bond, small.bond) == (16, 2)
    assert np.linalg.norm(small.statevector() - vector) <= np.sqrt(2 * small.discarded)
    assert 1e-10 < small.discarded < 1e-7
    found = exact.describe(small)
    (note,) = (note for note in found["notes"] if note.startswith("qfi"))
    limit = float(note.split()[-1])
    assert abs(found["qfi"] - exact.qfi(vector)) <= limit < 1
    assert exact.describe(whole)["notes"][0].startswith("energy")


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ("ghz", "got a str"),
        ([], "got a list"),
        ([np.ones((1, 3, 1))], r"tensor 0 has shape \(1, 3, 1\); expected \(1, 2, 1\)"),
        ([np.ones((1, 2, 2)), np.ones((3, 2, 1))], r"tensor 1 .* expected \(2, 2, 1\)"),
        ([np.ones((1, 2, 2))], "tensor 0"),
        ([np.full((1, 2, 1), np.nan)], "tensor 0 .* finite"),
        ([np.ones((1, 2, 1))] * 2000, "norm"),
        ([np.zeros((1, 2, 1))], r"norm\^2 0; normalise"),
        (Tenpy([np.ones((1, 2, 1))], Site(empty=0, full=1)), "site 0 has the states empty, full"),
    ],
    ids=["word", "none", "qutrit", "misfit", "open", "nan", "huge", "zero", "fermions"],
)
def test_what_is_no_matrix_product(state: Any, message: str) -> None:
    with pytest.raises(QbellError, match=message):
        exact.matrix_product(state)


def test_rings_and_bad_cutoffs() -> None:
    ring = quimb.MPS_rand_state(4, 2, cyclic=True)
    with pytest.raises(QbellError, match="closed to a ring"):
        exact.qfi(ring)
    for cutoff in (1, -1e-3):
        with pytest.raises(QbellError, match="cutoff"):
            exact.matrix_product(exact.as_matrix_product(qbell.ghz(3)), cutoff=cutoff)


def test_large_circuits_and_graphs() -> None:
    size = 30
    circuit = QuantumCircuit(size)
    circuit.h(0)
    for k in range(size - 1):
        circuit.cx(k, k + 1)
    found = exact.describe(circuit)
    assert found["method"] == "matrix product state of bond 2"
    assert (found["qfi"], found["bound"]) == (pytest.approx(900), pytest.approx(900))
    assert found["e_n"] == pytest.approx(0.25)
    assert exact.optimal_axis(circuit)[0].name == "z"
    assert exact.zz_correlations(circuit) == pytest.approx(np.ones((size, size)))
    assert isinstance(exact.as_matrix_product(circuit), MatrixProduct)
    # Every second qubit of a line turned by H: its QFI is a sum over pairs of neighbours.
    line, small = qbell.graph(40, "line"), qbell.graph(10, "line")
    step = exact.qfi(qbell.graph(11, "line"), OBLIQUE) - exact.qfi(small, OBLIQUE)
    expected = exact.qfi(small, OBLIQUE) + 30 * step
    assert exact.qfi(line, OBLIQUE) == pytest.approx(expected, rel=1e-9)


def test_large_circuits_that_are_refused() -> None:
    circuit = QuantumCircuit(21)
    circuit.append(PauliEvolutionGate(SparsePauliOp(["ZZ", "IX"]), 0.7), [0, 1])
    with pytest.raises(QbellError, match=r"time evolutions.* n = 20"):
        exact.qfi(circuit)
    circuit = QuantumCircuit(21, 1)
    circuit.h(0)
    circuit.measure(0, 0)
    circuit.x(0)
    with pytest.raises(QbellError, match="measure"):
        exact.qfi(circuit)


def test_long_chains_on_oblique_axes() -> None:
    """From the matrix product above 20 qubits: it goes on as the vectors did."""
    axis = (1, 0, 1)
    shorter = [exact.log_e_n(qbell.ising(n, -2.0), axis) for n in (8, 10, 12)]
    longer = [exact.log_e_n(exact.as_matrix_product(qbell.ising(n, -2.0)), axis) for n in (8, 12)]
    assert longer == pytest.approx(shorter[::2], abs=1e-8)
    chain = qbell.ising(22, -2.0)
    vector = exact.as_matrix_product(chain)
    assert exact.log_e_n(chain, axis) == pytest.approx(exact.log_e_n(vector, axis), abs=1e-6)
