"""The application that the commands join, and how it ends: exit codes and one line an error."""

import io
import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

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
Out = Annotated[Path | None, typer.Option("--out", help="Folder for the results.")]


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
