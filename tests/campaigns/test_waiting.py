"""What a user sees and does while jobs wait: a live line, cancel, lists, ages, samplers by name."""

import json
import re
from pathlib import Path

import pytest

from qbell.campaigns.jobs import fetch, sending, submit
from qbell.devices.ibm import retry as patience
from tests.conftest import Qbell, Start
from tests.support.loopback import Loopback, failing

NAME = "ibm_jakarta"
SPEC = (
    'seed = 5\n[state]\nfamily = "ghz"\nn = 2\n[schedule]\nshots = 8\n'
    "[hardware]\njobs = 2\nreference = 2\nreference_shots = 10\n"
    'dynamical_decoupling = "none"\n[estimate]\nresamples = 40\n'
)


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "s.toml"
    path.write_text(SPEC)
    return path


@pytest.fixture
def server(loopback: Start, monkeypatch: pytest.MonkeyPatch) -> Loopback:
    server = loopback(devices=(NAME,), job_seconds=0.0)
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(patience, "sleep", lambda _: None)
    monkeypatch.setattr(sending, "sleep", lambda _: None)
    return server


def test_a_wait_says_how_jobs_stand(spec: Path, server: Loopback, tmp_path: Path) -> None:
    """States, the place in the queue and the next look: first in a queue that stands still."""
    spec.write_text(SPEC.replace("[hardware]", '[hardware]\ntags = ["tuesday", "run-7"]'))
    server.pause()
    submit(spec, tmp_path / "c", backend=NAME)
    assert all({"qbell", "tuesday", "run-7"} <= set(job.tags) for job in server.jobs)
    lines: list[str] = []

    def stands(line: str) -> None:
        lines.append(line)
        server.release()

    fetch(tmp_path / "c", wait=True, poll=0.05, stands=stands)
    queued = r"0 of 4 jobs here, 4 queued( \(the first is \d+\. in the queue\))?, next look at "
    assert re.fullmatch(queued + r"\d\d:\d\d:\d\d", lines[0])


def test_cancel_and_send_again(spec: Path, server: Loopback, qbell: Qbell, tmp_path: Path) -> None:
    server.pause()
    qbell("submit", spec, "--backend", NAME, "--out", "c")
    # One of which only the tag is known, as after a crash.
    log = tmp_path / "c/jobs/0002.json"
    record = json.loads(log.read_text())
    record["attempts"][-1] |= {"state": "sending", "job_id": None, "seen": None}
    log.write_text(json.dumps(record))
    said, told = qbell("cancel", "c", "--json")
    assert json.loads(said)["states"] == {"cancelled": 4}
    assert told.count("is cancelled") == 4
    assert {job.status for job in server.jobs} == {"Cancelled"}
    qbell("cancel", "c")  # nothing is left to cancel
    server.release()
    qbell("submit", "c")
    assert len(server.jobs) == 8
    qbell("fetch", "c", "--wait", "--poll", "0.1")
    qbell("submit", spec, "--out", "here")
    assert "none waits to be cancelled" in qbell("cancel", "here", code=2)[1]


def test_the_age_of_the_calibration_is_said(
    spec: Path, server: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the first job, and once where jobs are sent again long after."""
    said: list[str] = []
    server.add(failing("job-0002"))
    server.add(failing("job-0003"))
    submit(spec, tmp_path / "c", backend=NAME, say=said.append)
    assert re.fullmatch(r"compiled for a calibration that is \d+ days old", said[0])
    assert not any("late" in line for line in said)
    monkeypatch.setattr(sending, "OLD_PLAN", -1.0)
    said.clear()
    fetch(tmp_path / "c", wait=True, poll=0.05, say=said.append)
    late = [line for line in said if "is sent late: its circuit was compiled for" in line]
    assert len(late) == 1


def test_devices(server: Loopback, qbell: Qbell) -> None:
    said, _ = qbell("devices", "--json")
    (found,) = json.loads(said)["devices"]
    assert (found["name"], found["qubits"], found["pending_jobs"]) == (NAME, 7, 0)
    assert found["calibrated"].startswith("20")
    assert NAME in qbell("devices")[0]


@pytest.mark.slow
def test_the_list_of_campaigns(spec: Path, qbell: Qbell, tmp_path: Path) -> None:
    qbell("submit", spec, "--out", "results/c")
    qbell("run", spec, "--out", "results/deep/r")
    qbell("submit", spec, "--out", "results/bad")
    (tmp_path / "results/bad/schedule.csv").write_text("")
    found = json.loads(qbell("list", "--json")[0])["campaigns"]
    assert [one["folder"] for one in found] == ["results/bad", "results/c", "results/deep/r"]
    bad, sent, run = found
    assert "schedule.csv was changed" in bad["problem"]
    assert (sent["landed"], sent["jobs"], sent["report"]) == (4, 4, False)
    assert (run["family"], run["n"], run["jobs"], run["report"]) == ("ghz", 2, None, True)
    shown, _ = qbell("list", "results")
    assert "4 of 4" in shown
    assert "damaged" in shown
    assert "no folder" in qbell("list", "nowhere", code=2)[1]


@pytest.mark.parametrize(
    "tags", ['"one"', '["a b"]', '["qbell-x"]', "[1]", '["a","b","c","d","e"]']
)
def test_tags_that_are_none(tags: str, spec: Path, qbell: Qbell) -> None:
    spec.write_text(SPEC.replace("[hardware]", f"[hardware]\ntags = {tags}"))
    assert "[hardware] tags" in qbell("submit", spec, "--out", "c", code=2)[1]


def test_version(qbell: Qbell) -> None:
    assert re.fullmatch(r"qbell \d+\.\d+\.\d+\S*\n", qbell("--version")[0])


@pytest.mark.slow
def test_a_sampler_by_its_name(spec: Path, qbell: Qbell, tmp_path: Path) -> None:
    """Of a vendor's, in a module beside the spec; its campaign keeps what its report said."""
    (tmp_path / "own_lab.py").write_text(
        "from qiskit.primitives import StatevectorSampler\n"
        "ready = StatevectorSampler(seed=1)\ndef make():\n    return StatevectorSampler(seed=2)\n"
    )
    for name in ("ready", "make"):
        qbell("submit", spec, "--sampler", f"own_lab:{name}", "--out", name)
        done = json.loads(qbell("fetch", name, "--json")[0])
        assert done["device"]["reference_drift_p"] is not None
        again = json.loads(qbell("analyze", name, "--json")[0])
        assert again["device"] == done["device"]
    for wrong in ("own_lab", ":x", "own_lab:nothing", "no_such_lab:x"):
        assert "--sampler" in qbell("submit", spec, "--sampler", wrong, "--out", "w", code=2)[1]
