"""Which stars of a device make a Bell test that needs the fewest shots."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import scipy
from numpy.typing import NDArray

from qbell.circuits.gates import Edge
from qbell.designs.star_graph import StarGraph, star_limit
from qbell.devices.layout.calibration import DeviceCalibration
from qbell.errors import QbellError

Row = tuple[dict[int, float], float, float]  # coefficients by variable, least, most

FEWEST_LEAVES, MOST_LEAVES = 2, 4  # fewer refute nothing; more take more layers of gates
MOST_NEIGHBOURS = 6  # of a centre that are tried: devices where all are coupled have too many
MOST_BESIDE = 3  # separators next to a leaf, so that four layers of gates do
TURNS = 3  # single-qubit gates of a qubit: one before the CZ, two to measure
P_VALUE = 1e-6  # that shots are counted for
SECONDS = 60.0  # of one choice
GAP = 1e-3  # relative, of ln V: a choice that may be better by less is not looked for
ENOUGH = 1.01  # shots over those at the same visibility and a local limit of 0


@dataclass(frozen=True)
class StarChoice:
    """Stars on a device.

    Attributes:
        graph: of the state: its qubits are numbered star by star, the centre first, then the
            separators; with the device's qubits (``wires``) and couplings.
        visibility: that the calibration predicts.
        shots: that a p-value of 1e-6 takes at this visibility.
    """

    graph: StarGraph
    visibility: float
    shots: float


@dataclass(frozen=True)
class _Star:
    centre: int
    leaves: tuple[int, ...]
    log: float  # of its visibility

    @property
    def qubits(self) -> tuple[int, ...]:
        return (self.centre, *self.leaves)

    @property
    def bits(self) -> int:
        """-log2 of its local limit."""
        return round(-math.log2(star_limit(len(self.leaves))))


@dataclass(frozen=True)
class _Joint:
    """A separator and the two leaves that it joins."""

    qubit: int
    leaves: tuple[int, int]
    log: float


def best_stars(
    calibration: DeviceCalibration,
    num_qubits: int,
    separators: int = 0,
    *,
    couplings: Sequence[Edge] = (),
) -> StarChoice:
    """The stars, N qubits in all, whose product needs the fewest shots.

    The visibility of a product of stabilisers is the product of a factor for each CZ that is used,
    1 - 4 e / 3 for its reported average error e (a depolarising channel), for each single-qubit
    gate, 1 - 2 e, and for the readout of each qubit, 1 - 2 e; a separator counts in half of the
    settings, so 1 - e. No decay of waiting qubits, no crosstalk. The largest product over all
    choices of stars of 2 to 4 leaves that share no qubit is an integer program, solved by HiGHS
    until no choice can have a ln V better by more than 0.1 %. Couplings within stars, and to the
    separators asked for, are used, and no others: any other gate would only lower the visibility.
    While the local limit is not negligible, stars with more and fewer leaves differ by it, too:
    then each limit is tried.

    Args:
        calibration: of the device.
        num_qubits: N, separators included; all of them are in the product.
        separators: how many of them are no part of a star, each joined to leaves of two.
        couplings: of the device, for pictures; those that can be used if none are given.

    Raises:
        QbellError: the device has no such stars.
    """
    stars, joints = _stars(calibration), _joints(calibration) if separators else []
    couplings = tuple(couplings) or calibration.edges
    wanted = num_qubits - separators
    chosen = _solve(stars, joints, wanted, separators)
    if chosen is None:
        raise QbellError(
            f"n = {num_qubits}, separators = {separators}: {calibration.name} has no stars of "
            f"{FEWEST_LEAVES} to {MOST_LEAVES} leaves with so many qubits in all; use fewer"
        )
    best = _made(*chosen, couplings)
    least = shots_for(best.visibility, 0.0)
    if best.shots > ENOUGH * least:
        for bits in range(1, wanted // (1 + FEWEST_LEAVES) + 1):
            other = _solve(stars, joints, wanted, separators, bits)
            if other is not None and (made := _made(*other, couplings)).shots < best.shots:
                best = made
    return best


def shots_for(visibility: float, limit: float, p_value: float = P_VALUE) -> float:
    """Shots after which Hoeffding's p-value is expected at ``p_value``; infinite if never.

    >>> round(shots_for(0.2, 2.0**-26), 1), shots_for(0.5, 0.5)
    (686.1, inf)
    """
    if visibility <= limit:
        return math.inf
    found, allowed = (1 + visibility) / 2, (1 + limit) / 2
    rel_entr = scipy.special.rel_entr
    divergence = float(rel_entr(found, allowed) + rel_entr(1 - found, 1 - allowed))
    return -math.log(p_value) / divergence


def star_log(calibration: DeviceCalibration, centre: int, leaves: Iterable[int]) -> float:
    """ln of the visibility that the calibration predicts of one star without separators."""
    leaves = tuple(leaves)
    gates = sum(_gate_log(calibration, centre, leaf) for leaf in leaves)
    return gates + sum(_qubit_log(calibration, qubit, 1.0) for qubit in (centre, *leaves))


def _gate_log(calibration: DeviceCalibration, one: int, other: int) -> float:
    place = calibration.edges.index((min(one, other), max(one, other)))
    return _log(1 - 4 / 3 * calibration.edge_errors[place])


def _qubit_log(calibration: DeviceCalibration, qubit: int, share: float) -> float:
    """Of a qubit that counts in a ``share`` of settings."""
    turns = TURNS * _log(1 - 2 * calibration.turn_errors[qubit])
    return turns + _log(1 - 2 * share * calibration.readout_errors[qubit])


def _log(factor: float) -> float:
    return math.log(max(factor, 1e-9))


def _stars(calibration: DeviceCalibration) -> list[_Star]:
    found = []
    for centre, neighbours in calibration.neighbours.items():
        logs = {leaf: star_log(calibration, centre, [leaf]) for leaf in neighbours}
        near = sorted(neighbours, key=logs.__getitem__, reverse=True)[:MOST_NEIGHBOURS]
        for size in range(FEWEST_LEAVES, MOST_LEAVES + 1):
            for leaves in combinations(sorted(near), size):
                found.append(_Star(centre, leaves, star_log(calibration, centre, leaves)))
    return found


def _joints(calibration: DeviceCalibration) -> list[_Joint]:
    found = []
    for qubit, neighbours in calibration.neighbours.items():
        for one, other in combinations(neighbours[:MOST_NEIGHBOURS], 2):
            log = _qubit_log(calibration, qubit, 0.5)
            log += _gate_log(calibration, qubit, one) + _gate_log(calibration, qubit, other)
            found.append(_Joint(qubit, (one, other), log))
    return found


def _solve(
    stars: list[_Star],
    joints: list[_Joint],
    wanted: int,
    separators: int,
    bits: int | None = None,
) -> tuple[list[_Star], list[_Joint]] | None:
    """The best choice, None if there is none; ``bits``: of the local limit, -log2, if it counts."""
    if not stars:
        return None
    first = len(stars)
    rows: list[Row] = [
        ({k: float(len(star.qubits)) for k, star in enumerate(stars)}, wanted, wanted),
        ({first + k: 1.0 for k in range(len(joints))}, separators, separators),
    ]
    if bits is not None:
        rows.append(({k: float(star.bits) for k, star in enumerate(stars)}, bits, bits))
    rows += _once(stars, joints)
    rows += _joined(stars, joints)
    matrix = scipy.sparse.lil_array((len(rows), first + len(joints)))
    for row, (coefficients, _, _) in enumerate(rows):
        for column, value in coefficients.items():
            matrix[row, column] = value
    least, most = (np.array([row[k] for row in rows]) for k in (1, 2))
    costs = -np.array([*(star.log for star in stars), *(joint.log for joint in joints)])
    found = scipy.optimize.milp(
        costs,
        constraints=scipy.optimize.LinearConstraint(matrix.tocsr(), least, most),
        integrality=np.ones(len(costs), dtype=np.int64),
        bounds=scipy.optimize.Bounds(0, 1),
        options={"time_limit": SECONDS, "mip_rel_gap": GAP},
    )
    if found.x is None:
        return None
    taken: NDArray[np.bool_] = np.round(found.x).astype(bool)
    return (
        [star for star, mine in zip(stars, taken[:first], strict=True) if mine],
        [joint for joint, mine in zip(joints, taken[first:], strict=True) if mine],
    )


def _once(stars: list[_Star], joints: list[_Joint]) -> list[Row]:
    """Every qubit is of one star at most, or a separator."""
    uses: dict[int, dict[int, float]] = {}
    for k, star in enumerate(stars):
        for qubit in star.qubits:
            uses.setdefault(qubit, {})[k] = 1.0
    for k, joint in enumerate(joints, start=len(stars)):
        uses.setdefault(joint.qubit, {})[k] = 1.0
    return [(columns, 0.0, 1.0) for columns in uses.values()]


def _joined(stars: list[_Star], joints: list[_Joint]) -> list[Row]:
    """Separators are next to leaves, and no leaf has too many."""
    as_leaf: dict[int, dict[int, float]] = {}
    for k, star in enumerate(stars):
        for leaf in star.leaves:
            as_leaf.setdefault(leaf, {})[k] = -1.0
    rows: list[Row] = []
    beside: dict[int, dict[int, float]] = {}
    for k, joint in enumerate(joints, start=len(stars)):
        for leaf in joint.leaves:
            rows.append(({**as_leaf.get(leaf, {}), k: 1.0}, -math.inf, 0.0))
            beside.setdefault(leaf, {})[k] = 1.0
    return rows + [(columns, 0.0, MOST_BESIDE) for columns in beside.values()]


def _made(stars: list[_Star], joints: list[_Joint], couplings: tuple[Edge, ...]) -> StarChoice:
    wires = [qubit for star in stars for qubit in star.qubits] + [joint.qubit for joint in joints]
    place = {qubit: k for k, qubit in enumerate(wires)}
    edges = [(place[star.centre], place[leaf]) for star in stars for leaf in star.leaves]
    edges += [(place[joint.qubit], place[leaf]) for joint in joints for leaf in joint.leaves]
    centres = [place[star.centre] for star in stars]
    graph = StarGraph(len(wires), edges, centres, wires, couplings)
    logs = [star.log for star in stars] + [joint.log for joint in joints]
    visibility = math.exp(sum(logs))
    return StarChoice(graph, visibility, shots_for(visibility, graph.local_limit))
