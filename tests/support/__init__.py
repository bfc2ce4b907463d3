"""What tests share: slow twins, simulated data, closed forms."""
