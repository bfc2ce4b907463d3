"""What all tests share."""

import socket
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from qbell.cli import app
from tests.support import no_pictures
from tests.support.browser import Browser, chromium
from tests.support.loopback import Loopback

SLOW = ("slow", "statistics", "device", "server")  # left out by --quick
Qbell = Callable[..., tuple[str, str]]
Start = Callable[..., Loopback]
StartWorkers = Callable[[int], Any]
Repeats = Callable[[int, int], int]


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--seed N``: other random data, where a test takes ``rng``; ``--quick``: few tests;
    ``--nightly``: also those that are too long for every change."""
    parser.addoption("--seed", type=int, default=None, help="other random data (default: fixed)")
    parser.addoption(
        "--quick", action="store_true", help="none that takes long; of many cases two (make check)"
    )
    parser.addoption(
        "--nightly", action="store_true", help="also more cases and repetitions (make nightly)"
    )


def pytest_configure(config: pytest.Config) -> None:
    """How Hypothesis draws: the same examples in each run, many with ``--nightly``; nothing kept.

    Where it is missing the tests that import it fail, and the others run. And reports are without
    pictures in the examples of docstrings, too.
    """
    config.pluginmanager.register(no_pictures)
    if config.pluginmanager.hasplugin("hypothesispytest"):
        from hypothesis import HealthCheck, settings

        settings.register_profile(
            "qbell",
            max_examples=1000 if config.getoption("--nightly") else 8,
            derandomize=True,
            database=None,
            deadline=None,
            print_blob=True,
            # Numba compiles in the first example; tmp_path may hold files of the one before.
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
        )
        settings.load_profile("qbell")


def _keep(config: pytest.Config, items: list[pytest.Item], kept: set[pytest.Item]) -> None:
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = [item for item in items if item in kept]


def _ends(items: list[pytest.Item]) -> set[pytest.Item]:
    """The first and the last case of each test: they differ in every parameter."""
    cases: dict[str, list[pytest.Item]] = {}
    for item in items:
        cases.setdefault(item.nodeid.partition("[")[0], []).append(item)
    return {item for few in cases.values() for item in (few[0], few[-1])}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Whatever starts a server is marked ``server``; what is not quick is left out if asked."""
    for item in items:
        # Two processes of tests would not agree on the names.
        assert " at 0x" not in item.nodeid, f"{item.nodeid}: an address in a name; give ids ="
        if "loopback" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.server)
        test = getattr(item, "obj", None)
        if config.getoption("--seed") is not None and hasattr(test, "hypothesis"):
            from hypothesis import seed

            seed(config.getoption("--seed"))(test)
    if config.getoption("--nightly"):
        return
    nightly = {item for item in items if item.get_closest_marker("nightly")}
    many = [item for item in items if item.get_closest_marker("first_and_last")]
    kept = set(items) - nightly
    _keep(config, items, kept - set(many) | _ends([item for item in many if item in kept]))
    if config.getoption("--quick"):
        slow = {item for item in items if any(item.get_closest_marker(name) for name in SLOW)}
        _keep(config, items, _ends([item for item in items if item not in slow]))


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> np.random.Generator:
    """A generator of the test's own: fixed, and different for every test."""
    seed = request.config.getoption("--seed")
    name = list(request.node.name.encode())
    return np.random.default_rng(name if seed is None else [seed, *name])


@pytest.fixture
def repeats(request: pytest.FixtureRequest) -> Repeats:
    """``repeats(few, many)``: how often a random experiment is made; many with ``--nightly``.

    Limits follow from the number, at the same false-alarm rate.
    """
    nightly = request.config.getoption("--nightly")
    return lambda few, many: many if nightly else few


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """No test may reach for the network; one that asks for ``loopback`` reaches 127.0.0.1."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        here = isinstance(address, str | bytes)  # a socket in the file system
        if not here and ("loopback" not in request.fixturenames or address[0] != "127.0.0.1"):
            raise AssertionError("a test tried to open a network connection")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture
def dask(monkeypatch: pytest.MonkeyPatch) -> Iterator[StartWorkers]:
    """``dask(workers)``: a client of so many Dask workers, threads of this process."""
    import distributed

    original = socket.socket.__mro__[1].connect  # type: ignore[attr-defined]

    def connect(self: socket.socket, address: Any) -> None:
        # Dask asks the system for its own address: let it, but reach nothing outside.
        if not str(address[0]).startswith(("127.", "::1")):
            raise OSError("no network in tests")
        original(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)
    with ExitStack() as stack, warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Couldn't detect a suitable IP address")
        warnings.filterwarnings("ignore", "Port 8787 is already in use")

        def start(workers: int) -> Any:
            return stack.enter_context(
                distributed.Client(
                    processes=False,
                    n_workers=workers,
                    threads_per_worker=1,
                    dashboard_address=None,
                )
            )

        yield start


@pytest.fixture
def no_orders(monkeypatch: pytest.MonkeyPatch) -> None:
    """Estimates without the bound by order: for hundreds of data sets of which it is not read.

    Its intervals take a third of the time of a small estimate.
    """
    monkeypatch.setattr(import_module("qbell.estimator.estimate"), "_by_order", lambda *_: None)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium, one for the tests of a file: its event loop would disturb others."""
    with chromium() as started:
        yield started


@pytest.fixture
def loopback() -> Iterator[Start]:
    """Servers that play IBM's service, see tests/support/loopback; what they do not know fails."""
    started = []
    with ExitStack() as stack:

        def start(**options: Any) -> Loopback:
            started.append(stack.enter_context(Loopback(**options)))
            return started[-1]

        yield start
    assert [server.complaints() for server in started if server.complaints()] == []


@pytest.fixture
def qbell(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Qbell:
    """Run the command line in ``tmp_path``; it must end with ``code``."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object, code: int = 0) -> tuple[str, str]:
        monkeypatch.setattr(sys, "argv", ["qbell", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as stopped:
            app.run()
        said = capsys.readouterr()
        assert stopped.value.code == code, said.err
        return said.out, said.err

    return call
