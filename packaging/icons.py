"""Writes the fox as every system wants its icon: PNGs in a folder, an `.ico` or an `.icns`.

    python packaging/icons.py hicolor FOLDER    FOLDER/16x16/apps/kitsu-launcher.png … 512x512, scalable
    python packaging/icons.py FILE.ico          for Windows' programs and installers
    python packaging/icons.py FILE.icns         for the application on macOS

From the drawing that panel and pages show (`launcher/icon.py`): there is one fox. Needs Pillow.
"""

import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from launcher import icon

HICOLOR = (16, 22, 24, 32, 48, 64, 128, 256, 512)
"""Sizes in pixels that desktops look for."""
WINDOWS = (16, 20, 24, 32, 40, 48, 64, 128, 256)
"""Lists, menus and tiles at 100 to 250 % of Windows' size."""
MACOS = (32, 64, 128, 256, 512, 1024)
"""Those that Pillow puts into an `.icns`: 16 to 512 points, and the same for screens with twice as many pixels."""


def hicolor(folder: Path) -> None:
    """The icon in a theme of freedesktop's: a PNG for each size, and the drawing itself."""
    for size in HICOLOR:
        apps = folder / f"{size}x{size}" / "apps"
        apps.mkdir(parents=True, exist_ok=True)
        icon.draw(icon.Sign.WELL, size).save(apps / "kitsu-launcher.png")
    scalable = folder / "scalable" / "apps"
    scalable.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(icon.SVG, scalable / "kitsu-launcher.svg")


def in_one_file(path: Path, sizes: tuple[int, ...]) -> None:
    """All sizes in a file of the format that its ending names."""
    *others, largest = [icon.draw(icon.Sign.WELL, size) for size in sizes]
    largest.save(path, sizes=[(size, size) for size in sizes], append_images=others)


def main(argv: list[str]) -> int:
    """What the usage above says; its exit code."""
    if len(argv) == 2 and argv[0] == "hicolor":
        hicolor(Path(argv[1]))
    elif len(argv) == 1 and argv[0].endswith(".ico"):
        in_one_file(Path(argv[0]), WINDOWS)
    elif len(argv) == 1 and argv[0].endswith(".icns"):
        in_one_file(Path(argv[0]), MACOS)
    else:
        print(__doc__, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
