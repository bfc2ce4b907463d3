"""Processes that start at once: a process that has imported everything forks one a command.

    with Zygote(environment, folder) as zygote:
        child = zygote.start("submit", "spec.toml", "--out", "campaign")
        os.kill(child, signal.SIGKILL)
        assert zygote.wait() == -signal.SIGKILL

A child is a process of its own: nothing but the imports is there when it starts.
"""

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from tests.support.paths import ROOT


class Zygote:
    """The command line in processes of its own, one at a time, in a folder and an environment.

    ``modules``: loaded before they start, besides the commands. Another ``folder`` and other
    ``variables`` may be set later: what is loaded serves several tests.
    """

    def __init__(
        self, environment: dict[str, str], folder: Path, modules: tuple[str, ...] = ()
    ) -> None:
        self._modules = modules
        self._environment = {**os.environ, **environment, "OMP_NUM_THREADS": "1"}
        self.folder = folder
        self.variables: dict[str, str] = {}
        self.output = ""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.loopback.zygote", *self._modules],
            cwd=ROOT,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stdin.close()
        self._process.wait(timeout=60)

    @property
    def _stdin(self) -> IO[str]:
        assert self._process.stdin is not None
        return self._process.stdin

    def start(self, *arguments: object, **environment: str) -> int:
        """Start ``qbell`` with these arguments and variables; the process's number."""
        words = [str(argument) for argument in arguments]
        variables = {**self.variables, **environment}
        order = {"cwd": str(self.folder), "words": words, "environment": variables}
        print(json.dumps(order), file=self._stdin, flush=True)
        return int(self._answer()["pid"])

    def wait(self) -> int:
        """The exit code of the process; minus the signal if it was killed."""
        answer = self._answer()
        self.output = answer["output"]
        return int(answer["code"])

    def run(self, *arguments: object, **environment: str) -> int:
        """Start it and wait."""
        self.start(*arguments, **environment)
        return self.wait()

    def _answer(self) -> dict[str, str]:
        assert self._process.stdout is not None
        answer: dict[str, str] = json.loads(self._process.stdout.readline())
        return answer


def serve() -> None:
    """Fork a child for every line; tell its number, and later its exit code and output."""
    import tempfile

    import qbell.campaigns.jobs.fetch
    import qbell.cli.hardware  # noqa: F401
    from qbell.cli import main

    for name in sys.argv[1:]:
        importlib.import_module(name)
    for line in sys.stdin:
        order = json.loads(line)
        with tempfile.TemporaryFile("w+") as said:
            child = os.fork()
            if child == 0:
                os.dup2(said.fileno(), 1)
                os.dup2(said.fileno(), 2)
                os.chdir(order["cwd"])
                os.environ.update(order["environment"])
                sys.argv = ["qbell", *order["words"]]
                code: object = 1
                try:
                    main()
                except SystemExit as stopped:
                    code = stopped.code
                finally:
                    sys.stdout.flush()
                    sys.stderr.flush()
                    os._exit(code if isinstance(code, int) else 0)
            print(json.dumps({"pid": child}), flush=True)
            _, status = os.waitpid(child, 0)
            said.seek(0)
            answer = {"code": os.waitstatus_to_exitcode(status), "output": said.read()}
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    serve()
