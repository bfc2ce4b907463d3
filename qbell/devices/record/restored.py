"""A device from its record: it compiles circuits and carries noise, and runs nothing."""

import math
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from qbell.devices.record.record import ERRORS, FORMAT, QUBIT, TIMING
from qbell.errors import QbellError
from qbell.simulation.target_backend import target_backend

if TYPE_CHECKING:
    from qiskit.transpiler import Target


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
    from qiskit.exceptions import QiskitError
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
            _add(target, entry, record)
    except KeyError as error:
        raise QbellError(f"{where}: {error} is missing; restore the file") from error
    except (TypeError, ValueError, AttributeError, IndexError, OverflowError, QiskitError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise QbellError(f"{where} cannot be read ({reason}); restore the file") from error
    device = target_backend(target, record["name"], record["version"])
    device.record = record
    device.default_rep_delay = record["default_rep_delay"]
    return device


def _check(record: Any) -> None:
    if not isinstance(record, Mapping):
        raise ValueError("it is not a table")
    if record["format"] != FORMAT:
        raise ValueError(f"format {record['format']!r}, expected {FORMAT}")
    count = record["num_qubits"]
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        raise ValueError(f"num_qubits is {count!r}, expected a whole number above 0")
    for key in ("name", "version", "calibrated", "default_rep_delay", "both_errors_in_target"):
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


def _add(target: "Target", entry: Any, record: Any) -> None:
    from qiskit.circuit import Parameter
    from qiskit.circuit.controlflow import get_control_flow_name_mapping
    from qiskit.circuit.library import get_standard_gate_name_mapping
    from qiskit.transpiler import InstructionProperties

    name, on, count = entry["name"], entry["on"], record["num_qubits"]
    blocks = get_control_flow_name_mapping()
    if name in blocks:
        target.add_instruction(blocks[name], name=name)
        return
    known = get_standard_gate_name_mapping().get(name)
    if known is None:
        return
    numbers = [
        Parameter(f"{name}_{place}") if value is None else _optional(value, "parameters")
        for place, value in enumerate(entry["parameters"])
    ]
    operation = known.base_class(*numbers) if numbers and name != "delay" else known
    if on is None:
        target.add_instruction(operation, None, name=name)
        return
    both = record["qubits"] if name == "measure" and record["both_errors_in_target"] else None
    rows: dict[tuple[int, ...], Any] = {}
    for qubits, error, duration, _ in on:
        if not all(isinstance(qubit, int) and 0 <= qubit < count for qubit in qubits):
            raise ValueError(f"{name} on qubits {qubits!r} of {count}")
        if error is None and duration is None:
            rows[tuple(qubits)] = None
            continue
        values = InstructionProperties if both is None else _read_both()
        rows[tuple(qubits)] = values(
            error=_optional(error, f"error of {name}"),
            duration=_optional(duration, f"duration of {name}"),
        )
        if both is not None:
            for key in ERRORS:
                setattr(rows[tuple(qubits)], key, both[qubits[0]][key])
    target.add_instruction(operation, rows, name=name)


@cache
def _read_both() -> Any:
    """Properties of a measurement that hold both of its errors, as Aer looks for them."""
    from qiskit.transpiler import InstructionProperties

    class Read(InstructionProperties):  # type: ignore[misc]
        """With ``prob_meas1_prep0`` and ``prob_meas0_prep1``."""

    return Read
