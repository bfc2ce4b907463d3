"""Loading Matplotlib, whatever the environment says of windows."""

import os
import sys
from contextlib import suppress


def load_matplotlib() -> None:
    """Import Matplotlib also where MPLBACKEND names no backend: qbell draws into files, without.

    To be called before anything else of it is imported, with the same outcome as importing it.
    """
    if "matplotlib" in sys.modules:
        return
    backend = os.environ.pop("MPLBACKEND", None)
    try:
        import matplotlib as mpl
    finally:
        if backend is not None:
            os.environ["MPLBACKEND"] = backend
    if backend:
        with suppress(ValueError):
            mpl.rcParams["backend"] = backend
