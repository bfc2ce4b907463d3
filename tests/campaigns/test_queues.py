"""A queue of one's own, as CONTRIBUTING.md says: jobs that wait, then run in reverse order."""

import pickle
from pathlib import Path
from typing import Any, ClassVar

import pytest

import qbell
from qbell import QbellError
from qbell.campaigns.queues import Queue, Request, queue_kind, registry
from qbell.devices.ibm import JobReport

SPEC = """
seed = 3
[state]
family = "ghz"
n = 2
[schedule]
design = "full"
shots = 8
[backend]
name = "patient"
[hardware]
jobs = 2
reference = 2
reference_shots = 10
"""


class PatientQueue(Queue):
    """Keeps its jobs in the campaign's folder until somebody asks how far they are."""

    where: ClassVar[str] = "patient"
    charged: ClassVar[bool] = False
    ran: ClassVar[list[str]] = []

    @classmethod
    def serves(cls, backend: str) -> bool:
        return backend == "patient"

    def device(self) -> Any:
        return None

    def submit(self, request: Request) -> str:
        home = self.folder / ".patient"
        home.mkdir(exist_ok=True)
        job_id = f"p{len(self._jobs()):04d}"
        (home / f"{job_id}.job").write_bytes(pickle.dumps(request))
        return job_id

    def find(self, tag: str) -> tuple[JobReport, ...]:
        jobs = {path.stem: pickle.loads(path.read_bytes()) for path in self._jobs()}
        return tuple(
            JobReport(job_id, "queued") for job_id, job in jobs.items() if tag in job.options.tags
        )

    def status(self, job_id: str) -> JobReport:
        from qiskit_aer.primitives import SamplerV2

        for path in reversed(self._jobs()):
            if not self._result(path.stem).exists():
                request = pickle.loads(path.read_bytes())
                sampler = SamplerV2(seed=request.options.seed)
                result = sampler.run(request.pubs, shots=request.shots).result()
                self._result(path.stem).write_bytes(pickle.dumps(result))
                self.ran.append(path.stem)
        return JobReport(job_id, "done" if self._result(job_id).exists() else "lost")

    def result(self, job_id: str) -> Any:
        return pickle.loads(self._result(job_id).read_bytes())

    def cancel(self, job_id: str) -> None:
        raise AssertionError("no job arrives twice")

    def close(self) -> None:
        self.ran.append("closed")

    def _jobs(self) -> list[Path]:
        return sorted((self.folder / ".patient").glob("*.job"))

    def _result(self, job_id: str) -> Path:
        return self.folder / ".patient" / f"{job_id}.result"


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A campaign on the patient queue, which is known from here on."""
    monkeypatch.setattr(registry, "QUEUES", (PatientQueue, *registry.QUEUES))
    PatientQueue.ran.clear()
    path = tmp_path / "spec.toml"
    path.write_text(SPEC)
    return path


@pytest.mark.slow
def test_a_queue_of_ones_own(spec: Path) -> None:
    folder = spec.parent / "out"
    sent = qbell.submit(spec, folder)
    assert sent.record["where"] == "patient"
    assert sent.counts == {"queued": 4}
    assert PatientQueue.ran == []
    outcome = qbell.fetch(folder)
    assert PatientQueue.ran == ["p0003", "p0002", "p0001", "p0000", "closed"]
    assert outcome.summary["total_shots"] == 4 * 8
    # Equal seeds, equal shots: it is Aer that measures, as on the backend aer.
    qbell.submit(spec, spec.parent / "aer", backend="aer")
    qbell.fetch(spec.parent / "aer")
    one, other = ((spec.parent / name / "counts.csv").read_text() for name in ("out", "aer"))
    assert one == other


@pytest.mark.slow
def test_a_job_that_was_accepted_is_not_sent_again(
    spec: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process ends between the queue's accepting a job and the id on disk."""
    folder = spec.parent / "out"
    accept = PatientQueue.submit

    def ended(self: PatientQueue, request: Request) -> str:
        accept(self, request)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(PatientQueue, "submit", ended)
        with pytest.raises(KeyboardInterrupt):
            qbell.submit(spec, folder)
    assert qbell.status(folder).counts == {"sending": 1, "waiting": 3}
    assert qbell.submit(spec, folder).counts == {"queued": 4}
    assert len(list((folder / ".patient").glob("*.job"))) == 4
    assert qbell.fetch(folder).summary["total_shots"] == 4 * 8


def test_a_queue_that_this_version_does_not_have() -> None:
    with pytest.raises(QbellError, match=r"'moon', and this qbell knows local, sampler, service"):
        queue_kind("moon")
