"""Correlators from settings drawn at random."""
