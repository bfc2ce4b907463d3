"""One-axis twisting: its states, squeezing, circuits, and the layers of the double well."""

import math
from itertools import combinations
from typing import Any

import mpmath
import numpy as np
import pytest
from numpy.typing import NDArray
from qiskit.circuit import Parameter
from qiskit.quantum_info import Statevector
from scipy.linalg import expm
from scipy.optimize import minimize_scalar

import qbell
from qbell import exact
from qbell.circuits.measurement import compile_for
from qbell.circuits.twisted_layers import TwistedLayers, _Search
from qbell.circuits.twisting import tournament, twisting_circuit
from qbell.errors import QbellError
from qbell.states import double_well
from qbell.states.angles import multiples
from qbell.states.double_well import _train
from qbell.states.double_well_ground_state import ground_state
from qbell.states.squeezing import best_time, wineland
from tests.support import naive
from tests.support.cases import value_and_limit

TIMES = [0.0, 0.2, 0.9, -0.4, math.pi / 2, math.pi, 5.0]


def spins(n: int) -> list[NDArray[np.complex128]]:
    """J_x, J_y, J_z as dense matrices."""
    return [naive.generator(n, tuple(row)) for row in np.eye(3).tolist()]


def evolved(n: int, *steps: tuple[NDArray[np.complex128], float]) -> NDArray[np.complex128]:
    """exp(-i angle H) of each step, the first first, on |+>^N."""
    vector = np.full(2**n, 2.0 ** (-n / 2), dtype=complex)
    for operator, angle in steps:
        vector = expm(-1j * angle * operator) @ vector
    return vector


def variance(operator: NDArray[np.complex128], vector: NDArray[np.complex128]) -> float:
    mean = np.vdot(vector, operator @ vector)
    return float((np.vdot(vector, operator @ operator @ vector) - mean**2).real)


# States.


@pytest.mark.parametrize("n", [2, 3, 4, 5, 6])
def test_twisting_is_the_exponential(n: int) -> None:
    """Phase included."""
    _, _, z = spins(n)
    for time in TIMES:
        found = qbell.twisting(n, time).statevector()
        np.testing.assert_allclose(found, evolved(n, (z @ z, time)), rtol=0, atol=1e-13)


def test_phases_of_long_times() -> None:
    """t (N/2 - m)^2 in exact arithmetic; as floats it would be off in the tenth digit."""
    time, factors = 123_456.789, np.array([0, 1, -7, 10**8, 3 * 10**7 + 1])
    with mpmath.workdps(60):
        for factor, found in zip(factors.tolist(), multiples(time, factors).tolist(), strict=True):
            expected = mpmath.mpf(time) * factor
            assert abs(complex(mpmath.expj(expected - found)) - 1) < 2e-15


@pytest.mark.parametrize("n", range(2, 11))
def test_ghz_at_a_quarter_of_the_period(n: int) -> None:
    """QFI N^2 on axis x for even N, on axis y for odd N; and of no other time before."""
    state = qbell.twisting(n, math.pi / 2)
    axis = "y" if n % 2 else "x"
    assert exact.qfi(state, axis) == pytest.approx(n**2, rel=1e-12)
    assert exact.bound(state, axis) == pytest.approx(n**2, rel=1e-9)
    assert math.exp(exact.log_e_n(state, axis)) == pytest.approx(0.25, rel=1e-12)
    assert exact.qfi(qbell.twisting(n, 1.4), axis) < n**2


@pytest.mark.parametrize("n", [2, 3, 8, 50, 10_000])
def test_twisting_leaves_the_probabilities(n: int) -> None:
    """QFI on axis z is N at all times, and 2 pi is the period."""
    state = qbell.twisting(n, 0.37)
    assert exact.qfi(state) == pytest.approx(n, rel=1e-9)
    later = qbell.twisting(n, 0.37 + 2 * math.pi)
    for axis in ("x", "y", (1, 2, 3)):
        assert exact.qfi(later, axis) == pytest.approx(exact.qfi(state, axis), rel=1e-6)


@pytest.mark.parametrize("n", [2, 3, 4, 7])
def test_squeezed_is_twisted_and_turned(n: int) -> None:
    """Against dense exponentials, with the squeezing parameters read off the state vector."""
    x, y, z = spins(n)
    for time in (None, 0.1, 0.4, -0.3, 1.2):
        state = qbell.squeezed(n, time)
        vector = state.statevector()
        expected = evolved(n, (z @ z, state.time), (x, state.turn))
        np.testing.assert_allclose(vector, expected, rtol=0, atol=1e-13)
        assert state.kitagawa_ueda == pytest.approx(4 * variance(y, vector) / n, abs=1e-12)
        length = float(np.vdot(vector, x @ vector).real)
        if abs(length) > 1e-3:
            assert state.wineland == pytest.approx(n * variance(y, vector) / length**2, rel=1e-9)
        # The noise across x is largest along z and least along y.
        turned = [
            variance(math.cos(a) * y + math.sin(a) * z, vector) for a in np.linspace(0, math.pi, 37)
        ]
        assert variance(z, vector) >= max(turned) - 1e-12
        assert variance(y, vector) <= min(turned) + 1e-12


@pytest.mark.parametrize("n", [2, 3, 5, 10, 60, 1000, 10_000])
def test_best_squeezing(n: int) -> None:
    """QFI is largest on axis z and above N / xi_R^2, which is above N."""
    state = qbell.squeezed(n)
    assert state.wineland < 1
    axis, value = exact.optimal_axis(state)
    assert axis.xi == (0.0, 0.0, 1.0)
    assert exact.qfi(state, "z") == pytest.approx(value, rel=1e-9)
    assert value >= n / state.wineland * (1 - 1e-9)


@pytest.mark.parametrize("n", [3, 4, 10, 100, 10_000])
def test_time_of_the_best_squeezing(n: int) -> None:
    """Against a search without derivatives, which resolves half of the digits only."""
    best = best_time(n)
    scale = n ** (-2 / 3)
    searched = minimize_scalar(
        lambda time: float(wineland(n, time)),
        bounds=(0.2 * scale, min(2.5 * scale, 1.5)),
        method="bounded",
        options={"xatol": 1e-12 * scale},
    )
    assert best == pytest.approx(searched.x, rel=1e-5)
    assert wineland(n, best) <= searched.fun * (1 + 1e-12)
    for step in (-1e-4, 1e-4):
        assert wineland(n, best * (1 + step)) > wineland(n, best)


def test_squeezing_of_many_qubits() -> None:
    """xi_R^2 -> (3^(2/3) / 2) N^(-2/3): 1.04 N^(-2/3)."""
    limits = [float(wineland(n, best_time(n))) * n ** (2 / 3) for n in (10**3, 10**5, 10**8)]
    assert limits == sorted(limits, reverse=True)
    assert limits[-1] == pytest.approx(3 ** (2 / 3) / 2, rel=0.01)


def test_two_qubits_have_no_best_time() -> None:
    """xi_R^2 = 1 / (1 + sin t) falls to 1/2 at the Bell state."""
    state = qbell.squeezed(2)
    assert state.time == math.pi / 2
    assert state.wineland == pytest.approx(0.5, rel=1e-12)
    assert exact.qfi(state) == pytest.approx(4, rel=1e-12)


def test_tails_of_squeezed_states() -> None:
    """E_{N,0} of 400 qubits from the coefficients before the turn, or refused; never a wrong one.

    The truth by summing in 200 digits.
    """
    n = 400
    for time in (0.002, best_time(n)):
        state = qbell.squeezed(n, time)
        with mpmath.workdps(200):
            half = mpmath.mpf(state.turn) / 2
            up, down = mpmath.cos(half), -1j * mpmath.sin(half)  # <0| exp(-i nu X / 2)
            total = mpmath.mpf(0)
            for m in range(n + 1):
                phase = mpmath.expj(-mpmath.mpf(time) * (mpmath.mpf(n) / 2 - m) ** 2)
                total += mpmath.binomial(n, m) * phase * up ** (n - m) * down**m
            truth = float(4 * mpmath.log(abs(total)) - 2 * n * mpmath.log(2))
        found, limit = value_and_limit(state)
        assert truth <= limit + 1e-8 * abs(truth)
        assert found is None or found == pytest.approx(truth, rel=1e-8)


def test_squeezed_states_beyond_two_thousand_qubits() -> None:
    """QFI goes on; coefficients and the bound are refused."""
    state = qbell.squeezed(5000)
    assert exact.qfi(state) > 5000 / state.wineland
    for refused in (state.log_coefficients, lambda: exact.bound(state)):
        with pytest.raises(QbellError, match="n = 5000"):
            refused()


# Circuits.


@pytest.mark.parametrize("n", range(2, 14))
def test_tournament(n: int) -> None:
    """Every pair once, no qubit twice in a round, as few rounds as can be."""
    rounds = tournament(n)
    assert len(rounds) == n - 1 + n % 2
    assert sorted(pair for pairs in rounds for pair in pairs) == list(combinations(range(n), 2))
    for pairs in rounds:
        assert len({qubit for pair in pairs for qubit in pair}) == 2 * len(pairs)


@pytest.mark.parametrize("n", range(2, 11))
def test_circuits_of_twisted_states(n: int) -> None:
    """One rzz a pair, in N - 1 or N layers."""
    for state in (qbell.twisting(n, 0.7), qbell.twisting(n, -9.0), qbell.squeezed(n)):
        circuit = state.circuit()
        overlap = abs(np.vdot(Statevector(circuit).data, state.statevector())) ** 2
        assert overlap == pytest.approx(1, abs=1e-12)
        assert circuit.count_ops()["rzz"] == n * (n - 1) // 2
        depth = circuit.depth(lambda item: len(item.qubits) == 2)
        assert depth == n - 1 + n % 2
        assert circuit.name == state.family


def test_twisting_with_a_parameter() -> None:
    """Bound later, it is the circuit of that time."""
    time = Parameter("time")
    circuit = twisting_circuit(5, time)
    assert list(circuit.parameters) == [time]
    bound = circuit.assign_parameters({time: 0.3})
    overlap = np.vdot(Statevector(bound).data, qbell.twisting(5, 0.3).statevector())
    assert abs(overlap) ** 2 == pytest.approx(1, abs=1e-12)


def test_too_many_twists() -> None:
    """Half a million pairs are built, fifty million refused."""
    with pytest.raises(QbellError, match="49995000 gates"):
        qbell.twisting(10_000, 0.1).circuit()
    with pytest.raises(QbellError, match="gates"):
        qbell.squeezed(5000).circuit()


# Layers of the double well.

STRENGTHS = [-3.0, -1.5, -1.0, -0.5, 0.0, 2.0]


# Every size and every strength three times, and both at the largest size; not every pair.
TRAINED = [
    (n, u)
    for n in range(2, 11)
    for place, u in enumerate(STRENGTHS)
    if (n + place) % 3 == 0 or n == 10
]


@pytest.mark.first_and_last
@pytest.mark.slow
@pytest.mark.parametrize(("n", "u"), TRAINED)
def test_layers_reach_what_they_report(n: int, u: float) -> None:
    """The fidelity trained in N // 2 + 1 dimensions is that of the circuit's 2^N amplitudes."""
    reached = []
    for layers in (0, 1, 2):
        state = qbell.double_well(n, u, layers=layers)
        preparation = state.preparation()
        found: Any = state.ansatz()
        assert found.layers == len(found.betas) == layers
        assert preparation.fidelity == found.fidelity
        overlap = np.vdot(Statevector(preparation.circuit).data, state.statevector())
        assert abs(overlap) ** 2 == pytest.approx(found.fidelity, rel=0, abs=1e-9)
        pairs = preparation.circuit.count_ops().get("rzz", 0)
        assert pairs == layers * n * (n - 1) // 2
        reached.append(found.fidelity)
    assert reached == sorted(reached)
    if u == 0:
        assert reached[0] == pytest.approx(1, abs=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n", "u", "fidelities"),
    [
        (6, -0.5, (0.9999, 0.99999)),
        (6, -1.5, (0.9959, 0.9999)),
        (10, -1.0, (0.9996, 0.99999)),
        (10, -1.5, (0.976, 0.9988)),
        (10, -3.0, (0.9896, 0.9989)),
    ],
)
def test_layers_are_well_trained(n: int, u: float, fidelities: tuple[float, ...]) -> None:
    """One and two layers reach at least this."""
    for layers, least in enumerate(fidelities, start=1):
        found: Any = qbell.double_well(n, u, layers=layers).ansatz()
        assert least < found.fidelity <= 1


def test_one_layer_is_the_best_of_a_grid() -> None:
    """No pair of angles on a fine grid, in dense matrices, does better from |+>^N."""
    n, u = 4, -1.2
    x, _, z = spins(n)
    target = qbell.double_well(n, u).statevector()
    found: Any = qbell.double_well(n, u, layers=1).ansatz()
    twists = np.exp(-1j * np.outer(np.linspace(-1.6, 1.6, 161), np.diag(z).real ** 2))
    turns = np.linspace(-math.pi, math.pi, 121)
    plus = evolved(n)
    best = max(
        float((np.abs((twists * plus) @ (expm(1j * turn * x) @ target).conj()) ** 2).max())
        for turn in turns
    )
    assert best <= found.fidelity + 1e-12
    assert best > found.fidelity - 5e-3


def test_the_ordered_side_starts_from_ghz() -> None:
    """And the other from |+>^N: whichever is better."""
    starts = {u: qbell.double_well(10, u, layers=1).ansatz() for u in (-3.0, -1.0)}
    assert [getattr(starts[u], "start", None) for u in (-3.0, -1.0)] == ["ghz", "plus"]
    assert "cx" in qbell.double_well(10, -3.0, layers=1).circuit().count_ops()


@pytest.mark.parametrize("start", ["plus", "ghz"])
@pytest.mark.parametrize("n", [5, 6])
def test_gradient_of_the_training(n: int, start: str, rng: np.random.Generator) -> None:
    """Against differences."""
    search = _Search(np.exp(ground_state(n, -1.3)[1]), start)
    angles = rng.normal(size=6)
    gradient = search._objective(angles)[1]
    for place in range(6):
        step = np.eye(6)[place] * 1e-5
        difference = search._objective(angles + step)[0] - search._objective(angles - step)[0]
        assert gradient[place] == pytest.approx(difference / 2e-5, abs=1e-8)


@pytest.mark.slow
def test_fewest_layers_for_a_fidelity() -> None:
    """One fewer does not reach it."""
    for fidelity, expected in ((0.6, 0), (0.9, 1), (0.99, 2), (0.9999, 3)):
        found: Any = qbell.double_well(10, -1.5, fidelity=fidelity).ansatz()
        assert found.layers == expected
        assert found.fidelity >= fidelity
        if expected:
            fewer: Any = qbell.double_well(10, -1.5, layers=expected - 1).ansatz()
            assert fewer.fidelity < fidelity


@pytest.mark.slow
def test_training_is_deterministic() -> None:
    """The same angles when trained again from nothing."""
    untrained = _train.__wrapped__
    assert untrained(8, -1.3, 2, None) == untrained(8, -1.3, 2, None)


def test_training_of_a_hundred_atoms() -> None:
    """Where no state vector fits: one layer near U = -1, three in the ordered phase."""
    near: Any = qbell.double_well(100, -1.0, layers=1).ansatz()
    assert near.fidelity > 0.998
    ordered: Any = qbell.double_well(100, -3.0, fidelity=0.99).ansatz()
    assert (ordered.start, ordered.layers) == ("ghz", 1)


def test_fewer_gates_than_the_exact_circuit() -> None:
    """N = 10, U = -1: 45 for fidelity 0.9996, 129 for 1."""
    shallow = compile_for(qbell.double_well(10, -1.0, layers=1).circuit(), None)
    full = compile_for(qbell.double_well(10, -1.0).circuit(), None)
    assert shallow.num_nonlocal_gates() == 45
    assert full.num_nonlocal_gates() == 129


def test_exact_circuits_have_no_layers() -> None:
    """And fidelity 1."""
    state = qbell.double_well(6, -1.0)
    assert state.ansatz() is None
    assert state.preparation().fidelity == 1


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"layers": -1}, "layers = -1"),
        ({"layers": 1.0}, r"layers = 1\.0"),
        ({"layers": True}, "layers = True"),
        ({"layers": 10**9}, "layers = 1000000000"),
        ({"fidelity": 1}, "fidelity = 1; .*exact"),
        ({"fidelity": 0.0}, "fidelity = 0"),
        ({"fidelity": math.nan}, "fidelity = nan"),
        ({"fidelity": "0.9"}, "fidelity = '0.9'"),
        ({"layers": 1, "fidelity": 0.9}, "not both"),
    ],
)
def test_bad_layers(keywords: dict[str, Any], message: str) -> None:
    with pytest.raises(QbellError, match=message):
        qbell.double_well(6, -1.0, **keywords)


def test_a_fidelity_out_of_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    """Says what was reached and what to do; and large sizes are refused at once."""
    monkeypatch.setattr(double_well, "MAX_LAYERS", 1)
    with pytest.raises(QbellError, match=r"1 layers reach fidelity 0\.976.*ask for less.*exact"):
        qbell.double_well(10, -1.5, fidelity=0.98).ansatz()
    with pytest.raises(QbellError, match=r"n = 201.*up to n = 200"):
        qbell.double_well(201, -1.0, layers=1).circuit()


def test_trained_layers_are_values() -> None:
    """Equal by their angles."""
    assert TwistedLayers("plus", (0.1,), (0.2,), 0.9).layers == 1
    assert qbell.double_well(6, -1.0, layers=1) != qbell.double_well(6, -1.0)
