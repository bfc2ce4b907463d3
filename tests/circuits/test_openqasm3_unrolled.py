"""OpenQASM 3 that is worked out before the circuit runs: the gates that stay, or what is wrong."""

from pathlib import Path

import numpy as np
import pytest
from qiskit.quantum_info import Statevector

from qbell.circuits.files import load_circuit, read_circuit
from qbell.errors import QbellError
from tests.support.gate_lists import state_of

HEAD = 'OPENQASM 3.0;\ninclude "stdgates.inc";\n'
READ = {
    "loop, both ends": (
        "for int k in [0:2] { rx(0.1 * (k + 1)) q[k]; }",
        "rx(.1) 0; rx(.2) 1; rx(.3) 2",
    ),
    "loop over floats": (
        "for float t in {0.1, 0.2} { rx(t) q[0]; ry(t) q[1]; }",
        "rx(.1) 0; ry(.1) 1; rx(.2) 0; ry(.2) 1",
    ),
    "loop over an array": (
        "array[float, 2] a = {0.1, 0.4};\nfor float t in a { rx(t) q[0]; h q[0]; }",
        "rx(.1) 0; h 0; rx(.4) 0; h 0",
    ),
    "loop in a loop": (
        "for int i in [0:1] { for int j in [i + 1:2] { cz q[i], q[j]; rx(0.1) q[j]; } }",
        "cz 0 1; rx(.1) 1; cz 0 2; rx(.1) 2; cz 1 2; rx(.1) 2",
    ),
    "nothing to do": ("for int k in [2:1] { x q[k]; }", ""),
    "ranges": (
        "x q[0:-1]; rx(0.3) q[2:-1:1]; ry(0.2) q[:1];",
        "x 0; x 1; x 2; rx(.3) 2; rx(.3) 1; ry(.2) 0; ry(.2) 1",
    ),
    "alias in a loop": (
        "for int k in [0:1] { let p = q[k:k + 1]; h p[0]; cx p[0], p[1]; }",
        "h 0; cx 0 1; h 1; cx 1 2",
    ),
    "variables": ("int n = 7 % 4;\nfloat t = 0.1;\nt = t * n;\nrx(t) q[0];", "rx(.3) 0"),
    "whole numbers stay whole": ("int n = 1;\nn = 2.7;\nrx(0.1 * n) q[0];", "rx(.2) 0"),
    "elements": ("array[float, 2] a = {0.1, 0.2};\na[1] += 0.3;\nrx(a[1]) q[0];", "rx(.5) 0"),
    "branches": ("const bool b = 3 > 2 && true;\nif (b) { x q[0]; } else { x q[1]; }", "x 0"),
    "switch": (
        "switch (2) { case 1 { x q[0]; } case 2, 3 { x q[1]; } default { x q[2]; } }",
        "x 1",
    ),
    "while": ("int k = 0;\nwhile (k < 2) { x q[k]; k += 1; }", "x 0; x 1"),
    "box and block": ("box { x q[0]; }\n{ rx(0.3) q[1]; }", "x 0; rx(.3) 1"),
    "casts and functions": (
        "rx(float(2) * sin(pi / 6)) q[0]; ry(mod(0.7, 0.5)) q[1];",
        "rx(1) 0; ry(.2) 1",
    ),
    "a call sees globals, not its caller's own": (
        "const int m = 1;\ndef f(qubit a) { rx(0.1 * m) a; }\nfor int m in [5:5] { f(q[0]); }",
        "rx(.1) 0",
    ),
    "calls in calls": (
        "def f(qubit[2] a, float t) { rx(t) a[0]; cx a[0], a[1]; }\n"
        "def g(qubit[3] b) { f(b[1:2], 0.2); f(b[{2, 0}], 0.3); }\ng(q);",
        "rx(.2) 1; cx 1 2; rx(.3) 2; cx 2 0",
    ),
    "names of constants": ("gate g(tau) euler { rx(tau) euler; }\ng(0.3) q[1];", "rx(.3) 1"),
    "loop in a gate": (
        "gate g(t) a { for int k in [1:2] { rx(t * k) a; h a; } }\ng(0.1) q[0];",
        "rx(.1) 0; h 0; rx(.2) 0; h 0",
    ),
}
LINES = {
    "no end": ("while (true) { }", "line 5: loops and calls stand for more than 2000 "),
    "too long": ("for int k in [0:1000000000] { }", "line 5: loops and calls stand for more"),
    "calls itself": ("def f(qubit a) { f(a); }\nf(q[0]);", "line 5: subroutines call each other"),
    "arguments": ("def f(qubit a) { h a; }\nf(q[0], q[1]);", "line 6: subroutine f takes 1"),
    "returns": ("bit c;\ndef f(qubit a) -> bit { return measure a; }\nf(q[0]);", "line 7: subrou"),
    "range outside": ("h q[1:3];", "line 5: index 3 is outside of a register of 3"),
    "index outside": ("h q[-4];", "line 5: index -4 is outside"),
    "loop over an unknown": ("input int n;\nfor int k in [0:n] { h q[k]; }", "line 6: a loop over"),
    "division": ("for int k in [1:1] { h q[k/2]; }", "line 5: 1/2 is a division of whole"),
    "by nothing": ("rx(1.0 / 0) q[0];", "line 5: an expression has no value"),
    "not real": ("rx((-2.0) ** 0.5) q[0];", "line 5: an expression is not real"),
    "endless power": ("rx(9 ** 9 ** 9) q[0];", "line 5: an expression has no value"),
    "angle": (
        "angle a = -0.3;\nrx(a / 2) q[0];",
        "line 5: an angle of -0.3 is outside of 0 to 2 pi",
    ),
    "measured": (
        "bit c;\nint n = 0;\nc = measure q[0];\nif (c) { n = 1; }\nh q[n];",
        "line 8: n changes while the circuit runs",
    ),
    "wraps around": ("uint k = 0;\nk -= 1;\nh q[k];", "-1 does not fit uint[63]"),
    "too small a type": ("int[4] k = 8;\nh q[k - 7];", "line 5: 8 does not fit int[4]"),
    "noise": ("#pragma braket noise bit_flip(0.1) q[0]", "line 5: pragma braket noise"),
    "end": ("end;", "line 5: end is not known here"),
    "turns or radians": ("ms(0, 0, 0.25) q[0], q[1];", "line 5: gate ms takes turns"),
    "another file": ('include "mine.inc";', 'line 5: include "mine.inc" is no file'),
    "not defined": ("foo q[0];", "line 5: gate 'foo' is not defined"),
}


def written(folder: Path, body: str) -> Path:
    path = folder / "state.qasm"
    path.write_text(f"{HEAD}qubit[3] q;\nry(0.3) q; cx q[0], q[1]; cx q[1], q[2];\n{body}\n")
    return path


def after(gates: str) -> np.ndarray:
    return state_of(f"ry(.3) 0; ry(.3) 1; ry(.3) 2; cx 0 1; cx 1 2; {gates}")


@pytest.mark.parametrize("case", READ)
def test_read(case: str, tmp_path: Path) -> None:
    body, gates = READ[case]
    circuit = read_circuit(written(tmp_path, body))
    assert abs(np.vdot(Statevector(circuit).data, after(gates))) == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("case", LINES)
def test_refused_with_its_line(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qbell.circuits.openqasm3_unrolled.MOST", 2000)
    body, words = LINES[case]
    with pytest.raises(QbellError) as refused:
        read_circuit(written(tmp_path, body))
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


def test_inputs_in_loops_variables_and_functions(tmp_path: Path) -> None:
    body = (
        "input float t;\nfloat u = t / 2;\nu += 0.1;\nfor int k in [1:2] { rx(u * k) q[k]; }\n"
        "ry(t ** 2) q[0]; rx(sin(t) + sqrt(t)) q[0];"
    )
    found = read_circuit(written(tmp_path, body), {"t": 0.4})
    last = np.sin(0.4) + np.sqrt(0.4)
    expected = after(f"rx(.3) 1; rx(.6) 2; ry(.16) 0; rx({last:.17f}) 0")
    assert abs(np.vdot(Statevector(found).data, expected)) == pytest.approx(1, abs=1e-12)


def test_what_the_circuit_decides_stays(tmp_path: Path) -> None:
    """A condition on a measured bit, with the loop in its block written out."""
    body = "bit c;\nc = measure q[0];\nif (c) { for int k in [1:2] { x q[k]; } }"
    circuit = load_circuit(written(tmp_path, body))
    block = circuit.data[-1].operation.blocks[0]
    assert [item.operation.name for item in block.data] == ["x", "x"]
    with pytest.raises(QbellError, match="if_else of q"):
        read_circuit(written(tmp_path, body))


def test_old_registers_without_a_version(tmp_path: Path) -> None:
    """OpenQASM 3 has them too: what else the file holds tells."""
    path = tmp_path / "state.qasm"
    path.write_text("qreg q[3];\nh q[0];\nfor int k in [0:1] { cx q[k], q[k + 1]; }\n")
    found = Statevector(read_circuit(path)).data
    assert abs(np.vdot(found, state_of("h 0; cx 0 1; cx 1 2"))) == pytest.approx(1)
