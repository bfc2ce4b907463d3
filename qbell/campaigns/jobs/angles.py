"""Angles of a phase scan as what jobs measure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qbell.campaigns.jobs.jobs import FIXED_SETTINGS
from qbell.campaigns.jobs.measured import Floats, Made, Measured, Rows, counted
from qbell.campaigns.phase_scan.prepared import prepared_scan
from qbell.campaigns.scan_table import ScanTable
from qbell.campaigns.spec import Spec
from qbell.conventions.axes import Axis, parse_axis
from qbell.sampling.phase_scan import is_success
from qbell.shots.phase_scan import PhaseScan

if TYPE_CHECKING:
    from qiskit import QuantumCircuit


@dataclass(frozen=True)
class Angles(Measured):
    """The angles of a phase scan; each is a row.

    Attributes:
        scan: as its spec registers it.
        size: N.
    """

    scan: ScanTable
    size: int
    column: ClassVar[str] = "angle"

    def __len__(self) -> int:
        return len(self.scan.angles)

    @property
    def num_qubits(self) -> int:
        """See `Measured`."""
        return self.size

    @property
    def axis(self) -> Axis:
        """See `Measured`."""
        return parse_axis(self.scan.axis)

    @property
    def drawn(self) -> bool:
        """See `Measured`: every job measures all angles, so that a drift meets all alike."""
        return False

    @property
    def record(self) -> dict[str, Any]:
        """See `Measured`: the spec has it all."""
        return {"settings_seed": None, "order": None}

    def words(self, rows: Rows) -> list[str]:
        """See `Measured`: radians."""
        turns = self.scan.turns
        return [repr(turns[row]) for row in rows.tolist()]

    def values(self, circuit: "QuantumCircuit", rows: Rows) -> Floats:
        """See `Measured`."""
        return np.array(self.scan.turns)[rows, None]

    @property
    def fixed_words(self) -> list[str]:
        """The first two angles."""
        return self.words(np.arange(FIXED_SETTINGS))

    def fixed_values(self, circuit: "QuantumCircuit") -> Floats:
        """See `Measured`."""
        return self.values(circuit, np.arange(FIXED_SETTINGS))

    def table(self, bits: NDArray[np.uint8], rows: Rows, backend: str) -> pd.DataFrame:
        """See `Measured`."""
        parts = [
            counted(some).assign(angle=word)
            for some, word in zip(bits, self.words(rows), strict=True)
        ]
        return pd.concat(parts)[[self.column, "bitstring", "count"]]

    def in_all(self, tables: Sequence[pd.DataFrame], backend: str, seed: int) -> PhaseScan:
        """The scan that the tables of jobs make together."""
        table = pd.concat(tables)
        ones = np.array([word.count("1") for word in table["bitstring"]], dtype=np.int64)
        table = table.assign(success=table["count"] * is_success(ones, self.scan.read_out))
        sums = table.groupby(self.column)[["success", "count"]].sum()
        sums = sums.loc[self.words(np.arange(len(self)))]
        return PhaseScan(
            angles=self.scan.turns,
            successes=tuple(sums["success"].tolist()),
            shots=tuple(sums["count"].tolist()),
            read_out=self.scan.read_out,
            num_qubits=self.size,
            axis=self.axis,
            pair=self.scan.places,
            backend=backend,
            seed=seed,
        )


def made_angles(spec: Spec, device: Any) -> Made:
    """The angles of a spec, and the circuit of its scan on a device.

    Raises:
        QbellError: a state that cannot be scanned, or not on this device.
    """
    found = prepared_scan(spec, device)
    assert spec.scan is not None
    return Made(Angles(spec.scan, found.num_qubits), found.preparation, found.compiled)


def angles_in(record: Mapping[str, Any], spec: Spec, words: Sequence[str]) -> Angles:
    """The same from campaign.json and the words of ``schedule.csv``, in the order of the rows.

    Raises:
        ValueError: other angles than the spec's.
    """
    assert spec.scan is not None
    found = Angles(spec.scan, record["n"])
    if list(words) != found.words(np.arange(len(found))):
        raise ValueError("schedule.csv has other angles than spec.toml")
    return found
