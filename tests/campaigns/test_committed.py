"""Every committed campaign runs, with fewer shots, and shows what it should."""

import dataclasses
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from qbell import QbellError
from qbell.campaigns.campaign import Outcome
from qbell.campaigns.run import analyze, run
from qbell.campaigns.spec import Spec, parse_spec, read_spec
from tests.support.paths import ROOT
from tests.support.simulated import RESULT_FILES

FOLDER = ROOT / "experiments"
CAMPAIGNS = [path for path in sorted(FOLDER.glob("*.toml")) if read_spec(path).scan is None]
AS_THEY_ARE = ("ghz_aer", "ghz20_random_aer")  # their numbers at full size are asserted, too
LARGE = ("ghz60_fake", "ghz120_fake", "svetlichny24_fake")  # tens of seconds for the layout
ELSEWHERE = ("stars_fake_pittsburgh", "ghz24_stop", "ghz_flags_fake")  # in tests of their own
Campaign = Callable[[str], Outcome]
DRAWN = ("ghz_random_fake_pittsburgh", "ghz_equatorial_fake_pittsburgh", "ising_random3_aer")
pytestmark = [pytest.mark.slow, pytest.mark.pictures("built")]


def small(path: Path) -> Spec:
    text = path.read_text(encoding="utf-8")
    if path.stem == "ghz10_random_device":  # its noise is simulated: 2^10 x 2^10 numbers
        text = text.replace("n = 10", "n = 6")
    if path.stem in ("ising_covering_aer", "ising_moments_aer"):
        text = text.replace("n = 12", "n = 8")
    spec = parse_spec(tomllib.loads(text), text, name=path.stem, folder=path.parent)
    if path.stem in AS_THEY_ARE:
        return spec
    fewer = {"shots": 200} if spec.draws is None else {"draws": 1500}
    return dataclasses.replace(spec, resamples=200, **fewer)


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    """A campaign by its name, run once for all the tests that look at it."""

    @cache
    def outcome_of(name: str) -> Outcome:
        return run(small(FOLDER / f"{name}.toml"), tmp_path_factory.mktemp("run") / name)

    return outcome_of


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(
            path,
            id=path.stem,
            marks=[
                *[pytest.mark.pictures] * (path.stem in DRAWN),
                *[pytest.mark.nightly] * (path.stem in LARGE),
            ],
        )
        for path in CAMPAIGNS
        if path.stem not in ELSEWHERE
    ],
)
def test_runs_and_agrees_with_the_exact_values(path: Path, campaign: Campaign) -> None:
    outcome = campaign(path.stem)
    assert outcome.folder is not None
    summary = outcome.summary
    if summary["backend"] == "aer":
        # What the noiseless circuit prepares; the interval and a standard error on either side
        # would be missed by about 1 in 300 seeds, and the seeds are fixed.
        known = summary["circuit"] or summary["exact"]  # beyond state vectors only the latter
        partial = summary["design"] == "covering"
        targets = {"bound": known["bound_to_order"] if partial else known["bound"]}
        targets |= {} if summary["e_n"] is None else {"e_n": known["e_n"]}
        targets |= {} if summary["f0"] is None else {"f0": known["f0"]}
        for name, true in targets.items():
            slack = summary[name]["standard_error"]
            assert summary[name]["low"] - slack <= true <= summary[name]["high"] + slack
    else:
        # Beyond 20 qubits so few shots do not say how large the bound is at most.
        end = "high" if summary["n"] <= 20 else "low"
        assert summary["bound"][end] < summary["exact"]["qfi"]
    assert summary["circuit"] is None or summary["circuit"]["fidelity"] > 0.98
    assert summary["exact"]["bound"] <= summary["exact"]["qfi"] + 1e-9
    names = {file.name for file in outcome.folder.iterdir()}
    more = {"equatorial": {"oscillation.csv", "harmonics.csv"}}.get(summary["design"], set())
    mitigated = {"calibration.csv"} if "mitigated" in path.stem else set()
    circuit = read_spec(path).circuit
    prepared = set() if circuit is None else {circuit.name}
    assert names == RESULT_FILES | more | mitigated | prepared


@pytest.mark.device
def test_mitigation_raises_the_bound_and_claims_nothing(campaign: Campaign) -> None:
    raw = campaign("ghz_fake_pittsburgh").summary
    mended = campaign("ghz_mitigated_fake_pittsburgh").summary
    assert raw["bound"]["high"] < mended["bound"]["low"]
    assert {raw["provenance"], raw["bound"]["provenance"]} == {"raw"}
    assert {mended["provenance"], mended["bound"]["provenance"]} == {"mitigated"}
    certificate = mended["certificate"]
    assert certificate["bell_qubits"] == 0
    assert certificate["p_value"] is None
    assert certificate["entanglement_depth"] == 6


@pytest.mark.device
def test_a_mitigated_run_is_analysed_again_with_its_calibration(tmp_path: Path) -> None:
    text = (FOLDER / "ghz_mitigated_fake_pittsburgh.toml").read_text(encoding="utf-8")
    path = tmp_path / "ghz.toml"
    path.write_text(text.replace("n = 6", "n = 3").replace("shots = 1000 ", "shots = 100 "))
    first = run(read_spec(path), tmp_path / "out").summary
    again = analyze(tmp_path / "out").summary
    assert again["bound"] == first["bound"]
    assert again["bound"]["provenance"] == "mitigated"
    (tmp_path / "out" / "calibration.csv").unlink()
    with pytest.raises(QbellError, match=r"calibration\.csv is missing"):
        analyze(tmp_path / "out")


def test_twenty_qubits_from_eight_thousand_shots(campaign: Campaign) -> None:
    """GHZ, N = 20: the interval of the bound holds 400, and all qubits are certified."""
    summary = campaign("ghz20_random_aer").summary
    assert summary["total_shots"] == 8000
    assert summary["bound"]["low"] <= 400 <= summary["bound"]["high"]
    assert summary["exact"]["qfi"] == pytest.approx(400)
    assert summary["certificate"]["bell_qubits"] == 20


def test_the_control_certifies_nothing(campaign: Campaign) -> None:
    certificate = campaign("plus_aer").summary["certificate"]
    assert certificate["bell_qubits"] == 0
    assert certificate["nonlocality_depth"] == 1
    assert certificate["entanglement_depth"] == 1
    assert certificate["p_value"] is None


def test_ghz_certifies_all_qubits(campaign: Campaign) -> None:
    certificate = campaign("ghz_aer").summary["certificate"]
    assert certificate["bell_qubits"] == certificate["nonlocality_depth"] == 6
    certificate = campaign("ghz_random_aer").summary["certificate"]
    assert certificate["bell_qubits"] == 10
    assert isinstance(certificate["p_value"], float)
    assert certificate["p_value"] < 1e-20


def test_the_first_campaign_at_full_size(campaign: Campaign) -> None:
    """GHZ, N = 6, 1000 shots a setting: the interval holds 36 and is narrower than 1."""
    summary = campaign("ghz_aer").summary
    assert summary["total_shots"] == 64_000
    assert summary["bound"]["low"] <= 36 <= summary["bound"]["high"]
    assert summary["bound"]["high"] - summary["bound"]["low"] < 1
    assert summary["exact"]["qfi"] == pytest.approx(36, abs=1e-12)


def test_committed_data_are_read() -> None:
    outcome = analyze(FOLDER / "data" / "ghz_n=3.csv")
    assert outcome.folder is None
    assert outcome.summary["exact"] is None
    assert 7 < outcome.summary["bound"]["value"] < 9


def test_every_campaign_stands_in_the_readme() -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    for path in [*CAMPAIGNS, *FOLDER.glob("data/*")]:
        assert path.name in text
