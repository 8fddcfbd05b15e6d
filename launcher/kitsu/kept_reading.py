"""A `Task` out of a file of ours that may be damaged or planted. Pure, and imported late: cattrs takes a moment."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, get_origin

import cattrs

from launcher.model import Task


def structured(value: object) -> Task | None:
    """The task that `dataclasses.asdict` made a dictionary of; None where it is none, or a field has a wrong type."""
    try:
        return _converter().structure(value, Task)
    except (cattrs.BaseValidationError, LookupError, TypeError, ValueError, AttributeError, RecursionError):
        return None


@cache
def _converter() -> cattrs.Converter:
    """Nothing is turned into something else: a number is no text. Fields of a later release are passed over."""
    made = cattrs.Converter(detailed_validation=False)
    for cls, kinds in ((str, (str,)), (bool, (bool,)), (int, (int,)), (float, (int, float))):
        made.register_structure_hook(cls, _exactly(kinds))
    made.register_structure_hook_factory(_is_mapping, lambda _wanted: _mapping)
    return made


# From here on `Any` is what JSON may hold.


def _is_mapping(wanted: Any) -> bool:
    origin: Any = get_origin(wanted)
    return origin is Mapping


def _exactly(kinds: tuple[type, ...]) -> Callable[[Any, Any], Any]:
    def check(value: Any, _wanted: Any) -> Any:
        if type(value) not in kinds:
            raise TypeError(type(value))
        return value

    return check


def _mapping(value: Any, _wanted: Any) -> Any:
    """Kitsu's free data, whose values may be anything that JSON has."""
    if not isinstance(value, dict):
        raise TypeError(type(value))
    return value
