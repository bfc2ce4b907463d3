"""Import this before all others: one thread each, which is read when the libraries load.

Idle threads of a busy machine wait in loops, and their processor time would count.
"""

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"):
    os.environ[_name] = "1"
