"""The most that local realism allows of the correlator of all qubits along a phase."""

import math


def local_limit(num_qubits: int, phase: float = 0.0) -> float:
    """Largest mean of Re(e^(i phase) prod_k x_k w_k) under local realism, in random settings.

    A deterministic strategy has outcomes x_k along sigma_1 and y_k along sigma_2. Uniform settings
    give the mean prod_k (x_k +- i y_k) / 2: of modulus 2^(-N/2), and of argument N pi/4 plus any
    multiple of pi/2, whatever the signs of the label. So the limit is

        2^(-N/2) max_m cos(phase + N pi/4 + m pi/2),

    between 2^(-(N+1)/2) and 2^(-N/2). Mixtures of strategies, also chosen from the past, have no
    larger mean.

    >>> round(local_limit(4), 12), round(local_limit(3), 12)
    (0.25, 0.25)
    """
    off = math.remainder(phase + num_qubits % 8 * math.pi / 4, math.pi / 2)
    return float(2.0 ** (-num_qubits / 2) * math.cos(off))
