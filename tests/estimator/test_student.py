"""Student's t bent by skewness: the formula, its limits, and means of skewed numbers."""

import numpy as np
import pytest
import scipy

from qbell.estimator.intervals.student import Student, errors_in, skewness, widening


@pytest.mark.parametrize("bend", [-0.9, -0.3, 0.2, 0.7])
def test_hall_s_function_leads_back_to_t(bend: float) -> None:
    t = np.array([1.0, 2.262, 4.0])
    low, high = errors_in(t, np.array(bend))
    for quantile, found, sign in ((t, low, 1), (t, high, -1)):
        value = sign * found
        back = value + bend * value**2 / 3 + bend**2 * value**3 / 27 + bend / 6
        bent = found > quantile  # the other side is Student's t itself
        np.testing.assert_allclose(back[bent], sign * quantile[bent], rtol=1e-9)
    assert (np.maximum(low, high) > t).all()
    assert (np.minimum(low, high) == t).all()


def test_mirror_images_and_no_skewness() -> None:
    t = np.array([0.5, 2.0, 6.0])
    low, high = errors_in(t, np.array(0.4))
    mirrored_low, mirrored_high = errors_in(t, np.array(-0.4))
    np.testing.assert_allclose(low, mirrored_high, rtol=1e-12)
    np.testing.assert_allclose(high, mirrored_low, rtol=1e-12)
    np.testing.assert_allclose(errors_in(t, np.array(0.0)), [t, t], rtol=1e-5)


def test_skewness_is_scipy_s_over_the_root_of_their_number(rng: np.random.Generator) -> None:
    values = rng.exponential(size=(12, 3))
    expected = scipy.stats.skew(values, bias=False) / np.sqrt(12)
    np.testing.assert_allclose(skewness(np.full(12, 1 / 12), values), expected, rtol=1e-12)
    assert skewness(np.full(12, 1 / 12), np.ones((12, 1))) == [0.0]


def test_factors_are_of_their_level_and_bent_quantiles_match_them() -> None:
    student = Student(10, np.array([0.0, -0.5]), widening(10, 0.025))
    low, high, flat = student.factors(0.025, np.array([0, 1]))
    assert flat == pytest.approx(1.0)
    assert low[1] > 1.5 * low[0]
    assert high[1] == pytest.approx(1.0)
    # At the level of a simultaneous interval, t of 9 degrees of freedom is far beyond the normal.
    assert student.factors(1e-4, np.array([0]))[2] > 1.4
    unit = scipy.stats.norm.ppf((np.arange(4000) + 0.5) / 4000)
    below, above = np.quantile(student.bent(unit, 1), [0.025, 0.975])
    normal = scipy.stats.norm.isf(0.025)
    assert -below / normal == pytest.approx(low[1], rel=0.01)
    assert above / normal == pytest.approx(high[1], rel=0.01)


@pytest.mark.parametrize("jobs", [20, 40])
def test_means_of_skewed_numbers(jobs: int, rng: np.random.Generator) -> None:
    """Upper limits of the mean of exponential numbers, 20,000 times: t is wrong in 0.07, 0.055.

    Stated are 0.025. What is left is of the next order in 1 / J.
    """
    values = rng.exponential(size=(jobs, 20000))
    bend = skewness(np.full(jobs, 1 / jobs), values)
    away = (1 - values.mean(axis=0)) / (values.std(axis=0, ddof=1) / np.sqrt(jobs))
    t = scipy.stats.t.isf(0.025, jobs - 1)
    high = errors_in(np.array(t), bend)[1]
    by_t, bent = np.mean(away > t), np.mean(away > high)
    assert bent < {20: 0.046, 40: 0.037}[jobs] < 0.05 < by_t
