"""`Shots.take` and `Shots + Shots`: parts and sums say what the whole says, or are refused."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import qbell
from qbell import QbellError, Shots
from qbell.shots.shots import from_frame

DESIGNS: dict[str, dict[str, int]] = {
    "full": {},
    "random": {"draws": 60, "seed": 1},
    "random3": {"draws": 60, "seed": 1},
    "covering": {"order": 2},
    "equatorial": {},
    "symmetric": {},
}


def measured(design: str = "full", seed: int = 1, shots: int = 20, n: int = 3) -> Shots:
    arguments = dict(DESIGNS[design])
    if "seed" in arguments:
        arguments["seed"] = seed
    plan = qbell.schedule(n, design=design, **arguments)
    return qbell.sample(qbell.ghz(n), plan, shots=shots, seed=seed)


def by_rows(shots: Shots) -> pd.DataFrame:
    """The table with rows in one order."""
    table = shots.frame.astype(str)
    return table.sort_values(list(table.columns)).reset_index(drop=True)


@pytest.mark.parametrize("design", DESIGNS)
def test_sums_do_not_depend_on_brackets(design: str) -> None:
    one, two, three = (measured(design, seed=seed) for seed in (1, 2, 3))
    left, right = (one + two) + three, one + (two + three)
    assert left.frame.equals(right.frame)
    assert (left.seed, left.notes, left.backend) == (right.seed, right.notes, right.backend)
    assert sum([one, two, three]).frame.equals(left.frame)  # type: ignore[union-attr]


def test_equal_rows_are_added_up() -> None:
    one, two = measured(), measured(seed=2)
    both = one + two
    assert not both.frame.duplicated(["setting", "bitstring"]).any()
    counts = pd.concat([one.frame, two.frame]).groupby(["setting", "bitstring"])["count"].sum()
    assert both.frame.set_index(["setting", "bitstring"])["count"].sort_index().equals(counts)
    assert both.seed is None
    assert both.shots_per_setting == 40


def test_draws_go_on_after_those_of_the_first() -> None:
    one, two = measured("random"), measured("random", seed=2)
    both = one + two
    assert both.draws is not None
    assert one.draws is not None
    assert two.draws is not None
    assert both.draws.tolist() == [*one.draws.tolist(), *(two.draws + 60).tolist()]
    apart = replace(two, draws=two.draws + 7000)
    assert (one + apart).frame["draw"].max() == 7059


def test_single_shots_without_draws() -> None:
    """Each shot is a draw of its own: equal ones are counted."""
    one, two = (replace(measured("random", seed=seed, shots=1), draws=None) for seed in (1, 2))
    both = one + two
    assert both.num_draws == both.total == 120
    assert len(both.counts) < 120
    assert both.take([0, 2]).provenance == "raw"


def with_jobs(shots: Shots, jobs: list[object]) -> Shots:
    """Rows dealt to ``jobs`` setting by setting."""
    index = (shots.directions @ [1, 2, 4]) % len(jobs)
    return replace(shots, extra=pd.DataFrame({"job": [jobs[place] for place in index]}))


@pytest.mark.parametrize("kind", [int, str])
def test_jobs_that_are_numbers_stay_apart(kind: Callable[[int], object]) -> None:
    one, two = (with_jobs(measured(seed=seed), [kind(1), kind(2)]) for seed in (1, 2))
    both = one + two
    assert set(both.extra["job"]) == {kind(job) for job in (1, 2, 3, 4)}
    for number, job in enumerate((1, 2)):
        mine = one.take((one.extra["job"] == kind(job)).to_numpy())
        assert by_rows(both.take((both.extra["job"] == kind(job)).to_numpy())).equals(by_rows(mine))
        later = both.take((both.extra["job"] == kind(job + 2)).to_numpy())
        assert later.total == two.take((two.extra["job"] == kind(job)).to_numpy()).total, number


def test_jobs_by_name() -> None:
    one, two = with_jobs(measured(), ["a", "b"]), with_jobs(measured(seed=2), ["b", "c"])
    with pytest.raises(QbellError, match=r"job 'b' is in both data sets.*name the jobs apart"):
        one + two
    kept = two.take((two.extra["job"] == "c").to_numpy())
    assert set((one + kept).extra["job"]) == {"a", "b", "c"}


def test_error_bars_by_job_see_all_jobs() -> None:
    parts = []
    for seed in range(1, 7):
        parts += [with_jobs(measured(seed=2 * seed + k), [0]) for k in (0, 1)]
    pairs = [parts[k] + parts[k + 1] for k in range(0, 12, 2)]
    assert any("12 jobs" in note for note in qbell.estimate(sum(pairs)).notes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n": 4}, "number of qubits differs: 3 and 4"),
        ({"design": "random"}, "design differs: full and random"),
        ({"axis": "x"}, "axis differs: z and x"),
        ({"provenance": "mitigated"}, "provenance differs: raw and mitigated"),
        ({"backend": "fake_kyiv"}, "backend differs: aer and fake_kyiv"),
        ({"extra": "day"}, "further columns differs: none and day"),
    ],
)
def test_what_is_not_of_one_experiment(change: dict[str, object], message: str) -> None:
    from qbell.conventions.axes import parse_axis

    one, two = measured(), measured(seed=2)
    if "n" in change:
        two = measured(seed=2, n=4)
    elif "design" in change:
        two = measured("random", seed=2)
    elif "axis" in change:
        two = replace(two, axis=parse_axis("x"))
    elif "extra" in change:
        two = replace(two, extra=pd.DataFrame({"day": np.ones(len(two.counts))}))
    else:
        two = replace(two, **change)  # type: ignore[arg-type]
    with pytest.raises(QbellError, match=message) as caught:
        one + two
    assert "\n" not in str(caught.value)
    assert "analyse each by itself" in str(caught.value)


def test_other_orders_of_a_covering_design() -> None:
    one = measured("covering", n=4)
    plan = qbell.schedule(4, design="covering", order=3)
    two = qbell.sample(qbell.ghz(4), plan, shots=20, seed=2)
    with pytest.raises(QbellError, match="order differs: 2 and 3"):
        one + two


@pytest.mark.parametrize("design", DESIGNS)
def test_the_same_data_twice(design: str) -> None:
    shots = measured(design)
    with pytest.raises(QbellError, match="hold the same rows: added up, every shot would count"):
        shots + shots
    renumbered = shots if shots.draws is None else replace(shots, draws=shots.draws + 500)
    with pytest.raises(QbellError, match="hold the same rows"):
        shots + renumbered


def test_settings_of_one_seed_twice() -> None:
    """Draws that repeat the settings of others are not independent of them."""
    plan = qbell.schedule(3, design="random", draws=60, seed=1)
    one, two = (qbell.sample(qbell.ghz(3), plan, shots=5, seed=seed) for seed in (1, 2))
    with pytest.raises(QbellError, match=r"the 60 draws .* have the same settings"):
        one + two


def test_columns_that_differ_alone() -> None:
    one, two = measured(), measured(seed=2)
    one = replace(one, extra=pd.DataFrame({"day": ["Monday"] * len(one.counts)}))
    two = replace(two, extra=pd.DataFrame({"day": ["Friday"] * len(two.counts)}))
    with pytest.raises(QbellError, match="differ in column day alone; number them apart"):
        one + two
    first, second = (
        replace(part, extra=part.extra.assign(job=number)) for number, part in enumerate((one, two))
    )
    assert set((first + second).extra["day"]) == {"Monday", "Friday"}


def test_a_choice_by_outcome_is_post_selection() -> None:
    shots = measured()
    part = shots.take(shots.bits[:, 0] == 0)
    assert part.provenance == "post-selected"
    assert "post-selected" in part.notes[-1]
    certificate = qbell.estimate(part, resamples=100).certificate
    assert certificate.p_value is None
    assert certificate.bell_qubits == 0
    drawn = measured("random", shots=20)
    assert drawn.take(drawn.bits[:, 0] == 0).provenance == "post-selected"


@pytest.mark.parametrize(
    ("design", "message"),
    [
        ("full", "these shots: 4 of the 2.3 settings of a full design have shots"),
        ("equatorial", "these shots: 1 of the 4 settings of an equatorial design"),
        ("symmetric", "these shots: .* of the 4 settings of a symmetric design"),
        ("covering", "the settings do not show all patterns"),
    ],
)
def test_a_part_without_some_settings_is_not_estimated(design: str, message: str) -> None:
    shots = measured(design)
    with pytest.raises(QbellError, match=message):
        qbell.estimate(shots.take(shots.directions[:, 0] == 0))


def test_part_of_the_shots_of_a_row() -> None:
    shots = measured()
    some = shots.counts // 2
    part = shots.with_counts(some)
    assert (part.total, part.provenance) == (some.sum(), "raw")
    rest = replace(shots.with_counts(shots.counts - some), seed=None)
    assert by_rows(part + rest).equals(by_rows(shots))


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([True, False], "a mask of 2 for"),
        ([0, 0], "a row is named twice"),
        ([0, -1], "row -1 of"),
        ([0, 10**6], "row 1000000 of"),
        ([], "expected a mask"),
        ([0.0], "expected a mask"),
        ([[0]], "expected a mask"),
        (["a"], "expected a mask"),
        ("none", "no row is taken"),
    ],
)
def test_rows_that_cannot_be_taken(rows: object, message: str) -> None:
    shots = measured()
    if rows == "none":
        rows = np.zeros(len(shots.counts), dtype=bool)
    with pytest.raises(QbellError, match=message) as caught:
        shots.take(rows)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("counts", "message"),
    [([1], "expected .* whole numbers, one a row"), (1000, "counts to take of row 0: 1000")],
)
def test_counts_that_cannot_be_taken(counts: int | list[int], message: str) -> None:
    shots = measured()
    given = np.full(len(shots.counts), counts) if isinstance(counts, int) else np.array(counts)
    with pytest.raises(QbellError, match=message):
        shots.with_counts(given)


@pytest.mark.parametrize("column", ["id", None])
def test_outcomes_chosen_are_post_selected_whatever_columns_there_are(column: str | None) -> None:
    """A number in every row does not hide that outcomes of a setting were left out."""
    shots = measured()
    if column is not None:
        shots = replace(shots, extra=pd.DataFrame({column: range(len(shots.counts))}))
    assert shots.take(shots.bits[:, 0] == 0).provenance == "post-selected"


def test_one_seed_twice_is_refused() -> None:
    plans = (qbell.schedule(3, "random", draws=30, seed=seed) for seed in (1, 2))
    one, two = (qbell.sample(qbell.plus(3), plan, seed=5) for plan in plans)
    with pytest.raises(QbellError, match="both data sets have the seed 5"):
        one + two


def test_the_same_rows_in_another_order_are_the_same() -> None:
    shots = measured()
    order = np.random.default_rng(1).permutation(len(shots.counts))
    other = replace(
        shots,
        directions=shots.directions[order],
        bits=shots.bits[order],
        counts=shots.counts[order],
    )
    with pytest.raises(QbellError, match="hold the same rows"):
        shots + other


def test_draws_are_taken_whole() -> None:
    shots = measured("random")
    with pytest.raises(QbellError, match="take draws whole"):
        shots.with_counts(shots.counts)


def test_parts_are_frozen_and_own_their_rows() -> None:
    shots = measured()
    part, rest = (shots.take(shots.directions[:, 0] == letter) for letter in (0, 1))
    for array in (part.directions, part.bits, part.counts, (part + rest).counts):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_other_things_are_not_added() -> None:
    with pytest.raises(TypeError):
        measured() + 1  # type: ignore[operator]
    with pytest.raises(TypeError):
        1 + measured()


def test_tables_read_from_files(tmp_path: Path) -> None:
    """Draws and jobs as text, as they come out of a CSV."""
    for number in (1, 2):
        table = measured("random", seed=number).frame.assign(job="7")
        table.to_csv(tmp_path / f"{number}.csv", index=False)
    one, two = (qbell.read_shots(tmp_path / f"{number}.csv") for number in (1, 2))
    both = one + two
    assert (both.num_draws, set(both.extra["job"])) == (120, {"7", "8"})
    assert len(both.notes) == len(one.notes)
    assert from_frame(both.frame).frame.equals(both.frame)
