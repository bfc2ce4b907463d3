"""Find the stored arrays again: ``python -m qbell.covering`` (about a minute)."""

import numpy as np

from qbell.covering.stored import STORED

for (order, columns), array in STORED.items():
    found = array.again()
    same = found is not None and np.array_equal(found, array.rows())
    verdict = "the same array" if same else "NOT found again"
    print(f"order {order}, {columns} columns, {len(array.rows())} rows: {verdict}", flush=True)
