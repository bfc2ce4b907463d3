"""Symmetric states and the double well: N + 1 coefficients, in logs, at any number of qubits."""

import json
import math
import re
from collections.abc import Sequence
from functools import cache
from typing import Any

import mpmath as mp
import numpy as np
import pytest
from numpy.typing import NDArray
from qiskit.quantum_info import Statevector
from scipy.special import comb

import qbell
from qbell import exact
from qbell.conventions.axes import parse_axis
from qbell.errors import QbellError
from qbell.exact import symmetric
from qbell.states.symmetric import Symmetric, SymmetricState, log_binomial
from tests.support import naive, precise
from tests.support.cases import AXIS
from tests.support.paths import DATA

PRECISE = json.loads((DATA / "double_well_precise.json").read_text(encoding="utf-8"))["rows"]


def embedded(coefficients: Any) -> NDArray[np.complex128]:
    """The 2^N amplitudes of sum_m c_m |D_m>, one basis state after the other."""
    n = len(coefficients) - 1
    return np.array(
        [coefficients[b.bit_count()] / math.sqrt(math.comb(n, b.bit_count())) for b in range(2**n)],
        dtype=complex,
    )


def random_coefficients(n: int, rng: np.random.Generator) -> NDArray[np.complex128]:
    """Complex and normalised, with one of them zero where there are enough."""
    values = rng.normal(size=n + 1) + 1j * rng.normal(size=n + 1)
    if n > 3:
        values[rng.integers(n + 1)] = 0
    return np.asarray(values / np.linalg.norm(values))


def examples(n: int, rng: np.random.Generator) -> list[tuple[SymmetricState, Any]]:
    """States with their coefficients found otherwise than by qbell."""
    one = np.eye(n + 1)
    given: list[tuple[SymmetricState, Any]] = [
        (qbell.ghz(n), (one[0] + one[n]) / math.sqrt(2)),
        (qbell.plus(n), np.sqrt(comb(n, np.arange(n + 1)) / 2.0**n)),
        (qbell.w(n), one[1]),
        (qbell.dicke(n, n // 2), one[n // 2]),
        (qbell.dicke(n, n), one[n]),
    ]
    for u in (-3.0, 0.7):
        given.append((qbell.double_well(n, u), [float(c) for c in precise.double_well(n, u)[1]]))
    real = rng.normal(size=n + 1)
    for values in (random_coefficients(n, rng), real / np.linalg.norm(real)):
        given.append((Symmetric(values), values))
    return given


# The double well in many digits.


@cache
def precise_double_well(n: int, u: float, digits: int | None = None) -> tuple[Any, list[Any]]:
    return precise.double_well(n, u, digits)


def precise_qfi(coefficients: Sequence[Any]) -> float:
    """4 <J_z^2> of an even state, and <J_z> = 0."""
    n = len(coefficients) - 1
    with mp.workdps(60):
        return float(
            4 * mp.fsum((mp.mpf(n) / 2 - m) ** 2 * c**2 for m, c in enumerate(coefficients))
        )


def logs_of(coefficients: Sequence[Any]) -> NDArray[np.float64]:
    assert min(coefficients) > 0
    return np.array([float(mp.log(c)) for c in coefficients])


@pytest.mark.first_and_last
@pytest.mark.slow
@pytest.mark.parametrize("u", [-30.0, -3.0, -1.01, -1.0, -0.5, 0.0, 0.7, 50.0])
@pytest.mark.parametrize("n", [2, 3, 12, 60, 61, 101, 200])
def test_every_coefficient_of_the_double_well(n: int, u: float) -> None:
    """ln c_m for all m, down to exp(-550), the energy and what follows from them."""
    energy, coefficients = precise_double_well(n, u)
    state = qbell.double_well(n, u)
    logs = state.log_coefficients()
    assert not logs.imag.any()
    np.testing.assert_allclose(logs.real, logs_of(coefficients), rtol=0, atol=1e-9)
    np.testing.assert_array_equal(logs, logs[::-1])
    assert np.sum(np.exp(2 * logs.real)) == pytest.approx(1, rel=1e-12)
    assert state.energy == pytest.approx(float(energy), rel=1e-12)
    assert exact.qfi(state) == pytest.approx(precise_qfi(coefficients), rel=1e-10)
    expected = 4 * float(mp.log(coefficients[0]))
    assert exact.log_e_n(state) == pytest.approx(expected, rel=0, abs=1e-9)


@pytest.mark.first_and_last
@pytest.mark.slow
@pytest.mark.parametrize("u", [-1e100, -1e50, -1e8, -1e4, 1e4, 1e8, 1e50, 1e100])
@pytest.mark.parametrize("n", [2, 3, 4, 5, 21, 22])
def test_extreme_strengths(n: int, u: float) -> None:
    """Coefficients over a thousand orders of magnitude; the QFI of even N down to 1e-200."""
    digits = 80 + math.ceil(math.log10(abs(u)) * (n // 2 + 2))
    energy, coefficients = precise_double_well(n, u, digits)
    state = qbell.double_well(n, u)
    np.testing.assert_allclose(
        state.log_coefficients().real, logs_of(coefficients), rtol=1e-12, atol=1e-9
    )
    scale = max(1.0, abs(float(energy)))
    assert state.energy == pytest.approx(float(energy), rel=0, abs=1e-12 * scale)
    assert exact.qfi(state) == pytest.approx(precise_qfi(coefficients), rel=1e-9)
    if n <= 5:
        assert exact.bound(state) <= exact.qfi(state) * (1 + 1e-9)


@pytest.mark.parametrize("row", PRECISE, ids=lambda row: f"{row['N']} {row['U']}")
def test_reference(row: dict[str, Any]) -> None:
    """N = 12 and 100, from an independent program in many digits."""
    state = qbell.double_well(row["N"], row["U"])
    assert state.energy == pytest.approx(float(row["mp_energy"]), rel=1e-12)
    assert exact.qfi(state) == pytest.approx(float(row["mp_QFI"]), rel=1e-9)
    assert exact.log_e_n(state) == pytest.approx(float(row["mp_lnE_N0"]), rel=0, abs=1e-9)
    assert exact.bound(state) == pytest.approx(row["eq24"], rel=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("u", [-3.0, -1.5, 0.0, 1.0])
@pytest.mark.parametrize("n", [9_999, 10_000])
def test_ten_thousand_atoms(n: int, u: float) -> None:
    """Mean field: N^2 (1 - U^-2) below U = -1, N / sqrt(1 + U) above."""
    state = qbell.double_well(n, u)
    logs = state.log_coefficients().real
    assert np.isfinite(logs).all()
    np.testing.assert_array_equal(logs, logs[::-1])
    qfi = exact.qfi(state)
    expected = n**2 * (1 - u**-2) if u < -1 else n / math.sqrt(1 + u)
    assert qfi == pytest.approx(expected, rel=1e-3)
    if u == 0:
        np.testing.assert_allclose(
            logs, 0.5 * (log_binomial(n, np.arange(n + 1)) - n * math.log(2)), rtol=0, atol=1e-7
        )
    assert exact.log_e_n(state) == pytest.approx(4 * logs[0], rel=1e-12)
    energy = -n / 2 if u > -1 else n * (u + 1 / u) / 4
    assert state.energy == pytest.approx(energy, rel=2e-3)


# Bound, QFI and correlators against the 2^N amplitudes.


@pytest.mark.first_and_last
@AXIS
@pytest.mark.parametrize("n", range(2, 10))
def test_against_the_embedding(n: int, axis: Any, rng: np.random.Generator) -> None:
    """Bound by order, QFI, its matrix, F0 and E_{N,0}, for any axis and complex coefficients."""
    for state, coefficients in examples(n, rng):
        vector = embedded(coefficients)
        np.testing.assert_allclose(state.statevector(), vector, rtol=0, atol=1e-13)
        np.testing.assert_allclose(
            exact.bound_by_order(state, axis),
            exact.bound_by_order(vector, axis),
            rtol=1e-11,
            atol=1e-12,
        )
        assert exact.qfi(state, axis) == pytest.approx(
            exact.qfi(vector, axis), rel=1e-12, abs=1e-12
        )
        assert exact.f0(state, axis) == exact.qfi(state, axis)
        np.testing.assert_allclose(
            exact.qfi_matrix(state), exact.qfi_matrix(vector), rtol=0, atol=1e-12 * n**2
        )
        e_n = abs(exact.correlator_of_all(vector, axis)) ** 2
        try:
            found = exact.log_e_n(state, axis)
        except QbellError as error:
            check_upper_bound(error, math.log(e_n) if e_n > 1e-18 else -math.inf)
        else:
            assert math.exp(found) == pytest.approx(e_n, rel=1e-8, abs=1e-20)


@pytest.mark.first_and_last
@pytest.mark.slow
@AXIS
@pytest.mark.parametrize("n", range(2, 6))
def test_every_label_against_the_embedding(n: int, axis: Any, rng: np.random.Generator) -> None:
    """E_{a,b} is the E_s of every label with a plus and b minus signs, and they are counted."""
    for state, coefficients in examples(n, rng):
        table = exact.symmetric_correlators(state, axis).set_index(["n_plus", "n_minus"])
        assert len(table) == (n + 1) * (n + 2) // 2
        labels = exact.correlators(embedded(coefficients), axis)
        counts = labels.groupby(["n_plus", "n_minus"])["value"].count()
        for signs, count in counts.items():
            row = table.loc[signs]
            assert row["order"] == sum(signs)
            assert math.exp(row["log_labels"]) == pytest.approx(count, rel=1e-12)
        expected = [
            table["log_value"][plus, minus]
            for plus, minus in zip(labels["n_plus"], labels["n_minus"], strict=True)
        ]
        # NaN says that only the smallness is known.
        small = np.isnan(expected)
        assert labels["value"][small].max() < 1e-24 if small.any() else True
        values = np.where(small, 0, np.exp(expected))
        np.testing.assert_allclose(values, labels["value"], rtol=0, atol=1e-14)


@pytest.mark.first_and_last
@pytest.mark.slow
@pytest.mark.parametrize("u", [-1.0, 0.7, 50.0])
def test_tails_of_all_correlators(u: float) -> None:
    """N = 400: values down to exp(-2000), each to 1e-9 in its logarithm."""
    n = 400
    _, coefficients = precise_double_well(n, u)
    table = exact.symmetric_correlators(qbell.double_well(n, u))
    values = table.set_index(["n_plus", "n_minus"])["log_value"]
    places = [(0, 0), (1, 0), (400, 0), (0, 400), (399, 1), (200, 200), (150, 30), (30, 150)]
    places += [(390, 0), (0, 300), (1, 398), (260, 100)]
    for a, b in places:
        expected = precise.log_correlator(coefficients, a, b)
        assert values[a, b] == pytest.approx(expected, rel=0, abs=1e-9)
    assert values.min() < -200
    assert values.to_numpy().max() == pytest.approx(0, abs=1e-9)
    assert (values[table.set_index(["n_plus", "n_minus"])["order"] > 0] <= -math.log(4)).all()


@pytest.mark.slow
def test_bound_in_many_digits() -> None:
    """N = 24, term by term."""
    for u in (-1.5, 20.0):
        _, coefficients = precise_double_well(24, u)
        expected = precise.bound_of_coefficients(coefficients)
        assert exact.bound(qbell.double_well(24, u)) == pytest.approx(expected, rel=1e-11)


@pytest.mark.parametrize("n", [60, 100, 200])
def test_logs_of_correlators_along_x_are_right_or_refused(n: int) -> None:
    """GHZ turned by Clifford gates: of all signs equal, E = 4^(1-N), far below rounding."""
    state = qbell.ghz(n)
    expected = (2 - 2 * n) * math.log(2)
    assert exact.log_e_n(state, "x") == pytest.approx(expected, rel=0, abs=1e-8)
    try:
        table = exact.symmetric_correlators(state, "x")
    except QbellError:
        return
    found = table.set_index(["n_plus", "n_minus"])["log_value"][n, 0]
    assert math.isnan(found) or found == pytest.approx(expected, rel=0, abs=1e-6)


# E_{N,0} along other axes.


def check_upper_bound(error: QbellError, truth: float) -> None:
    """What the refusal says that ln E_{N,0} is at most."""
    found = re.search(r"at most exp\((-?[\d.e+-]+)\)", str(error))
    assert found, str(error)
    assert truth <= float(found[1])


@pytest.mark.first_and_last
@pytest.mark.slow
@pytest.mark.parametrize("axis", ["x", "y", (1, 1, 1), (0.3, -1.2, 0.5), (1e-3, 0, 1)], ids=str)
@pytest.mark.parametrize(
    ("n", "u"),
    [
        *((20, u) for u in (-3.0, -1.0, 0.0, 50.0)),
        *((60, u) for u in (0.0, 50.0)),
        *((200, u) for u in (-3.0, 0.7)),
        (61, -3.0),
        (100, -0.5),
    ],
)
def test_e_n_along_an_axis_is_right_or_refused(n: int, u: float, axis: Any) -> None:
    """To 1e-8 in the logarithm; or an error with a true upper bound."""
    _, coefficients = precise_double_well(n, u)
    expected = precise.log_end_pair(coefficients, parse_axis(axis).xi)
    state = qbell.double_well(n, u)
    try:
        found = exact.log_e_n(state, axis)
    except QbellError as error:
        check_upper_bound(error, expected)
    else:
        assert found == pytest.approx(expected, rel=0, abs=1e-8)


def test_e_n_of_complex_states_along_an_axis(rng: np.random.Generator) -> None:
    """Random states: nothing cancels for ten qubits."""
    for n in (2, 5, 10):
        coefficients = random_coefficients(n, rng)
        numbers = [mp.mpc(c) for c in coefficients]
        for axis in ("x", "y", (0.3, -1.2, 0.5)):
            expected = precise.log_end_pair(numbers, parse_axis(axis).xi)
            found = exact.log_e_n(Symmetric(coefficients), axis)
            assert found == pytest.approx(expected, rel=0, abs=1e-8)


# A thousand qubits in closed form.


@pytest.mark.slow
def test_a_thousand_qubits_of_ghz() -> None:
    """QFI = bound = N^2 in order N alone, E = 1/4."""
    state = qbell.ghz(1000)
    assert exact.qfi(state) == pytest.approx(1e6, rel=1e-12)
    by_order = exact.bound_by_order(state)
    assert by_order[1000] == pytest.approx(1e6, rel=1e-9)
    assert by_order[:1000] == pytest.approx(0, abs=1e-9)
    assert exact.log_e_n(state) == pytest.approx(-math.log(4), rel=1e-12)
    np.testing.assert_allclose(exact.qfi_matrix(state), np.diag([1e3, 1e3, 1e6]), atol=1e-6)


@pytest.mark.slow
def test_a_thousand_qubits_in_plus() -> None:
    """E_s = 4^-n: order n carries 2 n (N over n) 2^-N of the bound N."""
    n = 1000
    state = qbell.plus(n)
    order = np.arange(n + 1)
    expected = 2 * order * np.exp(log_binomial(n, order) - n * math.log(2))
    np.testing.assert_allclose(exact.bound_by_order(state), expected, rtol=1e-8, atol=1e-12)
    assert exact.bound(state) == pytest.approx(n, rel=1e-9)
    assert exact.qfi(state) == pytest.approx(n, rel=1e-9)
    assert exact.qfi(state, "x") == pytest.approx(0, abs=1e-6)
    assert exact.log_e_n(state) == pytest.approx(-2 * n * math.log(2), rel=1e-12)
    values = exact.symmetric_correlators(qbell.plus(300))
    np.testing.assert_allclose(
        values["log_value"], -2 * math.log(2) * values["order"], rtol=0, atol=1e-9
    )


@pytest.mark.parametrize("ones", [1, 3, 500, 999])
def test_a_thousand_qubits_of_dicke(ones: int) -> None:
    """QFI 0 on z and N + 2 k (N - k) on x and y; balanced correlators alone on z."""
    n = 1000
    state = qbell.w(n) if ones == 1 else qbell.dicke(n, ones)
    expected = n + 2 * ones * (n - ones)
    assert exact.qfi(state) == pytest.approx(0, abs=1e-9)
    assert exact.qfi(state, "x") == pytest.approx(expected, rel=1e-12)
    assert exact.qfi(state, "y") == pytest.approx(expected, rel=1e-12)
    assert exact.log_e_n(state) == -math.inf
    table = exact.symmetric_correlators(qbell.dicke(60, min(ones, 30)))
    unbalanced = table["n_plus"] != table["n_minus"]
    assert (table["log_value"][unbalanced] == -math.inf).all()
    pair = table["log_value"][(table["n_plus"] == 1) & (table["n_minus"] == 1)].item()
    k = min(ones, 30)
    assert math.exp(pair / 2) == pytest.approx(k * (60 - k) / (60 * 59), rel=1e-9)


@AXIS
@pytest.mark.parametrize("n", [20, 150])
def test_order_of_the_bounds(n: int, axis: Any, rng: np.random.Generator) -> None:
    """0 <= bound <= QFI <= N^2, and each order is no less than 0."""
    for state in (
        qbell.ghz(n),
        qbell.dicke(n),
        qbell.double_well(n, -1.0),
        qbell.double_well(n, 30.0),
        Symmetric(random_coefficients(n, rng)),
    ):
        by_order, qfi = exact.bound_by_order(state, axis), exact.qfi(state, axis)
        assert by_order.shape == (n + 1,)
        assert (by_order >= 0).all()
        assert by_order.sum() <= qfi + 1e-9 * n**2
        assert qfi <= n**2 * (1 + 1e-12)


def test_too_many_qubits_are_refused() -> None:
    """4000 for all correlators, 2000 when turned; E_{N,0} and the QFI have no such limit."""
    with pytest.raises(QbellError, match=r"n = 4001.*up to n = 4000"):
        exact.bound(qbell.ghz(4001))
    with pytest.raises(QbellError, match=r"n = 2001.*up to n = 2000"):
        exact.bound(qbell.ghz(2001), "x")
    with pytest.raises(QbellError, match="n = 4001"):
        exact.symmetric_correlators(qbell.plus(4001))
    assert exact.qfi(qbell.ghz(10_000)) == pytest.approx(1e8, rel=1e-9)
    assert exact.qfi(qbell.w(10_000), "x") == pytest.approx(3e4 - 2, rel=1e-9)


# States of one's own.


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([], "^n = -1;"),
        ([1], "^n = 0;"),
        ([1, 0], "^n = 1;"),
        ([1, 1, 1], r"norm\^2 3; normalise"),
        ([0, 0, 0], r"norm\^2 0;"),
        ([1, 1e-3, 0], r"norm\^2 1\.000001"),
        ([math.nan, 1, 0], r"norm\^2 nan"),
        ([math.inf, 0, 0], r"norm\^2 nan"),
        ([[1, 0, 0]], r"shape \(1, 3\)"),
        (1.0, r"shape \(\)"),
        ("ghz", "not numbers|shape"),
        ([1, "a", 0], "not numbers"),
        ([1, None, [0]], "not numbers"),
        (np.eye(10_002)[0], r"^n = 10001;.*to 10000"),
    ],
    ids=str,
)
def test_not_coefficients(given: Any, message: str) -> None:
    """One line that says what is wrong."""
    with pytest.raises(QbellError, match=message) as caught:
        Symmetric(given)
    assert "\n" not in str(caught.value)


def test_symmetric_states_are_values() -> None:
    """Equal by their coefficients, hashable, and not changed through the array given."""
    given = np.array([0.6, 0, 0.8j])
    state = Symmetric(given)
    assert state == Symmetric([0.6, 0, 0.8j])
    assert state != Symmetric([0.6, 0, -0.8j])
    assert hash(state) == hash(Symmetric([0.6, 0, 0.8j]))
    given[:] = 0
    assert state.coefficients == (0.6, 0, 0.8j)
    assert (state.num_qubits, state.family) == (2, "symmetric")
    np.testing.assert_allclose(np.exp(state.log_coefficients()), [0.6, 0, 0.8j], atol=1e-16)


def patterns(n: int, rng: np.random.Generator) -> dict[str, Any]:
    """Coefficients with zeros in every place, signs and phases."""
    phases = np.exp(1j * rng.uniform(0, 7, size=n + 1)) / math.sqrt(n + 1)
    signs = np.where(np.arange(n + 1) % 2, -1, 1) / math.sqrt(n + 1)
    every_other = np.where(np.arange(n + 1) % 2, 1j, 0) * 1.0
    ends = np.zeros(n + 1, dtype=complex)
    ends[[0, n]] = 0.6, -0.8j
    one = np.zeros(n + 1, dtype=complex)
    one[n - 1] = -1j
    none = np.zeros(n + 1, dtype=complex)
    none[0] = np.exp(0.4j)
    tiny = np.full(n + 1, 1e-9, dtype=complex) * 1j
    tiny[n // 2] = 1
    return {
        "random": random_coefficients(n, rng),
        "phases": phases,
        "signs": signs,
        "every other": every_other / np.linalg.norm(every_other),
        "ends": ends,
        "one": one,
        "none": none,
        "tiny": tiny,
    }


@pytest.mark.parametrize("name", list(patterns(2, np.random.default_rng(1))))
@pytest.mark.parametrize("n", range(2, 7))
def test_circuit_of_a_symmetric_state(n: int, name: str, rng: np.random.Generator) -> None:
    """Prepares it exactly, the global phase included."""
    coefficients = patterns(n, rng)[name]
    state = Symmetric(coefficients)
    expected = embedded(coefficients)
    np.testing.assert_allclose(state.statevector(), expected, rtol=0, atol=1e-14)
    circuit = state.circuit()
    assert (circuit.num_qubits, circuit.num_clbits, circuit.name) == (n, 0, "symmetric")
    np.testing.assert_allclose(Statevector(circuit).data, expected, rtol=0, atol=1e-12)


def test_symmetric_correlators_need_a_symmetric_state() -> None:
    """Ising chains and arrays have other tables."""
    for given in (qbell.ising(3, -1.0), np.array([1, 0, 0, 1]) / math.sqrt(2)):
        with pytest.raises(QbellError, match="expected a symmetric state"):
            exact.symmetric_correlators(given)


def test_norms_slightly_off_change_nothing_else(rng: np.random.Generator) -> None:
    """The tolerance of 1e-8 on the norm does not enter the QFI of an insensitive state."""
    state = Symmetric(np.array([1 + 4e-9, 0, 0, 0, 0]))
    assert exact.qfi(state) == pytest.approx(0, abs=1e-14)
    naive_value = naive.qfi(naive.projector(embedded([1.0, 0, 0, 0, 0])), (1, 0, 0))
    assert exact.qfi(state, "x") == pytest.approx(naive_value, rel=2e-8)


def test_small_sizes_without_numba_are_as_the_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    """Up to 12 qubits the kernel's own Python code runs."""
    rng = np.random.default_rng(3)
    for size in (1, 2, 5, 12):
        c = rng.normal(size=size + 1) + 1j * rng.normal(size=size + 1)
        logs = np.log(c / np.linalg.norm(c))
        found = symmetric.log_correlators(logs)
        with monkeypatch.context() as patch:
            patch.setattr(symmetric, "SMALL", 0)
            assert np.allclose(symmetric.log_correlators(logs), found, rtol=0, atol=1e-12)
