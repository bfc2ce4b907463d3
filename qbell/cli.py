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

from qbell.errors import QbellError

app = typer.Typer(
    name="qbell",
    help="Many-body Bell correlators, and the quantum Fisher information that they certify.",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

STOPPED = 130  # exit code after Ctrl-C, as of a shell

Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]
Qubits = Annotated[int, typer.Option("-n", help="Number of qubits, N.")]
Strength = Annotated[float | None, typer.Option("-u", help="Interaction U (ising, double-well).")]
Ones = Annotated[
    int | None, typer.Option("--ones", help="Number of ones (dicke), N // 2 if left out.")
]
AxisOption = Annotated[str, typer.Option("--axis", help="Axis of the generator: x, y or z.")]
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
    design: Annotated[str | None, typer.Option(help="full or random, if not on record.")] = None,
    axis: Annotated[str | None, typer.Option(help="Axis, if not on record: x, y or z.")] = None,
    provenance: Annotated[
        str | None, typer.Option(help="raw, mitigated or post-selected, if not on record.")
    ] = None,
    confidence: Annotated[float | None, typer.Option(help="Of the intervals; 0.95.")] = None,
    resamples: Annotated[int | None, typer.Option(help="Bootstrap resamples; 1000.")] = None,
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
            axis=axis,
            provenance=provenance,
            confidence=confidence,
            resamples=resamples,
            out=out,
            progress=progress,
        )
    _show(outcome, as_json)


@app.command()
def exact(
    family: Family,
    n: Qubits,
    u: Strength = None,
    ones: Ones = None,
    axis: AxisOption = "z",
    as_json: Json = False,
) -> None:
    """Exact QFI, its bounds, E_{N,0} and the depths it implies.

    Example: qbell exact ising -n 8 -u -1.5 --json
    """
    from qbell.exact import describe

    state = _state(family, n, u, ones)
    record = {"family": family, "u": u, **describe(state, axis)}
    order = ("family", "n", "u")
    _print_record(
        {key: record[key] for key in (*order, *(k for k in record if k not in order))}, as_json
    )


@app.command()
def schedule(
    n: Qubits,
    design: Annotated[str, typer.Option(help="full or random.")] = "full",
    draws: Annotated[int | None, typer.Option(help="Random settings (random).")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the random settings.")] = None,
    out: Annotated[Path | None, typer.Option("-o", help="CSV to write.")] = None,
    as_json: Json = False,
) -> None:
    """The settings of a design, one a row.

    Example: qbell schedule -n 4 --design random --draws 100 --seed 1 -o settings.csv
    """
    from qbell.files import write_atomically
    from qbell.settings import schedule as make

    made = make(n, design, draws=draws, seed=seed)
    if out is not None:
        write_atomically(out, lambda path: made.frame.to_csv(path, index=False))
    if as_json:
        record = {"n": n, "design": design, "seed": made.seed, "num_settings": len(made)}
        _print_json({**record, "settings": made.frame["setting"].tolist()})
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


def main() -> None:
    """Entry point: errors of the user's making become one line on stderr and exit code 2."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without ± or U+2500 shows a ?
    try:
        code = app(standalone_mode=False)
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
