"""Small tools without physics: checks of values, atomic files, Numba, threads, progress."""
