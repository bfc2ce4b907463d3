"""A spec to start from, with every key and what it means: what `qbell init` writes."""

import json

from qbell.designs import DEFAULT, DESIGNS
from qbell.errors import QbellError
from qbell.states import FAMILIES

_OTHERS = ", ".join(name for name in DESIGNS if name != DEFAULT)
REST = """\
[schedule]
design = "DEFAULT"              # or OTHERS
shots = 1000                 # per setting, or per draw
# draws = 5000               # random, even, ghz, random3: number of random settings
# share = 0.25               # ghz: of the draws with Z on all qubits
# order = 3                  # covering: largest number of qubits in a correlator
# extendable = true          # parts may be added after looking: half of the error rate is kept
# axis = "z"                 # of the generator: x, y, z or a vector [1.0, 0.0, 1.0]

[backend]
name = "aer"                 # ideal; or a fake_* device, whose noise is simulated

[estimate]
confidence = 0.95
resamples = 1000
# phase = 0.0                # of the test of local realism; fixed before the data, or "learn"
# phase = "svetlichny"       # random, full: turns a qubit, against groups of any boxes
# label = "+-+-"             # of the correlator that is certified; all + if left out, or "learn"
# held_out = 0.25            # share of the shots to learn from

# [mitigation]
# method = "tensored"        # or "mthree"
# shots = 10000              # of each calibration circuit; or calibration = "file.csv"

# [hardware]                 # for `qbell submit`; these are the defaults, but for budget
# jobs = 10                  # with data; each measures every setting, or its share of the draws
# reference = 3              # repetitions of the reference job; 0 for none
# reference_shots = 1000     # of each of its circuits
# dynamical_decoupling = "XY4"  # "XX", "XpXm", "XY4" or "none"
# twirling = true            # of the measurements
# randomizations = 4         # of a setting in a job, at most; a divisor of its shots; 8 if left out
# mode = "batch"             # or "job"
# budget = 120               # s of the processor, all jobs together; no limit if left out
# max_execution_time = 60    # s of the processor a job may take; from the plan if left out
# attempts = 3               # of a job that fails
# private = false            # true: the service forgets results once they are read

# [plan]
# precision = 0.1            # what `qbell plan` aims at
# p_value = 1e-6
""".replace("OTHERS", _OTHERS).replace("DEFAULT", DEFAULT)
"""Everything behind ``[state]``; experiments/README.md shows the same."""

BACKEND = 'name = "aer" '


def template(*, family: str = "ghz", num_qubits: int = 6, backend: str = "aer") -> str:
    """The text of a spec that runs as it is; every other key stands in it as a comment.

    Args:
        family: of the state. What it needs is given an example's value.
        num_qubits: N.
        backend: by its name.

    Returns:
        TOML.

    Raises:
        QbellError: the family is unknown, or the backend's name is none.

    >>> template(family="ising", num_qubits=4).splitlines()[2:5]
    ['family = "ising"', 'n = 4', 'u = -1.5  # Interaction strength']
    """
    if family not in FAMILIES:
        raise QbellError(f"family {family!r} is unknown; use one of {', '.join(FAMILIES)}")
    if not backend.replace("_", "").replace("-", "").isalnum() or not backend.isascii():
        raise QbellError(f"backend {backend!r}: expected aer, fake_* or the name of an IBM device")
    kind = FAMILIES[family]
    needed = {names[0] for names in kind.required()}
    lines = ["# A campaign: qbell plan FILE, qbell run FILE.", "[state]", f'family = "{family}"']
    lines.append(f"n = {num_qubits}")
    for name, parameter in kind.parameters().items():
        line = f"{name} = {json.dumps(parameter.example)}"
        lines.append(f"{'' if name in needed else '# '}{line}  # {parameter.description}")
    rest = REST.replace(BACKEND, f"name = {json.dumps(backend)} ", 1)
    return "\n".join([*lines, "", rest])
