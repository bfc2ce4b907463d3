"""Every design keeps its promises, at any size and seed: loops over words, none of its own code."""

import itertools
import math
from collections.abc import Callable

import numpy as np
from hypothesis import given

from qbell.conventions.labels import BIT_LETTERS
from qbell.designs import DESIGNS, find_design
from qbell.designs.common_angles import angle_of
from qbell.designs.schedule import Schedule
from qbell.shots.shots import from_frame
from tests.support.strategies import schedules


def all_words(letters: str, size: int) -> set[str]:
    return {"".join(word) for word in itertools.product(letters, repeat=size)}


def has_all_patterns(words: list[str], order: int | None) -> bool:
    assert order is not None
    places = range(len(words[0]))
    return all(
        len({tuple(word[place] for place in some) for word in words}) == 2**order
        for some in itertools.combinations(places, order)
    )


def is_stabiliser(word: str, plan: Schedule) -> bool:
    """A product of generators X_c prod Z over neighbours, on every qubit of a star, up to a sign.

    Multiplied out Pauli by Pauli: of leaves that are along Y, and of all centres.
    """
    graph = plan.stars
    assert graph is not None
    letters = word[::-1]
    flipped, phased = [0] * len(letters), [0] * len(letters)
    chosen = set(graph.centres) | {leaf for leaf in graph.all_leaves if letters[leaf] == "Y"}
    for vertex in chosen:
        flipped[vertex] ^= 1
        for other in graph.neighbours[vertex]:
            phased[other] ^= 1
    names = {(0, 1): "Z", (1, 0): "X", (1, 1): "Y"}
    return all(
        letters[qubit] == names[flipped[qubit], phased[qubit]] for qubit in graph.star_qubits
    )


def even(words: list[str]) -> bool:
    return all(word.count("Y") % 2 == 0 for word in words)


def has_its_angles(words: list[str], plan: Schedule) -> bool:
    angles = np.array([angle_of(word) if plan.grid else turn(word) for word in words])
    different = np.unique(np.round(np.mod(angles, math.pi), 9))
    return len(different) > plan.num_qubits and np.allclose(plan.azimuths, angles[:, None])


PROMISES: dict[str, Callable[[list[str], Schedule], bool]] = {
    "full": lambda words, plan: words == sorted(all_words("XY", plan.num_qubits)),
    "random": lambda words, plan: made_of(words, "XY"),
    "even": lambda words, plan: made_of(words, "XY") and even(words),
    "ghz": lambda words, plan: (
        even(words) and all(set(word) == {"Z"} or "Z" not in word for word in words)
    ),
    "mermin": lambda words, plan: (
        set(words) == {word for word in all_words("XY", plan.num_qubits) if even([word])}
    ),
    "random3": lambda words, plan: made_of(words, "XYZ"),
    "pauli": lambda words, plan: set(words) == all_words("XYZ", plan.num_qubits),
    "covering": lambda words, plan: made_of(words, "XY") and has_all_patterns(words, plan.order),
    "equatorial": has_its_angles,
    "symmetric": lambda words, plan: (
        [word.count("Y") for word in words] == list(range(plan.num_qubits + 1))
        and made_of(words, "XY")
    ),
    "stars": lambda words, plan: all(is_stabiliser(word, plan) for word in words),
}


def made_of(words: list[str], letters: str) -> bool:
    return set("".join(words)) <= set(letters)


def turn(word: str) -> float:
    """j/(N+1), in units of pi."""
    step, steps = word.split("/")
    return math.pi * int(step) / int(steps)


@given(schedules(most=6))
def test_settings(plan: Schedule) -> None:
    words = plan.frame["setting"].tolist()
    assert PROMISES[plan.design](words, plan)
    again = plan.rules.parse(words, plan.num_qubits)
    np.testing.assert_array_equal(again, plan.directions)
    assert not plan.rules.misfits(plan.directions).any()
    assert plan.directions.max() < plan.rules.num_directions(plan.num_qubits)
    if plan.rules.drawn:
        assert plan.frame["draw"].tolist() == list(range(len(plan)))
    else:
        assert len(set(words)) == len(words)


@given(schedules(most=5))
def test_a_table_of_its_settings_is_of_the_design(plan: Schedule) -> None:
    """Two shots of each: read back with the design said, and its settings found whole."""
    table = plan.frame.assign(bitstring=BIT_LETTERS[0] * plan.num_qubits, count=2)
    if not find_design(plan.design).drawn:
        assert "draw" not in table
    made = from_frame(table, plan.design, order=plan.order, stars=plan.stars)
    made.check_settings()
    np.testing.assert_array_equal(made.directions, plan.directions)
    assert made.fewest_shots == 2
    assert made.num_settings == len({tuple(row) for row in plan.directions.tolist()})


def test_no_design_is_left_out() -> None:
    assert set(PROMISES) == set(DESIGNS)
