"""Lower limits on the QFI from two-outcome read-outs of a state that is turned by angles."""
