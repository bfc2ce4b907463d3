"""The registry of certificates: what every statement must declare, and the order of the records."""

from dataclasses import asdict, fields

import numpy as np
import pytest

from qbell.campaigns.planning.record import Expected, Needed
from qbell.certificates import Certificate, Claims, Depths, certify, depths
from qbell.certificates.registry import CHECKS, CLAIMS, DEPTHS, P_VALUES, ROWS
from qbell.certificates.statement import MISSING, NONE, Statement, p_text
from tests.support.simulated import probabilities, random_shots, white_noise_ghz


@pytest.mark.parametrize("statement", ROWS, ids=lambda statement: statement.key)
def test_every_statement_declares_its_words(statement: Statement) -> None:
    assert statement.label.strip()
    assert statement.says.endswith(".")
    assert statement.text(statement.absent, 6, "at 95 %") in (NONE, MISSING)
    assert set(statement.absent) == set(statement.keys)


def test_every_statement_is_listed_once() -> None:
    keys = [key for statement in ROWS for key in statement.keys]
    assert len(set(keys)) == len(keys)
    assert set(ROWS) == {*DEPTHS, *P_VALUES, *CHECKS}
    assert {statement.claim for statement in CLAIMS} == {"bell", "witness"}


def test_records_keep_their_keys_and_order() -> None:
    """As documented in docs/formats.md and docs/planning.md."""
    of_e = ["bell_qubits", "nonlocality_depth", "no_signalling_depth", "entanglement_depth"]
    assert [field.name for field in fields(Depths)] == of_e
    counts = [*of_e[:3], "svetlichny_depth", *of_e[3:], "separability"]
    assert [field.name for field in fields(Claims)] == ["p_value", "p_any", *counts, "provenance"]
    assert [field.name for field in fields(Certificate)] == [
        *(
            "p_value",
            "p_any",
            *counts,
            "confidence",
            "no_signalling_p",
            "settings_p",
            "quantum_p",
            "outcomes_p",
            "acceptance_p",
            "phase",
            "notes",
        ),
        *("label", "alpha", "p_value_ratio", "claims", "p_value_method", "learned"),
        *(f"{depth}_p" for depth in counts),
        "depth_method",
    ]
    assert [field.name for field in fields(Expected)] == [
        *("bound", "e_n", "f0", "e_n_low", "p_value", "p_value_ratio", "p_any"),
        *(*counts, "degenerate"),
        "quantities",
    ]
    assert [field.name for field in fields(Needed)][-4:] == [
        "shots_for_p_value",
        "shots_for_p_value_ratio",
        "shots_for_p_any",
        "shots_to_stop",
    ]


def test_a_certificate_holds_what_each_statement_finds(rng: np.random.Generator) -> None:
    shots = random_shots(probabilities(white_noise_ghz(4, 0.0)), 500, rng)
    found = certify(shots, 0.2, 0.95)
    implied = asdict(depths(4, 0.2))
    assert {key: getattr(found, key) for key in implied} == implied
    assert found.svetlichny_depth == 2  # at phase 0 two groups of two reach 1/2 = |c|
    for depth in DEPTHS:
        if not depth.optional:  # those need more than such data
            assert getattr(found, f"{depth.key}_p") < 1e-9
    assert asdict(found)["claims"] == {
        **{statement.key: statement.claim for statement in CLAIMS},
        "provenance": "raw",
    }
    with pytest.raises(AttributeError):
        found.bell_qubits = 6
    with pytest.raises(AttributeError):
        _ = found.bel_qubits


@pytest.mark.parametrize(
    ("value", "text"), [(None, MISSING), (0.5, "0.5"), (1e-9, "1e-09"), (1e-305, "< 1e-300")]
)
def test_p_values_as_text(value: float | None, text: str) -> None:
    assert p_text(value) == text
