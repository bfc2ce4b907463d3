"""Even settings, drawn or all listed: (Re c)^2 of all qubits, in time linear in qubits and shots.

A shot in an even setting gives y = prod_k x_k w_k = +-1, w = 1 along sigma_1 and +-i along sigma_2,
with the mean 2 Re c over settings. So E_{N,0} >= (Re c)^2, and the two terms of all + and all - in
Eq. (24) give the bound F_q >= 4 N^2 (Re c)^2.
"""

import math

import numpy as np
import scipy

from qbell.conventions.labels import LABEL_LETTERS, UNITS, columns
from qbell.designs.base import XI
from qbell.errors import QbellError
from qbell.estimator.correlators import Correlators, each_its_own
from qbell.estimator.intervals.bound_interval import Deviations
from qbell.estimator.raw_estimates import Findings, Linear
from qbell.estimator.routes.base import Estimator, Floats, Task
from qbell.estimator.tensor.moments import UNSEEN_FLIPS, unseen_floor
from qbell.estimator.tensor.resampled import Complex, Terms
from qbell.shots.grouping import by_setting, group_by
from qbell.shots.shots import Shots

FEWEST_DRAWS = 20  # whose scatter is known well enough
LEAST_MEAN = 1e-6  # over its standard deviation
ACROSS = 1e-12  # variance of Im c_hat over that of Re c_hat: it is not estimated, and taken as 0


class RealPartEstimator(Estimator):
    """The mean of y over draws or settings, for each label of all qubits that is asked for."""

    def check_size(self, num_qubits: int, num_draws: int | None = None) -> None:
        """See `Estimator.check_size`."""
        if num_draws is not None and num_draws < FEWEST_DRAWS:
            raise QbellError(
                f"{num_draws} draws: the even design needs {FEWEST_DRAWS} or more to know its "
                "error; measure more random settings"
            )

    def find(self, task: Task) -> Findings:
        """See `Estimator.find`."""
        shots = task.shots
        top = "+" * shots.num_qubits
        labels = [*(label for label in dict.fromkeys(task.labels or ()) if label != top), top]
        for label in labels:
            if "0" in label:
                raise QbellError(
                    f"label {label!r} leaves qubits out, and the {shots.design} design measures "
                    "correlators of all qubits; use design random"
                )
        means, squares, variances, seen = (
            np.array(values)
            for values in zip(*(real_part(shots, label) for label in labels), strict=True)
        )
        letters = columns(labels, LABEL_LETTERS)
        distinct, like = each_its_own(len(labels))
        n_plus, n_minus = ((letters == sign).sum(axis=1, dtype=np.int64) for sign in (1, 2))
        note = (
            "E of all qubits and the bound are those of the real part of the correlator: at most "
            "E_N,0 and Eq. (24)"
        )
        return Findings(
            correlators=Correlators(
                labels=np.array(labels),
                n_plus=n_plus,
                n_minus=n_minus,
                values=means.astype(complex),
                squares=squares,
                along=variances,
                across=ACROSS * variances,
                distinct=distinct,
                like=like,
                seen=seen,
            ),
            deviations=_deviations(
                shots.num_qubits, means[-1], squares[-1], variances[-1], seen[-1], task
            ),
            route="real part of the correlator of all qubits",
            linear=_linear(shots.num_qubits, labels),
            bound_scale=_weight(shots.num_qubits),
            notes=(note,),
        )


def real_part(shots: Shots, label: str) -> tuple[float, float, float, float]:
    """Of one label: Re c_hat, the unbiased (Re c)^2, the variance of Re c_hat, and its part that is
    scatter in the data (the rest stands for unobserved outcomes)."""
    if not shots.drawn:
        return _of_settings(shots, label)
    y, weights, largest_share = _draw_means(shots, label)
    total = float(weights.sum())
    mean = float(weights @ y) / total
    scatter = max(float(weights @ y**2) / total - mean**2, 0.0) / (total - 1)
    least = unseen_floor(int(total), largest_share)
    return mean / 2, (mean**2 - scatter) / 4, max(scatter, least) / 4, scatter / 4


def _draw_means(shots: Shots, label: str) -> tuple[Floats, Floats, float]:
    """Mean of y in each draw, how many draws that stands for, and the largest share of a shot.

    Draws along sigma_xi, of designs that have some, are left out.
    """
    along_xi = (shots.directions == XI).any(axis=1)
    if along_xi.any():
        shots = shots.take(~along_xi)
    y, counts = _signs(shots, label), shots.counts.astype(float)
    if shots.draws is None:
        return y, counts, 1.0
    draws = group_by(shots.draws)
    sizes = draws.sums(shots.counts)
    means = np.add.reduceat((y * counts)[draws.order], draws.starts[:-1]) / sizes
    return means, np.ones(len(draws)), 1 / float(sizes.min())


def _of_settings(shots: Shots, label: str) -> tuple[float, float, float, float]:
    """`real_part` of settings that are all there: each counts alike, whatever its shots.

    Re c_hat is half the mean over K settings of the mean m of y. It has the variance
    sum (1 - m^2) / (shots - 1) / (2 K)^2, and a flip of one shot of the setting with the fewest
    moves it by 1 / (K shots), as `qbell.estimator.tensor.moments` has it for all 2^N settings.
    """
    means, sizes = _setting_means(shots, label)
    if sizes.min() < 2:
        raise QbellError(
            f"a {shots.design} design with 1 shot in a setting has no unbiased estimate of a "
            "squared correlator; take 2 or more shots a setting, or use design even"
        )
    count = len(means)
    value = float(means.mean()) / 2
    scatter = float(((1 - means**2) / (sizes - 1)).sum()) / (2 * count) ** 2
    flips = UNSEEN_FLIPS / (count * float(sizes.min())) ** 2 * float(np.mean(means**2))
    return value, value**2 - scatter, scatter + flips, scatter


def _setting_means(shots: Shots, label: str) -> tuple[Floats, Floats]:
    """Mean of y in each setting, and its shots."""
    settings = by_setting(shots.directions)
    sizes = settings.sums(shots.counts).astype(float)
    y = (_signs(shots, label) * shots.counts)[settings.order]
    return np.add.reduceat(y, settings.starts[:-1]) / sizes, sizes


def _signs(shots: Shots, label: str) -> Floats:
    """(rows,) y, plus or minus 1."""
    signs = 3 - 2 * columns([label], LABEL_LETTERS)[0].astype(np.int16)
    turns = shots.directions @ signs + 2 * shots.bits.sum(axis=1, dtype=np.int16)
    found: Floats = UNITS[turns % 4].real
    return found


def _weight(num_qubits: int) -> float:
    """Of (Re c)^2 in Eq. (24): 2 N^2 for all + and as much for all -."""
    return 4.0 * num_qubits**2


def _deviations(
    num_qubits: int, mean: float, square: float, variance: float, seen: float, task: Task
) -> Deviations:
    """Of the bound, order N alone: w (m + d)^2 = w m^2 + 2 w m d + w d^2, d normal.

    For d the quantiles of the normal distribution: no luck of the draw moves an end. A mean of 0
    would leave no linear part at all, though it would scatter if the truth were not 0.
    """
    weight = _weight(num_qubits)
    quantiles = scipy.special.ndtri((np.arange(task.resamples) + 0.5) / task.resamples)
    d = np.sqrt(variance) * quantiles / np.std(quantiles)
    mean = math.copysign(max(abs(mean), LEAST_MEAN * math.sqrt(variance)), mean)
    values, plug_in = np.zeros(num_qubits + 1), np.zeros(num_qubits + 1)
    first, second = (np.zeros((task.resamples, num_qubits + 1)) for _ in range(2))
    values[-1], plug_in[-1] = weight * square, weight * mean**2
    first[:, -1] = 2 * weight * mean * (d - d.mean())
    second[:, -1] = weight * (d**2 - np.mean(d**2))
    return Deviations(values, plug_in, first, second, float(1 - seen / variance))


def _linear(num_qubits: int, labels: list[str]) -> Linear:
    def features(shots: Shots) -> Complex:
        means = []
        for label in labels:
            if shots.drawn:
                y, weights, _ = _draw_means(shots, label)
                means.append(weights @ y / weights.sum() / 2)
            else:
                means.append(_setting_means(shots, label)[0].mean() / 2)
        return np.array(means, dtype=complex)

    weights = np.zeros(len(labels))
    weights[-1] = _weight(num_qubits)  # of all +
    terms = Terms(weights, np.full(len(labels), num_qubits), num_qubits)
    return Linear(features, terms, np.arange(len(labels)))
