"""Parts added to a campaign: registered before their shots, and nothing lost or doubled."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import qbell as toolkit
from qbell import QbellError
from qbell.campaigns.campaign import Outcome
from qbell.campaigns.jobs import campaigns_in, extend, fetch, status, submit
from qbell.campaigns.jobs.job_plan import read_plan
from qbell.campaigns.jobs.sending import Sender
from qbell.campaigns.phase_scan.run import scan_here
from qbell.campaigns.run import analyze
from qbell.campaigns.spec import read_spec
from tests.conftest import Qbell

SPEC = """{seed}
[state]
family = "ghz"
n = 3
[schedule]
design = "{design}"
{schedule}
[estimate]
resamples = 50
[hardware]
jobs = 3
reference = {reference}
reference_shots = 20
"""


def write(
    folder: Path,
    design: str = "random",
    *,
    extendable: bool = False,
    seed: str = "seed = 7",
    reference: int = 2,
) -> Path:
    schedule = "draws = 90\nshots = 1" if design == "random" else "shots = 30"
    schedule += "\nextendable = true" if extendable else ""
    path = folder / "spec.toml"
    path.write_text(SPEC.format(design=design, schedule=schedule, seed=seed, reference=reference))
    return path


def reported(folder: Path) -> Outcome:
    outcome = fetch(folder)
    assert isinstance(outcome, Outcome)
    return outcome


@pytest.mark.slow
@pytest.mark.parametrize("extendable", [True, False])
def test_a_part_of_random_settings(tmp_path: Path, extendable: bool) -> None:
    """Its settings are new, its draws go on, and the claims are those of the rule."""
    path, folder = write(tmp_path, extendable=extendable), tmp_path / "c"
    assert submit(path, folder).complete
    before = {file.name: file.read_bytes() for file in folder.glob("*.*")}
    first = reported(folder).result
    said = []
    found = extend(folder, draws=60, jobs=2, say=said.append)
    assert found.complete
    assert [(job.kind, job.part) for job in found.jobs[5:]] == [
        *[("reference", 2), ("data", 2), ("data", 2), ("reference", 2)]
    ]
    assert bool(said) == (not extendable)
    assert all((folder / name).read_bytes() == text for name, text in before.items())
    outcome = reported(folder)
    shots, result = outcome.result.shots, outcome.result
    assert shots.total == 150
    assert shots.draws is not None
    assert sorted(shots.draws.tolist()) == list(range(150))
    words = shots.frame.sort_values("draw")["setting"].to_numpy()
    assert (words[:60] != words[90:]).any()
    one, two = (part.result for part in result.parts)
    assert one is not None
    assert two is not None
    assert (one.shots.total, two.shots.total) == (90, 60)
    p_values = [part.certificate.p_value for part in (one, two)]
    if extendable:
        assert result.certificate.p_value == min(2 * p_values[0], 4 * p_values[1])
        assert result.certificate.confidence == 0.95
        assert one.certificate.alpha == pytest.approx(0.0125)
    else:
        assert result.certificate.p_value == p_values[0] == first.certificate.p_value
        assert result.certificate.bell_qubits == first.certificate.bell_qubits
        assert result.bound.lower_limit == first.bound.lower_limit
    # What may be looked at at any time is of all shots in their order.
    whole = toolkit.estimate(shots, resamples=50)
    assert result.certificate.p_any == whole.certificate.p_any
    assert result.bound.value == whole.bound.value
    assert result.bound.confidence == pytest.approx(0.9875)
    again = analyze(folder)
    assert again.summary["parts"] == outcome.summary["parts"]
    assert again.summary["certificate"] == outcome.summary["certificate"]
    assert any("perhaps because of what was seen" in note for note in again.summary["notes"])
    assert "part 2" in (folder / "report.html").read_text()
    (row,) = campaigns_in(tmp_path)
    assert (row["jobs"], row["landed"], row["problem"]) == (9, 9, None)


@pytest.mark.slow
def test_a_part_of_listed_settings(tmp_path: Path) -> None:
    """Every job of it measures all settings again; a campaign of equal seed is the same."""
    counts = []
    for name in ("a", "b"):
        submit(write(tmp_path, "full"), tmp_path / name)
        extend(tmp_path / name, shots=20)
        extend(tmp_path / name, shots=8, jobs=1)
        outcome = reported(tmp_path / name)
        counts.append((tmp_path / name / "counts.csv").read_bytes())
    assert counts[0] == counts[1]
    table = pd.read_csv(tmp_path / "a/counts.csv", dtype=str)
    sizes = table.assign(count=table["count"].astype(int)).groupby(["job", "setting"])["count"]
    assert set(sizes.sum().groupby("job").size()) == {8}
    assert outcome.result.shots.total == 8 * (30 + 20 + 8)
    assert [part.share for part in outcome.result.parts] == [1, 0, 0]


def test_settings_of_a_part_are_not_known_before(tmp_path: Path) -> None:
    """Without a seed in the spec they are drawn when the part is registered."""
    seeds = set()
    path = write(tmp_path, seed="", reference=0)
    submit(path, tmp_path / "c", seed=3)
    for name in ("d", "e"):
        shutil.copytree(tmp_path / "c", tmp_path / name)
        extend(tmp_path / name, draws=4, jobs=1)
        seeds.add(json.loads((tmp_path / name / "parts/2.json").read_text())["seed"])
    assert len(seeds) == 2
    with pytest.raises(QbellError, match="campaign's own"):
        extend(tmp_path / "c", draws=4, seed=3)


def test_a_crash_between_registering_and_sending(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The part stands; another is not added before it was sent, and `submit` sends it."""
    folder = tmp_path / "c"
    submit(write(tmp_path, reference=0), folder)

    def crash(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Sender, "send_all", crash)
        with pytest.raises(KeyboardInterrupt):
            extend(folder, draws=6, jobs=2)
    assert status(folder).counts == {"landed": 3, "waiting": 2}
    with pytest.raises(QbellError, match="was not sent yet"):
        extend(folder, draws=6)
    assert submit(folder=folder).complete
    rows = np.concatenate(list(read_plan(folder).orders))
    assert sorted(rows.tolist()) == list(range(96))


def test_what_a_part_may_be(tmp_path: Path, qbell: Qbell) -> None:
    """One line of error from the command line; nothing is registered."""
    submit(write(tmp_path, reference=0), tmp_path / "c")
    for words, said in (
        (("c",), "--draws"),
        (("c", "--shots", "5"), "draws"),
        (("c", "--draws", "1"), "draws"),
        (("c", "--draws", "9", "--jobs", "0"), "jobs"),
        (("c", "--draws", "9", "--seed", "-1"), "seed"),
        (("c", "--draws", "9", "--budget", "0"), "budget"),
        (("nowhere", "--draws", "9"), "no campaign"),
    ):
        out, err = qbell("extend", *words, "--json", code=2)
        assert out == ""
        assert err.startswith("error: ")
        assert err.count("\n") == 1
        assert said.strip("-") in err
    assert not (tmp_path / "c/parts").exists()
    found = json.loads(qbell("extend", "c", "--draws", "9", "--json")[0])
    assert found["jobs"][-1]["part"] == 2


def test_records_that_were_changed(tmp_path: Path) -> None:
    """A part cannot be taken out, exchanged or edited once its jobs are there."""
    folder = tmp_path / "c"
    submit(write(tmp_path, reference=0), folder)
    for _ in range(2):
        extend(folder, draws=4, jobs=1)
    record, table = folder / "parts/2.json", folder / "parts/2.csv"
    whole = {path: path.read_bytes() for path in (record, table)}
    edited = whole[record].replace(b'"seed"', b'"seeds"')
    for path, content in (
        (record, None),
        (record, b""),
        (record, edited),
        (record, (folder / "parts/3.json").read_bytes()),
        (table, None),
        (table, whole[table] + b"9,9,XXX\n"),
        (folder / "parts/3.json", None),
    ):
        kept = path.read_bytes()
        path.unlink()
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(QbellError, match="restore"):
            status(folder)
        path.write_bytes(kept)
    assert status(folder).complete


@pytest.mark.slow
@pytest.mark.parametrize(
    ("state", "design"),
    [
        ('family = "stars"\nn = 8\nseparators = 1', "stars"),
        pytest.param('family = "ghz"\nn = 4', "ghz", marks=pytest.mark.nightly),
        pytest.param('family = "ghz"\nn = 3', "even", marks=pytest.mark.nightly),
        pytest.param('family = "ghz"\nn = 3', "random3", marks=pytest.mark.nightly),
    ],
    ids=["stars", "ghz", "even", "random3"],
)
def test_parts_of_other_designs(state: str, design: str, tmp_path: Path) -> None:
    """Claims are split over the parts by the rule; of stars the graph stays that of the plan."""
    path, folder = tmp_path / "s.toml", tmp_path / "c"
    path.write_text(
        f'seed = 5\n[state]\n{state}\n[schedule]\ndesign = "{design}"\ndraws = 60\n'
        "extendable = true\n[estimate]\nresamples = 40\n[hardware]\njobs = 3\nreference = 0\n"
    )
    submit(path, folder)
    first = reported(folder).result
    extend(folder, draws=40, jobs=2)
    outcome = reported(folder)
    result = outcome.result
    assert result.shots.total == 100
    assert result.shots.stars == first.shots.stars
    assert [part["share"] for part in outcome.summary["parts"]] == [0.5, 0.25]
    if design == "random3":  # it makes no such claims
        assert result.certificate.p_value is None
    else:
        parts = [part.result.certificate.p_value for part in result.parts if part.result]
        assert result.certificate.p_value == min(2 * parts[0], 4 * parts[1])
        assert result.certificate.p_any < first.certificate.p_any
    assert analyze(folder).summary["certificate"] == outcome.summary["certificate"]


def test_what_takes_no_parts(tmp_path: Path) -> None:
    """A rule to stop, whether it held or not, and a phase scan."""
    path, scan = tmp_path / "s.toml", tmp_path / "scan.toml"
    for rule in ("1e-3", "1e-300"):
        path.write_text(
            '[state]\nfamily = "ghz"\nn = 4\n[schedule]\ndesign = "ghz"\ndraws = 60\n'
            f"[hardware]\njobs = 3\nreference = 0\n[stop]\np_value = {rule}\n"
        )
        submit(path, tmp_path / rule)
        with pytest.raises(QbellError, match=r"\[stop\] takes no parts"):
            extend(tmp_path / rule, draws=20)
    scan.write_text(
        '[state]\nfamily = "ghz"\nn = 2\n[scan]\nangles = ["0pi", "1/12pi"]\nshots = 9\n'
    )
    scan_here(read_spec(scan), tmp_path / "scan")
    for call in (status, fetch, lambda folder: extend(folder, shots=20)):
        with pytest.raises(QbellError, match="holds a phase scan that was measured here"):
            call(tmp_path / "scan")
    submit(scan, tmp_path / "other")
    with pytest.raises(QbellError, match="a phase scan takes no parts"):
        extend(tmp_path / "other", shots=20)
