"""Exact quantities over a grid of sizes and interactions: tidy tables that can be gone on with."""

import math
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from qbell.conventions.axes import AxisLike
from qbell.errors import QbellError
from qbell.scan import mixed
from qbell.scan.grid import OPTIMAL, Grid, Point, Value, make_grid, make_state
from qbell.scan.journal import Journal
from qbell.scan.table import (
    ERRORS,
    REAL,
    RECORD,
    WHOLE,
    Scan,
    assemble,
    files_of,
    point_of,
    read_earlier,
    write_table,
)
from qbell.util.cluster import Cluster, connected
from qbell.util.progress import Progress
from qbell.util.threads import one_blas_thread


def scan(
    family: str,
    sizes: Iterable[int],
    us: Iterable[float] | None = None,
    *,
    axis: AxisLike = "z",
    with_bound: bool = True,
    vary: Mapping[str, Iterable[Value]] | None = None,
    out: Path | None = None,
    cluster: Any = None,
    dask: Any = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """QFI, its bounds, E_{N,0} and its depths for every N in ``sizes`` and U in ``us``.

    Args:
        family: of the states, such as ising or twisting.
        sizes: numbers of qubits N.
        us: interactions U, in units of the field (Ising) or the tunnelling (double well); left
            out for families without.
        axis: of the generator, as for `qbell.exact.describe`; or ``optimal``, that of the largest
            QFI at each point, which column axis then names as ``optimal x`` or with a vector.
        with_bound: False leaves out the bound of Eq. (24).
        vary: further parameters of the family, each with its values; a column for each. Also
            ``temperature``, of thermal states of ising, chain, xxz and double-well, 0 being the
            ground state; and of ising ``disorder``, see `qbell.exact.disordered_chains`, with
            ``draws`` (50), ``seed`` (0) and ``average``: ``values``, means over the draws, beside
            which stand their standard errors, or ``state``, values of the averaged state.
        out: CSV to write, with the bound by order beside it; see `run_scan`.
        cluster: ``local``, the address of a Dask scheduler, or a `distributed.Client`: points are
            spread over its workers. Numbers are the same to the last digit.
        dask: the same, by its earlier name.
        progress: called after every point.

    Returns:
        One row a point, sorted by n and u: the keys of `qbell.exact.describe`, and qfi_per_n, the
        QFI over the shot noise N. A value that cannot be had is missing, with a reason in notes.

    Raises:
        QbellError: bad input, before anything is computed or written.

    Source: PRL 126, 210506, Eqs. (8), (12), (24) and the text before Eq. (26).

    >>> table = scan("ising", [6], [-1.0, 0.0])
    >>> table["qfi_per_n"].round(4).tolist()
    [2.8946, 1.0]
    """
    grid = make_grid(family, sizes, us, axis=axis, with_bound=with_bound, vary=vary)
    where = cluster if cluster is not None else dask
    return run_scan(grid, out=out, cluster=where, progress=progress).frame


def run_scan(
    grid: Grid,
    *,
    out: Path | None = None,
    cluster: Any = None,
    progress: Progress | None = None,
) -> Scan:
    """Compute the points of ``grid``; with ``out``, so that a kill at any moment loses none.

    Finished points are kept in OUT.csv.part. The same call goes on from there, and ends with the
    same bytes in OUT.csv and OUT_by_order.csv as if it had not been stopped. If OUT.csv holds just
    this grid already, it is read and nothing is computed; other results are never overwritten.

    Raises:
        QbellError: ``out`` is no .csv or holds other results; or see `qbell.util.cluster`.
    """
    if out is None:
        with connected(cluster) as workers:
            return assemble(grid, list(_computed(grid, grid.points, workers, progress)), ())
    files = files_of(grid, out)
    part = out.with_name(out.name + ".part")
    if out.exists() or not part.exists():
        earlier = read_earlier(grid, out)
        if earlier is not None and not part.exists():
            return earlier
    with connected(cluster) as workers, Journal(part, grid.record()) as journal:
        if out.exists() and not journal.finished:  # another process finished it meanwhile
            earlier = read_earlier(grid, out)
            if earlier is not None:
                journal.remove()
                return earlier
        points = set(grid.points)
        finished = [
            record
            for record in journal.finished
            if record.keys() == RECORD and _point(record) in points
        ]
        there = {point_of(record) for record in finished}
        todo = [point for point in grid.points if point not in there]
        resumed = len(grid.points) - len(todo)
        if progress is not None:
            progress("points", resumed, len(grid.points))
        for record in _computed(grid, todo, workers, progress):
            journal.append(record)
            finished.append(record)
        found = assemble(grid, finished, files, resumed)
        # The main table goes last: with it there, the other is known to be whole.
        if found.by_order is not None:
            write_table(found.by_order, files[1])
        write_table(found.frame, files[0])
        journal.remove()
    return found


def _point(record: dict[str, Any]) -> Point:
    """Where in the grid a record belongs; nowhere if a disk that failed has changed it."""
    if not isinstance(record["others"], list):
        return ()
    point = point_of(record)
    plain = all(value is None or isinstance(value, str | int | float) for value in point)
    return point if plain else ()


def compute_point(grid: Grid, point: Point) -> dict[str, Any]:
    """One point as plain data; the reason in ``notes`` stands for what cannot be had.

    By one BLAS thread: with more of them last digits would depend on the cores of a machine.
    """
    axis, with_bound = grid.axis, grid.with_bound
    (n, u), others = point[:2], list(point[2:])
    try:
        with one_blas_thread():
            state, special = make_state(grid, point)
            chosen = axis
            if chosen is None:
                chosen = mixed.best_axis(state, special)
            found = mixed.described(state, special, chosen, with_bound)
    except QbellError as error:
        found = {"notes": [str(error)], "axis": None if axis is None else axis.name}
    named = found["axis"]
    qfi = found.get("qfi")
    found["qfi_per_n"] = None if qfi is None else qfi / n
    by_order = found.get("bound_by_order") if with_bound else None
    return {
        "n": n,
        "u": u,
        "others": others,
        "axis": named if axis is not None else OPTIMAL if named is None else f"{OPTIMAL} {named}",
        **{name: _plain(found.get(name)) for name in REAL},
        **{name: None if found.get(name) is None else int(found[name]) for name in WHOLE},
        **{f"{name}_error": _plain(found.get("errors", {}).get(name)) for name in ERRORS},
        "method": found.get("method"),
        "notes": "; ".join(found["notes"]),
        "by_order": None if by_order is None else [_plain(value) for value in by_order],
    }


def _computed(
    grid: Grid, points: list[Point], cluster: Cluster | None, progress: Progress | None
) -> Iterator[dict[str, Any]]:
    """Records of ``points``, in the order in which they are finished."""
    work = partial(compute_point, grid)
    # On a cluster the large ones go first, so that none is left to a single worker at the end.
    records = (
        map(work, points)
        if cluster is None
        else (record for _, record in cluster.completed(work, points[::-1]))
    )
    for record in records:
        yield record
        if progress is not None:
            progress("points", 1, len(grid.points))


def _plain(value: Any) -> float | None:
    """A float that JSON can hold, or None."""
    return float(value) if value is not None and math.isfinite(value) else None
