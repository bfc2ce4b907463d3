"""From the parameters of a job to its result, by Aer; the same content gives the same shots."""

import hashlib
import json
from typing import Any

import numpy as np


def decode(params: dict[str, Any]) -> Any:
    """The program in the parameters of a job, ready to run."""
    from qiskit_ibm_runtime.quantum_program.params_converters import (
        QUANTUM_PROGRAM_PARAMS_CONVERTERS,
    )

    converter = QUANTUM_PROGRAM_PARAMS_CONVERTERS[params["schema_version"]]
    program, _ = converter.decoder(converter.model(**params))
    for item in program.items:
        if hasattr(item, "samplex"):
            item.samplex.finalize()
    return program


def seed_of(program: Any, number: str) -> int:
    """A seed from what is asked: gates, values, shots, and the job's number; from nothing else."""
    digest = hashlib.sha256(f"{number} {program.shots}".encode())
    for item in program.items:
        for line in sorted(_gates(item.circuit)):  # their order in the list may vary
            digest.update(line.encode())
        digest.update(repr(tuple(item.shape)).encode())
        for name, values in sorted(_values(item).items()):
            digest.update(name.encode())
            digest.update(np.round(np.asarray(values, dtype=float), 9).tobytes())
    return int.from_bytes(digest.digest()[:4], "big")


def run(program: Any, simulator: Any, seed: int) -> Any:
    """Simulate; every bit as the client expects it from the service."""
    from qiskit_ibm_runtime.fake_provider.executor.run_quantum_program import run_quantum_program
    from qiskit_ibm_runtime.options_models.simulator import SimulatorOptions

    for item in program.items:
        item.circuit = _without_waiting(item.circuit)
    return run_quantum_program(simulator, program, SimulatorOptions(seed_simulator=seed))


def encode(result: Any, fault: str | None) -> str:
    """The result as the text that the service sends; ``fault``: see `JobFault`."""
    from ibm_quantum_schemas.common import CompressedTensorModel
    from ibm_quantum_schemas.executor.version_2_0 import models
    from qiskit_ibm_runtime.quantum_program.converters.converters_2_0 import (
        passthrough_data_to_2_0,
    )

    twirled = bool(result.passthrough_data["post_processor"]["twirling"])
    items = []
    for item in result:
        arrays = {name: _cut(np.asarray(values), twirled, fault) for name, values in item.items()}
        items.append(
            models.QuantumProgramResultItemModel(
                results={k: CompressedTensorModel.from_numpy(v) for k, v in arrays.items()},
                metadata=models.ItemMetadataModel(),
            )
        )
    return models.QuantumProgramResultModel(
        data=items,
        metadata=models.MetadataModel(chunk_timing=[]),
        passthrough_data=passthrough_data_to_2_0(result.passthrough_data),
        semantic_role=result._semantic_role,
    ).model_dump_json()


def executions(program: Any) -> int:
    """Settings times shots, randomisations included."""
    return sum(int(np.prod(item.shape)) for item in program.items) * int(program.shots)


def canonical(params: dict[str, Any]) -> str:
    """The parameters as one text, to tell two submissions apart."""
    return json.dumps(params, sort_keys=True)


def _cut(values: Any, twirled: bool, fault: str | None) -> Any:
    """Arrays are (randomisations,) settings, shots, bits; flips have one shot for all."""
    axis = 1 if twirled else 0
    if fault == "settings" and values.ndim > axis + 2:
        values = np.delete(values, -1, axis=axis)
    if fault == "shots" and values.shape[-2] > 1:
        values = values[..., : values.shape[-2] // 2, :]
    return np.ascontiguousarray(values)


def _gates(circuit: Any) -> list[str]:
    lines = []
    for instruction in circuit.data:
        if instruction.operation.name == "barrier":
            continue
        where = [circuit.find_bit(bit).index for bit in (*instruction.qubits, *instruction.clbits)]
        params = [_text(param) for param in instruction.operation.params]
        lines.append(f"{instruction.operation.name} {where} {params}")
    return lines


def _text(param: Any) -> str:
    try:
        return f"{float(param):.9f}"
    except TypeError:
        return str(param)


def _values(item: Any) -> dict[str, Any]:
    if hasattr(item, "samplex"):
        arguments = item.samplex_arguments
        return {
            spec.name: arguments[spec.name] for spec in arguments.specs if _set(arguments, spec)
        }
    return {"values": item.circuit_arguments}


def _set(arguments: Any, spec: Any) -> bool:
    return spec.name in arguments and isinstance(arguments[spec.name], np.ndarray)


def _without_waiting(circuit: Any) -> Any:
    """Without delays, which do nothing here and keep idle qubits from being left out."""
    copy = circuit.copy_empty_like()
    for instruction in circuit.data:
        if instruction.operation.name != "delay":
            copy.append(instruction)
    return copy
