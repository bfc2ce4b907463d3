"""How campaigns are cut into jobs, planned, and read back; drift between reference jobs."""

import json
import re
import struct
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, fields, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from qbell import QbellError
from qbell.campaigns.jobs.fetch import _learn_usage
from qbell.campaigns.jobs.job_log import Attempt, JobLog, write_log
from qbell.campaigns.jobs.job_plan import VERSION, JobPlan, is_same, make_plan, read_plan
from qbell.campaigns.jobs.jobs import JOB_LIMIT, Job, jobs_of, row_order
from qbell.campaigns.jobs.outcomes import calibration_of, drift_p, write_table
from qbell.campaigns.jobs.sending import Sender
from qbell.campaigns.jobs.settings import Settings
from qbell.campaigns.jobs.status import fits, logs_of
from qbell.campaigns.spec import Spec, read_spec
from qbell.designs.schedule import schedule
from qbell.util.times import now
from tests.conftest import Repeats
from tests.support.limits import least, most

STATE = 'family = "product"\nn = 3\ntheta = [0.4, 0.9, 1.6]\nphi = [0.3, 0.0, 1.2]'
DESIGNS = {
    "full": "shots = 41",
    "random": "draws = 53\nshots = 2",
    "random3": "draws = 53\nshots = 2",
    "covering": "order = 2\nshots = 41",
    "equatorial": "shots = 41",
    "symmetric": "shots = 41",
}


@pytest.fixture
def spec(tmp_path: Path) -> Callable[..., Spec]:
    """A campaign from the parts of its TOML."""

    def make(
        design: str = "full", settings: str = "", hardware: str = "", more: str = "", **top: Any
    ) -> Spec:
        state = top.get("state", STATE)
        path = tmp_path / "spec.toml"
        path.write_text(
            f'seed = 5\n[state]\n{state}\n[schedule]\ndesign = "{design}"\n'
            f"{settings or DESIGNS[design]}\n[hardware]\n{hardware}\n{more}"
        )
        return read_spec(path)

    return make


def cut(spec: Spec, rows: int) -> tuple[Job, ...]:
    """The jobs, twirled as the spec asks."""
    return jobs_of(spec, rows, twirling=spec.hardware.twirling)


def data(jobs: tuple[Job, ...]) -> list[Job]:
    return [job for job in jobs if job.kind == "data"]


@pytest.mark.parametrize("shots", [2, 3, 9, 10, 83, 997, 1000, 1003, 100_000])
@pytest.mark.parametrize("count", [1, 3, 10])
@pytest.mark.parametrize("twirling", ["true", "false"])
def test_listed_shots_are_exact(
    spec: Callable[..., Spec], shots: int, count: int, twirling: str
) -> None:
    made = spec(settings=f"shots = {shots}", hardware=f"jobs = {count}\ntwirling = {twirling}")
    jobs = cut(made, 8)
    parts = data(jobs)
    assert sum(job.shots for job in parts) == shots
    assert {job.circuits for job in parts} == {8}
    assert len(parts) == min(count, shots)
    assert min(job.shots for job in parts) >= 1
    assert all(job.shots % job.randomizations == 0 for job in jobs)
    assert all(job.randomizations <= 8 for job in jobs)
    if twirling == "false":
        assert {job.randomizations for job in jobs} == {1}
        assert max(job.shots for job in parts) - min(job.shots for job in parts) <= 1
    elif shots // count >= 8:  # all but the one with the odd shots are twirled well
        assert sum(job.randomizations < 4 for job in parts) <= 1
    assert [job.number for job in jobs] == list(range(1, len(jobs) + 1))


@pytest.mark.parametrize(("rows", "shots"), [(1003, 1), (1003, 7), (4, 3), (30_001, 1000)])
def test_draws_are_shared_out(spec: Callable[..., Spec], rows: int, shots: int) -> None:
    made = spec("random", f"draws = {rows}\nshots = {shots}")
    jobs = cut(made, rows)
    parts = data(jobs)
    assert sum(job.circuits for job in parts) == rows
    assert {job.shots for job in parts} == {shots}
    assert max(job.circuits for job in parts) - min(job.circuits for job in parts) <= 1
    orders = row_order(made, rows, jobs, 1)
    np.testing.assert_array_equal(np.concatenate(orders), np.arange(rows))
    assert [len(order) for order in orders] == [job.circuits for job in parts]


@pytest.mark.parametrize("twirling", ["true", "false"])
@pytest.mark.parametrize("shots", [100_000, 99_991, 24_408, 24_410])
def test_no_job_beyond_what_the_service_takes(
    spec: Callable[..., Spec], shots: int, twirling: str
) -> None:
    made = spec(
        settings=f"shots = {shots}",
        state='family = "ghz"\nn = 12',
        hardware=f"twirling = {twirling}",
    )
    parts = data(cut(made, 4096))
    assert sum(job.shots for job in parts) == shots
    assert max(job.executions for job in parts) <= JOB_LIMIT


@pytest.mark.parametrize(
    ("reference", "places"), [(0, []), (1, [1]), (2, [1, 12]), (3, [1, 7, 13])]
)
def test_places_of_the_reference(
    spec: Callable[..., Spec], reference: int, places: list[int]
) -> None:
    made = spec(hardware=f"reference = {reference}\nreference_shots = 30")
    jobs = cut(made, 8)
    assert [job.number for job in jobs if job.kind == "reference"] == places
    assert {(job.circuits, job.shots) for job in jobs if job.kind == "reference"} <= {(6, 30)}


def test_mitigation_decides_the_shots_of_the_reference(spec: Callable[..., Spec]) -> None:
    table = '[mitigation]\nmethod = "tensored"\nshots = 1000'
    jobs = cut(spec(hardware="reference_shots = 30", more=table), 8)
    assert [job.shots for job in jobs if job.kind == "reference"] == [334] * 3
    with pytest.raises(QbellError, match="reference = 0"):
        cut(spec(hardware="reference = 0", more=table), 8)


def test_reference_jobs_beyond_the_service(spec: Callable[..., Spec]) -> None:
    most = JOB_LIMIT // 6
    assert cut(spec(hardware=f"reference_shots = {most}"), 8)
    with pytest.raises(QbellError, match="reference_shots"):
        cut(replace(spec(), hardware=replace(spec().hardware, reference_shots=most + 1)), 8)


def test_asked_randomizations_divide(spec: Callable[..., Spec]) -> None:
    jobs = cut(spec(settings="shots = 60", hardware="jobs = 5\nrandomizations = 5"), 8)
    assert {job.shots: job.randomizations for job in data(jobs)} == {12: 4}


def test_every_job_measures_all_settings_in_an_order_of_its_own(spec: Callable[..., Spec]) -> None:
    made = spec(settings="shots = 100")
    jobs = cut(made, 8)
    orders = row_order(made, 8, jobs, 3)
    assert [sorted(order.tolist()) for order in orders] == [list(range(8))] * 10
    assert len({tuple(order.tolist()) for order in orders}) == 10
    again = row_order(made, 8, jobs, 3)
    other = row_order(made, 8, jobs, 4)
    assert all((a == b).all() for a, b in zip(orders, again, strict=True))
    assert not all((a == b).all() for a, b in zip(orders, other, strict=True))
    # No setting has a favourite place: 4000 jobs, each place 500 times within 5 sigma.
    many = np.array(row_order(made, 8, (Job(1, "data", 8, 1, 1),) * 4000, 7))
    for place in range(8):
        assert np.abs(np.bincount(many[:, place], minlength=8) - 500).max() < 5 * np.sqrt(437.5)


@pytest.mark.parametrize("axis", ['"x"', "[1, 2, -2]"])
@pytest.mark.parametrize("design", DESIGNS)
def test_plans_are_read_back(
    spec: Callable[..., Spec], tmp_path: Path, design: str, axis: str
) -> None:
    made = spec(design, f"{DESIGNS[design]}\naxis = {axis}", "jobs = 4")
    plan = make_plan(made, tmp_path / "plan", None, where="local")
    found = read_plan(tmp_path / "plan")
    for each in fields(JobPlan):
        if each.name not in ("measured", "orders", "spec", "check"):
            assert getattr(found, each.name) == getattr(plan, each.name), each.name
    np.testing.assert_array_equal(found.schedule.directions, plan.schedule.directions)
    assert found.schedule.frame.equals(plan.schedule.frame)
    assert found.schedule.axis == plan.schedule.axis
    assert (found.schedule.seed, found.schedule.order) == (
        plan.schedule.seed,
        plan.schedule.order,
    )
    assert len(found.orders) == 4
    for one, other in zip(found.orders, plan.orders, strict=True):
        np.testing.assert_array_equal(one, other)
    assert asdict(found.spec.hardware) == asdict(plan.spec.hardware)
    assert is_same(found, made, None)
    assert not is_same(found, made, 6)
    assert not is_same(found, replace(made, hardware=replace(made.hardware, jobs=5)), None)
    assert is_same(found, replace(made, hardware=replace(made.hardware, budget=5.0)), None)


def test_circuits_that_claim_too_much(spec: Callable[..., Spec], tmp_path: Path) -> None:
    """Of a folder from somebody else, whose checksums fit: looked at before they are loaded."""
    plan = make_plan(spec(), tmp_path / "plan", None, where="local")
    assert len(plan.circuits()[1]) == 4
    for name in ("circuit", "words"):
        path = tmp_path / f"plan/compiled/{name}.qpy"
        whole = path.read_bytes()
        sizes = struct.pack("!II", plan.schedule.num_qubits, plan.schedule.num_qubits)
        places = [found.start() for found in re.finditer(re.escape(sizes), whole)]
        for place in places:
            path.write_bytes(whole[:place] + struct.pack("!I", 2**31) + whole[place + 4 :])
            with pytest.raises(QbellError, match="restore this file"):
                plan.circuits()
        assert len(places) >= (1 if name == "circuit" else 4)
        path.write_bytes(whole)


@pytest.mark.parametrize(
    "name",
    ["schedule.csv", "compiled/circuit.qpy", "compiled/words.qpy", "device.json", "spec.toml"],
)
def test_changed_files_are_refused(spec: Callable[..., Spec], tmp_path: Path, name: str) -> None:
    from qbell.devices.backends import find_backend

    folder = tmp_path / "plan"
    made = replace(spec(), backend="fake_lima")
    made = replace(made, text=made.text + '[backend]\nname = "fake_lima"\n')
    make_plan(made, folder, find_backend("fake_lima"), where="local")
    read_plan(folder)
    content = (folder / name).read_bytes()
    if name == "spec.toml":
        (folder / name).write_bytes(content.replace(b"0.9", b"0.8"))
    else:
        (folder / name).write_bytes(content[:-1] + b"0")
    with pytest.raises(QbellError, match=name):
        read_plan(folder)
    (folder / name).unlink()
    with pytest.raises(QbellError, match=name):
        read_plan(folder)
    (folder / name).write_bytes(content)
    read_plan(folder)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda record: {**record, "version": VERSION + 1}, "campaign.json"),
        (lambda record: {k: v for k, v in record.items() if k != "wires"}, "campaign.json"),
        (lambda record: {**record, "hardware": {"jobs": 3, "speed": 4}}, "campaign.json"),
        (lambda record: {**record, "jobs": [{"number": 1}]}, "campaign.json"),
    ],
)
def test_other_plans_are_refused(
    spec: Callable[..., Spec], tmp_path: Path, change: Callable[[Any], Any], says: str
) -> None:
    folder = tmp_path / "plan"
    make_plan(spec(), folder, None, where="local")
    record = json.loads((folder / "campaign.json").read_text())
    (folder / "campaign.json").write_text(json.dumps(change(record)))
    with pytest.raises(QbellError, match=says):
        read_plan(folder)


class Folder:
    """As much of a plan as reference jobs need."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.measured = Settings(schedule(3, "full"))

    def job_file(self, number: int, ending: str) -> Path:
        return self.folder / f"{number:04d}.{ending}"


REFERENCES = tuple(Job(number, "reference", 6, 1000, 1) for number in (1, 2, 3))


def reference(flip: NDArray[np.float64], rng: np.random.Generator) -> pd.DataFrame:
    """A reference job of GHZ, whose readout flips each of three qubits that often."""
    parts = []
    for prepared in ("000", "010", "101", "111"):
        ideal = np.tile(np.array(list(prepared[::-1]), dtype=np.uint8), (1000, 1))
        parts.append((prepared, "", ideal))
    parts.append(("", "XXX", _even_parity(rng)))
    parts.append(("", "YYY", rng.integers(2, size=(1000, 3), dtype=np.uint8)))
    rows = []
    for prepared, setting, ideal in parts:
        bits = ideal ^ (rng.random(ideal.shape) < flip)
        counts = np.bincount(bits @ np.array([1, 2, 4]), minlength=8).tolist()
        rows += [(prepared, setting, f"{k:03b}", count) for k, count in enumerate(counts) if count]
    return pd.DataFrame(rows, columns=["prepared", "setting", "bitstring", "count"])


def _even_parity(rng: np.random.Generator) -> NDArray[np.uint8]:
    bits = rng.integers(2, size=(1000, 3), dtype=np.uint8)
    bits[:, 2] = bits[:, 0] ^ bits[:, 1]
    return bits


@pytest.mark.statistics
def test_drift_false_alarms_and_detection(
    tmp_path: Path, rng: np.random.Generator, repeats: Repeats
) -> None:
    plan = cast(JobPlan, Folder(tmp_path))
    flip = np.array([0.02, 0.03, 0.05])

    def p_value(last: NDArray[np.float64]) -> float:
        for job in REFERENCES:
            table = reference(last if job.number == 3 else flip, rng)
            write_table(plan.job_file(job.number, "csv"), table)
        found = drift_p(plan, REFERENCES)
        assert found is not None
        return found

    runs = repeats(40, 100)
    found = np.array([p_value(flip) for _ in range(runs)])
    # P(p <= x) <= x, and for many nearly independent tests 1 - exp(-x); 3 sigma either side.
    for level in (0.05, 0.2):
        assert (found <= level).sum() <= most(runs, level, 1e-3)
    assert least(runs, 1 - np.exp(-0.5), 1e-4) <= (found <= 0.5).sum() <= most(runs, 0.5, 0.01)
    assert p_value(np.array([0.02, 0.08, 0.05])) < 1e-4  # one qubit reads worse
    assert drift_p(plan, REFERENCES[:1]) is None
    assert drift_p(plan, ()) is None


def test_drift_of_the_correlation_alone_is_seen(tmp_path: Path, rng: np.random.Generator) -> None:
    """Each qubit as before; the parity of all is lost."""
    plan = cast(JobPlan, Folder(tmp_path))
    for job in REFERENCES:
        table = reference(np.full(3, 0.02), rng)
        if job.number == 3:
            lost = reference(np.full(3, 0.02), rng)
            noise = lost[lost["setting"] == "YYY"].assign(setting="XXX")
            table = pd.concat([table[table["setting"] != "XXX"], noise])
        write_table(plan.job_file(job.number, "csv"), table)
    found = drift_p(plan, REFERENCES)
    assert found is not None
    assert found < 1e-6


def test_calibration_adds_the_words_up(tmp_path: Path, rng: np.random.Generator) -> None:
    plan = cast(JobPlan, Folder(tmp_path))
    tables = [reference(np.full(3, 0.1), rng) for _ in REFERENCES]
    for job, table in zip(REFERENCES, tables, strict=True):
        write_table(plan.job_file(job.number, "csv"), table)
    wanted: Counter[tuple[str, str]] = Counter()
    for table in tables:
        for row in table.itertuples():
            if row.prepared:
                wanted[row.prepared, row.bitstring] += row.count
    found = calibration_of(plan, REFERENCES)
    assert found is not None
    found.to_csv(tmp_path / "calibration.csv")
    kept = pd.read_csv(tmp_path / "calibration.csv", dtype=str)
    rows = kept[["prepared", "bitstring", "count"]].itertuples(index=False)
    assert {(a, b): int(c) for a, b, c in rows} == dict(wanted)
    assert calibration_of(plan, ()) is None


def test_usage_that_comes_late_frees_the_budget(spec: Callable[..., Spec], tmp_path: Path) -> None:
    """A landed job counts with all that it may have taken until its usage is known."""
    made = spec(hardware="jobs = 2\nreference = 0\nbudget = 50\nmax_execution_time = 30")
    plan = make_plan(made, tmp_path / "plan", None, where="service")
    attempt = Attempt("tag", "landed", now(), job_id="d1", reserved=30.0)
    write_log(plan.job_file(1, "json"), JobLog(1, (attempt,)))
    usage: list[float | None] = [None, 2.5]
    queue = SimpleNamespace(status=lambda _: SimpleNamespace(usage_seconds=usage.pop(0)))
    sender = Sender(plan, cast(Any, queue))
    _learn_usage(sender)
    assert not fits(plan, logs_of(plan), plan.jobs[1])
    _learn_usage(sender)
    assert fits(plan, logs_of(plan), plan.jobs[1])
    _learn_usage(sender)  # known: not asked again
    assert sender.read(1).attempts[-1].usage == 2.5


def test_a_spec_whose_text_says_something_else_is_refused(
    spec: Callable[..., Spec], tmp_path: Path
) -> None:
    for text in (spec().text.replace("shots = 41", "shots = 42"), "no TOML"):
        with pytest.raises(QbellError, match="its own TOML text"):
            make_plan(replace(spec(), text=text), tmp_path / "plan", None, where="local")
        assert list((tmp_path / "plan").iterdir()) == []
