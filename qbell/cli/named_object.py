"""An object of the user's own, by the name of its module."""

import sys
from importlib import import_module
from typing import Any

from qbell.errors import QbellError


def named_object(text: str) -> Any:
    """The object of ``module:object``; what a function or class of that name gives without
    arguments.

    Modules in the working directory are found, too.

    Raises:
        QbellError: another form, a module that cannot be imported, or no such object in it.
    """
    module, _, name = text.partition(":")
    if not module or not name:
        raise QbellError(f"--sampler {text!r}; give module:object, such as devices:sampler")
    if "" not in sys.path:
        sys.path.insert(0, "")
    try:
        found: Any = import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
        plain = callable(found) and not hasattr(found, "run")
        return found() if plain or isinstance(found, type) else found
    except Exception as error:  # of the user's own code, of any kind
        said = (str(error).splitlines() or [""])[0][:200]
        raise QbellError(
            f"--sampler {text!r} cannot be had ({type(error).__name__}: {said}); give the name of "
            "a module that can be imported here, and of an object in it"
        ) from error
