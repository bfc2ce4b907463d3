"""`ReadoutCalibration`: known bit strings that were prepared, and how often they were read how."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qbell.conventions.labels import BIT_LETTERS, strings
from qbell.errors import QbellError
from qbell.mitigation import calibration_table
from qbell.mitigation.independence import independence_p
from qbell.mitigation.levels import contrast, levels_of, unbiased_levels_of
from qbell.util.atomic_files import write_atomically
from qbell.util.checks import whole_number

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

LEAST_CONTRAST = 0.1
LEAST_RATIO = 5.0  # of the contrast to its standard error


class SingularReadout(QbellError):
    """A qubit's readout tells too little of it to be corrected; raw shots are as good as ever.

    Attributes:
        frame: the table of the calibration.
    """

    def __init__(self, frame: pd.DataFrame, message: str) -> None:
        super().__init__(message)
        self.frame = frame

    def to_csv(self, path: Path) -> None:
        """Write the table, so that the same is found in it again."""
        write_atomically(path, lambda temporary: self.frame.to_csv(temporary, index=False))

    @property
    def note(self) -> str:
        """What a report says."""
        return f"nothing is mitigated: {self}"


@dataclass(frozen=True)
class ReadoutCalibration:
    """Counts of known words, and from them the readout errors of each qubit by itself.

    The model: each qubit is read wrongly independently of the others, a prepared 0 with probability
    p_k, a prepared 1 with q_k; each qubit's shots are taken together over all words. ``p_value``
    tests that. An error in preparing 1 counts as an error of its readout.

    Attributes:
        prepared: (rows, N) the word that was prepared; column k is qubit k.
        bits: (rows, N) the word that was read.
        counts: (rows,) how often.

    Raises:
        QbellError: a qubit was never prepared in 0 or in 1, or its outcome says so little of what
            was prepared that it cannot be corrected.

    >>> calibration = ReadoutCalibration.from_counts(
    ...     {"00": {"00": 980, "01": 20}, "11": {"11": 950, "01": 50}}
    ... )
    >>> calibration.rates.tolist()  # qubit 0, the last character, is read as 1 in 20 of 1000
    [[0.02, 0.0], [0.0, 0.05]]
    """

    prepared: NDArray[np.uint8]
    bits: NDArray[np.uint8]
    counts: Integers

    def __post_init__(self) -> None:
        for array in (self.prepared, self.bits, self.counts):
            array.setflags(write=False)
        for qubit, shots in enumerate(self.shots.tolist()):
            if min(shots) == 0:
                raise QbellError(
                    f"readout calibration: qubit {qubit} was never prepared in "
                    f"{shots.index(0)}; calibrate with the words of all 0 and of all 1 at least"
                )
        for qubit, (a, error) in enumerate(zip(contrast(self.rates), self._errors, strict=True)):
            if a < LEAST_CONTRAST or a < LEAST_RATIO * error:
                raise SingularReadout(
                    self.frame,
                    f"readout calibration: qubit {qubit} has the contrast 1 - p - q = {a:.3g} "
                    f"+- {error:.2g}, too near 0 to correct; expected above {LEAST_CONTRAST} and "
                    f"{LEAST_RATIO:g} standard errors: take more calibration shots, or leave this "
                    "qubit out",
                )

    @classmethod
    def from_counts(cls, counts: Mapping[str, Mapping[str, int]]) -> "ReadoutCalibration":
        """From counts as nested mappings.

        Args:
            counts: ``{prepared: {bitstring: count}}``; in all words the last character is qubit 0.

        Returns:
            The calibration.

        Raises:
            QbellError: words of different lengths or of other characters, counts that are not
                whole numbers, or a readout that cannot be corrected.
        """
        rows = [
            (prepared, read, whole_number(f"the count of {read} for {prepared}", count, least=0))
            for prepared, found in counts.items()
            for read, count in found.items()
        ]
        table = pd.DataFrame(rows, columns=list(calibration_table.REQUIRED))
        return from_frame(table, "readout calibration")

    @property
    def num_qubits(self) -> int:
        """Number of qubits, N."""
        return int(self.prepared.shape[1])

    @cached_property
    def shots(self) -> Integers:
        """(N, 2) shots of each qubit prepared in 0 and in 1."""
        ones = self.counts @ self.prepared.astype(np.int64)
        return np.stack([self.counts.sum() - ones, ones], axis=1)

    @cached_property
    def wrong(self) -> Integers:
        """(N, 2) how many of ``shots`` were read wrongly."""
        flipped = (self.prepared != self.bits).astype(np.int64)
        ones = self.counts @ (flipped * self.prepared)
        return np.stack([self.counts @ flipped - ones, ones], axis=1)

    @property
    def rates(self) -> Floats:
        """(N, 2) shares read wrongly: p_k = P(1 | 0) and q_k = P(0 | 1)."""
        found: Floats = self.wrong / self.shots
        return found

    @property
    def variances(self) -> Floats:
        """(N, 2) variances of the rates, above 0 also where no error was observed.

        Jeffreys' posterior: that of Beta(k + 1/2, n - k + 1/2), with k of n read wrongly.
        """
        wrong, right = self.wrong + 0.5, self.shots - self.wrong + 0.5
        total = wrong + right
        found: Floats = wrong * right / (total**2 * (total + 1))
        return found

    @property
    def _errors(self) -> Floats:
        """(N,) standard errors of the contrast."""
        found: Floats = np.sqrt(self.variances.sum(axis=1))
        return found

    @property
    def p_value(self) -> float:
        """P-value of "qubits are read independently"; see `independence_p`."""
        return independence_p(self.prepared, self.bits, self.counts)

    def levels(self) -> Floats:
        """The numbers that replace the outcomes +1 and -1 to correct the readout.

        v_0 = (1 - b) / a and v_1 = (-1 - b) / a with a = 1 - p - q and b = q - p: their mean is
        that of the true outcomes.

        Returns:
            (N, 2) v_0 and v_1 of each qubit; row k is qubit k.

        >>> words = {"00": {"00": 90, "01": 10}, "11": {"11": 90, "10": 10}}
        >>> ReadoutCalibration.from_counts(words).levels().round(9).tolist()
        [[1.25, -1.25], [1.0, -1.0]]
        """
        return levels_of(self.rates)

    def unbiased_levels(self) -> Floats:
        """The same as `levels` without the bias of a ratio, of first order in 1 / shots.

        Returns:
            (N, 2) v_0 and v_1 of each qubit.

        >>> words = {"00": {"00": 90, "01": 10}, "11": {"11": 90, "10": 10}}
        >>> ReadoutCalibration.from_counts(words).unbiased_levels().shape
        (2, 2)
        """
        return unbiased_levels_of(self.rates, self.variances)

    def resampled_rates(self, resamples: int, generator: np.random.Generator) -> Floats:
        """Rates drawn from Jeffreys' posterior, see ``variances``.

        Args:
            resamples: how many.
            generator: of random numbers.

        Returns:
            (resamples, N, 2) p and q of each qubit.

        >>> words = {"00": {"00": 90, "01": 10}, "11": {"11": 90, "10": 10}}
        >>> calibration = ReadoutCalibration.from_counts(words)
        >>> calibration.resampled_rates(5, np.random.default_rng(1)).shape
        (5, 2, 2)
        """
        right = self.shots - self.wrong
        return generator.beta(
            self.wrong + 0.5, right + 0.5, size=(resamples, self.num_qubits, 2)
        ).astype(float)

    def resampled(self, resamples: int, generator: np.random.Generator) -> Floats:
        """Levels of resampled rates, shifted so that their mean is `unbiased_levels`.

        Args:
            resamples: how many.
            generator: of random numbers.

        Returns:
            (resamples, N, 2) v_0 and v_1 of each qubit.

        >>> words = {"00": {"00": 90, "01": 10}, "11": {"11": 90, "10": 10}}
        >>> calibration = ReadoutCalibration.from_counts(words)
        >>> calibration.resampled(5, np.random.default_rng(1)).shape
        (5, 2, 2)
        """
        drawn = levels_of(self.resampled_rates(resamples, generator))
        moved: Floats = drawn - drawn.mean(axis=0) + self.unbiased_levels()
        return moved

    @property
    def frame(self) -> pd.DataFrame:
        """A fresh tidy table: prepared, bitstring, count."""
        return pd.DataFrame(
            {
                "prepared": strings(self.prepared, BIT_LETTERS),
                "bitstring": strings(self.bits, BIT_LETTERS),
                "count": self.counts,
            }
        )

    def to_csv(self, path: str | Path) -> None:
        """Write the table as CSV; the file appears complete or not at all.

        Args:
            path: of the file; `read_calibration` reads it back.

        Raises:
            QbellError: the file cannot be written.

        >>> import tempfile
        >>> words = {"00": {"00": 90, "01": 10}, "11": {"11": 90, "10": 10}}
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     ReadoutCalibration.from_counts(words).to_csv(f"{folder}/readout.csv")
        ...     read_calibration(f"{folder}/readout.csv").num_qubits
        2
        """
        write_atomically(Path(path), lambda temporary: self.frame.to_csv(temporary, index=False))


def from_frame(table: pd.DataFrame, name: str = "the table") -> ReadoutCalibration:
    """`ReadoutCalibration` from a table with columns prepared, bitstring, count.

    Raises:
        QbellError: it is not such a table; names ``name`` and the row (the header is row 1).
    """
    return ReadoutCalibration(*calibration_table.check(table, name))


def read_calibration(path: str | Path) -> ReadoutCalibration:
    """Read a CSV with columns prepared, bitstring, count, as `ReadoutCalibration.to_csv` writes it.

    Args:
        path: of the CSV.

    Returns:
        The calibration.

    Raises:
        QbellError: the file cannot be read or is not such a table; names the row.

    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "readout.csv"
    ...     text = "prepared,bitstring,count\\n00,00,99\\n00,01,1\\n11,11,100\\n"
    ...     _ = path.write_text(text, encoding="utf-8")
    ...     read_calibration(path).rates.tolist()
    [[0.01, 0.0], [0.0, 0.0]]
    """
    path = Path(path)
    return from_frame(calibration_table.read(path), str(path))
