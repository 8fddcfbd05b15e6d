"""A certificate authority for signed programs, made for the test, with a timestamp server of its own."""

import datetime
import http.server
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

SIGN = Path(__file__).parents[2] / "packaging" / "windows" / "sign.sh"
PASSWORD = b"a password in a file"
TS_CONFIG = """
[tsa]
default_tsa = ours
[ours]
dir = {folder}
serial = $dir/serial
signer_cert = $dir/stamper.pem
certs = $dir/root.pem
signer_key = $dir/stamper.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
ess_cert_id_alg = sha256
"""


@dataclass(frozen=True)
class Authority:
    """A root, a certificate that signs programs, and one that signs timestamps; all files of one folder."""

    folder: Path

    @property
    def root(self) -> Path:
        return self.folder / "root.pem"

    def inputs(self, timestamp: str = "none") -> dict[str, str]:
        """What `sign.sh` is given."""
        return {
            "KITSU_SIGN_CERTIFICATE": str(self.folder / "signer.pem"),
            "KITSU_SIGN_KEY": str(self.folder / "signer.key"),
            "KITSU_SIGN_PASSWORD_FILE": str(self.folder / "password"),
            "KITSU_SIGN_TIMESTAMP": timestamp,
            "KITSU_SIGN_CA": str(self.root),
        }

    def trusts(self, file: Path) -> bool:
        """Whether a file's signature fits it and comes from here."""
        argv = ["osslsigncode", "verify", "-CAfile", str(self.root), "-TSA-CAfile", str(self.root), "-in", str(file)]
        return subprocess.run(argv, capture_output=True, timeout=60, check=False).returncode == 0

    def stamp(self, query: bytes) -> bytes:
        """The answer of a timestamp server, by OpenSSL's own."""
        asked = self.folder / "query"
        asked.write_bytes(query)
        argv = ["openssl", "ts", "-reply", "-config", str(self.folder / "ts.cnf"), "-queryfile", str(asked)]
        return subprocess.run(argv, capture_output=True, timeout=60, check=True).stdout


def sign(*files: Path, **inputs: str) -> "subprocess.CompletedProcess[str]":
    """Real: `sign.sh` and osslsigncode. No other input than these reaches it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KITSU_SIGN_")}
    return subprocess.run(
        [str(SIGN), *map(str, files)],
        env={**kept, **inputs},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture(scope="session")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Made once; its keys are worth nothing afterwards."""
    folder = tmp_path_factory.mktemp("authority")
    root_key, root = _certificate("Test Root", None, [], authority=True)
    _write(folder / "root.pem", root)
    for name, title, use in (
        ("signer", "Test Studio", ExtendedKeyUsageOID.CODE_SIGNING),
        ("stamper", "Test Timestamps", ExtendedKeyUsageOID.TIME_STAMPING),
    ):
        key, certificate = _certificate(title, (root_key, root), [use])
        _write(folder / f"{name}.pem", certificate)
        hidden = serialization.BestAvailableEncryption(PASSWORD) if name == "signer" else serialization.NoEncryption()
        form = serialization.PrivateFormat.PKCS8
        (folder / f"{name}.key").write_bytes(key.private_bytes(serialization.Encoding.PEM, form, hidden))
    (folder / "password").write_bytes(PASSWORD + b"\n")
    (folder / "serial").write_text("01\n")
    (folder / "ts.cnf").write_text(TS_CONFIG.format(folder=folder))
    return Authority(folder)


@contextmanager
def timestamps(authority: Authority) -> Iterator[str]:
    """The address of an RFC 3161 server."""

    class Stamps(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            answer = authority.stamp(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing into the tests' output."""

    with http.server.HTTPServer(("127.0.0.1", 0), Stamps) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join(10)


def _certificate(
    title: str,
    issuer: tuple[rsa.RSAPrivateKey, x509.Certificate] | None,
    uses: list[ObjectIdentifier],
    *,
    authority: bool = False,
) -> tuple[rsa.RSAPrivateKey, x509.Certificate]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, title)])
    now = datetime.datetime.now(datetime.UTC)
    key_of_issuer, above = issuer or (key, None)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(above.subject if above else name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key_of_issuer.public_key()), critical=False)
    )
    if uses:
        builder = builder.add_extension(x509.ExtendedKeyUsage(uses), critical=True)
    return key, builder.sign(key_of_issuer, hashes.SHA256())


def _write(path: Path, certificate: x509.Certificate) -> None:
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
