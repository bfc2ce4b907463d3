"""Options of a job, and the client's Sampler with them."""

from dataclasses import dataclass
from typing import Any

from qbell.devices.decoupling import check_sequence
from qbell.errors import QbellError


@dataclass(frozen=True)
class JobOptions:
    """What a job asks for beside its circuits.

    ``max_execution_time``: seconds of the processor, at most. ``twirling``: of the measurements,
    with ``randomizations`` random flips of each setting, which must divide the shots.
    ``private``: the result can be read once. ``seed``: of the simulation, in local mode only.
    """

    tags: tuple[str, ...] = ()
    max_execution_time: int | None = None
    dynamical_decoupling: str | None = None
    twirling: bool = False
    randomizations: int = 1
    private: bool = False
    seed: int | None = None

    def check(self, shots: int) -> None:
        """Refuse what cannot be.

        Raises:
            QbellError: the sequence is unknown, or the shots are no multiple of randomizations.
        """
        if shots < 1:
            raise QbellError(f"{shots} shots; ask for 1 or more")
        check_sequence(self.dynamical_decoupling)
        if self.twirling and (self.randomizations < 1 or shots % self.randomizations):
            raise QbellError(
                f"{shots} shots of a setting are no multiple of randomizations = "
                f"{self.randomizations}; use a divisor"
            )


def sampler_for(mode: Any, options: JobOptions, shots: int) -> Any:
    """The client's Sampler; ``mode`` is a BackendV2 (fakes run in local mode) or a Batch.

    Every setting gets exactly ``shots`` shots: under twirling the client takes the product of two
    numbers and ignores the shots asked for, so both are set.

    Raises:
        QbellError: see `JobOptions.check`, or the extra ``ibm`` is not installed.
    """
    options.check(shots)
    try:
        from qiskit_ibm_runtime.executor_sampler import Sampler
        from qiskit_ibm_runtime.options_models import SamplerOptions
    except ImportError as error:
        raise QbellError("this needs the extra ibm; run: pip install 'qbell[ibm]'") from error
    chosen = SamplerOptions()
    chosen.default_shots = shots
    chosen.max_execution_time = options.max_execution_time
    chosen.environment.job_tags = list(options.tags)
    chosen.environment.private = options.private
    chosen.simulator.seed_simulator = options.seed
    chosen.dynamical_decoupling.enable = options.dynamical_decoupling is not None
    if options.dynamical_decoupling is not None:
        chosen.dynamical_decoupling.sequence_type = options.dynamical_decoupling
    chosen.twirling.enable_gates = False
    chosen.twirling.enable_measure = options.twirling
    if options.twirling:
        chosen.twirling.num_randomizations = options.randomizations
        chosen.twirling.shots_per_randomization = shots // options.randomizations
    return Sampler(mode=mode, options=chosen)
