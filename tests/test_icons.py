"""The icon files of packages: the fox at every size that is looked for, drawn for that size."""

import sys
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from launcher.icon import Sign, draw

sys.path.append(str(Path(__file__).parents[1] / "packaging"))

import icons


def same(one: Image.Image, size: int) -> bool:
    """Whether it is the fox as it is drawn at this size, pixel for pixel."""
    return ImageChops.difference(one.convert("RGBA"), draw(Sign.WELL, size)).getbbox(alpha_only=False) is None


def test_linux_gets_a_picture_of_each_size_and_the_drawing(tmp_path: Path) -> None:
    """Real: the files that packages lay down."""
    assert icons.main(["hicolor", str(tmp_path)]) == 0

    files = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file())
    sizes = (16, 22, 24, 32, 48, 64, 128, 256, 512)
    assert files == sorted(
        [*(f"{size}x{size}/apps/kitsu-launcher.png" for size in sizes), "scalable/apps/kitsu-launcher.svg"]
    )
    assert all(same(Image.open(tmp_path / f"{size}x{size}/apps/kitsu-launcher.png"), size) for size in sizes)


@pytest.mark.parametrize(
    ("name", "sizes"),
    [("fox.ico", (16, 20, 24, 32, 40, 48, 64, 128, 256)), ("fox.icns", (32, 64, 128, 256, 512, 1024))],
)
def test_windows_and_macos_get_all_sizes_in_one_file(tmp_path: Path, name: str, sizes: tuple[int, ...]) -> None:
    """Real: the file, read by Pillow: none of its pictures is another one, scaled."""
    assert icons.main([str(tmp_path / name)]) == 0

    with Image.open(tmp_path / name) as picture:
        inside = picture.icns if name.endswith(".icns") else picture.ico  # type: ignore[attr-defined]
        found = {one[0] * (one[2] if len(one) == 3 else 1): one for one in picture.info["sizes"]}
        assert set(found) == set(sizes)
        assert [size for size in sizes if not same(inside.getimage(found[size]), size)] == []


def test_anything_else_is_told_how_to_be_called(capsys: pytest.CaptureFixture[str]) -> None:
    """Pure."""
    assert icons.main(["fox.gif"]) == 2
    assert "python packaging/icons.py FILE.ico" in capsys.readouterr().err
