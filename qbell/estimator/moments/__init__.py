"""The moment bound from shots: the response of few-body operators, learnt on held-out shots."""
