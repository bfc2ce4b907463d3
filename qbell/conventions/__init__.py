"""What every room agrees on: the order of strings, names of correlators, axes."""
