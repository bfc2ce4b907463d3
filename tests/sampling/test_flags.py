"""Flags of samplers: a register of their own, shot by shot beside the outcomes."""

from typing import Any

import pytest
from qiskit import ClassicalRegister, QuantumCircuit
from qiskit_aer import AerSimulator
from qiskit_aer.primitives import SamplerV2

import qbell
from qbell.circuits.flags import WHEN, Flags
from qbell.circuits.preparation import Preparation
from qbell.errors import QbellError

CHECKS = ((0, 1), (1, 2))


def crooked(when: str, *, always: bool = False) -> Preparation:
    """Qubit 0 is +1 along sigma_1 where ancilla 3 is read as 0, else -1; qubit 2 is -1 in all
    shots, and the other flag is 0, or ``always`` 1."""
    circuit = QuantumCircuit(5)
    circuit.h(range(4))
    circuit.cz(3, 0)
    circuit.z(2)
    if always:
        circuit.x(4)
    if when == "mid-circuit":
        register = ClassicalRegister(2, "flags")
        circuit.add_register(register)
        circuit.measure([3, 4], register)
    return Preparation(circuit, (0, 1, 2), flags=Flags((3, 4), CHECKS, when))


@pytest.mark.parametrize("when", WHEN)
@pytest.mark.parametrize("sampler", [SamplerV2(seed=5), AerSimulator(seed_simulator=5)])
def test_each_shot_has_its_own_flags(when: str, sampler: Any) -> None:
    settings = qbell.schedule(3, "random", draws=60, seed=2)
    shots = qbell.sample(crooked(when), settings, sampler)
    assert shots.provenance == ("heralded" if when == "mid-circuit" else "post-selected")
    assert shots.flagged is not None
    assert shots.total + shots.flagged.lost == 60
    assert 10 < shots.flagged.lost < 50
    assert shots.flagged.words.tolist() == [[1, 0]] * shots.flagged.lost
    for rows, bit in ((shots.columns, 0), (shots.flagged.rejected, 1)):
        along = rows.directions[:, 0] == 0
        assert set(rows.bits[along, 0]) == {bit}
        assert set(rows.bits[rows.directions[:, 2] == 0, 2]) == {1}


def test_a_sampler_that_gives_no_flags_and_flags_that_accept_nothing() -> None:
    settings = qbell.schedule(3, "random", draws=4, seed=2)
    with pytest.raises(QbellError, match="flags without noise reject nothing"):
        qbell.sample(crooked("end"), settings)
    with pytest.raises(QbellError, match="flags rejected all 4 shots"):
        qbell.sample(crooked("end", always=True), settings, SamplerV2(seed=5))

    class Forgetful(SamplerV2):
        """Leaves a register out."""

        def run(self, pubs: Any, *, shots: int | None = None) -> Any:
            found = super().run(pubs, shots=shots).result()
            kept = type(found[0].data)(meas=found[0].data.meas, shape=found[0].data.shape)
            part = type(found[0])(kept)

            class Job:
                @staticmethod
                def result() -> Any:
                    return [part]

            return Job()

    with pytest.raises(QbellError, match="no outcomes flags in part 0"):
        qbell.sample(crooked("end"), settings, Forgetful(seed=5))
