"""The service through the real client, against a server on 127.0.0.1 that plays it."""

import json
import os
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from qbell.devices.ibm import (
    JobOptions,
    JobReport,
    Patience,
    Service,
    ServiceError,
    Uncertain,
    client,
    has_account,
    redacted,
    sampler_for,
)
from qbell.devices.ibm import (
    retry as patience,
)
from qbell.errors import QbellError
from tests.conftest import Start
from tests.support.loopback import (
    Fault,
    JobFault,
    Loopback,
    cancelled,
    failing,
    fewer_settings,
    fewer_shots,
    gone,
    http,
    reset,
    slow,
    truncated,
)

NAME = "ibm_pittsburgh"
SMALL = "ibm_jakarta"  # 7 qubits, soon read: where it does not matter what the device is
DEVICES = (NAME, SMALL)
SHOTS = 400
# P(1) of three qubits in four settings: no two qubits or settings alike.
P = np.array([[0, 0.2, 0.9], [0.5, 1, 0.05], [1, 0, 0.3], [0.1, 0.6, 0]])


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Nobody sleeps; what we would have waited."""
    waited: list[float] = []
    monkeypatch.setattr(patience, "sleep", waited.append)
    monkeypatch.setattr("urllib3.util.retry.Retry.get_backoff_time", lambda _: 0.0)
    return waited


@pytest.fixture
def server(loopback: Start, monkeypatch: pytest.MonkeyPatch, waits: list[float]) -> Loopback:
    return visit(loopback(devices=DEVICES, job_seconds=0.02), monkeypatch)


def visit(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> Loopback:
    """Make it the one that the client finds."""
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    return server


def pubs(device: Any, wires: tuple[int, ...] = (1, 3, 5)) -> list[Any]:
    """One circuit, four settings with `P`."""
    from qiskit import QuantumCircuit
    from qiskit.circuit import ParameterVector
    from qiskit.transpiler import generate_preset_pass_manager

    angles = ParameterVector("angle", 3)
    circuit = QuantumCircuit(3)
    for k, angle in enumerate(angles):
        circuit.ry(angle, k)
    circuit.measure_all()
    compiler = generate_preset_pass_manager(
        0, backend=device, initial_layout=wires, seed_transpiler=1
    )
    return [(compiler.run(circuit), 2 * np.arcsin(np.sqrt(P)))]


def bits_of(result: Any) -> NDArray[np.bool_]:
    """Settings, shots, qubits."""
    return np.asarray(result[0].data.meas.to_bool_array(order="little"))


def wait(service: Service, job_id: str) -> JobReport:
    for _ in range(2000):
        report = service.report(job_id)
        if report.final:
            return report
        time.sleep(0.005)
    raise AssertionError("the job does not end")


def fetch(service: Service, job_id: str) -> NDArray[np.bool_]:
    assert wait(service, job_id).status == "done"
    return bits_of(service.result(job_id))


OPTIONS = {
    "plain": JobOptions(tags=("job-1",)),
    "twirled": JobOptions(tags=("job-1",), twirling=True, randomizations=4),
    "decoupled": JobOptions(tags=("job-1",), dynamical_decoupling="XY4"),
    "both": JobOptions(tags=("job-1",), twirling=True, randomizations=8, dynamical_decoupling="XX"),
}


def matches(bits: NDArray[np.bool_], shots: int = SHOTS) -> bool:
    """Whether every mean is within 5 standard errors of `P`; a sure outcome must be exact."""
    return bool(np.all(np.abs(bits.mean(axis=1) - P) <= 5 * np.sqrt(P * (1 - P) / shots)))


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_every_bit_is_where_it_belongs(server: Loopback, options: JobOptions) -> None:
    service = Service()
    device = service.device(NAME)
    bits = fetch(service, service.submit(device, pubs(device), SHOTS, options))
    assert bits.shape == (4, SHOTS, 3)
    assert matches(bits)
    assert not matches(bits[..., ::-1])  # qubits in the wrong order would be seen
    assert not matches(bits[::-1])  # and settings
    (job,) = server.jobs
    assert job.executions == 4 * SHOTS
    assert job.tags == ["job-1"]


def test_twirled_shots_belong_to_their_own_setting(server: Loopback) -> None:
    """Each block of a randomisation, not only the mean of all."""
    service = Service()
    device = service.device(NAME)
    bits = fetch(service, service.submit(device, pubs(device), SHOTS, OPTIONS["twirled"]))
    blocks = bits.reshape(4, 4, SHOTS // 4, 3)
    for block in range(4):
        assert matches(blocks[:, block], SHOTS // 4)
        assert all((blocks[1, 0] != blocks[1, other]).any() for other in range(4) if other)


def test_options_reach_the_service(server: Loopback) -> None:
    service = Service()
    device = service.device(SMALL)
    options = JobOptions(tags=("a", "job-2"), max_execution_time=77, private=True)
    service.submit(device, pubs(device), SHOTS, options)
    (job,) = server.jobs
    assert (job.cost, job.private, job.tags) == (77, True, ["a", "job-2"])


@pytest.mark.device
@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_local_mode_gives_the_same(options: JobOptions) -> None:
    """On the noise of a small device, so the means are only near."""
    from qbell.devices.backends import find_backend

    device = find_backend("fake_manila")
    sampler = sampler_for(device, replace(options, seed=5), SHOTS)
    bits = bits_of(sampler.run(pubs(device, (1, 2, 3))).result())
    assert bits.shape == (4, SHOTS, 3)
    assert np.abs(bits.mean(axis=1) - P).max() < 0.15
    assert np.abs(bits[..., ::-1].mean(axis=1) - P).max() > 0.5


@pytest.mark.parametrize(
    ("options", "shots", "words"),
    [
        (JobOptions(twirling=True, randomizations=3), 100, "divisor"),
        (JobOptions(twirling=True, randomizations=0), 100, "divisor"),
        (JobOptions(dynamical_decoupling="CPMG"), 100, "XY4"),
        (JobOptions(), 0, "1 or more"),
    ],
)
def test_impossible_options_are_refused(options: JobOptions, shots: int, words: str) -> None:
    with pytest.raises(QbellError, match=words):
        sampler_for(None, options, shots)


def test_the_same_job_gives_the_same_shots(server: Loopback) -> None:
    """What the comparison of disturbed campaigns with undisturbed ones stands on."""
    service = Service()
    device = service.device(SMALL)

    def shots(*tags: str, twirling: bool = False) -> NDArray[np.bool_]:
        options = JobOptions(tags=tags, twirling=twirling, randomizations=4)
        return fetch(service, service.submit(device, pubs(device), SHOTS, options))

    first = shots("campaign-1a2b", "job-3")
    assert np.array_equal(first, shots("campaign-ffff", "job-3", "attempt-2"))
    assert not np.array_equal(first, shots("campaign-1a2b", "job-4"))
    assert np.array_equal(shots("job-3", twirling=True), shots("job-3", twirling=True))


def test_a_report_says_where_a_job_stands(loopback: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    server = visit(loopback(devices=DEVICES, job_seconds=0.02, paused=True), monkeypatch)
    server.add(failing("job-3", reason="Qubit 7 was lost"), cancelled("job-4"))
    server.add(failing("job-5", reason="", reason_code=None))
    service = Service()
    device = service.device(SMALL)
    ids = [
        service.submit(device, pubs(device), 100, JobOptions(tags=(f"job-{k}",)))
        for k in range(1, 6)
    ]
    waiting = service.report(ids[1])
    assert (waiting.status, waiting.queue_place, waiting.final) == ("queued", 2, False)
    assert waiting.usage_seconds is None
    assert waiting.estimated_seconds == pytest.approx(2.1)
    assert service.device_status(device).pending_jobs == 5
    server.release()
    done, _, failed, stopped, unexplained = [wait(service, job_id) for job_id in ids]
    assert (done.status, done.usage_seconds, done.tags) == ("done", 2.1, ("job-1",))
    assert done.created is not None
    assert done.started is not None
    assert done.finished is not None
    assert done.created < done.started < done.finished
    assert done.finished.endswith("+00:00")
    assert (failed.status, failed.reason) == ("failed", "Qubit 7 was lost")
    assert stopped.status == "cancelled"
    assert unexplained.status == "failed"
    lost = service.report("d0000000000000000000")
    assert (lost.status, lost.final) == ("lost", True)
    for job_id, words in ((ids[2], "Qubit 7 was lost"), (ids[3], "cancelled"), ("d0", "lost")):
        with pytest.raises(ServiceError, match=words) as said:
            service.result(job_id)
        assert not said.value.passing
    usage = service.allowance()
    assert usage is not None
    assert usage.used == pytest.approx(sum(job.usage for job in server.jobs))
    assert usage.remaining == pytest.approx(600 - usage.used)


def test_a_result_is_not_waited_for(loopback: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    visit(loopback(devices=DEVICES, paused=True), monkeypatch)
    service = Service()
    device = service.device(SMALL)
    job_id = service.submit(device, pubs(device), 100, JobOptions())
    with pytest.raises(ServiceError, match="queued") as said:
        service.result(job_id)
    assert said.value.passing


def test_a_job_over_its_time_has_failed(server: Loopback) -> None:
    server.add(JobFault("fail", reason="Job exceeded its time", reason_code=1305))
    service = Service()
    device = service.device(SMALL)
    report = wait(service, service.submit(device, pubs(device), 100, JobOptions()))
    assert report.status == "failed"
    assert report.reason == "Job exceeded its time (code 1305)"


def test_find_reads_all_pages_oldest_first(
    loopback: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = visit(loopback(devices=DEVICES, job_seconds=0.01, page=3), monkeypatch)
    service = Service()
    device = service.device(SMALL)
    sent = [
        service.submit(device, pubs(device), 10, JobOptions(tags=(("odd", "even")[k % 2], "all")))
        for k in range(13)
    ]
    assert [report.job_id for report in Service().find("all")] == sent
    assert [report.job_id for report in service.find("odd")] == sent[::2]
    assert service.find("none") == ()
    assert sum(path == "/jobs" and method == "GET" for method, path, _ in server.log) == 5 + 3 + 1


def test_cancelling_twice_is_no_error(loopback: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    server = visit(loopback(devices=DEVICES, paused=True), monkeypatch)
    service = Service()
    device = service.device(SMALL)
    job_id = service.submit(device, pubs(device), 10, JobOptions())
    service.cancel(job_id)
    service.cancel(job_id)
    service.cancel("d0")
    assert service.report(job_id).status == "cancelled"
    assert service.report(job_id).usage_seconds == 0
    assert server.jobs[0].status == "Cancelled"


def test_a_batch_is_shared_by_processes(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = Service(), Service()
    device = first.device(SMALL)
    batch = first.open_batch(device)
    first.submit(device, pubs(device), 10, JobOptions(), batch)
    second.submit(second.device(SMALL), pubs(device), 10, JobOptions(), batch)
    first.submit(device, pubs(device), 10, JobOptions())
    assert [job.session for job in server.jobs] == [batch, batch, None]
    assert server.sessions[batch]["mode"] == "batch"
    second.close_batch(batch, device)
    second.close_batch(batch, device)
    for closed in (batch, "s0"):
        with pytest.raises(ServiceError, match="closed") as said:
            first.submit(device, pubs(device), 10, JobOptions(), closed)
        assert said.value.batch_closed
    # It may also close between our question and the job.
    monkeypatch.setattr(Service, "_check_batch", lambda *_: None)
    with pytest.raises(ServiceError, match="closed") as said:
        first.submit(device, pubs(device), 10, JobOptions(), batch)
    assert said.value.batch_closed
    assert not isinstance(said.value, Uncertain)
    assert len(server.jobs) == 3


READS: dict[str, tuple[Fault, ...]] = {
    "503": (http(503, "GET", count=2),),
    "503, Retry-After": (http(503, "GET", count=2, retry_after=7200),),
    "500, 502, 504": tuple(http(status, "GET", "/jobs") for status in (500, 502, 504)),
    "503 for long": (http(503, "GET", "/jobs", count=14),),
    "429": (http(429, "GET", "/jobs", count=2),),
    "429, Retry-After": (http(429, "GET", count=3, retry_after=2),),
    "reset before": (reset("before", "GET", count=2),),
    "reset after": (reset("after", "GET", "/jobs", count=2),),
    "reset in the reply": (reset("body", "GET", "/results"), reset("body", "GET", count=3)),
    "half a result": (truncated(count=2),),
    "half a report": (truncated("GET", "/jobs/[^/]+$", count=1),),
    "half of the metrics": (truncated("GET", "/metrics", count=2),),
    "slow": (slow(0.1, "GET", count=2),),
    "no answer": (slow(0.8, "GET", "/results", count=1),),
    "token": (http(401, "GET", "/results"), http(401, "GET", "/metrics", skip=2)),
    "IBM Cloud": (http(503, "POST", "/identity/token", count=2),),
    "IBM Cloud reset": (reset("before", "POST", "/identity/token", count=2),),
}


@pytest.mark.parametrize("faults", READS.values(), ids=READS)
def test_reading_outlives_faults(
    server: Loopback, faults: tuple[Fault, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    service = Service()
    device = service.device(SMALL)
    job_id = service.submit(device, pubs(device), 40, OPTIONS["twirled"])
    undisturbed = fetch(service, job_id)
    monkeypatch.setattr(client, "READ_SECONDS", 0.4)
    faults = deepcopy(faults)
    server.add(*faults)
    other = Service()
    assert other.find("job-1")[0].usage_seconds == pytest.approx(2.04)
    assert np.array_equal(fetch(other, job_id), undisturbed)
    assert other.device(SMALL).num_qubits == 7
    assert all(fault.struck for fault in faults)
    assert len(server.jobs) == 1


def test_waiting_grows_and_heeds_the_service(server: Loopback, waits: list[float]) -> None:
    service = Service(Patience(first=2, factor=3, most=10, tries=4))
    service.find("x")
    server.add(http(429, "GET", "/jobs", count=99))
    with pytest.raises(ServiceError, match="429") as said:
        service.find("x")
    assert said.value.passing
    assert waits == [2, 6, 10]
    waits.clear()
    server.heal()
    server.add(http(429, "GET", "/jobs", count=2, retry_after=5))
    service.find("x")
    assert waits == [5, 6]
    waits.clear()
    server.add(http(429, "GET", "/jobs", retry_after=7200))
    with pytest.raises(ServiceError, match="wait 7200 s"):
        service.find("x")
    assert waits == []


SENT_ONCE: dict[str, tuple[Fault, ...]] = {
    "503": (http(503, "POST", "/jobs$", count=2),),
    "429": (http(429, "POST", "/jobs$", count=2),),
    "429, Retry-After": (http(429, "POST", "/jobs$", retry_after=3),),
    "401": (http(401, "POST", "/jobs$"),),
    "status": (reset("body", "GET", "/status$", count=3),),
    "usage": (http(503, "GET", "/usage$", count=7),),
    "usage, later": (reset("body", "GET", "/usage$", skip=1),),
    "slow": (slow(0.2, "POST", "/jobs$"),),
}


@pytest.mark.parametrize("faults", SENT_ONCE.values(), ids=SENT_ONCE)
def test_a_job_that_surely_did_not_arrive_is_sent_again(
    server: Loopback, faults: tuple[Fault, ...]
) -> None:
    service = Service()
    device = service.device(SMALL)
    server.add(*deepcopy(faults))
    try:
        job_id = service.submit(device, pubs(device), 40, OPTIONS["plain"])
    except Uncertain:  # too careful is allowed, if the tag then says that nothing arrived
        assert faults[0].method == "GET"
        assert service.find("job-1") == ()
        job_id = service.submit(device, pubs(device), 40, OPTIONS["plain"])
    assert [job.job_id for job in server.jobs] == [job_id]


UNCERTAIN: dict[str, tuple[Fault, int]] = {
    "reset before": (reset("before", "POST", "/jobs$"), 0),
    "reset after": (reset("after", "POST", "/jobs$"), 1),
    "reset in the reply": (reset("body", "POST", "/jobs$"), 1),
    "broken reply": (truncated("POST", "/jobs$"), 1),
    "504 for long": (http(504, "POST", "/jobs$", count=9), 0),
    "408": (http(408, "POST", "/jobs$", processed=True), 1),
}


@pytest.mark.parametrize(("fault", "arrived"), UNCERTAIN.values(), ids=UNCERTAIN)
def test_a_job_that_may_have_arrived_is_not_sent_again(
    server: Loopback, fault: Fault, arrived: int
) -> None:
    service = Service()
    device = service.device(SMALL)
    server.add(deepcopy(fault))
    with pytest.raises(Uncertain, match="may have arrived or not") as said:
        service.submit(device, pubs(device), 40, OPTIONS["plain"])
    assert said.value.passing
    server.heal()
    assert len(server.jobs) == arrived
    assert [report.job_id for report in service.find("job-1")] == [
        job.job_id for job in server.jobs
    ]


def test_what_the_client_sends_twice_is_found_by_its_tag(server: Loopback) -> None:
    """The client repeats a job after a 5xx, trusting that it did not arrive; should it have, two
    jobs bear the tag."""
    service = Service()
    device = service.device(SMALL)
    server.add(http(502, "POST", "/jobs$", processed=True))
    job_id = service.submit(device, pubs(device), 40, OPTIONS["plain"])
    found = [report.job_id for report in service.find("job-1")]
    assert len(found) == 2
    assert found[1] == job_id


REFUSED: dict[str, tuple[Fault, str]] = {
    "400": (http(400, "POST", "/jobs$", message="Bad circuit"), "400: Bad circuit"),
    "402": (http(402, "POST", "/jobs$"), "payment"),
    "403": (http(403, "POST", "/jobs$", message="Not for your plan"), "Not for your plan"),
    "404": (http(404, "POST", "/jobs$"), "does not know it"),
    "409": (http(409, "POST", "/jobs$"), "409"),
    "413": (http(413, "POST", "/jobs$"), "too large"),
}


@pytest.mark.parametrize(("fault", "words"), REFUSED.values(), ids=REFUSED)
def test_a_refused_job_is_said_to_be(server: Loopback, fault: Fault, words: str) -> None:
    service = Service()
    device = service.device(SMALL)
    fault = deepcopy(fault)
    server.add(fault)
    with pytest.raises(ServiceError, match=words) as said:
        service.submit(device, pubs(device), 40, JobOptions())
    assert not said.value.passing
    assert not isinstance(said.value, Uncertain)
    assert fault.struck == 1
    assert server.jobs == []


def test_a_circuit_that_the_client_refuses_is_no_riddle(server: Loopback) -> None:
    service = Service()
    device = service.device(SMALL)
    with pytest.raises(ServiceError) as said:
        service.submit(device, [], 40, JobOptions())
    assert not isinstance(said.value, Uncertain)
    assert not said.value.passing
    assert "No pubs" in str(said.value)


def test_an_offline_device_is_not_sent_to(server: Loopback) -> None:
    service = Service()
    device = service.device(SMALL)
    server.devices[SMALL].operational = False
    server.devices[SMALL].status = "maintenance until Monday"
    assert not service.device_status(device).operational
    with pytest.raises(ServiceError, match=r"offline.*maintenance until Monday") as said:
        service.submit(device, pubs(device), 40, JobOptions())
    assert said.value.passing
    assert server.jobs == []
    assert ("POST", "/jobs") not in {entry[:2] for entry in server.log}


def test_an_exhausted_instance_is_not_sent_to(server: Loopback) -> None:
    service = Service()
    device = service.device(SMALL)
    server.usage_reached = True
    with pytest.raises(ServiceError, match="all its processor time of 600 s") as said:
        service.submit(device, pubs(device), 40, JobOptions())
    assert not said.value.passing
    assert server.jobs == []


def test_an_expired_token_is_renewed(server: Loopback) -> None:
    service = Service()
    device = service.device(SMALL)
    for k in range(3):
        server.expire_tokens()
        service.submit(device, pubs(device), 40, JobOptions(tags=(f"job-{k}",)))
    server.expire_tokens()
    assert len(service.find("job-2")) == 1
    assert len(server.jobs) == 3
    server.api_key = "another-key-than-the-one-that-we-have"
    server.expire_tokens()
    with pytest.raises(ServiceError, match="refused the API key; make an API key") as said:
        service.find("job-2")
    assert not said.value.passing
    sent = {name for name, _, _ in server.log}
    assert sent == {"GET", "POST"}


def test_a_wrong_instance_and_an_unknown_device(
    server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ServiceError, match=r"'ibm_pittsburg' is unknown.*ibm_pittsburgh"):
        Service().device("ibm_pittsburg")
    other = server.instance.replace("5d1c", "ffff")
    monkeypatch.setenv("QISKIT_IBM_INSTANCE", other)
    with pytest.raises(ServiceError, match="check the account's instance") as said:
        Service().device(SMALL)
    assert "crn:" not in str(said.value)
    assert not said.value.passing


def test_a_network_that_is_down(server: Loopback) -> None:
    service = Service()
    device = service.device(SMALL)
    job_id = service.submit(device, pubs(device), 40, JobOptions())
    circuits = pubs(device)
    server.__exit__(None, None, None)
    calls: list[Callable[[], Any]] = [
        lambda: service.submit(device, circuits, 40, JobOptions()),
        lambda: service.report(job_id),
        lambda: service.result(job_id),
        lambda: service.find("x"),
        lambda: Service().device(SMALL),
    ]
    for call in calls:
        with pytest.raises(ServiceError, match=r"cannot be reached.*refused") as said:
            call()
        assert said.value.passing
        assert not isinstance(said.value, Uncertain)


def test_a_private_result_can_be_read_once(server: Loopback) -> None:
    service = Service()
    device = service.device(SMALL)
    job_id = service.submit(device, pubs(device), 40, JobOptions(private=True))
    assert fetch(service, job_id).shape == (4, 40, 3)
    with pytest.raises(ServiceError, match="is gone") as said:
        service.result(job_id)
    assert not said.value.passing


def test_results_that_are_not_whole(server: Loopback) -> None:
    service = Service()
    device = service.device(SMALL)
    server.add(fewer_settings("job-1"), fewer_shots("job-2"), gone("job-3"))
    ids = [
        service.submit(device, pubs(device), 40, JobOptions(tags=(f"job-{k}",)))
        for k in range(1, 5)
    ]
    assert fetch(service, ids[0]).shape == (3, 40, 3)  # for the caller to see
    assert fetch(service, ids[1]).shape == (4, 20, 3)
    with pytest.raises(ServiceError, match="is gone"):
        fetch(service, ids[2])
    wait(service, ids[3])
    server.add(truncated(count=99))
    with pytest.raises(ServiceError, match="came broken") as said:
        service.result(ids[3])
    assert said.value.passing


BAD_DAYS: dict[str, tuple[Fault | JobFault, ...]] = {
    **{f"{status}": (http(status, count=99),) for status in (400, 401, 403, 404, 409, 429, 503)},
    "key": (http(400, "POST", "/identity/token", count=99, message="{secret}"),),
    "IAM 503": (http(503, "POST", "/identity/token", count=99, message="{secret}"),),
    "says all": (http(403, "GET", "/jobs", count=99, message="{secret} may not"),),
    "posts": (http(400, "POST", "/jobs$", message="Service-CRN {secret} is wrong"),),
    "resets": (reset("after", count=99),),
    "halves": (reset("body", count=99),),
    "broken": (truncated(".*", ".*", count=99),),
    "fails": (failing(reason="apikey {secret} was refused\nfor {secret}"),),
}


@pytest.mark.parametrize("faults", BAD_DAYS.values(), ids=BAD_DAYS)
def test_no_fault_brings_a_secret_out(
    server: Loopback, faults: tuple[Any, ...], capfd: pytest.CaptureFixture[str]
) -> None:
    """In no error, its causes, report, warning or line of log, and errors have one line."""
    said: list[str] = []
    errors: list[QbellError] = []

    def note(call: Callable[[], Any]) -> None:
        try:
            said.append(repr(call()))
        except QbellError as error:
            errors.append(error)
            said.append("".join(traceback.format_exception(error)))

    faults = deepcopy(faults)
    quick = Patience(tries=2)
    service = Service(quick)
    device = service.device(SMALL)
    circuits = pubs(device)
    secrets = " ".join(sorted(server.secrets_seen))
    for fault in faults:
        for name in ("message", "reason"):
            if hasattr(fault, name):
                setattr(fault, name, getattr(fault, name).replace("{secret}", secrets))
    server.add(*[fault for fault in faults if isinstance(fault, JobFault)])
    job_id = service.submit(device, circuits, 40, JobOptions(tags=("job-1",)))
    wait(service, job_id)
    server.add(*[fault for fault in faults if isinstance(fault, Fault)])
    note(lambda: Service(quick).device(SMALL))
    note(lambda: service.submit(device, circuits, 40, JobOptions(tags=("job-2",))))
    note(lambda: service.open_batch(device))
    note(lambda: service.report(job_id))
    note(lambda: service.result(job_id))
    note(lambda: service.find("job-1"))
    note(lambda: service.cancel(job_id))
    note(service.allowance)
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "")
    text = "\n".join(said)
    assert len(said) == 8
    assert not any("\n" in str(error) for error in errors)
    assert not any(error.__context__ or error.__cause__ for error in errors)
    for secret in server.secrets_seen:
        assert secret not in text
        assert secret.replace(":", "%3A").replace("/", "%2F") not in text
    assert "crn" not in text.lower().replace("service-crn", "")


CHILD = """
import json, sys
from qbell.errors import QbellError
from qbell.devices.ibm import JobOptions, Patience, Service
try:
    service = Service(Patience(first=0.01, tries=2))
    device = service.device("ibm_pittsburgh")
    for _ in sys.argv[1:]:
        print(service.find("job-1"))
except QbellError as error:
    print(error)
"""


@pytest.mark.parametrize("level", [pytest.param("", marks=pytest.mark.nightly), "DEBUG"])
def test_a_process_prints_nothing_of_its_own(loopback: Start, tmp_path: Path, level: str) -> None:
    server = loopback()
    server.usage_reached = True
    server.add(reset("before", "GET", "/jobs$"), http(401, "GET", "/jobs$"))
    said = child(server, tmp_path, QISKIT_IBM_RUNTIME_LOG_LEVEL=level)
    lines = [line for line in said.stderr.splitlines() if "being set to level" not in line]
    assert (said.stdout, lines) == ("()\n", [])


def test_a_process_without_account_says_how_to_get_one(loopback: Start, tmp_path: Path) -> None:
    server = loopback()
    said = child(server, tmp_path, QISKIT_IBM_TOKEN="")
    assert said.stdout.startswith("no IBM account: run QiskitRuntimeService.save_account(")
    assert said.stdout.count("\n") == 1
    assert (said.stderr, server.log) == ("", [])


def test_a_saved_account_is_used_and_kept_secret(loopback: Start, tmp_path: Path) -> None:
    server = loopback()
    folder = tmp_path / ".qiskit"
    folder.mkdir()
    account = {
        "channel": "ibm_quantum_platform",
        "url": f"{server.url}/experimental",
        "token": server.api_key,
        "instance": server.instance,
    }
    (folder / "qiskit-ibm.json").write_text(json.dumps({"default-ibm-quantum-platform": account}))
    unset = {"QISKIT_IBM_TOKEN": "", "QISKIT_IBM_URL": "", "QISKIT_IBM_INSTANCE": ""}
    message = f"{server.api_key} {server.instance}"
    server.add(http(403, "GET", "/jobs$", message=message, skip=1))
    said = child(server, tmp_path, times=2, **unset)
    assert said.stdout.startswith("()\n")
    assert "403" in said.stdout
    assert not any(secret in said.stdout + said.stderr for secret in server.secrets_seen)


def child(
    server: Loopback, home: Path, times: int = 1, **variables: str
) -> "subprocess.CompletedProcess[str]":
    """`CHILD` in a process of its own, which asks so many times."""
    environment = {**os.environ, **server.environment, "HOME": str(home), **variables}
    return subprocess.run(
        [sys.executable, "-c", CHILD, *["again"] * times],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )


def test_whether_there_is_an_account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("QISKIT_IBM_TOKEN", raising=False)
    assert not has_account()
    with pytest.raises(QbellError, match="no IBM account"):
        Service()
    path = tmp_path / ".qiskit" / "qiskit-ibm.json"
    path.parent.mkdir()
    for content, there in (
        ("no json", False),
        ("[]", False),
        ('{"a": {"channel": "ibm_quantum", "token": "x"}}', False),
        ('{"a": {"channel": "ibm_quantum_platform", "token": "x"}}', True),
    ):
        path.write_text(content)
        assert has_account() is there
    path.unlink()
    monkeypatch.setenv("QISKIT_IBM_TOKEN", "x")
    assert has_account()


def test_redaction(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QISKIT_IBM_TOKEN", "Zk3/4+secretsecretsecret")
    for secret in (
        "Zk3/4+secretsecretsecret",
        "Zk3%2F4%2Bsecretsecretsecret",
        "eyJhbGciOiJIUzI1NiJ9.eyJpYXQiOjE3MDB9.c2lnbmF0dXJl",
        "crn:v1:bluemix:public:quantum-computing:us-east:a/12:34::",
        "crn%3Av1%3Abluemix%3Apublic",
        "Bearer abcdefghijklmnop",
        "a/0123456789abcdef0123456789abcdef",
        "IBMid-270004WA4U",
    ):
        text = redacted(f"before {secret} after")
        assert text.startswith("before ")
        assert text.endswith(" after")
        assert "[hidden]" in text
        assert secret.split()[-1] not in text
    assert redacted("http://me:pw@proxy:80/x") == "http://[hidden]proxy:80/x"
    plain = (
        "Job d06e4122360aa44d3a7e failed in qiskit_ibm_runtime.executor_sampler.finalize_options"
    )
    assert redacted(plain) == plain
