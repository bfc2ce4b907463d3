"""OpenQASM 3 without what is worked out before the circuit runs: loops, constants, subroutines.

Qiskit's importer knows none of them, or leaves a loop a loop. The program comes back as gates, with
numbers in the place of expressions, loops and calls written out, and ranges of qubits as lists of
them. What needs the circuit to run, as a condition on a measured bit, stays as it is.
"""

import dataclasses
from collections import ChainMap
from collections.abc import Iterable, Iterator
from typing import Any

from qbell.circuits.openqasm3_values import CONSTANTS, Unknown, converted, place_of, value_of
from qbell.errors import QbellError
from qbell.util.checks import MAX_STATE_QUBITS

MOST = 200_000  # statements that loops and calls may stand for
DEEPEST = 50  # calls in calls
UNSAVED = "unsaved"  # register of what is measured into no bit
BRAKETS = "braket "
_HARMLESS = ("result", "verbatim")


def unrolled(program: Any) -> Any:
    """The program, as ``openqasm3.parse`` gives it, in gates and declarations of bits alone.

    Raises:
        QbellError: loops without an end, indices outside of a register, subroutines that return
            something, or a pragma that changes the circuit.
    """
    found = _Unroller().block(program.statements)
    return dataclasses.replace(program, statements=found)


def is_brakets(program: Any) -> bool:
    """Whether a pragma says so."""
    return any(getattr(one, "command", "").startswith(BRAKETS) for one in program.statements)


class _Unroller:
    def __init__(self) -> None:
        # Values of variables, expressions that stand for them, and the qubits of a call.
        self.names: ChainMap[str, Any] = ChainMap({})
        self.kinds: dict[str, Any] = {}
        self.sizes: dict[str, int] = {}
        self.subroutines: dict[str, Any] = {}
        self.count = 0
        self.calls = 0
        self.unsaved = 0
        self.running = False  # inside of what is decided while the circuit runs

    def block(self, statements: Iterable[Any]) -> list[Any]:
        return [found for one in statements for found in self.statement(one)]

    def statement(self, node: Any) -> list[Any]:
        self._count(node)
        method = getattr(self, f"_{type(node).__name__}", None)
        found = [self.folded(node)] if method is None else list(method(node))
        for one in found:
            if one.span is None:
                one.span = node.span
        return found

    def _count(self, node: Any) -> None:
        self.count += 1
        if self.count > MOST:
            raise QbellError(
                f"{place_of(node)}loops and calls stand for more than {MOST} statements; give a "
                "circuit of fewer"
            )

    # --- expressions ----------------------------------------------------------------------------

    def folded(self, node: Any) -> Any:
        """The node with numbers in the place of expressions that have a value."""
        from openqasm3 import ast

        if isinstance(node, list | tuple):
            return type(node)(self.folded(one) for one in node)
        if isinstance(node, ast.IndexedIdentifier | ast.IndexExpression):
            return self._place(node)
        if isinstance(node, ast.Expression):
            try:
                return _literal(value_of(node, self.names), node)
            except Unknown:
                pass
        if isinstance(node, ast.Identifier):
            return self.names.get(node.name) or node
        return self._rebuilt(node) if isinstance(node, ast.QASMNode) else node

    def _rebuilt(self, node: Any) -> Any:
        """The node with its parts folded."""
        from openqasm3 import ast

        values = {
            field.name: self.folded(getattr(node, field.name))
            for field in dataclasses.fields(node)
            if field.init
        }
        if isinstance(node, ast.QuantumGate | ast.FunctionCall):
            values["name"] = node.name  # no variable
        found = type(node)(**values)
        found.span = node.span
        if isinstance(found, ast.BinaryExpression) and found.op.name == "**":
            return _product(found)
        return found

    def _place(self, node: Any) -> Any:
        """An indexed register, its ranges as lists; in a call, the register that it stands for."""
        from openqasm3 import ast

        try:
            return _literal(value_of(node, self.names), node)
        except Unknown:
            pass
        named = isinstance(node, ast.IndexedIdentifier)
        base = self.folded(node.name if named else node.collection)
        size = self.size(base)
        first, *others = node.indices if named else [node.index]
        index = self._index(first, size, node)
        if isinstance(base, ast.IndexedIdentifier):
            found: Any = ast.IndexedIdentifier(base.name, [*base.indices, index])
        elif named:
            found = ast.IndexedIdentifier(base, [index])
        else:
            found = ast.IndexExpression(base, index)
        found.span = node.span
        for other in others:
            found.indices.append(self._index(other, self.size(found), node))
        return found

    def _index(self, index: Any, size: int | None, node: Any) -> Any:
        from openqasm3 import ast

        if isinstance(index, ast.DiscreteSet):
            wanted = [value_of(one, self.names) for one in index.values]
        elif len(index) == 1 and isinstance(index[0], ast.RangeDefinition) and size is not None:
            wanted = self._range(index[0], size)
        elif len(index) == 1 and not isinstance(index[0], ast.RangeDefinition):
            found = self.folded(index)
            if size is not None and isinstance(found[0], ast.IntegerLiteral):
                self._check(found[0].value, size, node)
            return found
        else:
            raise QbellError(f"{place_of(node)}an index that is not known; give numbers, q[0]")
        for one in wanted:
            if size is not None:
                self._check(one, size, node)
        return ast.DiscreteSet([ast.IntegerLiteral(one) for one in wanted])

    def _check(self, index: int, size: int, node: Any) -> None:
        if not -size <= index < size:
            raise QbellError(f"{place_of(node)}index {index} is outside of a register of {size}")

    def _range(self, node: Any, size: int) -> list[int]:
        """Both ends belong to it, and negative ones count from the end of the register."""
        step = 1 if node.step is None else value_of(node.step, self.names)
        if step == 0:
            raise QbellError(f"{place_of(node)}a range has step 0; give another")
        first, last = (0, size - 1) if step > 0 else (size - 1, 0)
        start = first if node.start is None else value_of(node.start, self.names)
        end = last if node.end is None else value_of(node.end, self.names)
        for one in (start, end):
            self._check(one, size, node)
        start, end = start % size, end % size
        return list(range(start, end + (1 if step > 0 else -1), step))

    def size(self, node: Any) -> int | None:
        """Of a register or a part of one; None of a single bit, and where it is not known."""
        from openqasm3 import ast

        if isinstance(node, ast.Identifier):
            return self.sizes.get(node.name)
        if isinstance(node, ast.Concatenation):
            sizes = [self.size(node.lhs), self.size(node.rhs)]
            return None if None in sizes else sum(size for size in sizes if size is not None)
        index = node.indices[-1] if isinstance(node, ast.IndexedIdentifier) else None
        index = node.index if isinstance(node, ast.IndexExpression) else index
        return len(index.values) if isinstance(index, ast.DiscreteSet) else None

    # --- declarations ---------------------------------------------------------------------------

    def _hide(self, name: str) -> None:
        """A name that the program takes is no constant, such as tau."""
        if name in CONSTANTS:
            self.names[name] = None

    def _declared(self, name: str, size: Any) -> None:
        self._hide(name)
        if getattr(size, "value", MAX_STATE_QUBITS + 1) <= MAX_STATE_QUBITS:
            self.sizes[name] = size.value

    def _QubitDeclaration(self, node: Any) -> Iterator[Any]:
        found = dataclasses.replace(node, size=self.folded(node.size))
        self._declared(node.qubit.name, found.size)
        yield found

    def _ConstantDeclaration(self, node: Any) -> Iterator[Any]:
        return self._ClassicalDeclaration(node)

    def _ClassicalDeclaration(self, node: Any) -> Iterator[Any]:
        from openqasm3 import ast

        if isinstance(node.type, ast.BitType):
            kind = self.folded(node.type)
            self._declared(node.identifier.name, kind.size)
            start = node.init_expression
            start = self.folded(start) if isinstance(start, ast.QuantumMeasurement) else None
            yield ast.ClassicalDeclaration(kind, node.identifier, start)
            return
        if isinstance(node.type, ast.DurationType | ast.StretchType | ast.ComplexType):
            yield node
            return
        self._set(node.identifier.name, node.init_expression, node.type)

    def _set(self, name: str, expression: Any, kind: Any) -> None:
        self.kinds[name] = kind
        if expression is None:
            self.names[name] = None
            return
        try:
            self.names[name] = converted(value_of(expression, self.names), kind)
        except Unknown:
            self.names[name] = self.folded(expression)

    def _IODeclaration(self, node: Any) -> Iterator[Any]:
        from openqasm3 import ast

        if node.io_identifier is ast.IOKeyword.output:
            return self._ClassicalDeclaration(ast.ClassicalDeclaration(node.type, node.identifier))
        self._hide(node.identifier.name)
        return iter([dataclasses.replace(node, type=self.folded(node.type))])

    def _AliasStatement(self, node: Any) -> Iterator[Any]:
        from openqasm3 import ast

        value = _indexed(self.folded(node.value))
        if isinstance(value, ast.Identifier | ast.IndexedIdentifier):
            self.names[node.target.name] = value
            return
        size = self.size(value)
        if size is not None:
            self.sizes[node.target.name] = size
        yield dataclasses.replace(node, value=value)

    def _ClassicalAssignment(self, node: Any) -> Iterator[Any]:
        from openqasm3 import ast

        target = node.lvalue
        name = target.name if isinstance(target, ast.Identifier) else target.name.name
        if name not in self.names:
            yield self.folded(node)
            return
        if self.running:
            raise QbellError(
                f"{place_of(node)}{name} changes while the circuit runs; give a unitary circuit"
            )
        expression = node.rvalue
        if node.op.name != "=":
            operator = ast.BinaryOperator[node.op.name[:-1]]
            expression = ast.BinaryExpression(operator, target, expression)
            expression.span = node.span
        scope = next(scope for scope in self.names.maps if name in scope)
        old = scope[name]
        try:
            found = value_of(expression, self.names)
        except Unknown:
            found = self.folded(expression)
        if isinstance(target, ast.Identifier):
            scope[name] = self._held(found, self.kinds.get(name))
            return
        *outer, last = [value_of(one, self.names) for index in target.indices for one in index]
        array = old
        for one in outer:
            array = array[one]
        array[last] = self._held(found, getattr(self.kinds.get(name), "base_type", None))

    def _held(self, value: Any, kind: Any) -> Any:
        """A value as a variable of a type holds it; an expression with an input as it is."""
        known = kind is not None and isinstance(value, int | float | list)
        return converted(value, kind) if known else value

    # --- blocks ---------------------------------------------------------------------------------

    def _inside(self, statements: Iterable[Any], **values: Any) -> list[Any]:
        self.names = self.names.new_child(dict(values))
        found = self.block(statements)
        self.names = self.names.parents
        return found

    def _CompoundStatement(self, node: Any) -> Iterator[Any]:
        return iter(self._inside(node.statements))

    def _Box(self, node: Any) -> Iterator[Any]:
        return iter(self._inside(node.body))

    def _ForInLoop(self, node: Any) -> Iterator[Any]:
        from openqasm3 import ast

        wanted = node.set_declaration
        try:
            if isinstance(wanted, ast.RangeDefinition):
                ends = (wanted.start, wanted.end, wanted.step or ast.IntegerLiteral(1))
                start, end, step = (value_of(one, self.names) for one in ends)
                values: Any = range(start, end + (1 if step > 0 else -1), step)
            elif isinstance(wanted, ast.DiscreteSet):
                values = [value_of(one, self.names) for one in wanted.values]
            else:
                values = value_of(wanted, self.names)
        except (Unknown, TypeError, ValueError):
            raise QbellError(
                f"{place_of(node)}a loop over values that are not known; give numbers, [0:3]"
            ) from None
        for value in values:
            self._count(node)
            held = converted(value, node.type)
            yield from self._inside(node.block, **{node.identifier.name: held})

    def _WhileLoop(self, node: Any) -> Iterator[Any]:
        while True:
            try:
                goes_on = value_of(node.while_condition, self.names)
            except Unknown:
                yield self._later(node, block=node.block)
                return
            if not goes_on:
                return
            self._count(node)
            yield from self._inside(node.block)

    def _BranchingStatement(self, node: Any) -> Iterator[Any]:
        try:
            holds = value_of(node.condition, self.names)
        except Unknown:
            yield self._later(node, if_block=node.if_block, else_block=node.else_block)
            return
        yield from self._inside(node.if_block if holds else node.else_block)

    def _SwitchStatement(self, node: Any) -> Iterator[Any]:
        try:
            target = value_of(node.target, self.names)
            chosen = [
                block
                for labels, block in node.cases
                if target in [value_of(one, self.names) for one in labels]
            ]
        except Unknown:
            yield node
            return
        block = chosen[0] if chosen else node.default
        if block is not None:
            yield from self._inside(block.statements)

    def _later(self, node: Any, **blocks: list[Any]) -> Any:
        """What is decided while the circuit runs, with its blocks unrolled."""
        before, self.running = self.running, True
        found = {name: self._inside(block) for name, block in blocks.items()}
        self.running = before
        later = dataclasses.replace(node, **found)
        later.span = node.span
        return later

    def _QuantumGateDefinition(self, node: Any) -> Iterator[Any]:
        hidden = dict.fromkeys(one.name for one in [*node.arguments, *node.qubits])
        yield dataclasses.replace(node, body=self._inside(node.body, **hidden))

    # --- calls and measurements -----------------------------------------------------------------

    def _SubroutineDefinition(self, node: Any) -> Iterator[Any]:
        self.subroutines[node.name.name] = node
        return iter(())

    def _ExpressionStatement(self, node: Any) -> Iterator[Any]:
        from openqasm3 import ast

        call = node.expression
        if not isinstance(call, ast.FunctionCall) or call.name.name not in self.subroutines:
            yield self.folded(node)
            return
        routine = self.subroutines[call.name.name]
        if routine.return_type is not None:
            raise QbellError(
                f"{place_of(node)}subroutine {call.name.name} returns something; write its gates "
                "out"
            )
        if len(call.arguments) != len(routine.arguments):
            raise QbellError(
                f"{place_of(node)}subroutine {call.name.name} takes {len(routine.arguments)} "
                f"arguments, and is given {len(call.arguments)}"
            )
        self.calls += 1
        if self.calls > DEEPEST:
            raise QbellError(f"{place_of(node)}subroutines call each other without an end")
        given: dict[str, Any] = {}
        for argument, value in zip(routine.arguments, call.arguments, strict=True):
            folded = self.folded(value)
            if isinstance(argument, ast.QuantumArgument):
                folded = _indexed(folded)
            given[argument.name.name] = getattr(folded, "value", folded)
            if isinstance(argument, ast.ClassicalArgument) and hasattr(folded, "value"):
                given[argument.name.name] = converted(folded.value, argument.type)
        caller = self.names
        self.names = ChainMap(caller.maps[-1])  # it sees what is global, and not the caller's own
        yield from self._inside(routine.body, **given)
        self.names = caller
        self.calls -= 1

    def _ReturnStatement(self, node: Any) -> Iterator[Any]:
        raise QbellError(f"{place_of(node)}return ends a subroutine early; write its gates out")

    def _QuantumMeasurementStatement(self, node: Any) -> Iterator[Any]:
        from openqasm3 import ast

        found = self.folded(node)
        if found.target is None:
            name = ast.Identifier(f"{UNSAVED}_{self.unsaved}")
            self.unsaved += 1
            size = self.size(found.measure.qubit)
            kind = ast.BitType(None if size is None else ast.IntegerLiteral(size))
            yield ast.ClassicalDeclaration(kind, name, None)
            found.target = name
        yield found

    def _Pragma(self, node: Any) -> Iterator[Any]:
        command = node.command.strip()
        if not command.startswith(tuple(BRAKETS + word for word in _HARMLESS)):
            raise QbellError(
                f"{place_of(node)}pragma {command} is not known and may change the circuit; take "
                "it out, or write it as gates"
            )
        return iter(())

    def _EndStatement(self, node: Any) -> Iterator[Any]:
        raise QbellError(f"{place_of(node)}end is not known here; take out what follows it")


def _literal(value: Any, node: Any) -> Any:
    """A number as a node of the syntax tree."""
    from openqasm3 import ast

    if isinstance(value, bool):
        found: Any = ast.BooleanLiteral(value)
    elif isinstance(value, int):
        found = ast.IntegerLiteral(value)
    elif isinstance(value, float):
        found = ast.FloatLiteral(value)
    else:
        raise Unknown
    found.span = node.span
    return found


def _product(node: Any) -> Any:
    """A power of an input by a small whole number."""
    from openqasm3 import ast

    if not isinstance(node.rhs, ast.IntegerLiteral) or not 1 <= node.rhs.value <= 16:
        raise QbellError(f"{place_of(node)}a power of an input that is no small whole number")
    found = node.lhs
    for _ in range(node.rhs.value - 1):
        found = ast.BinaryExpression(ast.BinaryOperator["*"], found, node.lhs)
        found.span = node.span
    return found


def _indexed(node: Any) -> Any:
    """Qubits that a call is given, as gates take them."""
    from openqasm3 import ast

    if isinstance(node, ast.IndexExpression) and isinstance(node.collection, ast.Identifier):
        found = ast.IndexedIdentifier(node.collection, [node.index])
        found.span = node.span
        return found
    return node
