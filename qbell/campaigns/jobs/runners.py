"""Where jobs run that have no queue: simulated here, or by a sampler object given in Python."""

from typing import Any

import numpy as np

from qbell.campaigns.jobs.jobs import Job
from qbell.campaigns.jobs.outcomes import pubs_of
from qbell.campaigns.jobs.plan import JobPlan
from qbell.devices.backends import IDEAL, find_backend
from qbell.errors import QbellError


def run_here(plan: JobPlan, job: Job, sampler: Any = None) -> Any:
    """The result of a job, measured at once: the same again whenever a simulation is repeated.

    Args:
        plan: of the campaign.
        job: to run.
        sampler: a SamplerV2, for campaigns on one.

    Raises:
        QbellError: a campaign on a sampler, without it.
    """
    pubs = pubs_of(plan, job)
    seed = int(np.random.SeedSequence([plan.seed, job.number]).generate_state(1)[0])
    if plan.where == "sampler":
        if sampler is None:
            raise QbellError(
                f"{plan.folder} is a campaign on a sampler object; give it again in Python: "
                "qbell.submit(folder=..., sampler=...)"
            )
        try:
            return sampler.run(pubs, shots=job.shots).result()
        except Exception as error:  # of any vendor, of any kind
            said = (str(error).splitlines() or [""])[0][:200]
            raise QbellError(
                f"job {job.number}: the sampler failed ({type(error).__name__}: {said}); submit "
                "again to go on from this job"
            ) from error
    if plan.spec.backend == IDEAL:
        from qiskit_aer.primitives import SamplerV2

        one_thread = {"backend_options": {"max_parallel_threads": 1}}
        return SamplerV2(seed=seed, options=one_thread).run(pubs, shots=job.shots).result()
    from qbell.devices.ibm import JobOptions, sampler_for

    options = JobOptions(
        dynamical_decoupling=plan.decoupling,
        twirling=plan.twirling,
        randomizations=job.randomizations,
        seed=seed,
    )
    local = sampler_for(find_backend(plan.spec.backend), options, job.shots)
    return local.run(pubs, shots=job.shots).result()


def as_sampler(backend: Any) -> Any:
    """A SamplerV2 of a BackendV2 of any vendor."""
    from qiskit.primitives import BackendSamplerV2

    return BackendSamplerV2(backend=backend)
