"""Exact values: of one state, over a grid, and drawn."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from qbell.cli import completion
from qbell.cli.app import Json, OnCluster, app, written
from qbell.cli.output import print_json, print_record, progress_bar, say
from qbell.cli.states import Family, Parameters, Qubits, find_state, interaction, takes_a_state
from qbell.errors import QbellError

SEARCH = 5.0  # seconds that DMRG may take without a word


@app.command()
@takes_a_state
def exact(
    state: Family,
    n: Qubits = None,
    *,
    parameters: Parameters,
    axis: Annotated[
        str,
        typer.Option("--axis", help="x, y, z, a vector such as 0.6,0,0.8, or optimal (best QFI)."),
    ] = "z",
    bound: Annotated[
        bool | None,
        typer.Option(
            "--bound/--no-bound",
            help="Compute the bound of Eq. (24); left out by itself if it takes more than 30 s.",
        ),
    ] = None,
    cutoff: Annotated[
        float | None,
        typer.Option(help="Of the bound of a matrix product: larger is faster, see docs/exact.md."),
    ] = None,
    temperature: Annotated[
        float | None,
        typer.Option(help="Of the thermal state, for ising, chain, xxz and double-well."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Exact QFI, its bounds, E_{N,0} and the depths it implies.

    Example: qbell exact ising -n 8 -u -1.5 --json
    """
    from qbell.conventions.axes import parse_axis
    from qbell.exact import describe, optimal_axis, thermal_state
    from qbell.exact.describe import LONG
    from qbell.exact.quantities import engine_for
    from qbell.exact.variational import seconds_to_find

    found, family, notes = find_state("exact", state, n, parameters)
    of_family = interaction(found)
    if temperature is not None and family is None:
        raise QbellError("--temperature is for families with a Hamiltonian; a circuit has none")
    if temperature is not None:
        found = thermal_state(found, temperature)
    elif (seconds := seconds_to_find(found)) > SEARCH:
        say(f"the ground state is searched for by DMRG: about {round(seconds)} s")
    chosen = optimal_axis(found)[0] if axis == "optimal" else axis_of(axis)
    if bound:
        expected = engine_for(found, cutoff).forecast(parse_axis(chosen))
        if expected is not None and expected.seconds > LONG:
            say(f"the bound takes {expected}; --no-bound leaves it out")
    record = {
        "family": family,
        "u": of_family,
        **({} if temperature is None else {"temperature": temperature}),
        **describe(found, chosen, with_bound=bound, cutoff=cutoff),
    }
    zero = any(note.startswith("log_e_n and q: E_{N,0} is 0") for note in record["notes"])
    if not zero and all(record[name] is None for name in ("qfi", "bound", "e_n", "log_e_n")):
        reason = next(note for note in record["notes"] if note.startswith("qfi: "))
        raise QbellError(reason.removeprefix("qfi: "))
    record["notes"] = [*record["notes"], *notes]
    order = ("family", "n", "u")
    print_record(
        {key: record[key] for key in (*order, *(k for k in record if k not in order))}, as_json
    )


@app.command()
def scan(
    family: Annotated[
        str,
        typer.Argument(
            help="A family of states, e.g. ising, ghz or twisting.",
            autocompletion=completion.families,
        ),
    ],
    n: Annotated[str, typer.Option("-n", "--n", help="Sizes N: 6,8,10 or 6:16:6.")],
    u: Annotated[
        str | None,
        typer.Option("-u", "--u", help="Grid of U: numbers or start:stop:count, with commas."),
    ] = None,
    axis: Annotated[
        str,
        typer.Option("--axis", help="x, y, z, a vector such as 0.6,0,0.8, or optimal (best QFI)."),
    ] = "z",
    vary: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUES",
            help="Another parameter of the family: time=0:1:11 or shape=ring,line; "
            "temperature=0:1:11 of ising, chain, xxz, double-well; disorder=0:0.8:9 of ising. "
            "Repeatable.",
        ),
    ] = None,
    bound: Annotated[
        bool, typer.Option(help="Compute the bound of Eq. (24), the slow part.")
    ] = True,
    cluster: OnCluster = None,
    dask: Annotated[str | None, typer.Option(hidden=True)] = None,  # its earlier name
    out: Annotated[
        Path | None,
        typer.Option("--out", parser=written, metavar="PATH", help="CSV to write; resumable."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Exact quantities over a grid of N and U, one row a point.

    After an interruption the same command continues. The bound by order is in FILE_by_order.csv.

    Example: qbell scan ising --n 6,8 --u -3:0:61 --out ising.csv
    """
    from qbell.exact.variational import seconds_to_find
    from qbell.scan import make_grid, run_scan, to_record
    from qbell.scan.grid import make_state
    from qbell.util.ranges import numbers, whole_numbers

    us = None if u is None else numbers("--u", u)
    grid = make_grid(
        family,
        whole_numbers("--n", n),
        us,
        axis=axis_of(axis),
        with_bound=bound,
        vary=varied(family, vary or []),
    )
    seconds = sum(seconds_to_find(make_state(grid, point)[0]) for point in grid.points)
    if seconds > SEARCH:
        say(f"ground states are searched for by DMRG: about {round(seconds)} s in all")
    with progress_bar() as progress:
        where = cluster if cluster is not None else dask
        found = run_scan(grid, out=out, cluster=where, progress=progress)
    if out is not None and found.resumed:
        say(f"{out}: {found.resumed} of {len(found.frame)} points were there already")
    if as_json:
        print_json(to_record(grid, found))
    elif out is None:
        sys.stdout.write(found.frame.to_csv(index=False))


@app.command()
def figure(
    which: Annotated[
        int,
        typer.Argument(
            help="1, 2 or 3 of the paper; 4: the bound by order; 5: temperature, disorder, time; "
            "6: all lower bounds."
        ),
    ],
    sizes: Annotated[
        str | None,
        typer.Option(
            help="Sizes N, e.g. 6,8; figures 3 and 4: Ising/double well, 12,16/100,150; "
            "figure 5: one size; figure 6: short/long chain, 12/100."
        ),
    ] = None,
    points: Annotated[int, typer.Option(help="Points on the axis of U.")] = 60,
    u: Annotated[str | None, typer.Option("-u", "--u", help="Range of U, e.g. -3:0.")] = None,
    linear: Annotated[bool, typer.Option(help="A linear height of figures 1 and 2.")] = False,
    cluster: OnCluster = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", parser=written, metavar="PATH", help="Folder; results/figures if left out."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """The paper's figures as PNG, SVG and the data in them as CSV.

    Example: qbell figure 1 --sizes 6,8 --points 30
    """
    from qbell.util.load_matplotlib import load_matplotlib

    folder = out if out is not None else Path("results") / "figures"
    with progress_bar() as progress:
        progress(f"figure {which}", 0, 1)  # the first import of matplotlib takes a second or more
        load_matplotlib()
        from qbell.figures import draw

        drawn = draw(
            which,
            folder,
            sizes=sizes,
            points=points,
            u=u,
            linear=linear,
            progress=progress,
            cluster=cluster,
        )
    if as_json:
        print_json(drawn.record())
        return
    for path in drawn.files:
        print(path)
    for note in drawn.notes:
        say(f"note: {note}")


def varied(family: str, texts: list[str]) -> dict[str, Any]:
    """Values of further parameters as typed: numbers and ranges, or words with commas."""
    from qbell.scan.mixed import SPECIAL
    from qbell.states import FAMILIES
    from qbell.states.parameters import Choice, Whole
    from qbell.util.ranges import numbers, whole_numbers

    found: dict[str, Any] = {}
    for text in texts:
        name, equals, values = text.partition("=")
        flag = f"--vary {name}"
        if not equals or not name or name in found:
            raise QbellError(f"--vary {text}: give each name once, with values: time=0:1:11")
        own = FAMILIES[family].parameters() if family in FAMILIES else {}
        declared = own.get(name, SPECIAL.get(name))
        if isinstance(declared, Choice):
            found[name] = values.split(",")
        else:
            found[name] = (whole_numbers if isinstance(declared, Whole) else numbers)(flag, values)
    return found


def axis_of(text: str) -> Any:
    """An axis as typed: a name, or three numbers with commas."""
    if "," not in text:
        return text
    try:
        return [float(part) for part in text.split(",")]
    except ValueError as error:
        raise QbellError(f"axis {text!r}: give x, y, z or three numbers, e.g. 0.6,0,0.8") from error
