"""Checks of plain values that come from users."""

import math
import numbers
import os

from qbell.errors import QbellError

MAX_STATE_QUBITS = 10_000  # of a state with a closed form
MAX_MEASURED_QUBITS = 1000  # of a schedule, a covering array, a readout calibration
MAX_RESAMPLES = 10**6
LITTLE = 2**20  # bytes: looking for them takes longer than what they are needed for


def whole_number(name: str, value: object, *, least: int, most: int | None = None) -> int:
    """``value`` as an int between ``least`` and ``most``.

    Raises:
        QbellError: it is not a whole number, or outside these limits.
    """
    wanted = f"a whole number from {least} " + ("on" if most is None else f"to {most}")
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise QbellError(f"{name} = {value!r}; give {wanted}")
    whole = int(value)
    if whole < least or (most is not None and whole > most):
        raise QbellError(f"{name} = {whole}; give {wanted}")
    return whole


def finite_number(name: str, value: object, *, most: float = math.inf) -> float:
    """``value`` as a finite float of absolute value up to ``most``, or a `QbellError`."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real) or not math.isfinite(value):
        raise QbellError(f"{name} = {value!r}; give a finite number")
    number = float(value)
    if abs(number) > most:
        raise QbellError(f"{name} = {number}; give a number between -{most:g} and {most:g}")
    return number


def confidence_level(value: object) -> float:
    """``value`` as a confidence between 0.5 and 0.9999, or a `QbellError`."""
    level = finite_number("confidence", value)
    if not 0.5 <= level <= 0.9999:
        raise QbellError(f"confidence = {level}; give a number from 0.5 to 0.9999, e.g. 0.95")
    return level


def enough_resamples(resamples: object, confidence: float, name: str = "resamples") -> int:
    """``resamples`` as an int, or a `QbellError` if they are too few to show the interval."""
    least = math.ceil(2 / (1 - confidence) - 1e-9)
    whole = whole_number(name, resamples, least=1, most=MAX_RESAMPLES)
    if whole < least:
        raise QbellError(
            f"{name} = {whole} is too few for a {confidence:g} interval; give {least} or more"
        )
    return whole


def require_memory(needed: float, purpose: str) -> None:
    """Refuse before memory is taken, when ``needed`` bytes are more than the machine has free.

    Raises:
        QbellError: too little memory; says how much is needed and how much there is.
    """
    if needed <= LITTLE:
        return
    available = _available_memory()
    if needed > available:
        raise QbellError(
            f"{purpose} needs {needed / 2**30:.1f} GiB of memory, but {available / 2**30:.1f} GiB "
            "are free; use fewer qubits or points, or a larger machine"
        )


def _available_memory() -> float:
    try:
        with open("/proc/meminfo", encoding="ascii") as lines:
            for line in lines:
                if line.startswith("MemAvailable:"):
                    return float(line.split()[1]) * 1024
    except OSError:
        pass
    try:  # elsewhere: half of what is installed
        return 0.5 * os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return math.inf
