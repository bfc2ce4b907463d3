"""What Hypothesis draws: schedules and shots of every design, states, axes.

Numbers inside of an example come from a seed that is drawn: shots and amplitudes do not get simpler
by being looked at one by one, sizes and designs do.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import qbell
from qbell.conventions.axes import parse_axis
from qbell.designs import DESIGNS
from qbell.designs.schedule import Schedule
from qbell.designs.star_graph import StarGraph
from qbell.errors import QbellError
from qbell.shots.shots import Shots
from tests.support import naive

SEEDS = st.integers(0, 2**32 - 1)
GENERATORS = SEEDS.map(np.random.default_rng)
MORE_ANGLES = ["0.3rad", "0.123pi", "2.0rad", "0.811pi", "7/9pi"]
STARS = [
    StarGraph(2, [(0, 1)], [0]),
    StarGraph(3, [(0, 1), (0, 2)], [0]),
    StarGraph(4, [(1, 0), (0, 2), (2, 3)], [0]),
    StarGraph(5, [(0, 1), (2, 3), (1, 4), (3, 4)], [0, 2]),
]
HOW_OUTCOMES_COME = ("any", "one", "mostly one")


def slower(times: int) -> settings:
    """So many times fewer examples than usual, for a test that takes so many times longer."""
    return settings(max_examples=max(3, settings().max_examples // times))


def tried(call: Callable[[], Any]) -> Any:
    """What a call returns; None where it refuses, which takes one line."""
    try:
        return call()
    except QbellError as error:
        message = str(error)
    assert message.isprintable()
    assert 0 < len(message) < 1000
    return None


@st.composite
def axes(draw: st.DrawFn) -> Any:
    """x, y, z, or any direction."""
    named = draw(st.sampled_from(["z", "x", "y", None]))
    if named is not None:
        return parse_axis(named)
    return parse_axis(draw(GENERATORS).normal(size=3).tolist())


@st.composite
def arguments(
    draw: st.DrawFn, designs: Sequence[str], most: int, fewest_draws: int = 2
) -> dict[str, Any]:
    """Of `qbell.schedule`."""
    design = draw(st.sampled_from(designs))
    kind, size = DESIGNS[design], draw(st.integers(2, most))
    given: dict[str, Any] = {"design": design}
    if kind.measures_stars:
        given["stars"] = draw(st.sampled_from(STARS))
        size = given["stars"].num_qubits
    else:
        given["axis"] = draw(axes()).xi
    if kind.drawn:
        given |= {"draws": draw(st.integers(fewest_draws, 40) | st.just(200)), "seed": draw(SEEDS)}
    if kind.needs_order:
        given["order"] = draw(st.integers(1, size))
    if kind.default_share is not None:
        given["share"] = draw(st.sampled_from([None, 0.1, 0.9]))
    if kind.common_angle and draw(st.booleans()):
        spread = [f"{place}/{size + 1}pi" for place in range(size + 1)]
        given["angles"] = spread + draw(st.lists(st.sampled_from(MORE_ANGLES), unique=True))
    return {"num_qubits": size, **given}


def schedules(designs: Sequence[str] = tuple(DESIGNS), most: int = 4) -> Any:
    """Of 2 to ``most`` qubits (stars: 5) in any design, with all that a design may be given."""
    return arguments(designs, most).map(lambda given: qbell.schedule(**given))


@st.composite
def measured(
    draw: st.DrawFn, plan: Schedule, fewest: int = 1, numbered: bool | None = None
) -> Shots:
    """Shots of each setting or draw of a schedule, with outcomes of any kind.

    Args:
        plan: the schedule.
        fewest: shots of a setting or draw, at least.
        numbered: whether draws have numbers; None for either, where each has one shot.
    """
    rng, each = draw(GENERATORS), draw(st.sampled_from([*range(fewest, 7), 40]))
    rows = np.repeat(np.arange(len(plan)), each)
    bits = outcomes(len(rows), plan.num_qubits, draw(st.sampled_from(HOW_OUTCOMES_COME)), rng)
    drawn = plan.rules.drawn
    if drawn and each == 1 and (draw(st.booleans()) if numbered is None else not numbered):
        drawn = False  # every shot is a draw of its own
    directions = plan.directions[rows]
    unit = rows if drawn else np.zeros(len(rows), dtype=np.int64)
    _, first, index = np.unique(
        np.column_stack([unit, directions, bits]), axis=0, return_index=True, return_inverse=True
    )
    return Shots(
        directions=directions[first],
        bits=bits[first],
        counts=np.bincount(index.ravel()).astype(np.int64),
        draws=rows[first].astype(np.int64) if drawn else None,
        design=plan.design,
        axis=plan.axis,
        order=plan.order,
        grid=plan.grid,
        stars=plan.stars,
    )


def shots(
    designs: Sequence[str] = tuple(DESIGNS),
    most: int = 4,
    *,
    fewest: int = 1,
    fewest_draws: int = 2,
    numbered: bool | None = None,
) -> Any:
    """A data set of any of the designs, of 2 to ``most`` qubits; see `measured`."""
    plans = arguments(designs, most, fewest_draws).map(lambda given: qbell.schedule(**given))
    return plans.flatmap(lambda plan: measured(plan, fewest, numbered))


@st.composite
def pairs(draw: st.DrawFn, designs: Sequence[str] = tuple(DESIGNS)) -> tuple[Shots, Shots]:
    """Two data sets of one experiment; settings that are drawn are drawn anew."""
    given = draw(arguments(designs, 4))
    plans = [qbell.schedule(**given)]
    if "seed" in given:
        given |= {"draws": draw(st.integers(2, 40)), "seed": given["seed"] + 1}
    plans.append(qbell.schedule(**given))
    one, other = (draw(measured(plan, 1, True)) for plan in plans)
    return one, other


def outcomes(rows: int, num_qubits: int, kind: str, rng: np.random.Generator) -> NDArray[np.uint8]:
    """(rows, N) bits: any, all alike, or nearly so."""
    free = rng.integers(0, 2, size=(rows, num_qubits), dtype=np.uint8)
    if kind == "any":
        return free
    share = 0.0 if kind == "one" else 0.1
    fixed = rng.integers(0, 2, size=num_qubits, dtype=np.uint8)
    return np.where(rng.random((rows, 1)) < share, free, fixed).astype(np.uint8)


@st.composite
def states(draw: st.DrawFn, most: int = 4) -> NDArray[np.complex128]:
    """A vector or a density matrix of any rank, of 2 to ``most`` qubits.

    Random, a product, nearly pure, a GHZ state in white noise, or one with many zeros.
    """
    size, rng = draw(st.integers(2, most)), draw(GENERATORS)
    vector = naive.random_vector(size, rng)
    ghz = np.zeros(2**size, dtype=complex)
    ghz[[0, -1]] = np.sqrt(0.5)
    white = np.eye(2**size, dtype=complex) / 2**size
    kind = draw(st.sampled_from(["any rank", "vector", "product", "ghz", "nearly", "few"]))
    if kind == "vector":
        return vector
    if kind == "product":
        return naive.tensor([naive.random_vector(1, rng)[:, None] for _ in range(size)]).ravel()
    if kind == "ghz":
        share = draw(st.sampled_from([0.0, 1e-9, 0.3, 1.0]))
        return (1 - share) * naive.projector(ghz) + share * white
    if kind == "nearly":
        share = draw(st.sampled_from([1e-15, 1e-12, 1e-9, 1e-4]))
        return (1 - share) * naive.projector(vector) + share * white
    if kind == "few":
        few = np.where(rng.random(2**size) < 0.3, vector, 0)
        few[rng.integers(2**size)] = 1
        return few / np.linalg.norm(few)
    return naive.random_matrix(size, draw(st.integers(1, 2**size)), rng)
