"""Reading Kitsu's JSON: one place where a field that has the wrong type gets an error with its name. Pure."""

import math
import re
from collections.abc import Mapping

from launcher.kitsu.failures import wrong_type
from launcher.model import FrameRange, Json, Resolution
from launcher.words import _

FURTHEST_FRAME = 10_000_000
FASTEST_FPS = 1_000
SIZE = re.compile(r"\s*([0-9]{1,5})\s*[xX×*]\s*([0-9]{1,5})\s*", re.ASCII)
NUMBER = re.compile(r"\s*([+-]?[0-9]{1,9}(?:[.,][0-9]{1,9})?)\s*", re.ASCII)


def record(value: Json, field: str) -> Mapping[str, Json]:
    """An object.

    Raises: KitsuError naming `field` if it is something else.
    """
    if not isinstance(value, dict):
        raise wrong_type(field, _("an object"))
    return value


def rows(value: Json, field: str) -> list[Json]:
    """A list.

    Raises: KitsuError naming `field` if it is something else.
    """
    if not isinstance(value, list):
        raise wrong_type(field, _("a list"))
    return value


def text(of: Mapping[str, Json], key: str, where: str) -> str:
    """A text that must be there.

    Raises: KitsuError naming the field if it is absent or no text.
    """
    value = of.get(key)
    if not isinstance(value, str):
        raise wrong_type(f"{where}.{key}", _("a text"))
    return value


def text_or_empty(of: Mapping[str, Json], key: str, where: str) -> str:
    """A text that may be absent or null: empty then.

    Raises: KitsuError naming the field if it is no text.
    """
    return text(of, key, where) if of.get(key) is not None else ""


def whole(of: Mapping[str, Json], key: str, where: str) -> int:
    """A whole number that may be absent or null: 0 then.

    Raises: KitsuError naming the field if it is no whole number.
    """
    value = of.get(key)
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong_type(f"{where}.{key}", _("a whole number"))
    return value


def data(of: Mapping[str, Json], where: str) -> Mapping[str, Json]:
    """The free `data` of a row; empty where Kitsu has null.

    Raises: KitsuError naming the field if it is no object.
    """
    value = of.get("data")
    return {} if value is None else record(value, f"{where}.data")


def number(value: Json) -> float | None:
    """A number that people may have typed: 25, 25.0, "23.976", "23,976", " 24 ". None for anything else."""
    if isinstance(value, str) and (match := NUMBER.fullmatch(value)):
        return float(match[1].replace(",", "."))
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) <= FURTHEST_FRAME and math.isfinite(value) else None


def frames_per_second(value: Json) -> float | None:
    """A rate above 0; None where there is none or nonsense was typed."""
    rate = number(value)
    return rate if rate is not None and 0 < rate <= FASTEST_FPS else None


def frame(value: Json) -> int | None:
    """A frame's number, negative ones too; None where there is none or nonsense was typed."""
    found = number(value)
    return int(found) if found is not None and found == int(found) and abs(found) <= FURTHEST_FRAME else None


def resolution(value: Json) -> Resolution | None:
    """Such as "1920x1080"; None where there is none or nonsense was typed."""
    match = SIZE.fullmatch(value) if isinstance(value, str) else None
    if not match or not int(match[1]) or not int(match[2]):
        return None
    return Resolution(int(match[1]), int(match[2]))


def frame_range(frame_in: Json, frame_out: Json, count: Json) -> FrameRange | None:
    """First and last frame, both included.

    Kitsu keeps `frame_in` and `frame_out` in the shot's free `data`, as number or text; its column `nb_frames` may
    disagree: the pair wins. Without `frame_out` the count reaches from `frame_in`, without both from frame 1. None
    where that does not make a range: a frame_out alone, or a last frame before the first.
    """
    first, last, length = frame(frame_in), frame(frame_out), frame(count)
    if last is None and length is not None and length > 0:
        first = 1 if first is None else first
        last = first + length - 1
    return FrameRange(first, last) if first is not None and last is not None and first <= last else None
