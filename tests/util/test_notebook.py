"""What notebooks show of a value."""

import dataclasses
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

import qbell


class Printer:
    """Stands for IPython's."""

    def __init__(self) -> None:
        self.said = ""

    def text(self, said: str) -> None:
        self.said += said


def pretty(value: Any) -> str:
    printer = Printer()
    value._repr_pretty_(printer, False)
    return printer.said


@cache
def shots() -> qbell.Shots:
    schedule = qbell.schedule(3, "random", draws=300, seed=1)
    return qbell.sample(qbell.ghz(3), schedule, shots=1, seed=2)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: qbell.ising(4, -1.5), ("State of 4 qubits", "family", "ising", "-1.5")),
        (
            lambda: qbell.schedule(3),
            ("Schedule of 3 qubits", "full", "8 settings", "XXX, XXY, XYX, XYY,"),
        ),
        (shots, ("Shots of 3 qubits", "random", "300", "raw", "aer", "2")),
        (
            lambda: qbell.estimate(shots(), resamples=40),
            ("Result of 300 shots of 3 qubits", "QFI bound, 95 %", "3 of 3 at 95 %"),
        ),
    ],
    ids=["state", "schedule", "shots", "result"],
)
def test_title_and_rows(make: Callable[[], Any], words: tuple[str, ...]) -> None:
    value = make()
    text, page = pretty(value), value._repr_html_()
    for word in words:
        assert word in text
        assert word in page
    assert page.startswith("<strong>")
    assert "_repr_pretty_" in vars(type(value))  # else IPython shows the dataclass


def test_nothing_of_a_name_is_markup() -> None:
    page = dataclasses.replace(shots(), backend="<script>")._repr_html_()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
