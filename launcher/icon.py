"""Draws the fox of the desktop's panel, at exactly the size it is shown in. Pure: bytes in, pixels out.

Its shapes are those of `web/static/kitsu.svg`, so that pages and panel show one fox. Pillow is imported only when
something is drawn.
"""

import re
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

SVG = Path(__file__).parent / "web" / "static" / "kitsu.svg"
VIEW = 64
"""Width and height of the drawing, in its own units."""
FINER = 8
"""How many times finer everything is drawn before it is brought to its size."""
CURVE = 8
"""Straight lines in each curve."""
PLAIN_BELOW = 24
"""Pixels. In a smaller fox the thin shades of the ears and the eyes' slits would be grey smears."""

Point: TypeAlias = tuple[float, float]
Shape: TypeAlias = tuple[str, tuple[Point, ...]]
"""A colour as `#rrggbb`, and a closed outline."""


class Sign(StrEnum):
    """What the icon says without words. Each sign differs in its shape, not only in its colour."""

    WELL = "well"
    BUSY = "busy"
    NEEDS_YOU = "needs you"
    AWAY = "away"


COLOURS = {Sign.BUSY: "#1f6fd6", Sign.NEEDS_YOU: "#d3162b", Sign.AWAY: "#5f636b"}
"""Of the badge. Its sign is white on each of them, with 4.5 : 1 and more: it is read whatever the panel's colour is."""
FADED = 0.45
"""How much colour the fox loses while Kitsu is away. Wholly grey it would vanish on a grey panel."""


@lru_cache(maxsize=32)
def draw(sign: Sign, size: int) -> "Image":
    """The icon, `size` by `size` pixels, RGBA, transparent around the fox. Not to be changed by who gets it."""
    from PIL import Image, ImageDraw

    fine = Image.new("RGBA", (size * FINER, size * FINER), (0, 0, 0, 0))
    pen, scale = ImageDraw.Draw(fine), size * FINER / VIEW
    for colour, points in _shapes(size):
        fill = _faded(colour) if sign is Sign.AWAY else colour
        pen.polygon([(x * scale, y * scale) for x, y in points], fill=fill)
    if sign is not Sign.WELL:
        _badge(pen, sign, size)
    return fine.resize((size, size), Image.Resampling.BOX)


def argb(sign: Sign, size: int) -> bytes:
    """The icon's pixels, row by row, each as alpha, red, green, blue: as StatusNotifierItem wants them."""
    red, green, blue, alpha = draw(sign, size).split()
    from PIL import Image

    return Image.merge("RGBA", (alpha, red, green, blue)).tobytes()


# -- the fox ---------------------------------------------------------------------------------------------------------
def _shapes(size: int) -> Iterator[Shape]:
    """The drawing's shapes from the back to the front; for a small fox without what would be less than a pixel."""
    for part, (colour, shapes) in zip(("head", "ears", "cheeks", "face"), _drawing(), strict=True):
        if size >= PLAIN_BELOW or part in ("head", "cheeks"):
            yield from ((colour, shape) for shape in shapes)
        elif part == "face":
            # Whole pixels as eyes, and the nose, which is the last shape.
            pixel = VIEW / size
            left, top = round(19 / pixel) * pixel, round(30 / pixel) * pixel
            yield colour, _box(left, top, 2 * pixel, 2 * pixel)
            yield colour, _box(VIEW - left - 2 * pixel, top, 2 * pixel, 2 * pixel)
            yield colour, shapes[-1]


def _box(left: float, top: float, width: float, height: float) -> tuple[Point, ...]:
    return ((left, top), (left + width, top), (left + width, top + height), (left, top + height))


def _drawing() -> list[tuple[str, list[tuple[Point, ...]]]]:
    """Colour and outlines of each path of the SVG file."""
    text = SVG.read_text(encoding="utf-8")
    return [(colour, list(outlines(path))) for colour, path in re.findall(r'<path fill="(#\w{6})" d="([^"]+)"', text)]


def outlines(path: str) -> Iterator[tuple[Point, ...]]:
    """The closed outlines of an SVG path of the commands M, L, l, H, Q, q and z: those that our drawing has.

    Raises: ValueError for another command.
    """
    points: list[Point] = []
    for command, text in re.findall(r"([A-Za-z])([^A-Za-z]*)", path):
        numbers = [float(number) for number in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", text)]
        if command in "Zz":
            yield tuple(points)
            points = []
        elif command == "H":
            points += [(x, points[-1][1]) for x in numbers]
        elif command in "MLl":
            points += _lines(points, numbers, command == "l")
        elif command in "Qq":
            points += _curves(points, numbers, command == "q")
        else:
            raise ValueError(f"unknown command {command!r} in an SVG path")


def _lines(points: list[Point], numbers: list[float], relative: bool) -> Iterator[Point]:
    x, y = points[-1] if points and relative else (0.0, 0.0)
    for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
        yield x + dx, y + dy
        x, y = (x + dx, y + dy) if relative else (0.0, 0.0)


def _curves(points: list[Point], numbers: list[float], relative: bool) -> Iterator[Point]:
    """Quadratic curves as short straight lines."""
    start = points[-1]
    for i in range(0, len(numbers), 4):
        (ox, oy), (cx, cy, ex, ey) = start if relative else (0.0, 0.0), numbers[i : i + 4]
        control, end = (ox + cx, oy + cy), (ox + ex, oy + ey)
        for step in range(1, CURVE + 1):
            t = step / CURVE
            a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t * t
            yield a * start[0] + b * control[0] + c * end[0], a * start[1] + b * control[1] + c * end[1]
        start = end


def _faded(colour: str) -> tuple[int, ...]:
    """The same lightness with less colour."""
    parts = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    grey = 0.299 * parts[0] + 0.587 * parts[1] + 0.114 * parts[2]
    return tuple(round(part + (grey - part) * FADED) for part in parts)


# -- the badge -------------------------------------------------------------------------------------------------------
def _badge(pen: "ImageDraw", sign: Sign, size: int) -> None:
    """A disc in the lower right corner, with a gap around it so that it stands apart on any panel.

    All its measures are whole pixels of the finished icon: nothing of it is blurred.
    """
    across = max(round(size * 0.5), 7)
    across += (across - _stroke(across)) % 2  # so that the sign stands in the middle of whole pixels
    gap = max(round(size / 20), 1)
    left = top = size - across
    _disc(pen, left - gap, top - gap, across + 2 * gap, (0, 0, 0, 0))
    _disc(pen, left, top, across, COLOURS[sign])
    for x, y, width, height in _strokes(sign, across):
        box = [(left + x) * FINER, (top + y) * FINER, (left + x + width) * FINER - 1, (top + y + height) * FINER - 1]
        pen.rectangle(box, fill="#ffffff")


def _stroke(across: int) -> int:
    return max(round(across / 6), 1)


def _strokes(sign: Sign, across: int) -> list[tuple[int, int, int, int]]:
    """The white sign in a badge, as boxes in whole pixels: left, top, width, height."""
    thick = _stroke(across)
    middle, edge = (across - thick) // 2, max(round(across * 0.14), 1)
    if sign is Sign.NEEDS_YOU:  # !
        dot = across - edge - thick
        return [(middle, edge, thick, dot - edge - max(thick // 2, 1)), (middle, dot, thick, thick)]
    if sign is Sign.AWAY:  # –
        edge = round(across * 0.2)
        return [(edge, middle, across - 2 * edge, thick)]
    apart = thick + max(round(thick * 0.6), 1)  # three dots
    return [(middle + i * apart, middle, thick, thick) for i in (-1, 0, 1)]


def _disc(pen: "ImageDraw", left: int, top: int, across: int, fill: "str | tuple[int, int, int, int]") -> None:
    box = (left * FINER, top * FINER, (left + across) * FINER - 1, (top + across) * FINER - 1)
    pen.ellipse(box, fill=fill)
