"""A job's outcomes: from the sampler's result to its CSV file, and from all files to shots."""

import io
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import scipy
from numpy.typing import NDArray

from qbell.campaigns.jobs.job_log import read_log
from qbell.campaigns.jobs.job_plan import JobPlan
from qbell.campaigns.jobs.jobs import FIXED_SETTINGS, WORDS, Job
from qbell.campaigns.jobs.measured import counted
from qbell.circuits.flags import num_flags
from qbell.conventions.labels import BIT_LETTERS, strings
from qbell.errors import QbellError
from qbell.mitigation import ReadoutCalibration
from qbell.mitigation.calibration import from_frame as calibration_from_frame
from qbell.sampling.calibrate import default_words
from qbell.sampling.run_sampler import outcomes_in
from qbell.shots.columns import FLAGS
from qbell.shots.shots import Shots, from_frame
from qbell.util.atomic_files import write_atomically
from qbell.util.digests import digest
from qbell.util.plain_files import read_bytes

JOB = "job"
FEWEST_EXPECTED = 5.0  # of an outcome in a reference job, for chi^2 to hold


def pubs_of(plan: JobPlan, job: Job) -> list[tuple[Any, ...]]:
    """What a job asks a SamplerV2 for."""
    circuit, words = plan.circuits()
    if job.kind == "data":
        return [(circuit, plan.measured.values(circuit, plan.rows_of(job)))]
    return [*((word,) for word in words), (circuit, plan.measured.fixed_values(circuit))]


def table_of(plan: JobPlan, job: Job, result: Any) -> pd.DataFrame:
    """The counts of a job: setting or angle, bitstring, count, draw where drawn, flags where there
    are any (rejected shots included), job; or for a reference job prepared (a word), setting or
    angle, bitstring, count, one of the first two being empty.

    Raises:
        HalfAResult: other rows, shots or qubits than were asked for.
    """
    num_qubits, column = plan.measured.num_qubits, plan.measured.column
    if job.kind == "data":
        flags = num_flags(plan.circuits()[0])
        bits = outcomes_in(result, 0, (job.circuits, job.shots), num_qubits, flags)
        table = plan.measured.table(bits, plan.rows_of(job), plan.spec.backend)
        return table.assign(**{JOB: job.number})
    parts = []
    for index, word in enumerate(strings(default_words(num_qubits), BIT_LETTERS).tolist()):
        bits = outcomes_in(result, index, (job.shots,), num_qubits)
        parts.append(counted(bits).assign(**{"prepared": word, column: ""}))
    both = outcomes_in(result, WORDS, (FIXED_SETTINGS, job.shots), num_qubits)
    for word, bits in zip(plan.measured.fixed_words, both, strict=True):
        parts.append(counted(bits).assign(**{"prepared": "", column: word}))
    return pd.concat(parts)[["prepared", column, "bitstring", "count"]]


def write_table(path: Path, table: pd.DataFrame) -> str:
    """As CSV, atomically: a job's file is there whole or not at all. Its checksum."""
    write_atomically(path, lambda temporary: table.to_csv(temporary, index=False))
    return digest(path)


def shots_of(plan: JobPlan, jobs: tuple[Job, ...]) -> Shots:
    """The shots of data jobs that landed, in the order of the jobs.

    Raises:
        QbellError: a job's file that does not hold just the shots that were asked for.
    """
    return from_frame(
        pd.concat(tables_of(plan, jobs), ignore_index=True),
        plan.spec.design,
        order=plan.schedule.order,
        axis=plan.schedule.axis,
        provenance=plan.spec.provenance,
        name=str(plan.folder),
        stars=plan.schedule.stars,
    )


def tables_of(plan: JobPlan, jobs: tuple[Job, ...]) -> list[pd.DataFrame]:
    """The counts of data jobs that landed.

    Raises:
        QbellError: a job's file that does not hold just the shots that were asked for.
    """
    parts = []
    column, drawn = plan.measured.column, plan.measured.drawn
    for job in jobs:
        table = _read(plan, job)
        rows = plan.rows_of(job)
        unit = "draw" if drawn else column
        found = table.groupby(unit, sort=True)["count"].sum()
        words = plan.measured.words(rows)
        wanted = rows.tolist() if drawn else words
        whole = sorted(wanted) == found.index.tolist() and bool((found == job.shots).all())
        if drawn and whole:
            said = table.drop_duplicates("draw").set_index("draw")[column]
            whole = said[rows].tolist() == words
        if not whole or set(table[JOB]) != {job.number}:
            raise _not_whole(plan, job)
        parts.append(table)
    return parts


def calibration_of(plan: JobPlan, jobs: tuple[Job, ...]) -> ReadoutCalibration | None:
    """The readout's calibration from all reference jobs that landed; None if there is none."""
    tables = [table[table["prepared"] != ""] for _, table in _references(plan, jobs)]
    if not tables:
        return None
    keys = ["prepared", "bitstring"]
    counts = pd.concat(tables).groupby(keys)["count"].sum().reset_index()
    return calibration_from_frame(counts, str(plan.folder))


def drift_p(plan: JobPlan, jobs: tuple[Job, ...]) -> float | None:
    """P-value of "the device did not drift", from the reference jobs; None with fewer than two.

    Each qubit in each word and fixed setting, and each parity of the fixed settings (of every pair
    of qubits, and of all), is tested by chi^2 for equal shares in all repetitions; the least
    p-value times the number of tests (Bonferroni).
    """
    tables = list(_references(plan, jobs))
    if len(tables) < 2:
        return None
    shares: dict[tuple[str, ...], list[tuple[int, int]]] = {}
    for _, table in tables:
        for (prepared, setting), part in table.groupby(["prepared", plan.measured.column]):
            bits = np.array([list(word) for word in part["bitstring"]], dtype=np.uint8)[:, ::-1]
            counts = part["count"].to_numpy(dtype=np.int64)
            for name, ones in _events(bits, parities=setting != ""):
                hits = int(counts[ones == 1].sum())
                key = (str(prepared), str(setting), name)
                shares.setdefault(key, []).append((hits, int(counts.sum()) - hits))
    p_values = [_homogeneity(np.array(share)) for share in shares.values()]
    return min(1.0, min(p_values) * len(p_values))


def _events(bits: NDArray[np.uint8], *, parities: bool) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    num_qubits = bits.shape[1]
    for qubit in range(num_qubits):
        yield f"{qubit}", bits[:, qubit]
    if parities:
        for one, other in combinations(range(num_qubits), 2):
            yield f"{one},{other}", bits[:, one] ^ bits[:, other]
        if num_qubits > 2:
            yield "all", np.bitwise_xor.reduce(bits, axis=1)


def _homogeneity(shares: NDArray[np.int64]) -> float:
    """P-value of equal shares (repetitions, 2); 1 where too few were observed to tell."""
    least = shares.sum(axis=0).min() * shares.sum(axis=1).min() / shares.sum()
    if least < FEWEST_EXPECTED:
        return 1.0
    return float(scipy.stats.chi2_contingency(shares, correction=False).pvalue)


def _references(plan: JobPlan, jobs: tuple[Job, ...]) -> Iterator[tuple[Job, pd.DataFrame]]:
    for job in jobs:
        if job.kind != "reference":
            continue
        table = _read(plan, job)
        sums = table.groupby(["prepared", plan.measured.column])["count"].sum()
        words = strings(default_words(plan.measured.num_qubits), BIT_LETTERS).tolist()
        fixed = plan.measured.fixed_words
        wanted = {*((word, "") for word in words), *(("", word) for word in fixed)}
        if set(sums.index) != wanted or not bool((sums == job.shots).all()):
            raise _not_whole(plan, job)
        yield job, table


def _read(plan: JobPlan, job: Job) -> pd.DataFrame:
    path = plan.job_file(job.number, "csv")
    column = plan.measured.column
    texts = {column: str, "bitstring": str, "prepared": str, FLAGS: str}
    own = [JOB] if job.kind == "data" else ["prepared"]
    if job.kind == "data" and plan.measured.drawn:
        own.append("draw")
    try:
        table = pd.read_csv(io.BytesIO(read_bytes(path)), dtype=texts, keep_default_na=False)
        counts, words = table["count"], table["bitstring"]
        table[[column, *own]]  # missing columns are a KeyError
        whole = pd.api.types.is_integer_dtype(counts) and bool((counts >= 1).all())
    except (OSError, ValueError, KeyError) as error:
        raise _not_whole(plan, job) from error
    sizes = {plan.measured.num_qubits}
    if not whole or not words.str.fullmatch("[01]+").all() or set(words.str.len()) != sizes:
        raise _not_whole(plan, job)
    last = read_log(plan.job_file(job.number, "json"), job.number).last
    if last is not None and last.sha256 not in (None, digest(path)):
        raise _not_whole(plan, job)
    return table


def _not_whole(plan: JobPlan, job: Job) -> QbellError:
    return QbellError(
        f"{plan.job_file(job.number, 'csv')} does not hold just the shots of job {job.number}; "
        "restore it, or remove it to fetch it again"
    )
