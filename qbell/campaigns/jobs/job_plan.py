"""The plan of a campaign on a device: made once, written whole before the first job is sent.

Everything that decides the shots is in it: the jobs, the rows that each measures in their order
(settings, or angles), the compiled circuits, the options. Later steps only read it, so any of them
can be repeated.
"""

import io
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qbell.campaigns.folder import (
    COMPILED_FOLDER,
    DEVICE_FILE,
    JOBS_FOLDER,
    PLAN_FILE,
    SCAN_FILE,
    SCHEDULE_FILE,
    SPEC_FILE,
    plain,
    refuse_links,
    versions,
    write_spec,
)
from qbell.campaigns.jobs.added import added_to, with_rows
from qbell.campaigns.jobs.angles import Angles, angles_in, made_angles
from qbell.campaigns.jobs.jobs import Job, jobs_of, options_of, row_order
from qbell.campaigns.jobs.measured import Measured, in_their_order
from qbell.campaigns.jobs.plan_record import check_of, check_record, jobs_in, table_in
from qbell.campaigns.jobs.settings import Settings, made_settings, settings_in
from qbell.campaigns.parts import Part
from qbell.campaigns.queues import LocalQueue, queue_kind
from qbell.campaigns.seeds import seeds_of
from qbell.campaigns.spec import Spec, read_spec
from qbell.campaigns.spec_tables import OWN, SIMULATORS, Hardware, checked_hardware
from qbell.circuits.compiled import physical_qubits
from qbell.circuits.files import write_circuit
from qbell.circuits.qpy_sizes import LISTED, check_sizes
from qbell.designs import find_design
from qbell.designs.schedule import Schedule
from qbell.devices.backends import is_simulated
from qbell.devices.qpu_time import REP_DELAY, execution_seconds, job_seconds, time_limit
from qbell.devices.record import device_from_record, device_record
from qbell.errors import QbellError
from qbell.noise_reference import MAX_REFERENCE_QUBITS, is_computed
from qbell.sampling.calibrate import default_words, word_circuit
from qbell.sampling.large_noise import large_state, takes_paulis
from qbell.shots.read_shots import read_record
from qbell.util.atomic_files import to_json, write_atomically, write_text
from qbell.util.checks import whole_number
from qbell.util.digests import digest
from qbell.util.lock import LOCK_FILE
from qbell.util.plain_files import read_bytes
from qbell.util.times import now

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

# In a folder of their own: the circuit that a spec names is copied beside it, by its own name.
CIRCUIT_FILE, WORDS_FILE = f"{COMPILED_FOLDER}/circuit.qpy", f"{COMPILED_FOLDER}/words.qpy"
QASM_FILE = f"{COMPILED_FOLDER}/circuit.qasm"
VERSION = 1
SENDING = "hardware"  # holds the limits of jobs still to be sent, which may change
LIMITS = ("budget", "max_execution_time", "attempts", "mode", "private", "tags")

BY_IBM = "simulated by IBM's Sampler in its local mode"  # begins what is said of such jobs


@dataclass(frozen=True)
class JobPlan:
    """A campaign on a device, as its folder holds it.

    Attributes:
        folder: where everything is.
        spec: the campaign's; its backend is the one that the shots come from.
        campaign: an identifier, part of the tags of its jobs.
        where: its queue: ``service`` (IBM's), ``local`` (simulated here), ``sampler`` (an object
            given in Python).
        seed: of settings, of their order in each job, and of local simulations.
        jobs: in the order of sending.
        orders: of each data job, the rows that it measures, in its order.
        measured: what the rows are: settings, or angles of a scan.
        wires: the device's qubit for each qubit of the state; None if it has no names for them.
        duration: of one execution in seconds, as far as the device says.
        delay: between executions, in seconds.
        decoupling, twirling: as they are used.
        waiting: whether qubits decay while they wait, as they do on devices.
        created: ISO 8601, UTC.
        notes: what the user should know.
        parts: the campaign as it was planned, then what was added; see
            `qbell.campaigns.jobs.added`.
        check: checksum of the plan's last record, which the next part names.
    """

    folder: Path
    spec: Spec
    campaign: str
    where: str
    seed: int
    jobs: tuple[Job, ...]
    orders: tuple[NDArray[np.int64], ...]
    measured: Measured
    wires: tuple[int, ...]
    duration: float
    delay: float
    decoupling: str | None
    twirling: bool
    waiting: bool
    created: str
    notes: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    check: str = ""

    def job_file(self, number: int, ending: str) -> Path:
        """``jobs/0003.json`` holds what happened to job 3, ``jobs/0003.csv`` its shots."""
        return self.folder / JOBS_FOLDER / f"{number:04d}.{ending}"

    @property
    def schedule(self) -> Schedule:
        """Of a campaign that measures settings; a phase scan has none."""
        assert isinstance(self.measured, Settings)
        return self.measured.schedule

    def rows_of(self, job: Job) -> NDArray[np.int64]:
        """The rows that a data job measures, in its order."""
        place = [other.number for other in self.jobs if other.kind == "data"].index(job.number)
        return self.orders[place]

    def part_of(self, number: int) -> int:
        """The part that a job belongs to."""
        return next((part.number for part in self.parts if number <= part.last), 1)

    def reserved(self, job: Job) -> int:
        """Seconds of the processor after which the service stops a job."""
        limit = self.spec.hardware.max_execution_time
        if limit is not None:
            return limit
        return time_limit(
            job_seconds(job.executions, job.parameter_sets, self.duration, self.delay)
        )

    def circuits(self) -> "tuple[QuantumCircuit, list[QuantumCircuit]]":
        """The measured circuit with its parameters, and those of the words; all compiled."""
        return _load(self.folder / CIRCUIT_FILE)[0], _load(self.folder / WORDS_FILE)

    def device(self) -> Any:
        """The device as its calibration was at the time of planning; None for ``aer``."""
        if not (self.folder / DEVICE_FILE).exists():
            return None
        return device_from_record(read_record(self.folder / DEVICE_FILE))


def make_plan(
    spec: Spec, folder: Path, device: Any, *, where: str, seed: int | None = None
) -> JobPlan:
    """Plan a campaign and write it whole; ``campaign.json``, written last, marks it complete.

    Args:
        spec: the campaign.
        folder: where to.
        device: to compile for, or None for plain gates.
        where: see `JobPlan`.
        seed: instead of the spec's; drawn if neither says one.

    Raises:
        QbellError: a campaign that cannot be measured or estimated, or not on this device; or a
            folder with something else in it.
    """
    refuse_links(folder)
    _refuse_other_files(folder, spec)
    seed = spec.seed if seed is None else whole_number("seed", seed, least=0)
    seed = secrets.randbits(32) if seed is None else seed
    made = made_settings(spec, device, seed) if spec.scan is None else made_angles(spec, device)
    measured, compiled = made.measured, made.compiled
    wires = physical_qubits(compiled)
    words = [word_circuit(word, wires, device) for word in default_words(measured.num_qubits)]
    decoupling, twirling, notes = options_of(
        spec,
        unitary=made.preparation.is_unitary,
        noisy=queue_kind(where).takes_options(device),
    )
    here = where == LocalQueue.where and device is not None
    if here and spec.hardware.simulator == OWN and not is_computed(compiled):
        notes += _how_simulated(compiled, device, spec, decoupling, twirling)
    jobs = jobs_of(spec, len(measured), twirling=twirling)
    plan = JobPlan(
        folder=folder,
        spec=spec,
        campaign=secrets.token_hex(5),
        where=where,
        seed=seed,
        jobs=jobs,
        orders=tuple(row_order(spec, len(measured), jobs, seeds_of(seed).order)),
        measured=measured,
        wires=tuple(wires),
        duration=(execution_seconds(compiled, device) if device is not None else None) or 0.0,
        delay=float(getattr(device, "default_rep_delay", None) or REP_DELAY),
        decoupling=decoupling,
        twirling=twirling,
        waiting=queue_kind(where).qubits_wait and not is_simulated(device),
        created=(created := now()),
        notes=notes,
        parts=(Part(1, 1, len(jobs), created),),
    )
    return replace(plan, check=_write(plan, compiled, words, device))


def _how_simulated(
    compiled: "QuantumCircuit", device: Any, spec: Spec, decoupling: str | None, twirled: bool
) -> tuple[str, ...]:
    """How jobs are simulated that are too large for a density matrix."""
    why = (
        "qbell simulates jobs without mid-circuit measurements itself, of up to "
        f"{MAX_REFERENCE_QUBITS} qubits"
    )
    if spec.scan is None:
        why += " and of more where the preparation is Clifford"
    if spec.scan is None and takes_paulis(compiled, device):
        design = spec.design
        try:
            return large_state(compiled, device, design, decoupling=decoupling, twirled=twirled)[1]
        except QbellError as error:
            why = str(error)
    return (f"{BY_IBM}, which takes long: {why}",)


def read_plan(folder: Path) -> JobPlan:
    """The plan in a folder.

    Raises:
        QbellError: no plan there, or one whose files were changed.
    """
    path = folder / PLAN_FILE
    if not path.is_file() and (folder / SCAN_FILE).is_file():
        raise QbellError(
            f"{folder} holds a phase scan that was measured here, without jobs; go on with "
            "qbell run or qbell analyze"
        )
    if not path.is_file():
        raise QbellError(
            f"{folder} holds no campaign; make one with: qbell submit SPEC.toml --out {folder}"
        )
    refuse_links(folder)
    record = read_record(path)
    try:
        if record["version"] != VERSION:
            raise QbellError(
                f"{path} has version {record['version']}, this qbell reads {VERSION}; use the one "
                "that wrote it"
            )
        if record.get("check") != check_of(record, SENDING):
            raise QbellError(
                f"{path} was changed after the campaign was planned; restore this file"
            )
        check_record(record)
        for name, known in record["sha256"].items():
            if not (folder / name).is_file() or digest(folder / name) != known:
                raise QbellError(
                    f"{folder / name} was changed after the campaign was planned; restore it"
                )
        spec = read_spec(folder / SPEC_FILE)
        if plain(spec.sampling()) != record["sampling"]:
            raise QbellError(
                f"{folder / SPEC_FILE} was changed after the campaign was planned; restore it"
            )
        spec = replace(spec, hardware=_hardware(record["hardware"]))
        jobs = jobs_in(record["jobs"])
        measured, orders = _read_schedule(folder / SCHEDULE_FILE, spec, record, jobs)
        plan = JobPlan(
            folder=folder,
            spec=spec,
            campaign=record["campaign"],
            where=queue_kind(record["where"]).where,
            seed=record["seed"],
            jobs=jobs,
            orders=orders,
            measured=measured,
            wires=tuple(record["wires"]),
            duration=record["duration"],
            delay=record["delay"],
            decoupling=record["dynamical_decoupling"],
            twirling=record["twirling"],
            waiting=record.get("waiting", queue_kind(record["where"]).qubits_wait),
            created=record["created"],
            notes=tuple(record["notes"]),
            parts=(Part(1, 1, len(jobs), record["created"]),),
            check=record["check"],
        )
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
        if isinstance(error, QbellError):
            raise
        reason = " ".join(str(error).split())
        raise QbellError(f"{path} is damaged ({reason}); restore this file") from error
    return _with_parts(plan)


def _with_parts(plan: JobPlan) -> JobPlan:
    """The plan with what was added to it."""
    if plan.spec.scan is not None:
        return plan
    for added in added_to(plan.folder, plan.check, plan.jobs[-1].number, plan.schedule):
        plan = replace(
            plan,
            jobs=(*plan.jobs, *added.jobs),
            orders=(*plan.orders, *added.orders),
            measured=Settings(with_rows(plan.schedule, added.directions)),
            parts=(*plan.parts, added.part),
            check=added.check,
        )
    return plan


def with_limits(plan: JobPlan, limits: Mapping[str, Any]) -> JobPlan:
    """Another budget, time limit, number of attempts or mode for the jobs still to be sent."""
    hardware = replace(plan.spec.hardware, **limits)
    if hardware == plan.spec.hardware:
        return plan
    record = {**read_record(plan.folder / PLAN_FILE), "hardware": asdict(hardware)}
    write_text(plan.folder / PLAN_FILE, to_json(record) + "\n")
    return replace(plan, spec=replace(plan.spec, hardware=hardware))


def is_same(plan: JobPlan, spec: Spec, seed: int | None) -> bool:
    """True if a spec asks for just the shots of a plan."""
    settled = {key: value for key, value in asdict(spec.hardware).items() if key not in LIMITS}
    if plan.where != LocalQueue.where:
        del settled["simulator"]
    planned = asdict(plan.spec.hardware)
    asked = spec.seed if seed is None else seed
    return (
        plain(spec.sampling()) == plain(plan.spec.sampling())
        and all(planned[key] == value for key, value in settled.items())
        and asked in (None, plan.seed)
    )


def _write(
    plan: JobPlan, compiled: "QuantumCircuit", words: "list[QuantumCircuit]", device: Any
) -> str:
    """Write the folder of a plan; the checksum of its record."""
    folder = plan.folder
    write_spec(plan.spec, folder)
    if not _says_the_same(folder / SPEC_FILE, plan.spec):
        (folder / SPEC_FILE).unlink()
        raise QbellError(
            "the spec says something else than its own TOML text, which is what the folder keeps; "
            "change the TOML and read it again"
        )
    _dump(folder / CIRCUIT_FILE, [compiled])
    _dump(folder / WORDS_FILE, words)
    write_circuit(compiled, folder / QASM_FILE)
    names = [SCHEDULE_FILE, CIRCUIT_FILE, WORDS_FILE]
    if device is not None:
        write_text(folder / DEVICE_FILE, to_json(device_record(device)) + "\n")
        names.append(DEVICE_FILE)
    parts = []
    for job in plan.jobs:
        if job.kind == "data":
            rows = plan.rows_of(job)
            written = {plan.measured.column: plan.measured.words(rows)}
            parts.append(pd.DataFrame({"job": job.number, "row": rows, **written}))
    table = pd.concat(parts)
    write_atomically(folder / SCHEDULE_FILE, lambda path: table.to_csv(path, index=False))
    record = {
        "version": VERSION,
        "campaign": plan.campaign,
        "created": plan.created,
        "backend": plan.spec.backend,
        "where": plan.where,
        "n": plan.measured.num_qubits,
        "seed": plan.seed,
        **plan.measured.record,
        "wires": plan.wires,
        "duration": plan.duration,
        "delay": plan.delay,
        "dynamical_decoupling": plan.decoupling,
        "twirling": plan.twirling,
        "waiting": plan.waiting,
        "jobs": [asdict(job) for job in plan.jobs],
        "hardware": asdict(plan.spec.hardware),
        "sampling": plan.spec.sampling(),
        "notes": plan.notes,
        "versions": versions(),
        "sha256": {name: digest(folder / name) for name in names},
    }
    check = record["check"] = check_of(plain(record), SENDING)
    write_text(folder / PLAN_FILE, to_json(record) + "\n")
    return check


def _says_the_same(path: Path, spec: Spec) -> bool:
    try:
        return bool(plain(read_spec(path).sampling()) == plain(spec.sampling()))
    except QbellError:
        return False


def _hardware(record: Mapping[str, Any]) -> Hardware:
    """The table [hardware] from plain data, checked as in a spec."""
    # Before there was a choice it was IBM's Sampler that simulated.
    said = {"simulator": SIMULATORS[-1]}
    said |= {key: value for key, value in record.items() if value is not None}
    if record["dynamical_decoupling"] is None:
        said["dynamical_decoupling"] = "none"
    return checked_hardware(said)


def _read_schedule(
    path: Path, spec: Spec, record: Mapping[str, Any], jobs: tuple[Job, ...]
) -> tuple[Measured, tuple[NDArray[np.int64], ...]]:
    """What is measured, and the order in which each data job does."""
    kind = Settings if spec.scan is None else Angles
    drawn = spec.scan is None and find_design(spec.design).drawn
    owners, rows, words = table_in(path, jobs, kind.column, drawn=drawn)
    read = settings_in if spec.scan is None else angles_in
    orders = tuple(rows[owners == job.number] for job in jobs if job.kind == "data")
    return read(record, spec, in_their_order(rows, words.tolist())), orders


def _refuse_other_files(folder: Path, spec: Spec) -> None:
    """A campaign's folder is its own: what a plan that was cut short left in it may be there."""
    if folder.exists() and not folder.is_dir():
        raise QbellError(f"{folder} is a file; give another folder with --out")
    mitigation = spec.mitigation
    copied = {SPEC_FILE: spec.portable_text().encode()}
    for source in (spec.circuit, None if mitigation is None else mitigation.calibration):
        if source is not None:
            copied[source.name] = source.read_bytes()
    mine = (LOCK_FILE, DEVICE_FILE, SCHEDULE_FILE, COMPILED_FOLDER)
    for path in folder.iterdir() if folder.exists() else ():
        half = path.name.startswith(".") and path.name != LOCK_FILE  # never under a final name
        same = path.name in copied and path.is_file() and path.read_bytes() == copied[path.name]
        if not (half or same or path.name in mine):
            raise QbellError(
                f"{folder} holds other files ({path.name}); give a campaign a new folder with --out"
            )


def _dump(path: Path, circuits: "list[QuantumCircuit]") -> None:
    from qiskit import qpy

    def write(temporary: Path) -> None:
        with temporary.open("wb") as file:
            # The oldest format in which each circuit can be looked at before it is loaded: other
            # versions of Qiskit can read it.
            qpy.dump(circuits, file, version=max(LISTED, qpy.common.QPY_COMPATIBILITY_VERSION))

    write_atomically(path, write)


def _load(path: Path) -> "list[QuantumCircuit]":
    from qiskit import qpy

    try:
        content = read_bytes(path)
        check_sizes(content, several=True)
        return list(qpy.load(io.BytesIO(content)))
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # its reader may panic, which is no Exception
        raise QbellError(f"{path} is not readable as circuits; restore this file") from error
