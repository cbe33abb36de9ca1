"""Invented authorities of PIV cards: a root, one that issues, cards wrong in any way, lists of the revoked."""

from __future__ import annotations

import ssl
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from wireroom.app.assemble import now
from wireroom.app.cards import FASC_N, Cards
from wireroom.app.settings_directories import Cards as Section

POLICY = "2.16.840.1.101.3.2.1.3.13"
UUID = "urn:uuid:1a2b3c4d-0000-4000-8000-0000000000{:02d}"
DAY = timedelta(days=1)
CLIENT, SERVER = ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH


class Card(msgspec.Struct, frozen=True):
    """A card: its certificate, and the file with its key, which a real one never gives."""

    certificate: x509.Certificate
    file: Path

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    def context(self, trust: Path) -> ssl.SSLContext:
        """How a browser with this card calls a door that shows a certificate of that authority."""
        context = ssl.create_default_context(cafile=str(trust))
        context.load_cert_chain(self.file)
        return context


class Authority(msgspec.Struct, frozen=True):
    """An authority and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


class CardPki:
    """One agency's authorities of cards."""

    def __init__(self, folder: Path, name: str = "Cards of Example City") -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.root = made_authority(f"{name}, root", None)
        self.issuing = made_authority(name, self.root)
        self.authorities = folder / "authorities.pem"
        both = (self.root.certificate, self.issuing.certificate)
        self.authorities.write_bytes(b"".join(one.public_bytes(Encoding.PEM) for one in both))
        self.lists = (folder / "root.crl", folder / "issuing.crl")
        self._cards = 0
        self.revoke()

    def revoke(self, *revoked: x509.Certificate, ago: timedelta = timedelta(0)) -> None:
        """Write both lists anew; each names what its authority issued."""
        for authority, file in zip((self.root, self.issuing), self.lists, strict=True):
            own = [one for one in revoked if one.issuer == authority.certificate.subject]
            file.write_bytes(listed(authority, own, ago).public_bytes(Encoding.DER))

    def card(
        self,
        number: int = 1,
        *,
        of: Authority | None = None,
        uses: tuple[x509.ObjectIdentifier, ...] = (CLIENT,),
        policy: str = POLICY,
        names: x509.GeneralName | None = None,
        begins: timedelta = -DAY,
        ends: timedelta = DAY,
    ) -> Card:
        """A card's certificate for signing in."""
        of = of or self.issuing
        key = ec.generate_private_key(ec.SECP256R1())
        named = names or x509.UniformResourceIdentifier(UUID.format(number))
        made = begun("PAT VALE", of.certificate.subject, key, now() + begins, now() + ends)
        made = made.add_extension(x509.SubjectAlternativeName([named]), critical=False)
        made = made.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        if uses:
            made = made.add_extension(x509.ExtendedKeyUsage(list(uses)), critical=False)
        if policy:
            found = x509.PolicyInformation(x509.ObjectIdentifier(policy), None)
            made = made.add_extension(x509.CertificatePolicies([found]), critical=False)
        certificate = made.sign(of.key, hashes.SHA256())
        self._cards += 1
        file = self.folder / f"card{self._cards}.pem"
        secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        file.write_bytes(secret + certificate.public_bytes(Encoding.PEM))
        return Card(certificate, file)

    def section(self, port: int = 8701) -> Section:
        """The settings of the door."""
        return Section(
            port=port, authorities=(str(self.authorities),), revocation_lists=tuple(map(str, self.lists))
        )

    def cards(self, *others: CardPki) -> Cards:
        """What judges cards of this agency, and of others whose authorities are listed too."""
        all_of = (self, *others)
        known = [one.certificate for pki in all_of for one in (pki.root, pki.issuing)]
        lists = [file for pki in all_of for file in pki.lists]
        return Cards(known, lists, frozenset({POLICY}), port=8701, clock=now)


def begun(
    name: str, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, begins: datetime, ends: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
    )


def made_authority(name: str, by: Authority | None) -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    own = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer = own if by is None else by.certificate.subject
    made = begun(name, issuer, key, now() - DAY, now() + 30 * DAY)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    return Authority(made.sign(key if by is None else by.key, hashes.SHA256()), key)


def listed(
    by: Authority, revoked: list[x509.Certificate], ago: timedelta = timedelta(0)
) -> x509.CertificateRevocationList:
    made = x509.CertificateRevocationListBuilder().issuer_name(by.certificate.subject)
    made = made.last_update(now() - ago - timedelta(minutes=1)).next_update(now() - ago + DAY)
    for one in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(one.serial_number).revocation_date(now() - DAY)
        made = made.add_revoked_certificate(entry.build())
    return made.sign(by.key, hashes.SHA256())


def fasc_n(number: int) -> x509.OtherName:
    """The other name of a card, as older ones have it."""
    return x509.OtherName(FASC_N, b"\x04\x19" + bytes([number]) * 25)
