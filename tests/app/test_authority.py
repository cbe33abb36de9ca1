"""Claims about the small authority: what it issues, what it takes, and what it never does."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.app.pki import POLICE, SHERIFF, Pki
from wireroom.app import AppError, authority
from wireroom.app.assemble import now

Z001 = authority.Whose(terminal="Z001", ori=POLICE)
FOR_CLIENTS = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])


@pytest.fixture
def pki(tmp_path: Path) -> Pki:
    return Pki(tmp_path / "pki")


def span(days: int = 30) -> authority.Span:
    return authority.Span(now=now(), days=days)


def named(common: str, agency: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, agency),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def by_hand(
    pki: Pki,
    *,
    subject: x509.Name | None = None,
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | None = None,
    days: int = 30,
    more: tuple[x509.ExtensionType, ...] = (FOR_CLIENTS,),
) -> bytes:
    """A certificate that the agency's own authority made with other tools than ours."""
    begun = (
        x509.CertificateBuilder()
        .subject_name(subject or named("Z001", POLICE))
        .issuer_name(authority.read_certificate(pki.authority.pem.encode()).subject)
        .public_key((key or authority.new_key()).public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now() - timedelta(minutes=1))
        .not_valid_after(now() + timedelta(days=days))
    )
    for extension in more:
        begun = begun.add_extension(extension, critical=False)
    signing = authority._load_key(authority.key_file(pki.folder, POLICE))
    return authority.pem_of(begun.sign(signing, hashes.SHA256())).encode()


def taken(pki: Pki, text: bytes) -> str:
    """Empty where a certificate is taken, else why not."""
    try:
        authority.accepted(text, Z001, [pki.authority], now())
    except AppError as error:
        return str(error)
    return ""


def test_IA_5_2_a_device_is_for_tls_clients_alone_and_can_make_no_other(pki: Pki) -> None:
    made = authority.issue(Z001, pki.authority, pki.folder, authority.new_key().public_key(), span())
    found = made.extensions
    assert not found.get_extension_for_class(x509.BasicConstraints).value.ca
    assert list(found.get_extension_for_class(x509.ExtendedKeyUsage).value) == [
        ExtendedKeyUsageOID.CLIENT_AUTH
    ]
    usage = found.get_extension_for_class(x509.KeyUsage)
    assert usage.critical
    assert usage.value.digital_signature
    assert not usage.value.key_cert_sign
    names = found.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.UniformResourceIdentifier) == [
        "urn:wireroom:terminal:CA0990100:Z001"
    ]
    public = made.public_key()
    assert isinstance(public, ec.EllipticCurvePublicKey)
    assert isinstance(public.curve, ec.SECP256R1)
    vouching = authority.read_certificate(pki.authority.pem.encode()).extensions
    limits = vouching.get_extension_for_class(x509.BasicConstraints).value
    assert (limits.ca, limits.path_length) == (True, 0)


@pytest.mark.parametrize("days", [0, 399, -1])
def test_IA_5_2_no_certificate_lasts_longer_than_398_days(pki: Pki, days: int) -> None:
    with pytest.raises(AppError, match="1 to 398 days"):
        authority.issue(Z001, pki.authority, pki.folder, authority.new_key().public_key(), span(days))


def test_no_device_outlives_its_authority(pki: Pki) -> None:
    late = authority.Span(now=pki.authority.ends_at - timedelta(days=2), days=30)
    made = authority.issue(Z001, pki.authority, pki.folder, authority.new_key().public_key(), late)
    assert made.not_valid_after_utc == pki.authority.ends_at


def test_a_key_is_written_once_and_another_authoritys_key_signs_nothing(pki: Pki, tmp_path: Path) -> None:
    with pytest.raises(AppError, match="is there already"):
        authority.make(POLICE, pki.folder, now())
    public = authority.new_key().public_key()
    with pytest.raises(AppError, match="is not here"):
        authority.issue(Z001, pki.authority, tmp_path, public, span())
    other = Pki(tmp_path / "other")
    with pytest.raises(AppError, match="is not that of the authority"):
        authority.issue(Z001, pki.authority, other.folder, public, span())
    file = authority.key_file(tmp_path, POLICE)
    file.write_text("no key")
    with pytest.raises(AppError, match="cannot be read"):
        authority.issue(Z001, pki.authority, tmp_path, public, span())
    strange = rsa.generate_private_key(65537, 2048)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(strange.private_bytes(*form))
    with pytest.raises(AppError, match="is not EC"):
        authority.issue(Z001, pki.authority, tmp_path, public, span())


def test_IA_5_2_what_an_agencys_own_authority_made_is_taken_where_nothing_is_wrong(pki: Pki) -> None:
    assert taken(pki, by_hand(pki)) == ""
    strong = rsa.generate_private_key(65537, 2048)
    assert taken(pki, by_hand(pki, key=strong)) == ""
    uri = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(Z001.uri)])
    other = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "laptop-7")])
    assert taken(pki, by_hand(pki, subject=other, more=(FOR_CLIENTS, uri))) == ""


def test_IA_5_2_what_is_wrong_with_it_is_told(pki: Pki, tmp_path: Path) -> None:
    wrong_uri = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(Z001.uri + "x")])
    weak = rsa.generate_private_key(65537, 1024)
    for text, words in (
        (by_hand(pki, more=()), "is not for TLS clients"),
        (by_hand(pki, days=399), "lasts longer than 398 days"),
        (by_hand(pki, key=weak), "RSA of 2048 bits"),
        (by_hand(pki, subject=named("Z001", SHERIFF)), "does not name Z001 of CA0990100"),
        (by_hand(pki, subject=named("Z002", POLICE), more=(FOR_CLIENTS, wrong_uri)), "does not name Z001"),
        (by_hand(Pki(tmp_path / "other")), "no authority of CA0990100 signed it"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "no certificate in PEM"),
    ):
        assert words in taken(pki, text)
    ended = msgspec.structs.replace(pki.authority, ended_at=now())
    with pytest.raises(AppError, match="signed it"):
        authority.accepted(by_hand(pki), Z001, [ended], now())


def test_an_authority_must_be_one_and_in_force(pki: Pki) -> None:
    text = pki.authority.pem.encode()
    assert authority.read_authority(text, POLICE, now()).fingerprint == pki.authority.fingerprint
    for at in (now() - timedelta(days=1), pki.authority.ends_at):
        with pytest.raises(AppError, match="not in force"):
            authority.read_authority(text, POLICE, at)
    with pytest.raises(AppError, match="may not vouch"):
        authority.read_authority(by_hand(pki), POLICE, now())


def test_a_request_that_somebody_altered_is_not_signed(pki: Pki) -> None:
    builder = x509.CertificateSigningRequestBuilder().subject_name(named("Z001", POLICE))
    good = builder.sign(authority.new_key(), hashes.SHA256())
    der = bytearray(good.public_bytes(serialization.Encoding.DER))
    der[-1] ^= 1  # within the signature
    altered = x509.load_der_x509_csr(bytes(der)).public_bytes(serialization.Encoding.PEM)
    with pytest.raises(AppError, match="not signed with its own key"):
        authority.read_request(altered)


def test_a_list_holds_what_is_revoked_and_not_yet_over(pki: Pki) -> None:
    standing, revoked, over = (pki.kept(pki.device()) for _ in range(3))
    at = now()
    revoked = msgspec.structs.replace(revoked, revoked_at=at)
    over = msgspec.structs.replace(over, revoked_at=at, ends_at=at)
    text = authority.revocation_list(pki.authority, [standing, revoked, over], pki.folder, at)
    found = x509.load_pem_x509_crl(text)
    assert [f"{one.serial_number:x}" for one in found] == [revoked.serial]
    assert found.next_update_utc is not None
    assert found.next_update_utc - found.last_update_utc == timedelta(days=7)


def test_files_that_are_none_are_named(tmp_path: Path) -> None:
    with pytest.raises(AppError, match="cannot be read"):
        authority.read_file(tmp_path / "none.pem")
    long = tmp_path / "long.pem"
    long.write_bytes(b"x" * (authority.FILE_BYTES_MAX + 1))
    with pytest.raises(AppError, match="longer than 1 MB"):
        authority.read_file(long)
    with pytest.raises(AppError, match="cannot be written"):
        authority.write_once(tmp_path / "no" / "folder.pem", b"")
