"""The pair engine against slow twins, against all 3^N correlators, and against exact values."""

import itertools
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from qbell import exact
from qbell.conventions.eq24 import bound_by_order
from qbell.errors import QbellError
from qbell.estimator.pairs import kernels
from qbell.estimator.pairs import passes as pair_passes
from qbell.estimator.pairs.cells import pack
from qbell.estimator.pairs.pairs import PairSums, pair_cost, pair_sums
from qbell.estimator.pairs.terms import Contraction, series
from qbell.estimator.tensor.moments import cells_of, moments
from qbell.estimator.tensor.units import group
from tests.conftest import Repeats
from tests.support import naive, slow_pairs
from tests.support.simulated import shots_of
from tests.support.slow_estimator import bound_from_pair_kernel

KINDS = ("single", "counted", "draws", "unequal", "repeated")
THREE = pytest.mark.parametrize("three", [False, True], ids=["two", "three"])
PAULIS = (naive.X, naive.Y, naive.Z)


@dataclass(frozen=True)
class Data:
    directions: NDArray[np.uint8]
    bits: NDArray[np.uint8]
    counts: NDArray[np.int64]
    draws: NDArray[np.int64] | None
    blocks: NDArray[np.int64]
    num_blocks: int
    three: bool

    def arguments(self) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.int64]]:
        return self.directions, self.bits, self.counts

    def fast(self, max_influences: int = 10_000, seed: int = 0) -> PairSums:
        return pair_sums(
            *self.arguments(),
            self.draws,
            self.blocks,
            self.num_blocks,
            three=self.three,
            max_influences=max_influences,
            seed=seed,
        )

    def slow(self) -> slow_pairs.SlowSums:
        return slow_pairs.slow_pair_sums(
            *self.arguments(), self.draws, self.blocks, self.num_blocks, self.three
        )


def make(kind: str, num_qubits: int, three: bool, rng: np.random.Generator, rows: int = 12) -> Data:
    """Noise of each sort of table, rows in no order, one of three blocks without a unit."""
    directions = rng.integers(0, 3 if three else 2, (rows, num_qubits), dtype=np.uint8)
    bits = rng.integers(0, 2, (rows, num_qubits), dtype=np.uint8)
    counts, draws, units = np.ones(rows, dtype=np.int64), None, rows
    if kind == "repeated":
        directions[rows // 2 :], bits[rows // 2 :] = directions[: rows // 2], bits[: rows // 2]
    if kind in ("counted", "repeated"):
        counts = rng.integers(1, 4, rows)
        units = int(counts.sum())
    if kind in ("draws", "unequal"):
        units = rows // 3
        draws = np.repeat(rng.choice(10**6, units, replace=False), 3)
        directions = np.repeat(directions[:units], 3, axis=0)
        counts = np.tile([1, 2, 2], units) if kind == "draws" else rng.integers(1, 6, rows)
        bits[1] = bits[0]  # the same outcome twice in one draw
        order = rng.permutation(rows)
        directions, bits, counts, draws = (
            column[order] for column in (directions, bits, counts, draws)
        )
    return Data(directions, bits, counts, draws, rng.choice([0, 2, 3], units), 4, three)


def agree(found: NDArray[np.float64], wanted: NDArray[np.float64]) -> None:
    """Each term to 1e-14 of the largest number in it."""
    assert found.shape == wanted.shape
    for mine, twin in zip(np.moveaxis(found, -1, 0), np.moveaxis(wanted, -1, 0), strict=True):
        np.testing.assert_allclose(mine, twin, rtol=0, atol=1e-14 * np.abs(twin).max())


@THREE
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("num_qubits", [1, 2, 3, 5])
def test_every_pair_by_itself(
    kind: str, num_qubits: int, three: bool, rng: np.random.Generator
) -> None:
    data = make(kind, num_qubits, three, rng)
    found, slow = data.fast(), data.slow()
    agree(np.moveaxis(found.gram, 0, -1), np.moveaxis(slow.gram, 0, -1))
    agree(found.influence, slow.influence)
    agree(found.means[None], np.array(slow.mean, dtype=float)[None])
    assert found.units.tolist() == np.bincount(data.blocks, minlength=4).tolist()
    assert found.sampled.tolist() == list(range(len(data.blocks)))


@pytest.mark.first_and_last
@pytest.mark.slow
@THREE
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("num_qubits", [32, 33, 130])  # the last of a word, the first, the third
def test_several_words(kind: str, num_qubits: int, three: bool, rng: np.random.Generator) -> None:
    """Also: no term loses its digits to pairs within a unit, which are 2^N times larger."""
    data = make(kind, num_qubits, three, rng, rows=6)
    found, slow = data.fast(), data.slow()
    agree(np.moveaxis(found.gram, 0, -1), np.moveaxis(slow.gram, 0, -1))
    agree(found.influence, slow.influence)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_draws_without_a_common_size(
    kind: str, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fractional weights, and single shots so many that whole numbers would overflow."""
    monkeypatch.setattr("qbell.estimator.pairs.cells.LARGEST_SUM", 0)
    for three, num_qubits in itertools.product((False, True), (2, 4, 40)):
        data = make(kind, num_qubits, three, rng, rows=12 if num_qubits < 5 else 6)
        found, slow = data.fast(), data.slow()
        scale = np.abs(slow.gram).max()
        for term in range(num_qubits + 1 + three):
            np.testing.assert_allclose(found.gram[term], slow.gram[term], atol=1e-13 * scale)
        np.testing.assert_allclose(
            found.influence, slow.influence, rtol=1e-9, atol=1e-12 * np.abs(slow.influence).max()
        )


def tensor_by_order(
    settings: NDArray[np.int64],
    outcomes: NDArray[np.int64],
    n: int,
    counts: NDArray[np.int64],
    draws: NDArray[np.int64],
) -> NDArray[np.float64]:
    """The bound by order through all 3^N correlators."""
    units = group(shots_of(settings, outcomes, counts, draws=draws, num_qubits=n))
    squares = moments(units, cells_of(units, n), n).squares(n)
    return bound_by_order(squares, n)


@pytest.mark.slow
@pytest.mark.parametrize("sizes", ["single", "equal", "unequal"])
@pytest.mark.parametrize("num_qubits", [1, 2, 4, 6])
def test_same_number_as_all_correlators(
    num_qubits: int, sizes: str, rng: np.random.Generator
) -> None:
    """U = (M V - K_d) / (M - 1), order by order; outcomes are not uniform."""
    draws = 300
    settings = rng.integers(0, 2**num_qubits, draws)
    size = {"single": 1, "equal": 4}.get(sizes, 0) or rng.integers(1, 8, draws)
    draw = np.repeat(np.arange(draws), size)
    outcomes = np.minimum(rng.geometric(0.3, len(draw)) - 1, 2**num_qubits - 1)
    counts = np.ones(len(draw), dtype=np.int64)
    wanted = tensor_by_order(settings[draw], outcomes, num_qubits, counts, draw)
    shots = shots_of(settings[draw], outcomes, counts, draws=draw, num_qubits=num_qubits)
    blocks = rng.integers(0, 7, draws)
    found = pair_sums(shots.directions, shots.bits, shots.counts, shots.draws, blocks, 7)
    np.testing.assert_allclose(found.means, wanted, rtol=0, atol=1e-11 * np.abs(wanted).max())


def test_same_number_as_the_numerical_derivative(rng: np.random.Generator) -> None:
    shots = shots_of(
        rng.integers(0, 8, 25),
        rng.integers(0, 8, 25),
        np.ones(25, dtype=np.int64),
        draws=np.arange(25),
        num_qubits=3,
    )
    blocks = np.zeros(25, dtype=np.int64)
    found = pair_sums(shots.directions, shots.bits, shots.counts, shots.draws, blocks, 1)
    assert found.means.sum() == pytest.approx(bound_from_pair_kernel(shots), abs=1e-6)


def mixed_state(num_qubits: int, rng: np.random.Generator, rank: int) -> NDArray[np.complex128]:
    """A random state, nothing symmetric about it."""
    vectors = rng.normal(size=(2, 2**num_qubits, rank))
    matrix = (vectors[0] + 1j * vectors[1]) @ np.diag(np.arange(1, rank + 1))
    rho = matrix @ matrix.conj().T
    return np.asarray(rho / np.trace(rho))


@THREE
@pytest.mark.parametrize("rank", [1, 2, 4])
def test_mean_over_all_outcomes_is_exact(three: bool, rank: int, rng: np.random.Generator) -> None:
    """The kernel of two independent shots has the bound, by order, and F0 as its mean.

    Every pair of outcomes with its exact probability; the state is asymmetric, so that an exchange
    of the qubits' or the strings' order would show.
    """
    rho = mixed_state(2, rng, rank)
    letters = 3 if three else 2
    cells = []
    for setting in itertools.product(range(letters), repeat=2):  # position k is qubit k
        for bits in itertools.product((0, 1), repeat=2):
            effect = naive.tensor(
                [
                    (naive.ONE + (1 - 2 * x) * PAULIS[a]) / 2
                    for a, x in zip(setting, bits, strict=True)
                ]
            )
            cells.append((setting, bits, np.trace(rho @ effect).real / letters**2))
    size = len(cells)
    directions, bits = (np.array([cell[i] for cell in cells], dtype=np.uint8) for i in (0, 1))
    law = np.array([cell[2] for cell in cells])
    # The kernel of each pair of cells is a sum over two blocks of one unit each; a cell with
    # itself needs a second copy of it.
    twice = np.concatenate([np.arange(size), np.arange(size)])
    found = pair_sums(
        directions[twice],
        bits[twice],
        np.ones(2 * size, dtype=np.int64),
        None,
        np.arange(2 * size),
        2 * size,
        three=three,
    )
    means = np.einsum("tij,i,j->t", found.gram[:, :size, size:], law, law)
    correlators = exact.correlator_values(rho)
    by_order = bound_by_order(np.abs(correlators) ** 2, 2)
    np.testing.assert_allclose(means[:3], by_order, atol=1e-13)
    assert means[:3].sum() == pytest.approx(naive.bound(rho, (1, 0, 0), (0, 1, 0)), abs=1e-13)
    if three:
        assert means[3] == pytest.approx(exact.f0(rho), abs=1e-13)
        assert means[3] == pytest.approx(naive.f0(rho, (0, 0, 1)), abs=1e-13)


def test_two_qubits_by_hand() -> None:
    """Outcomes and settings belong together qubit by qubit."""
    one, blocks = np.ones(2, dtype=np.int64), np.zeros(2, dtype=np.int64)

    def means(directions: list[list[int]], bits: list[list[int]]) -> list[float]:
        settings, outcomes = np.array(directions, np.uint8), np.array(bits, np.uint8)
        return pair_sums(settings, outcomes, one, None, blocks, 1).means.tolist()

    # Along sigma_1: order 1 is 2 (z_0 + z_1), order 2 is 16 z_0 z_1.
    assert means([[0, 0], [0, 0]], [[0, 0], [0, 0]]) == [0, 4, 16]
    assert means([[0, 0], [0, 0]], [[0, 0], [1, 0]]) == [0, 0, -16]
    # Qubit 0 along different directions: order 1 is 2 z_1, whatever qubit 0 gave.
    assert means([[0, 0], [1, 0]], [[0, 0], [0, 1]]) == [0, -2, 0]
    assert means([[0, 0], [1, 0]], [[0, 0], [1, 0]]) == [0, 2, 0]
    # Both along different directions: order 2 is -32 (delta^2 - 2) / 4.
    assert means([[0, 0], [1, 1]], [[0, 0], [0, 0]]) == [0, 0, -16]
    assert means([[0, 1], [1, 0]], [[0, 0], [0, 0]]) == [0, 0, 16]


@THREE
@pytest.mark.parametrize("kind", KINDS)
def test_gram_and_influence_say_the_same(kind: str, three: bool, rng: np.random.Generator) -> None:
    data = make(kind, 8, three, rng, rows=90)
    found = data.fast()
    units = len(data.blocks)
    np.testing.assert_array_equal(found.gram, found.gram.transpose(0, 2, 1))
    scale = np.abs(found.gram).max()
    np.testing.assert_allclose(
        found.influence.sum(axis=0) * (units - 1), found.gram.sum(axis=(1, 2)), atol=1e-12 * scale
    )
    for block in range(4):
        mine = found.influence[data.blocks == block].sum(axis=0) * (units - 1)
        np.testing.assert_allclose(mine, found.gram[:, block].sum(axis=1), atol=1e-12 * scale)
    whole = replace(data, blocks=np.zeros(units, dtype=np.int64), num_blocks=1).fast()
    np.testing.assert_allclose(found.gram.sum(axis=(1, 2)), whole.gram[:, 0, 0], atol=1e-12 * scale)
    np.testing.assert_array_equal(found.influence, whole.influence)


@THREE
@pytest.mark.parametrize("kind", KINDS)
def test_sampled_influences_are_some_of_all(
    kind: str, three: bool, rng: np.random.Generator
) -> None:
    data = make(kind, 4, three, rng, rows=60)
    everything = data.fast()
    most = len(data.blocks) // 3
    some = data.fast(max_influences=most, seed=5)
    assert len(some.sampled) == most
    assert np.all(np.diff(some.sampled) > 0)
    agree(some.influence, everything.influence[some.sampled])
    np.testing.assert_array_equal(some.gram, everything.gram)
    again = data.fast(max_influences=most, seed=5)
    assert again.sampled.tolist() == some.sampled.tolist()
    assert data.fast(max_influences=most, seed=6).sampled.tolist() != some.sampled.tolist()
    assert data.fast(max_influences=0).influence.shape == (0, 5 + three)


@pytest.mark.statistics
def test_samples_are_even() -> None:
    """400 samples of 10 of 40: each unit about 100 times, within 5.6 standard deviations.

    By the binomial tails a false alarm in less than 1 of 10^5.
    """
    data = make("single", 1, False, np.random.default_rng(3), rows=40)
    times = np.zeros(40)
    for seed in range(400):
        times[data.fast(max_influences=10, seed=seed).sampled] += 1
    assert np.abs(times - 100).max() < 5.6 * np.sqrt(400 * 0.25 * 0.75)


@THREE
@pytest.mark.parametrize("merged", [True, False], ids=["merged", "apart"])
def test_work_cut_otherwise(
    three: bool, merged: bool, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order in which threads come changes no digit; smaller pieces only the last ones."""
    data = make("counted", 2 if merged else 9, three, rng, rows=700)
    together = data.fast()
    done: list[tuple[str, int, int]] = []

    def backwards(work, items):  # type: ignore[no-untyped-def]
        return [work(item) for item in reversed(items)][::-1]

    monkeypatch.setattr(pair_passes, "in_threads", backwards)
    one_thread = pair_sums(
        *data.arguments(), None, data.blocks, 4, three=three,
        progress=lambda *said: done.append(said),
    )  # fmt: skip
    np.testing.assert_array_equal(one_thread.gram, together.gram)
    np.testing.assert_array_equal(one_thread.influence, together.influence)
    assert {said[0] for said in done} == {"pairs"}
    assert sum(said[1] for said in done) == done[0][2] == together.pairs
    monkeypatch.setattr(pair_passes, "PAIRS_PER_ITEM", 1000)
    monkeypatch.setattr(pair_passes, "CLASS_BYTES", 1)
    pieces = data.fast()
    scale = np.abs(together.gram).max()
    np.testing.assert_allclose(pieces.gram, together.gram, atol=1e-13 * scale)
    np.testing.assert_allclose(pieces.influence, together.influence, rtol=1e-9, atol=1e-12 * scale)


@THREE
@pytest.mark.parametrize("kind", KINDS)
def test_merged_or_apart(
    kind: str, three: bool, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = make(kind, 2, three, rng, rows=300)
    merged = data.fast()
    monkeypatch.setattr("qbell.estimator.pairs.cells.MOST_MERGED_QUBITS", 0)
    apart = data.fast()
    assert merged.pairs < apart.pairs / 3
    scale = np.abs(apart.gram).max()
    np.testing.assert_allclose(merged.gram, apart.gram, rtol=1e-12, atol=1e-13 * scale)
    np.testing.assert_allclose(merged.influence, apart.influence, rtol=1e-11, atol=1e-13 * scale)


def test_packed_sums_are_emptied_in_time(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """4.5 million pairs in one block; a second time with a weight for each."""
    data = make("single", 24, False, rng, rows=3000)
    data = replace(data, blocks=0 * data.blocks, num_blocks=1)
    packed = data.fast(max_influences=5)
    monkeypatch.setattr("qbell.estimator.pairs.cells.LARGEST_SUM", 0)
    np.testing.assert_array_equal(data.fast(max_influences=5).gram, packed.gram)


def test_more_pairs_of_one_class_than_fit(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """32 million pairs of equal shots in one piece of work; 24 bits count to 17 million."""
    monkeypatch.setattr(pair_passes, "PAIRS_PER_ITEM", 10**9)
    data = make("single", 24, False, rng, rows=8000)
    same = np.zeros(8000, dtype=np.int64)
    data = replace(
        data, directions=data.directions[same], bits=data.bits[same], blocks=same, num_blocks=1
    )
    found = data.fast(max_influences=1)
    shot = (tuple(data.directions[0].tolist()), tuple(data.bits[0].tolist()))
    own = np.array(slow_pairs.kernel(shot, shot, False), dtype=float)
    np.testing.assert_allclose(found.means, own, rtol=1e-14)
    np.testing.assert_allclose(found.influence[0], own, rtol=1e-14)


@pytest.mark.slow
@pytest.mark.parametrize("num_qubits", [31, 32, 450])
def test_a_row_of_more_pairs_than_fit(num_qubits: int, rng: np.random.Generator) -> None:
    """One shot with 1.1 million equal ones, the largest excess there is, counted by hand."""
    shots = kernels.MOST_PACKED + 10**5
    directions = np.zeros((2, num_qubits), dtype=np.uint8)
    directions[1] = 1
    two = pack(directions, np.zeros_like(directions), False)
    planes = np.concatenate([two[:, :, :1], np.repeat(two[:, :, 1:], shots, axis=2)], axis=2)
    stride = num_qubits + 1
    for weights in (np.ones(shots + 1, dtype=np.int64), np.full(shots + 1, 3)):
        sums = np.zeros((1, 2, stride**2), dtype=np.int64)
        kernels.tally_tiles(
            planes,
            weights,
            bool(weights[0] == 1),
            0,
            1,
            np.arange(1, shots + 2),
            np.array([0, shots + 1]),
            num_qubits,
            sums,
        )
        pairs = shots * int(weights[0]) ** 2
        assert sums[0, 0, num_qubits * stride] == pairs
        assert sums[0, 1, num_qubits * stride] == pairs * (num_qubits**2 - num_qubits)
        assert np.count_nonzero(sums) == 2


@pytest.mark.slow
@THREE
def test_equal_shots_cost_nothing(three: bool, rng: np.random.Generator) -> None:
    """10^5 shots of two qubits are at most 4^2 (6^2) different ones in each block.

    Ten times the same counts have the same frequencies, so the same plug-in V; pairs of a shot
    with itself, K_d on average, are left out of U = (M V - K_d) / (M - 1).
    """
    cells = 36 if three else 16
    data = make("counted", 2, three, rng, rows=200)
    data = replace(data, counts=rng.integers(1, 1000, 200))
    plug_in = []
    for factor in (1, 10):
        units = factor * int(data.counts.sum())
        found = replace(data, counts=factor * data.counts, blocks=rng.integers(0, 4, units)).fast()
        assert found.pairs <= (4 * cells) ** 2 + cells**2
        plug_in.append((found.means * (units - 1) + own_kernel(data)) / units)
    np.testing.assert_allclose(plug_in[0], plug_in[1], rtol=1e-10, atol=1e-10)


def own_kernel(data: Data) -> NDArray[np.float64]:
    """Mean kernel of a shot with itself."""
    rows = zip(data.directions.tolist(), data.bits.tolist(), strict=True)
    shots = [(tuple(setting), tuple(bits)) for setting, bits in rows]
    own = [slow_pairs.kernel(shot, shot, data.three) for shot in shots]
    weights = data.counts / data.counts.sum()
    return np.asarray(weights @ np.array(own, dtype=float))


@pytest.mark.statistics
def test_unbiased_on_no_signal(repeats: Repeats) -> None:
    """Maximally mixed, N = 12: the plug-in is K_d / M = 2861 too large; the mean over pairs is 0.

    Runs of 400 shots; the mean of their values is within 5 of its standard errors, a false
    alarm in 1 of 10^6.
    """
    rng = np.random.default_rng(12)
    values = []
    runs = repeats(150, 400)
    for _ in range(runs):
        data = make("single", 12, False, rng, rows=400)
        values.append(data.fast(max_influences=0).means.sum())
    assert abs(np.mean(values)) < 5 * np.std(values) / np.sqrt(runs)
    assert np.std(values) / np.sqrt(runs) < 200  # so a bias like the plug-in's would show


def test_ghz_of_twenty_qubits() -> None:
    """4000 shots of a GHZ state of 20 qubits: 400 within 5 standard deviations of 69."""
    rng = np.random.default_rng(20)
    data = make("single", 20, False, rng, rows=4000)
    even = rng.random(4000) < (1 + np.cos(np.pi / 2 * data.directions.sum(axis=1))) / 2
    data.bits[:, 0] ^= ((data.bits.sum(axis=1) % 2 == 0) != even).astype(np.uint8)
    found = data.fast(max_influences=100)
    assert abs(found.means.sum() - 400) < 5 * 69
    # Negative control: the same outcomes with another shot's setting carry no signal.
    shuffled = replace(data, directions=np.roll(data.directions, 1, axis=0))
    assert abs(shuffled.fast(max_influences=100).means.sum()) < 5 * 69


@pytest.mark.parametrize(("plus", "minus", "c"), [(0, 0, 4), (5, 0, 4), (0, 4, 9), (17, 12, 9)])
def test_series_by_multiplication(plus: int, minus: int, c: int) -> None:
    product = [Fraction(1)]
    for factor in [Fraction(c)] * plus + [Fraction(-c)] * minus:
        product = slow_pairs.times(product, [Fraction(1), factor])
    assert series(plus, minus, c) == product


def test_closed_form_of_the_bound() -> None:
    """Sum over orders: 2^-d A(1) [1.6 e_plus + 8/3 e_minus - 32 (delta^2 - d)]."""
    num_qubits = 7
    contract = Contraction(num_qubits, False)
    for others, minus in itertools.product(range(8), range(8)):
        plus = num_qubits - others - minus
        if plus < 0:
            continue
        sums = np.zeros((2, 2, 64))
        sums[0, 0, others * 8 + minus] = 1
        sums[1, 1, others * 8 + minus] = others >= 2  # an excess needs two such qubits
        terms = contract(sums).sum(axis=1)
        amplitude = 2.5**plus * (-1.5) ** minus / 2**others
        assert terms[0] == pytest.approx(amplitude * (1.6 * plus + 8 / 3 * minus), rel=1e-13)
        assert terms[1] == pytest.approx(-32 * amplitude * (others >= 2), rel=1e-13)


def test_cost_grows_with_pairs_until_shots_coincide() -> None:
    assert pair_cost(200_000, 30) > 3 * pair_cost(100_000, 30)
    assert pair_cost(10**7, 4) < 10
    assert pair_cost(10**5, 30, three=True) > pair_cost(10**5, 30)
    assert pair_cost(10**5, 30, draws=1000) > 2 * pair_cost(10**5, 30)


def test_large_numbers_of_qubits() -> None:
    """Up to the limit every term is finite; above it is an error."""
    rng = np.random.default_rng(1)
    for num_qubits, three in ((500, False), (300, True)):
        data = make("single", num_qubits, three, rng, rows=3)
        same = replace(data, directions=data.directions[[0, 0, 0]], bits=data.bits[[0, 0, 0]])
        assert np.isfinite(same.fast().gram).all()
        wider = make("single", num_qubits + 1, three, rng, rows=3)
        with pytest.raises(QbellError, match=f"n = {num_qubits + 1} qubits"):
            wider.fast()


def test_what_is_refused(rng: np.random.Generator) -> None:
    data = make("single", 3, False, rng)
    draws = np.repeat(np.arange(6), 2)
    wrong: list[tuple[Data, str]] = [
        (replace(data, bits=data.bits[:, :2]), "shapes"),
        (replace(data, counts=data.counts[:-1]), "counts has shape"),
        (replace(data, draws=draws[:-1]), "draws has shape"),
        (replace(data, counts=0 * data.counts), "a count is 0"),
        (replace(data, directions=data.directions + np.uint8(1)), "a direction is 2"),
        (replace(data, bits=data.bits + np.uint8(1)), "an outcome is 2"),
        (replace(data, blocks=data.blocks[:-1]), "one of each of 12 units"),
        (replace(data, num_blocks=3), "give 0 to 2"),
        (replace(data, draws=0 * draws, blocks=data.blocks[:1]), "need 2 or more"),
        (replace(data, draws=draws, blocks=data.blocks[:6]), "same draw"),
    ]
    for case, message in wrong:
        with pytest.raises(QbellError, match=message):
            case.fast()
