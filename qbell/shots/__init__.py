"""Shots: counts of outcomes by setting, their validation, and the design of a bare table."""
