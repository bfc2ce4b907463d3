"""The tables, in the order of the page."""

from benchmarks.peers import (
    bootstrap,
    bound,
    cold_start,
    covering_arrays,
    density_matrix,
    device_noise,
    double_well,
    estimates,
    ising,
    noisy_shots,
    pair_sums,
    shots,
    training_gradient,
)
from benchmarks.peers.case import Case

CASES: dict[str, Case] = {
    "bound": bound.CASE,
    "ising": ising.CASE,
    "double_well": double_well.CASE,
    "density_matrix": density_matrix.CASE,
    "shots": shots.CASE,
    "noisy_shots": noisy_shots.CASE,
    "device_noise": device_noise.CASE,
    "estimates": estimates.CASE,
    "bootstrap": bootstrap.CASE,
    "pairs": pair_sums.CASE,
    "covering": covering_arrays.CASE,
    "training": training_gradient.CASE,
    "start": cold_start.CASE,
}
