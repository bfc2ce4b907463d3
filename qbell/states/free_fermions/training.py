"""Training the circuits of the Ising chain: the shallowest one that reaches a fidelity."""

import math
from collections.abc import Iterable
from functools import lru_cache

import numpy as np
import scipy
from numpy.typing import NDArray

from qbell.circuits.layers import interpolate
from qbell.errors import QbellError
from qbell.states.free_fermions import trained_angles
from qbell.states.free_fermions.gaussian import STARTS, target_modes
from qbell.states.free_fermions.objective import Objective
from qbell.states.free_fermions.trained_circuit import TrainedCircuit
from qbell.util.threads import one_blas_thread

KINDS = ("local", "uniform")
FIDELITY = 0.98
MAX_TRAINED_ISING_QUBITS = 500
DIGITS = 9  # of the angles that are kept: equal on every machine that finds the same optimum
NEGLIGIBLE = 1e-4  # radians: left out, the fidelity falls by no more than 1e-8 N
FIRST_ANGLES = (0.3, 0.6, 1.2)  # of the grid from which a single uniform layer starts
PROBE, POLISH = 500, 2000  # iterations: to see whether a depth reaches the fidelity; to finish
LONG_CHAIN = 64  # qubits beyond which finishing takes no more iterations than a probe
NEARLY = 10.0  # times -ln of the wanted F: uniform angles that far off are worth local ones
FAR = 5.0  # a start whose -ln F is so many times the other's is not tried at the same depth

Angles = NDArray[np.float64]


@lru_cache(maxsize=256)
def train(
    num_qubits: int,
    u: float,
    layers: int | None = None,
    fidelity: float = FIDELITY,
    kind: str = "local",
) -> TrainedCircuit:
    """The shallowest circuit found that reaches ``fidelity``, or the best one of ``layers``.

    ln F is maximised by L-BFGS with exact gradients, O(N^2) for each layer. Uniform angles (two a
    layer) grow in depth, each depth starting from the interpolated angles of the one before; they
    are the start of local ones. The depth is then bisected, from both starts. Angles trained before
    for this chain, or for near values of U (`trained_angles`), serve as further starting points.
    The same call gives the same angles on every run.

    Args:
        num_qubits: N, 2 to 500.
        u: interaction strength; trained on -|U|, see `TrainedCircuit`.
        layers: depth, instead of the smallest one.
        fidelity: wanted |<circuit|ground state>|^2.
        kind: ``local`` (one angle for each site and bond, mirror-symmetric) or ``uniform``.

    Raises:
        QbellError: N above 500, or the fidelity is not reached within 2 N layers.

    >>> found = train(32, -3.0)
    >>> found.start, found.layers, found.fidelity > 0.98
    ('ghz', 1, True)
    """
    if num_qubits > MAX_TRAINED_ISING_QUBITS:
        raise QbellError(
            f"n = {num_qubits}: Ising circuits are trained up to n = {MAX_TRAINED_ISING_QUBITS}"
        )
    default = layers is None and fidelity == FIDELITY and kind == "local"
    known = trained_angles.find(num_qubits, u) if default else None
    if known is not None:
        return known
    near = trained_angles.near(num_qubits, u) if kind == "local" else ()
    with one_blas_thread():
        trainer = Trainer(num_qubits, -abs(u), kind, near)
        start, angles = trainer.shallowest(fidelity) if layers is None else trainer.best(layers)[:2]
    return trainer.circuit(start, angles, u, 0.0 if layers is not None else fidelity)


class Trainer:
    """The search for one chain; it remembers what it has trained."""

    def __init__(
        self, num_qubits: int, u: float, kind: str, near: Iterable[TrainedCircuit] = ()
    ) -> None:
        self.num_qubits = num_qubits
        self.u = u
        self.kind = kind
        target = target_modes(num_qubits, u)
        self.uniform = {start: Objective(target, start, "uniform") for start in STARTS}
        self.objective = {start: Objective(target, start, kind) for start in STARTS}
        self.near = [(circuit.start, self._classes(circuit)) for circuit in near if circuit.layers]
        self.polish = POLISH if num_qubits <= LONG_CHAIN else PROBE
        self._grown: dict[str, dict[int, Angles]] = {start: {} for start in STARTS}

    def circuit(self, start: str, angles: Angles, u: float, least: float = 0.0) -> TrainedCircuit:
        """With its angles between -pi and pi, rounded.

        Those near 0 are 0, and need no gate, unless the fidelity would fall below ``least``.
        """
        wrapped = np.round(angles - 2 * math.pi * np.round(angles / (2 * math.pi)), DIGITS)
        fewer = np.where(np.abs(wrapped) < NEGLIGIBLE, 0.0, wrapped)
        if self.objective[start].log_fidelity(fewer) >= (math.log(least) if least else -math.inf):
            wrapped = fewer
        x, zz = self.objective[start].expand(wrapped + 0.0)  # no negative zeros
        return TrainedCircuit(self.num_qubits, u, start, x, zz)

    def shallowest(self, fidelity: float) -> tuple[str, Angles]:
        """Start and angles at the smallest depth found that reaches ``fidelity``.

        Raises:
            QbellError: 2 N layers are not enough.
        """
        wanted = math.log(fidelity)
        start, angles, reached = self.best(0)
        if reached >= wanted:
            return start, angles
        short, enough = 0, self._grow(wanted)
        while enough > short + 1:
            middle = (short + enough) // 2
            if self.best(middle, PROBE, wanted)[2] >= wanted:
                enough = middle
            else:
                short = middle
        start, angles, reached = self.best(enough)
        while enough > 1:  # the optimum at one depth may show the way at the one below
            shallower = interpolate(angles, enough - 1)
            shallower, reached = self._optimise(self.objective[start], shallower, self.polish)
            if reached < wanted:
                break
            angles, enough = shallower, enough - 1
        if start == "ghz":  # |+>^N costs N - 1 two-qubit gates less
            log = self.uniform["plus"].log_fidelity(self._uniform("plus", enough))
            if log > NEARLY * wanted:
                product, reached = self._from("plus", enough)
                if reached >= wanted:
                    return "plus", product
        return start, angles

    def best(
        self, depth: int, iterations: int | None = None, wanted: float = math.inf
    ) -> tuple[str, Angles, float]:
        """Start, angles and ln F at ``depth``; stops at the first that reaches ``wanted``."""
        iterations = self.polish if iterations is None else iterations
        uniform = {start: self._uniform(start, depth) for start in STARTS}
        logs = {start: self.uniform[start].log_fidelity(uniform[start]) for start in STARTS}
        first, second = sorted(STARTS, key=lambda start: -logs[start])
        tries = [(first, self._as_classes(first, uniform[first]))]
        tries += [(start, interpolate(angles, depth)) for start, angles in self.near]
        if logs[second] > FAR * logs[first]:
            tries.append((second, self._as_classes(second, uniform[second])))
        found: tuple[str, Angles, float] | None = None
        for start, angles in tries:
            better, log = self._optimise(self.objective[start], angles, iterations, wanted)
            if found is None or log > found[2]:
                found = (start, better, log)
            if log >= wanted:
                break
        assert found is not None
        return found

    def _from(self, start: str, depth: int) -> tuple[Angles, float]:
        """Angles and ln F at ``depth`` from one start."""
        tries = [self._as_classes(start, self._uniform(start, depth))]
        tries += [interpolate(angles, depth) for near, angles in self.near if near == start]
        objective = self.objective[start]
        found = [self._optimise(objective, angles, self.polish) for angles in tries]
        return max(found, key=lambda item: item[1])

    def _grow(self, wanted: float) -> int:
        """A depth at which uniform angles reach ``wanted``."""
        depth, most = 1, 2 * self.num_qubits
        while True:
            reached = max(
                self.uniform[start].log_fidelity(self._uniform(start, depth)) for start in STARTS
            )
            if reached >= wanted:
                return depth
            if depth == most:
                raise QbellError(
                    f"ising n = {self.num_qubits}, u = {self.u}: {most} layers leave "
                    f"1 - fidelity = {-math.expm1(reached):.2g}, more than "
                    f"{-math.expm1(wanted):.2g}; ask for less with fidelity ="
                )
            depth = min(max(depth + 1, math.ceil(1.2 * depth)), most)

    def _uniform(self, start: str, depth: int) -> Angles:
        """(depth, 2) trained uniform angles, grown from the deepest ones that are shallower."""
        grown = self._grown[start]
        while depth and depth not in grown:
            below = max((known for known in grown if known < depth), default=0)
            objective = self.uniform[start]
            if below == 0:
                first = np.array([[x, zz] for x in FIRST_ANGLES for zz in FIRST_ANGLES])
                tried = [self._optimise(objective, angles[None], PROBE) for angles in first]
                grown[1] = max(tried, key=lambda item: item[1])[0]
            else:
                step = min(depth, max(below + 1, math.ceil(1.2 * below)))
                grown[step] = self._optimise(objective, interpolate(grown[below], step), PROBE)[0]
        return grown[depth] if depth else np.zeros((0, 2))

    def _optimise(
        self, objective: Objective, angles: Angles, iterations: int, wanted: float = math.inf
    ) -> tuple[Angles, float]:
        """Better angles and their ln F; ends early where ``wanted`` is reached."""
        if len(angles) == 0:
            return angles, objective.log_fidelity(angles)

        def stop(intermediate_result: scipy.optimize.OptimizeResult) -> None:
            if -intermediate_result.fun >= wanted:
                raise StopIteration

        result = scipy.optimize.minimize(
            objective,
            angles.ravel(),
            jac=True,
            method="L-BFGS-B",
            callback=stop,
            options={
                "maxiter": iterations,
                "maxfun": 2 * iterations,
                "maxcor": 30,
                "ftol": 1e-13,
                "gtol": 1e-8,
            },
        )
        return result.x.reshape(angles.shape), -float(result.fun)

    def _as_classes(self, start: str, uniform: Angles) -> Angles:
        """Uniform angles (layers, 2) in the form of those that are trained."""
        objective = self.objective[start]
        split = objective.num_site_classes
        return np.repeat(uniform, [split, objective.width - split], axis=1)

    def _classes(self, circuit: TrainedCircuit) -> Angles:
        """A trained circuit's angles in the form of those that are trained."""
        half = self.num_qubits // 2
        return np.concatenate([circuit.x[:, : self.num_qubits - half], circuit.zz[:, :half]], 1)
