"""Every importer gives the same shots, of data in which the order of qubits shows."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import qbell
from qbell.shots.shots import Shots
from tests.support import foreign
from tests.support.foreign import WORDS, counts, keyed, samples

ROWS = np.concatenate(samples())
OWN = np.repeat(np.array(WORDS), [len(each) for each in samples()])  # a word a row
COLUMNS = np.array([["XY".index(letter) for letter in reversed(word)] for word in WORDS])


def read(data: Any, settings: Any = WORDS, **how: Any) -> Shots:
    return qbell.shots_from(data, settings, design="full", **how)


def mirrored(words: Any) -> list[str]:
    return [word[::-1] for word in words]


CASES: dict[str, Callable[[], Shots]] = {
    "counts": lambda: read(counts()),
    "counts by setting": lambda: read(dict(zip(WORDS, counts(), strict=True)), None),
    "counts with spaces": lambda: read(keyed(lambda word: f"{word[0]} {word[1:]}")),
    "counts, hexadecimal": lambda: read(keyed(lambda word: hex(int(word, 2)))),
    "counts, 0b": lambda: read(keyed(lambda word: bin(int(word, 2)))),
    "counts, numbers": lambda: read(keyed(lambda word: int(word, 2))),
    "counts, NumPy's numbers": lambda: read(keyed(lambda word: np.int64(int(word, 2)))),
    "counts, whole floats": lambda: read([{k: float(v) for k, v in c.items()} for c in counts()]),
    "counts, first": lambda: read(keyed(lambda word: word[::-1]), bit_order="first"),
    "counts, both first": lambda: read(
        keyed(lambda word: word[::-1]), mirrored(WORDS), bit_order="first", word_order="first"
    ),
    "counts with their setting": lambda: read(
        [
            {"counts": each, "metadata": {"setting": word}}
            for word, each in zip(WORDS, counts(), strict=True)
        ],
        None,
    ),
    "probabilities": lambda: read(
        [{word: count / 5 for word, count in each.items()} for each in counts()],
        shots=5,
        provenance="raw",
    ),
    "arrays, a circuit each": lambda: read(samples()),
    "array of circuits": lambda: read(np.stack(samples())),
    "nested lists": lambda: read(np.stack(samples()).tolist()),
    "a setting a row": lambda: read(ROWS, OWN),
    "+1 and -1": lambda: read(1 - 2 * ROWS, OWN),
    "+1.0 and -1.0": lambda: read(1.0 - 2.0 * ROWS, OWN),
    "1 and 2": lambda: read(ROWS + 1, OWN),
    "True and False": lambda: read(ROWS.astype(bool), OWN),
    "array, last": lambda: read(ROWS[:, ::-1], OWN, bit_order="last"),
    "words of shots": lambda: read(
        [[word for word, count in each.items() for _ in range(count)] for each in counts()]
    ),
    "words of shots, array": lambda: read(
        np.array(["".join(map(str, row[::-1])) for row in ROWS.tolist()]), OWN
    ),
    "settings as codes": lambda: read(ROWS, np.repeat(COLUMNS, 5, axis=0), letters="0/1"),
    "settings as codes from 1": lambda: read(samples(), COLUMNS + 1, letters="1/2"),
    "settings as signs": lambda: read(samples(), 1 - 2 * COLUMNS, letters="+1/-1"),
    "settings as letters": lambda: read(samples(), np.array(list("XY"))[COLUMNS]),
    "settings, last column": lambda: read(
        samples(), COLUMNS[:, ::-1], letters="0/1", word_order="last"
    ),
    "settings of one's own": lambda: read(
        samples(), [[("a", "b")[k] for k in row] for row in COLUMNS], letters={"a": "X", "b": "Y"}
    ),
    "a schedule": lambda: qbell.shots_from(
        [counts()[WORDS.index(word)] for word in qbell.schedule(3).frame["setting"]],
        qbell.schedule(3),
    ),
    "BitArrays": lambda: read(foreign.bit_arrays()),
    "pub results": lambda: read(foreign.pubs()),
    "DataBins": lambda: read([each.data for each in foreign.pubs()]),
    "primitive result": lambda: read(primitive_result()),
    "primitive result, metadata": lambda: read(primitive_result(setting=WORDS), None),
    "one pub of all settings": lambda: read(one_pub()),
    "registers joined": lambda: read(two_registers(), registers=["low", "high"]),
    "Qiskit's Result": lambda: read(qiskit_result()),
    "Qiskit's Result, metadata": lambda: read(qiskit_result(), None),
    "Qiskit's Result, dictionary": lambda: read(qiskit_result().to_dict()),
    "Braket's result": lambda: read([braket(each) for each in samples()]),
    "Braket's dictionary": lambda: read(
        [{"measurements": each.tolist(), "measuredQubits": [0, 1, 2]} for each in samples()]
    ),
    "Braket's counts": lambda: read(keyed(lambda word: word[::-1]), kind="braket"),
    "Cirq's result": lambda: read([foreign.cirq_result(m=each) for each in samples()]),
    "Cirq's measurements": lambda: read([{"m": each.astype(bool)} for each in samples()]),
    "Cirq's keys": lambda: read(
        [{"b": each[:, 1:], "a": each[:, :1]} for each in samples()], registers=["a", "b"]
    ),
    "Cirq's records": lambda: read([{"m": each[:, None]} for each in samples()]),
    "Cirq's histogram": lambda: read(keyed(lambda word: int(word[::-1], 2)), kind="cirq"),
    "pytket's tuples": lambda: read(keyed(lambda word: tuple(map(int, word[::-1])))),
    "pytket's result": lambda: read(
        [foreign.pytket_result(each, [("c", k) for k in range(3)]) for each in samples()]
    ),
    "pytket's registers": lambda: read(
        [
            foreign.pytket_result(each[:, [2, 0, 1]], [("b", 1), ("a", 0), ("b", 0)])
            for each in samples()
        ],
        registers=["a", "b"],
    ),
    "pytket's dictionary": lambda: read([foreign.pytket_dict(s, shots=False) for s in samples()]),
    "pytket's dictionary of shots": lambda: read(
        [foreign.pytket_dict(s, shots=True) for s in samples()]
    ),
    "PennyLane's shadow": lambda: read(
        (ROWS, np.repeat(COLUMNS, 5, axis=0)), None, kind="pennylane"
    ),
    "PennyLane's shadow, object": lambda: read(
        SimpleNamespace(bits=ROWS, recipes=np.repeat(COLUMNS, 5, axis=0)), None
    ),
    "PennyLane's counts": lambda: read(keyed(lambda word: word[::-1]), kind="pennylane"),
    "PennyLane's samples": lambda: read(samples(), kind="pennylane"),
    "qiskit-experiments' codes": lambda: read(samples(), COLUMNS + 1, letters="qiskit-experiments"),
    "table": lambda: read(foreign.TABLE, None),
    "table, other names": lambda: read(
        foreign.TABLE.set_axis(["basis", "outcome", "n"], axis=1),
        None,
        columns={"setting": "basis", "bitstring": "outcome", "count": "n"},
    ),
    "table, a column a qubit": lambda: read(
        pd.DataFrame({f"s{k}": COLUMNS[:, k].repeat(5) for k in range(3)}).join(
            pd.DataFrame({f"q{k}": 1 - 2 * ROWS[:, k] for k in range(3)})
        ),
        None,
        columns={"setting": ["s0", "s1", "s2"], "bitstring": ["q0", "q1", "q2"], "count": None},
        letters="0/1",
    ),
    "table, both first": lambda: read(
        foreign.TABLE.assign(
            setting=foreign.TABLE["setting"].str[::-1],
            bitstring=foreign.TABLE["bitstring"].str[::-1],
        ),
        None,
        bit_order="first",
        word_order="first",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_round_trip(case: str) -> None:
    assert foreign.same(CASES[case](), foreign.reference())


def test_registers_are_joined_as_asked() -> None:
    """The other way round the last qubit becomes the first one, and the others follow it."""
    found = read(two_registers(), registers=["high", "low"])
    wanted = foreign.TABLE.assign(bitstring=foreign.TABLE["bitstring"].map(lambda w: w[1:] + w[0]))
    assert foreign.same(found, read(wanted, None))


def primitive_result(**metadata: Any) -> Any:
    from qiskit.primitives import PrimitiveResult

    return PrimitiveResult(foreign.pubs(**metadata))


def one_pub() -> Any:
    from qiskit.primitives import BitArray, DataBin, SamplerPubResult

    array = BitArray.from_bool_array(np.stack(samples()).astype(bool), order="little")
    return SamplerPubResult(DataBin(meas=array, shape=(len(WORDS),)))


def two_registers() -> list[Any]:
    from qiskit.primitives import DataBin

    return [
        DataBin(high=high, low=low)
        for high, low in zip(foreign.bit_arrays([2]), foreign.bit_arrays([0, 1]), strict=True)
    ]


def qiskit_result() -> Any:
    from qiskit.result import Result
    from qiskit.result.models import ExperimentResult, ExperimentResultData

    return Result(
        results=[
            ExperimentResult(
                shots=5,
                success=True,
                data=ExperimentResultData(
                    counts={hex(int(key, 2)): count for key, count in each.items()}
                ),
                header={"memory_slots": 3, "metadata": {"setting": word}},
            )
            for word, each in zip(WORDS, counts(), strict=True)
        ]
    )


def braket(measured: np.ndarray[Any, Any]) -> Any:
    return SimpleNamespace(measurements=measured, measured_qubits=[0, 1, 2])
