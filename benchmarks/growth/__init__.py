"""What each engine and each design costs as N grows: the laws, points measured on them, the ends.

python -m benchmarks.growth                     into docs/growth.md and its picture
python -m benchmarks.growth --only designs      these anew, the rest as they were measured
"""

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"  # read when the libraries are loaded: before all other imports
