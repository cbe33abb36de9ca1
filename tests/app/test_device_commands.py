"""Claims about the commands for devices: an authority, certificates, the end of trust; all in the journal first."""

from __future__ import annotations

import json
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.app.pki import POLICE, SHERIFF, Pki
from tests.app.test_commands import cli, config
from wireroom.app import authority
from wireroom.app.assemble import now

__all__ = ["config"]  # the fixture
POSTURE = ("--encrypted", "--managed", "--located")


@pytest.fixture
def agency(config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An agency with a desk and a car, and an administrator of another; commands run in an empty folder."""
    place = tmp_path / "place"
    place.mkdir()
    monkeypatch.chdir(place)
    for ori, name in ((POLICE, "Example City Police"), (SHERIFF, "Sample County Sheriff")):
        cli("agency", "add", ori, name, config=config)
    cli("terminal", "add", "Z001", POLICE, config=config)
    cli("terminal", "add", "Z1A2", POLICE, "--kind", "mobile", config=config)
    cli("person", "add", "s.admin", "S Admin", SHERIFF, "--role", "administrator", "--password",
        "another horse battery", config=config)  # fmt: skip
    return place


def said(*words: str, config: Path) -> str:
    """What a command says that must succeed."""
    done = cli(*words, config=config)
    assert done.exit_code == 0, done.exception
    return done.stdout


def trouble(*words: str, config: Path) -> str:
    """What a command says that must fail."""
    done = cli(*words, config=config)
    assert done.exit_code != 0
    return str(done.exception)


def listed(config: Path) -> list[dict[str, object]]:
    found = json.loads(said("device", "list", "--json", config=config))
    assert isinstance(found, list)
    return found


def request(key: object = None) -> bytes:
    held = key or authority.new_key()
    builder = x509.CertificateSigningRequestBuilder().subject_name(
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "DOJ0")])
    )
    signed = builder.sign(held, hashes.SHA256())  # type: ignore[arg-type]
    return signed.public_bytes(serialization.Encoding.PEM)


def test_IA_3_an_agency_without_an_authority_makes_one_issues_and_revokes(agency: Path, config: Path) -> None:
    assert "device authority create" in trouble("device", "issue", "Z001", config=config)
    assert "vouches for devices of CA0990100" in said("device", "authority", "create", POLICE, config=config)
    key = config.parent / "secrets" / f"devices-{POLICE}.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert "is there already" in trouble("device", "authority", "create", POLICE, config=config)
    assert "in Z001.pem" in said("device", "issue", "z001", "--class", "dispatch", config=config)
    file = agency / "Z001.pem"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    found = authority.read_certificate(file.read_bytes())
    assert found.subject.rfc4514_string() == "CN=Z001,O=CA0990100"
    lasts = found.not_valid_after_utc - now()
    assert timedelta(days=29) < lasts <= timedelta(days=30)
    assert list(found.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == [
        ExtendedKeyUsageOID.CLIENT_AUTH
    ]
    assert "dispatch" in said("terminal", "list", config=config)
    [row] = listed(config)
    assert (row["terminal"], row["fingerprint"]) == ("Z001", authority.fingerprint(found))
    assert "is there already" in trouble("device", "issue", "Z001", config=config)
    assert "trusted no more" in said("device", "revoke", "z001", "--why", "lost", config=config)
    assert "revoked 20" in said("device", "list", "--ori", POLICE, config=config)
    assert "no certificate" in trouble("device", "revoke", "Z001", "--why", "lost", config=config)
    crl = x509.load_pem_x509_crl(said("device", "crl", POLICE, config=config).encode())
    assert crl.get_revoked_certificate_by_serial_number(found.serial_number) is not None
    [vouching] = json.loads(said("device", "authority", "list", "--json", config=config))
    assert crl.is_signature_valid(authority.read_certificate(vouching["pem"].encode()).public_key())  # type: ignore[arg-type]
    told = [one["entry"] for one in json.loads(cli("journal", "find", "--json", config=config).stdout)]
    acts = [one["detail"]["act"] for one in told if one["tag"] == "device:changed"]
    assert sorted(acts) == ["authority", "authority", "issue", "revoke", "revoke"]  # those that failed, too
    assert "PRIVATE" not in json.dumps(told)
    assert "PRIVATE" not in json.dumps(vouching)


def test_AC_19_5_a_mobile_device_gets_no_certificate_before_its_posture_is_told(
    agency: Path, config: Path
) -> None:
    said("device", "authority", "create", POLICE, config=config)
    for some in (POSTURE[:2], POSTURE[1:], ()):
        assert "is mobile: say" in trouble("device", "issue", "Z1A2", *some, config=config)
    assert listed(config) == []
    assert "passphrase" in said("device", "issue", "Z1A2", "--pkcs12", *POSTURE, config=config)
    assert [(row["encrypted"], row["managed"], row["located"]) for row in listed(config)] == [
        (True, True, True)
    ]
    assert "encrypted, managed, located" in said("device", "list", config=config)


def test_a_browsers_file_opens_with_the_passphrase_that_was_shown_once(agency: Path, config: Path) -> None:
    said("device", "authority", "create", POLICE, config=config)
    told = said("device", "issue", "Z001", "--pkcs12", "--out", "desk.p12", config=config)
    passphrase = told.rsplit(" ", 1)[1].strip()
    _, found, _ = pkcs12.load_key_and_certificates((agency / "desk.p12").read_bytes(), passphrase.encode())
    assert found is not None
    assert authority.fingerprint(found) == listed(config)[0]["fingerprint"]
    with pytest.raises(ValueError):
        pkcs12.load_key_and_certificates((agency / "desk.p12").read_bytes(), b"guess")


def test_IA_5_2_a_devices_own_request_gives_its_key_and_nothing_else_that_it_asks_for(
    agency: Path, config: Path
) -> None:
    said("device", "authority", "create", POLICE, config=config)
    (agency / "device.csr").write_bytes(request())
    said("device", "issue", "Z001", "--csr", "device.csr", "--days", "1", config=config)
    text = (agency / "Z001.pem").read_bytes()
    assert b"PRIVATE" not in text
    assert authority.read_certificate(text).subject.rfc4514_string() == "CN=Z001,O=CA0990100"
    (agency / "weak.csr").write_bytes(request(rsa.generate_private_key(65537, 2048)))
    assert "not EC P-256" in trouble(
        "device", "issue", "Z001", "--csr", "weak.csr", "--out", "w.pem", config=config
    )
    (agency / "bad.csr").write_text("no request")
    assert "no certificate request" in trouble(
        "device", "issue", "Z001", "--csr", "bad.csr", "--out", "w.pem", config=config
    )


def test_IA_3_nobody_minds_the_devices_of_another_agency(agency: Path, config: Path) -> None:
    by = ("--by", "s.admin")
    assert "does not mind" in trouble("device", "authority", "create", POLICE, *by, config=config)
    said("device", "authority", "create", POLICE, config=config)
    assert "does not mind" in trouble("device", "issue", "Z001", *by, config=config)
    said("device", "issue", "Z001", config=config)
    assert "no certificate Z001 stands" in trouble(
        "device", "revoke", "Z001", "--why", "lost", *by, config=config
    )
    assert "does not mind" in trouble(
        "device", "revoke", "Z001", "--why", "lost", "--by", "no.body", config=config
    )
    assert "say why" in trouble("device", "revoke", "Z001", "--why", " ", config=config)
    assert [row["revoked_at"] for row in listed(config)] == [None]


def test_IA_5_2_an_agencys_own_authority_vouches_for_what_is_accepted_and_for_no_more(
    agency: Path, config: Path
) -> None:
    pki, other = Pki(agency / "pki"), Pki(agency / "other")
    (agency / "own.pem").write_text(pki.authority.pem)
    said("device", "authority", "add", POLICE, "own.pem", config=config)
    assert "was added before" in trouble("device", "authority", "add", POLICE, "own.pem", config=config)
    good = pki.device("Z001")
    (agency / "good.pem").write_text(authority.pem_of(good.certificate))
    assert "is known until" in said("device", "accept", "Z001", "good.pem", config=config)
    for issued, words in (
        (other.device("Z001"), "no authority of CA0990100 signed it"),
        (pki.device("Z1A2"), "does not name Z001"),
        (pki.device("Z001", ori=SHERIFF), "does not name Z001 of CA0990100"),
        (pki.for_servers(), "is not for TLS clients"),
        (pki.device("Z001", ago=timedelta(days=3), days=2), "is not in force now"),
    ):
        file = agency / "bad.pem"
        file.write_text(authority.pem_of(issued.certificate))
        assert words in trouble("device", "accept", "Z001", "bad.pem", config=config)
    assert "may not vouch" in trouble("device", "authority", "add", POLICE, "good.pem", config=config)
    assert len(listed(config)) == 1
    start = pki.authority.fingerprint[:10]
    assert "at least the first 8" in trouble(
        "device", "authority", "end", "ab", "--why", "out", config=config
    )
    assert "authorities ended: 1" in said("device", "authority", "end", start, "--why", "out", config=config)
    assert "ended: out" in said("device", "authority", "list", config=config)
    assert "signed it" in trouble("device", "accept", "Z001", "good.pem", config=config)
