"""Campaigns on devices, step by step: shots that mean what they say, budgets, and what goes wrong.

What survives kills and faults of the network is in test_lost_processes.py.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import sleep
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import qbell as package
from qbell import QbellError
from qbell.campaigns.campaign import Outcome
from qbell.campaigns.jobs import fetch, sending, status, submit
from qbell.campaigns.jobs.job_plan import read_plan
from qbell.campaigns.jobs.outcomes import table_of
from qbell.campaigns.run import analyze
from qbell.campaigns.spec import read_spec
from qbell.devices.ibm import retry as patience
from qbell.sampling.run_sampler import HalfAResult
from tests.conftest import Qbell, Start
from tests.support.loopback import Loopback, cancelled, failing, gone

THETA, PHI = (0.4, 0.9, 1.6), (0.3, 0.0, 1.2)  # asymmetric: no two qubits alike
STATE = f'family = "product"\nn = 3\ntheta = {list(THETA)}\nphi = {list(PHI)}'
NAME = "ibm_pittsburgh"
SMALL = "ibm_jakarta"  # 7 qubits, soon read: where it does not matter what the device is
JOBS = "jobs = 4\nreference = 2\nreference_shots = 40"
QUICK = JOBS + '\ndynamical_decoupling = "none"'
DESIGNS = {
    "full": "shots = 201",
    "random": "draws = 200\nshots = 4",
    "random3": "draws = 200\nshots = 4",
    "covering": "order = 2\nshots = 301",
    "equatorial": "shots = 301",
    "symmetric": "shots = 301",
}
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """A campaign's TOML."""

    def make(
        schedule: str = 'design = "full"\nshots = 24',
        hardware: str = QUICK,
        more: str = "",
        state: str = STATE,
        name: str = "spec.toml",
    ) -> Path:
        path = tmp_path / name
        path.write_text(
            f"seed = 5\n[state]\n{state}\n[schedule]\n{schedule}\n[hardware]\n{hardware}\n"
            f"[estimate]\nresamples = 50\n{more}"
        )
        return path

    return make


@pytest.fixture
def server(loopback: Start, monkeypatch: pytest.MonkeyPatch) -> Loopback:
    """Nobody sleeps between tries; jobs take no time."""
    server = loopback(devices=(NAME, SMALL), job_seconds=0.0)
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(patience, "sleep", lambda _: None)
    monkeypatch.setattr(sending, "sleep", lambda _: None)
    return server


def finished(folder: Path, **more: Any) -> Outcome:
    """Wait for a campaign."""
    found = fetch(folder, wait=True, poll=0.05, **more)
    assert isinstance(found, Outcome)
    return found


def check_marginals(folder: Path, fade: float = 0.0) -> None:
    """P(1) of every qubit in every setting is that of the product state, within 5 sigma."""
    counts = pd.read_csv(folder / "counts.csv", dtype={"setting": str, "bitstring": str})
    run = json.loads((folder / "run.json").read_text())
    directions = {letter: np.array(vector) for letter, vector in run["directions"].items()}
    theta, phi = np.array(THETA), np.array(PHI)
    bloch = np.array([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)]).T
    seen = 0
    for setting, part in counts.groupby("setting"):
        shots = part["count"].sum()
        for qubit in range(3):
            if "/" in str(setting):
                step, steps = map(int, str(setting).split("/"))
                angle = np.pi * step / steps
                along = np.cos(angle) * directions["X"] + np.sin(angle) * directions["Y"]
            else:
                along = directions[str(setting)[-1 - qubit]]
            ones = part.loc[part["bitstring"].str[-1 - qubit] == "1", "count"].sum()
            p = (1 - bloch[qubit] @ along) / 2
            sigma = np.sqrt(max(p * (1 - p), 0.25 / shots) / shots)
            assert abs(ones / shots - p) < 5 * sigma + fade, (setting, qubit, ones / shots, p)
            seen += 1
    assert seen >= 9


def check_correlators(outcome: Outcome) -> None:
    """All agree with the exact ones of the state: their moduli, far from 0.195, 0.392, 0.5 of the
    single qubits being mixed up."""
    assert outcome.folder is not None
    found = pd.read_csv(outcome.folder / "correlators.csv", dtype={"label": str})
    exact = package.exact.correlators(read_spec(outcome.folder / "spec.toml").state())
    both = found.merge(exact, on="label", suffixes=("", "_exact"))
    assert len(both) == len(found) == 27
    moduli = np.sqrt(both[["value", "value_exact"]].clip(lower=0).to_numpy())
    assert np.abs(moduli[:, 0] - moduli[:, 1]).max() < 0.13
    singles = both[both["label"].isin(["00+", "0+0", "+00"])]
    singles = singles.set_index("label")["value_exact"]
    np.testing.assert_allclose(np.sqrt(singles[["00+", "0+0", "+00"]]), np.sin(THETA) / 2)


@pytest.mark.first_and_last
@pytest.mark.slow
@pytest.mark.parametrize("axis", ["z", "x"])
@pytest.mark.parametrize("design", DESIGNS)
def test_shots_mean_what_they_say_on_aer(write: Write, design: str, axis: str) -> None:
    path = write(f'design = "{design}"\n{DESIGNS[design]}\naxis = "{axis}"', JOBS)
    folder = path.parent / "out"
    sent = submit(path, folder, backend="aer")
    assert sent.complete
    outcome = finished(folder)
    check_marginals(folder)
    if axis == "z" and design in ("full", "random", "random3"):
        check_correlators(outcome)
    device = json.loads((folder / "run.json").read_text())["device"]
    assert device["dynamical_decoupling"] is None  # asked for, and not to be had
    assert device["twirling"] is False
    assert device["randomizations"] is None
    assert device["qpu_seconds"] is None
    again = analyze(folder)
    assert again.summary["bound"] == outcome.summary["bound"]


@pytest.mark.parametrize(
    ("design", "device_name", "jobs"),
    [("full", NAME, 2), ("random3", SMALL, 4), ("equatorial", SMALL, 4)],
)
def test_shots_mean_what_they_say_through_the_service(
    write: Write, server: Loopback, design: str, device_name: str, jobs: int
) -> None:
    hardware = JOBS.replace("jobs = 4", f"jobs = {jobs}") + "\nrandomizations = 4"
    path = write(f'design = "{design}"\n{DESIGNS[design]}', hardware)
    folder = path.parent / "out"
    submit(path, folder, backend=device_name)
    outcome = finished(folder)
    check_marginals(folder)
    if design != "equatorial":
        check_correlators(outcome)
    device = json.loads((folder / "run.json").read_text())["device"]
    assert (device["dynamical_decoupling"], device["twirling"]) == ("XY4", True)
    assert device["qpu_seconds"] == pytest.approx(sum(job.usage for job in server.jobs))
    assert len(server.jobs) == jobs + 2
    assert [session["accepting_jobs"] for session in server.sessions.values()] == [False]
    fetched = len(server.log)
    assert finished(folder).summary["bound"] == outcome.summary["bound"]
    results = [path for _, path, _ in server.log[fetched:] if path.endswith("/results")]
    assert results == []  # nothing is taken twice


def test_nothing_is_sent_twice(write: Write, server: Loopback) -> None:
    server.pause()
    path = write()
    folder = path.parent / "out"
    first = submit(path, folder, backend=SMALL)
    assert {job.state for job in first.jobs} == {"queued"}
    for spec, backend in ((path, SMALL), (None, None), (None, SMALL)):
        again = submit(spec, folder, backend=backend)
        assert [job.job_id for job in again.jobs] == [job.job_id for job in first.jobs]
    assert len(server.jobs) == 6
    # Limits may change; the campaign may not.
    assert submit(None, folder, budget=1e6).budget == 1e6
    others: list[dict[str, Any]] = [
        {"spec": write('design = "full"\nshots = 25', name="other.toml")},
        {"spec": write(hardware=QUICK + "\ntwirling = false", name="flat.toml")},
        {"spec": path, "seed": 6},
        {"spec": None, "seed": 6},
        {"spec": path, "backend": "aer"},
        {"spec": None, "backend": "ibm_boston"},
    ]
    for other in others:
        keywords = {"backend": SMALL, **other} if other["spec"] else other
        with pytest.raises(QbellError, match="another campaign"):
            submit(keywords.pop("spec"), folder, **keywords)
    assert len(server.jobs) == 6
    server.release()
    finished(folder)
    with pytest.raises(QbellError, match="no campaign"):
        submit(None, path.parent / "nowhere")


@pytest.mark.slow
def test_half_a_plan_is_made_anew(write: Write) -> None:
    path = write()
    folder = path.parent / "out"
    submit(path, folder, backend="aer")
    counts = finished(folder).folder
    assert counts is not None
    kept = (folder / "counts.csv").read_bytes()
    other = path.parent / "half"
    (other / "compiled").mkdir(parents=True)
    (other / "spec.toml").write_bytes((folder / "spec.toml").read_bytes())
    for name in ("schedule.csv", "compiled/circuit.qpy"):
        (other / name).write_bytes((folder / name).read_bytes()[:-20])
    assert submit(path, other, backend="aer").complete
    finished(other)
    assert (other / "counts.csv").read_bytes() == kept
    (other / "campaign.json").unlink()
    with pytest.raises(QbellError, match="a new folder"):
        submit(path, other, backend="aer")


@pytest.mark.slow
def test_a_circuit_beside_the_spec(write: Write, tmp_path: Path) -> None:
    lines = [
        f"ry({t}) q[{k}]; rz({p}) q[{k}];" for k, (t, p) in enumerate(zip(THETA, PHI, strict=True))
    ]
    (tmp_path / "own.qasm").write_text(
        'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[3];\n' + "\n".join(lines)
    )
    path = write('design = "full"\nshots = 200', state='circuit = "own.qasm"')
    folder = tmp_path / "out"
    submit(path, folder, backend="aer")
    (tmp_path / "own.qasm").unlink()  # the folder has all there is to know
    finished(folder)
    check_marginals(folder)


def part(bits: np.ndarray[Any, Any]) -> SimpleNamespace:
    """A part of a result."""
    packed = np.packbits(bits[..., ::-1], axis=-1, bitorder="big") >> (8 - bits.shape[-1])
    return SimpleNamespace(
        data=SimpleNamespace(meas=SimpleNamespace(array=packed, num_bits=bits.shape[-1]))
    )


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(7, 8, 3), (8, 7, 3), (8, 8, 4), (8, 3), None])
def test_half_a_result(write: Write, shape: tuple[int, ...] | None) -> None:
    path = write('design = "full"\nshots = 32')
    folder = path.parent / "out"
    submit(path, folder, backend="aer")
    plan = read_plan(folder)
    job = plan.jobs[1]
    assert (job.circuits, job.shots) == (8, 8)
    good = np.zeros((8, 8, 3), dtype=np.uint8)
    good[..., 0] = 1
    table = table_of(plan, job, [part(good)])
    assert set(table["bitstring"]) == {"001"}
    assert table["count"].tolist() == [8] * 8
    with pytest.raises(HalfAResult):
        table_of(plan, job, [] if shape is None else [part(np.zeros(shape, dtype=np.uint8))])
    words = [part(np.zeros((40, 3), dtype=np.uint8))] * 4
    with pytest.raises(HalfAResult):  # the words are there, the fixed settings are not
        table_of(plan, plan.jobs[0], words)


@pytest.mark.slow
def test_jobs_edited_by_hand_are_refused(write: Write) -> None:
    for design in ("full", "random"):
        path = write(f'design = "{design}"\n{DESIGNS[design]}')
        folder = path.parent / design
        submit(path, folder, backend="aer")
        for number in (1, 2):
            file = folder / "jobs" / f"{number:04d}.csv"
            content = file.read_text()
            lines = content.splitlines()
            column = lines[0].split(",").index("count")
            less, more = lines[-1].split(","), lines[-1].split(",")
            less[column], more[column] = "-1", str(int(more[column]) + 1)
            for changed in (
                lines[:-1],
                [*lines, lines[-1]],
                [*lines[:-1], ",".join(more)],
                [*lines[:-1], ",".join(more), ",".join(less)],  # the sum is right
                [line.replace(",00", ",02", 1) for line in lines],
                ["x,y", "1,2"],
                [],
            ):
                file.write_text("\n".join(changed) + "\n")
                with pytest.raises(QbellError, match=f"{number:04d}.csv"):
                    fetch(folder)
            file.write_text(content)
        swapped = (folder / "jobs" / "0003.csv").read_text()
        content = (folder / "jobs" / "0002.csv").read_text()
        (folder / "jobs" / "0002.csv").write_text(swapped)
        with pytest.raises(QbellError, match=r"0002\.csv"):
            fetch(folder)
        (folder / "jobs" / "0002.csv").write_text(content)
        finished(folder)


@pytest.mark.slow
def test_one_process_at_a_time(write: Write) -> None:
    path = write()
    folder = path.parent / "out"
    submit(path, folder, backend="aer")
    code = (
        "import sys; from pathlib import Path; from qbell.util.lock import locked\n"
        "with locked(Path(sys.argv[1])):\n    print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    ) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == b"held\n"
        for call in (lambda: submit(path, folder, backend="aer"), lambda: fetch(folder)):
            with pytest.raises(QbellError, match="in use"):
                call()
        assert status(folder).complete  # looking is free
        other.stdin.close()
    finished(folder)


def test_the_budget_is_kept(write: Write, server: Loopback) -> None:
    server.pause()
    path = write(hardware=QUICK + "\nmax_execution_time = 20\nbudget = 55")
    folder = path.parent / "out"
    server.add(failing("job-0001"))
    said: list[str] = []
    first = submit(path, folder, backend=SMALL, say=said.append)
    assert len(server.jobs) == 2  # 20 + 20, and a third might exceed 55
    assert (first.held, first.reserved) == (4, 40)
    assert all(job.cost == 20 for job in server.jobs)
    assert any("4 jobs are held back" in line for line in said)
    submit(None, folder)
    found = fetch(folder)
    assert not isinstance(found, Outcome)
    assert len(server.jobs) == 2
    # At every moment: what was used and what may still be is within the budget.
    spent: list[float] = []

    def watch(_: int, method: str, path: str, phase: str) -> None:
        if method == "POST" and path.endswith("/jobs") and phase == "after":
            spent.append(sum(job.usage if job.final else 20.0 for job in server.jobs))

    server.on_request(watch)
    server.release()
    finished(folder)
    assert len(server.jobs) == 7  # one of them failed, and cost, too
    assert len(spent) == 5
    assert max(spent) <= 55
    record = json.loads((folder / "run.json").read_text())["device"]
    assert record["qpu_seconds"] == pytest.approx(sum(job.usage for job in server.jobs))
    assert record["qpu_seconds"] <= 55


def test_budgets_that_do_not_do(write: Write, server: Loopback) -> None:
    path = write(hardware=QUICK + "\nmax_execution_time = 20")
    folder = path.parent / "out"
    with pytest.raises(QbellError, match="one job may take up to 20 s"):
        submit(path, folder, backend=SMALL, budget=19.0)
    assert server.jobs == []
    # Enough for four jobs of about 3 s, and then no more is sure to fit.
    submit(path, folder, backend=SMALL, budget=28.0)
    found = fetch(folder, wait=True, poll=0.05)
    assert not isinstance(found, Outcome)
    assert found.held == len(found.jobs) - found.landed > 0
    assert found.used <= 28.0
    sent = len(server.jobs)
    assert sent == found.landed >= 2
    outcome = fetch(folder, partial=True)
    assert isinstance(outcome, Outcome)
    assert outcome.folder == folder / "partial"
    assert any("may not quote" in note for note in outcome.summary["notes"])
    assert not (folder / "counts.csv").exists()
    submit(None, folder, budget=100.0)
    finished(folder)
    assert len(server.jobs) == 6


def test_cancelled_jobs_wait_for_the_user(write: Write, server: Loopback, qbell: Qbell) -> None:
    write()
    server.add(cancelled("job-0003"))
    qbell("submit", "spec.toml", "--backend", SMALL, "--out", "out")
    _, error = qbell("fetch", "out", "--wait", "--poll", "0.1", code=2)
    assert "job 3 was cancelled" in error
    assert "qbell submit out" in error
    said, _ = qbell("status", "out", "--json")
    record = json.loads(said)
    assert record["states"] == {"landed": 5, "cancelled": 1}
    assert record["complete"] is False
    assert (record["landed"], record["total"]) == (5, 6)
    qbell("fetch", "out", code=2)
    assert len(server.jobs) == 6  # fetch does not send it
    qbell("submit", "out")
    assert len(server.jobs) == 7
    said, _ = qbell("fetch", "out", "--wait", "--poll", "0.1", "--json")
    assert json.loads(said)["total_shots"] == 8 * 24


def test_jobs_that_always_fail(write: Write, server: Loopback, qbell: Qbell) -> None:
    write(hardware=QUICK + "\nattempts = 2")
    server.add(failing("job-0002", count=2, reason="The fridge is warm"))
    qbell("submit", "spec.toml", "--backend", SMALL, "--out", "out")
    _, error = qbell("fetch", "out", "--wait", "--poll", "0.1", code=2)
    assert "job 2 failed" in error
    assert "fridge" in error
    assert len(server.jobs) == 7
    qbell("submit", "out")
    qbell("fetch", "out", "--wait", "--poll", "0.1")
    assert len(server.jobs) == 8
    tags = [tag for job in server.jobs for tag in job.tags if tag.endswith(("-0002-1", "-0002-3"))]
    assert len(tags) == 2  # every attempt has its own


def test_results_that_are_gone_are_measured_again(write: Write, server: Loopback) -> None:
    path = write(hardware=QUICK + "\nprivate = true")
    server.add(gone("job-0002"))
    folder = path.parent / "out"
    submit(path, folder, backend=SMALL)
    assert all(job.private for job in server.jobs)
    said: list[str] = []
    finished(folder, say=said.append)
    assert len(server.jobs) == 7
    assert any("job 2" in line and "failed" in line for line in said)
    assert all(job.reads == 1 for job in server.jobs if job.result is not None)


def test_a_new_batch_for_a_closed_one(write: Write, server: Loopback) -> None:
    path = write()
    server.add(failing("job-0004"))
    folder = path.parent / "out"
    submit(path, folder, backend=SMALL)
    (first,) = server.sessions
    server.sessions[first]["accepting_jobs"] = False
    server.sessions[first]["state"] = "closed"
    finished(folder)
    assert len(server.sessions) == 2
    assert [job.session == first for job in server.jobs] == [True] * 6 + [False]


def test_single_jobs(write: Write, server: Loopback) -> None:
    path = write(hardware=QUICK + '\nmode = "job"')
    submit(path, path.parent / "out", backend=SMALL)
    finished(path.parent / "out")
    assert server.sessions == {}
    assert {job.session for job in server.jobs} == {None}


def test_the_second_of_two_equal_jobs_is_cancelled(write: Write, server: Loopback) -> None:
    server.pause()
    path = write()
    folder = path.parent / "out"
    submit(path, folder, backend=SMALL)
    first = server.jobs[2]
    twin = server.queue.accept(
        {
            "backend": first.device,
            "program_id": first.program,
            "params": first.params,
            "tags": first.tags,
            "session_id": first.session,
        },
        None,
    )
    log = folder / "jobs" / "0003.json"
    record = json.loads(log.read_text())
    assert record["attempts"][-1]["job_id"] == first.job_id
    record["attempts"][-1] |= {"state": "sending", "job_id": None, "seen": None}
    log.write_text(json.dumps(record))
    found = submit(None, folder)
    assert found.jobs[2].job_id == first.job_id
    assert (first.status, twin.status) == ("Queued", "Cancelled")
    server.release()
    finished(folder)
    assert len(server.jobs) == 7


def test_partial_reports(write: Write, server: Loopback, qbell: Qbell) -> None:
    write()
    server.add(failing("job-0005", count=3))
    qbell("submit", "spec.toml", "--backend", SMALL, "--out", "out", "--json")
    qbell("fetch", "out", "--wait", "--poll", "0.1", code=2)
    folder = Path("out")
    plan = read_plan(folder)
    landed = sum(job.shots for job in plan.jobs if job.kind == "data" and job.number != 5)
    # Failed for good: what is there is reported, and what is missing is said.
    said, _ = qbell("fetch", "out", "--partial", "--json")
    lacking = json.loads(said)
    assert lacking["total_shots"] == 8 * landed
    (lost,) = lacking["device"]["missing"]
    assert (lost["number"], lost["kind"], lost["state"]) == (5, "data", "failed")
    notes = " ".join(lacking["notes"])
    assert "missing for good: job 5 (data, failed: " in notes
    assert "nobody saw the outcomes of those that failed" in notes
    assert "from 3 of 4 data jobs" in notes
    _, error = qbell("analyze", "out", code=2)
    assert "qbell fetch out --partial" in error
    server.pause()
    qbell("submit", "out")
    said, _ = qbell("fetch", "out", "--partial", "--json")
    assert json.loads(said)["total_shots"] == 8 * landed
    assert {path.name for path in folder.glob("*.csv")} == {"schedule.csv"}
    server.release()
    said, _ = qbell("fetch", "out", "--wait", "--poll", "0.1", "--json")
    assert json.loads(said)["total_shots"] == 8 * 24


def test_nothing_to_report_yet(write: Write, server: Loopback) -> None:
    server.pause()
    path = write()
    submit(path, path.parent / "out", backend=SMALL)
    with pytest.raises(QbellError, match="no data job has landed"):
        fetch(path.parent / "out", partial=True)
    found = status(path.parent / "out")
    assert found.ahead == 6
    assert found.operational is True
    assert found.left == pytest.approx(600)
    server.release()


@pytest.mark.device
def test_readout_is_mended_with_the_reference_jobs(write: Write) -> None:
    table = '[mitigation]\nmethod = "tensored"\nshots = 2000'
    folders = []
    for name, more in (("raw", ""), ("mended", table)):
        path = write(
            'design = "full"\nshots = 400',
            more=more,
            state='family = "ghz"\nn = 3',
            name=f"{name}.toml",
        )
        folders.append(path.parent / name)
        submit(path, folders[-1], backend="fake_lima")
    raw, mended = (finished(folder).summary for folder in folders)
    assert (raw["provenance"], mended["provenance"]) == ("raw", "mitigated")
    assert mended["bound"]["value"] > raw["bound"]["value"]
    assert mended["certificate"]["bell_qubits"] == 0
    assert mended["certificate"]["p_value"] is None
    assert analyze(folders[1]).summary["bound"] == mended["bound"]


@pytest.mark.slow
def test_any_sampler(write: Write) -> None:
    from qiskit.primitives import StatevectorSampler

    path = write('design = "full"\nshots = 200')
    folder = path.parent / "out"
    sampler = StatevectorSampler(seed=np.random.default_rng(3))
    assert submit(path, folder, sampler=sampler).complete
    outcome = finished(folder)
    check_marginals(folder)
    check_correlators(outcome)
    assert analyze(folder).summary["bound"] == outcome.summary["bound"]
    device = json.loads((folder / "run.json").read_text())["device"]
    assert (device["dynamical_decoupling"], device["twirling"]) == (None, False)
    assert submit(path, folder, sampler=sampler).complete  # and nothing is measured again
    (folder / "jobs" / "0002.csv").unlink()
    with pytest.raises(QbellError, match="sampler object"):
        fetch(folder)
    finished(folder, sampler=sampler)


@pytest.mark.slow
def test_any_backend(write: Write) -> None:
    from qiskit.providers.fake_provider import GenericBackendV2

    backend = GenericBackendV2(4, seed=1)
    path = write('design = "full"\nshots = 200')
    folder = path.parent / "out"
    assert submit(path, folder, backend=backend).complete
    outcome = finished(folder)
    check_marginals(folder, fade=0.05)
    assert analyze(folder).summary["bound"] == outcome.summary["bound"]
    device = json.loads((folder / "run.json").read_text())["device"]
    assert (device["dynamical_decoupling"], device["twirling"]) == (None, False)
    assert len(device["wires"]) == 3


def test_run_is_submit_and_fetch(
    write: Write, server: Loopback, qbell: Qbell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules[fetch.__module__], "sleep", lambda _: sleep(0.05))
    path = write(more=f'[backend]\nname = "{SMALL}"\n')
    said, _error = qbell("run", path.name, "--out", "out", "--json")
    summary = json.loads(said)
    assert (summary["backend"], summary["total_shots"]) == (SMALL, 8 * 24)
    assert len(server.jobs) == 6
    qbell("run", path.name, "--out", "out")
    assert len(server.jobs) == 6
    submit(path, path.parent / "two")
    finished(path.parent / "two")
    assert (path.parent / "two" / "counts.csv").read_bytes() == Path("out/counts.csv").read_bytes()
