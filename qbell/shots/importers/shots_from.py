"""`shots_from`: shots from what other tools give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from qbell.conventions.axes import AxisLike, parse_axis
from qbell.conventions.labels import BIT_LETTERS, strings
from qbell.designs import find_design
from qbell.designs.schedule import Schedule
from qbell.errors import QbellError
from qbell.shots.columns import FLAGS
from qbell.shots.grouping import group_by
from qbell.shots.importers.asked import (
    Asked,
    checked_num_qubits,
    checked_order,
    checked_registers,
    short,
)
from qbell.shots.importers.importer import Outcomes
from qbell.shots.importers.outcome_codes import checked_codes
from qbell.shots.importers.probabilities import (
    check_raw,
    checked_shots,
    of_distribution,
    why_not_raw,
)
from qbell.shots.importers.read_results import WHERE, read_results
from qbell.shots.importers.registry import checked_kind
from qbell.shots.importers.table import is_table, own_table
from qbell.shots.shots import Shots, from_frame
from qbell.util.checks import MAX_MEASURED_QUBITS, whole_number
from qbell.util.unique_rows import row_numbers

if TYPE_CHECKING:
    import pandas as pd

DRAWS = ("circuits", "shots")


def shots_from(
    data: Any,
    settings: Any = None,
    *,
    design: str | None = None,
    order: int | None = None,
    axis: AxisLike | None = None,
    provenance: str | None = None,
    kind: str | None = None,
    bit_order: Literal["last", "first"] | None = None,
    word_order: Literal["last", "first"] | None = None,
    letters: str | Mapping[Any, str] | None = None,
    outcomes: str | None = None,
    registers: str | Sequence[str] | None = None,
    columns: Mapping[str, str | Sequence[str] | None] | None = None,
    shots: int | Sequence[int] | None = None,
    draws: Literal["circuits", "shots"] | None = None,
    num_qubits: int | None = None,
    flags: int = 0,
    job: int | str | None = None,
) -> Shots:
    """Shots from the results of other tools, every outcome checked.

    Data are one of these, of one circuit or of several in a list; or a dictionary from setting to
    one of these:

    - counts: dictionaries by bit strings (spaces between registers or not), hexadecimal, whole
      numbers or tuples; with ``shots`` also probabilities and quasi-probabilities, which are
      labelled mitigated and make no Bell claim;
    - Qiskit: BitArray, DataBin, SamplerPubResult, PrimitiveResult of any SamplerV2; Result;
    - arrays of outcomes (shots, N) or (circuits, shots, N), 0 and 1, +1 and -1, or 1 and 2; or
      lists of bit strings. Where there are as many settings as shots, each shot has its own;
    - results of Braket, Cirq and pytket and their dictionaries; PennyLane's shadows, samples and
      counts;
    - a DataFrame, whose column names may be mapped.

    One order holds unless you say otherwise: of words and numbers the last character (the lowest
    bit) is qubit 0, as in Qiskit; column k of an array, entry k of a tuple, is qubit k. Braket's,
    Cirq's and PennyLane's words begin with qubit 0, and are read so where the object or ``kind``
    tells whose they are.

    Args:
        data: as above.
        settings: of each circuit, in the order of the data: words such as ``XY``, an array
            (circuits, N) of letters or codes, a `qbell.Schedule`, or the path of a file with a
            column ``setting``. None where the data say them: keys, columns, or ``setting`` in the
            metadata of Qiskit's circuits.
        design: a key of `qbell.designs.DESIGNS`; None takes the schedule's, or infers it where only
            one reading is possible.
        order: of a covering design.
        axis: of the generator, a name or a vector; None is z, or the schedule's.
        provenance: ``raw``, ``heralded``, ``mitigated`` or ``post-selected``; None is raw,
            mitigated for distributions, and post-selected for a table with a column ``flags``.
        kind: whose result it is, where the data do not show it: primitives, qiskit-result, braket,
            pytket, cirq, pennylane, counts or arrays.
        bit_order: ``last`` or ``first``: which bit of an outcome is qubit 0, also which column.
        word_order: the same for the letters of settings.
        letters: how settings are written: ``sigma`` (X, Y, Z for sigma_1, sigma_2, sigma_xi of the
            axis), ``paulis`` (the Pauli matrices X, Y, Z, also on axes x and y), the codes ``0/1``,
            ``1/2``, ``+1/-1`` (of sigma_1 and sigma_2), ``pennylane``, ``qiskit-experiments``, or
            a mapping to X, Y and Z.
        outcomes: ``0/1``, ``+1/-1`` or ``1/2``, where numbers do not show it.
        registers: classical registers, or Cirq's measurement keys, to join; that of qubit 0 first.
        columns: of a table: setting, bitstring, count, draw, job -> their names there; lists of
            names for one column a qubit, qubit 0 first; ``"count": None`` for one row a shot.
        shots: number of shots, of all or of each circuit, that probabilities or fractional counts
            belong to.
        draws: in designs that draw settings, what one draw is: each of the ``circuits``, in their
            order, or each of the ``shots``. None: circuits, or shots where data are a dictionary by
            setting.
        num_qubits: N, where neither settings nor outcomes show it.
        flags: how many bits of each outcome, behind those of the N qubits, are flags: shots with
            one of 1 are left out, and kept beside the others. A table has a column ``flags``.
        job: of all these shots, as a column; data of several jobs can be added up.

    Returns:
        The shots; ``notes`` says what was assumed.

    Raises:
        QbellError: data of an unknown kind, outcomes that are not of two-valued measurements,
            settings that do not fit them or the design; the message says where.

    >>> import qbell
    >>> counts = {"XX": {"00": 52, "11": 48}, "XY": {"0x0": 49, "0x3": 51},
    ...           "YX": {"01": 100}, "YY": {0: 50, 3: 50}}
    >>> qbell.shots_from(counts).design
    'full'
    """
    asked = Asked(
        bit_order=checked_order(bit_order, "bit_order"),
        outcomes=checked_codes(outcomes),
        registers=checked_registers(registers),
        distribution=shots is not None,
        num_qubits=checked_num_qubits(num_qubits),
        num_flags=whole_number("flags", flags, least=0, most=MAX_MEASURED_QUBITS),
    )
    ends = checked_order(word_order, "word_order")
    kind = checked_kind(kind)
    if draws is not None and not (isinstance(draws, str) and draws in DRAWS):
        raise QbellError(f"draws = {short(draws)}; give 'circuits' or 'shots'")
    if isinstance(settings, Schedule):
        design, order, axis = _of_schedule(settings, design, order, axis)
    parsed = parse_axis("z" if axis is None else axis)
    assumed = [f"axis {parsed.name}"] if axis is None else []
    notes: list[str] = []
    drawn = is_drawn(design)
    if is_table(data):
        _refuse_for_tables(settings, kind, registers, shots, num_qubits, draws, flags or None)
        name = "the table"
        table = own_table(
            data,
            name=name,
            axis=parsed,
            drawn=drawn,
            columns=columns,
            letters=letters,
            outcomes=asked.outcomes,
            bit_order=asked.bit_order,
            word_order=ends,
        )
    else:
        if columns is not None:
            raise QbellError("columns = names those of a table, which the data are not")
        name = "the shots"
        read = read_results(data, settings, asked, kind, letters, ends, parsed)
        notes += read.notes
        found = read.outcomes
        if shots is not None:
            found, provenance, note = _of_distribution(found, shots, provenance)
            notes.append(note)
        if draws is not None and not drawn:
            raise QbellError("draws = is for designs that draw settings; name one, design =")
        numbered = drawn and (draws or ("shots" if read.by_setting else "circuits")) == "circuits"
        if numbered:
            notes.append("each circuit, or row with a setting of its own, is taken as one draw")
        table = _table(found, read.words, numbered=numbered, num_flags=asked.num_flags)
    if provenance is None and shots is None and FLAGS not in table:
        assumed.append("raw counts")
    if assumed:
        notes.insert(0, f"{', '.join(assumed)} assumed")
    made = from_frame(
        with_job(table, job),
        design,
        order=order,
        axis=parsed,
        provenance=provenance,
        name=name,
    )
    return replace(made, notes=tuple(dict.fromkeys((*made.notes, *notes))))


def _of_distribution(
    found: Outcomes, shots: Any, provenance: str | None
) -> tuple[Outcomes, str, str]:
    """Whole numbers of shots, their provenance, and a note."""
    made = of_distribution(found, checked_shots(shots, found.num_circuits), WHERE)
    check_raw(made, provenance, WHERE)
    return made.outcomes, provenance or "mitigated", why_not_raw(made)


def _table(
    found: Outcomes, words: list[str], *, numbered: bool, num_flags: int = 0
) -> pd.DataFrame:
    """The rows as a counts table, equal ones added up."""
    import pandas as pd

    settings, codes = np.unique(np.array(words), return_inverse=True)
    unit = found.circuit if numbered else codes.astype(np.int64)[found.circuit]
    groups = group_by(unit, row_numbers(found.bits))
    chosen = groups.first
    size = found.bits.shape[1] - num_flags
    table = pd.DataFrame(
        {
            "setting": settings[codes[found.circuit[chosen]]],
            "bitstring": strings(found.bits[chosen, :size], BIT_LETTERS),
            "count": groups.sums(found.values),
        }
    )
    if num_flags:
        table[FLAGS] = strings(found.bits[chosen, size:], BIT_LETTERS)
    if numbered:
        table["draw"] = found.circuit[chosen]
    return table


def _of_schedule(
    settings: Schedule, design: str | None, order: int | None, axis: AxisLike | None
) -> tuple[str, int | None, AxisLike]:
    """Design, order and axis, which must not contradict the schedule's."""
    if design is not None and short(design) != short(settings.design):
        raise QbellError(
            f"design {short(design)}, but the schedule is of {settings.design}; leave one"
        )
    if order is not None and short(order) != short(settings.order):
        raise QbellError(
            f"order = {short(order)}, but the schedule's is {settings.order}; leave it out"
        )
    if axis is not None and parse_axis(axis) != settings.axis:
        raise QbellError(
            f"axis {short(axis)}, but the schedule's is {settings.axis.name}; leave it out"
        )
    return settings.design, settings.order, settings.axis


def is_drawn(design: str | None) -> bool:
    """True if a design was said, and draws its settings."""
    return design is not None and find_design(design).drawn


def with_job(table: pd.DataFrame, job: int | str | None) -> pd.DataFrame:
    """The table with a column job, if one was said.

    Raises:
        QbellError: no number or name, or the table has such a column.
    """
    if job is None:
        return table
    if isinstance(job, bool) or not isinstance(job, int | str) or job == "":
        raise QbellError(f"job = {short(job)}; give a number or a name")
    if "job" in table.columns:
        raise QbellError("job =, but the table has a column job; leave one of them out")
    return table.assign(job=job)


def _refuse_for_tables(
    settings: Any, kind: Any, registers: Any, shots: Any, num_qubits: Any, draws: Any, flags: Any
) -> None:
    given = {
        FLAGS: flags,
        "settings": settings,
        "kind": kind,
        "registers": registers,
        "shots": shots,
        "num_qubits": num_qubits,
        "draws": draws,
    }
    for name, value in given.items():
        if value is not None:
            raise QbellError(f"{name} = is not for tables, whose columns say it; leave it out")
