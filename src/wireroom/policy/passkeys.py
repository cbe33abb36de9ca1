"""Passkeys (WebAuthn): what a browser is asked for, and whether what it gives back proves anything.

CJIS Security Policy 5.9.5: IA-2(8) (nothing can be replayed), IA-5(1)(e) (nonces, counters, keys that
stay in their device). Nothing is kept here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import msgspec
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    parse_attestation_object,
    parse_authentication_credential_json,
    parse_authenticator_data,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

NONCE_BYTES = 32
ANSWER_CHARACTERS_MAX = 16_384
WAIT_MS = 120_000  # how long a browser shows its own question

UNREADABLE = "the passkey's answer could not be read"
ELSEWHERE = "the passkey was asked at another address"
UNVERIFIED = "the device did not check who holds it"
WENT_BACK = "the passkey's counter went back: there may be a copy of it"
COPIED = "the passkey may be copied to other devices"
UNSIGNED = "the passkey's signature is not right"


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where passkeys count: a browser gives them to this address alone, so a false page gets none."""

    origin: str  # "https://switch.example", as the browser's address line begins
    domain: str  # to which they are bound: the origin's host, or a domain that it belongs to
    copied: bool = False  # whether passkeys may be bound that their maker copies between devices


class Unproven(msgspec.Struct, frozen=True):
    """Why an answer proves nothing: for the journal, and for the person only where they are known already."""

    cause: str


class Heard(msgspec.Struct, frozen=True):
    """What an answer says of itself, before anything of it is believed."""

    credential: bytes
    nonce: bytes


class Bound(msgspec.Struct, frozen=True):
    """A new passkey, proven."""

    credential: bytes
    public_key: bytes
    counter: int


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A passkey as it is kept; or what is proved elsewhere, which has neither a public key nor a counter."""

    id: str
    person: str
    kind: str = "passkey"
    credential: bytes
    public_key: bytes
    counter: int


def to_bind(place: Place, nonce: bytes, *, person: str, name: str, known: Iterable[bytes]) -> str:
    """What a browser is asked for to make a passkey, as JSON. `known` are credentials that the person has."""
    options = generate_registration_options(
        rp_id=place.domain,
        rp_name="Wireroom",
        user_name=person,
        user_display_name=name,
        user_id=handle(person),
        challenge=nonce,
        timeout=WAIT_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known],
    )
    return str(options_to_json(options))


def to_prove(place: Place, nonce: bytes, *, known: Iterable[bytes] = ()) -> str:
    """What a browser is asked for to show a passkey, as JSON. Without `known` it offers those that it holds."""
    options = generate_authentication_options(
        rp_id=place.domain,
        challenge=nonce,
        timeout=WAIT_MS,
        allow_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return str(options_to_json(options))


def handle(person: str) -> bytes:
    """By what a device knows for whom a passkey is: always the same, and not to be read."""
    return hashlib.sha256(b"wireroom passkey of " + person.encode()).digest()


def heard(answer: str) -> Heard | Unproven:
    """Which credential and which nonce an answer names. Any text may come here."""
    if len(answer) > ANSWER_CHARACTERS_MAX:
        return Unproven(UNREADABLE)
    try:
        parsed = parse_authentication_credential_json(answer)
        told = parse_client_data_json(parsed.response.client_data_json)
        return Heard(parsed.raw_id, bytes(told.challenge))
    except Exception:  # the library raises whatever its parts raise
        return Unproven(UNREADABLE)


def heard_new(answer: str) -> Heard | Unproven:
    """The same of a passkey that was just made."""
    if len(answer) > ANSWER_CHARACTERS_MAX:
        return Unproven(UNREADABLE)
    try:
        parsed = parse_registration_credential_json(answer)
        told = parse_client_data_json(parsed.response.client_data_json)
        return Heard(parsed.raw_id, bytes(told.challenge))
    except Exception:  # the library raises whatever its parts raise
        return Unproven(UNREADABLE)


def bound(place: Place, answer: str, nonce: bytes) -> Bound | Unproven:
    """A new passkey, or why not. The caller has seen to it that the nonce was given out and counts once."""
    try:
        parsed = parse_registration_credential_json(answer)
        if parse_client_data_json(parsed.response.client_data_json).origin != place.origin:
            return Unproven(ELSEWHERE)
        if not parse_attestation_object(parsed.response.attestation_object).auth_data.flags.uv:
            return Unproven(UNVERIFIED)
        made = verify_registration_response(
            credential=parsed,
            expected_challenge=nonce,
            expected_rp_id=place.domain,
            expected_origin=place.origin,
            require_user_verification=True,
        )
    except Exception:  # the library raises whatever its parts raise
        return Unproven(UNSIGNED)
    if made.credential_device_type is CredentialDeviceType.MULTI_DEVICE and not place.copied:
        return Unproven(COPIED)
    return Bound(made.credential_id, made.credential_public_key, made.sign_count)


def proven(place: Place, answer: str, nonce: bytes, kept: Kept) -> int | Unproven:
    """The counter of a passkey that proved itself, or why not. As above of the nonce."""
    try:
        parsed = parse_authentication_credential_json(answer)
        if parse_client_data_json(parsed.response.client_data_json).origin != place.origin:
            return Unproven(ELSEWHERE)
        if not parse_authenticator_data(parsed.response.authenticator_data).flags.uv:
            return Unproven(UNVERIFIED)
        shown = verify_authentication_response(
            credential=parsed,
            expected_challenge=nonce,
            expected_rp_id=place.domain,
            expected_origin=place.origin,
            credential_public_key=kept.public_key,
            credential_current_sign_count=0,  # judged below, so that it has a name in the journal
            require_user_verification=True,
        )
    except Exception:  # the library raises whatever its parts raise
        return Unproven(UNSIGNED)
    if parsed.response.user_handle not in (None, b"", handle(kept.person)):
        return Unproven(UNSIGNED)
    if shown.credential_device_type is CredentialDeviceType.MULTI_DEVICE and not place.copied:
        return Unproven(COPIED)
    if (shown.new_sign_count or kept.counter) and shown.new_sign_count <= kept.counter:
        return Unproven(WENT_BACK)
    return shown.new_sign_count
