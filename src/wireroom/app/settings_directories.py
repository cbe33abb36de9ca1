"""The sections of wireroom.toml about what proves elsewhere who a person is: agencies' own directories."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

from msgspec import Meta

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
