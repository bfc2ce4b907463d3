"""OpenQASM 3 to Qiskit, where its importer takes something else for what the text says.

- u2 and u3 of stdgates.inc carry the phase -(phi + lambda) / 2, which the importer leaves out. It
  is seen under ``ctrl``, ``negctrl`` and ``pow``.
- The arguments of a gate that the file defines come in the order of their declaration; the importer
  takes them in that of the alphabet.
- A power that is no whole number is the principal one; Qiskit may multiply an angle instead, which
  is another root of the same gate. Such a power is refused.
- Whole numbers are divided without a rest, ``3/2*pi`` is pi: refused, as hardly anyone means it.
  Only pow(1/2) is one half, as in stdgates.inc.
"""

from typing import Any

import numpy as np
import scipy

from qbell.errors import QbellError

CLOSE = 1e-9


def circuit_of(program: Any) -> Any:
    """The Qiskit circuit of what ``openqasm3.parse`` gives.

    Raises:
        QbellError: a division or a power that may mean two things.
    """
    _check_divisions(program)
    return _converter()().convert(program).circuit


def _converter() -> type:
    """The importer with the corrections above; it stands here as loading it takes a second."""
    from openqasm3 import ast
    from qiskit import QuantumCircuit
    from qiskit.circuit import Parameter
    from qiskit.circuit.library import UGate
    from qiskit_qasm3_import.converter import ConvertVisitor, GateBuilder

    if not all(hasattr(ConvertVisitor, name) for name in ("_define_gate", "_apply_gate_modifier")):
        raise QbellError(
            "this version of qiskit-qasm3-import is not known; install 0.6, or give .qpy"
        )

    def with_phase(name: str, count: int) -> Any:
        angles = [Parameter(f"angle_{k}") for k in range(count)]
        theta, phi, lam = angles if count == 3 else (np.pi / 2, *angles)
        definition = QuantumCircuit(1, global_phase=-(phi + lam) / 2)
        definition.append(UGate(theta, phi, lam), [0])
        return GateBuilder(f"{name}_of_stdgates", definition, angles)  # a known name is short-cut

    class Converter(ConvertVisitor):  # type: ignore[misc]
        def _define_gate(
            self,
            name: str,
            definition: Any,
            n_parameters: int,
            n_qubits: int,
            node: Any,
            state: Any,
        ) -> Any:
            if isinstance(node, ast.Include) and name in ("u2", "u3"):
                definition = with_phase(name, n_parameters)
            elif isinstance(node, ast.QuantumGateDefinition):
                by_name = {one.name: one for one in definition._definition.parameters}
                order = [by_name[one.name] for one in node.arguments]
                definition = GateBuilder(name, definition._definition, order)
            return super()._define_gate(name, definition, n_parameters, n_qubits, node, state)

        def _apply_gate_modifier(self, modifier: Any, gate: Any, state: Any) -> Any:
            found = super()._apply_gate_modifier(modifier, gate, state)
            if modifier.modifier is ast.GateModifierName.pow:
                _check_power(gate, found, self._resolve_constant_float(modifier.argument, state))
            return found

    return Converter


def _check_power(gate: Any, found: Any, exponent: float) -> None:
    if float(exponent).is_integer():
        return
    from qiskit.exceptions import QiskitError
    from qiskit.quantum_info import Operator

    try:
        triangle, basis = scipy.linalg.schur(Operator(gate).data, output="complex")
        angles = np.angle(np.diag(triangle))
        angles[angles < CLOSE - np.pi] += 2 * np.pi  # of -1, whatever its rounding
        principal = basis @ np.diag(np.exp(1j * exponent * angles)) @ basis.conj().T
        same = np.abs(Operator(found).data - principal).max() < CLOSE
    except (QiskitError, TypeError):  # it has free parameters
        same = False
    if not same:
        raise QbellError(
            f"pow({exponent:g}) of {gate.name} may be one of several roots; give the gate itself"
        )


def _check_divisions(program: Any) -> None:
    """Make pow(1/2) one half, and refuse a division of whole numbers with a rest elsewhere."""
    from openqasm3 import ast

    from qbell.circuits.limits import nodes

    for node in nodes(program):
        power = getattr(node, "modifier", None) is ast.GateModifierName.pow
        if power and _is_division(node.argument):
            upper, lower = (_whole(side) for side in (node.argument.lhs, node.argument.rhs))
            node.argument = ast.FloatLiteral(upper / lower)
    for node in nodes(program):
        if _is_division(node):
            upper, lower = _whole(node.lhs), _whole(node.rhs)
            if upper % lower:
                raise QbellError(
                    f"{upper}/{lower} is a division of whole numbers, without a rest; write "
                    f"{upper}.0/{lower}"
                )


def _is_division(node: Any) -> bool:
    """Of two whole numbers that stand there."""
    from openqasm3 import ast

    if not isinstance(node, ast.BinaryExpression) or node.op.name != "/":
        return False
    return _whole(node.lhs) is not None and _whole(node.rhs) not in (None, 0)


def _whole(node: Any) -> Any:
    from openqasm3 import ast

    if isinstance(node, ast.UnaryExpression) and node.op.name == "-":
        inner = _whole(node.expression)
        return None if inner is None else -inner
    return int(node.value) if isinstance(node, ast.IntegerLiteral) else None
