"""What a family declares of its parameters; specs, command line, checks and messages read it there.

A parameter is a field of the family's class, annotated with one of these::

    time: Annotated[float, Number("Strength of the twisting times its duration", example=0.2)]

The field's default is the parameter's; a field without one must be given. Where the default is
None, None is taken as left out.
"""

import math
from abc import ABC, abstractmethod
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar, Literal

from qbell.errors import QbellError
from qbell.util.checks import finite_number, whole_number


@dataclass(frozen=True)
class Parameter(ABC):
    """One parameter of a family.

    Attributes:
        help: what it is, in a few words; `qbell exact --help` shows them.
        example: a good value, as in a spec; messages show it.
        flag: on the command line; ``--NAME`` when None.
        typed: the kind of value, as `--help` shows it behind the flag.
    """

    help: str
    _: KW_ONLY
    example: Any
    flag: str | None = None
    typed: ClassVar[str] = "str"

    @property
    def description(self) -> str:
        """The help, and what may be chosen."""
        return self.help

    def flag_of(self, name: str) -> str:
        """The flag of the parameter ``name``."""
        return self.flag or f"--{name.replace('_', '-')}"

    @abstractmethod
    def read(self, flag: str, text: str) -> Any:
        """The value that ``text`` behind ``flag`` on the command line stands for.

        Raises:
            QbellError: none of this kind; `checked` sees to what is out of range.
        """

    @abstractmethod
    def checked(self, name: str, value: Any, num_qubits: int) -> Any:
        """``value`` of the parameter ``name``, as the state keeps it.

        Raises:
            QbellError: another kind of value, or one out of range.
        """


@dataclass(frozen=True)
class Number(Parameter):
    """A finite number.

    Attributes:
        most: its absolute value at most.
        between: lies between these two, and is neither.
        instead: what else may be done, for the message where it does not lie there.
    """

    _: KW_ONLY
    most: float = math.inf
    between: tuple[float, float] | None = None
    instead: str | None = None
    typed = "float"

    def read(self, flag: str, text: str) -> float:
        try:
            return float(text)
        except ValueError as error:
            raise QbellError(f"{flag} {text}: expected a number, e.g. {self.example}") from error

    def checked(self, name: str, value: Any, num_qubits: int) -> float:
        number = finite_number(name, value, most=self.most)
        if self.between is not None and not self.between[0] < number < self.between[1]:
            low, high = self.between
            other = "" if self.instead is None else f", or {self.instead}"
            raise QbellError(
                f"{name} = {value}; give a number above {low:g} and below {high:g}{other}"
            )
        return number


@dataclass(frozen=True)
class Whole(Parameter):
    """A whole number.

    Attributes:
        least: at least this.
        most: at most this; ``n`` for the number of qubits.
    """

    _: KW_ONLY
    least: int = 0
    most: int | Literal["n"]
    typed = "int"

    def read(self, flag: str, text: str) -> int:
        try:
            return int(text)
        except ValueError as error:
            raise QbellError(
                f"{flag} {text}: expected a whole number, e.g. {self.example}"
            ) from error

    def checked(self, name: str, value: Any, num_qubits: int) -> int:
        most = num_qubits if self.most == "n" else self.most
        return whole_number(name, value, least=self.least, most=most)


@dataclass(frozen=True)
class Choice(Parameter):
    """One of a few words.

    Attributes:
        among: the words.
    """

    _: KW_ONLY
    among: tuple[str, ...]

    @property
    def description(self) -> str:
        """The help with all choices."""
        return f"{self.help}: {', '.join(self.among[:-1])} or {self.among[-1]}"

    def read(self, flag: str, text: str) -> str:
        return text

    def checked(self, name: str, value: Any, num_qubits: int) -> str:
        if not isinstance(value, str) or value not in self.among:
            words = ", ".join(self.among)
            wanted = " or ".join(self.among) if len(self.among) == 2 else f"one of {words}"
            raise QbellError(f"{name} = {value!r}; use {wanted}")
        return value


def numbers_or_one(flag: str, text: str) -> float | list[float]:
    """One number, or several with commas, as typed behind ``flag``.

    >>> numbers_or_one("--theta", "0.3"), numbers_or_one("--theta", "0.3,0.5")
    (0.3, [0.3, 0.5])
    """
    try:
        found = [float(part) for part in text.split(",")]
    except ValueError as error:
        raise QbellError(
            f"{flag} {text}: give a number, or one a qubit with commas, e.g. 0.3,0.5"
        ) from error
    return found if "," in text else found[0]
