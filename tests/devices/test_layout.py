"""What is read off a device, and the best line and tree on it."""

import itertools
import math
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from qiskit.circuit import Measure
from qiskit.circuit.library import CXGate, CZGate, SXGate
from qiskit.providers import QubitProperties
from qiskit.providers.fake_provider import GenericBackendV2
from qiskit.transpiler import InstructionProperties, Target
from qiskit_aer import AerSimulator

from qbell import QbellError
from qbell.devices.backends import find_backend
from qbell.devices.layout.calibration import DeviceCalibration, calibration_of, process_fidelity
from qbell.devices.layout.line import best_line, line_quality, qubit_log
from qbell.devices.layout.tree import Tree, best_tree, tree_quality, tree_to_measure

HEAVY_HEX = [
    f"fake_{name}" for name in ("pittsburgh", "boston", "aachen", "kingston", "marrakesh", "fez")
]


class Device:
    """No more of a BackendV2 than is read."""

    name = "bench"

    def __init__(self, target: Target) -> None:
        self.target = target


def bench(errors: dict[tuple[int, int], float | None], **kinds: Any) -> Device:
    """A device with a CZ on the given pairs; ``sx``, ``measure``, ``t1``, ``t2`` a qubit."""
    count = 1 + max(itertools.chain(*errors))
    properties = [
        QubitProperties(t1=t1, t2=t2)
        for t1, t2 in zip(
            kinds.get("t1", [1e-4] * count), kinds.get("t2", [1e-4] * count), strict=True
        )
    ]
    target = Target(num_qubits=count, qubit_properties=properties)
    target.add_instruction(
        CZGate(), {pair: InstructionProperties(6e-8, error) for pair, error in errors.items()}
    )
    for gate, name in ((SXGate(), "sx"), (Measure(), "measure")):
        values = kinds.get(name, [0.001] * count)
        target.add_instruction(
            gate, {(k,): InstructionProperties(3e-8, value) for k, value in enumerate(values)}
        )
    return Device(target)


@pytest.mark.device
def test_every_number_is_where_the_target_has_it() -> None:
    device = find_backend("fake_pittsburgh")
    found = calibration_of(device)
    target = device.target
    assert found.num_qubits == 156
    assert found.missing == ()
    assert list(found.edges) == sorted(set(found.edges))
    for (one, other), error, duration in zip(
        found.edges, found.edge_errors, found.edge_durations, strict=True
    ):
        assert one < other
        assert error == max(target["cz"][one, other].error, target["cz"][other, one].error) < 0.8
        assert duration == target["cz"][one, other].duration
    for qubit in found.qubits:
        assert found.readout_errors[qubit] == target["measure"][qubit,].error
        assert found.turn_errors[qubit] == target["sx"][qubit,].error
        assert found.t1[qubit] == target.qubit_properties[qubit].t1
        assert found.t2[qubit] == target.qubit_properties[qubit].t2
    broken = {tuple(sorted(pair)) for pair, value in target["cz"].items() if value.error == 1}
    assert broken  # this device has some
    assert not broken & set(found.edges)
    assert set(found.qubits) == {k for k in range(156) if target["sx"][k,].error < 1}


def test_what_is_broken_or_unknown_is_left_out() -> None:
    errors = {(0, 1): 0.01, (1, 2): 1.0, (2, 3): None, (3, 4): 0.02, (4, 5): 0.01, (5, 6): 0.01}
    found = calibration_of(bench(errors, t2=[1e-4] * 5 + [None, 1e-4]))
    assert found.edges == ((0, 1), (3, 4))
    assert found.qubits == (0, 1, 2, 3, 4, 6)
    assert found.neighbours == {0: (1,), 1: (0,), 2: (), 3: (4,), 4: (3,), 6: ()}
    assert found.missing == ()


def test_a_device_without_calibration_is_neutral_and_says_so() -> None:
    found = calibration_of(GenericBackendV2(5, noise_info=False))
    assert set(found.edge_errors) == set(found.readout_errors) == {0.0}
    assert set(found.t1) == {math.inf}
    assert {"two-qubit gate errors", "readout errors", "T1", "T2"} <= set(found.missing)
    assert found.decay_rate(0) == 0


@pytest.mark.device
def test_one_direction_or_two_or_any_pair() -> None:
    both = calibration_of(bench({(0, 1): 0.01, (1, 0): 0.03, (2, 1): 0.02}))
    assert both.edges == ((0, 1), (1, 2))
    assert both.edge_errors == (0.03, 0.02)  # the worse direction
    any_pair = calibration_of(AerSimulator())
    assert len(any_pair.edges) == math.comb(any_pair.num_qubits, 2)
    target = find_backend("fake_brussels").target
    whole = {pair for pair, value in target["ecr"].items() if value.error < 0.8}
    broken = {k for k in range(127) if target["sx"][k,].error > 0.5}
    kept = {tuple(sorted(pair)) for pair in whole if not broken & set(pair)}
    assert len(target["ecr"]) == 144
    assert broken
    assert set(calibration_of(find_backend("fake_brussels")).edges) == kept


def test_a_device_that_says_too_little_is_refused() -> None:
    with pytest.raises(QbellError, match="which qubits"):
        calibration_of(object())
    with pytest.raises(QbellError, match="which qubits"):
        calibration_of(Device(Target()))
    alone = Target(num_qubits=2)
    alone.add_instruction(SXGate(), {(0,): None, (1,): None})
    with pytest.raises(QbellError, match="no two-qubit gate"):
        calibration_of(Device(alone))
    target = Target(num_qubits=2)
    target.add_instruction(CXGate(), {(0, 1): InstructionProperties(error=math.nan)})
    assert "two-qubit gate errors" in calibration_of(Device(target)).missing


@pytest.mark.parametrize("error", [0.0, 0.01, 0.3])
@pytest.mark.parametrize("num_qubits", [1, 2])
def test_process_fidelity_of_depolarising_noise(error: float, num_qubits: int) -> None:
    """(1 - p) rho + p 1/d: average fidelity 1 - p (d - 1)/d, process 1 - p (d^2 - 1)/d^2."""
    size = 2**num_qubits
    p = error * size / (size - 1)
    assert process_fidelity(error, num_qubits) == pytest.approx(1 - p * (size**2 - 1) / size**2)


def small(rng: np.random.Generator) -> DeviceCalibration:
    """A random device of 8 qubits: a ring with two chords."""
    pairs = [(k, (k + 1) % 8) for k in range(8)] + [(0, 4), (2, 6)]
    return calibration_of(
        bench(
            {pair: float(rng.uniform(0.001, 0.05)) for pair in pairs},
            measure=rng.uniform(0.001, 0.1, 8).tolist(),
            sx=rng.uniform(1e-4, 1e-2, 8).tolist(),
            t1=rng.uniform(2e-5, 2e-4, 8).tolist(),
            t2=rng.uniform(2e-5, 2e-4, 8).tolist(),
        )
    )


@pytest.mark.slow
def test_best_line_is_the_best_of_all(rng: np.random.Generator) -> None:
    for _ in range(5):
        device = small(rng)
        pairs = set(device.edges) | {(b, a) for a, b in device.edges}
        for n in (2, 3, 5, 8):
            paths = [
                path
                for path in itertools.permutations(range(8), n)
                if all(pair in pairs for pair in itertools.pairwise(path))
            ]
            best = max(line_quality(device, path) for path in paths)
            found = best_line(device, n)
            assert found in paths
            assert found[0] < found[-1]
            assert line_quality(device, found) == pytest.approx(best, abs=1e-12)


def trees(device: DeviceCalibration, root: int, size: int, depth: int) -> Iterator[Tree]:
    """Every broadcast of so many layers from a root, by brute force."""
    near = device.neighbours

    def grow(layers: list[tuple[tuple[int, int], ...]], reached: set[int]) -> Iterator[Tree]:
        if len(reached) == size and layers and layers[-1]:
            yield Tree(root, tuple(layers))
        if len(layers) == depth or len(reached) >= size:
            return
        choices = [[None, *(k for k in near[old] if k not in reached)] for old in sorted(reached)]
        for choice in itertools.product(*choices):
            new = [k for k in choice if k is not None]
            if not new or len(set(new)) < len(new) or len(reached) + len(new) > size:
                continue
            pairs = zip(sorted(reached), choice, strict=True)
            layer = tuple((old, k) for old, k in pairs if k is not None)
            yield from grow([*layers, layer], reached | set(new))

    return grow([], {root})


@pytest.mark.slow
def test_best_tree_is_the_best_of_all(rng: np.random.Generator) -> None:
    for _ in range(2):
        device = small(rng)
        for n in (2, 3, 4, 5, 6):
            found = best_tree(device, n)
            depth = found.depth
            every = [tree for root in range(8) for tree in trees(device, root, n, depth)]
            fewer = [tree for tree in every if tree.depth < depth]
            assert not fewer
            assert any(set(tree.qubits) == set(found.qubits) for tree in every)
            best = max(tree_quality(device, tree) for tree in every)
            assert tree_quality(device, found) == pytest.approx(best, abs=1e-12)


@pytest.mark.slow
def test_a_tree_to_measure_reads_better(rng: np.random.Generator) -> None:
    """Readout counts three times, and a layer more may go round what is bad."""
    for n in (5, 6, 7):
        device = small(rng)
        found, plain = tree_to_measure(device, n), best_tree(device, n)
        check_tree(device, found, n)
        assert found.depth <= plain.depth + plain.depth // 4
        qualities = [
            tree_quality(device, tree) + 2 * sum(map(device.readout_log, tree.qubits))
            for tree in (found, plain)
        ]
        assert qualities[0] >= qualities[1] - 1e-12


def check_tree(device: DeviceCalibration, tree: Tree, num_qubits: int) -> None:
    """A broadcast over couplings: every pair starts at a qubit reached, used once a layer."""
    reached = {tree.root}
    for layer in tree.layers:
        assert len({old for old, _ in layer}) == len(layer) > 0
        for old, new in layer:
            assert old in reached
            assert new in device.neighbours[old]
        new_ones = [new for _, new in layer]
        assert not reached & set(new_ones)
        reached |= set(new_ones)
    assert len(reached) == num_qubits == len(tree.qubits)


@pytest.mark.first_and_last
@pytest.mark.device
@pytest.mark.parametrize("name", [*HEAVY_HEX, "fake_brussels", "fake_miami"])
def test_lines_and_trees_on_devices(name: str) -> None:
    device = calibration_of(find_backend(name))
    for n in (2, 20):
        tree = best_tree(device, n)
        check_tree(device, tree, n)
        line = best_line(device, n)
        assert len(set(line)) == n
        assert all(two in device.neighbours[one] for one, two in itertools.pairwise(line))
    assert best_tree(device, 20).depth == (5 if name == "fake_miami" else 6)
    assert best_tree(device, 10).depth == 4


@pytest.mark.device
def test_more_layers_are_no_worse() -> None:
    device = calibration_of(find_backend("fake_fez"))
    fewest = best_tree(device, 12)
    qualities = [
        tree_quality(device, best_tree(device, 12, fewest.depth + more)) for more in (0, 2)
    ]
    assert qualities[1] >= qualities[0] >= tree_quality(device, fewest) - 1e-12
    for more in (0, 2):
        check_tree(device, best_tree(device, 12, fewest.depth + more), 12)


@pytest.mark.device
def test_a_long_line_and_a_large_tree() -> None:
    device = calibration_of(find_backend("fake_pittsburgh"))
    line = best_line(device, 60)
    assert len(set(line)) == 60
    assert all(two in device.neighbours[one] for one, two in itertools.pairwise(line))
    check_tree(device, best_tree(device, 30), 30)


def test_what_does_not_fit_is_refused() -> None:
    device = calibration_of(bench({(0, 1): 0.01, (1, 2): 0.01, (1, 3): 0.01, (4, 5): 0.01}))
    assert best_line(device, 3) in {(0, 1, 2), (0, 1, 3), (2, 1, 3)}
    with pytest.raises(QbellError, match="no line of 4"):
        best_line(device, 4)
    with pytest.raises(QbellError, match="no line of 7"):
        best_line(device, 7)
    assert best_tree(device, 4).depth == 3
    with pytest.raises(QbellError, match="no tree of 5"):
        best_tree(device, 5)
    with pytest.raises(QbellError, match="no tree of 4 coupled qubits within 2"):
        best_tree(device, 4, 2)
    for wrong in (0, -1, True, 2.5):
        with pytest.raises(QbellError):
            best_line(device, wrong)  # type: ignore[arg-type]


def test_bad_readout_counts() -> None:
    """Of two equal pairs the one that reads well."""
    device = calibration_of(bench({(0, 1): 0.01, (2, 3): 0.01}, measure=[0.1, 0.01, 0.02, 0.01]))
    assert best_line(device, 2) == (2, 3)
    assert set(best_tree(device, 2).qubits) == {2, 3}
    assert qubit_log(device, 0) < qubit_log(device, 2) < 0


@pytest.mark.slow
def test_the_choice_is_deterministic() -> None:
    from qiskit_ibm_runtime.fake_provider import FakeFez

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        one, other = (calibration_of(FakeFez()) for _ in range(2))
    assert one == other
    assert best_line.__wrapped__(one, 9) == best_line.__wrapped__(other, 9)
    assert best_tree.__wrapped__(one, 9) == best_tree.__wrapped__(other, 9)
