"""Trees of couplings along which a state spreads over a device in few layers."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from qbell.circuits.gates import Edge
from qbell.devices.layout.calibration import DeviceCalibration
from qbell.devices.layout.line import TURNS_OF_QUBIT, qubit_log
from qbell.errors import QbellError
from qbell.util.checks import whole_number

POLISHED = 12  # trees improved further, of all those grown
WIDTH = 6  # trees kept of each root while they grow
TRIED = 60  # exchanges of a leaf, the most promising first, that are looked at closely


@dataclass(frozen=True)
class Tree:
    """A schedule: in every layer, each qubit reached so far may entangle one new neighbour.

    Attributes:
        root: the physical qubit that starts.
        layers: of each layer the pairs (reached, new), in the order of layers. A pair comes as late
            as the pairs behind it allow, so that qubits wait as little as can be.
    """

    root: int
    layers: tuple[tuple[Edge, ...], ...]

    @property
    def depth(self) -> int:
        """Number of layers."""
        return len(self.layers)

    @property
    def qubits(self) -> tuple[int, ...]:
        """All qubits in the order in which they are reached."""
        return (self.root, *(new for layer in self.layers for _, new in layer))


@lru_cache(maxsize=64)
def best_tree(
    calibration: DeviceCalibration,
    num_qubits: int,
    depth: int | None = None,
    *,
    gates_alone: bool = False,
    reading: int = 1,
) -> Tree:
    """The tree over N qubits with the fewest layers found, and of these the best quality.

    From every root trees grow layer by layer, the best few kept (a beam search: most qubits, then
    most free neighbours, then quality); they lose their worst leaves until N qubits are left; the
    best are improved by exchanging leaves. The quality is that of
    `qbell.devices.layout.line` with the decay of the qubits that wait for the last layer. The same
    calibration always gives the same tree.

    Args:
        calibration: from `qbell.devices.layout.calibration.calibration_of`.
        num_qubits: N, at least 2.
        depth: number of layers allowed; None for the fewest.
        gates_alone: leave readout and waiting out of the quality.
        reading: how often the readout counts in it.

    Raises:
        QbellError: no such tree was found on the device.
    """
    num_qubits = whole_number("n", num_qubits, least=2)
    if num_qubits <= len(calibration.qubits):
        search = _Search(calibration, num_qubits, gates_alone, reading)
        tree = search.fewest() if depth is None else search.within(depth)
        if tree is not None:
            return tree
    few = "" if depth is None else f" within {depth} layers"
    raise QbellError(
        f"n = {num_qubits}: found no tree of {num_qubits} coupled qubits{few} on "
        f"{calibration.name}, which has {len(calibration.qubits)} usable ones; use fewer qubits or "
        "another layout"
    )


def tree_to_measure(calibration: DeviceCalibration, num_qubits: int) -> Tree:
    """The tree for a state of many qubits that are all read: a quarter more layers, better qubits.

    With the fewest layers a tree over most of a device cannot go round its worst couplings. And an
    error of the readout costs more than one of a gate: C falls by 1 - 2 e and P by 1 - e, so that
    N^2 C^2/P falls by 1 - 3 e.

    Raises:
        QbellError: see `best_tree`.
    """
    fewest = best_tree(calibration, num_qubits).depth
    return best_tree(calibration, num_qubits, fewest + fewest // 4, reading=3)


def tree_quality(calibration: DeviceCalibration, tree: Tree) -> float:
    """ln of the predicted quality of a tree, see `best_tree`."""
    search = _Search(calibration, len(tree.qubits))
    parents = {new: old for layer in tree.layers for old, new in layer}
    return search.quality(_Grown(tree.root, parents), tree.depth)


@dataclass(frozen=True)
class _Grown:
    """A rooted tree: where each qubit but the root was reached from, in an order of growth."""

    root: int
    parents: dict[int, int]

    def children(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {self.root: [], **{new: [] for new in self.parents}}
        for new, old in self.parents.items():
            found[old].append(new)
        return found

    def leaves(self) -> list[int]:
        """Qubits that nothing hangs on, the root excepted."""
        used = set(self.parents.values())
        return [new for new in self.parents if new not in used]

    def without(self, leaf: int) -> "_Grown":
        return _Grown(self.root, {new: old for new, old in self.parents.items() if new != leaf})

    def joined(self, old: int, new: int) -> "_Grown":
        return _Grown(self.root, {**self.parents, new: old})

    def rooted_at(self, root: int) -> "_Grown":
        """The same couplings seen from another root."""
        near: dict[int, list[int]] = {self.root: []}
        for new, old in self.parents.items():
            near.setdefault(old, []).append(new)
            near.setdefault(new, []).append(old)
        parents: dict[int, int] = {}
        reached = [root]
        for old in reached:
            for new in near[old]:
                if new != root and new not in parents and parents.get(old) != new:
                    parents[new] = old
                    reached.append(new)
        return _Grown(root, parents)


def latest_layers(tree: _Grown, depth: int) -> dict[int, int] | None:
    """The latest layer, 1 to ``depth``, in which each qubit can be reached; None if none fits.

    What hangs on a qubit decides: of its neighbours, those with the deepest trees of their own come
    first. The root has the layer before its first pair.
    """
    children = tree.children()
    order = [tree.root]
    for old in order:
        order.extend(children[old])
    # Layers that a qubit needs after it is reached: its i-th new neighbour takes i and its own.
    needs: dict[int, int] = {}
    for old in reversed(order):
        deepest_first = sorted((needs[new] for new in children[old]), reverse=True)
        needs[old] = max((place + need for place, need in enumerate(deepest_first, 1)), default=0)
    if needs[tree.root] > depth:
        return None
    layers: dict[int, int] = {}
    for old in order:
        free = depth + 1
        for new in sorted(children[old], key=lambda qubit: (needs[qubit], qubit)):
            free = min(depth - needs[new], free - 1)
            layers[new] = free
    layers[tree.root] = min((layers[new] for new in children[tree.root]), default=1) - 1
    return layers


class _Search:
    def __init__(
        self,
        calibration: DeviceCalibration,
        num_qubits: int,
        gates_alone: bool = False,
        reading: int = 1,
    ) -> None:
        self.calibration, self.num_qubits = calibration, num_qubits
        self.near = calibration.neighbours
        self.edge = calibration.edge_logs
        self.qubit = {
            qubit: TURNS_OF_QUBIT * calibration.turn_log(qubit)
            if gates_alone
            else qubit_log(calibration, qubit) + (reading - 1) * calibration.readout_log(qubit)
            for qubit in calibration.qubits
        }
        gate = sorted(calibration.edge_durations)[len(calibration.edges) // 2]
        turn = sorted(calibration.turn_durations)[calibration.num_qubits // 2]
        step = 0.0 if gates_alone else gate + turn  # seconds of a layer
        # The root has a turn of its own, every other qubit two, around its CZ.
        self.turn = {qubit: calibration.turn_log(qubit) for qubit in calibration.qubits}
        self.decay = {qubit: step * calibration.decay_rate(qubit) for qubit in calibration.qubits}

    def quality(self, tree: _Grown, depth: int) -> float:
        """ln of the predicted quality; -inf where the tree takes more layers."""
        layers = latest_layers(tree, depth)
        if layers is None:
            return float("-inf")
        total = sum(self.qubit[qubit] for qubit in layers) - self.turn[tree.root]
        for new, old in tree.parents.items():
            total += self.edge[old, new] + self.decay[old]  # one layer in which it does not wait
        return total - sum(self.decay[qubit] * (depth - layer) for qubit, layer in layers.items())

    def fewest(self) -> Tree | None:
        """The best tree found with the fewest layers."""
        for depth in range(self._least_depth(), self.num_qubits):
            grown = [tree for root in self.near for tree in self._spread(root, depth)]
            if grown:
                return self._best([self._pruned(tree) for tree in grown], depth)
        return None

    def _least_depth(self) -> int:
        """Layers below which no tree has N qubits: they double them, and reach one step further."""
        steps = self.num_qubits
        for root in self.near:
            reached, edge, taken = {root}, {root}, 0
            while edge and len(reached) < self.num_qubits:
                edge = {new for old in edge for new in self.near[old]} - reached
                reached |= edge
                taken += 1
            if len(reached) >= self.num_qubits:
                steps = min(steps, taken)
        return max(steps, (self.num_qubits - 1).bit_length())

    def within(self, depth: int) -> Tree | None:
        """The best tree found with up to so many layers."""
        grown = [self._picked(root, depth) for root in self.near]
        few = best_tree(self.calibration, self.num_qubits)
        if few.depth <= depth:
            grown.append(_Grown(few.root, {new: old for layer in few.layers for old, new in layer}))
        complete = [tree for tree in grown if len(tree.parents) + 1 == self.num_qubits]
        return self._best(complete, depth) if complete else None

    def _best(self, trees: list[_Grown], depth: int) -> Tree:
        """The best of several trees of N qubits, the most promising of them improved."""
        distinct: dict[frozenset[int], _Grown] = {}
        for tree in sorted(trees, key=lambda tree: self._rank(tree, depth)):
            distinct.setdefault(frozenset((tree.root, *tree.parents)), tree)
        polished = [self._polished(tree, depth) for tree in list(distinct.values())[:POLISHED]]
        return _scheduled(min(polished, key=lambda tree: self._rank(tree, depth)), depth)

    def _rank(self, tree: _Grown, depth: int) -> tuple[float, int, list[tuple[int, int]]]:
        return -self.quality(tree, depth), tree.root, sorted(tree.parents.items())

    def _picked(self, root: int, depth: int) -> _Grown:
        """A tree of up to N qubits that takes the best free neighbour that fits, one by one."""
        tree = _Grown(root, {})
        while len(tree.parents) + 1 < self.num_qubits:
            options = sorted(self._additions(tree), reverse=True)
            fitting = (tree.joined(old, new) for _, old, new in options)
            found = next((one for one in fitting if latest_layers(one, depth) is not None), None)
            if found is None:
                break
            tree = found
        return tree

    def _spread(self, root: int, depth: int) -> list[_Grown]:
        """Trees of N qubits or more that grow from a root within so many layers."""
        beam: list[tuple[float, int, dict[int, int]]] = [(self.qubit[root], 1 << root, {})]
        for _ in range(depth):
            started = beam
            beam = []
            for quality, reached, parents in started:
                beam.extend(self._layer(root, quality, reached, parents))
            same: dict[int, tuple[float, int, dict[int, int]]] = {}
            for state in beam:
                if state[1] not in same or same[state[1]][0] < state[0]:
                    same[state[1]] = state
            beam = sorted(
                same.values(),
                key=lambda state: (-state[1].bit_count(), -self._free(state[1]), -state[0]),
            )[:WIDTH]
        return [
            _Grown(root, parents)
            for _, reached, parents in beam
            if reached.bit_count() >= self.num_qubits
        ]

    def _layer(
        self, root: int, quality: float, reached: int, parents: dict[int, int]
    ) -> list[tuple[float, int, dict[int, int]]]:
        """What one more layer can make of a tree: every qubit takes a neighbour if one is free."""
        options = [(quality, reached, parents)]
        for old in (root, *parents):
            grown = []
            for value, seen, so_far in options:
                free = [new for new in self.near[old] if not seen >> new & 1]
                for new in free:
                    better = value + self.edge[old, new] + self.qubit[new]
                    grown.append((better, seen | 1 << new, {**so_far, new: old}))
                if not free:
                    grown.append((value, seen, so_far))
            options = sorted(grown, key=lambda state: (-state[1].bit_count(), -state[0]))[:WIDTH]
        return options

    def _free(self, reached: int) -> int:
        """Number of neighbours that are not reached."""
        around = {
            new for old in _members(reached) for new in self.near[old] if not reached >> new & 1
        }
        return len(around)

    def _pruned(self, tree: _Grown) -> _Grown:
        """Without its worst leaves, so that N qubits are left."""
        parents = dict(tree.parents)
        children = {qubit: len(new) for qubit, new in tree.children().items()}
        while len(parents) + 1 > self.num_qubits:
            leaves = [new for new in parents if not children[new]]
            worst = min(
                leaves, key=lambda leaf: (self.edge[parents[leaf], leaf] + self.qubit[leaf], leaf)
            )
            children[parents.pop(worst)] -= 1
        return _Grown(tree.root, parents)

    def _polished(self, tree: _Grown, depth: int) -> _Grown:
        """Improved by exchanging leaves, or the root, as long as that helps."""
        quality = self.quality(tree, depth)
        while True:
            options = [(self.quality(other, depth), other) for other in self._around(tree)]
            best = max((value for value, _ in options), default=quality)
            if best <= quality + 1e-12:
                return tree
            quality, tree = next(option for option in options if option[0] == best)

    def _around(self, tree: _Grown) -> Iterable[_Grown]:
        """Trees that differ by the root, and the most promising ones that differ by one leaf."""
        for root in sorted(tree.parents):
            yield tree.rooted_at(root)
        first = tree.children()[tree.root]
        ends = [tree, tree.rooted_at(first[0])] if len(first) == 1 else [tree]
        options = []
        for place, one in enumerate(ends):
            added = self._additions(one)
            for leaf in one.leaves() if place == 0 else [tree.root]:
                lost = self.edge[one.parents[leaf], leaf] + self.qubit[leaf]
                options += [
                    (gain - lost, leaf, old, new, place)
                    for gain, old, new in added
                    if leaf not in (old, new)
                ]
        for _, leaf, old, new, place in sorted(options, reverse=True)[:TRIED]:
            yield ends[place].without(leaf).joined(old, new)

    def _additions(self, tree: _Grown) -> list[tuple[float, int, int]]:
        """(gain, reached, new) of every free neighbour, by each way to it."""
        members = {tree.root, *tree.parents}
        return [
            (self.edge[old, new] + self.qubit[new], old, new)
            for old in sorted(members)
            for new in self.near[old]
            if new not in members
        ]


def _members(reached: int) -> list[int]:
    return [qubit for qubit in range(reached.bit_length()) if reached >> qubit & 1]


def _scheduled(tree: _Grown, depth: int) -> Tree:
    layers = latest_layers(tree, depth)
    assert layers is not None
    used = min(layers[new] for new in tree.parents)  # the first one that has a pair
    return Tree(
        tree.root,
        tuple(
            tuple(sorted((old, new) for new, old in tree.parents.items() if layers[new] == layer))
            for layer in range(used, depth + 1)
        ),
    )
