"""Trials on snapshots: by qbell's own simulation of the noise, and by IBM's Sampler."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from qiskit.providers.fake_provider import GenericBackendV2

from qbell import QbellError
from qbell.campaigns.campaign import Outcome
from qbell.campaigns.folder import PLAN_FILE
from qbell.campaigns.jobs import fetch, submit
from qbell.campaigns.jobs.job_plan import read_plan
from qbell.campaigns.queues.noisy_sampler import NoisySampler
from qbell.devices.backends import find_backend
from qbell.sampling.calibrate import device_rates
from tests.conftest import Qbell
from tests.support.paths import ROOT

pytestmark = pytest.mark.device


def write(
    folder: Path, hardware: str = "", design: str = "full", shots: int = 400, n: int = 3
) -> Path:
    more = "draws = 20\n" if design == "random3" else ""
    path = folder / "spec.toml"
    path.write_text(
        f'seed = 5\n[state]\nfamily = "ghz"\nn = {n}\n'
        f'[schedule]\ndesign = "{design}"\nshots = {shots}\n{more}[estimate]\nresamples = 50\n'
        f"[hardware]\njobs = 2\nreference = 2\nreference_shots = 2000\n{hardware}\n"
        '[backend]\nname = "fake_manila"\n'
    )
    return path


def agrees(outcome: Outcome) -> bool:
    """Whether the noise reference foretells the bound as measured, within four errors."""
    bound, noise = outcome.summary["bound"], outcome.summary["noise"]
    return bool(abs(bound["value"] - noise["bound_read"]) < 4 * bound["standard_error"])


@pytest.mark.parametrize(
    "hardware", ["", 'dynamical_decoupling = "none"\ntwirling = false', 'simulator = "ibm"']
)
def test_a_trial_agrees_with_the_noise_reference(hardware: str, tmp_path: Path) -> None:
    by_ibm = "ibm" in hardware
    path = write(tmp_path, hardware, shots=40 if by_ibm else 4000)
    assert submit(path, tmp_path / "out").complete
    outcome = fetch(tmp_path / "out")
    assert isinstance(outcome, Outcome)
    assert agrees(outcome)
    noise, about = outcome.summary["noise"], outcome.summary["device"]
    assert about["twirling"] == ("twirling" not in hardware)
    assert about["reference_drift_p"] > 1e-3
    if by_ibm:
        return
    # The known words are read with the errors of the snapshot.
    calibration = pd.read_csv(tmp_path / "out/calibration.csv", dtype=str)
    device = find_backend("fake_manila")
    rates = device_rates(device, about["wires"])
    for word, part in calibration.groupby("prepared"):
        many = part["count"].astype(int)
        for qubit in range(3):
            wrong = many[part["bitstring"].str[-1 - qubit] != word[-1 - qubit]].sum()
            rate = rates[qubit].mean() if about["twirling"] else None
            if rate is not None:
                assert abs(wrong / many.sum() - rate) < 5 * np.sqrt(rate / many.sum()) + 0.002
    assert noise["bound_read"] < noise["bound"]


def test_the_simulator_is_part_of_the_plan(tmp_path: Path) -> None:
    path = write(tmp_path, shots=8)
    submit(path, tmp_path / "out")
    record = json.loads((tmp_path / "out" / PLAN_FILE).read_text())
    assert record["hardware"]["simulator"] == "qbell"
    with pytest.raises(QbellError, match="another campaign"):
        submit(write(tmp_path, 'simulator = "ibm"', shots=8), tmp_path / "out")
    with pytest.raises(QbellError, match=r"simulator = 'aer'; use qbell or ibm"):
        submit(write(tmp_path, 'simulator = "aer"'), tmp_path / "other")
    # Plans from before the choice were simulated by IBM's Sampler, and go on so.
    del record["hardware"]["simulator"]
    (tmp_path / "out" / PLAN_FILE).write_text(json.dumps(record))
    assert read_plan(tmp_path / "out").spec.hardware.simulator == "ibm"


def test_settings_meet_their_own_angles(tmp_path: Path) -> None:
    """Along xi a GHZ state is all 0 or all 1, and angles of another design are refused."""
    submit(write(tmp_path, design="random3", shots=4, n=2), tmp_path / "out")
    plan = read_plan(tmp_path / "out")
    circuit, _ = plan.circuits()
    device = find_backend("fake_manila")
    sampler = NoisySampler(device, "random3", decoupling=None, twirled=True)
    values = np.zeros((2, 4))  # theta of both qubits 0: along xi
    places = [parameter.vector.name for parameter in circuit.parameters]
    values[1, [place == "theta" for place in places]] = np.pi / 2
    found = sampler.run([(circuit, values)], 500, 3)[0].data.meas.get_bitstrings(0)
    assert sum(word in ("00", "11") for word in found) > 440
    assert min(found.count("00"), found.count("11")) > 180
    with pytest.raises(QbellError, match="none of the design"):
        sampler.run([(circuit, values + 0.1)], 5, 3)


def test_nothing_waits_in_a_simulator_of_another_vendor(tmp_path: Path) -> None:
    """The reference of a GenericBackendV2 was far too low, by waits that its run does not have."""
    path = write(tmp_path, shots=300)
    submit(path, tmp_path / "out", backend=GenericBackendV2(4, seed=1))
    assert not read_plan(tmp_path / "out").waiting
    outcome = fetch(tmp_path / "out")
    assert isinstance(outcome, Outcome)
    assert agrees(outcome)
    assert outcome.summary["noise"]["assumptions"][1] == "waiting qubits do not decay"


@pytest.mark.nightly
def test_the_same_campaign_on_several_devices(qbell: Qbell, tmp_path: Path) -> None:
    """As the manual says it, line by line, with snapshots in the place of devices."""
    (tmp_path / "experiments").mkdir()
    write(tmp_path / "experiments", shots=40).rename(tmp_path / "experiments/ghz_device.toml")
    page = (ROOT / "docs/hardware.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```sh\n(for device.*?)```", page, flags=re.DOTALL)
    block = block.replace("ibm_pittsburgh", "fake_manila").replace("ibm_boston", "fake_jakarta")
    loop = re.compile(r"for device in ([^;]+); do(.*?)done\n", re.DOTALL)

    def unrolled(found: re.Match[str]) -> str:
        lines = found[2].replace(";", "\n")
        return "\n".join(lines.replace("$device", name) for name in found[1].split()) + "\n"

    commands = [line.split() for line in loop.sub(unrolled, block).splitlines() if line.strip()]
    assert [words[1] for words in commands] == [*["submit"] * 2, *["fetch"] * 2, "compare"]
    for words in commands:
        out, _ = qbell(*words[1:])
    assert "fake_manila" in out
    assert "fake_jakarta" in out
    table = pd.read_csv("results/side_by_side.csv")
    assert table["backend"].tolist() == ["fake_manila", "fake_jakarta"]
    assert (table["bound"] > 3).all()
