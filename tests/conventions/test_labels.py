"""The order rule: the last character of every string is qubit 0."""

from itertools import product

import numpy as np
import pytest

from qbell.conventions.eq24 import bound_weights
from qbell.conventions.labels import (
    BIT_LETTERS,
    LABEL_LETTERS,
    SETTING_LETTERS,
    all_labels,
    columns,
    label_index,
    signs,
    strings,
    supports,
)


def test_last_character_is_column_zero() -> None:
    """An asymmetric word, so that a reversed reading cannot pass."""
    rows = np.array([[1, 0, 2, 0]], dtype=np.uint8)  # qubit 0: 1, qubit 2: 2
    assert strings(rows, "XYZ").tolist() == ["XZXY"]
    assert columns(["XZXY"], "XYZ").tolist() == rows.tolist()


@pytest.mark.parametrize("letters", [LABEL_LETTERS, SETTING_LETTERS, BIT_LETTERS])
@pytest.mark.parametrize("num_qubits", [1, 2, 5, 33])
def test_strings_and_columns_are_inverse(letters: str, num_qubits: int) -> None:
    """Both ways round, for every alphabet and for widths beyond a machine word."""
    random = np.random.default_rng(num_qubits)
    rows = random.integers(0, len(letters), size=(50, num_qubits)).astype(np.uint8)
    words = strings(rows, letters)
    assert [len(word) for word in words] == [num_qubits] * 50
    assert words[7] == "".join(letters[value] for value in rows[7][::-1])
    back = columns(words.tolist(), letters)
    assert back.dtype == np.uint8
    assert np.array_equal(back, rows)
    assert strings(back, letters).tolist() == words.tolist()


def test_strings_take_a_strided_view() -> None:
    """Columns of a larger table are not contiguous."""
    rows = np.array([[0, 9, 1, 9], [1, 9, 1, 9]], dtype=np.uint8)[:, ::2]
    assert strings(rows, "XY").tolist() == ["YX", "YY"]


@pytest.mark.parametrize(
    "words",
    [["+0a"], ["+0-", "+0"], ["+0-", "+0-+"], [""], ["+ -"], ["+0−"], ["XY"]],
    ids=["letter", "shorter", "longer", "empty", "space", "unicode minus", "other alphabet"],
)
def test_other_letters_are_refused(words: list[str]) -> None:
    """Never a silent guess; the unicode minus is what a word processor makes of '-'."""
    with pytest.raises(ValueError):  # noqa: PT011 - the words are checked by callers first
        columns(words, LABEL_LETTERS)


@pytest.mark.parametrize("num_qubits", [1, 2, 3, 5])
def test_all_labels_count_in_base_three(num_qubits: int) -> None:
    """The flat order is that of base-3 numbers with digits 0, +, -, most significant first."""
    expected = ["".join(letters) for letters in product("0+-", repeat=num_qubits)]
    assert all_labels(num_qubits).tolist() == expected
    assert [label_index(label) for label in expected] == list(range(3**num_qubits))


def test_label_index_of_asymmetric_labels() -> None:
    """Qubit 0 is the least significant digit."""
    assert label_index("0+") == 1
    assert label_index("0-") == 2
    assert label_index("+0") == 3
    assert label_index("-0+") == 2 * 9 + 1
    assert label_index("00+++") == 1 + 3 + 9
    assert label_index("+" + "0" * 30) == 3**30


def test_reshaped_array_has_qubit_zero_last() -> None:
    """What the module promises of flat arrays reshaped to (3,) * N."""
    cube = all_labels(3).reshape(3, 3, 3)
    assert cube[1, 0, 2] == "+0-"


@pytest.mark.parametrize("num_qubits", [1, 2, 4])
def test_signs_supports_and_weights_by_counting(num_qubits: int) -> None:
    """Against the labels read letter by letter."""
    n_plus, n_minus = signs(num_qubits)
    masks = supports(num_qubits)
    weights = bound_weights(num_qubits)
    assert len(n_plus) == len(n_minus) == len(masks) == len(weights) == 3**num_qubits
    for index, label in enumerate(all_labels(num_qubits)):
        plus, minus = label.count("+"), label.count("-")
        assert (n_plus[index], n_minus[index]) == (plus, minus)
        qubits = {k for k in range(num_qubits) if label[num_qubits - 1 - k] != "0"}
        assert masks[index] == sum(2**k for k in qubits)
        assert weights[index] == 2 * (plus - minus) ** 2 / 2 ** (num_qubits - plus - minus)


def test_support_of_an_asymmetric_label() -> None:
    """Bit k of the mask is qubit k."""
    masks = supports(4)
    assert masks[label_index("00-+")] == 0b0011
    assert masks[label_index("+000")] == 0b1000
    assert masks[label_index("0-0+")] == 0b0101


def test_weights_of_the_product_state_sum_to_shot_noise() -> None:
    """With E_s = 4^-n the bound is N, Eq. (25) and below."""
    for num_qubits in range(1, 8):
        n_plus, n_minus = signs(num_qubits)
        separable = 4.0 ** -(n_plus + n_minus)
        assert bound_weights(num_qubits) @ separable == pytest.approx(num_qubits, rel=1e-12)
