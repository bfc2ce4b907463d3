"""Campaigns on a cluster: the same files and plans; what cannot be there is refused."""

from pathlib import Path

import pytest

from qbell import QbellError
from qbell.campaigns import run as campaigns
from qbell.campaigns.planning import plan
from qbell.campaigns.spec import read_spec
from qbell.util.atomic_files import to_json
from tests.conftest import Qbell, StartWorkers

SPECS = {
    "aer": '[state]\nfamily = "ghz"\nn = 3\n[schedule]\ndesign = "full"\nshots = 40\n',
    "fake": '[state]\nfamily = "ghz"\nn = 3\n[schedule]\ndesign = "random"\ndraws = 300\n'
    '[backend]\nname = "fake_pittsburgh"\n',
    "pairs": '[state]\nfamily = "ising"\nn = 13\nu = -1.5\n[schedule]\ndesign = "random"\n'
    "draws = 500\n",
    "learn": '[state]\nfamily = "ghz"\nn = 4\n[schedule]\ndesign = "random3"\ndraws = 900\n'
    '[estimate]\nphase = "learn"\n',
}
ONLY_AT_NIGHT = [
    pytest.param(name, marks=() if name == "aer" else pytest.mark.nightly) for name in SPECS
]
NUMBERS = ("counts.csv", "correlators.csv", "summary.json")


def spec_in(folder: Path, name: str) -> Path:
    path = folder / f"{name}.toml"
    path.write_text(SPECS[name] + ("" if "[estimate]" in SPECS[name] else "[estimate]\n"))
    return path


@pytest.mark.parametrize("name", ONLY_AT_NIGHT)
def test_the_same_files(tmp_path: Path, dask: StartWorkers, name: str) -> None:
    spec = read_spec(spec_in(tmp_path, name))
    campaigns.run(spec, tmp_path / "here", seed=7)
    for workers in (1, 3) if name != "aer" else (2,):
        there = tmp_path / f"on {workers}"
        client = dask(workers)
        campaigns.run(spec, there, seed=7, cluster=client)
        for file in NUMBERS:
            assert (there / file).read_bytes() == (tmp_path / "here" / file).read_bytes()
        campaigns.analyze(there / "counts.csv", out=tmp_path / f"again {workers}", cluster=client)
    campaigns.analyze(tmp_path / "here" / "counts.csv", out=tmp_path / "again")
    for folder in tmp_path.glob("again ?"):
        for file in NUMBERS:
            assert (folder / file).read_bytes() == (tmp_path / "again" / file).read_bytes()


@pytest.mark.nightly
@pytest.mark.parametrize("name", SPECS)
def test_the_same_plan(tmp_path: Path, dask: StartWorkers, name: str) -> None:
    spec = spec_in(tmp_path, name)
    here = to_json(plan(spec).record)
    for workers in (1, 3):
        assert to_json(plan(spec, cluster=dask(workers)).record) == here


def test_a_plan_does_not_pass_over_a_lost_cluster(tmp_path: Path) -> None:
    """As it does over a device whose noise cannot be simulated."""
    with pytest.raises(QbellError, match=r"no Dask scheduler answers at 'foo://host:1'"):
        plan(spec_in(tmp_path, "fake"), cluster="foo://host:1")


def test_queues_and_phase_scans_take_none(tmp_path: Path, qbell: Qbell) -> None:
    path = spec_in(tmp_path, "fake")
    path.write_text(path.read_text() + "[stop]\np_value = 1e-6\n")
    _, err = qbell("run", str(path), "--cluster", "local", code=2)
    assert "jobs on fake_pittsburgh are not simulated on a cluster" in err
    scan = tmp_path / "scan.toml"
    scan.write_text(
        '[state]\nfamily = "ghz"\nn = 3\n'
        '[scan]\nread_out = "parity"\nangles = [0.0, 0.3]\nshots = 20\n'
    )
    _, err = qbell("run", str(scan), "--cluster", "local", code=2)
    assert "is a phase scan, which runs here" in err
    assert not (tmp_path / "results").exists()
