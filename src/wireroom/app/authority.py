"""A small certificate authority for the devices of an agency that has none: makes, issues, reads, lists the revoked.

EC P-256 throughout. The authority's key lies in the keys folder and is never in the database; a device's key is made
here once, or by the device itself, which then sends a request (CSR).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from wireroom.app import AppError
from wireroom.app.settings_devices import DAYS_MAX
from wireroom.policy.devices import Authority, Certificate

AUTHORITY_DAYS = 3650
CRL_DAYS = 7  # until whoever reads the list should fetch the next
EARLIER = timedelta(
    minutes=5
)  # a certificate begins so much before it is made: the device's clock may be late
RSA_BITS_MIN = 2048
FILE_BYTES_MAX = 1_048_576
NAME = (
    "urn:wireroom:terminal:{ori}:{terminal}"  # in the subject alternative name of each device's certificate
)
PRIVATE = 0o600

PrivateKey = ec.EllipticCurvePrivateKey


class Whose(msgspec.Struct, frozen=True, kw_only=True):
    """The terminal that a certificate is for, and its agency."""

    terminal: str
    ori: str

    @property
    def uri(self) -> str:
        """As the certificate names it."""
        return NAME.format(ori=self.ori, terminal=self.terminal)


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """When something is made, and how many days it lasts."""

    now: datetime
    days: int


def make(ori: str, folder: Path, now: datetime) -> Authority:
    """A new authority of an agency: its key goes into the keys folder. Raises AppError where there is a key already."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ori),
            x509.NameAttribute(NameOID.COMMON_NAME, f"Devices of {ori}"),
        ]
    )
    usage = _usage(signs_certificates=True)
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    made = (
        _begun(name, name, key.public_key(), Span(now=now, days=AUTHORITY_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(identifier, critical=False)
        .sign(key, hashes.SHA256())
    )
    write_once(key_file(folder, ori), _pem_of(key))
    return authority_of(made, ori, ours=True)


def key_file(folder: Path, ori: str) -> Path:
    """Where the key of an agency's own authority lies."""
    return folder / f"devices-{ori}.key"


def authority_of(certificate: x509.Certificate, ori: str, *, ours: bool) -> Authority:
    """A certificate as the register keeps an authority."""
    return Authority(
        fingerprint=fingerprint(certificate),
        ori=ori,
        subject=certificate.subject.rfc4514_string(),
        pem=pem_of(certificate),
        ours=ours,
        ends_at=certificate.not_valid_after_utc,
    )


def read_authority(text: bytes, ori: str, now: datetime) -> Authority:
    """An authority that an agency brings. Raises AppError where the certificate may not vouch for others."""
    found = read_certificate(text)
    try:
        ca = found.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, ValueError):
        ca = False
    if not ca:
        raise AppError(
            "this certificate may not vouch for others (no basic constraint CA): name the authority's own"
        )
    if not found.not_valid_before_utc <= now < found.not_valid_after_utc:
        raise AppError(f"this authority is not in force now: it ends on {found.not_valid_after_utc:%Y-%m-%d}")
    return authority_of(found, ori, ours=False)


def issue(
    whose: Whose, authority: Authority, folder: Path, public: ec.EllipticCurvePublicKey, span: Span
) -> x509.Certificate:
    """A certificate for a device's key: for TLS clients only, never past the authority's end. Raises AppError."""
    if not 1 <= span.days <= DAYS_MAX:
        raise AppError(f"a device's certificate lasts 1 to {DAYS_MAX} days, not {span.days}")
    vouching = read_certificate(authority.pem.encode())
    key = _load_key(key_file(folder, authority.ori))
    if key.public_key() != vouching.public_key():
        raise AppError(
            f"the key in {key_file(folder, authority.ori).name} is not that of the authority of {authority.ori}"
        )
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, whose.ori),
            x509.NameAttribute(NameOID.COMMON_NAME, whose.terminal),
        ]
    )
    issuer = vouching.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    begun = _begun(name, vouching.subject, public, span, no_later_than=vouching.not_valid_after_utc)
    return (
        begun.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.UniformResourceIdentifier(whose.uri)]), critical=False
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer), critical=False)
        .sign(key, hashes.SHA256())
    )


def new_key() -> PrivateKey:
    """A key for a device that cannot make its own."""
    return ec.generate_private_key(ec.SECP256R1())


def read_request(text: bytes) -> ec.EllipticCurvePublicKey:
    """The key of a request that a device made; what else it asks for is not looked at. Raises AppError."""
    try:
        request = x509.load_pem_x509_csr(text)
    except ValueError as error:
        raise AppError(
            "this is no certificate request in PEM: make one with the device's own tool"
        ) from error
    if not request.is_signature_valid:
        raise AppError("the request is not signed with its own key: make it anew at the device")
    public = request.public_key()
    if not isinstance(public, ec.EllipticCurvePublicKey) or not isinstance(public.curve, ec.SECP256R1):
        raise AppError("the request's key is not EC P-256: make a key of that kind at the device")
    return public


def accepted(
    text: bytes, whose: Whose, authorities: Iterable[Authority], now: datetime
) -> tuple[str, x509.Certificate]:
    """A certificate that an agency's own authority issued, and that authority's fingerprint.

    Raises AppError with what is wrong: it must be for TLS clients, in force, last at most 398 days, name the terminal
    and its agency, and be signed by an authority of that agency.
    """
    found = read_certificate(text)
    wrong = _wrong(found, whose, now)
    if wrong:
        raise AppError(f"this certificate is not taken: it {wrong}")
    for one in authorities:
        if one.ori == whose.ori and one.ended_at is None and _signed_by(found, one):
            return one.fingerprint, found
    raise AppError(
        f"this certificate is not taken: no authority of {whose.ori} signed it; `wireroom device authority add`"
    )


def _wrong(found: x509.Certificate, whose: Whose, now: datetime) -> str:
    """What is wrong with a device's certificate, but for its signature; empty where nothing is."""
    try:
        uses: list[x509.ObjectIdentifier] = list(
            found.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        )
    except (x509.ExtensionNotFound, ValueError):
        uses = []
    public = found.public_key()
    weak = not isinstance(public, ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey) and not (
        isinstance(public, rsa.RSAPublicKey) and public.key_size >= RSA_BITS_MIN
    )
    lasts = found.not_valid_after_utc - found.not_valid_before_utc
    wrongs = (
        ("is not for TLS clients (extended key usage clientAuth)", ExtendedKeyUsageOID.CLIENT_AUTH not in uses),
        ("is not in force now", not found.not_valid_before_utc <= now < found.not_valid_after_utc),
        (f"lasts longer than {DAYS_MAX} days", lasts > timedelta(days=DAYS_MAX)),
        (f"has a key that is neither EC nor RSA of {RSA_BITS_MIN} bits", weak),
        (f"does not name {whose.terminal} of {whose.ori} (in subject CN and O, or as {whose.uri})",
         not _names(found, whose)),
    )  # fmt: skip
    return next((words for words, so in wrongs if so), "")


def _names(found: x509.Certificate, whose: Whose) -> bool:
    try:
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        if whose.uri in names.get_values_for_type(x509.UniformResourceIdentifier):
            return True
    except (x509.ExtensionNotFound, ValueError):
        pass
    common = [one.value for one in found.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    agency = [one.value for one in found.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)]
    return common == [whose.terminal] and agency == [whose.ori]


def _signed_by(found: x509.Certificate, authority: Authority) -> bool:
    try:
        found.verify_directly_issued_by(read_certificate(authority.pem.encode()))
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def revocation_list(
    authority: Authority, revoked: Iterable[Certificate], folder: Path, now: datetime
) -> bytes:
    """The list of the certificates of our authority that are revoked and not yet over, signed, in PEM.

    For others who trust the authority: the switch itself looks at its own rows.
    """
    vouching = read_certificate(authority.pem.encode())
    key = _load_key(key_file(folder, authority.ori))
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(vouching.subject)
        .last_update(now)
        .next_update(now + timedelta(days=CRL_DAYS))
        .add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(
                vouching.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
            ),
            critical=False,
        )
    )
    for one in revoked:
        if one.revoked_at is None or one.authority != authority.fingerprint or one.ends_at <= now:
            continue
        builder = builder.add_revoked_certificate(
            x509.RevokedCertificateBuilder()
            .serial_number(int(one.serial, 16))
            .revocation_date(one.revoked_at)
            .build()
        )
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


# --------------------------------------------------------------------------- files and forms


def read_certificate(text: bytes) -> x509.Certificate:
    """The first certificate of a PEM text. Raises AppError."""
    try:
        return x509.load_pem_x509_certificate(text)
    except ValueError as error:
        raise AppError(
            "this is no certificate in PEM, which begins with -----BEGIN CERTIFICATE-----"
        ) from error


def read_file(path: Path) -> bytes:
    """What stands in a small file. Raises AppError."""
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            raise AppError(f"{path} is longer than {FILE_BYTES_MAX // 2**20} MB: it is no certificate")
        return path.read_bytes()
    except OSError as error:
        raise AppError(f"{path} cannot be read: {error.strerror}") from None


def write_once(path: Path, text: bytes) -> None:
    """Write a secret into a file that only its owner may read, once: raises AppError where there is one already."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    except FileExistsError:
        raise AppError(f"{path} is there already: move it away, then do this again") from None
    except OSError as error:
        raise AppError(f"{path} cannot be written: {error.strerror}") from None
    with os.fdopen(handle, "wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 of the whole certificate, in hex, as the doors see it."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def serial_of(certificate: x509.Certificate) -> str:
    """The serial number in hex."""
    return f"{certificate.serial_number:x}"


def pem_of(certificate: x509.Certificate) -> str:
    """A certificate as text."""
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def private_text(key: PrivateKey, certificate: x509.Certificate) -> bytes:
    """A device's key and certificate, as one PEM file."""
    return _pem_of(key) + pem_of(certificate).encode()


def browser_file(key: PrivateKey, certificate: x509.Certificate, passphrase: str) -> bytes:
    """A device's key and certificate as browsers and phones import it (PKCS #12)."""
    guarded = serialization.BestAvailableEncryption(passphrase.encode())
    common = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    name = re.sub(r"[^A-Z0-9]", "", str(common[0].value)).encode()
    return pkcs12.serialize_key_and_certificates(name, key, certificate, None, guarded)


def _begun(
    name: x509.Name,
    issuer: x509.Name,
    public: ec.EllipticCurvePublicKey,
    span: Span,
    *,
    no_later_than: datetime | None = None,
) -> x509.CertificateBuilder:
    ends = span.now + timedelta(days=span.days)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(span.now - EARLIER)
        .not_valid_after(min(ends, no_later_than or ends))
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=signs_certificates, crl_sign=signs_certificates,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _pem_of(key: PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _load_key(path: Path) -> PrivateKey:
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), None)
    except FileNotFoundError:
        raise AppError(
            f"the authority's key {path} is not here: issue where it was made, or make a new authority"
        ) from None
    except (OSError, ValueError, TypeError) as error:
        raise AppError(f"the authority's key {path} cannot be read: {error}") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise AppError(f"the authority's key {path} is not EC: it was not made here")
    return key
