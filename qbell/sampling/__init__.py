"""From a state and a schedule to shots."""
