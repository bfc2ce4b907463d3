"""The application that the commands join, and how it ends: exit codes and one line an error."""

import io
import os
import sys
from contextlib import suppress
from importlib import import_module, metadata
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from qbell.cli import ctrl_c
from qbell.errors import QbellError
from qbell.util.printable import printable

COMMANDS = {
    "init": ("first_steps", "Write a spec to start from, with every key explained."),
    "run": ("campaigns", "Prepare, measure, estimate and report a campaign; resumable."),
    "analyze": ("campaigns", "Turn shots into estimates: from counts, or a run's folder."),
    "plan": ("campaigns", "Before any shot: expected error bars and p-value, shots needed."),
    "coverage": ("campaigns", "How often a campaign's intervals hold the exact values."),
    "report": ("reports", "Write the report of a finished campaign anew, from its shots."),
    "compare": ("reports", "Put finished campaigns side by side, as table and picture."),
    "schedule": ("campaigns", "The settings of a design, one a row."),
    "circuit": ("circuits", "The preparation circuit: depth, two-qubit gates and fidelity."),
    "library": ("circuits", "Write the circuit library, or check one."),
    "exact": ("exact_values", "Exact QFI, its bounds, E_{N,0} and the depths it implies."),
    "scan": ("exact_values", "Exact quantities over a grid of N and U, one row a point."),
    "figure": ("exact_values", "The paper's figures as PNG, SVG and the data in them as CSV."),
    "submit": ("hardware", "Send a campaign to a device, as jobs."),
    "status": ("hardware", "The jobs of a campaign, and the processor time they used."),
    "fetch": ("hardware", "Fetch the shots that are ready; once all are there, report."),
    "extend": ("hardware", "Add shots to a campaign, as a new registered part."),
    "cancel": ("hardware", "Cancel the jobs of a campaign that are queued or running."),
    "devices": ("hardware", "The devices of your IBM account, with queue and calibration."),
    "list": ("hardware", "The campaigns and runs below a folder, and how far each is."),
    "doctor": ("first_steps", "What is installed here, which backends work, and how fast."),
}
"""Where each command is, in `qbell.cli`, and its line in ``qbell --help``, which loads none."""


class Commands(TyperGroup):
    """The commands, each loaded when it is called."""

    def list_commands(self, ctx: Any) -> list[str]:
        """In the order of `COMMANDS`."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of a name, loaded now; None if there is none."""
        if cmd_name not in COMMANDS:
            return None
        import_module(f"qbell.cli.{COMMANDS[cmd_name][0]}")  # it joins `app`
        return typer.main.get_group(app).commands[cmd_name]

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The list in ``qbell --help``, without loading a command."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])

    def invoke(self, ctx: Any) -> Any:
        """Run a command; Ctrl-C ends it with one line."""
        with ctrl_c.tidily():
            try:
                return super().invoke(ctx)
            except KeyboardInterrupt:
                raise typer.Exit(ctrl_c.STOPPED) from None


app = typer.Typer(
    name="qbell",
    cls=Commands,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _tell_version(asked: bool) -> None:
    if asked:
        print(f"qbell {metadata.version('qbell')}")
        raise typer.Exit


@app.callback()
def about(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_tell_version, is_eager=True, help="Tell the version."),
    ] = False,
) -> None:
    """Many-body Bell correlators, and the quantum Fisher information that they certify."""


Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]


def written(text: str) -> Path:
    """The path after ``--out`` or ``-o``; an empty one, of a variable that is not set, is none."""
    if not text.strip():
        raise QbellError("the path to write to is empty; give a name, or . for this folder")
    return Path(text)


Out = Annotated[
    Path | None,
    typer.Option("--out", parser=written, metavar="PATH", help="Folder for the results."),
]

OnCluster = Annotated[
    str | None,
    typer.Option(
        "--cluster",
        metavar="ADDRESS",
        help="Spread the work over a Dask cluster: tcp://host:8786, or local for one here.",
    ),
]


def run() -> NoReturn:
    """Do what the words in ``sys.argv`` say; errors of the user's making are one line on stderr.

    The exit code is 0, 2 after an error, 1 where nobody reads the output, 130 after Ctrl-C.
    """
    _mend_streams()
    try:
        code, message = _called()
    except BaseException:
        if not ctrl_c.pressed():
            raise
        code, message = 0, ""
    if ctrl_c.pressed() or code == ctrl_c.STOPPED:  # whatever became of KeyboardInterrupt
        code, message = ctrl_c.STOPPED, ctrl_c.message()
    if message:
        with suppress(OSError):
            line = printable(" ".join(message.split()))
            print(f"error: {line}", file=sys.stderr, flush=True)
    sys.exit(code)


def _mend_streams() -> None:
    """Streams that are closed lead nowhere; a terminal without ± or U+2500 shows a ?."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _called() -> tuple[int, str]:
    """The exit code, and the line of an error."""
    code, message = 2, ""
    try:
        answer = app(standalone_mode=False, prog_name="qbell")
        sys.stdout.flush()
        code = answer if isinstance(answer, int) else 0
    except QbellError as error:
        message = str(error)
    except typer.Exit as error:
        code = error.exit_code
    except (typer.Abort, KeyboardInterrupt):
        code = ctrl_c.STOPPED
    except MemoryError:
        message = "the machine has not enough memory for this; use fewer qubits or shots"
    except BrokenPipeError:
        sys.stdout = None  # what is left in it cannot be written either
        code = 1
    except OSError as error:
        sys.stdout = None
        message = f"cannot write the output: {error.strerror or error}; free some space"
    except Exception as error:
        if not hasattr(error, "format_message"):
            raise
        message = _usage(error)
    return code, message


def _usage(error: Any) -> str:
    """One line for a mistake in the words of the command, found by typer."""
    command = getattr(getattr(error, "ctx", None), "command_path", None) or "qbell"
    found = f" (found: {' '.join(sys.argv[1:])})" if sys.argv[1:] else ""
    return f"{error.format_message().rstrip('.')}{found}. See: {command} --help"
