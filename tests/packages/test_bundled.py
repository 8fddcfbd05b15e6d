"""What is bundled: pinned by hashes, with every licence, and listed in a bill of materials."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from launcher import __version__
from tests.support.frozen import TOP

LOCKED = TOP / "packaging" / "locked"
PLATFORMS = {"linux": "linux", "windows": "win32", "macos": "darwin"}
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE)


def pins(name: str) -> dict[str, str]:
    """The versions in a lock."""
    text = (LOCKED / f"{name}.txt").read_text()
    return {canonicalize_name(found): version for found, version in PIN.findall(text)}


@pytest.fixture(scope="module")
def bill(frozen: Path) -> dict[str, Any]:
    """The bill of the frozen folder."""
    return json.loads((frozen / __version__ / "sbom.cdx.json").read_text())


def test_the_bill_is_valid(frozen: Path) -> None:
    """Real: CycloneDX' own schema."""
    text = (frozen / __version__ / "sbom.cdx.json").read_text()

    assert JsonStrictValidator(SchemaVersion.V1_5).validate_str(text) is None


def test_all_that_is_bundled_is_what_the_lock_names(bill: dict[str, Any]) -> None:
    """Real: the frozen folder's own archive of modules, and the lock."""
    bundled = {
        canonicalize_name(one["name"]): one["version"]
        for one in bill["components"]
        if one["purl"].startswith("pkg:pypi/")
    }

    assert bundled.items() <= pins("linux").items()
    assert {"aiohttp", "gazu", "keyring", "pillow", "pyinstaller", "zstandard"} <= bundled.keys()


def test_every_part_has_its_licence_in_the_one_file(frozen: Path, bill: dict[str, Any]) -> None:
    """Real: the file in the frozen folder, which packages carry."""
    text = (frozen / __version__ / "THIRD-PARTY-LICENCES.txt").read_text()

    for one in bill["components"]:
        heading = f"{'=' * 100}\n{one['name']} {one['version']}\n{'=' * 100}\n\n"
        body = text.partition(heading)[2].partition("=" * 100)[0]
        assert len(body) > 150, one["name"]


def test_every_library_of_the_system_is_listed(frozen: Path, bill: dict[str, Any]) -> None:
    """Real: the frozen folder: what no wheel has brought is told as Debian's."""
    names = {one["name"] for one in bill["components"] if one["purl"].startswith("pkg:deb/")}

    assert (frozen / __version__ / "libcrypto.so.3").exists()
    assert {"libssl3", "libsqlite3-0"} <= names


@pytest.mark.parametrize("system", PLATFORMS)
def test_a_lock_holds_everything_that_the_program_needs_there(system: str) -> None:
    """Real: pyproject.toml and the locks."""
    wanted = tomllib.loads((TOP / "pyproject.toml").read_text())["project"]["dependencies"]
    environment = {"sys_platform": PLATFORMS[system]}
    locked = pins(system)

    for one in map(Requirement, wanted):
        if one.marker is None or one.marker.evaluate(environment):
            assert locked.get(canonicalize_name(one.name), "nothing") in one.specifier, one.name


@pytest.mark.parametrize("name", ["build", *PLATFORMS])
def test_every_pin_has_hashes_and_no_lock_tells_where_it_was_made(name: str) -> None:
    """Real: the locks."""
    text = (LOCKED / f"{name}.txt").read_text()
    blocks = re.split(r"\n(?=[A-Za-z0-9])", text.partition("\n")[2])

    assert all(re.search(r"--hash=sha256:[0-9a-f]{64}", block) for block in blocks)
    assert not re.search(r"https?://|--index|--find-links|/(home|root|tmp|work)/", text)


def test_another_file_under_a_pinned_name_is_refused(tmp_path: Path) -> None:
    """Real: pip, a lock with one digit changed."""
    text = (LOCKED / "build.txt").read_text()
    changed = re.sub(r"sha256:(.)", lambda match: f"sha256:{int(match[1], 16) ^ 1:x}", text)
    (tmp_path / "changed.txt").write_text(changed)
    argv = [sys.executable, "-m", "pip", "install", "--dry-run", "--require-hashes", "--no-deps", "--ignore-installed"]

    done = subprocess.run(
        [*argv, "-r", str(tmp_path / "changed.txt")], capture_output=True, text=True, timeout=120, check=False
    )

    assert done.returncode != 0
    assert "DO NOT MATCH THE HASHES" in done.stderr
