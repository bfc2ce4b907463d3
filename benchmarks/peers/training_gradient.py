"""-ln F of an Ising circuit of four layers with its ground state, and the gradient."""

from importlib import import_module
from typing import Any

import numpy as np

from benchmarks.peers.case import Case, Tool, Work
from benchmarks.training import LAYERS, U, angles_for, free_fermions, state_vector


def of(objective: Any) -> Work:
    """Its value and the gradient's norm."""
    angles = angles_for(objective)

    def work() -> list[float]:
        value, gradient = objective(angles)
        return [float(value), float(np.linalg.norm(gradient))]

    return work


def pennylane(n: int) -> Work:
    """Backpropagation through its state vector."""
    import qbell

    qml: Any = import_module("pennylane")
    pnp: Any = import_module("pennylane.numpy")
    target = qbell.ising(n, U).statevector().conj()
    angles = pnp.array(angles_for(None).reshape(LAYERS, 2), requires_grad=True)

    @qml.qnode(qml.device("default.qubit", wires=n), diff_method="backprop")  # type: ignore[untyped-decorator,unused-ignore]
    def state(layers: Any) -> Any:
        for q in range(n):
            qml.Hadamard(q)
        for x, zz in layers:
            for q in range(n - 1):
                qml.IsingZZ(zz, [q, q + 1])
            for q in range(n):
                qml.RX(x, q)
        return qml.state()

    def cost(layers: Any) -> Any:
        return -2 * pnp.log(pnp.abs(pnp.sum(target * state(layers))))

    def work() -> list[float]:
        gradient = qml.grad(cost)(angles)
        return [float(cost(angles)), float(np.linalg.norm(gradient))]

    return work


CASE = Case(
    title="Training: -ln F of an Ising circuit of four layers, with its gradient",
    says="One step at given angles, at U = -1. qbell by free fermions, the others by 2^N "
    "amplitudes.",
    sizes=(8, 12, 16),
    tools=(
        Tool("qbell", "qbell", lambda n: of(free_fermions(n))),
        Tool("NumPy, state vector", "numpy", lambda n: of(state_vector(n))),
        Tool("PennyLane backprop", "pennylane", pennylane),
    ),
    close=1e-6,
    values=list,
    warm=4,
)
