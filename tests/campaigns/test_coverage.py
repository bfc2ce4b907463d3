"""Studies of coverage: exact values, the shares, and that nobody's help changes them."""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from qbell.campaigns import coverage as module
from qbell.campaigns.coverage import coverage
from qbell.campaigns.spec import read_spec
from qbell.estimator import Estimate
from qbell.util.atomic_files import to_json
from tests.conftest import Qbell, StartWorkers

RESAMPLES = "[estimate]\nresamples = 100\n"


def spec_in(folder: Path, state: str, schedule: str, more: str = "") -> Path:
    path = folder / "spec.toml"
    path.write_text(f"[state]\n{state}\n[schedule]\n{schedule}\n{RESAMPLES}{more}")
    return path


def test_shares_are_counted_on_any_cluster(
    tmp_path: Path, dask: StartWorkers, qbell: Qbell
) -> None:
    """Blocks of ten, the last of two; the exact values are N^2 = 9 and 1/4."""
    path = spec_in(tmp_path, 'family = "ghz"\nn = 3', 'design = "full"\nshots = 20')
    told: list[tuple[str, int, int]] = []
    here = coverage(path, 22, progress=lambda *said: told.append(said))
    assert told == [("data sets", done, 22) for done in (0, 10, 10, 2)]
    assert {one.key: round(one.exact, 9) for one in here.quantities} == {"bound": 9, "e_n": 0.25}
    assert to_json(coverage(path, 22, cluster=dask(2)).record) == to_json(here.record)
    out, _ = qbell("coverage", str(path), "--repeats", "22", "--json")
    assert json.loads(out) == json.loads(to_json(here.record))
    out, _ = qbell("coverage", str(path), "--repeats", "3")
    assert "coverage of 95 %: ghz, N = 3, full design, aer, 3 data sets" in out
    first = here.quantities[0]
    assert first.interval.low < first.interval.value <= first.interval.high
    assert here.notes == ()


def estimate(low: float, high: float) -> Estimate:
    return Estimate(0.5, 0.1, low, high, 0.95, lower_limit=low - 0.1, upper_limit=high + 0.1)


def test_an_interval_that_holds_too_seldom_is_told() -> None:
    """Up to 88 of 100 are too few for 95 %: more would come by chance in 1 of 200 studies."""
    for held, told in ((84, True), (88, True), (89, False), (95, False)):
        verdicts = np.array(
            [module._verdict(estimate(0.4, 0.6), 0.5 if k < held else 0.65) for k in range(100)]
        )
        found = module._covered("e_n", 0.5, verdicts)
        assert found.interval.value == held / 100
        assert found.upper_limit.value == found.lower_limit.value == 1
        assert found.too_seldom(0.95, 100, 0.005) == (["interval"] if told else [])
    assert found.interval.standard_error == pytest.approx(np.sqrt(0.95 * 0.05 / 100))
    assert found.width == pytest.approx(0.2)


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("state", "schedule", "more", "keys"),
    [
        ('family = "ising"\nn = 4\nu = -1.0', 'design = "random"\ndraws = 400', "", "bound e_n"),
        (
            'family = "ising"\nn = 5\nu = -1.5',
            'design = "covering"\norder = 3\nshots = 100',
            "",
            "bound",
        ),
        ('family = "w"\nn = 3', 'design = "random3"\ndraws = 600', "", "bound f0 e_n"),
        (
            'family = "ghz"\nn = 4',
            'design = "ghz"\ndraws = 400',
            "",
            "coherence population fidelity qfi_ghz",
        ),
        (
            'family = "ghz"\nn = 3',
            'design = "full"\nshots = 200',
            '[backend]\nname = "fake_pittsburgh"\n',
            "bound e_n",
        ),
        (
            'family = "ghz"\nn = 3',
            'design = "equatorial"\nshots = 200',
            '[backend]\nname = "fake_pittsburgh"\n',
            "bound e_n",
        ),
    ],
    ids=["random", "covering", "random3", "ghz", "noisy", "noisy, equatorial"],
)
def test_exact_values_are_what_estimates_are_of(
    tmp_path: Path, state: str, schedule: str, more: str, keys: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their means over 60 data sets lie within 4.5 standard errors: false alarms in 1 of 10,000."""
    values: dict[str, list[float]] = {}
    known = module._estimate

    def keep(result, key):  # type: ignore[no-untyped-def]
        found = known(result, key)
        if found is not None:
            values.setdefault(key, []).append(found.value)
        return found

    monkeypatch.setattr(module, "_estimate", keep)
    found = coverage(spec_in(tmp_path, state, schedule, more), 60)
    assert " ".join(one.key for one in found.quantities) == keys
    for one in found.quantities:
        drawn = np.array(values[one.key])
        if one.key == "qfi_ghz":  # a ratio: only asymptotically without bias
            assert drawn.mean() == pytest.approx(one.exact, rel=0.05)
            continue
        error = drawn.std(ddof=1) / np.sqrt(len(drawn)) + 1e-9
        assert abs(drawn.mean() - one.exact) < 4.5 * error, one
        assert one.interval.high > 0.95


def test_what_has_no_exact_values_is_refused(tmp_path: Path, qbell: Qbell) -> None:
    cases = {
        '[backend]\nname = "ibm_torino"\n': "coverage of shots from ibm_torino",
        '[backend]\nname = "fake_pittsburgh"\n[stop]\np_value = 1e-6\n': "with [stop]",
    }
    for more, says in cases.items():
        path = spec_in(tmp_path, 'family = "ghz"\nn = 3', 'design = "random"\ndraws = 300', more)
        _, err = qbell("coverage", str(path), code=2)
        assert says in err
    path = tmp_path / "scan.toml"
    path.write_text(
        '[state]\nfamily = "ghz"\nn = 3\n[scan]\nangles = ["0pi", "1/12pi"]\nshots = 50\n'
    )
    _, err = qbell("coverage", str(path), code=2)
    assert "coverage of a campaign with [scan]: not in this version" in err
    path = spec_in(tmp_path, 'family = "ghz"\nn = 3', 'design = "symmetric"\nshots = 30')
    _, err = qbell("coverage", str(path), code=2)
    assert "no exact value of what is estimated is known" in err
    _, err = qbell("coverage", str(path), "--repeats", "0", code=2)
    assert "repeats = 0" in err


def test_plain_data(tmp_path: Path) -> None:
    path = spec_in(tmp_path, 'family = "ghz"\nn = 2', 'design = "full"\nshots = 20')
    found = coverage(read_spec(path), 1, seed=5)
    assert found.record == asdict(found)
    assert (found.seed, found.repeats, found.design) == (5, 1, "full")
