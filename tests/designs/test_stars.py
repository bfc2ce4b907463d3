"""The stars design: its operators, its exact local limit, estimates, controls, and bad input."""

import dataclasses
import itertools
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from qiskit.quantum_info import Pauli

import qbell
from qbell.certificates import local_realism, settings_p
from qbell.certificates.anytime import anytime_p
from qbell.certificates.tested_correlator import TestedCorrelator
from qbell.designs.schedule import schedule
from qbell.designs.star_graph import StarGraph, star_limit
from qbell.designs.stars import Stars
from qbell.shots.read_shots import read_shots
from qbell.shots.shots import Shots

SHAPES = {
    "one leaf": StarGraph(2, [(0, 1)], [0]),
    "two leaves": StarGraph(3, [(0, 1), (0, 2)], [0]),
    "three leaves": StarGraph(4, [(0, 1), (0, 2), (0, 3)], [0]),
    "four leaves": StarGraph(5, [(0, k) for k in range(1, 5)], [0]),
    "a pendant separator": StarGraph(4, [(1, 0), (0, 2), (2, 3)], [0]),
    "a separator of two leaves of one star": StarGraph(4, [(0, 1), (0, 2), (1, 3), (2, 3)], [0]),
    "a shared separator": StarGraph(7, [(k, k + 1) for k in range(6)], [1, 5]),
    "two shared separators": StarGraph(
        8, [(0, 1), (0, 2), (1, 3), (3, 5), (2, 7), (7, 6), (4, 5), (4, 6)], [0, 4]
    ),
    "stars of two and three": StarGraph(
        8, [(0, 1), (0, 2), (0, 3), (3, 4), (4, 6), (5, 6), (5, 7)], [0, 5]
    ),
    "one separator of three stars' leaves": StarGraph(
        7, [(0, 1), (2, 3), (4, 5), (1, 6), (3, 6), (5, 6)], [0, 2, 4]
    ),
}
SHAPE = pytest.mark.parametrize("graph", SHAPES.values(), ids=SHAPES.keys())


def every_setting(graph: StarGraph) -> NDArray[np.uint8]:
    leaves = graph.all_leaves
    chosen = np.array(list(itertools.product((0, 1), repeat=len(leaves))), dtype=np.uint8)
    return Stars(graph)._of_bits(chosen)


def as_shots(graph: StarGraph, directions: NDArray[np.uint8], bits: NDArray[np.uint8]) -> Shots:
    """One shot a draw."""
    template = schedule(graph.num_qubits, "stars", draws=2, seed=0, stars=graph)
    return Shots(
        directions=directions.astype(np.uint8),
        bits=bits.astype(np.uint8),
        counts=np.ones(len(bits), dtype=np.int64),
        draws=np.arange(len(bits)),
        design="stars",
        axis=template.axis,
        stars=graph,
    )


def values(graph: StarGraph, directions: NDArray[np.uint8], bits: NDArray[np.uint8]) -> np.ndarray:
    signs = np.ones(graph.num_qubits, dtype=np.int16)
    return 1 - Stars(graph).quarter_turns(directions, bits, signs)


# Operators


def generator(graph: StarGraph, qubit: int) -> Pauli:
    """X of a qubit, Z of its neighbours; as Qiskit multiplies Pauli operators, with their phase."""
    z = np.zeros(graph.num_qubits, dtype=bool)
    z[list(graph.neighbours[qubit])] = True
    x = np.arange(graph.num_qubits) == qubit
    return Pauli((z, x))


@SHAPE
def test_signs_and_letters_are_those_of_the_pauli_product(graph: StarGraph) -> None:
    """In each setting of each shape, by Qiskit's Pauli algebra: the design's own is by counting."""
    for setting in every_setting(graph):
        product = Pauli("I" * graph.num_qubits)
        for centre, leaves in zip(graph.centres, graph.leaves, strict=True):
            for qubit in (centre, *(leaf for leaf in leaves if setting[leaf] == 1)):
                product = product.compose(generator(graph, qubit), front=True)
        label = product.to_label()
        letters = label.lstrip("+-i")[::-1]
        assert "i" not in label[: len(label) - graph.num_qubits]
        assert all(
            letter in ("I", "XYZ"[way]) for letter, way in zip(letters, setting, strict=True)
        )
        counted = np.array([letter != "I" for letter in letters])
        assert counted[list(graph.star_qubits)].all()
        for bits in (np.zeros(graph.num_qubits), np.arange(graph.num_qubits) % 3 == 0):
            parity = int(np.sum(np.asarray(bits, dtype=int)[counted])) % 2
            expected = (-1 if label.startswith("-") else 1) * (-1) ** parity
            found = values(graph, setting[None], np.asarray(bits, dtype=np.uint8)[None])
            assert found.tolist() == [expected]


@pytest.mark.parametrize("name", ["two shared separators", "stars of two and three"])
def test_the_graph_state_has_visibility_one(name: str) -> None:
    graph = SHAPES[name]
    state = qbell.stars(graph.num_qubits, edges=graph.edges, centres=graph.centres)
    preparation = state.preparation()
    assert preparation.stars == graph
    made = schedule(graph.num_qubits, "stars", draws=60, seed=1, stars=graph)
    shots = qbell.sample(preparation, made, seed=2)
    assert (values(graph, shots.directions, shots.bits) == 1).all()
    parities = shots.rules.star_parities(shots.directions, shots.bits)  # type: ignore[attr-defined]
    assert not parities.any()


# The local limit


def deterministic(graph: StarGraph) -> float:
    """Largest mean over all settings of all deterministic strategies, by trying every one.

    A centre has outcomes along X and Y, a leaf along Z and Y, a separator along Z.
    """
    settings = every_setting(graph)
    choices = [(k, way) for k in range(graph.num_qubits) for way in np.unique(settings[:, k])]
    answers = np.arange(2 ** len(choices))[:, None] >> np.arange(len(choices)) & 1
    total = np.zeros(len(answers), dtype=np.int64)
    for setting in settings:
        mine = [choices.index((k, way)) for k, way in enumerate(setting)]
        bits = answers[:, mine].astype(np.uint8)
        total += values(graph, np.repeat(setting[None], len(bits), axis=0), bits)
    return float(total.max() / len(settings))


SMALL = {name: graph for name, graph in SHAPES.items() if graph.num_qubits <= 5}


@pytest.mark.parametrize("graph", SMALL.values(), ids=SMALL.keys())
def test_local_limit_is_that_of_the_best_strategy(graph: StarGraph) -> None:
    assert deterministic(graph) == graph.local_limit
    leaves = len(graph.leaves[0])
    assert graph.local_limit == 2.0 ** ((leaves + 1) // 2) / 2.0**leaves


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("a shared separator", marks=pytest.mark.slow),
        pytest.param("one separator of three stars' leaves", marks=pytest.mark.nightly),
        pytest.param("two shared separators", marks=pytest.mark.nightly),
        pytest.param("stars of two and three", marks=pytest.mark.nightly),
    ],
)
def test_local_limit_of_stars_that_share_separators(name: str) -> None:
    """Up to 15 answers, each of the 2^15 strategies in each setting: separators do not help."""
    graph = SHAPES[name]
    assert deterministic(graph) == graph.local_limit
    assert graph.local_limit == np.prod([star_limit(len(star)) for star in graph.leaves])


# Estimates and claims


@pytest.mark.slow
def test_a_noisy_state_is_estimated_star_by_star() -> None:
    """Readout errors of 5 % on each qubit: V is 0.9 to the power of the qubits that count."""
    graph = SHAPES["a shared separator"]
    preparation = qbell.stars(7, edges=graph.edges, centres=graph.centres).preparation()
    made = schedule(7, "stars", draws=4000, seed=3, stars=graph)
    shots = qbell.sample(preparation, made, seed=4)
    rng = np.random.default_rng(5)
    flips = (rng.random(shots.bits.shape) < 0.05).astype(np.uint8)
    result = qbell.estimate(dataclasses.replace(shots, bits=shots.bits ^ flips))
    # The separator counts if an odd number of the two leaves beside it is along Y.
    expected = 0.9**6 * (1 + 0.9) / 2
    found = result.quantities["visibility"]
    assert abs(found.value - expected) < 4 * found.standard_error
    assert found.low < expected < found.high
    facts = result.facts
    assert (facts["stars"], facts["operator_qubits"], facts["star_qubits"]) == (2, 7, 6)
    assert facts["local_limit"] == 0.25
    for star in facts["by_star"]:
        assert star["low"] < 0.9**3 * (1 + 0.9) / 2 < star["high"]
        assert star["separators"] == [3]
    certificate = result.certificate
    assert certificate.p_value < 1e-50
    assert certificate.p_any < 1e-50
    assert certificate.claims.p_value == "bell"
    assert (certificate.bell_qubits, certificate.entanglement_depth) == (0, 1)
    assert result.e_n is None
    assert result.correlators.empty


def saturating(
    graph: StarGraph, directions: NDArray[np.uint8], rng: np.random.Generator
) -> np.ndarray:
    """Outcomes of the best strategy, found by climbing: 30 starts, one answer at a time."""
    settings = every_setting(graph)
    best, found = -2.0, None
    for _ in range(30):
        table = rng.integers(0, 2, size=(graph.num_qubits, 3), dtype=np.uint8)
        columns, now = np.arange(graph.num_qubits), -2.0
        while True:
            trial, top = None, now
            for qubit, way in itertools.product(columns, range(3)):
                table[qubit, way] ^= 1
                mean = values(graph, settings, table[columns, settings]).mean()
                if mean > top:
                    trial, top = (qubit, way), mean
                table[qubit, way] ^= 1
            if trial is None:
                break
            table[trial] ^= 1
            now = top
        if now > best:
            best, found = now, table.copy()
    assert best == graph.local_limit
    assert found is not None
    return found[np.arange(graph.num_qubits), directions]


@pytest.mark.statistics
@pytest.mark.parametrize(
    "model",
    [
        "best strategy",
        "with memory",
        *(pytest.param(name, marks=pytest.mark.nightly) for name in ("plus", "mixed", "product")),
    ],
)
def test_false_claims(model: str) -> None:
    """p-values of 300 data sets of 40 shots: at most 5 % below 0.05; 30 have probability 1e-4.

    The best strategy sits on the limit 1/4. With memory: after 20 shots above their mean it answers
    at random, else by the best strategy. |+>^N and product states have outcomes of their own.
    """
    graph = SHAPES["a shared separator"]
    rng = np.random.default_rng(11)
    false = np.zeros(3, dtype=int)
    made = schedule(7, "stars", draws=300 * 40, seed=12, stars=graph).directions
    strategy = saturating(graph, made, rng)
    chance = rng.integers(0, 2, size=made.shape, dtype=np.uint8)
    if model == "plus":  # along X certain, else by chance
        chance = np.where(made == 0, 0, chance).astype(np.uint8)
    if model == "product":  # a phase of 1 rad about Z on each
        up = np.choose(made, [(1 + np.cos(1.0)) / 2, (1 + np.sin(1.0)) / 2, 0.5])
        chance = (rng.random(made.shape) > up).astype(np.uint8)
    for run in range(300):
        mine = slice(40 * run, 40 * run + 40)
        bits = strategy[mine] if model in ("best strategy", "with memory") else chance[mine]
        if model == "with memory" and values(graph, made[mine][:20], bits[:20]).mean() > 0.25:
            bits = np.concatenate([bits[:20], chance[mine][20:]])
        shots = as_shots(graph, made[mine], bits)
        test, reason = local_realism(shots)
        assert test is not None, reason
        p_any = anytime_p(shots, TestedCorrelator("+" * 7))
        false += np.array([test.hoeffding, test.ratio, p_any]) < 0.05
    assert (false < 30).all()


# Settings


def test_settings_are_uniform() -> None:
    graph = SHAPES["stars of two and three"]
    made = schedule(8, "stars", draws=3000, seed=8, stars=graph)
    shots = as_shots(graph, made.directions, made.directions * 0)
    assert not shots.rules.misfits(shots.directions).any()
    p = settings_p(shots)
    assert p is not None
    assert p > 1e-3
    again = schedule(8, "stars", draws=3000, seed=8, stars=graph)
    np.testing.assert_array_equal(made.directions, again.directions)


def test_settings_that_were_not_drawn_are_found() -> None:
    """Leaves along Z in three of four draws: nothing is certified."""
    graph = SHAPES["two leaves"]
    rng = np.random.default_rng(1)
    chosen = (rng.random((400, 2)) < 0.25).astype(np.uint8)
    directions = Stars(graph)._of_bits(chosen)
    p = settings_p(as_shots(graph, directions, directions * 0))
    assert p is not None
    assert p < 1e-6


# Input that does not fit


@pytest.mark.parametrize(
    ("edges", "centres", "said"),
    [
        ([(0, 1), (1, 2), (2, 3)], [0, 3], "joins leaves of the centres 0 and 3"),
        ([(0, 1), (1, 2)], [0, 2], "qubit 1 belongs to the stars of centres 0 and 2"),
        ([(0, 1), (0, 2), (1, 2)], [0], "joins leaves of the centres 0 and 0"),
        ([(0, 1)], [], "no centre"),
        ([(0, 1)], [2], "centre 2 has no edge"),
        ([(0, 1), (1, 0)], [0], "edge (0, 1) is there twice"),
        ([(0, 1)], [0, 0], "centre 0 is there twice"),
        ([(0, 9)], [0], "end of an edge = 9"),
        ([(0, 0)], [0], "joins a qubit to itself"),
    ],
)
def test_stars_that_touch_and_edges_that_are_none(
    edges: list[tuple[int, int]], centres: list[int], said: str
) -> None:
    with pytest.raises(qbell.QbellError) as error:
        StarGraph(4, edges, centres)
    assert said in str(error.value)


def test_stars_are_needed_and_belong_to_one_design() -> None:
    graph = SHAPES["two leaves"]
    with pytest.raises(qbell.QbellError, match="is not known; prepare a state of the family stars"):
        schedule(3, "stars", draws=5, seed=1)
    with pytest.raises(qbell.QbellError, match="leave them out of a random one"):
        schedule(3, "random", draws=5, seed=1, stars=graph)
    with pytest.raises(qbell.QbellError, match="stars of 3 qubits, and 4 are measured"):
        schedule(4, "stars", draws=5, seed=1, stars=graph)


def test_a_bare_table_needs_its_stars(tmp_path: Path) -> None:
    graph = SHAPES["two leaves"]
    preparation = qbell.stars(3).preparation()
    assert preparation.stars == graph
    made = schedule(3, "stars", draws=40, seed=1, stars=graph)
    shots = qbell.sample(preparation, made, seed=2)
    shots.to_csv(tmp_path / "shots.csv")
    with pytest.raises(qbell.QbellError, match="is not known"):
        qbell.estimate(read_shots(tmp_path / "shots.csv", "stars"))
    result = qbell.estimate(read_shots(tmp_path / "shots.csv", "stars", stars=graph))
    assert result.quantities["visibility"].value == 1.0
    other = StarGraph(3, [(0, 1), (1, 2)], [1])
    with pytest.raises(qbell.QbellError, match="no product of stabilisers of these stars"):
        qbell.estimate(read_shots(tmp_path / "shots.csv", "stars", stars=other))
