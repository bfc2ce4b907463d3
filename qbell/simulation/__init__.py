"""Local simulation: states and outcomes of circuits, ideal or noisy."""
