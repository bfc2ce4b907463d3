"""Local directions from shots: known states, the mean over many data sets, and the same shots."""

import re
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

import qbell
from qbell import QbellError, exact
from qbell.conventions.axes import parse_axis
from qbell.estimator.k1.bundles import bundled
from qbell.estimator.local_axes import LocalAxes, learnt, local_axes, words_of
from qbell.shots.shots import Shots
from tests.conftest import Repeats
from tests.support import naive
from tests.support.limits import most
from tests.support.paths import ROOT
from tests.support.simulated import law, shots_of_schedule, white_noise_ghz

Floats = NDArray[np.float64]
Matrix = NDArray[np.complex128]

STATES: dict[str, Matrix] = {
    "GHZ in noise": white_noise_ghz(3, 0.3),
    "mixed": white_noise_ghz(3, 1.0),
    "W": naive.projector(qbell.w(3).statevector()),
    "random pure": naive.projector(naive.random_vector(3, np.random.default_rng(1))),
    "random of rank 2": naive.random_matrix(3, 2, np.random.default_rng(2)),
    "product": np.full((8, 8), 1 / 8, dtype=complex),
}


def single_shots(table: Floats, draws: int, rng: np.random.Generator) -> Shots:
    """Shots in random words; ``table`` (3^N, 2^N) is the law of all words."""
    size = table.shape[1].bit_length() - 1
    counts = rng.multinomial(draws, table.ravel() / len(table))
    cells = np.flatnonzero(counts)
    return Shots(
        directions=(cells[:, None] // 2**size // 3 ** np.arange(size) % 3).astype(np.uint8),
        bits=(cells[:, None] >> np.arange(size) & 1).astype(np.uint8),
        counts=counts[cells].astype(np.int64),
        draws=None,
        design="random3",
        axis=parse_axis("z"),
    )


def value_along(matrix: Matrix, sigma_1: Floats, sigma_2: Floats) -> float:
    """E by Kronecker products."""
    factors = [
        (naive.pauli(one) + 1j * naive.pauli(two)) / 2
        for one, two in zip(sigma_1, sigma_2, strict=True)
    ]
    return float(abs(np.trace(matrix @ naive.tensor(factors))) ** 2)


def law_of_words(matrix: Matrix) -> Floats:
    return law(matrix, qbell.schedule(naive.qubits_of(matrix), "pauli"))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("state", "draws"),
    [
        pytest.param(qbell.ghz(4), 20_000, id="GHZ"),
        pytest.param(qbell.dicke(4, 2), 40_000, id="Dicke", marks=pytest.mark.nightly),
    ],
)
def test_known_states(state: qbell.State, draws: int) -> None:
    """Near to the largest value there is, and not above it."""
    matrix = naive.projector(state.statevector())
    shots = single_shots(law_of_words(matrix), draws, np.random.default_rng(3))
    found = local_axes(shots)
    largest = exact.best_axes(state).q
    assert found.q.lower_limit <= largest
    assert found.q.value == pytest.approx(largest, abs=0.2)
    truth = value_along(matrix, found.sigma_1, found.sigma_2)
    assert abs(found.e_n.value - truth) < 4 * found.e_n.standard_error
    np.testing.assert_allclose((found.sigma_1**2).sum(axis=1), 1, atol=1e-12)
    np.testing.assert_allclose((found.sigma_1 * found.sigma_2).sum(axis=1), 0, atol=1e-12)
    assert found.e_n == local_axes(shots).e_n


def test_the_largest_of_a_tensor() -> None:
    """Without noise the search finds what the exact one does, on a state without any symmetry."""
    psi = naive.random_vector(4, np.random.default_rng(4))
    paulis = [naive.X, naive.Y, naive.Z]
    words = np.arange(81)[:, None] // 3 ** np.arange(4) % 3
    tensor = np.array(
        [np.vdot(psi, naive.tensor([paulis[k] for k in word]) @ psi).real for word in words]
    )
    planes = learnt(tensor, 4)
    value = value_along(naive.projector(psi), planes.real, planes.imag)
    assert value == pytest.approx(exact.best_axes(psi).e_n, rel=1e-4)


def test_all_words_in_turn() -> None:
    rng = np.random.default_rng(5)
    shots = shots_of_schedule(STATES["GHZ in noise"], qbell.schedule(3, "pauli"), 100, rng)
    found = local_axes(shots)
    assert abs(found.q.value - np.log2(8 * 0.7**2 / 4)) < 4 * found.q.standard_error


@pytest.mark.slow
def test_the_page_runs(capsys: pytest.CaptureFixture[str]) -> None:
    text = (ROOT / "docs" / "statistics.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?local_axes.*?)```", text, flags=re.DOTALL)
    exec(compile(code, "docs/statistics.md", "exec"), {})
    value, limit = map(float, capsys.readouterr().out.split())
    largest = exact.best_axes(qbell.dicke(4, 2)).q
    assert largest == pytest.approx(1.17, abs=0.005)
    assert limit < largest
    assert value == pytest.approx(largest, abs=0.3)


@pytest.mark.parametrize(
    ("draws", "changes", "held_out", "why"),
    [
        (5000, {"design": "random"}, 0.25, "the random design does not measure all words"),
        (5000, {"provenance": "mitigated"}, 0.25, "the counts are mitigated"),
        (5000, {}, 0.95, "leaves too few to learn from or to test with"),
        (100, {}, 0.25, "too few draws"),
    ],
    ids=["design", "mitigated", "share", "few"],
)
def test_refusals(draws: int, changes: dict[str, str], held_out: float, why: str) -> None:
    shots = single_shots(law_of_words(STATES["product"]), draws, np.random.default_rng(6))
    shots = replace(shots, **changes)
    with pytest.raises(QbellError, match=why):
        local_axes(shots, held_out=held_out)


@pytest.mark.statistics
@pytest.mark.parametrize(
    "name",
    [
        name if name in ("GHZ in noise", "mixed") else pytest.param(name, marks=pytest.mark.nightly)
        for name in STATES
    ],
)
def test_mean_and_limits(name: str, repeats: Repeats) -> None:
    """Of E along the directions that were learnt."""
    matrix, runs = STATES[name], repeats(30, 400)
    rng, table = np.random.default_rng(7), law_of_words(matrix)
    away, above, missed = [], 0, 0
    for _ in range(runs):
        found: LocalAxes = local_axes(single_shots(table, 1000, rng))
        truth = value_along(matrix, found.sigma_1, found.sigma_2)
        away.append(found.e_n.value - truth)
        above += found.e_n.lower_limit > truth
        missed += not found.e_n.low <= truth <= found.e_n.high
    assert abs(np.mean(away)) < 4 * np.std(away, ddof=1) / np.sqrt(runs)
    assert above <= most(runs, 0.06)
    assert missed <= most(runs, 0.07)


@pytest.mark.statistics
def test_directions_from_the_same_shots_are_too_good(repeats: Repeats) -> None:
    """Negative control: on a mixed state, whose E is 0 along all directions."""
    runs, rng = repeats(30, 400), np.random.default_rng(8)
    table = law_of_words(STATES["mixed"])
    training = np.arange(100) < 50
    values, above = [], 0
    for _ in range(runs):
        shots = single_shots(table, 1000, rng)
        words = words_of(shots, bundled(shots, 100, rng))
        tensor, _ = words.tensor(training)
        found = words.along(learnt(tensor, 3), np.zeros(27), training, 0.95)
        values.append(found.value)
        above += found.lower_limit > 0
    assert np.mean(values) > 4 * np.std(values, ddof=1) / np.sqrt(runs)
    assert above > most(runs, 0.05)
