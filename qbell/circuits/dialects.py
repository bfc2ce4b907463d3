"""Gates that circuit files call without a definition: of Qiskit, Quantinuum, Braket and others.

Only names of which all who use them mean the same. ``gpi``, ``gpi2`` and ``ms`` take turns in
IonQ's own files and radians in Braket's, and ``xy`` has two signs: these are read where a file says
that it is Braket's, and refused elsewhere.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

# Files of standard gates: what they define is known.
INCLUDES = ("qelib1.inc", "stdgates.inc", "hqslib1.inc", "hqslib1_dev.inc")
UNCLEAR = {
    "gpi": "takes turns for IonQ and radians for Braket",
    "gpi2": "takes turns for IonQ and radians for Braket",
    "ms": "takes turns for IonQ and radians for Braket",
    "xy": "is exp(+i angle (XX + YY)/4) for Rigetti and Braket and the inverse for others",
}


@dataclass(frozen=True)
class Known:
    """A gate that needs no definition in a file.

    Attributes:
        angles: how many it takes.
        qubits: how many it acts on.
        make: Qiskit's gate of these angles.
    """

    angles: int
    qubits: int
    make: Callable[..., Any]


@cache
def known_gates() -> dict[str, Known]:
    """The gates by name, beside those of qelib1.inc as Qiskit knows it."""
    from qiskit.circuit import library

    kinds = {
        "ryy": library.RYYGate,
        "rxx": library.RXXGate,
        "rzz": library.RZZGate,
        "rzx": library.RZXGate,
        "ecr": library.ECRGate,
        "iswap": library.iSwapGate,
        "dcx": library.DCXGate,
        "sx": library.SXGate,
        "sxdg": library.SXdgGate,
        "cs": library.CSGate,
        "csdg": library.CSdgGate,
        "csx": library.CSXGate,
        "ccz": library.CCZGate,
        "r": library.RGate,
        "u": library.UGate,
        "cu1": library.CU1Gate,
        "cu3": library.CU3Gate,
        "xx_plus_yy": library.XXPlusYYGate,
        "xx_minus_yy": library.XXMinusYYGate,
        # Braket, Quil and Quantinuum
        "cnot": library.CXGate,
        "toffoli": library.CCXGate,
        "ccnot": library.CCXGate,
        "fredkin": library.CSwapGate,
        "i": library.IGate,
        "v": library.SXGate,
        "vi": library.SXdgGate,
        "si": library.SdgGate,
        "ti": library.TdgGate,
        "cv": library.CSXGate,
        "xx": library.RXXGate,
        "yy": library.RYYGate,
        "zz": library.RZZGate,
        "phaseshift": library.PhaseGate,
        "cphaseshift": library.CPhaseGate,
        "cphase": library.CPhaseGate,
        "prx": library.RGate,
        "U1q": library.RGate,
        "RZZ": library.RZZGate,
    }
    angles = {"r": 2, "prx": 2, "U1q": 2, "u": 3, "cu3": 3, "xx_plus_yy": 2, "xx_minus_yy": 2}
    of_one = {"ryy", "rxx", "rzz", "rzx", "cu1", "xx", "yy", "zz", "RZZ"}
    of_one |= {"phaseshift", "cphaseshift", "cphase"}
    found = {}
    for name, kind in kinds.items():
        count = angles.get(name, 1 if name in of_one else 0)
        found[name] = Known(count, kind(*[0.1] * count).num_qubits, kind)
    found["ZZ"] = Known(0, 2, lambda: library.RZZGate(math.pi / 2))
    for first, second in ("00", "01", "10"):
        name = f"cphaseshift{first}{second}"
        found[name] = Known(1, 2, _of(name, 2, _phase_of(first, second)))
    found["pswap"] = Known(1, 2, _of("pswap", 2, _pswap))
    return found


@cache
def brakets_gates() -> dict[str, Known]:
    """Gates that mean something else outside of Braket, with angles in radians."""
    return {
        "xy": Known(1, 2, _of("xy", 2, _xy)),
        "gpi": Known(1, 1, _of("gpi", 1, _gpi)),
        "gpi2": Known(1, 1, _of("gpi2", 1, _gpi2)),
        "ms": Known(3, 2, _of("ms", 2, _ms)),
    }


def _of(name: str, qubits: int, fill: Callable[..., None]) -> Callable[..., Any]:
    def make(*angles: Any) -> Any:
        from qiskit import QuantumCircuit

        circuit = QuantumCircuit(qubits, name=name)
        fill(circuit, *angles)
        return circuit.to_gate()

    return make


def _phase_of(first: str, second: str) -> Callable[..., None]:
    """exp(i angle) on one of the four basis states."""

    def fill(circuit: Any, angle: Any) -> None:
        flipped = [qubit for qubit, bit in enumerate((first, second)) if bit == "0"]
        circuit.x(flipped)
        circuit.cp(angle, 0, 1)
        circuit.x(flipped)

    return fill


def _pswap(circuit: Any, angle: Any) -> None:
    """A swap with exp(i angle) on 01 and 10."""
    circuit.swap(0, 1)
    circuit.cx(0, 1)
    circuit.p(angle, 1)
    circuit.cx(0, 1)


def _xy(circuit: Any, angle: Any) -> None:
    """exp(+i angle (XX + YY) / 4)."""
    circuit.rxx(-angle / 2, 0, 1)
    circuit.ryy(-angle / 2, 0, 1)


def _gpi(circuit: Any, phi: Any) -> None:
    """cos phi X + sin phi Y."""
    circuit.rz(-phi, 0)
    circuit.x(0)
    circuit.rz(phi, 0)


def _gpi2(circuit: Any, phi: Any) -> None:
    """exp(-i pi/4 (cos phi X + sin phi Y))."""
    circuit.r(math.pi / 2, phi, 0)


def _ms(circuit: Any, first: Any, second: Any, angle: Any) -> None:
    """exp(-i angle/2 P1 P2), P being cos phi X + sin phi Y of each qubit's phi."""
    circuit.rz(-first, 0)
    circuit.rz(-second, 1)
    circuit.rxx(angle, 0, 1)
    circuit.rz(first, 0)
    circuit.rz(second, 1)
