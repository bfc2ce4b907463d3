"""The server as tests use it: started, scripted, asked what it saw."""

import os
import re
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from tests.support.loopback.devices import Device
from tests.support.loopback.faults import Fault, JobFault
from tests.support.loopback.handler import Handler
from tests.support.loopback.jobs import Job, Queue

API_KEY = "lqX7bWc0-QkZ2tV9mNs4RyU8pJd3Gf6HhAe1BoTiCvE5"
ACCOUNT = "0123456789abcdef0123456789abcdef"
NUMBERED = "5d1c6a52-7e0f-4b43-9a3c-2f8be0c8d901"
INSTANCE = f"crn:v1:bluemix:public:quantum-computing:us-east:a/{ACCOUNT}:{NUMBERED}::"
NUMBER = r"(?:job|data|reference)[-:=_ ]*\d+"
Hook = Callable[[int, str, str, str], None]


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    owner: "Loopback"

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._connections: set[Any] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    def close_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().close_request(request)

    def disconnect(self) -> None:
        """End the connections that clients keep open."""
        for connection in list(self._connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed is no news."""


class Loopback:
    """IBM's service on a free port of 127.0.0.1.

    A job waits and runs for ``job_seconds`` in all, one at a time. Its shots depend on its gates,
    values and shots, and on the part of its tags that ``number`` matches. ``noisy``: with the
    noise of the device's snapshot. ``page``: most jobs in one page of a list. ``paused``: jobs
    stay in the queue until `release`.
    """

    def __init__(
        self,
        *,
        devices: tuple[str, ...] = ("ibm_pittsburgh",),
        job_seconds: float = 0.2,
        noisy: bool = False,
        page: int = 200,
        paused: bool = False,
        number: str = NUMBER,
        usage_limit: float = 600.0,
    ) -> None:
        self.devices = {name: Device(name) for name in devices}
        self.page, self.usage_limit, self.usage_reached = page, usage_limit, False
        self.api_key, self.instance = API_KEY, INSTANCE
        self.log: list[tuple[str, str, int]] = []
        self.unhandled: list[tuple[str, str]] = []
        self.errors: list[str] = []
        self.tokens: set[str] = set()  # that are valid now
        self.secrets_seen = {API_KEY, INSTANCE, ACCOUNT, NUMBERED}
        self.sessions: dict[str, dict[str, Any]] = {}
        self.faults: list[Fault] = []
        self.job_faults: list[JobFault] = []
        self.lock = threading.RLock()
        self._hooks: list[Hook] = []
        self._count = 0
        self._noisy, self._simulators = noisy, {}
        pattern = re.compile(number)
        self.queue = Queue(
            self._simulator,
            job_seconds,
            lambda tags: " ".join(sorted(hit for tag in tags for hit in pattern.findall(tag))),
        )
        if paused:
            self.queue.open.clear()

    def __enter__(self) -> Self:
        self._http = _Http(("127.0.0.1", 0), Handler)
        self._http.owner = self
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._http.disconnect()
        self.queue.stop()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}"

    @property
    def environment(self) -> dict[str, str]:
        """The variables that lead the client here. The word in the URL keeps it as it is."""
        bare = {name: "" for name in os.environ if name.lower().endswith("_proxy")}
        return bare | {
            "QISKIT_IBM_URL": f"{self.url}/experimental",
            "QISKIT_IBM_TOKEN": self.api_key,
            "QISKIT_IBM_INSTANCE": self.instance,
            "QISKIT_IBM_CHANNEL": "ibm_quantum_platform",
            "IAM_URL": self.url,
            "QISKIT_FUNCTIONS_EXPERIMENTAL": "1",
            # Else every request walks through the whole stack, to tell IBM who calls.
            "USAGE_DATA_OPT_OUT": "True",
            "NO_PROXY": "127.0.0.1",
        }

    @property
    def jobs(self) -> list[Job]:
        """All accepted jobs, oldest first."""
        return list(self.queue.jobs.values())

    def add(self, *faults: Fault | JobFault) -> None:
        """Script faults; the first that matches strikes."""
        with self.lock:
            for fault in faults:
                (self.faults if isinstance(fault, Fault) else self.job_faults).append(fault)

    def heal(self) -> None:
        """Forget all faults."""
        with self.lock:
            self.faults.clear()
            self.job_faults.clear()

    def on_request(self, hook: Hook) -> None:
        """Call ``hook(count, method, path, phase)`` at every request, ``before`` it is carried out
        and ``after``, before the reply is sent; count is from 1."""
        self._hooks.append(hook)

    def expire_tokens(self) -> None:
        """From now on access tokens given so far are refused; new ones can be had."""
        with self.lock:
            self.tokens.clear()

    def pause(self) -> None:
        """Keep jobs in the queue."""
        self.queue.open.clear()

    def release(self) -> None:
        """Let them run."""
        self.queue.open.set()

    def complaints(self) -> list[Any]:
        """What the server was asked and does not know, and its own errors: should be empty."""
        return [*self.unhandled, *self.errors, *self.queue.errors]

    def count_request(self) -> int:
        """The number of this request."""
        with self.lock:
            self._count += 1
            return self._count

    def call_hooks(self, count: int, method: str, path: str, phase: str) -> None:
        """Tell the hooks."""
        for hook in self._hooks:
            hook(count, method, path, phase)

    def fault_for(self, method: str, path: str) -> Fault | None:
        """The fault that strikes this request."""
        with self.lock:
            return next((fault for fault in self.faults if fault.meets(method, path)), None)

    def fate_of(self, tags: list[str]) -> JobFault | None:
        """The fault that strikes this job."""
        with self.lock:
            return next((fault for fault in self.job_faults if fault.meets(tags)), None)

    def _simulator(self, device: str) -> Any:
        from qiskit_aer import AerSimulator

        if device not in self._simulators:
            self._simulators[device] = (
                self.devices[device].simulator()
                if self._noisy
                else AerSimulator(max_parallel_threads=1)
            )
        return self._simulators[device]
