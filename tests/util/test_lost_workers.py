"""Processes as workers: one that is killed midway changes nothing, and Ctrl-C leaves none."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

SCRIPT = """
import json, os, signal, sys
from pathlib import Path
import qbell
from qbell.campaigns.coverage import coverage
from qbell.scan import scan
from qbell.util.atomic_files import to_json
from qbell.util.cluster import LOCAL, connected

def results(cluster, progress):
    if sys.argv[1] == "scan":
        found = scan("ising", [6, 8, 10], [-1.5, -1.0, -0.5], cluster=cluster, progress=progress)
        return found.to_csv()
    if sys.argv[1] == "coverage":
        return to_json(coverage("spec.toml", 60, cluster=cluster, progress=progress).record)
    settings = qbell.schedule(9, "random", draws=2000, seed=1)
    def step(done):
        progress("", done, 0)
    shots = qbell.sample(qbell.ghz(9), settings, shots=2, seed=2, cluster=cluster, progress=step)
    found = qbell.estimate(shots, resamples=600, cluster=cluster, progress=progress)
    return shots.frame.to_csv() + found.bound_by_order.to_csv()

if __name__ == "__main__":
    killed = []
    LOCAL["n_workers"] = int(sys.argv[2])
    with connected("local") as workers:
        def kill(what, done, total):
            if done and len(killed) < 2:
                killed.append(next(iter(workers.client.run(os.getpid).values())))
                os.kill(killed[-1], signal.SIGKILL)
        there = results(workers, kill)
    here = results(None, lambda *said: None)
    print(json.dumps({"same": there == here, "killed": len(set(killed)), "length": len(here)}))
"""
SPEC = (
    '[state]\nfamily = "ghz"\nn = 3\n[schedule]\ndesign = "full"\nshots = 20\n'
    "[estimate]\nresamples = 100\n"
)


@pytest.mark.nightly
@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("what", ["scan", "coverage", "sample and estimate"])
def test_a_killed_worker_changes_nothing(tmp_path: Path, what: str, workers: int) -> None:
    """Two of them in turn, by kill -9; the only one is started again by its nanny."""
    (tmp_path / "script.py").write_text(SCRIPT)
    (tmp_path / "spec.toml").write_text(SPEC)
    done = subprocess.run(
        [sys.executable, "script.py", what, str(workers)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["same"]
    assert found["killed"] == 2
    assert found["length"] > 100


@pytest.mark.nightly
def test_ctrl_c_leaves_nothing(tmp_path: Path) -> None:
    """In a terminal it reaches all processes; one line is said, and finished points are kept."""
    words = ["scan", "ising", "--n", "10,14", "--u", "-3:0:40", "--out", "t.csv"]
    process = subprocess.Popen(
        [sys.executable, "-m", "qbell.cli", *words, "--cluster", "local"],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    part = tmp_path / "t.csv.part"
    for _ in range(600):
        time.sleep(0.1)
        if part.exists() and part.read_bytes().count(b"\n") > 3:
            break
    children = psutil.Process(process.pid).children(recursive=True)
    assert len(children) > 1
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said.splitlines() == [
        f"error: stopped; to go on: qbell {' '.join(words)} --cluster local"
    ]
    _, alive = psutil.wait_procs(children, timeout=10)
    assert alive == []
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv.part"]
