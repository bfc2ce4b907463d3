"""Settings for all correlators of order K: qbell's covering arrays beside Qiskit's groups.

python benchmarks/covering.py           the table of docs/covering.md (some minutes: Qiskit's
                                        grouping of 7920 strings, and large arrays)
pytest benchmarks/covering.py           times alone

Qiskit groups the C(N, K) 2^K strings of K letters X or Y by qubit-wise commutation; each group is
one setting. Best known: see docs/covering.md.
"""

import time
from itertools import combinations, product

import pytest
from qiskit.quantum_info import SparsePauliOp

from qbell.covering import covering_array

# (largest N, rows) of Colbourn's tables, November 2024.
BEST_KNOWN = {
    2: "3:4 4:5 10:6 15:7 35:8 56:9 126:10 210:11 462:12 792:13 1716:14",
    3: "4:8 5:10 11:12 12:15 14:16 16:17 20:18 22:19 23:20 25:21 26:22 30:23 38:24 44:25 46:26 "
    "49:27 52:28 55:29 57:30 68:31 88:32 121:33 123:35 127:36 140:37 142:39 146:40 163:41 180:42 "
    "242:43 243:44 246:45 256:46 262:47 280:48 352:49 484:50 605:52 704:53 968:54",
    4: "5:16 6:21 12:24 13:32 17:35 18:36 20:39 21:42 22:44 24:46 25:50 26:51 28:53 30:56 32:58 "
    "33:61 34:63 35:64 37:65 38:66 67:67 71:71 72:78 79:79 83:83 89:87 90:92 97:94 101:98 107:102 "
    "109:105 111:106 113:107 114:109 120:110 144:112 145:119 146:122 149:125 151:126 "
    "155:127 157:128 160:129 165:130 169:131 172:134 173:135 179:142 189:143 192:144 196:145 "
    "208:154 213:156 217:157 222:158 256:160 268:161 272:162 289:165",
    5: "6:32 7:42 8:52 9:54 10:56 14:64 15:79 16:98 20:99 21:109 22:111 23:114 24:117 25:118 "
    "26:130 35:134 68:136 72:144",
    6: "7:64 8:85 9:108 10:116 11:118 15:128 16:179 17:235 18:260 19:285 20:300",
}
GROUPED = [(8, 2), (8, 3), (8, 4), (10, 3), (10, 4), (12, 3), (12, 4), (16, 2), (16, 3)]
SIZES = [
    *((n, k) for k in (2, 3, 4) for n in range(k, 21)),
    *((n, 5) for n in (6, 7, 8, 10, 12, 14, 16, 20, 30, 50)),
    *((n, 6) for n in (7, 8, 10, 12, 15, 20)),
    *((n, 2) for n in (30, 50, 100, 1000)),
    *((n, 3) for n in (24, 30, 40, 50, 75, 100, 150, 200, 300, 500, 900)),
    *((n, 4) for n in (24, 30, 40, 50, 75, 100, 120, 150, 200)),
]


def best_known(num_qubits: int, order: int) -> int | None:
    """Rows of the smallest covering array known, or None where no table was looked up."""
    if order == num_qubits:
        return int(2**order)
    for entry in BEST_KNOWN[order].split():
        columns, rows = map(int, entry.split(":"))
        if columns >= num_qubits:
            return rows
    return None


def qiskit_groups(num_qubits: int, order: int) -> int:
    """Groups of qubit-wise commuting strings that Qiskit finds."""
    strings = []
    for qubits in combinations(range(num_qubits), order):
        for letters in product("XY", repeat=order):
            text = ["I"] * num_qubits
            for qubit, letter in zip(qubits, letters, strict=True):
                text[num_qubits - 1 - qubit] = letter
            strings.append("".join(text))
    return len(SparsePauliOp(strings).group_commuting(qubit_wise=True))


def main() -> None:
    """Print the table, as Markdown."""
    for order in range(1, 7):  # compile
        covering_array(order + 2, order)
    print("| N | K | rows | best known | ratio | Qiskit's groups | ratio | seconds |")
    print("|---|---|---|---|---|---|---|---|")
    for num_qubits, order in SIZES:
        start = time.perf_counter()
        rows = len(covering_array(num_qubits, order))
        seconds = time.perf_counter() - start
        best = best_known(num_qubits, order)
        known = f"{best} | {rows / best:.2f}" if best else "| "
        groups = " | "
        if (num_qubits, order) in GROUPED:
            found = qiskit_groups(num_qubits, order)
            groups = f"{found} | {rows / found:.2f}"
        print(
            f"| {num_qubits} | {order} | {rows} | {known} | {groups} | {seconds:.3f} |", flush=True
        )


@pytest.mark.parametrize(("num_qubits", "order"), [(20, 2), (20, 3), (20, 4), (100, 3), (50, 4)])
def test_time(benchmark: object, num_qubits: int, order: int) -> None:
    """Building and checking, compiled."""
    benchmark(covering_array, num_qubits, order)  # type: ignore[operator]


if __name__ == "__main__":
    main()
