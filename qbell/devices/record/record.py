"""A device as plain data: what it said of its gates and qubits when a campaign was run on it.

Devices are calibrated anew every day, and change; the record keeps what the choice of qubits and a
simulation of noise need, and no more: nothing of accounts, instances or what is paid. Times are in
seconds, frequencies in Hz. What a device does not say, and infinite times, are null: both mean that
no error or decay is known of.
"""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from qbell.errors import QbellError

if TYPE_CHECKING:
    from qiskit.transpiler import Target

FORMAT = 1
TIMING = ("granularity", "min_length", "pulse_alignment", "acquire_alignment")
QUBIT = ("t1", "t2", "frequency")
DATED = ("T1", "T2", "readout_error", "prob_meas0_prep1", "prob_meas1_prep0")
ERRORS = ("prob_meas1_prep0", "prob_meas0_prep1")  # P(1|0) and P(0|1)


def device_record(device: Any) -> dict[str, Any]:
    """The record of a Qiskit BackendV2, as plain data that JSON can hold.

    Keys: ``format``, ``name``, ``version``, ``num_qubits``, ``dt`` and ``default_rep_delay`` (s),
    ``timing`` (of pulses, in dt), ``calibrated`` (when the device was last calibrated, ISO 8601, or
    null), ``both_errors_in_target`` (whether the target says both readout errors, or only their
    mean), ``qubits`` (of each ``t1``, ``t2``, ``frequency``, ``prob_meas1_prep0``,
    ``prob_meas0_prep1`` and the dates of these), and ``operations``: of each ``name``,
    ``parameters`` (numbers, or null where free) and ``on``, rows of qubits, average error,
    duration, and the date of the error; null for what works on any qubits.

    Raises:
        QbellError: no target, or no number of qubits.

    >>> from qiskit.providers.fake_provider import GenericBackendV2
    >>> record = device_record(GenericBackendV2(3, seed=1))
    >>> record["num_qubits"], sorted(record["qubits"][0])[:2]
    (3, ['dates', 'frequency'])
    """
    recorded = getattr(device, "record", None)
    if isinstance(recorded, Mapping):
        return dict(recorded)
    target = getattr(device, "target", None)
    name = str(getattr(device, "name", "the device"))
    if target is None or not target.num_qubits:
        raise QbellError(
            f"{name} does not say which qubits it has; expected a Qiskit BackendV2 with a target"
        )
    properties = _properties(device)
    reads = (target["measure"] or {}).values() if "measure" in target.operation_names else ()
    both = readout_probabilities(device)
    dates = _qubit_dates(properties, target.num_qubits)
    known = target.qubit_properties or [None] * target.num_qubits
    version = getattr(device, "backend_version", None)
    return {
        "format": FORMAT,
        "name": name,
        "version": None if version is None else str(version),
        "num_qubits": int(target.num_qubits),
        "dt": _number(target.dt),
        "default_rep_delay": _number(getattr(device, "default_rep_delay", None)),
        "timing": {key: int(getattr(target, key)) for key in TIMING},
        "calibrated": _iso(getattr(properties, "last_update_date", None)),
        "both_errors_in_target": any(all(hasattr(one, key) for key in ERRORS) for one in reads),
        "qubits": [
            {
                **{key: _number(getattr(known[qubit], key, None)) for key in QUBIT},
                **dict(zip(ERRORS, both[qubit] or (None, None), strict=True)),
                "dates": dates[qubit],
            }
            for qubit in range(target.num_qubits)
        ],
        "operations": _operations(target, _gate_dates(properties)),
    }


def readout_probabilities(device: Any) -> tuple[tuple[float, float] | None, ...]:
    """P(1|0) and P(0|1) of each qubit, where the device knows both, else None.

    From the record that a device was made from, from the properties of its measurement, or from its
    table of properties (IBM's devices and their snapshots).
    """
    target = device.target
    record = getattr(device, "record", None)
    if isinstance(record, Mapping):
        rows = [tuple(_number(qubit.get(key)) for key in ERRORS) for qubit in record["qubits"]]
    else:
        measured = target["measure"] if "measure" in target.operation_names else {}
        table = getattr(_properties(device), "qubits", None) or []
        rows = []
        for qubit in range(target.num_qubits):
            own = (measured or {}).get((qubit,))
            listed = {item.name: item.value for item in (table[qubit : qubit + 1] or [[]])[0]}
            rows.append(tuple(_number(getattr(own, key, listed.get(key))) for key in ERRORS))
    return tuple(
        (first, second) if first is not None and second is not None else None
        for first, second in rows
    )


def calibrated(device: Any) -> str | None:
    """When the device was last calibrated, ISO 8601, if it says."""
    record = getattr(device, "record", None)
    if isinstance(record, Mapping):
        found = record.get("calibrated")
        return None if found is None else str(found)
    return _iso(getattr(_properties(device), "last_update_date", None))


def age_of(device: Any) -> str | None:
    """How long ago the device was calibrated, such as ``5 h``, if it says when."""
    said = calibrated(device)
    try:
        when = None if said is None else datetime.fromisoformat(said)
    except ValueError:
        return None
    if when is None or when.tzinfo is None:
        return None
    hours = (datetime.now(UTC) - when).total_seconds() / 3600
    if hours < 1:
        return f"{max(0, round(60 * hours))} min"
    return f"{round(hours)} h" if hours < 48 else f"{round(hours / 24)} days"


def _properties(device: Any) -> Any:
    """The table of properties that IBM's devices have, or None."""
    ask = getattr(device, "properties", None)
    return ask() if callable(ask) else None


def _qubit_dates(properties: Any, count: int) -> list[dict[str, str]]:
    table = list(getattr(properties, "qubits", None) or [])[:count]
    rows = [
        {item.name: _iso(item.date) or "" for item in row if item.name in DATED} for row in table
    ]
    return rows + [{}] * (count - len(rows))


def _gate_dates(properties: Any) -> dict[tuple[str, tuple[int, ...]], str | None]:
    return {
        (gate.gate, tuple(gate.qubits)): _iso(item.date)
        for gate in getattr(properties, "gates", None) or []
        for item in gate.parameters
        if item.name == "gate_error"
    }


def _operations(
    target: "Target", dates: dict[tuple[str, tuple[int, ...]], str | None]
) -> list[dict[str, Any]]:
    found = []
    for name in target.operation_names:
        operation, on = target.operation_from_name(name), target[name] or {None: None}
        found.append(
            {
                "name": name,
                "parameters": [
                    _number(value) if isinstance(value, int | float) else None
                    for value in ([] if isinstance(operation, type) else operation.params)
                ],
                "on": None
                if None in on
                else [
                    [
                        list(qubits),
                        _number(getattr(values, "error", None)),
                        _number(getattr(values, "duration", None)),
                        dates.get((name, tuple(qubits))),
                    ]
                    for qubits, values in on.items()
                ],
            }
        )
    return found


def _read_both() -> Any:
    """Properties of a measurement that hold both of its errors, as Aer looks for them."""
    from qiskit.transpiler import InstructionProperties

    class Read(InstructionProperties):  # type: ignore[misc]
        """With ``prob_meas1_prep0`` and ``prob_meas0_prep1``."""

    return Read


def _number(value: Any) -> float | None:
    """A finite number, or None."""
    if value is None or isinstance(value, bool):
        return None
    try:
        found = float(value)
    except (TypeError, ValueError):
        return None
    return found if math.isfinite(found) else None


def _iso(moment: Any) -> str | None:
    return None if moment is None else moment.isoformat() if hasattr(moment, "isoformat") else None
