"""The fox of the panel, looked at pixel by pixel."""

import subprocess
import sys

import pytest
from PIL import Image

from launcher.icon import COLOURS, SVG, Sign, argb, draw, outlines

SIZES = (16, 18, 20, 22, 24, 32, 36, 44, 48, 64, 96, 128)
ORANGE = (232, 105, 44)


def near(pixel: tuple[int, ...], colour: tuple[int, ...], by: int = 12) -> bool:
    return all(abs(a - b) <= by for a, b in zip(pixel[:3], colour[:3], strict=True)) and pixel[3] > 250


def pixels(image: Image.Image) -> list[tuple[int, ...]]:
    raw = image.tobytes()
    return [tuple(raw[i : i + 4]) for i in range(0, len(raw), 4)]


def rgb(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))


def brightness(colour: tuple[int, ...]) -> float:
    """Relative luminance (WCAG 2)."""
    parts = [part / 255 for part in colour[:3]]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    light, dark = sorted((brightness(one), brightness(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def apart(one: tuple[int, ...], other: tuple[int, ...]) -> int:
    """How far two colours differ, in the channel in which they differ most."""
    return max(abs(a - b) for a, b in zip(one[:3], other, strict=True))


@pytest.mark.parametrize("size", SIZES)
def test_the_fox_is_orange_and_fills_its_square(size: int) -> None:
    drawn = draw(Sign.WELL, size)

    left, top, right, bottom = drawn.getbbox() or (0, 0, 0, 0)
    assert drawn.size == (size, size)
    assert drawn.mode == "RGBA"
    assert right - left >= size * 0.85
    assert bottom - top >= size * 0.8
    assert sum(near(pixel, ORANGE) for pixel in pixels(drawn)) > size * size * 0.2
    assert drawn.getpixel((0, 0))[3] < 128  # type: ignore[index]  # transparent around it


@pytest.mark.parametrize("size", SIZES)
def test_small_eyes_are_whole_dark_pixels(size: int) -> None:
    """A smear of brown would be no eyes."""
    drawn = draw(Sign.WELL, size)
    upper = drawn.crop((0, 0, size, size * 7 // 10))

    dark = [pixel for pixel in pixels(upper) if pixel[3] > 250 and brightness(pixel) < 0.09]

    assert len(dark) >= 4


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("sign", [Sign.BUSY, Sign.NEEDS_YOU, Sign.AWAY])
def test_a_badge_stands_apart_and_its_sign_is_pure_white(sign: Sign, size: int) -> None:
    """Its strokes are whole pixels, and around it the panel is seen."""
    corner = draw(sign, size).crop((size // 4, size // 4, size, size))
    found = pixels(corner)

    assert sum(near(pixel, rgb(COLOURS[sign]), 3) for pixel in found) > size * size * 0.07
    assert sum(near(pixel, (255, 255, 255), 0) for pixel in found) >= 3
    assert sum(pixel[3] == 0 for pixel in found) >= size // 4


@pytest.mark.parametrize("size", SIZES)
def test_signs_differ_by_shape_and_not_only_by_colour(size: int) -> None:
    shapes = {
        tuple(
            near(pixel, (255, 255, 255), 0)
            for pixel in pixels(draw(sign, size).crop((size // 2, size // 2, size, size)))
        )
        for sign in Sign
    }

    assert len(shapes) == 4


@pytest.mark.parametrize("colour", COLOURS.values())
def test_the_sign_can_be_read_on_its_badge(colour: str) -> None:
    assert contrast(rgb(colour), (255, 255, 255)) >= 4.5


@pytest.mark.parametrize("panel", [(255, 255, 255), (0, 0, 0), (45, 45, 45), (128, 128, 128)])
def test_some_of_the_fox_is_seen_on_every_panel(panel: tuple[int, int, int]) -> None:
    for sign in Sign:
        seen = [pixel for pixel in pixels(draw(sign, 22)) if pixel[3] > 250 and apart(pixel, panel) > 48]
        assert len(seen) > 22 * 22 * 0.25, sign


def test_argb_is_what_dbus_wants() -> None:
    red, green, blue, alpha = draw(Sign.WELL, 22).getpixel((5, 5))  # type: ignore[misc]
    raw = argb(Sign.WELL, 22)

    assert len(raw) == 22 * 22 * 4
    assert tuple(raw[(5 * 22 + 5) * 4 :][:4]) == (alpha, red, green, blue)


def test_the_outlines_of_a_path() -> None:
    assert list(outlines("M1 2L3 4l1 1H9z")) == [((1, 2), (3, 4), (4, 5), (9, 5))]
    (curve,) = outlines("M0 0q8 0 8 8z")
    assert curve[-1] == (8, 8)
    assert curve[4] == (6, 2)
    with pytest.raises(ValueError, match="unknown command 'A'"):
        list(outlines("M0 0A1 1z"))


def test_every_command_of_our_drawing_is_known() -> None:
    assert SVG.is_file()
    assert draw(Sign.WELL, 64).getbbox()


def test_pillow_is_imported_only_to_draw() -> None:
    """The daemon listens before it draws anything."""
    late = {"PIL", "pystray", "Xlib", "jeepney"}
    code = f"import sys, launcher.icon, launcher.tray; print(sorted({late} & set(sys.modules)))"

    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert said.strip() == "[]"
