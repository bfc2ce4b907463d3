"""The command line. It only translates: words into calls, results into text."""

import io
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from qbell.designs import DESIGNS
from qbell.errors import QbellError

app = typer.Typer(
    name="qbell",
    help="Many-body Bell correlators, and the quantum Fisher information that they certify.",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

LONG_CHAIN = 60  # qubits from which the bound of an Ising chain may take a while
STOPPED = 130  # exit code after Ctrl-C, as of a shell

Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]
Qubits = Annotated[int, typer.Option("-n", help="Number of qubits, N.")]
Strength = Annotated[float | None, typer.Option("-u", help="Interaction U (ising, double-well).")]
Ones = Annotated[
    int | None, typer.Option("--ones", help="Number of ones (dicke), N // 2 if left out.")
]
Out = Annotated[Path | None, typer.Option("--out", help="Folder for the results.")]
Family = Annotated[str, typer.Argument(help="ghz, ising, double-well, plus, w or dicke.")]


@app.command()
def run(
    spec: Annotated[Path, typer.Argument(help="Campaign in TOML.")],
    out: Out = None,
    seed: Annotated[int | None, typer.Option(help="Seed, instead of the spec's.")] = None,
    as_json: Json = False,
) -> None:
    """Prepare, measure, estimate and report a campaign; resumable.

    Example: qbell run experiments/ghz_aer.toml --json
    """
    from qbell.checks import whole_number
    from qbell.experiment import run as run_campaign
    from qbell.spec import read_spec

    if seed is not None:
        whole_number("--seed", seed, least=0)
    campaign = read_spec(spec)
    folder = out if out is not None else Path("results") / spec.stem
    with _progress() as progress:
        outcome = run_campaign(campaign, folder, seed=seed, progress=progress)
    if outcome.resumed:
        _say(f"{folder} already holds these shots: they were analysed again, none were taken")
    _show(outcome, as_json)


@app.command()
def analyze(
    path: Annotated[Path, typer.Argument(help="Counts CSV, or a run's folder.")],
    design: Annotated[
        str | None, typer.Option(help=f"If not on record: {', '.join(DESIGNS)}.")
    ] = None,
    order: Annotated[
        int | None, typer.Option(help="Of a covering design, if not on record.")
    ] = None,
    axis: Annotated[str | None, typer.Option(help="Axis, if not on record: x, y or z.")] = None,
    provenance: Annotated[
        str | None, typer.Option(help="raw, mitigated or post-selected, if not on record.")
    ] = None,
    confidence: Annotated[float | None, typer.Option(help="Of the intervals; 0.95.")] = None,
    resamples: Annotated[int | None, typer.Option(help="Bootstrap resamples; 1000.")] = None,
    calibration: Annotated[
        Path | None, typer.Option(help="CSV of calibration counts: corrects readout errors.")
    ] = None,
    mitigation: Annotated[str | None, typer.Option(help="How: tensored or mthree.")] = None,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Turn shots into estimates: from a counts CSV, or a run's folder.

    Example: qbell analyze experiments/data/ghz_n=3.csv
    """
    from qbell.experiment import analyze as analyze_shots

    with _progress() as progress:
        outcome = analyze_shots(
            path,
            design=design,
            order=order,
            axis=axis,
            provenance=provenance,
            confidence=confidence,
            resamples=resamples,
            calibration=calibration,
            mitigation=mitigation,
            out=out,
            progress=progress,
        )
    _show(outcome, as_json)


@app.command()
def exact(
    state: Annotated[
        str,
        typer.Argument(
            metavar="FAMILY", help="ghz, ising, double-well, plus, w, dicke, or a circuit's file."
        ),
    ],
    n: Annotated[int | None, typer.Option("-n", help="Number of qubits, N.")] = None,
    u: Strength = None,
    ones: Ones = None,
    axis: Annotated[
        str,
        typer.Option("--axis", help="x, y, z, a vector such as 0.6,0,0.8, or optimal (best QFI)."),
    ] = "z",
    bound: Annotated[
        bool, typer.Option(help="With the bound of Eq. (24), the costly part.")
    ] = True,
    as_json: Json = False,
) -> None:
    """Exact QFI, its bounds, E_{N,0} and the depths it implies.

    Example: qbell exact ising -n 8 -u -1.5 --json
    """
    from qbell.exact import describe, optimal_axis

    found, family = _state_or_circuit(state, n, u, ones)
    chosen = optimal_axis(found)[0] if axis == "optimal" else _axis(axis)
    if family == "ising" and bound and found.num_qubits >= LONG_CHAIN:
        _say("the bound of a long chain can take minutes near u = -1; --no-bound leaves it out")
    record = {"family": family, "u": u, **describe(found, chosen, with_bound=bound)}
    order = ("family", "n", "u")
    _print_record(
        {key: record[key] for key in (*order, *(k for k in record if k not in order))}, as_json
    )


@app.command()
def schedule(
    n: Qubits,
    design: Annotated[str, typer.Option(help=f"{', '.join(DESIGNS)}.")] = "full",
    order: Annotated[
        int | None, typer.Option(help="Largest number of qubits in a correlator (covering).")
    ] = None,
    draws: Annotated[int | None, typer.Option(help="Random settings (random, random3).")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the random settings.")] = None,
    out: Annotated[Path | None, typer.Option("-o", help="CSV to write.")] = None,
    as_json: Json = False,
) -> None:
    """The settings of a design, one a row: letters with qubit 0 last, or angles j/(N+1) in units
    of pi (equatorial).

    Example: qbell schedule -n 4 --design random --draws 100 --seed 1 -o settings.csv
    """
    from qbell.files import write_atomically
    from qbell.settings import schedule as make

    made = make(n, design, draws=draws, order=order, seed=seed)
    if out is not None:
        write_atomically(out, lambda path: made.frame.to_csv(path, index=False))
    if as_json:
        record = {"n": n, "design": design, "order": made.order, "seed": made.seed}
        settings = made.frame["setting"].tolist()
        _print_json({**record, "num_settings": len(made), "settings": settings})
    elif out is None:
        sys.stdout.write(made.frame.to_csv(index=False))


@app.command()
def circuit(
    family: Family,
    n: Qubits,
    u: Strength = None,
    ones: Ones = None,
    backend: Annotated[str, typer.Option(help="Device to compile for: fake_*.")] = "aer",
    out: Annotated[Path | None, typer.Option("-o", help="File to write: .qasm or .qpy.")] = None,
    as_json: Json = False,
) -> None:
    """The preparation circuit: depth, two-qubit gates and fidelity.

    Example: qbell circuit ghz -n 6 --backend fake_pittsburgh -o ghz.qasm
    """
    from qbell.backends import find_backend
    from qbell.circuit_files import write_circuit
    from qbell.local import MAX_IDEAL_QUBITS, circuit_fidelity
    from qbell.measurement import compile_for

    state = _state(family, n, u, ones)
    device = find_backend(backend)
    known = n <= MAX_IDEAL_QUBITS
    fidelity = circuit_fidelity(state) if known else None
    compiled = compile_for(state.circuit(), device)
    two_qubit = [item for item in compiled.data if len(item.qubits) == 2]
    record = {
        "family": family,
        "n": n,
        "u": u,
        "backend": backend,
        "depth": compiled.depth(),
        "two_qubit_gates": len(two_qubit),
        "two_qubit_depth": compiled.depth(lambda item: len(item.qubits) == 2),
        "fidelity": fidelity,
        "file": None if out is None else str(out),
        "notes": [] if known else [f"fidelity: checked up to n = {MAX_IDEAL_QUBITS}"],
    }
    if out is not None:
        write_circuit(compiled, out)
    _print_record(record, as_json)


@app.command()
def plan(
    spec: Annotated[Path, typer.Argument(help="Campaign in TOML.")],
    as_json: Json = False,
) -> None:
    """Before any shot: expected error bars and p-value, shots needed, gates and processor time.

    Example: qbell plan experiments/ghz_random_aer.toml
    """
    from qbell.planning import plan as plan_campaign
    from qbell.planning.table import plan_table

    with _progress() as progress:
        planned = plan_campaign(spec, progress=progress)
    if as_json:
        _print_json(planned.record)
    else:
        Console().print(plan_table(planned))


@app.command()
def scan(
    family: Family,
    n: Annotated[str, typer.Option("-n", "--n", help="Sizes N: 6,8,10 or 6:16:6.")],
    u: Annotated[
        str | None,
        typer.Option("-u", "--u", help="Grid of U: numbers or start:stop:count, with commas."),
    ] = None,
    axis: Annotated[
        str, typer.Option("--axis", help="x, y, z or a vector such as 0.6,0,0.8.")
    ] = "z",
    bound: Annotated[
        bool, typer.Option(help="With the bound of Eq. (24), the costly part.")
    ] = True,
    dask: Annotated[
        str | None, typer.Option(help="Scheduler's address, or local: a Dask cluster here.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="CSV to write; resumable.")] = None,
    as_json: Json = False,
) -> None:
    """Exact quantities over a grid of N and U, one row a point.

    The same command goes on after a stop. Beside FILE.csv, the bound split by order is in
    FILE_by_order.csv.

    Example: qbell scan ising --n 6,8 --u -3:0:61 --out ising.csv
    """
    from qbell.grids import numbers, whole_numbers
    from qbell.scan import make_grid, run_scan, to_record

    us = None if u is None else numbers("--u", u)
    grid = make_grid(family, whole_numbers("--n", n), us, axis=_axis(axis), with_bound=bound)
    try:
        with _progress() as progress:
            found = run_scan(grid, out=out, dask=dask, progress=progress)
    except KeyboardInterrupt:
        if out is not None:
            _say(f"finished points are kept in {out}.part; the same command goes on from there")
        raise
    if out is not None and found.resumed:
        _say(f"{out}: {found.resumed} of {len(found.frame)} points were there already")
    if as_json:
        _print_json(to_record(grid, found))
    elif out is None:
        sys.stdout.write(found.frame.to_csv(index=False))


@app.command()
def figure(
    which: Annotated[int, typer.Argument(help="1, 2 or 3 of the paper; 4: the bound by order.")],
    sizes: Annotated[
        str | None,
        typer.Option(help="Sizes N, e.g. 6,8; figures 3 and 4: Ising/double well, 12,16/100,150."),
    ] = None,
    points: Annotated[int, typer.Option(help="Points on the axis of U.")] = 60,
    u: Annotated[str | None, typer.Option("-u", "--u", help="Range of U, e.g. -3:0.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder; results/figures if left out.")
    ] = None,
    as_json: Json = False,
) -> None:
    """The paper's figures as PNG, SVG and the data in them as CSV.

    Example: qbell figure 1 --sizes 6,8 --points 30
    """
    from qbell.figures import draw

    folder = out if out is not None else Path("results") / "figures"
    with _progress() as progress:
        drawn = draw(which, folder, sizes=sizes, points=points, u=u, progress=progress)
    if as_json:
        _print_json(drawn.record())
        return
    for path in drawn.files:
        print(path)
    for note in drawn.notes:
        _say(f"note: {note}")


def main() -> None:
    """Entry point: errors of the user's making become one line on stderr and exit code 2."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without ± or U+2500 shows a ?
    try:
        code = app(standalone_mode=False)
        sys.stdout.flush()
    except QbellError as error:
        _fail(str(error))
    except typer.Exit as error:
        code = error.exit_code
    except (typer.Abort, KeyboardInterrupt):
        code = STOPPED
    except MemoryError:
        _fail("the machine has not enough memory for this; use fewer qubits or shots")
    except BrokenPipeError:
        sys.exit(1)
    except OSError as error:
        sys.stdout = None  # what is left in it cannot be written either
        _fail(f"cannot write the output: {error.strerror or error}; free some space")
    except Exception as error:
        if not hasattr(error, "format_message"):
            raise
        _fail(_usage(error))
    if code == STOPPED:
        _fail("stopped", code=STOPPED)
    sys.exit(code if isinstance(code, int) else 0)


def _usage(error: Any) -> str:
    """One line for a mistake in the words of the command, found by typer."""
    command = getattr(getattr(error, "ctx", None), "command_path", None) or "qbell"
    found = f" (found: {' '.join(sys.argv[1:])})" if sys.argv[1:] else ""
    return f"{error.format_message().rstrip('.')}{found}. See: {command} --help"


def _fail(message: str, code: int = 2) -> NoReturn:
    print("error: " + " ".join(message.split()), file=sys.stderr)
    sys.exit(code)


def _state(family: str, n: int, u: float | None, ones: int | None) -> Any:
    from qbell.states import named_state

    given = {name: value for name, value in (("u", u), ("ones", ones)) if value is not None}
    return named_state(family, n, given)


def _state_or_circuit(
    name: str, n: int | None, u: float | None, ones: int | None
) -> tuple[Any, str | None]:
    """A named state, or what the circuit in a file prepares; with the name of its family."""
    from qbell.circuit_files import ENDINGS, read_circuit

    if not name.lower().endswith(ENDINGS):
        if n is None:
            raise QbellError(
                f"missing option -n, the number of qubits of {name}; see: qbell exact --help"
            )
        return _state(name, n, u, ones), name
    circuit = read_circuit(Path(name))
    for option, value in (("-u", u), ("--ones", ones)):
        if value is not None:
            raise QbellError(f"a circuit takes no {option}; leave it out")
    if n is not None and n != circuit.num_qubits:
        raise QbellError(f"{name} has {circuit.num_qubits} qubits, not {n}; leave -n out")
    return circuit, None


def _axis(text: str) -> Any:
    """An axis as typed: a name, or three numbers with commas."""
    if "," not in text:
        return text
    try:
        return [float(part) for part in text.split(",")]
    except ValueError as error:
        raise QbellError(f"axis {text!r}: give x, y, z or three numbers, e.g. 0.6,0,0.8") from error


def _say(message: str) -> None:
    print(message, file=sys.stderr)


def _show(outcome: Any, as_json: bool) -> None:
    from qbell.report import terminal_table

    if as_json:
        _print_json(outcome.summary)
    else:
        Console().print(terminal_table(outcome.summary))
    if outcome.folder is None:
        _say("nothing was written; add --out DIR for the tables and the report")
    else:
        _say(f"tables and report.html are in {outcome.folder}")


def _print_record(record: dict[str, Any], as_json: bool) -> None:
    if as_json:
        _print_json(record)
        return
    width = max(map(len, record))
    for name, value in record.items():
        text = "-" if value is None else json.dumps(value) if isinstance(value, list) else value
        print(f"{name:<{width}}  {text}")


def _print_json(record: dict[str, Any]) -> None:
    from qbell.files import to_json

    print(to_json(record))


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar on stderr; silent where stderr is no terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda what, done, total: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as bar:
        tasks: dict[str, Any] = {}

        def step(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total)
            bar.advance(tasks[what], done)

        yield step


if __name__ == "__main__":
    main()
