"""The clean Debians that the other tests here stand on: what they are, and that nothing of them is left outside."""

from pathlib import Path

import pytest

from tests.support.debians import ROOT, needs_root, once, opened
from tests.support.foreign import Foreign

SUITES = ("bookworm", "trixie")
VERSIONS = {"bookworm": "12", "trixie": "13"}


@pytest.mark.parametrize("suite", SUITES)
def test_a_clean_debian_has_nothing_of_ours_and_is_a_machine_of_its_own(suite: str) -> None:
    """Real: debootstrap, Debian's mirror, namespaces; the machine's own processes, network and host name."""
    needs_root()
    with opened(f"{suite}-workstation") as debian:
        told = debian.sh('. /etc/os-release; echo "$ID $VERSION_ID"; hostname; ls /opt /etc/xdg/autostart')
        assert told.split("\n")[:2] == [f"debian {VERSIONS[suite]}", suite]
        assert "kitsu" not in told
        assert debian.processes() == []
        installed = debian.sh("dpkg-query -W -f '${Package}\n'").split()
        assert not {"kitsu-launcher", "xdg-utils", "desktop-file-utils"} & set(installed)
        assert debian.sh("cat /proc/net/dev").count(":") == 1  # lo
        with debian.listen(24517) as listening, debian.connect(24517):
            listening.accept()[0].close()
        with pytest.raises(ConnectionRefusedError):
            debian.connect(24517)


def test_what_happens_in_one_machine_is_seen_neither_in_the_next_nor_outside() -> None:
    """Real: two machines of one Debian, after each other; a process that would outlive its session."""
    needs_root()
    with opened("bookworm-bare") as debian:
        debian.write("/etc/mark", "x")
        debian.sh("rm /etc/debian_version; setsid sleep 6283 > /dev/null 2>&1 < /dev/null &")
        assert len(debian.processes("sleep 6283")) == 1
        with pytest.raises(AssertionError, match="exit code 3"):
            debian.sh("exit 3")
    with opened("bookworm-bare") as other:
        assert (other.text("/etc/mark"), other.text("/etc/debian_version")[:3]) == ("", "12.")

    def gone() -> bool:
        return not any(b"sleep\x006283" in line for line in map(read, Path("/proc").glob("[0-9]*/cmdline")))

    assert once(gone, 10)
    assert "kitsu-launcher-tests" not in Path("/proc/mounts").read_text()


def read(path: Path) -> bytes:
    """A process may end while it is looked at."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_root_obeys_nobody_else(foreign: Foreign) -> None:
    """Real: the helper's socket, and another user of this machine who asks."""
    needs_root()

    said = foreign.connect_unix(Path(ROOT), b'{"do": "prepare", "name": "bookworm-bare"}\n')

    assert said == b""
