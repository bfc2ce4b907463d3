"""Careless use of campaigns: one line of error, nothing half-written, nothing sent, no secret."""

import errno
import fcntl
import json
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest

from qbell.campaigns.jobs import submit as hardware_submit
from qbell.devices.ibm import retry as patience
from qbell.util.lock import LOCK_FILE
from tests.conftest import Qbell, Repeats, Start
from tests.support.loopback import API_KEY, INSTANCE, Loopback, http
from tests.support.loopback.server import ACCOUNT, NUMBERED

SPEC = """seed = 11
[state]
family = "product"   # asymmetric: no two qubits alike
n = 2
theta = [0.4, 1.1]
phi = [0.3, 1.2]
[schedule]
design = "full"
shots = 20
[backend]
name = "aer"
[hardware]
jobs = 2
reference = 1
reference_shots = 10
"""
ON_DEVICE = SPEC.replace('"aer"', '"ibm_jakarta"')
SECRETS = (API_KEY, INSTANCE, ACCOUNT, NUMBERED, "crn:")
DATA, REFERENCE = "jobs/0002.csv", "jobs/0001.csv"


def one_line(said: tuple[str, str]) -> str:
    """The error, of which there is one line, and nothing on stdout.

    What may stand before it is no part of it: how old the calibration of a device is.
    """
    out, err = said
    assert out == ""
    err = re.sub(r"^compiled for a calibration that is \d+ days old\n", "", err)
    assert err.startswith("error: "), err
    assert err.count("\n") == 1, err
    assert "Traceback" not in err
    return err


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A campaign whose jobs have landed, and that is not reported yet; to be copied."""
    folder = tmp_path_factory.mktemp("landed")
    (folder / "s.toml").write_text(SPEC)
    hardware_submit(folder / "s.toml", folder / "c")
    return folder


@pytest.fixture
def campaign(landed: Path, qbell: Qbell, tmp_path: Path) -> Path:
    """The same for one test, which runs in the folder above it."""
    shutil.copytree(landed, tmp_path, dirs_exist_ok=True)
    return tmp_path / "c"


@pytest.fixture
def server(loopback: Start, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Loopback:
    """A service that answers at once, and a client that does not sleep."""
    monkeypatch.setattr(patience, "sleep", lambda _: None)
    monkeypatch.setattr("urllib3.util.retry.Retry.get_backoff_time", lambda _: 0.0)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    server = loopback(devices=("ibm_jakarta",), job_seconds=0.01)
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    return server


@pytest.mark.slow
@pytest.mark.parametrize(
    "line",
    [
        *("jobs = 0", "jobs = -1", "jobs = 1.5", "jobs = true", "jobs = nan", "jobs = 1001"),
        *("reference = -1", "reference_shots = 0", "reference_shots = 10000000000000"),
        *("dynamical_decoupling = true", "dynamical_decoupling = ['XX']", "twirling = 1"),
        *("randomizations = 0", "mode = []", "budget = 0", "budget = nan", "budget = inf"),
        *("budget = 'x'", "max_execution_time = 0", "max_execution_time = 1.5", "attempts = 0"),
        *("private = 1", "Jobs = 1", "token = 'x'"),
    ],
)
def test_bad_tables(line: str, qbell: Qbell, tmp_path: Path) -> None:
    """The error names the key, from each command alike, and no folder is made."""
    key = line.partition(" = ")[0]
    rest = "\n".join(each for each in SPEC.splitlines() if not each.startswith(f"{key} ="))
    Path("s.toml").write_text(f"{rest}\n{line}\n")
    for words in (("submit", "s.toml", "--out", "o", "--json"), ("plan", "s.toml", "--json")):
        assert key in one_line(qbell(*words, code=2))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["s.toml"]


@pytest.mark.parametrize(
    "option",
    [
        *(("--budget", "nan"), ("--budget", "0"), ("--budget", "inf"), ("--budget", "x")),
        *(("--seed", "-1"), ("--seed", "1.5"), ("--nope",)),
    ],
)
def test_bad_options(option: tuple[str, ...], qbell: Qbell, tmp_path: Path) -> None:
    Path("s.toml").write_text(SPEC)
    one_line(qbell("submit", "s.toml", "--out", "o", *option, code=2))
    assert not (tmp_path / "o").exists()


@pytest.mark.parametrize("poll", ["nan", "0", "-1", "inf", "1e9", "x"])
def test_bad_poll(poll: str, qbell: Qbell) -> None:
    assert "poll" in one_line(qbell("fetch", "c", "--poll", poll, code=2))


@pytest.mark.slow
def test_folders_that_are_none(qbell: Qbell, tmp_path: Path) -> None:
    Path("s.toml").write_text(SPEC)
    Path("empty").mkdir()
    for words in (
        *(("status", "nowhere"), ("status", "s.toml"), ("status", "empty"), ("status",)),
        *(("fetch", "s.toml"), ("fetch", "empty"), ("submit", "empty"), ("submit", "nowhere")),
        *(("submit", "s.toml", "--out", "s.toml"), ("submit", "s.toml", "--out", "s.toml/x")),
    ):
        one_line(qbell(*words, "--json", code=2))
    assert Path("s.toml").read_text() == SPEC
    assert not Path("nowhere").exists()


@pytest.mark.slow
def test_other_results_are_left_alone(campaign: Path, qbell: Qbell) -> None:
    """Neither does a campaign overwrite a run, nor a run a campaign."""
    Path("other.toml").write_text(SPEC.replace("shots = 20", "shots = 22"))
    before = {path: path.read_bytes() for path in campaign.rglob("*") if path.is_file()}
    for words in (
        ("run", "other.toml", "--out", "c"),
        ("submit", "other.toml", "--out", "c"),
        ("submit", "s.toml", "--out", "c", "--seed", "12"),
        ("submit", "c", "--backend", "fake_pittsburgh"),
        ("submit", "c", "--out", "d"),
    ):
        one_line(qbell(*words, "--json", code=2))
    assert {path: path.read_bytes() for path in campaign.rglob("*") if path.is_file()} == before
    qbell("run", "other.toml", "--out", "r")
    one_line(qbell("submit", "other.toml", "--out", "r", code=2))


@pytest.mark.slow
def test_json_is_one_object(campaign: Path, qbell: Qbell) -> None:
    for words in (("submit", "c"), ("status", "c"), ("fetch", "c"), ("fetch", "c")):
        assert isinstance(json.loads(qbell(*words, "--json")[0]), dict)


@pytest.mark.slow
def test_a_campaign_in_use(campaign: Path, qbell: Qbell) -> None:
    """Two at once: the second is told so; looking is allowed."""
    with (campaign / LOCK_FILE).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        for words in (("submit", "c"), ("fetch", "c")):
            assert "in use" in one_line(qbell(*words, "--json", code=2))
        assert json.loads(qbell("status", "c", "--json")[0])["complete"]
    qbell("fetch", "c")


@pytest.mark.first_and_last
@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["campaign.json", "schedule.csv", "compiled/circuit.qpy", "compiled/words.qpy"]
)
def test_plans_that_are_not_whole(name: str, campaign: Path, qbell: Qbell) -> None:
    path = campaign / name
    whole = path.read_bytes()
    for found in (b"", whole[: len(whole) // 2], b"\x00\xff\xfe" * 40, None):
        path.unlink()
        if found is not None:
            path.write_bytes(found)
        for command in ("status", "fetch", "submit"):
            one_line(qbell(command, "c", "--json", code=2))
        path.write_bytes(whole)
    qbell("fetch", "c")


@pytest.mark.parametrize(
    "record",
    [
        {"number": 1, "attempts": []},
        {"number": 1, "attempts": {}},
        {"number": 1, "attempts": [3]},
        {"number": 1, "attempts": [{"tag": "x", "state": "zz", "began": "x"}]},
        {"number": 1, "attempts": [{"tag": "x", "state": "sent", "began": "x", "other": 1}]},
        {"number": 2, "attempts": [{"tag": "x", "state": "landed", "began": "x"}]},
    ],
)
def test_logs_that_are_not_whole(record: dict[str, Any], campaign: Path, qbell: Qbell) -> None:
    (campaign / "jobs/0001.json").write_text(json.dumps(record))
    for command in ("status", "fetch", "submit"):
        assert "0001.json" in one_line(qbell(command, "c", "--json", code=2))


@pytest.mark.slow
def test_lost_files_of_jobs_are_measured_again(campaign: Path, qbell: Qbell) -> None:
    """Seeded simulations: the same shots again."""
    shutil.copytree(campaign, "whole")
    qbell("fetch", "whole")
    for name in (DATA, "jobs/0001.json", "jobs"):
        shutil.copytree(campaign, "m")
        path = Path("m") / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
        qbell("submit", "m")
        qbell("fetch", "m")
        assert Path("m/counts.csv").read_bytes() == Path("whole/counts.csv").read_bytes()
        shutil.rmtree("m")


@pytest.mark.parametrize("name", [DATA, REFERENCE])
@pytest.mark.parametrize("damage", ["empty", "half", "binary", "header", "row", "twice", "nan"])
def test_tables_that_are_not_whole(name: str, damage: str, campaign: Path, qbell: Qbell) -> None:
    """No shot missing, none twice: refused, and no counts are written."""
    path = campaign / name
    lines = path.read_text().splitlines(keepends=True)
    column = lines[0].strip().split(",").index("count")
    first = lines[1].strip().split(",")
    first[column] = "nan"
    path.write_bytes(
        {
            "empty": b"",
            "half": "".join(lines[: len(lines) // 2]).encode(),
            "binary": b"\x00\xff\xfe" * 40,
            "header": lines[0].encode(),
            "row": "".join(lines[:-1]).encode(),
            "twice": "".join([*lines, lines[-1]]).encode(),
            "nan": "".join([lines[0], ",".join(first) + "\n", *lines[2:]]).encode(),
        }[damage]
    )
    assert name in one_line(qbell("fetch", "c", "--json", code=2))
    assert not (campaign / "counts.csv").exists()


@pytest.mark.slow
def test_disk_full_at_every_file(
    qbell: Qbell, monkeypatch: pytest.MonkeyPatch, repeats: Repeats
) -> None:
    """One line; no temporary file is left; the same commands then end with the same counts."""
    Path("s.toml").write_text(SPEC)
    make, counts = tempfile.mkstemp, None
    for free in range(0, 60, 5 // repeats(1, 5)):
        left = free

        def full(*arguments: Any, **options: Any) -> tuple[int, str]:
            nonlocal left
            left -= 1
            if left < 0:
                raise OSError(errno.ENOSPC, "No space left on device")
            return make(*arguments, **options)

        with monkeypatch.context() as patch:
            patch.setattr(tempfile, "mkstemp", full)
            for words in (("submit", "s.toml", "--out", "d"), ("fetch", "d")):
                ends = left
                try:
                    qbell(*words)
                except AssertionError:  # not code 0; `left` is below 0, so the next fails likewise
                    ends = -1
                if ends < 0:
                    assert "No space left" in one_line(qbell(*words, "--json", code=2))
                    break
        assert {path.name for path in Path("d").rglob(".*")} <= {LOCK_FILE}
        qbell("submit", "s.toml", "--out", "d")
        qbell("fetch", "d")
        found = Path("d/counts.csv").read_bytes()
        assert counts in (None, found)
        counts = found
        shutil.rmtree("d")
        if left >= 0:
            return
    raise AssertionError("no end of files")


def test_no_account(qbell: Qbell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("QISKIT_IBM_TOKEN", "QISKIT_IBM_INSTANCE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    Path("s.toml").write_text(ON_DEVICE)
    said = one_line(qbell("submit", "s.toml", "--out", "o", "--json", code=2))
    assert "no IBM account" in said
    assert not Path("o/campaign.json").exists()


def test_refusals_of_the_service(
    server: Loopback, qbell: Qbell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Unknown, too small or offline devices, wrong keys, a service that is down or says secrets."""
    Path("s.toml").write_text(ON_DEVICE)
    said = []
    for name in ("ibm_nope", "../x", "a\nb", 'x"y', "IBM_JAKARTA"):
        words = ("submit", "s.toml", "--out", "o", "--backend", name, "--json")
        said.append(one_line(qbell(*words, code=2)))
        assert "is unknown" in said[-1]
    many = ON_DEVICE.replace('"full"', '"random"').replace("shots = 20", "shots = 1\ndraws = 50")
    many = many.replace('"product"', '"ghz"').replace("n = 2", "n = 8")
    many = "\n".join(
        line for line in many.splitlines() if line.split(" ")[0] not in ("theta", "phi")
    )
    Path("many.toml").write_text(many)
    said.append(one_line(qbell("submit", "many.toml", "--out", "o", code=2)))
    assert "has 7" in said[-1]
    with monkeypatch.context() as patch:
        patch.setenv("QISKIT_IBM_TOKEN", "w" * 30)
        said.append(one_line(qbell("submit", "s.toml", "--out", "o", code=2)))
        assert "refused the API key" in said[-1]
    server.add(http(503, count=10**6))
    said.append(one_line(qbell("submit", "s.toml", "--out", "o", code=2)))
    assert "not available" in said[-1]
    server.heal()
    assert not Path("o/campaign.json").exists()
    said.append(one_line(qbell("submit", "s.toml", "--out", "o", "--budget", "1", code=2)))
    assert "budget" in said[-1]
    server.devices["ibm_jakarta"].operational = False
    said.append(one_line(qbell("submit", "s.toml", "--out", "p", "--json", code=2)))
    assert "offline" in said[-1]
    server.devices["ibm_jakarta"].operational = True
    server.add(http(400, "POST", "/jobs$", count=99, message=f"{INSTANCE} {API_KEY}\nof {ACCOUNT}"))
    said.append(one_line(qbell("submit", "s.toml", "--out", "q", "--json", code=2)))
    server.heal()
    assert server.jobs == []
    files = [path for path in tmp_path.rglob("*.*") if path.is_file()]
    for text in [*said, *(path.read_text("latin-1") for path in files)]:
        assert not [secret for secret in SECRETS if secret in text]


def test_logs_and_limits_of_a_device(server: Loopback, qbell: Qbell) -> None:
    """On a campaign whose jobs wait: an id that is gone is no reason to send again."""
    server.pause()
    Path("s.toml").write_text(ON_DEVICE)
    assert json.loads(qbell("submit", "s.toml", "--out", "c", "--json")[0])["total"] == 3
    log = Path("c/jobs/0001.json")
    record = json.loads(log.read_text())
    record["attempts"][-1]["job_id"] = None
    log.write_text(json.dumps(record))
    assert "0001.json" in one_line(qbell("fetch", "c", "--json", code=2))
    assert len(server.jobs) == 3
    server.release()


def test_python_without_a_folder() -> None:
    from qbell.errors import QbellError

    with pytest.raises(QbellError, match="folder"):
        hardware_submit()
