"""Confidence intervals of the bound and of single correlators."""
