"""Dictionaries of counts: what is refused, in one line that names the outcome."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import qbell
from tests.support.foreign import refused


def one(counts: Any, settings: Any = "XY", **how: Any) -> Callable[[], object]:
    return lambda: qbell.shots_from([counts], settings, **how)


MISTAKES: dict[str, tuple[Callable[[], object], str]] = {
    # the ten most likely
    "leading zeros lost": (one({"00": 3, "1": 2}), "data[0]: outcome '1' is 1 long, not 2"),
    "numbers as text": (one({"3": 2}), "'3' is not made of 0 and 1; if it is a number"),
    "an ancilla too": (one({"000": 3}), "'000' is 3 long, not 2"),
    "hexadecimal too large": (one({"0x4": 3}), "'0x4' is no outcome of 2 qubits"),
    "probabilities": (one({"00": 0.5, "11": 0.5}), "'00' came 0.5 times, which is no number of"),
    "below 0": (one({"00": -3, "11": 8}), "'00' came -3 times"),
    "no settings": (one({"00": 3}, None), "no settings: give one for each circuit"),
    "too few settings": (
        lambda: qbell.shots_from([{"00": 1}] * 3, ["XX", "XY"]),
        "outcomes of 3 circuits, and 2 settings",
    ),
    "the same outcome twice": (one({"01": 3, "0x1": 2}), "'01' and '0x1' are the same outcome"),
    "no outcomes": (one({}), "data[0]: {} has no counts"),
    # hostile
    "not a number": (one({"00": float("nan")}), "'00' came nan times"),
    "infinite": (one({"00": float("inf")}), "'00' came inf times"),
    "True": (one({"00": True}), "'00' came True times"),
    "NumPy's True": (one({"00": np.True_}), "'00' came np.True_ times"),
    "text": (one({"00": "5"}), "'00' came '5' times"),
    "none": (one({"00": None}), "'00' came None times"),
    "complex": (one({"00": 5 + 0j}), "times; give a whole number"),
    "huge": (one({"00": 10**400}), "more than 1000000000000"),
    "huge outcome": (one({10**400: 5}), "is no outcome of 2 qubits"),
    "negative outcome": (one({-1: 5}), "-1 is no outcome of 2 qubits"),
    "outcome True": (one({True: 5}), "True is no outcome of 2 qubits"),
    "digits of another script": (one({"٠٠": 5}), "is no outcome of 2 qubits"),
    "full width": (one({"０１": 5}), "is no outcome of 2 qubits"),
    "underscores": (one({"0_1": 5}), "is no outcome of 2 qubits"),
    "a line break": (one({"0\n1": 5}), "is no outcome of 2 qubits"),
    "empty": (one({"": 5}), "'' is no outcome of 2 qubits"),
    "none as outcome": (one({None: 5}), "None is no outcome of 2 qubits"),
    "floats as outcomes": (one({0.0: 5}), "0.0 is no outcome of 2 qubits"),
    "tuples and words": (one({(0, 1): 5, "00": 5}), "tuples beside other outcomes"),
    "short tuple": (one({(0,): 5}), "(0,) has not 2 bits"),
    "tuple of twos": (one({(0, 2): 5}), "has 2, which is not 0 or 1"),
    "tuple of signs": (one({(1, -1): 5}), "has -1, which is not 0 or 1"),
    "tuple of words": (one({("0", "1"): 5}), "has '0', which is not 0 or 1"),
    "tuple of tuples": (one({((0, 1), (1, 0)): 5}), "has not 2 bits"),
    "all zero": (one({"00": 0}), "every count is 0"),
    "counts of another length": (
        lambda: qbell.shots_from([{"00": 1}, {"000": 1}], ["XX", "XY"]),
        "data[1]: outcome '000' is 3 long",
    ),
    "N unknown": (
        lambda: qbell.shots_from({"0/3": {"0x0": 5}, "1/3": {"0x1": 5}}),
        "'0x0' does not tell the number of qubits",
    ),
    "N contradicts": (one({"00": 5}, num_qubits=3), "num_qubits = 3, but settings such as XY"),
    "no dictionary": (lambda: qbell.shots_from("00", "XY"), "no importer for a str"),
    "no data": (lambda: qbell.shots_from(None, ["XX"]), "no importer for a NoneType"),
    "a set": (lambda: qbell.shots_from({"00", "11"}, ["XX"]), "no importer for a set"),
    "unknown kind": (one({"00": 5}, kind="qasm"), "kind = 'qasm' is unknown; give primitives"),
    "kind of two": (one({"00": 5}, kind=["cirq"]), "kind = ['cirq'] is unknown"),
    "bit order": (one({"00": 5}, bit_order="little"), "bit_order = 'little'; give 'last'"),
    "word order": (one({"00": 5}, word_order=0), "word_order = 0; give 'last'"),
    "draws": (one({"00": 5}, draws="rows"), "draws = 'rows'; give 'circuits' or 'shots'"),
    "columns": (one({"00": 5}, columns={}), "columns = names those of a table"),
    "job": (one({"00": 5}, job=1.5, design="random"), "job = 1.5; give a number or a name"),
    "provenance": (one({"00": 5}, provenance="clean", design="random"), "provenance 'clean'"),
    "design": (one({"00": 5}, design="fully"), "design 'fully' is unknown"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes(mistake: str) -> None:
    call, says = MISTAKES[mistake]
    assert says in refused(call)


def test_the_angles_of_all_qubits_need_the_number_of_qubits() -> None:
    counts = {f"{angle}/3": {"0x0": 5, "0x1": 5} for angle in range(3)}
    shots = qbell.shots_from(counts, num_qubits=2)
    assert shots.design == "equatorial"
    assert shots.bits.tolist() == [[0, 0], [1, 0]] * 3


def test_each_circuit_is_a_draw_where_settings_are_drawn() -> None:
    counts = [{"00": 2, "11": 1}, {"01": 3}, {"00": 3}]
    shots = qbell.shots_from(counts, ["XY", "YY", "XY"], design="random")
    assert shots.draws is not None
    assert shots.draws.tolist() == [0, 0, 1, 2]
    assert any("taken as one draw" in note for note in shots.notes)
    spread = qbell.shots_from(counts, ["XY", "YY", "XY"], design="random", draws="shots")
    assert spread.draws is None
    assert spread.num_draws == 9
    by_setting = {"XY": {"00": 5, "11": 1}, "YY": {"01": 3}}
    assert qbell.shots_from(by_setting, design="random").num_draws == 9


def test_jobs_add_up() -> None:
    counts = {"XX": {"00": 3}, "XY": {"00": 3}, "YX": {"00": 3}, "YY": {"00": 3}}
    both = sum(qbell.shots_from(counts, job=job) for job in (1, 2))
    assert isinstance(both, qbell.Shots)
    assert both.total == 24
    assert both.frame["job"].tolist() == [1] * 4 + [2] * 4


def test_equal_settings_of_two_circuits_are_added_up_where_none_are_drawn() -> None:
    counts = [{"00": 2}, {"00": 3}, {"01": 5}, {"10": 5}, {"11": 5}]
    shots = qbell.shots_from(counts, ["XX", "XX", "XY", "YX", "YY"])
    assert shots.counts.tolist() == [5, 5, 5, 5]
