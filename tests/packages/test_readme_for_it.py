"""What packaging/README.md tells IT is so."""

import json
import re
from pathlib import Path

import pytest

from launcher.doctor import browsers
from launcher.system.linux import policies
from tests.packages.test_contents import FILES
from tests.support.frozen import TOP

README = (TOP / "packaging" / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```json\n(.*?)```", README, re.DOTALL)
CASES = [
    (EXAMPLES[0], "usr/bin/google-chrome-stable", "etc/opt/chrome/policies/managed/kitsu.json"),
    (EXAMPLES[0], "usr/bin/chromium", "etc/chromium/policies/managed/kitsu.json"),
    (EXAMPLES[0], "usr/bin/microsoft-edge-stable", "etc/opt/edge/policies/managed/kitsu.json"),
    (EXAMPLES[1], "usr/bin/firefox", "etc/firefox/policies/policies.json"),
]


@pytest.mark.parametrize(("text", "program", "file"), CASES)
def test_the_policies_let_kitsu_reach_the_launcher(tmp_path: Path, text: str, program: str, file: str) -> None:
    """Real: the example as it stands there, read and judged as `doctor` does."""
    for path, content, mode in ((program, "", 0o755), (file, text, 0o644)):
        place = tmp_path / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content)
        place.chmod(mode)

    (found,) = policies.browsers(tmp_path)

    assert found.sources == (str(tmp_path / file),)
    assert browsers.allowed(found, "https://kitsu.lunar.example") is True
    assert browsers.allowed(found, "https://evil.example") is not True


def test_the_policies_let_only_our_links_open_unasked() -> None:
    """Real: the examples; the form is that of the browsers' policy lists."""
    for text in EXAMPLES:
        whole = json.loads(text)
        (links,) = whole.get("policies", whole)["AutoLaunchProtocolsFromOrigins"]
        assert links == {"protocol": "kitsu-launcher", "allowed_origins": ["https://kitsu.lunar.example"]}


def test_files_that_it_names_are_in_the_packages_or_here() -> None:
    """Real: the list that the packages are compared with, and this repository."""
    named = set(re.findall(r"`(/(?:usr|etc)/[a-z/]*kitsu-launcher[a-z.-]*\.(?:desktop|service))`", README))
    scripts = set(re.findall(r"packaging/[a-z/]+[a-z-]+\.(?:sh|txt)", README))

    assert named <= FILES
    assert named
    assert [name for name in scripts if not (TOP / name).is_file()] == []
