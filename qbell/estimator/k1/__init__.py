"""K1 = F0^2 / b of mixed states, from triples of different shots."""
