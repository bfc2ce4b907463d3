"""Were the random settings uniform and independent, as the estimates of those designs assume?"""

from dataclasses import dataclass

from qbell.certificates.settings.drawn import DrawnSettings, drawn_settings
from qbell.certificates.settings.frequencies import evenness_p, frequencies_p
from qbell.certificates.settings.mixing import mixing_p
from qbell.certificates.settings.order import (
    gaps_p,
    next_letters_p,
    own_lags_p,
    pair_lags_p,
    words_p,
)
from qbell.certificates.settings.relations import relations_p
from qbell.certificates.settings.repeats import copies_p, repeats_p, word_counts
from qbell.certificates.statement import Check, Evidence, Numbers, bonferroni, smallest
from qbell.conventions.alarm import ALARM
from qbell.shots.shots import Shots
from qbell.util.unique_rows import row_numbers


def settings_p(shots: Shots) -> float | None:
    """P-value of "settings were drawn uniformly and independently"; None if none were drawn.

    The smallest of `settings_p_values`, by Bonferroni. Settings that were drawn so have a p-value
    below p with probability p at most, at any number of qubits and draws.
    """
    return bonferroni(settings_p_values(shots))


def settings_p_values(shots: Shots) -> dict[str, float]:
    """P-value of each kind of test, by what it looks at; empty if no settings were drawn.

    Each is exact or an upper limit, and corrected for the tests of its kind. Those of order need
    numbered draws, and take the numbers for the order in time. No test can prove settings random:
    those of a good pseudo-random generator pass, also where a model of the outcomes knows its seed.
    """
    if not shots.drawn:
        return {}
    drawn = drawn_settings(shots)
    counts = word_counts(row_numbers(drawn.directions), drawn.weights)
    p_values = {
        "how often letters and pairs of them came": frequencies_p(drawn),
        "letters that came too evenly": evenness_p(drawn),
        "how often settings repeat": repeats_p(counts, drawn.equally_likely),
        "settings that all came in several copies": copies_p(counts, drawn.equally_likely),
    }
    if drawn.outcomes is None:
        return p_values
    if not shots.rules.uniform(shots.directions).all():
        p_values["kinds of draws that follow each other"] = mixing_p(shots)
    return p_values | _of_order(drawn)


def _of_order(drawn: DrawnSettings) -> dict[str, float]:
    own, together = own_lags_p(drawn)
    letters, outcomes = next_letters_p(drawn)
    steps, series = words_p(drawn)
    return {
        "letters of one qubit that follow each other": own,
        "letters of all qubits that come again": together,
        "letters that follow another qubit's": pair_lags_p(drawn),
        "letters that depend on the draw before": letters,
        "settings that depend on earlier outcomes": outcomes,
        "gaps between equal settings": gaps_p(drawn),
        "steps from setting to setting": steps,
        "series of settings that repeat": series,
        "a linear relation between settings": relations_p(drawn),
    }


@dataclass(frozen=True, kw_only=True)
class SettingsP(Check):
    """`settings_p` as a statement."""

    def certify(self, evidence: Evidence) -> tuple[Numbers, str]:
        """The p-value, of all draws at once; and where it is smallest."""
        p_values = settings_p_values(evidence.shots)
        return {self.key: bonferroni(p_values)}, smallest(p_values)


SETTINGS_P = SettingsP(
    key="settings_p",
    label="p-value of uniform settings",
    says="A test that settings were drawn uniformly and independently, on which all estimates "
    "rest: how often they came and repeat and, where draws are numbered, whether earlier draws "
    f"tell what later ones are. It finds regularities, and cannot prove chance. Below {ALARM} "
    "nothing is certified.",
    optional=True,
)
