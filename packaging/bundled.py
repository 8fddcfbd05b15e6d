"""Writes what a frozen folder holds: every licence in one file, and a bill of materials.

    python packaging/bundled.py FOLDER VERSION    writes FOLDER/VERSION/THIRD-PARTY-LICENCES.txt and sbom.cdx.json

To be run by the Python that froze it: the packages are looked up among what is installed there, and only those that are
really inside count. Fails, naming it, where something inside has no licence text. The bill is CycloneDX 1.5;
SOURCE_DATE_EPOCH is its date (default: now).
"""

import hashlib
import importlib.metadata
import json
import os
import re
import subprocess
import sys
import sysconfig
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from PyInstaller.archive.readers import CArchiveReader

LICENCES = "THIRD-PARTY-LICENCES.txt"
BILL = "sbom.cdx.json"
PROGRAMS = ("kitsu-launcher", "kitsu-launcher-url")
TEXTS = re.compile(r"^(LICEN[CS]E|COPYING|NOTICE|AUTHORS)([.-].*)?$", re.IGNORECASE)
OURS = {"launcher", "kitsu_launcher", "kitsu_launcher_url"}
COPYLEFT = re.compile(r"\bLGPL")
HEAD = """\
What Kitsu Launcher {version} is bundled with, and under which terms. Kitsu Launcher itself is under the MIT licence.

These libraries are under the LGPL: {copyleft}.
They are here unchanged, in the versions below; their sources are published under these names and versions on the
Python Package Index. Whoever wants to use another version of one of them may: the program also runs from its sources
with any version that is installed beside it, and is frozen with that by packaging/freeze.sh.

The loader in both programs is PyInstaller's, under the GPL with an exception for the programs that it loads: they may
be distributed under any terms.
"""


@dataclass(frozen=True)
class Part:
    """One thing that is bundled."""

    name: str
    version: str
    licence: str
    texts: tuple[str, ...]
    purl: str


class NoLicence(Exception):
    """Something inside has no licence text."""


def modules(folder: Path) -> set[str]:
    """Top-level names of everything in the programs' archives."""
    found: set[str] = set()
    for program in PROGRAMS:
        path = next(path for path in (folder / program, folder / f"{program}.exe") if path.exists())
        archive = CArchiveReader(str(path)).open_embedded_archive("PYZ.pyz")
        found |= {name.partition(".")[0] for name in archive.toc}
    return found


def packages(folder: Path, contents: Path) -> list[Part]:
    """The installed packages of which something is inside."""
    inside = modules(folder) | {path.name.partition(".")[0] for path in contents.iterdir()}
    inside |= {path.name.removesuffix(".libs") for path in contents.iterdir()}
    by_module = importlib.metadata.packages_distributions()
    names = {name for module in inside - OURS for name in by_module.get(module, ())} - {"kitsu-launcher"}
    # The loader in both programs is PyInstaller's.
    return [_package(importlib.metadata.distribution(name)) for name in sorted({*names, "pyinstaller"}, key=str.lower)]


def _package(found: importlib.metadata.Distribution) -> Part:
    name, told = found.metadata["Name"], found.metadata
    files = sorted({path for path in found.files or () if TEXTS.match(path.name) and ".dist-info" in str(path)})
    texts = tuple(Path(str(path.locate())).read_text("utf-8", "replace").strip() for path in files)
    licence = told.get("License-Expression") or _classified(told.get_all("Classifier", [])) or told.get("License", "")
    if not texts and licence:
        # Some wheels carry no text: then what they say of it, and where it is to be read.
        texts = (f"{name} says of its licence: {licence.splitlines()[0]}. Its text is in its sources.",)
    if not texts:
        raise NoLicence(f"{name} {found.version} says nothing of its licence")
    short = licence.splitlines()[0] if licence else "see its text"
    return Part(name, found.version, short, texts, f"pkg:pypi/{name.lower()}@{found.version}")


def _classified(classifiers: list[str]) -> str:
    return ", ".join(one.rpartition(" :: ")[2] for one in classifiers if one.startswith("License ::"))


def python() -> Part:
    """The interpreter."""
    version = sys.version.split()[0]
    minor = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    places = (
        Path(sysconfig.get_path("stdlib")) / "LICENSE.txt",
        Path(sys.base_prefix) / "LICENSE.txt",
        Path(f"/usr/share/doc/lib{minor}-minimal/copyright"),
        Path(f"/usr/share/doc/{minor}/copyright"),
    )
    text = next((path.read_text("utf-8", "replace").strip() for path in places if path.is_file()), "")
    if not text:
        raise NoLicence(f"no licence text of Python {version} at {', '.join(map(str, places))}")
    return Part("Python", version, "PSF-2.0", (text,), f"pkg:generic/cpython@{version}")


def libraries(contents: Path) -> list[Part]:
    """Shared libraries at the top of the contents, which are of the system and of no package."""
    found: dict[str, Part] = {}
    for path in sorted(contents.glob("*.so*")):
        # A link leads to what a wheel has brought along, whose licences stand in that package's own text.
        if path.is_symlink() or path.name.startswith("libpython") or re.search(r"\.(cpython-\w+|abi3)", path.name):
            continue
        part = _of_debian(path.name)
        found[part.name] = part
    return list(found.values())


def _of_debian(name: str) -> Part:
    listed = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=True).stdout
    match = re.search(rf"^\s*{re.escape(name)} .*=> (\S+)$", listed, re.MULTILINE)
    path = Path(match[1]) if match else Path(f"/lib/{name}")
    # dpkg knows a file by the path that it was packed under, which may be without /usr.
    real = path.resolve()
    for place in dict.fromkeys((path, real, *(Path(str(one).removeprefix("/usr")) for one in (path, real)))):
        query = ["dpkg-query", "--search", str(place)]
        done = subprocess.run(query, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            package = done.stdout.partition(":")[0]
            fields = ["dpkg-query", "--show", "--showformat", "${Version}", package]
            version = subprocess.run(fields, capture_output=True, text=True, check=True).stdout.splitlines()[0]
            text = Path(f"/usr/share/doc/{package}/copyright").read_text("utf-8", "replace").strip()
            told = ", ".join(dict.fromkeys(re.findall(r"^License: *(\S.*)$", text, re.MULTILINE))) or "see its text"
            return Part(package, version, told, (text,), f"pkg:deb/debian/{package}@{version}")
    raise NoLicence(f"{name} is of no package of Debian's that is installed here")


def licences(parts: list[Part], version: str) -> str:
    """All of it, as people read it."""
    of_python = [part for part in parts if part.purl.startswith("pkg:pypi")]
    copyleft = ", ".join(part.name for part in of_python if COPYLEFT.search(part.licence))
    lines = [HEAD.format(version=version, copyleft=copyleft or "none")]
    lines += [f"  {part.name} {part.version}: {part.licence}" for part in parts]
    for part in parts:
        lines += ["", "=" * 100, f"{part.name} {part.version}", "=" * 100, "", *part.texts]
    return "\n".join(lines) + "\n"


def bill(parts: list[Part], version: str, moment: float) -> str:
    """The same for programs: CycloneDX."""
    components = [
        {
            "type": "library",
            "bom-ref": part.purl,
            "name": part.name,
            "version": part.version,
            "licenses": [{"license": {"name": part.licence}}],
            "purl": part.purl,
        }
        for part in parts
    ]
    content = json.dumps(components, sort_keys=True)
    serial = uuid.UUID(hashlib.sha256(f"{version} {content}".encode()).hexdigest()[:32], version=4)
    whole = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment)),
            "component": {
                "type": "application",
                "bom-ref": "kitsu-launcher",
                "name": "kitsu-launcher",
                "version": version,
                "licenses": [{"license": {"id": "MIT"}}],
            },
        },
        "components": components,
    }
    return json.dumps(whole, indent=1) + "\n"


def main(argv: list[str]) -> int:
    """What the usage above says; its exit code."""
    if len(argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    folder, version = Path(argv[0]), argv[1]
    contents = folder / version
    try:
        parts = [python(), *packages(folder, contents), *libraries(contents)]
    except NoLicence as error:
        print(f"bundled.py: {error}.\nnext: leave it out of launcher.spec, or find its licence.", file=sys.stderr)
        return 1
    moment = float(os.environ.get("SOURCE_DATE_EPOCH", time.time()))
    (contents / LICENCES).write_text(licences(parts, version), encoding="utf-8")
    (contents / BILL).write_text(bill(parts, version, moment), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
