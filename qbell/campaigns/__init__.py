"""Campaigns: the spec, the run, its folder, its jobs on devices, and its plan."""
