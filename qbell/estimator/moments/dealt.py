"""Bundles of very many shots in fixed settings, dealt setting by setting and kept nowhere.

What `Rows` says of each part of a row would take more memory than the shots. Here the shots of a
setting are shuffled and dealt to the bundles like cards, by a generator that deals the same each
time; and of what each bundle got, one Walsh-Hadamard transform gives the parities of all words.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from qbell.estimator.k1.bundles import MANY_SHOTS, split, worth_splitting
from qbell.estimator.moments.algebra import Algebra
from qbell.estimator.moments.kernels import Masks, matching_words
from qbell.estimator.tensor.kernels import walsh_hadamard
from qbell.estimator.tensor.moments import raw_levels
from qbell.shots.grouping import group_by
from qbell.shots.shots import Shots
from qbell.util.numba_jit import compiled
from qbell.util.threads import in_threads
from qbell.util.unique_rows import row_numbers

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

Part = TypeVar("Part")

MOST_QUBITS = 12  # 2^N parities of each bundle
SETTINGS = 256  # that share one random stream


@dataclass(frozen=True)
class Dealt:
    """Shots of settings that are fixed, and how they are dealt.

    Attributes:
        x, z: (P,) all words that will be asked for.
        setting_x, setting_z: (S,) settings as masks of words, see `algebra`.
        starts: (S + 1,) where each begins.
        outcomes, counts: (rows,) the different outcomes of each, and how often.
        count: number of bundles; each has shots of all settings.
        num_qubits: N.
        seed: of the dealing.
    """

    x: Masks
    z: Masks
    setting_x: Masks
    setting_z: Masks
    starts: Integers
    outcomes: Integers
    counts: Integers
    count: int
    num_qubits: int
    seed: np.random.SeedSequence

    def sums_of(self, algebra: Algebra) -> tuple[Floats, Floats]:
        """(bundles, P) as `Rows.sums_of`."""
        known = _numbers(self.x, self.z, self.num_qubits)
        order = np.argsort(known)
        wanted = _numbers(algebra.x, algebra.z, self.num_qubits)
        columns = order[np.searchsorted(known[order], wanted)]
        sums, seen = self._sums
        return sums[:, columns], np.tile(seen[columns], (self.count, 1))

    @cached_property
    def _sums(self) -> tuple[Floats, Floats]:
        """(bundles, P) and (P,): the mean over settings of the parity of each word, and of 1."""

        levels = raw_levels(self.num_qubits)

        def part(generator: np.random.Generator, settings: slice) -> tuple[Floats, Floats]:
            sums, seen = np.zeros((self.count, len(self.x))), np.zeros(len(self.x))
            for setting in range(settings.start, settings.stop):
                letters = self.setting_x[setting], self.setting_z[setting]
                table = self._table(generator, setting)
                _add_sums(self.x, self.z, *letters, table, levels, sums, seen)
            return sums, seen

        parts = self._in_parts(part)
        size = len(self.setting_x)
        total: Floats = np.sum([sums for sums, _ in parts], axis=0)
        seen: Floats = np.sum([found for _, found in parts], axis=0)
        return total / size, seen / size

    def flips_of(self, algebra: Algebra, values: Floats, tested: NDArray[np.bool_]) -> float:
        """As `Rows.flips_of`."""

        levels = raw_levels(self.num_qubits)

        def part(generator: np.random.Generator, settings: slice) -> Floats:
            found = np.zeros(self.num_qubits)
            for setting in range(settings.start, settings.stop):
                letters = self.setting_x[setting], self.setting_z[setting]
                weights = self._table(generator, setting)[tested].sum(axis=0)
                _add_flips(algebra.x, algebra.z, *letters, values, weights, levels, found)
            return found

        sizes: Floats = np.sum(self._in_parts(part), axis=0)
        return float(sizes.max() / (len(self.setting_x) * tested.sum()))

    def _table(self, generator: np.random.Generator, setting: int) -> Floats:
        """(bundles, 2^N) what each bundle gets of a setting: shares of outcomes that sum to 1."""
        some = slice(self.starts[setting], self.starts[setting + 1])
        outcomes, counts = self.outcomes[some], self.counts[some]
        table = np.zeros((self.count, 1 << self.num_qubits))
        if worth_splitting(counts, self.count):
            numbers = split(generator, counts, self.count)
            table[:, outcomes] = numbers / numbers.sum(axis=1, keepdims=True)
        else:
            _deal(generator, outcomes, counts, table)
        return table

    def _in_parts(self, work: Callable[[np.random.Generator, slice], Part]) -> list[Part]:
        size = len(self.setting_x)
        slices = [slice(start, min(start + SETTINGS, size)) for start in range(0, size, SETTINGS)]
        # A fresh one, as spawning leaves its trace: the same deal each time.
        seed = np.random.SeedSequence(self.seed.entropy, spawn_key=self.seed.spawn_key)
        children = seed.spawn(len(slices))
        return in_threads(
            lambda place: work(np.random.default_rng(children[place]), slices[place]),
            range(len(slices)),
        )


def deals(shots: Shots) -> bool:
    """Whether shots are so many that they are dealt."""
    few = shots.num_qubits <= MOST_QUBITS and shots.rules.letters == 2
    return few and not shots.drawn and not shots.rules.common_angle and shots.total > MANY_SHOTS


def dealt(shots: Shots, algebras: list[Algebra], count: int, seed: np.random.SeedSequence) -> Dealt:
    """All shots, to be dealt to ``count`` bundles; no setting has fewer shots."""
    settings, outcomes = row_numbers(shots.directions), row_numbers(shots.bits)
    rows = group_by(settings, outcomes)
    counts = rows.sums(shots.counts)
    groups = group_by(settings[rows.first])
    places = np.uint64(1) << np.arange(shots.num_qubits, dtype=np.uint64)
    letters = shots.directions[rows.first[groups.first]]
    words = np.unique(
        np.concatenate([np.stack([algebra.x, algebra.z], axis=1) for algebra in algebras]), axis=0
    )
    return Dealt(
        x=words[:, 0].copy(),
        z=words[:, 1].copy(),
        setting_x=(letters < 2) @ places,
        setting_z=(letters > 0) @ places,
        starts=groups.starts,
        outcomes=outcomes[rows.first],
        counts=counts,
        count=count,
        num_qubits=shots.num_qubits,
        seed=seed,
    )


def _numbers(x: Masks, z: Masks, num_qubits: int) -> NDArray[np.uint64]:
    return (x << np.uint64(num_qubits)) | z


@compiled
def _deal(
    generator: np.random.Generator, outcomes: Integers, counts: Integers, table: Floats
) -> None:
    """Add to ``table`` what each bundle gets, shot by shot."""
    total = counts.sum()
    cards = np.empty(total, dtype=np.int64)
    place = 0
    for i in range(len(outcomes)):
        for _ in range(counts[i]):
            cards[place] = outcomes[i]
            place += 1
    count = len(table)
    for i in range(total):  # Fisher and Yates, from the top of the pile
        chosen = i + int(generator.random() * (total - i))
        card, cards[chosen] = cards[chosen], cards[i]
        bundle = i % count
        size = total // count + (1 if bundle < total % count else 0)
        table[bundle, card] += 1.0 / size


@compiled
def _add_sums(
    x: Masks,
    z: Masks,
    setting_x: int,
    setting_z: int,
    table: Floats,
    levels: Floats,
    sums: Floats,
    seen: Floats,
) -> None:
    """Add the parities of each bundle to ``sums`` (bundles, P), 1 to ``seen`` (P,)."""
    matching = np.empty(len(x), dtype=np.int64)
    found = matching_words(x, z, setting_x, setting_z, matching)
    for bundle in range(len(sums)):
        walsh_hadamard(table[bundle], levels)
        for place in range(found):
            word = matching[place]
            sums[bundle, word] += table[bundle, np.int64(x[word] | z[word])]
    for place in range(found):
        seen[matching[place]] += 1.0


@compiled
def _add_flips(
    x: Masks,
    z: Masks,
    setting_x: int,
    setting_z: int,
    values: Floats,
    weights: Floats,
    levels: Floats,
    found: Floats,
) -> None:
    """Add to ``found`` (N,) as `kernels.flip_sizes`: f(x) = sum of values x parities is one
    transform, and a flip of qubit k changes it to f(x + e_k); ``weights`` (2^N,) of outcomes x."""
    matching = np.empty(len(x), dtype=np.int64)
    value = np.zeros(len(weights))
    for place in range(matching_words(x, z, setting_x, setting_z, matching)):
        word = matching[place]
        value[np.int64(x[word] | z[word])] += values[word]
    walsh_hadamard(value, levels)
    for outcome in range(len(weights)):
        if weights[outcome] > 0.0:
            for qubit in range(len(levels)):
                change = value[outcome] - value[outcome ^ (1 << qubit)]
                found[qubit] += weights[outcome] * change * change
