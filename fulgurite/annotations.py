"""What a type annotation accepts, in words and as choices."""

import copy
import datetime
import inspect
import types
import typing
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Union

from jsonargparse import ArgumentParser

WORDS: dict[Any, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
    Path: "a path",
    dict: "keys with values",
    datetime.timedelta: "a duration such as 00:01:30:00",
    type(None): "null",
}
PLAIN = tuple(WORDS)


@dataclass(frozen=True)
class WantedClass:
    """A class that a setting takes, or builds objects with.

    Attributes:
        base: what it must derive from.
        given: its arguments that the caller gives: so many of the first, and these by name.
        first: how many of the first.
    """

    base: type
    given: frozenset[str] = frozenset()
    first: int = 0


def accepts(annotation: Any, value: Any) -> bool:
    """Tell whether the command's parser takes a value, by its own rules, for an annotation."""
    if annotation is inspect.Parameter.empty or annotation is Any:
        return True
    if value is None:  # which the parser would take for a value that is not given
        return bool({type(None), Any, object} & set(members(annotation)))
    parser = ArgumentParser(exit_on_error=False)
    parser.add_argument("--value", type=annotation)
    try:
        parser.parse_object({"value": copy.deepcopy(value)})  # which it changes
    except (Exception, SystemExit):  # importing the module that a value names may raise anything
        return False
    return True


def members(annotation: Any) -> tuple[Any, ...]:
    """Return what a union is made of, or the annotation alone."""
    if typing.get_origin(annotation) in (Union, types.UnionType):
        return tuple(each for part in typing.get_args(annotation) for each in members(part))
    return (annotation,)


def wanted_class(annotation: Any) -> WantedClass | None:
    """Return the class that an annotation asks for, if it is one that a config names."""
    if {int, float} & set(members(annotation)):  # a rate may be a tensor, but nobody names one
        return None
    for member in members(annotation):
        origin = typing.get_origin(member)
        if origin is None and _is_named(member):
            found = _of_class(member)
        elif origin is Callable and typing.get_args(member):
            arguments, result = typing.get_args(member)
            found = WantedClass(result, first=len(arguments)) if inspect.isclass(result) else None
        else:
            found = None
        if found is not None:
            return found
    return None


def element(annotation: Any) -> Any:
    """Return the annotation of the elements where a list is accepted, else ``None``."""
    for member in members(annotation):
        if typing.get_origin(member) in (list, Sequence, Iterable) and typing.get_args(member):
            return typing.get_args(member)[0]
    return None


def value_of(annotation: Any) -> Any:
    """Return the annotation of the values where a dict is accepted, else ``None``."""
    for member in members(annotation):
        if typing.get_origin(member) is dict and typing.get_args(member):
            return typing.get_args(member)[1]
    return None


def literals(annotation: Any) -> list[str]:
    """Return the values that are accepted where they can be counted."""
    literals = [m for m in members(annotation) if typing.get_origin(m) is Literal]
    return list(dict.fromkeys(str(v) for literal in literals for v in typing.get_args(literal)))


def described(annotation: Any) -> str:
    """Return in words what is accepted, such as "a whole number or null"."""
    parts = members(annotation)
    if {int, float} & set(parts):  # a rate may be a tensor, but nobody names one
        parts = tuple(part for part in parts if part in WORDS)
    told = [_described(member) for member in parts if typing.get_origin(member) is not Literal]
    one_of = literals(annotation)
    if one_of:
        told.insert(0, one_of[0] if len(one_of) == 1 else f"one of {', '.join(one_of)}")
    return " or ".join(dict.fromkeys(text for text in told if text)) or "another value"


def _is_named(member: Any) -> bool:
    """Tell whether a config says a class by its name there, and not a value."""
    return inspect.isclass(member) and member is not object and not issubclass(member, PLAIN)


def _of_class(member: type) -> WantedClass | None:
    if not getattr(member, "_is_protocol", False):
        return WantedClass(member)
    call = inspect.signature(member.__call__)
    result = typing.get_type_hints(member.__call__).get("return")
    names = frozenset(call.parameters) - {"self"}
    return WantedClass(result, names) if inspect.isclass(result) else None


def _described(member: Any) -> str:
    if member in WORDS:
        return WORDS[member]
    origin = typing.get_origin(member)
    if origin in (list, tuple, Sequence, Iterable):
        inner = [part for part in typing.get_args(member) if part is not Ellipsis]
        return f"a list of {described(inner[0])}" if inner else "a list"
    if origin is dict:
        return WORDS[dict]
    wanted = wanted_class(member)
    return f"the name of a class such as {wanted.base.__name__}" if wanted else ""
