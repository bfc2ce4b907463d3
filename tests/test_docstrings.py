"""Docstrings: everything public has a summary, and the public interface all that a caller needs.

A function of `qbell` or `qbell.exact`, and a method of one of their classes, names every argument
under ``Args``, what it returns under ``Returns``, its errors under ``Raises``, and has an example
that runs (``pytest --doctest-modules qbell``). A class names the arguments of its constructor under
``Attributes``. A method may leave its example to the class, and what it shares with the method that
it overrides to that one. A property is one sentence.
"""

import ast
import inspect
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import Any

import qbell
from qbell import exact
from tests.support.paths import ROOT

PACKAGE = ROOT / "qbell"


def public() -> Iterator[tuple[str, Any]]:
    """Every function and class that users are told of."""
    for module in (qbell, exact):
        for name in module.__all__:
            if not (name.startswith("_") or inspect.ismodule(getattr(module, name))):
                yield f"{module.__name__}.{name}", getattr(module, name)


def methods(owner: type) -> Iterator[tuple[str, Any, bool]]:
    """Public methods of a class: name, function, and whether another class of qbell has it first.

    Only those that the class or a parent in qbell defines. Properties are left out: they take
    nothing and return one thing, so the test of summaries is enough for them.
    """
    family = [parent for parent in owner.__mro__ if parent.__module__.startswith("qbell")]
    for name in sorted({name for parent in family for name in vars(parent)} - {"T"}):
        holders = [vars(parent)[name] for parent in family if name in vars(parent)]
        member = getattr(holders[0], "__func__", holders[0])  # of a classmethod
        if not name.startswith("_") and isinstance(member, FunctionType):
            yield name, member, len(holders) > 1


def missing(name: str, item: Any, *, shared: bool = False, example: str = "") -> Iterator[str]:
    """What the docstring of a function lacks. ``example`` is the class's docstring."""
    text = inspect.getdoc(item) or ""
    if not summary(text):
        yield f"{name}: summary"
    if shared:
        return
    signature = inspect.signature(item)
    for parameter in signature.parameters:
        if parameter not in ("self", "cls") and not named(parameter, section(text, "Args")):
            yield f"{name}: Args, {parameter}"
    if signature.return_annotation not in (None, "None") and not section(text, "Returns"):
        yield f"{name}: Returns"
    raises = not example or "raise QbellError" in inspect.getsource(item)
    if signature.parameters and raises and not section(text, "Raises"):
        yield f"{name}: Raises"
    if ">>>" not in text and f".{item.__name__}(" not in example:
        yield f"{name}: example"


def missing_of_class(name: str, item: type) -> Iterator[str]:
    """What the docstrings of a class and its methods lack."""
    own = inspect.getdoc(item) or ""
    family = [parent for parent in item.__mro__ if parent.__module__.startswith("qbell")]
    texts = [inspect.cleandoc(parent.__doc__ or "") for parent in family]
    if not summary(own):
        yield f"{name}: summary"
    if not issubclass(item, Exception):
        attributes = "\n".join(section(text, "Attributes") for text in texts)
        for parameter in inspect.signature(item).parameters:
            if not named(parameter, attributes):
                yield f"{name}: Attributes, {parameter}"
    checks = "".join(
        inspect.getsource(vars(parent)["__post_init__"])
        for parent in family
        if "__post_init__" in vars(parent)
    )
    refuses = re.search(r"QbellError|checked\(|whole_number\(", checks)
    if refuses and not any(section(text, "Raises") for text in texts):
        yield f"{name}: Raises"
    if ">>>" not in own:
        yield f"{name}: example"
    for method, function, shared in methods(item):
        yield from missing(
            f"{name}.{method}", function, shared=shared, example="\n".join(texts) or " "
        )


def summary(text: str) -> bool:
    """One sentence or more in the first paragraph."""
    return text.split("\n\n", maxsplit=1)[0].rstrip()[-1:] in tuple(".:?") or ">>>" in text


def section(text: str, title: str) -> str:
    """The indented lines under ``title:``."""
    found = re.search(rf"^{title}:\n((?:[ \t]+.*\n?|\n(?=[ \t]))+)", text, re.MULTILINE)
    return found[1] if found else ""


def named(parameter: str, lines: str) -> bool:
    """Whether an entry such as ``a:`` or ``a, b:`` has the name."""
    return re.search(rf"^ +(?:\w+, )*{parameter}(?:, \w+)*:", lines, re.MULTILINE) is not None


def test_the_public_interface_is_documented_in_full() -> None:
    lacking = []
    for name, item in public():
        check = missing_of_class if inspect.isclass(item) else missing
        lacking += list(check(name, item))
    assert not lacking, f"{len(lacking)} missing:\n" + "\n".join(dict.fromkeys(lacking))


def test_everything_public_has_a_summary() -> None:
    lacking = [line for path in sorted(PACKAGE.rglob("*.py")) for line in without_summary(path)]
    assert not lacking, f"{len(lacking)} missing:\n" + "\n".join(lacking)


def without_summary(path: Path) -> list[str]:
    """Modules, public classes and functions, and public methods that say nothing of themselves."""
    where = path.relative_to(ROOT).as_posix()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    lacking = [] if ast.get_docstring(tree) else [where]
    todo: list[ast.Module | ast.ClassDef] = [tree]
    while todo:
        owner = todo.pop()
        heir = isinstance(owner, ast.ClassDef) and owner.bases
        for node in owner.body:
            if not isinstance(node, ast.FunctionDef | ast.ClassDef) or node.name.startswith("_"):
                continue
            if not summary(ast.get_docstring(node) or "") and not (
                heir and node.name in promised()
            ):
                lacking.append(f"{where}:{node.lineno}: {node.name}")
            if isinstance(node, ast.ClassDef):
                todo.append(node)
    return lacking


@cache
def promised() -> frozenset[str]:
    """Names of the abstract methods of qbell, whose docstrings serve the classes that have them."""
    return frozenset(
        node.name
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
        and ast.get_docstring(node)
        and any(ast.unparse(mark) == "abstractmethod" for mark in node.decorator_list)
    )
