"""The settings of keys and of the cryptography that may be used."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from wireroom.app.settings_people import Section


class Keys(Section, frozen=True, kw_only=True):
    """Who holds the master keys."""

    service: Annotated[
        str,
        Meta(
            description="Socket of `wireroom keys serve`, which holds the master keys; empty: this process does."
        ),
    ] = ""
    folder: Annotated[
        str,
        Meta(description="Folder of the master keys where `keys serve` runs; empty: that of the secrets."),
    ] = ""
    blinds_a_second_max: Annotated[
        int,
        Meta(
            ge=1, le=1_000_000, description="Secret values hashed for the index in a second; more must wait."
        ),
    ] = 2000
    keys_a_minute_max: Annotated[
        int, Meta(ge=1, le=100_000, description="Data keys wrapped or unwrapped in a minute; more must wait.")
    ] = 600


class Security(Section, frozen=True, kw_only=True):
    """Which cryptography may be used, and whether settings are approved."""

    fips: Annotated[
        bool,
        Meta(
            description="Refuse to start unless OpenSSL runs in FIPS mode; passwords by PBKDF2, not Argon2."
        ),
    ] = False
    settings_approved: Annotated[
        Literal["off", "told", "required"],
        Meta(description="What is done where nobody approved the settings: off, told, or required to start."),
    ] = "off"


class Secrets(Section, frozen=True, kw_only=True):
    """Where keys lie that Wireroom makes for itself."""

    folder: Annotated[str, Meta(description="Folder of the keys; empty: secrets in the data folder.")] = ""
