"""Campaigns through the real client against a server with faults, in processes that are killed.

Whatever happens, the counts at the end are those of an undisturbed campaign, shot for shot.
"""

import json
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from tests.support.loopback import (
    API_KEY,
    INSTANCE,
    Loopback,
    failing,
    fewer_settings,
    fewer_shots,
    http,
    reset,
    truncated,
)
from tests.support.loopback.zygote import Zygote

SPEC = """
seed = 11
[state]
family = "product"   # asymmetric: no two qubits alike
n = 3
theta = [0.4, 1.1, 2.0]
phi = [0.3, 0.0, 1.2]
[schedule]
design = "full"
shots = 60
[hardware]
jobs = 4
reference = 2
reference_shots = 40
"""
DEVICE = "ibm_jakarta"  # 7 qubits: every process reads it anew
KILLS = 64
# What submit and fetch load as they go.
MODULES = (
    "qiskit_ibm_runtime",
    "qiskit_ibm_runtime.session",
    "qbell.devices.ibm",
    "typer._adapters",
    "numba",
    "scipy.stats",
    "matplotlib.figure",
)
pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zygote]:
    """The process whose children are the commands of all tests here."""
    with Zygote({}, tmp_path_factory.mktemp("loaded"), MODULES) as zygote:
        yield zygote


@pytest.fixture(scope="module")
def counts(tmp_path_factory: pytest.TempPathFactory, loaded: Zygote) -> bytes:
    """The counts of the campaign with nothing in its way."""
    folder = tmp_path_factory.mktemp("undisturbed")
    (folder / "spec.toml").write_text(SPEC)
    with Loopback(devices=(DEVICE,), job_seconds=0.05) as server:
        loaded.folder, loaded.variables = folder, server.environment
        assert loaded.run(*submitting()) == 0, loaded.output
        assert loaded.run(*fetching()) == 0, loaded.output
        assert server.complaints() == []
        assert len(server.jobs) == 6
    return (folder / "campaign" / "counts.csv").read_bytes()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "spec.toml").write_text(SPEC)
    return tmp_path


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback(devices=(DEVICE,), job_seconds=0.05) as server:
        yield server


@pytest.fixture
def zygote(loaded: Zygote, counts: bytes, folder: Path, server: Loopback) -> Zygote:
    """The same for one test, in its folder and with its server."""
    loaded.folder, loaded.variables = folder, server.environment
    return loaded


def submitting() -> tuple[str, ...]:
    return ("submit", "spec.toml", "--backend", DEVICE, "--out", "campaign")


def fetching() -> tuple[str, ...]:
    return ("fetch", "campaign", "--wait", "--poll", "0.1")


def kill(process: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)


def check(folder: Path, server: Loopback, counts: bytes) -> None:
    """Nothing lost, nothing doubled, nothing half-written, no secret, no job left over."""
    campaign = folder / "campaign"
    assert (campaign / "counts.csv").read_bytes() == counts
    logs = [json.loads(path.read_text()) for path in sorted(campaign.glob("jobs/*.json"))]
    landed = [log["attempts"][-1]["job_id"] for log in logs]
    assert len(set(landed)) == len(logs) == 6
    assert all(log["attempts"][-1]["state"] == "landed" for log in logs)
    known = {job.job_id: job for job in server.jobs}
    assert all(known[job_id].status == "Completed" for job_id in landed)
    spare = [job for job in server.jobs if job.job_id not in landed]
    assert not [
        job.status for job in spare if job.status not in ("Completed", "Failed", "Cancelled")
    ]
    for path in campaign.rglob("*"):
        if path.is_file():
            text = path.read_bytes()
            assert API_KEY.encode() not in text, path
            assert INSTANCE.encode() not in text, path
            assert b"crn:" not in text, path
    assert server.complaints() == []


def test_killed_and_disturbed(
    folder: Path, server: Loopback, zygote: Zygote, counts: bytes
) -> None:
    """Submit, killed in the middle; status; fetch through every kind of fault."""
    posts: list[int] = []
    child = threading.Event()
    number = 0

    def hook(_: int, method: str, path: str, phase: str) -> None:
        if method == "POST" and path.endswith("/jobs") and phase == "after":
            posts.append(1)
            if len(posts) == 3:  # accepted, and the reply never read
                child.wait(10)
                kill(number)

    server.on_request(hook)
    number = zygote.start(*submitting())
    child.set()
    assert zygote.wait() == -signal.SIGKILL
    assert len(server.jobs) == 3
    assert zygote.run("status", "campaign", "--json") == 0, zygote.output
    states = [job["state"] for job in json.loads(zygote.output)["jobs"]]
    assert states[2:] == ["sending", "waiting", "waiting", "waiting"]
    server.add(
        http(503, "GET", "/jobs", count=2),
        http(429, "GET", "/jobs/", count=1, retry_after=0.1),
        reset("body", "GET", "/results$", count=1),
        truncated(count=1),
        reset("after", "POST", "/jobs$", count=1),
        reset("before", "POST", "/jobs$", count=1, skip=1),
        failing("job-0004"),
        fewer_settings("job-0005"),
        fewer_shots("job-0006"),
    )
    server.expire_tokens()
    assert zygote.run(*fetching()) == 0, zygote.output
    assert API_KEY not in zygote.output
    check(folder, server, counts)


@pytest.mark.nightly
def test_killed_many_times(folder: Path, server: Loopback, zygote: Zygote, counts: bytes) -> None:
    """At random requests, before and after they are carried out, and at random times."""
    rng = np.random.default_rng(20)
    target: dict[str, int] = {}
    started = threading.Event()

    def hook(_: int, method: str, path: str, phase: str) -> None:
        if not target or phase != ("before", "after")[target["phase"]]:
            return
        target["left"] -= 1
        if target["left"] == 0:
            started.wait(10)
            kill(target["process"])

    server.on_request(hook)
    killed = 0
    assert zygote.run("--help") == 0
    for _ in range(4 * KILLS):
        command = submitting() if rng.random() < 0.5 or not killed else fetching()
        by_request = rng.random() < 0.7
        started.clear()
        target.clear()
        if by_request:
            left = int(rng.integers(1, 25))
            target.update(left=left, phase=int(rng.integers(2)), process=0)
        child = zygote.start(*command)
        target["process"] = child
        if not by_request:
            target.clear()
        started.set()
        timer = threading.Timer(float(rng.uniform(0.05, 4.0)), kill, (child,))
        if not by_request:
            timer.start()
        code = zygote.wait()
        timer.cancel()
        assert code in (0, 2, -signal.SIGKILL), zygote.output
        killed += code == -signal.SIGKILL
        if killed == KILLS:
            break
    target.clear()
    assert killed == KILLS
    assert zygote.run(*submitting()) == 0, zygote.output
    assert zygote.run(*fetching()) == 0, zygote.output
    check(folder, server, counts)
