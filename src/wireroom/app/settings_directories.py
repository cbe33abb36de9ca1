"""The sections of wireroom.toml about what proves elsewhere who a person is: agencies' own directories, and cards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

from msgspec import Meta

from wireroom.app.settings_devices import Devices
from wireroom.app.settings_people import Section
from wireroom.policy.elsewhere import is_guarded


class Directory(Section, frozen=True, kw_only=True):
    """One agency's own directory, over OpenID Connect. There may be many; without one, all sign in here alone."""

    name: Annotated[
        str, Meta(max_length=40, description="Name of the directory, as the sign-in page shows it.")
    ] = ""
    ori: Annotated[
        str,
        Meta(
            pattern=r"^([A-Z]{2}[A-Z0-9]{7})?$", description="ORI of the agency whose people sign in with it."
        ),
    ] = ""
    issuer: Annotated[
        str, Meta(description="Address by which the directory calls itself, https, to the letter.")
    ] = ""
    client_id: Annotated[
        str, Meta(max_length=255, description="Name by which the directory knows this switch.")
    ] = ""
    client_secret_file: Annotated[
        str, Meta(description="File that holds the secret that goes with client_id.")
    ] = ""
    authorities_file: Annotated[
        str, Meta(description="PEM file of who vouches for its server; empty: whom this machine trusts.")
    ] = ""
    claim: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=100,
            description="Claim that says who a person is; it must never pass on to another.",
        ),
    ] = "sub"
    two_factor_acr: Annotated[
        tuple[Annotated[str, Meta(min_length=1)], ...],
        Meta(max_length=16, description="Values of acr each of which proves two factors."),
    ] = ()
    two_factor_amr: Annotated[
        tuple[Annotated[str, Meta(pattern=r"^[^+\s]+(\+[^+\s]+)*$")], ...],
        Meta(max_length=16, description="Values of amr that prove two factors: mfa, or together as pwd+otp."),
    ] = ()
    deadline_seconds: Annotated[
        float, Meta(gt=0, le=10, description="Seconds that the directory has for one answer.")
    ] = 5.0


class Cards(Section, frozen=True, kw_only=True):
    """Signing in with a PIV card, at a door of its own: a browser shows one certificate to an address."""

    host: Annotated[str, Meta(min_length=1, description="Address of the door for cards.")] = "127.0.0.1"
    port: Annotated[
        int, Meta(ge=0, le=65535, description="TCP port of the door for cards; 0: nobody signs in with one.")
    ] = 0
    authorities: Annotated[
        tuple[str, ...],
        Meta(
            max_length=256, description="PEM files of the authorities of cards, all of each path, roots too."
        ),
    ] = ()
    revocation_lists: Annotated[
        tuple[str, ...],
        Meta(
            max_length=256,
            description="Files of what each authority revoked, PEM or DER, read anew when they change.",
        ),
    ] = ()
    policies: Annotated[
        tuple[Annotated[str, Meta(pattern=r"^[0-2](\.[0-9]+)+$")], ...],
        Meta(
            max_length=16, description="Policies one of which a card's certificate names: PIV authentication."
        ),
    ] = ("2.16.840.1.101.3.2.1.3.13",)


def cards_contradictions(cards: Cards, *, has_certificate: bool, has_address: bool) -> Iterator[str]:
    """A door that could not tell a card from anything else does not open."""
    if not cards.port:
        return
    for key in ("authorities", "revocation_lists", "policies"):
        if not getattr(cards, key):
            yield f"[cards] {key}: is empty; without it no card could be judged"
    if not has_certificate:
        yield "[cards] port: a card is shown over TLS; set certificate_file and key_file under [devices]"
    if not has_address:
        yield "[web] passkey_origin: is missing; the door for cards sends browsers back to that address"


def directories_contradictions(directories: Sequence[Directory], *, has_address: bool) -> Iterator[str]:
    """A directory without one of its keys proves nobody, and none without an address to which browsers come back."""
    for number, one in enumerate(directories, 1):
        where = f"[[directories]] number {number},"
        for key in ("name", "ori", "issuer", "client_id", "client_secret_file"):
            if not getattr(one, key).strip():
                yield f"{where} {key}: is missing"
        if one.issuer and (not is_guarded(one.issuer) or "?" in one.issuer):
            yield f"{where} issuer: must begin with https:// and name a host; http:// for this machine only"
        if not one.two_factor_acr and not one.two_factor_amr:
            yield (
                f"{where} two_factor_acr, two_factor_amr: say which values prove two factors, or nobody could sign in"
            )
    names = [one.name for one in directories]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"[[directories]] name: {name} stands {names.count(name)} times; a name belongs to one directory"
    if directories and not has_address:
        yield "[web] passkey_origin: is missing; a directory sends browsers back to that address"


def outside_contradictions(
    directories: Sequence[Directory], cards: Cards, devices: Devices, has_address: bool
) -> Iterator[str]:
    """What is wrong with either."""
    yield from directories_contradictions(directories, has_address=has_address)
    has_certificate = bool(devices.certificate_file)
    yield from cards_contradictions(cards, has_certificate=has_certificate, has_address=has_address)
