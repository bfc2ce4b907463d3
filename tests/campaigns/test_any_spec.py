"""Any spec that says what it may is read as it says, in any order; a wrong key is named."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbell import QbellError
from qbell.campaigns.spec import TABLES, read_spec
from qbell.campaigns.template import template
from qbell.designs import DESIGNS
from qbell.states import FAMILIES
from tests.support.cases import NEEDED

NUMBERS = st.floats(-100, 100) | st.integers(-100, 100)
SHARES = st.floats(0.01, 0.99)


@st.composite
def specs(draw: st.DrawFn) -> dict[str, Any]:
    """Plain data of a spec, every key there or not."""

    def some(**keys: st.SearchStrategy[Any]) -> dict[str, Any]:
        return {name: draw(value) for name, value in keys.items() if draw(st.booleans())}

    family = draw(st.sampled_from(list(FAMILIES)))
    size = draw(st.integers(4, 8))
    design = draw(st.sampled_from([name for name, kind in DESIGNS.items() if kind.default_shots]))
    kind = DESIGNS[design]
    schedule: dict[str, Any] = {"design": design}
    if kind.drawn:
        schedule["draws"] = draw(st.integers(2, 10**6))
    if kind.needs_order:
        schedule["order"] = draw(st.integers(1, size))
    if kind.default_share is not None:
        schedule |= some(share=SHARES)
    axes = st.sampled_from(["x", "y", "z"]) | st.lists(NUMBERS, min_size=3, max_size=3).filter(any)
    schedule |= some(shots=st.integers(2, 10**6), axis=axes, extendable=st.booleans())
    labels = st.text("+-", min_size=size, max_size=size) | st.just("learn")
    data: dict[str, Any] = {
        "state": {"family": family, "n": size, **NEEDED.get(family, {})},
        "schedule": schedule,
        "estimate": some(
            confidence=st.sampled_from([0.5, 0.9, 0.95]),
            resamples=st.integers(200, 10**5),
            phase=NUMBERS | st.just("learn"),
            label=labels,
        ),
        "plan": some(precision=SHARES, p_value=SHARES),
        "hardware": some(
            jobs=st.integers(1, 100),
            reference=st.integers(0, 100),
            budget=st.floats(0.1, 1e6),
            twirling=st.booleans(),
            dynamical_decoupling=st.sampled_from(["XX", "XpXm", "XY4", "none"]),
            private=st.booleans(),
            tags=st.lists(st.sampled_from(["a.b", "c-1", "D_2"]), max_size=2),
        ),
        **some(
            seed=st.integers(0, 2**40),
            backend=st.just({"name": "aer"}),
            stop=st.sampled_from([{"p_value": 1e-6}, {"precision": 0.1, "quantity": "e_n"}]),
            mitigation=st.sampled_from([{"method": "mthree", "shots": 7}, {}]),
        ),
    }
    if family == "product":
        data["state"]["theta"] = draw(st.lists(NUMBERS, min_size=size, max_size=size))
    return data


def toml(data: dict[str, Any], random: Any) -> str:
    """Tables and keys in any order, with comments and blanks; seed before all tables."""
    lines = [f"seed = {data['seed']}  # of it all"] if "seed" in data else []
    tables = [name for name in data if name != "seed"]
    for name in random.sample(tables, len(tables)):
        lines += ["", f"[ {name} ]"]
        keys = list(data[name])
        for key in random.sample(keys, len(keys)):
            value = data[name][key]
            lines.append(f"{key} {' ' * random.randrange(3)}= {written(value)}   # [{key}] = 1")
    return "\n".join(lines) + "\n"


def written(value: Any) -> str:
    if isinstance(value, bool | str):
        return json.dumps(value)
    return f"[{', '.join(map(written, value))}]" if isinstance(value, list) else repr(value)


@given(specs(), st.randoms(use_true_random=False))
def test_what_is_said_is_read(tmp_path: Path, data: dict[str, Any], random: Any) -> None:
    path = tmp_path / "s.toml"
    path.write_text(toml(data, random))
    try:
        spec = read_spec(path)
    except QbellError as error:
        pytest.fail(str(error))
    state = dict(data["state"])
    assert (spec.family, spec.num_qubits) == (state.pop("family"), state.pop("n"))
    assert spec.parameters == state
    assert spec.text == path.read_text()
    assert spec.portable_text() == spec.text
    assert spec.seed == data.get("seed")
    schedule = data["schedule"]
    for key in ("design", "draws", "order", "axis"):
        assert getattr(spec, key) == schedule.get(key, "z" if key == "axis" else None), key
    for table, holder in (("plan", spec.plan), ("hardware", spec.hardware), ("estimate", spec)):
        for key, value in data[table].items():
            expected = {"none": None}.get(value, value) if isinstance(value, str) else value
            found = getattr(holder, key)
            assert found == (tuple(value) if isinstance(value, list) else expected), key
    for key in ("shots", "share", "extendable"):
        assert key not in schedule or getattr(spec, key) == schedule[key]
    assert (spec.stop is None, spec.mitigation is None) == (
        "stop" not in data,
        "mitigation" not in data,
    )
    assert math.isfinite(spec.confidence)


@given(specs(), st.data())
def test_a_wrong_key_is_named(tmp_path: Path, data: dict[str, Any], draws: st.DataObject) -> None:
    table = draws.draw(st.sampled_from([name for name in TABLES if name in data]))
    wrong = draws.draw(st.sampled_from(["shot", "n_", "phases", "Seed", "x", "confidense"]))
    data[table][wrong] = 1
    path = tmp_path / "s.toml"
    path.write_text(toml(data, draws.draw(st.randoms(use_true_random=False))))
    with pytest.raises(QbellError, match=rf"unknown key '{wrong}' in \[{table}\]"):
        read_spec(path)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_template_is_read(tmp_path: Path, family: str) -> None:
    """Of every family, at any size that it has."""
    for size in (4, 6, 9):
        path = tmp_path / "s.toml"
        path.write_text(template(family=family, num_qubits=size))
        spec = read_spec(path)
        assert (spec.family, spec.num_qubits) == (family, size)
