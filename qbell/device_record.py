"""A device as plain data: what it said of its gates and qubits when a campaign was run on it.

Devices are calibrated anew every day, and change; the record keeps what a simulation of their noise
and the choice of qubits need, and no more: nothing of accounts, instances or what is paid. Times are
seconds and frequencies Hz. What a device does not say, and infinite times, are null: both mean that
no error or decay is known of.
"""

import math
from collections.abc import Mapping
from functools import cache
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
    null), ``qubits`` (of each ``t1``, ``t2``, ``frequency``, ``prob_meas1_prep0``,
    ``prob_meas0_prep1`` and the dates of these), and ``operations``: of each ``name``,
    ``parameters`` (numbers, or null where free) and ``on``, rows of qubits, average error,
    duration, and when they were measured; null for what works on any qubits.

    Raises:
        QbellError: no target, or no number of qubits.

    >>> from qiskit.providers.fake_provider import GenericBackendV2
    >>> record = device_record(GenericBackendV2(3, seed=1))
    >>> record["num_qubits"], sorted(record["qubits"][0])[:2]
    (3, ['dates', 'frequency'])
    """
    target = getattr(device, "target", None)
    name = str(getattr(device, "name", "the device"))
    if target is None or not target.num_qubits:
        raise QbellError(
            f"{name} does not say which qubits it has; give a Qiskit BackendV2 with a target"
        )
    properties = _properties(device)
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


def device_from_record(record: Any, where: str = "the record of the device") -> Any:
    """A BackendV2 that compiles circuits and has the same noise model as the recorded device.

    It runs nothing. Operations that Qiskit does not know by name, such as a second kind of
    measurement, are left out. Beside what every backend has: ``record``, as given.

    Args:
        record: from `device_record`.
        where: what errors call it, such as the name of its file.

    Raises:
        QbellError: a key that is missing or holds something else.
    """
    from qiskit.transpiler import QubitProperties, Target

    try:
        _check(record)
        count = record["num_qubits"]
        target = Target(
            num_qubits=count,
            dt=record["dt"],
            qubit_properties=[
                QubitProperties(**{key: _optional(qubit[key], key) for key in QUBIT})
                for qubit in record["qubits"]
            ],
            **{key: record["timing"][key] for key in TIMING},
        )
        for entry in record["operations"]:
            _add(target, entry, count)
    except KeyError as error:
        raise QbellError(f"{where}: {error} is missing; restore the file") from error
    except (TypeError, ValueError, AttributeError, IndexError) as error:
        reason = str(error).splitlines()[0]
        raise QbellError(f"{where} cannot be read ({reason}); restore the file") from error
    return _recorded()(target, record)


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
            rows.append(
                tuple(_number(getattr(own, key, None) or listed.get(key)) for key in ERRORS)
            )
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
                    for value in getattr(operation, "params", [])
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


def _check(record: Any) -> None:
    if not isinstance(record, Mapping):
        raise ValueError("it is no table")
    if record["format"] != FORMAT:
        raise ValueError(f"format {record['format']!r}, expected {FORMAT}")
    count = record["num_qubits"]
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        raise ValueError(f"num_qubits is {count!r}, expected a whole number above 0")
    for key in ("name", "operations", "calibrated", "default_rep_delay"):
        record[key]
    if len(record["qubits"]) != count:
        raise ValueError(f"qubits has {len(record['qubits'])} rows, expected {count}")
    _optional(record["dt"], "dt")
    for qubit in record["qubits"]:
        for key in ERRORS:
            value = _optional(qubit[key], key)
            if value is not None and not 0 <= value <= 1:
                raise ValueError(f"{key} is {value!r}, expected 0 to 1")


def _optional(value: Any, key: str) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{key} is {value!r}, expected a finite number or null")
    return value


def _add(target: "Target", entry: Any, count: int) -> None:
    from qiskit.circuit import Parameter
    from qiskit.circuit.controlflow import get_control_flow_name_mapping
    from qiskit.circuit.library import get_standard_gate_name_mapping
    from qiskit.transpiler import InstructionProperties

    name, on = entry["name"], entry["on"]
    blocks = get_control_flow_name_mapping()
    if name in blocks:
        target.add_instruction(blocks[name], name=name)
        return
    known = get_standard_gate_name_mapping().get(name)
    if known is None:
        return
    values = [
        Parameter(f"{name}_{place}") if value is None else _optional(value, "parameters")
        for place, value in enumerate(entry["parameters"])
    ]
    operation = known.base_class(*values) if values and name != "delay" else known
    if on is None:
        target.add_instruction(operation, None, name=name)
        return
    rows: dict[tuple[int, ...], Any] = {}
    for qubits, error, duration, _ in on:
        if not all(isinstance(qubit, int) and 0 <= qubit < count for qubit in qubits):
            raise ValueError(f"{name} on qubits {qubits!r} of {count}")
        bare = error is None and duration is None
        rows[tuple(qubits)] = (
            None
            if bare
            else InstructionProperties(
                error=_optional(error, f"error of {name}"),
                duration=_optional(duration, f"duration of {name}"),
            )
        )
    target.add_instruction(operation, rows, name=name)


@cache
def _recorded() -> Any:
    """The class of the devices made from records; Qiskit is imported only once one is made."""
    from qiskit.providers import BackendV2, Options

    class Recorded(BackendV2):  # type: ignore[misc]
        """A device as it was recorded: it compiles circuits and carries noise, and runs nothing."""

        def __init__(self, target: Any, record: Mapping[str, Any]) -> None:
            super().__init__(name=record["name"], backend_version=record["version"])
            self._target = target
            self.record = record
            self.default_rep_delay = record["default_rep_delay"]

        @property
        def target(self) -> Any:
            return self._target

        @property
        def max_circuits(self) -> None:
            return None

        @classmethod
        def _default_options(cls) -> Options:
            return Options()

        def run(self, run_input: Any, **options: Any) -> Any:
            raise NotImplementedError("the record of a device runs nothing; simulate its noise")

    return Recorded


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
