"""Values of a summary that are read back from files, checked before they are shown."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from qbell.errors import QbellError

Test = Callable[[Any], bool]


def _is_number(value: Any) -> bool:
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    return plain and abs(value) < 1e300 and math.isfinite(value)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_list(of: Test, length: int | None = None) -> Test:
    return lambda value: (
        isinstance(value, list) and length in (None, len(value)) and all(map(of, value))
    )


def _or_null(test: Test) -> Test:
    return lambda value: value is None or test(value)


def checked_noise(record: Mapping[str, Any], num_qubits: int, where: str) -> dict[str, Any]:
    """A noise reference as plain data, if it is one of ``num_qubits`` qubits.

    Raises:
        QbellError: a value that is missing or is something else.
    """
    number, orders = _is_number, _is_list(_is_number, num_qubits + 1)
    others = {key: _or_null(number) for key in record}  # what a design measures beside
    return _checked(
        record,
        others
        | {
            "qfi": _or_null(number),
            "bound": _or_null(number),
            "bound_by_order": _or_null(orders),
            "e_n": _or_null(number),
            "f0": _or_null(number),
            "bound_read": _or_null(number),
            "bound_by_order_read": _or_null(orders),
            "e_n_read": _or_null(number),
            "f0_read": _or_null(number),
            "device": _is_text,
            "calibrated": _or_null(_is_text),
            "assumptions": _is_list(_is_text),
        },
        where,
    )


def checked_scan_noise(record: Mapping[str, Any], where: str) -> dict[str, Any]:
    """The noise reference of a phase scan as plain data.

    Raises:
        QbellError: a value that is missing or is something else.
    """
    tests = {
        "qfi": _or_null(_is_number),
        "device": _is_text,
        "calibrated": _or_null(_is_text),
        "assumptions": _is_list(_is_text),
    }
    return _checked(record, tests, where)


def checked_notes(value: Any, where: str) -> tuple[str, ...]:
    """Notes of a record; none where it has none.

    Raises:
        QbellError: no list of sentences.
    """
    if value is None:
        return ()
    return tuple(_checked({"notes": value}, {"notes": _is_list(_is_text)}, where)["notes"])


def checked_use(record: Any, where: str) -> dict[str, Any] | None:
    """How a device was used, as plain data; what a record lacks is null.

    Raises:
        QbellError: a value that is something else.
    """
    if record is None:
        return None
    if not isinstance(record, Mapping):
        raise QbellError(f"{where}: device is {str(record)[:40]!r}, expected a table; restore it")
    tests = {
        "name": _is_text,
        "calibrated": _is_text,
        "started": _is_text,
        "finished": _is_text,
        "jobs": _is_count,
        "qpu_seconds": _is_number,
        "dynamical_decoupling": _is_text,
        "twirling": _is_flag,
        "randomizations": _is_count,
        "reference_drift_p": lambda value: _is_number(value) and 0 <= value <= 1,
        "wires": _is_list(_is_count),
        "missing": _is_list(lambda value: isinstance(value, Mapping)),
    }
    whole = {**dict.fromkeys(tests), **record}
    return _checked(whole, {key: _or_null(test) for key, test in tests.items()}, where)


def _checked(record: Mapping[str, Any], tests: Mapping[str, Test], where: str) -> dict[str, Any]:
    for key, test in tests.items():
        if key not in record:
            raise QbellError(f"{where} has no {key}; restore it")
        if not test(record[key]):
            raise QbellError(f"{where}: {key} is {str(record[key])[:40]!r}; restore it")
    return dict(record)
