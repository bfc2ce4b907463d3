"""Phase scans measured: conventions of turn and axis, echo and parity, noise, samplers."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.providers.fake_provider import GenericBackendV2
from qiskit.quantum_info import SparsePauliOp, Statevector

import qbell
from qbell import exact
from qbell.circuits.measurement import checked, compile_for
from qbell.circuits.phase_scan import scan_circuit
from qbell.conventions.axes import parse_axis
from qbell.devices.backends import find_backend
from qbell.estimator.phase_scan.scan_qfi import FIXED
from qbell.simulation.noisy_state import prepare_noisy
from qbell.states.base import preparation_of

ANGLES = (0.0, 0.4, -1.3)
SIGMAS = 5.0


def lopsided() -> QuantumCircuit:
    """Three qubits that no symmetry relates."""
    circuit = QuantumCircuit(3)
    circuit.ry(0.7, 0)
    circuit.cx(0, 1)
    circuit.rx(1.1, 1)
    circuit.cz(1, 2)
    circuit.ry(-0.4, 2)
    circuit.cx(2, 0)
    return circuit


def along(direction: tuple[float, float, float]) -> NDArray[np.complex128]:
    terms = [(name, value) for name, value in zip("XYZ", direction, strict=True)]
    return np.asarray(SparsePauliOp.from_list(terms).to_matrix())


def expected(axis: object, read_out: str) -> list[float]:
    """By matrices: e^(-i theta h) on every qubit, then the projector."""
    parsed = parse_axis(axis)  # type: ignore[arg-type]
    psi = Statevector(lopsided()).data
    found = []
    for angle in ANGLES:
        one = math.cos(angle / 2) * np.eye(2) - 1j * math.sin(angle / 2) * along(parsed.xi)
        turned = np.kron(np.kron(one, one), one) @ psi
        if read_out == "echo":
            found.append(abs(np.vdot(psi, turned)) ** 2)
        else:
            sigma = along(parsed.sigma_1)
            product = np.kron(np.kron(sigma, sigma), sigma)
            found.append((1 + np.vdot(turned, product @ turned).real) / 2)
    return found


@pytest.mark.slow
@pytest.mark.first_and_last
@pytest.mark.parametrize("read_out", ["echo", "parity"])
@pytest.mark.parametrize("axis", ["z", "x", (1.0, -2.0, 0.5)])
def test_shares_are_those_of_matrices(axis: object, read_out: str) -> None:
    scan = qbell.phase_scan(lopsided(), ANGLES, read_out, shots=4000, axis=axis, seed=3)
    for share, truth in zip(scan.shares, expected(axis, read_out), strict=True):
        assert abs(share - truth) <= SIGMAS * math.sqrt(truth * (1 - truth) / 4000) + 1e-9


def test_a_sampler_measures_the_same() -> None:
    from qiskit.primitives import StatevectorSampler

    scan = qbell.phase_scan(
        lopsided(), ANGLES, "echo", shots=2000, axis="y", sampler=StatevectorSampler(seed=1)
    )
    assert scan.shares == pytest.approx(expected("y", "echo"), abs=SIGMAS * 0.5 / math.sqrt(2000))
    assert scan.seed is None


def test_nothing_of_the_preparation_is_cancelled_against_its_undoing() -> None:
    """CZ gates commute with the turn about z; without barriers a compiler removes them."""
    preparation = checked(preparation_of(qbell.graph(4, shape="line")))
    gates = compile_for(scan_circuit(preparation, parse_axis("z"), "echo"), None).count_ops()
    once = compile_for(preparation.circuit, None).count_ops()
    pairs = [name for name in ("cx", "cz", "rzz") if name in once]
    assert pairs
    assert all(gates[name] == 2 * once[name] for name in pairs)


@pytest.mark.slow
def test_a_preparation_that_measures_midway_has_parity_alone() -> None:
    state = qbell.ghz(4, layout="constant")
    scan = qbell.phase_scan(state, [0.0, math.pi / 4], "parity", shots=200, seed=1)
    assert scan.successes == (200, 0)
    with pytest.raises(qbell.QbellError, match="cannot be undone"):
        qbell.phase_scan(state, [0.0, 1.0], "echo")


@pytest.mark.device
def test_echo_of_a_noisy_ising_chain_is_nearly_tight() -> None:
    """N = 8 at U = -1 with a device's noise, both ways: above half of F_Q, and below it."""
    device = find_backend("fake_pittsburgh")
    state = qbell.ising(8, -1.0)
    preparation = checked(preparation_of(state, device, measured=True))
    matrix = prepare_noisy(preparation, parse_axis("z"), device).matrix
    qfi = exact.qfi(matrix / np.trace(matrix).real, "z")
    # By the rule of the docstring, from the noiseless QFI alone.
    near, far = (2 * step / math.sqrt(exact.qfi(state)) for step in (0.5, 1.2))
    scan = qbell.phase_scan(
        preparation, [near, far], "echo", shots=8000, seed=12, backend="fake_pittsburgh"
    )
    found = qbell.scan_qfi(scan)
    assert found.chosen == FIXED
    assert qfi / 2 < found.limit < qfi
    with pytest.raises(qbell.QbellError, match="not named before the shots were taken"):
        qbell.scan_qfi(scan, pair=(near, 2 * far))


def test_what_cannot_be_scanned_is_one_line() -> None:
    measuring = QuantumCircuit(3, 1)
    measuring.h([0, 1, 2])
    measuring.measure(2, 0)
    for message, state, angles, more in (
        ("same turn", qbell.ghz(3), ["0pi", "2pi"], {}),
        ("2 to", qbell.ghz(3), [0.1], {}),
        ("no angle", qbell.ghz(3), ["0pi", "1/2"], {}),
        ("list of angles", qbell.ghz(3), "0pi", {}),
        ("unknown", qbell.ghz(3), [0, 1], {"read_out": "fidelity"}),
        ("none of the angles", qbell.ghz(3), [0, 1], {"pair": (0, 2)}),
        ("twice", qbell.ghz(3), [0, 1], {"pair": (1, 1)}),
        ("two of the angles", qbell.ghz(3), [0, 1], {"pair": (1,)}),
        ("shots = 0", qbell.ghz(3), [0, 1], {"shots": 0}),
        ("measures", measuring, [0, 1], {}),
        ("up to n = 12", qbell.ghz(13), [0, 1], {"backend": GenericBackendV2(13, seed=1)}),
    ):
        with pytest.raises(qbell.QbellError, match=message):
            qbell.phase_scan(state, angles, **more)
