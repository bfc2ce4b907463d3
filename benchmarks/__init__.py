"""Timings beside other tools, and statistics that take minutes: each file says how it is run."""
