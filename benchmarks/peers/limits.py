"""What the tables show, in words: where qbell is behind, and why."""

LIMITS = """\
"""
