"""Phase scans as jobs: outcomes that mean what they say, registered angles, plans, and faults.

Kills at every step are in test_killed.py, changed files in test_damaged_files.py.
"""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.providers.fake_provider import GenericBackendV2
from qiskit.quantum_info import SparsePauliOp, Statevector
from rich.console import Console

import qbell as package
from qbell import QbellError
from qbell.campaigns.jobs import campaigns_in, cancel, fetch, sending, status, submit
from qbell.campaigns.phase_scan.run import ScanOutcome, analyze_scan
from qbell.campaigns.planning import ScanForecast, plan
from qbell.campaigns.planning.scan_table import scan_plan_table
from qbell.campaigns.run import run_scan
from qbell.campaigns.spec import read_spec
from qbell.circuits.measurement import checked, compile_for
from qbell.circuits.phase_scan import scan_circuit
from qbell.circuits.preparation import Preparation
from qbell.conventions.axes import AxisLike, parse_axis
from qbell.devices.ibm import retry as patience
from qbell.noise_reference import outcome_probabilities, scan_reference
from qbell.simulation.phase_scan import exact_tables
from tests.conftest import Qbell, Repeats, Start
from tests.support.loopback import Loopback, failing, fewer_settings, http
from tests.support.paths import ROOT

SIGMAS = 5.0
ANGLES = (0.0, 0.4, -1.3)
# Three qubits that no symmetry relates, measured at the end into bits in another order, and a
# fourth that is idle.
OWN = """OPENQASM 2.0;
include "qelib1.inc";
qreg q[4];
creg c[3];
ry(0.7) q[0]; cx q[0],q[1]; rx(1.1) q[1]; cz q[1],q[2]; ry(-0.4) q[2]; cx q[2],q[0];
measure q[0] -> c[1]; measure q[1] -> c[0]; measure q[2] -> c[2];
"""
SPEC = """seed = 5
[state]
{state}
[scan]
read_out = "{read_out}"
angles = [0.0, 0.4, -1.3]
shots = {shots}
axis = {axis}
{more}
[hardware]
jobs = 4
reference = 2
reference_shots = 40
{hardware}
"""
LOCAL_IBM = 'simulator = "ibm"'
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """A scan's TOML."""
    (tmp_path / "own.qasm").write_text(OWN)

    def make(name: str = "spec.toml", **parts: Any) -> Path:
        default = {"state": 'circuit = "own.qasm"', "read_out": "echo", "shots": 2001}
        default |= {"axis": '"z"', "more": "", "hardware": ""}
        path = tmp_path / name
        path.write_text(SPEC.format(**{**default, **parts}))
        return path

    return make


def lopsided() -> QuantumCircuit:
    """The circuit of `OWN`, whose bits say that its first two qubits change places."""
    circuit = QuantumCircuit(3)
    circuit.ry(0.7, 1)
    circuit.cx(1, 0)
    circuit.rx(1.1, 0)
    circuit.cz(0, 2)
    circuit.ry(-0.4, 2)
    circuit.cx(2, 1)
    return circuit


def along(direction: Any) -> NDArray[np.complex128]:
    terms = list(zip("XYZ", direction, strict=True))
    return np.asarray(SparsePauliOp.from_list(terms).to_matrix())


def on_all(one: NDArray[np.complex128], count: int) -> NDArray[np.complex128]:
    found = np.eye(1, dtype=complex)
    for _ in range(count):
        found = np.kron(found, one)
    return found


def by_matrices(circuit: QuantumCircuit, axis: AxisLike, read_out: str) -> NDArray[np.float64]:
    """(angles, 2^N) probabilities: e^(-i theta h), then undone, or in the basis of sigma_1."""
    parsed, count = parse_axis(axis), circuit.num_qubits
    psi = Statevector(circuit).data
    _, basis = np.linalg.eigh(-along(parsed.sigma_1))  # outcome 0 is +1
    found = []
    for angle in ANGLES:
        one = math.cos(angle / 2) * np.eye(2) - 1j * math.sin(angle / 2) * along(parsed.xi)
        turned = on_all(one, count) @ psi
        if read_out == "echo":
            turned = Statevector(turned).evolve(circuit.inverse()).data
        else:
            turned = on_all(basis.conj().T, count) @ turned
        found.append(np.abs(turned) ** 2)
    return np.array(found)


def outcomes(folder: Path) -> NDArray[np.float64]:
    """(angles, 2^N) counts of all data jobs."""
    found = np.zeros((len(ANGLES), 8))
    for path in sorted(folder.glob("jobs/*.csv")):
        table = pd.read_csv(path, dtype={"bitstring": str, "angle": float})
        if "job" in table:
            for row in table.itertuples():
                place = int(np.argmin(np.abs(np.array(ANGLES) - row.angle)))
                found[place, int(str(row.bitstring), 2)] += row.count
    return found


def check(folder: Path, expected: NDArray[np.float64], shots: int, slack: float = 0.0) -> None:
    """Every outcome of every angle as often as it should be; and scan.csv is their sum."""
    counts = outcomes(folder)
    assert counts.sum(axis=1).tolist() == [shots] * len(ANGLES)
    sigma = np.sqrt(np.maximum(expected * (1 - expected), 1 / shots) / shots)
    assert (np.abs(counts / shots - expected) < SIGMAS * sigma + slack).all()
    echo = json.loads((folder / "summary.json").read_text())["read_out"] == "echo"
    hits = [0] if echo else [word for word in range(8) if word.bit_count() % 2 == 0]
    scan = pd.read_csv(folder / "scan.csv")
    assert scan["angle"].tolist() == list(ANGLES)
    assert scan["successes"].tolist() == counts[:, hits].sum(axis=1).tolist()


def finished(folder: Path) -> ScanOutcome:
    found = fetch(folder, wait=True, poll=0.05)
    assert isinstance(found, ScanOutcome)
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("read_out", "axis"),
    [
        ("parity", (1.0, -2.0, 0.5)),
        pytest.param("parity", "z", marks=pytest.mark.nightly),
        pytest.param("echo", "x", marks=pytest.mark.nightly),
        pytest.param("echo", "z", marks=pytest.mark.nightly),
    ],
)
def test_outcomes_mean_what_they_say_on_aer(write: Write, read_out: str, axis: Any) -> None:
    path = write(read_out=read_out, axis=json.dumps(axis))
    folder = path.parent / "out"
    sent = submit(path, folder)
    assert sent.complete
    (path.parent / "own.qasm").unlink()  # the folder has all there is to know
    outcome = finished(folder)
    check(folder, by_matrices(lopsided(), axis, read_out), 2001)
    again = analyze_scan(folder)
    assert again.summary == outcome.summary
    assert again.resumed
    assert outcome.summary["device"]["reference_drift_p"] > 1e-3
    names = {path.name for path in folder.iterdir() if path.is_file()}
    of_run = {"spec.toml", "own.qasm", "scan.csv", "scan.json", "summary.json", "hellinger.csv"}
    assert names == of_run | {"campaign.json", "schedule.csv"}
    orders = pd.read_csv(folder / "schedule.csv").groupby("job")["row"].apply(tuple)
    assert len(set(orders)) > 1  # each job in an order of its own
    assert all(sorted(order) == [0, 1, 2] for order in orders)


@pytest.mark.slow
def test_a_registration_is_not_changed_and_nothing_is_measured_twice(write: Write) -> None:
    path = write()
    folder = path.parent / "out"
    submit(path, folder)
    kept = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    for changed, what in (
        ({"more": "pair = [0.0, 0.4]"}, "pair"),
        ({"read_out": "parity"}, "read_out"),
        ({"shots": 2002}, "shots"),
        ({"axis": '"x"'}, "axis"),
        ({"state": 'family = "ghz"\nn = 3'}, "state"),
    ):
        other = write("other.toml", **changed)
        with pytest.raises(QbellError, match=f"registered with other {what};"):
            submit(other, folder)
        with pytest.raises(QbellError, match=f"registered with other {what};"):
            run_scan(read_spec(other), folder)
    with pytest.raises(QbellError, match="another campaign, seed"):
        submit(path, folder, seed=6)
    with pytest.raises(QbellError, match="qbell fetch"):
        run_scan(read_spec(path), folder)  # half of a campaign
    with pytest.raises(QbellError, match="run here, at once"):
        cancel(folder)
    (record,) = campaigns_in(path.parent)
    assert (record["design"], record["landed"], record["jobs"]) == ("scan, echo", 6, 6)
    assert submit(path, folder).complete
    assert {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()} == kept
    # Of an equal seed and backend all is the same, bit by bit, also after a stop.
    twin = path.parent / "twin"
    submit(path, twin)
    for number in (3, 5):
        (twin / f"jobs/{number:04d}.csv").unlink()
        (twin / f"jobs/{number:04d}.json").unlink()
    assert status(twin).landed == 4
    partial = fetch(twin, partial=True)
    assert isinstance(partial, ScanOutcome)
    assert submit(None, twin).complete
    for name in ("schedule.csv", "compiled/circuit.qasm", "jobs/0003.csv", "jobs/0006.csv"):
        assert (twin / name).read_bytes() == (folder / name).read_bytes()
    assert finished(twin).result.scan == finished(folder).result.scan
    surer = finished(folder).folder / "spec.toml"
    surer.write_text(surer.read_text() + "[estimate]\nconfidence = 0.99\n")
    assert analyze_scan(folder).result.confidence == 0.99


@pytest.mark.slow
def test_a_report_on_some_jobs(write: Write) -> None:
    path = write()
    folder = path.parent / "out"
    submit(path, folder)
    log = folder / "jobs/0004.json"
    record = json.loads(log.read_text())
    record["attempts"][0] |= {"state": "failed", "reason": "power cut", "sha256": None}
    record["attempts"] *= 3
    log.write_text(json.dumps(record))
    (folder / "jobs/0004.csv").unlink()
    found = fetch(folder, partial=True)
    assert isinstance(found, ScanOutcome)
    assert found.folder == folder / "partial"
    assert found.result.scan.shots == (1501,) * 3  # of 2001
    assert "from 3 of 4 data jobs" in found.summary["notes"][0]
    assert any("each data job measures every angle" in note for note in found.summary["notes"])
    assert analyze_scan(folder / "partial").summary == found.summary
    assert not (folder / "scan.json").exists()


@pytest.mark.slow
@pytest.mark.nightly
def test_a_preparation_that_measures_midway(write: Write) -> None:
    state = 'family = "ghz"\nn = 3\nlayout = "constant"'
    path = write(state=state, read_out="parity", shots=60)
    submit(path, path.parent / "out")
    found = finished(path.parent / "out").result.scan
    assert found.successes[0] == 60  # of GHZ, the parity along X
    with pytest.raises(QbellError, match="cannot be undone"):
        submit(write("echo.toml", state=state), path.parent / "echo")
    assert not (path.parent / "echo").exists()


@pytest.mark.slow
@pytest.mark.nightly
def test_objects_of_any_vendor(write: Write) -> None:
    from qiskit.primitives import StatevectorSampler

    path = write(axis='"y"')
    folder = path.parent / "out"
    submit(path, folder, sampler=StatevectorSampler(seed=3))
    finished(folder)
    check(folder, by_matrices(lopsided(), "y", "echo"), 2001)


LINE = [[a, b] for a in range(6) for b in range(6) if abs(a - b) == 1]
ROUTED = GenericBackendV2(6, coupling_map=LINE, seed=1)
SILENT = GenericBackendV2(6, coupling_map=LINE, seed=1, noise_info=False)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("read_out", "axis"),
    [
        ("echo", (1.0, -2.0, 0.5)),
        pytest.param("echo", "z", marks=pytest.mark.nightly),
        pytest.param("parity", "x", marks=pytest.mark.nightly),
        pytest.param("parity", "z", marks=pytest.mark.nightly),
    ],
)
def test_routed_over_idle_qubits(axis: Any, read_out: str) -> None:
    """Qubits far apart on a line: the way there and back takes the qubits between."""
    circuit, parsed = lopsided(), parse_axis(axis)
    preparation = checked(Preparation(circuit, (0, 1, 2), wires=(0, 2, 5)))
    measured = scan_circuit(preparation, parsed, read_out)
    compiled = compile_for(measured, SILENT, preparation.wires)
    used = {item.qubits for item in compiled.data if len(item.qubits) == 2}
    assert len({qubit for pair in used for qubit in pair}) > 3
    expected = by_matrices(circuit, axis, read_out)
    tables = outcome_probabilities(compiled, ANGLES, SILENT)
    np.testing.assert_allclose(tables, expected, atol=1e-12)
    ideal = exact_tables(compile_for(measured, None), ANGLES)
    np.testing.assert_allclose(ideal, expected, atol=1e-12)
    qfi = package.exact.qfi(circuit, axis)
    assert scan_reference(compiled, SILENT, parsed).qfi == pytest.approx(qfi)


@pytest.mark.nightly
@pytest.mark.parametrize("read_out", ["echo", "parity"])
def test_nothing_is_left_out_where_waits_are_filled(read_out: str) -> None:
    """The same with noise, waits and pulses: a little less of each."""
    circuit, axis = lopsided(), "x"
    parsed = parse_axis(axis)
    preparation = checked(Preparation(circuit, (0, 1, 2), wires=(0, 2, 5)))
    noisy = compile_for(scan_circuit(preparation, parsed, read_out), ROUTED, preparation.wires)
    expected, qfi = by_matrices(circuit, axis, read_out), package.exact.qfi(circuit, axis)
    more = {"decoupling": "XY4", "twirled": True}
    np.testing.assert_allclose(
        outcome_probabilities(noisy, ANGLES, ROUTED, **more), expected, atol=0.12
    )
    found = scan_reference(noisy, ROUTED, parsed, **more).qfi
    assert found is not None
    assert 0.8 * qfi < found < qfi


@pytest.mark.device
@pytest.mark.nightly
@pytest.mark.parametrize("read_out", ["echo", "parity"])
def test_jobs_on_a_snapshot_are_those_of_ibms_sampler(write: Write, read_out: str) -> None:
    """Waits, pulses and the twirled readout; the flips' own gates are what qbell leaves out."""
    found = []
    for name, hardware in (("own", ""), ("ibm", LOCAL_IBM)):
        path = write(f"{name}.toml", read_out=read_out, shots=4000, hardware=hardware)
        submit(path, path.parent / name, backend="fake_jakarta")
        outcome = finished(path.parent / name)
        found.append(outcomes(path.parent / name) / 4000)
        assert outcome.summary["noise"]["qfi"] < outcome.summary["exact"]["qfi"]
        check(path.parent / name, found[0], 4000, slack=0.012)
    assert np.abs(found[0] - found[1]).sum(axis=1).max() < 0.12


@pytest.mark.nightly
@pytest.mark.device
def test_jobs_without_waits_are_as_a_run(write: Write) -> None:
    plain = 'dynamical_decoupling = "none"\ntwirling = true'
    path = write(read_out="parity", shots=4000, hardware=plain)
    text = path.read_text() + '[backend]\nname = "fake_jakarta"\n'
    path.write_text(text)
    submit(path, path.parent / "jobs")
    sent = finished(path.parent / "jobs")
    ran = run_scan(read_spec(path), path.parent / "run")
    for one, other in zip(sent.result.scan.shares, ran.result.scan.shares, strict=True):
        assert abs(one - other) < SIGMAS * math.sqrt(0.5 / 4000)
    assert sent.summary["noise"]["qfi"] == pytest.approx(ran.summary["noise"]["qfi"])
    same = {"provenance", "claim", "n", "axis", "read_out", "exact", "circuit", "backend", "seed"}
    assert {key: sent.summary[key] for key in same} == {key: ran.summary[key] for key in same}
    assert sent.summary.keys() == ran.summary.keys()


@pytest.fixture
def server(loopback: Start, monkeypatch: pytest.MonkeyPatch) -> Loopback:
    """Nobody sleeps between tries; jobs take no time."""
    server = loopback(devices=("ibm_jakarta",), job_seconds=0.0)
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(patience, "sleep", lambda _: None)
    monkeypatch.setattr(sending, "sleep", lambda _: None)
    return server


def test_through_the_service(write: Write, server: Loopback) -> None:
    """A device with routing, its qubits decoupled and twirled; a job that fails, one that comes in
    half, a service that is away; submitted twice."""
    path = write(axis='"x"', hardware="randomizations = 2")
    folder = path.parent / "out"
    server.pause()
    first = submit(path, folder, backend="ibm_jakarta")
    again = submit(path, folder, backend="ibm_jakarta")
    assert [job.job_id for job in again.jobs] == [job.job_id for job in first.jobs]
    assert len(server.jobs) == 6
    with pytest.raises(QbellError, match="registered with other shots;"):
        submit(write("other.toml", shots=2002, axis='"x"'), folder, backend="ibm_jakarta")
    assert {job.state for job in cancel(folder).jobs} == {"cancelled"}
    server.release()
    server.add(failing("job-0003"), fewer_settings("job-0004"), http(503, "GET", "/jobs", count=1))
    submit(None, folder)
    outcome = finished(folder)
    check(folder, by_matrices(lopsided(), "x", "echo"), 2001)
    use = outcome.summary["device"]
    assert (use["dynamical_decoupling"], use["twirling"]) == ("XY4", True)
    assert use["qpu_seconds"] > 0
    assert outcome.summary["noise"]["qfi"] < outcome.summary["exact"]["qfi"]
    assert analyze_scan(folder).summary == outcome.summary  # and asks nobody
    assert server.complaints() == []


@pytest.mark.slow
def test_a_plan_says_what_is_expected(
    qbell: Qbell, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qbell.campaigns.planning.scan_plan.DATA_SETS", 40)
    path = write(axis='"x"', shots=1000)
    found = json.loads(qbell("plan", path, "--json")[0])
    expected = by_matrices(lopsided(), "x", "echo")[:, 0]
    for one, share in zip(found["expected"], expected, strict=True):
        assert one["probability"] == pytest.approx(share, abs=1e-9)
        assert one["successes"] == pytest.approx(1000 * share, abs=1e-6)
        error = math.sqrt(1000 * share * (1 - share))
        assert one["standard_error"] == pytest.approx(error, abs=1e-5)
    assert found["limit"]["low"] < found["limit"]["mean"] < found["limit"]["high"]
    assert found["limit"]["mean"] < found["exact"]["qfi"]
    assert (found["angles"], found["shots"], found["total_shots"]) == (3, 1000, 3000)
    planned = plan(path)
    assert isinstance(planned, ScanForecast)
    console = Console(width=120)
    with console.capture() as capture:
        console.print(scan_plan_table(planned))
    shown = capture.get()
    assert "phase scan by echo, 3 angles of 1000 shots" in shown
    assert "QFI, lower limit at 95 %" in shown


@pytest.mark.statistics
@pytest.mark.parametrize(
    "more",
    [
        pytest.param("pair = [0.0, 0.4]", marks=pytest.mark.nightly),
        pytest.param("", marks=pytest.mark.nightly),
        pytest.param('pair = "learn"', marks=pytest.mark.nightly),
    ],
)
def test_the_expected_limit_is_the_mean_of_runs(write: Write, more: str, repeats: Repeats) -> None:
    runs = repeats(5, 60)
    path = write(shots=500, more=more, state='family = "ghz"\nn = 3', read_out="parity")
    planned = plan(path)
    assert isinstance(planned, ScanForecast)
    assert planned.limit is not None
    spec = read_spec(path)
    found = [run_scan(spec, path.parent / f"{seed}", seed=seed).result for seed in range(runs)]
    limits = np.array([one.limit for one in found])
    spread = (planned.limit.high - planned.limit.low) / 3.29
    assert abs(limits.mean() - planned.limit.mean) < 4.5 * spread * math.sqrt(1 / runs + 1 / 400)
    values = np.array([one.value for one in found])
    error = planned.limit.standard_error * math.sqrt(1 / runs + 1 / 400)
    assert abs(values.mean() - planned.limit.value) < 4.5 * error


@pytest.mark.device
@pytest.mark.nightly
def test_the_expected_limit_on_a_device_is_the_mean_of_its_campaigns(write: Write) -> None:
    path = write(shots=2000, axis='"x"')
    path.write_text(path.read_text() + '[backend]\nname = "fake_jakarta"\n')
    planned = plan(path)
    assert isinstance(planned, ScanForecast)
    assert planned.limit is not None
    assert planned.qpu.jobs == 6
    assert planned.circuit.two_qubit_gates >= 8
    limits = []
    for seed in range(12):
        submit(path, path.parent / f"{seed}", seed=seed)
        limits.append(finished(path.parent / f"{seed}").result.limit)
    spread = (planned.limit.high - planned.limit.low) / 3.29
    assert abs(np.mean(limits) - planned.limit.mean) < 4.5 * spread * math.sqrt(1 / 12 + 1 / 400)


@pytest.mark.device
@pytest.mark.nightly
def test_the_committed_scan_on_a_device(tmp_path: Path) -> None:
    path = ROOT / "experiments" / "ising_echo_device.toml"
    planned = plan(path)
    assert isinstance(planned, ScanForecast)
    assert planned.limit is not None
    assert planned.qpu.jobs_likely == planned.qpu.jobs
    submit(path, tmp_path / "out")
    found = finished(tmp_path / "out")
    assert planned.limit.low - 1 < found.result.limit < planned.limit.high + 1
    assert 2 * found.result.limit > found.summary["noise"]["qfi"] > found.result.limit
