"""All 3^N correlators at once, as arrays."""
