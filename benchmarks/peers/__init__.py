"""The same work by qbell and by other tools: processor time, memory, and whether it is right.

    python -m benchmarks.peers                     all tables, into docs/peers.md and its picture
    python -m benchmarks.peers --only bound pairs  these anew, the others as they were measured

One file a table; `case.py` says what a table is, `measure.py` runs it, `page.py` writes it. Tools
that are not installed are left out, none is needed by qbell:

    pip install qutip quimb pennylane physics-tenpy
"""
