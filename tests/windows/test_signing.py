"""Authenticode: `packaging/windows/sign.sh`, with an authority of the tests' own. Nothing runs under wine."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.needs import needs
from tests.support.signing import PASSWORD, Authority, sign, timestamps

pytestmark = needs("osslsigncode", "openssl", "wixl", "wine")

PROGRAM = Path("/usr/lib/x86_64-linux-gnu/wine/x86_64-windows/hostname.exe")
"""A small real program for Windows, which nobody has signed: one of those that wine brings along."""
WXS = """<?xml version="1.0"?>
<Wix xmlns="http://schemas.microsoft.com/wix/2006/wi">
  <Product Id="5E0C2E38-5E0A-4E5C-9C5D-0F6B8F2C3AFF" Name="x" Language="1033" Version="1.0" Manufacturer="x"
      UpgradeCode="5E0C2E38-5E0A-4E5C-9C5D-0F6B8F2C3AFE">
    <Package Compressed="yes"/><Media Id="1" Cabinet="a.cab" EmbedCab="yes"/>
    <Directory Id="TARGETDIR" Name="SourceDir"><Component Id="c" Guid="5E0C2E38-5E0A-4E5C-9C5D-0F6B8F2C3AFD">
      <File Id="f" Source="t.exe"/></Component></Directory>
    <Feature Id="main" Level="1"><ComponentRef Id="c"/></Feature>
  </Product>
</Wix>"""


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A folder as a build leaves it: a program, a library below, a file that is none, a closed mode, an old date."""
    folder = tmp_path / "built"
    (folder / "1.0").mkdir(parents=True)
    shutil.copy(PROGRAM, folder / "kitsu-launcher.exe")
    shutil.copy(PROGRAM, folder / "1.0" / "some.pyd")
    (folder / "1.0" / "readme.exe").write_text("no program")
    (folder / "kitsu-launcher.exe").chmod(0o750)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_program_and_library_is_signed_and_nothing_else(built: Path, signer: Authority) -> None:
    """Real: osslsigncode, an RFC 3161 server by OpenSSL; the key's password is in a file."""
    before = contents(built)
    status = (built / "kitsu-launcher.exe").stat()
    with timestamps(signer) as url:
        done = sign(built, **signer.inputs(url))

    assert done.returncode == 0, done.stderr
    assert done.stdout == "sign.sh: signed 2 files; 0 have the signature of their own maker.\n"
    assert set(contents(built)) == set(before)
    assert {name for name, content in contents(built).items() if content != before[name]} == {
        "kitsu-launcher.exe",
        "1.0/some.pyd",
    }
    assert signer.trusts(built / "kitsu-launcher.exe")
    assert signer.trusts(built / "1.0" / "some.pyd")
    signed = (built / "kitsu-launcher.exe").stat()
    assert (signed.st_mode, signed.st_mtime_ns) == (status.st_mode, status.st_mtime_ns)


def test_a_tampered_program_is_not_trusted(built: Path, signer: Authority) -> None:
    """Real: one byte of the program's code is another one."""
    program = built / "kitsu-launcher.exe"
    assert sign(program, **signer.inputs()).returncode == 0
    content = bytearray(program.read_bytes())
    content[0x1000] ^= 1
    program.write_bytes(content)

    assert not signer.trusts(program)


def test_a_package_is_signed_and_again(tmp_path: Path, signer: Authority) -> None:
    """Real: an MSI by wixl; the second signature takes the place of the first."""
    shutil.copy(PROGRAM, tmp_path / "t.exe")
    (tmp_path / "x.wxs").write_text(WXS)
    subprocess.run(["wixl", "-o", "x.msi", "x.wxs"], cwd=tmp_path, check=True, timeout=60)
    package = tmp_path / "x.msi"
    for _time in range(2):
        done = sign(package, **signer.inputs())
        assert done.returncode == 0, done.stderr
        assert signer.trusts(package)

    content = package.read_bytes()
    place = content.index(b"MZ") if b"MZ" in content else len(content) // 2
    package.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
    assert not signer.trusts(package)


def test_without_inputs_the_build_is_unsigned_and_says_so(built: Path) -> None:
    """Real: the script."""
    before = contents(built)
    done = sign(built)

    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "sign.sh: unsigned build: none of the signing inputs is set (see sign.sh --help).\n"
    assert contents(built) == before


@pytest.mark.parametrize("missing", ["KITSU_SIGN_CERTIFICATE", "KITSU_SIGN_KEY", "KITSU_SIGN_TIMESTAMP"])
def test_half_of_the_inputs_is_refused(built: Path, signer: Authority, missing: str) -> None:
    """Real: the script; nothing is signed, and nothing is taken for an unsigned build."""
    before = contents(built)
    inputs = signer.inputs()
    del inputs[missing]
    done = sign(built, **inputs)

    assert done.returncode == 2
    assert done.stderr.startswith(f"sign.sh: {missing} is missing; other signing inputs are set.\n")
    assert contents(built) == before


def test_inputs_that_cannot_be_read_or_do_not_go_together_are_refused(built: Path, signer: Authority) -> None:
    """Real: the script."""
    away = sign(built, **{**signer.inputs(), "KITSU_SIGN_KEY": "/nowhere/key.pem"})
    both = sign(built, **signer.inputs(), KITSU_SIGN_COMMAND="/bin/true")
    text = sign(built / "1.0" / "readme.exe", **signer.inputs())
    gone = sign(built / "gone.exe", **signer.inputs())

    assert [done.returncode for done in (away, both, text, gone)] == [2, 2, 2, 2]
    assert away.stderr.splitlines()[0] == "sign.sh: KITSU_SIGN_KEY cannot be read: /nowhere/key.pem"
    assert both.stderr.splitlines()[0] == "sign.sh: KITSU_SIGN_COMMAND signs by itself."
    assert text.stderr.splitlines()[0].startswith("sign.sh: neither a Windows program or library nor an MSI: ")
    assert gone.stderr.splitlines()[0].startswith("sign.sh: there is no such file: ")


def test_one_failure_changes_no_file(built: Path, signer: Authority, tmp_path: Path) -> None:
    """Real: a wrong password; a root that is another; a timestamp server that is away. No temporary file stays."""
    before = contents(built)
    wrong = tmp_path / "wrong"
    wrong.write_text("wrong\n")
    for inputs in (
        {**signer.inputs(), "KITSU_SIGN_PASSWORD_FILE": str(wrong)},
        {**signer.inputs(), "KITSU_SIGN_CA": "/etc/ssl/certs/ca-certificates.crt"},
        signer.inputs("http://127.0.0.1:9/"),
    ):
        done = sign(built, **inputs)
        assert done.returncode == 1, done
        assert "Nothing was changed." in done.stderr
        assert contents(built) == before


SERVICE = """#!/bin/bash
exec osslsigncode sign -h sha256 -certs {folder}/signer.pem -key {folder}/signer.key -readpass {folder}/password \
    {stamped} -in "$1" -out "$2"
"""


def test_a_program_may_sign_instead_and_must_stamp(built: Path, signer: Authority, tmp_path: Path) -> None:
    """Real: a program in the place of a signing service. One that forgets the timestamp is not taken."""
    service = tmp_path / "service"
    inputs = {"KITSU_SIGN_COMMAND": str(service), "KITSU_SIGN_CA": str(signer.root)}
    with timestamps(signer) as url:
        for stamped, code in (("", 1), (f"-ts {url}", 0)):
            service.write_text(SERVICE.format(folder=signer.folder, stamped=stamped))
            service.chmod(0o755)
            assert sign(built, **inputs).returncode == code
            assert signer.trusts(built / "kitsu-launcher.exe") is (code == 0)


def test_no_secret_is_an_argument(built: Path, signer: Authority, tmp_path: Path) -> None:
    """Real: osslsigncode, behind a program that notes how it is called: anybody on the machine could read that."""
    noted, real = tmp_path / "noted", shutil.which("osslsigncode")
    (tmp_path / "bin").mkdir()
    spy = tmp_path / "bin" / "osslsigncode"
    spy.write_text(f'#!/bin/bash\nprintf "%s\\n" "$@" >>{noted}\nexec {real} "$@"\n')
    spy.chmod(0o755)
    path = f"{spy.parent}:{os.environ['PATH']}"

    assert sign(built, **signer.inputs(), PATH=path).returncode == 0
    assert "-readpass" in noted.read_text().splitlines()
    assert PASSWORD.decode() not in noted.read_text()
