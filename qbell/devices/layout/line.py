"""The best line of coupled qubits of a device."""

from functools import lru_cache
from itertools import pairwise

from qbell.devices.layout.calibration import DeviceCalibration
from qbell.errors import QbellError
from qbell.util.checks import whole_number

TURNS_OF_QUBIT = 2  # single-qubit gates that a qubit is counted with
WIDTHS = (24, 128)  # paths kept of each end; the second where the first leads nowhere


@lru_cache(maxsize=64)
def best_line(calibration: DeviceCalibration, num_qubits: int) -> tuple[int, ...]:
    """A path of N different coupled qubits of the highest predicted quality found.

    The quality is the product of the process fidelities of the N - 1 two-qubit gates along the path
    and, of each of its qubits, of the chance to be read right and of two single-qubit gates. Paths
    grow qubit by qubit from every start, and the best few at each end are kept (a beam search); a
    path is dropped when too few free qubits are left where it ends. The same calibration always
    gives the same line.

    Args:
        calibration: from `qbell.devices.layout.calibration.calibration_of`.
        num_qubits: N.

    Raises:
        QbellError: no such path was found on the device.
    """
    num_qubits = whole_number("n", num_qubits, least=1)
    if num_qubits <= len(calibration.qubits):
        search = _Search(calibration)
        for width in WIDTHS:
            path = search.best(num_qubits, width)
            if path is not None:
                return path if path[0] <= path[-1] else path[::-1]
    raise QbellError(
        f"n = {num_qubits}: found no line of {num_qubits} coupled qubits on {calibration.name}, "
        f"which has {len(calibration.qubits)} usable ones; use fewer qubits or another layout"
    )


def line_quality(calibration: DeviceCalibration, path: tuple[int, ...]) -> float:
    """ln of the predicted quality of a path, see `best_line`."""
    edges = pairwise(path)
    return sum(qubit_log(calibration, qubit) for qubit in path) + sum(
        calibration.edge_logs[edge] for edge in edges
    )


def qubit_log(calibration: DeviceCalibration, qubit: int) -> float:
    """ln of the quality of one qubit: its readout and its single-qubit gates."""
    return calibration.readout_log(qubit) + TURNS_OF_QUBIT * calibration.turn_log(qubit)


Path = tuple[float, int, tuple[int, ...]]  # quality, bits of the qubits visited, qubits


class _Search:
    def __init__(self, calibration: DeviceCalibration) -> None:
        self.near = calibration.neighbours
        self.logs = calibration.edge_logs
        self.qubit = {qubit: qubit_log(calibration, qubit) for qubit in calibration.qubits}
        self.mask = {
            qubit: sum(1 << other for other in others) for qubit, others in self.near.items()
        }

    def best(self, num_qubits: int, width: int) -> tuple[int, ...] | None:
        paths: list[Path] = [(log, 1 << qubit, (qubit,)) for qubit, log in self.qubit.items()]
        for length in range(2, num_qubits + 1):
            ends: dict[int, dict[int, Path]] = {}
            for quality, visited, path in paths:
                last = path[-1]
                for qubit in self.near[last]:
                    if visited >> qubit & 1:
                        continue
                    better = quality + self.logs[last, qubit] + self.qubit[qubit]
                    same = ends.setdefault(qubit, {})
                    seen = visited | 1 << qubit
                    # Of paths over the same qubits to the same end only the best can matter.
                    if seen not in same or same[seen][0] < better:
                        same[seen] = (better, seen, (*path, qubit))
            paths = [
                path
                for same in ends.values()
                for path in self._kept(list(same.values()), num_qubits - length, width)
            ]
        if not paths:
            return None
        return min(paths, key=lambda path: (-path[0], path[2]))[2]

    def _kept(self, paths: list[Path], needed: int, width: int) -> list[Path]:
        """The best paths to one end that have room for ``needed`` more qubits."""
        kept: list[Path] = []
        for path in sorted(paths, key=lambda path: (-path[0], path[2])):
            if self._has_room(path, needed):
                kept.append(path)
                if len(kept) == width:
                    break
        return kept

    def _has_room(self, path: Path, needed: int) -> bool:
        """Whether ``needed`` free qubits can be reached from the end of the path."""
        _, visited, qubits = path
        reached = new = 1 << qubits[-1]
        while new and reached.bit_count() <= needed:
            around = 0
            while new:
                lowest = new & -new
                around |= self.mask[lowest.bit_length() - 1]
                new ^= lowest
            new = around & ~visited & ~reached
            reached |= new
        return reached.bit_count() > needed
