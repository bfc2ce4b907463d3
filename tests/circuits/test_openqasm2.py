"""OpenQASM 2 that is not quite by the letter: read where it can mean one thing, else refused."""

from pathlib import Path

import numpy as np
import pytest
from qiskit.quantum_info import Statevector

from qbell.circuits.files import read_circuit
from qbell.errors import QbellError
from tests.support.gate_lists import state_of

HEAD = 'OPENQASM 2.0;\ninclude "qelib1.inc";\n'
READ = {
    "signs": ("rx(-pi) q[0]; rx(--0.1) q[1]; rz(-(-pi/2)) q[0];", "rx(-pi) 0; rx(.1) 1; s 0"),
    "numbers": ("rx(.5) q[0]; ry(1.E-1) q[0]; ry(1e-3) q[1];", "rx(.5) 0; ry(.1) 0; ry(.001) 1"),
    "halves": ("rx(1/2) q[0];", "rx(.5) 0"),
    "powers": ("rx(2**3*0.1) q[0]; ry(2^2*0.1) q[1];", "rx(.8) 0; ry(.4) 1"),
    "a delay": ("delay(10) q[0]; rx(0.3) q[0];", "rx(.3) 0"),
    "a comment": ("rx(0.3) /* here\n; */ q[0]; // ry(1) q[0];", "rx(.3) 0"),
    "barriers": ("barrier q; rx(0.3) q[0]; barrier q[0],q[1];", "rx(.3) 0"),
    "nothing between": ("rx(0.3) q[0];;", "rx(.3) 0"),
}
LINES = {
    "another file": ('include "mine.inc";', "line 3: include", "put its text in the place"),
    "opaque": (
        "opaque f a; qreg q[2];\nf q[0];",
        "line 4: gate f is opaque",
        "define it with gate",
    ),
    "turns or radians": ("qreg q[2];\n\ngpi(0.1) q[0];", "line 5: gate gpi takes turns", "define"),
    "two signs": ("qreg q[2];\nxy(0.1) q[0],q[1];", "line 4: gate xy is exp(+i", "define"),
    "not defined": ("/*\n*/qreg q[2];\nfoo q[0];", "line 5: 'foo' is not defined", "export"),
    "defined after": ("qreg q[2];\nf q[0];\ngate f a { x a; }", "line 4: 'f' is not", "export"),
    "a keyword": ("qreg gate[2];", "line 3: needed a valid identifier", "export"),
    "twice the same": ("qreg q[2];\ncx q[1],q[1];", "line 4: duplicate qubits", "export"),
    "outside": ("qreg q[2];\nh q[2];", "line 4: index 2 is out-of-range", "export"),
    "too many angles": ("qreg q[2];\nrx(1,2) q[0];", "line 4: 'rx' takes 1 parameter", "export"),
    "no end": ("qreg q[2]\nh q[0];", "line 4: needed ';'", "export"),
}


INCLUDES = (
    *('include "{}";', "include '{}';", 'include\n"{}"\n;', "include // x\n'{}';", 'include "{}"'),
    *("gate g a {{ include '{}'; }}", "include\f'{}';", "include\\\n'{}';", 'include "{} ;'),
)


def written(folder: Path, text: str) -> Path:
    path = folder / "state.qasm"
    path.write_text(text, encoding="utf-8")
    return path


def same(path: Path, gates: str) -> bool:
    overlap = abs(np.vdot(Statevector(read_circuit(path)).data, state_of(gates)))
    return bool(overlap == pytest.approx(1, abs=1e-12))


@pytest.mark.parametrize("case", READ)
def test_read(case: str, tmp_path: Path) -> None:
    body, gates = READ[case]
    path = written(tmp_path, f"{HEAD}qreg q[2];\n{body}\ncx q[0],q[1];\n")
    assert same(path, f"{gates}; cx 0 1")


@pytest.mark.parametrize("case", LINES)
def test_refused_with_its_line(case: str, tmp_path: Path) -> None:
    body, where, advice = LINES[case]
    with pytest.raises(QbellError) as refused:
        read_circuit(written(tmp_path, f"{HEAD}{body}\n"))
    assert where in str(refused.value)
    assert advice in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("how", INCLUDES)
def test_no_file_is_opened_for_an_include(how: str, tmp_path: Path) -> None:
    """However it is written: the words of another file never stand in a message."""
    secret = tmp_path / "secret"
    secret.write_text("password is 123;\n", encoding="utf-8")
    for head in ("OPENQASM 2.0;\n", ""):
        text = head + how.format(secret) + "\nqreg q[2];\nh q[0];\n"
        with pytest.raises(QbellError) as refused:
            read_circuit(written(tmp_path, text))
        assert "password" not in str(refused.value)
        assert "secret:" not in str(refused.value)
        assert "\n" not in str(refused.value)


def test_a_files_own_gates_go_before_all_others(tmp_path: Path) -> None:
    """Those of qelib1.inc too, and names of registers are no gates."""
    own = "gate h a { x a; }\ngate ryy(t) a,b { rx(t) a; cx a,b; }\ngate gpi(t) a { ry(t) a; }\n"
    body = "qreg i[1]; qreg v[1];\nh i[0]; ryy(0.3) i[0],v[0]; gpi(0.2) v[0];\n"
    assert same(written(tmp_path, HEAD + own + body), "x 0; rx(.3) 0; cx 0 1; ry(.2) 1")


@pytest.mark.parametrize(
    ("sign", "gates"),
    [
        ("xx_plus_yy(0.3,0)", "rxx(.15) 0 1; ryy(.15) 0 1"),
        ("rzx(0.3)", "rzx(.3) 0 1"),
        ("dcx", "cx 0 1; cx 1 0"),
        ("ecr", "ecr 0 1"),
        ("cv", "csx 0 1"),
        ("pswap(0.3)", "swap 0 1; cx 0 1; p(.3) 1; cx 0 1"),
        ("cphaseshift01(0.3)", "x 0; cp(.3) 0 1; x 0"),
        ("ZZ", "rzz(.5pi) 0 1"),
    ],
)
def test_gates_of_other_tools(sign: str, gates: str, tmp_path: Path) -> None:
    start = "rx(0.3) q[0]; ry(0.8) q[1];"
    path = written(tmp_path, f"{HEAD}qreg q[2];\n{start} {sign} q[0],q[1]; h q[0]; rx(0.4) q[1];\n")
    assert same(path, f"rx(.3) 0; ry(.8) 1; {gates}; h 0; rx(.4) 1")
