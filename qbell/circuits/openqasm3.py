"""OpenQASM 3 to Qiskit, where its importer takes something else for what the text says.

- u2 and u3 of stdgates.inc carry the phase -(phi + lambda) / 2, which the importer leaves out. It
  is seen under ``ctrl``, ``negctrl`` and ``pow``.
- The arguments of a gate that the file defines come in the order of their declaration; the importer
  takes them in that of the alphabet.
- A power that is no whole number is the principal one; Qiskit may multiply an angle instead, which
  is another root of the same gate. Such a power is refused.
- Whole numbers are divided without a rest, ``3/2*pi`` is pi: refused, as hardly anyone means it.
  Only pow(1/2) is one half, as in stdgates.inc.
- A file's own definition of a gate goes before that of stdgates.inc, which may be left out; gates
  of other tools are known, see `qbell.circuits.dialects`.
"""

from typing import Any

import numpy as np
import scipy

from qbell.circuits.dialects import INCLUDES, UNCLEAR, brakets_gates, known_gates
from qbell.circuits.limits import check_declarations, nodes
from qbell.circuits.openqasm3_unrolled import is_brakets, unrolled
from qbell.circuits.openqasm3_values import divided, place_of
from qbell.errors import QbellError

CLOSE = 1e-9
HOOKS = ("_define_gate", "_apply_gate_modifier", "_resolve_generic", "visit_QuantumGate")
# Functions that OpenQASM 3 and Qiskit call the same.
SYMBOLIC = ("sin", "cos", "tan", "exp", "log", "arcsin", "arccos", "arctan")


def circuit_of(program: Any) -> Any:
    """The Qiskit circuit of what ``openqasm3.parse`` gives.

    Raises:
        QbellError: a division, a power or a gate that may mean two things, or what
            `qbell.circuits.openqasm3_unrolled` and `qbell.circuits.limits` refuse.
    """
    _check_divisions(program)
    more = brakets_gates() if is_brakets(program) else {}
    plain = unrolled(program)
    check_declarations(plain)
    return _converter()({**known_gates(), **more}).convert(plain).circuit


def _converter() -> type:
    """The importer with the corrections above; it stands here as loading it takes a second."""
    from openqasm3 import ast
    from qiskit import QuantumCircuit
    from qiskit.circuit import Parameter
    from qiskit.circuit.library import UGate
    from qiskit_qasm3_import import types
    from qiskit_qasm3_import.converter import _STDGATES, ConvertVisitor, GateBuilder
    from qiskit_qasm3_import.expression import ValueResolver

    if not all(hasattr(ConvertVisitor, name) for name in HOOKS):
        raise QbellError(
            "this version of qiskit-qasm3-import is not known; install 0.6, or give .qpy"
        )

    def with_phase(name: str, count: int) -> Any:
        angles = [Parameter(f"angle_{k}") for k in range(count)]
        theta, phi, lam = angles if count == 3 else (np.pi / 2, *angles)
        definition = QuantumCircuit(1, global_phase=-(phi + lam) / 2)
        definition.append(UGate(theta, phi, lam), [0])
        return GateBuilder(f"{name}_of_stdgates", definition, angles)  # a known name is short-cut

    class Resolver(ValueResolver):  # type: ignore[misc]
        def visit_FunctionCall(self, node: Any) -> Any:
            """Of an input; of numbers they are worked out before."""
            name = node.name.name
            if len(node.arguments) != 1 or name not in (*SYMBOLIC, "sqrt"):
                raise QbellError(f"{place_of(node)}{name} of an input is not known; give its value")
            value, _ = self.visit(node.arguments[0])
            found = value**0.5 if name == "sqrt" else getattr(value, name)()
            return found, types.Float(const=False)

    class Converter(ConvertVisitor):  # type: ignore[misc]
        def __init__(self, known: Any) -> None:
            super().__init__()
            self.known = known

        def visit_Program(self, node: Any, state: Any) -> Any:
            """First all gates that the file calls and does not define."""
            own = {
                one.name.name
                for one in node.statements
                if isinstance(one, ast.QuantumGateDefinition)
            }
            source = ast.Include("stdgates.inc")
            called = {one.name.name for one in nodes(node) if isinstance(one, ast.QuantumGate)}
            for name in sorted(called - own):
                if name in _STDGATES:
                    builder, angles, qubits = _STDGATES[name]
                elif name in self.known:
                    gate = self.known[name]
                    builder, angles, qubits = gate.make, gate.angles, gate.qubits
                else:
                    continue
                state = self._define_gate(name, builder, angles, qubits, source, state)
            return super().visit_Program(node, state)

        def _resolve_generic(self, node: Any, context: Any, strict: bool) -> Any:
            return Resolver(context, strict).resolve(node)

        def visit_Include(self, node: Any, state: Any) -> Any:
            if node.filename not in INCLUDES:
                raise QbellError(
                    f'{place_of(node)}include "{node.filename}" is no file of standard gates; put '
                    "its text in the place of the line"
                )
            return state

        def visit_QuantumGate(self, node: Any, state: Any) -> Any:
            name = node.name.name
            if name in UNCLEAR and state.symbol_table.get(name, node) is None:
                raise QbellError(
                    f"{place_of(node)}gate {name} {UNCLEAR[name]}; define it in the file"
                )
            return super().visit_QuantumGate(node, state)

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

    for node in nodes(program):
        power = getattr(node, "modifier", None) is ast.GateModifierName.pow
        if power and _is_division(node.argument):
            upper, lower = (_whole(side) for side in (node.argument.lhs, node.argument.rhs))
            node.argument = ast.FloatLiteral(upper / lower)
    for node in nodes(program):
        if _is_division(node):
            divided(node, _whole(node.lhs), _whole(node.rhs))


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
