"""What a TD does with the key of a studio file at an address: makes it once, and signs each new file with it."""

import base64
import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from launcher import filesystem, paths
from launcher.config import announced, files, sealed, studio
from launcher.config.announced import NoRelease, Package, Release
from launcher.config.load import ConfigError
from launcher.config.problems import Problem, line_of
from launcher.config.sealed import Remote, Seal
from launcher.errors import system_says
from launcher.model import OS
from launcher.paths import Folders
from launcher.words import _

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

KEY = "studio-signing.pem"
SERIAL = re.compile(rb"^# .*serial ([0-9]{1,18})$", re.MULTILINE)
HEAD = "# Kitsu Launcher: signature of {name}, serial {serial}\n"
HEAD_OF_VERSION = "# Kitsu Launcher: signature of {name}, version {version}\n"


class NotSigned(ConfigError):
    """The file has errors, each with its line."""

    code = "sign"


@dataclass(frozen=True, slots=True)
class Signed:
    """One signature that was written, or was there already."""

    path: Path
    serial: int
    key: str
    """The public key, Base64."""
    again: bool
    """Whether it was there already."""


def private_key(folders: Folders) -> Path:
    """Where the key lies if nobody says otherwise."""
    return folders.config / KEY


def make_key(path: Path) -> str:
    """Write a new private key that only this user may read; its public key, in Base64.

    Raises: ConfigError if it cannot be written, or something is there already: a key is never overwritten.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = Ed25519PrivateKey.generate()
    content = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(os.open(path, filesystem.NEW, 0o600), "wb") as opened:
            opened.write(content)
    except FileExistsError as error:
        raise ConfigError(
            _("There is something at {path} already.", path=path),
            next_step=_("Name another place: kitsu-launcher config keygen PATH."),
        ) from error
    except OSError as error:
        raise ConfigError(
            _("{path} cannot be written.", path=path),
            tried=[_("{path}: {reason}", path=path, reason=system_says(error))],
            next_step=_("Name another place: kitsu-launcher config keygen PATH."),
        ) from error
    return _public(key)


def sign(file: Path, key_file: Path, os: OS, hostname: str) -> Signed:
    """Check a studio file as the launcher will, and write its signature beside it.

    Raises: NotSigned with every error in the file; ConfigError where the key or the signature is no good.
    """
    key = _key(key_file)
    public = base64.b64decode(_public(key))
    document = _document(file)
    if isinstance(document, Problem):
        raise _not_signed([document])
    text, target = document.text, file.with_name(f"{file.name}.sig")
    signature = base64.b64encode(key.sign(text)).decode()
    # Judged as one that is signed by the machine's key: so that only what it says is.
    seal = Seal(Remote(str(file), file.parent, public), signature)
    checked = files.Document(document.path, text, document.table, document.home, seal=seal)
    if problems := studio.build(checked, os, hostname).problems:
        raise _not_signed(problems)
    serial, last, there = files.serial(document), *_last(target)
    same = there == signature
    if not same and serial <= last:
        line = line_of(text, ("studio", "serial")) or line_of(text, ("studio",))
        told = _("must be more than {last}, which is the last one that was signed", last=last)
        raise _not_signed([Problem(str(file), line, "studio.serial", told)])
    if not same:
        _write(target, HEAD.format(name=ascii(file.name), serial=serial) + signature + "\n")
    return Signed(target, serial, _public(key), same)


def announce(file: Path, release: Release, key_file: Path) -> Signed:
    """Write the document by which a feed tells of a newer version, and its signature beside it.

    Raises: ConfigError if the key is no good, the release is not one that a feed may tell, or the file tells of a
    later one already: machines would not believe it.
    """
    key, text, target = _key(key_file), release.written(), file.with_name(f"{file.name}.sig")
    try:
        announced.release(text)
        before = _announced(file)
    except NoRelease as error:
        raise _not_announced(error.text) from error
    if before and release.older_than(before):
        values = {"path": file, "version": before.version, "day": before.date}
        raise _not_announced(_("{path} tells of {version} of {day} already, which is later", **values))
    signature = base64.b64encode(key.sign(text)).decode()
    head = HEAD_OF_VERSION.format(name=ascii(file.name), version=release.version)
    # First: a document with an older signature is believed by nobody, and told as such.
    _write(target, f"{head}{signature}\n")
    _write(file, text.decode())
    return Signed(target, 0, _public(key), False)


def package(path: Path) -> Package:
    """A package that holds a version, as a feed names it. Raises: ConfigError where it cannot be read."""
    try:
        with open(path, "rb") as opened:
            return Package(path.name, hashlib.file_digest(opened, "sha256").hexdigest())
    except OSError as error:
        told = _("{path}: {reason}", path=path, reason=system_says(error))
        raise _not_announced(told) from error


def _announced(file: Path) -> Release | None:
    """What a document there tells already. Raises: NoRelease where it is something else."""
    try:
        with open(file, "rb") as opened:
            return announced.release(opened.read(announced.MOST_BYTES + 1))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise NoRelease(_("{path}: {reason}", path=file, reason=system_says(error))) from error
    except NoRelease as error:
        raise NoRelease(_("{path}: {reason}", path=file, reason=error.text)) from error


def _not_announced(reason: str) -> ConfigError:
    return ConfigError(_("No version was announced."), tried=[reason], next_step=_("Correct it; nothing was written."))


def _document(file: Path) -> files.Document | Problem:
    try:
        return files.read(file)
    except FileNotFoundError:
        return Problem(str(file), 0, "", _("cannot be read: {reason}", reason=_("it is missing")))


def _last(target: Path) -> tuple[int, str]:
    """The serial that was signed last, and that signature; 0 and nothing where there is none."""
    try:
        content = target.read_bytes()[:10_000]
    except OSError:
        return 0, ""
    found = SERIAL.search(content)
    return int(found[1]) if found else 0, sealed.signature_in(content)


def _write(target: Path, text: str) -> None:
    try:
        paths.write_atomically(target, text.encode(), 0o644)
    except OSError as error:
        raise ConfigError(
            _("{path} cannot be written.", path=target),
            tried=[_("{path}: {reason}", path=target, reason=system_says(error))],
            next_step=_("Check its permissions and the free space."),
        ) from error


def _key(path: Path) -> "Ed25519PrivateKey":
    """The private key. Raises: ConfigError, which tells nothing of what the file holds."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(path.read_bytes(), None)
        reason: str = _("it is no Ed25519 key")
    except OSError as error:
        key, reason = None, system_says(error)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key, reason = None, _("it is no private key, or it has a password")
    if isinstance(key, Ed25519PrivateKey):
        return key
    raise ConfigError(
        _("The key that signs cannot be used."),
        tried=[_("{path}: {reason}", path=path, reason=reason)],
        next_step=_("Name it by --key; kitsu-launcher config keygen makes one."),
    )


def _public(key: "Ed25519PrivateKey") -> str:
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def _not_signed(problems: "list[Problem] | tuple[Problem, ...]") -> NotSigned:
    return NotSigned(
        _("This file was not signed."), tried=map(str, problems), next_step=_("Correct it, then sign it again.")
    )
