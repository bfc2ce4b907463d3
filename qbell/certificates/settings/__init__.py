"""Tests of "settings were drawn uniformly and independently", each with an exact p-value."""
