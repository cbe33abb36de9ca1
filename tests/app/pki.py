"""Invented authorities and devices for tests: real certificates, files and TLS contexts, no agency of anybody."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import msgspec
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from wireroom.app import authority
from wireroom.app.assemble import now
from wireroom.app.settings import Loaded, Settings, Web, Wire
from wireroom.app.settings_devices import Devices
from wireroom.policy.devices import Certificate, Posture, Register

POLICE, SHERIFF = "CA0990100", "CA0980100"
WHOLE = Posture(encrypted=True, managed=True, located=True)


class Issued(msgspec.Struct, frozen=True):
    """A device's file with key and certificate, and the certificate."""

    file: Path
    certificate: x509.Certificate
    terminal: str
    ori: str

    @property
    def fingerprint(self) -> str:
        return authority.fingerprint(self.certificate)

    def context(self, switch: Path) -> ssl.SSLContext:
        """How this device calls a switch that shows a certificate of that authority."""
        context = ssl.create_default_context(cafile=str(switch))
        context.load_cert_chain(self.file)
        return context


class Pki:
    """One agency's authority, and the switch's own certificate for localhost by somebody else."""

    def __init__(self, folder: Path, ori: str = POLICE) -> None:
        self.folder, self.ori = folder, ori
        folder.mkdir(parents=True, exist_ok=True)
        self.authority = authority.make(ori, folder, now())
        self.trust = folder / "switch-authority.pem"
        root = trustme.CA()
        root.cert_pem.write_to_path(str(self.trust))
        shown = root.issue_cert("localhost", "127.0.0.1")
        shown.private_key_pem.write_to_path(str(folder / "switch.key"))
        for blob in shown.cert_chain_pems:
            blob.write_to_path(str(folder / "switch.pem"), append=True)

    def device(
        self, terminal: str = "Z001", *, ago: timedelta = timedelta(0), days: int = 30, ori: str = ""
    ) -> Issued:
        """A device's certificate, issued so long ago."""
        key = authority.new_key()
        whose = authority.Whose(terminal=terminal, ori=ori or self.ori)
        span = authority.Span(now=now() - ago, days=days)
        made = authority.issue(whose, self.authority, self.folder, key.public_key(), span)
        return self._written(whose, key, made)

    def for_servers(self, terminal: str = "Z001") -> Issued:
        """A certificate of the right authority that is for TLS servers only."""
        key, signing = authority.new_key(), authority.new_key()
        whose = authority.Whose(terminal=terminal, ori=self.ori)
        signing = authority._load_key(authority.key_file(self.folder, self.ori))
        vouching = authority.read_certificate(self.authority.pem.encode())
        made = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, terminal)]))
            .issuer_name(vouching.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now() - timedelta(hours=1))
            .not_valid_after(now() + timedelta(days=1))
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=True)
            .sign(signing, hashes.SHA256())
        )
        return self._written(whose, key, made)

    def _written(self, whose: authority.Whose, key: authority.PrivateKey, made: x509.Certificate) -> Issued:
        file = self.folder / f"{authority.serial_of(made)}.pem"
        authority.write_once(file, authority.private_text(key, made))
        return Issued(file, made, whose.terminal, whose.ori)

    def kept(self, issued: Issued, posture: Posture = WHOLE) -> Certificate:
        """The row of a device."""
        return Certificate(
            fingerprint=issued.fingerprint, serial=authority.serial_of(issued.certificate),
            authority=self.authority.fingerprint, terminal=issued.terminal, ori=issued.ori,
            encrypted=posture.encrypted, managed=posture.managed, located=posture.located, issued_at=now(),
            issued_by="console", ends_at=issued.certificate.not_valid_after_utc,
        )  # fmt: skip

    async def known(self, register: Register, issued: Issued, posture: Posture = WHOLE) -> Issued:
        """A device on record, with the authority that vouches for it."""
        if all(one.fingerprint != self.authority.fingerprint for one in await register.authorities()):
            await register.add_authority(self.authority, now())
        await register.add(self.kept(issued, posture))
        return issued

    def loaded(self, devices: str = "required", authorities: Sequence[Path] = ()) -> Loaded:
        """Settings of doors on free ports of this machine, guarded."""
        section = Devices(
            devices=devices,  # type: ignore[arg-type]  # a test may say anything
            certificate_file=str(self.folder / "switch.pem"), key_file=str(self.folder / "switch.key"),
            authorities=tuple(map(str, authorities)),
        )  # fmt: skip
        return Loaded(settings=Settings(devices=section, wire=Wire(port=0), web=Web(port=0)), file=None)
