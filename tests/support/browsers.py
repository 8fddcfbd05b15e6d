"""Real Chromium and Firefox with real windows, each in a home of its own."""

import functools
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from tests.support.desktop import Display, end

PROGRAMS = {"chromium": "chromium", "firefox": "firefox-esr"}

CHROMIUM_FLAGS = (
    "--no-first-run",
    "--no-default-browser-check",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-gpu",
    "--disable-dev-shm-usage",  # /dev/shm of a container may hold 64 MB only
    "--password-store=basic",
    "--window-position=0,0",
    "--window-size=1400,900",
)

FIREFOX_PREFERENCES: dict[str, str | bool | int] = {
    "app.normandy.enabled": False,
    "app.update.enabled": False,
    "browser.aboutwelcome.enabled": False,
    "browser.newtabpage.enabled": False,
    "browser.preonboarding.enabled": False,
    "browser.safebrowsing.blockedURIs.enabled": False,
    "browser.safebrowsing.downloads.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.sessionstore.resume_from_crash": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "browser.startup.page": 0,
    "browser.tabs.warnOnClose": False,
    "datareporting.healthreport.uploadEnabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.getAddons.cache.enabled": False,
    "extensions.update.enabled": False,
    "media.gmp-manager.updateEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.proxy.type": 0,
    "services.settings.server": "data:,",
    "termsofuse.bypassNotification": True,
    "toolkit.telemetry.enabled": False,
    "toolkit.telemetry.reportingpolicy.firstRun": False,
}


class Browser:
    """One browser with a fresh profile that trusts the test authority. Its methods block, but briefly."""

    def __init__(self, kind: str, display: Display, home: Path, authority: trustme.CA) -> None:
        self.kind = kind
        self.display = display
        self.home = home
        self._process: subprocess.Popen[bytes] | None = None
        self._bus: subprocess.Popen[bytes] | None = None
        self._address = ""
        self._profile = home / "profile"
        self._profile.mkdir(parents=True)
        certificate = home / "authority.pem"
        authority.cert_pem.write_to_path(str(certificate))
        if kind == "firefox":
            lines = [f'user_pref("{name}", {javascript(value)});\n' for name, value in FIREFOX_PREFERENCES.items()]
            (self._profile / "user.js").write_text("".join(lines))
            trust(self._profile, certificate)
        else:
            trust(home / ".pki" / "nssdb", certificate)

    @property
    def environment(self) -> dict[str, str]:
        """The display's environment with this browser's own home, so that nothing of the developer's is touched."""
        hidden = ("XDG_", "DBUS_", "SSL_CERT_")
        kept = {name: value for name, value in self.display.environment.items() if not name.startswith(hidden)}
        return kept | {
            "HOME": str(self.home),
            "XDG_RUNTIME_DIR": str(self.home),
            "DBUS_SESSION_BUS_ADDRESS": self._address,
            "NO_AT_BRIDGE": "1",
            "MOZ_CRASHREPORTER_DISABLE": "1",
        }

    def open(self, url: str) -> None:
        """Show `url`: in a new window at first, then in new tabs of the same browser."""
        if self._bus is None:
            self._bus, self._address = start_bus()
        process = subprocess.Popen(
            [*self.command(), url],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        if self._process is None:
            self._process = process
        else:
            process.wait(30)

    def close(self) -> None:
        """End the browser with all its processes."""
        for process in filter(None, (self._process, self._bus)):
            end(process)
        self._process = self._bus = None

    def command(self) -> list[str]:
        """What opens an address in it, which is the last argument."""
        if self.kind == "firefox":
            return [PROGRAMS["firefox"], "--profile", str(self._profile), "--width", "1400", "--height", "900"]
        return [PROGRAMS["chromium"], f"--user-data-dir={self._profile}", *CHROMIUM_FLAGS, *sandbox()]


def start_bus() -> tuple[subprocess.Popen[bytes], str]:
    """A session bus of its own, and its address: by it a second Firefox finds the first, and none outlives the test."""
    command = ["dbus-daemon", "--session", "--nofork", "--nopidfile", "--address=unix:tmpdir=/tmp", "--print-address"]
    quiet = {"stdin": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    bus = subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True, **quiet)
    with bus.stdout as lines:
        return bus, lines.readline().decode().strip()


def javascript(value: str | bool | int) -> str:
    """A preference's value as Firefox writes it."""
    return f'"{value}"' if isinstance(value, str) else str(value).lower()


def trust(database: Path, certificate: Path) -> None:
    """Make an NSS database that trusts `certificate` as an authority for websites."""
    database.mkdir(parents=True, exist_ok=True)
    for arguments in (["-N", "--empty-password"], ["-A", "-n", "test authority", "-t", "C,,", "-i", str(certificate)]):
        subprocess.run(["certutil", "-d", f"sql:{database}", *arguments], check=True, capture_output=True, timeout=60)


@functools.cache
def sandbox() -> tuple[str, ...]:
    """`--no-sandbox` where Chromium's sandbox cannot work: as root, and in containers without user namespaces."""
    if os.getuid() == 0:
        return ("--no-sandbox",)
    allowed = subprocess.run(["unshare", "--user", "--net", "true"], capture_output=True, timeout=20).returncode == 0
    return () if allowed else ("--no-sandbox",)


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """The certificate authority that only the tests' browsers trust."""
    return trustme.CA()


@pytest.fixture(params=["chromium", "firefox"])
def browser(
    request: pytest.FixtureRequest, tmp_path: Path, display: Display, authority: trustme.CA
) -> Iterator[Browser]:
    """Each test that takes this runs in Chromium and in Firefox."""
    missing = [
        name for name in (PROGRAMS[request.param], "certutil", "dbus-daemon", "unshare") if shutil.which(name) is None
    ]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    one = Browser(request.param, display, tmp_path / request.param, authority)
    yield one
    one.close()
