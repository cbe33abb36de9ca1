"""The section of wireroom.toml about the door of administration."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from msgspec import Meta

from wireroom.app.settings_devices import Devices, is_loopback
from wireroom.app.settings_people import Section


class Administration(Section, frozen=True, kw_only=True):
    """Where people, devices, agreements and reports of access are administered over HTTP.

    `auto` is `beside` on this machine's own address and in the demo, and `none` on an address that others reach.
    """

    door: Annotated[
        Literal["auto", "apart", "beside", "none"],
        Meta(
            description="Where it is: apart (a listener of its own), beside (with the pages), none, or auto."
        ),
    ] = "auto"
    host: Annotated[str, Meta(min_length=1, description="Address of the listener of its own.")] = "127.0.0.1"
    port: Annotated[
        int, Meta(ge=0, le=65535, description="TCP port of the listener of its own; 0: any free port.")
    ] = 8701
    certificate_file: Annotated[
        str, Meta(description="Its own certificate and chain, in PEM; empty: that of [devices].")
    ] = ""
    key_file: Annotated[
        str, Meta(description="The key of certificate_file, in PEM; empty: that of [devices].")
    ] = ""
    authorities_file: Annotated[
        str, Meta(description="PEM file of the authority of administrators' certificates; never a device's.")
    ] = ""
    revoked_file: Annotated[
        str,
        Meta(
            description="PEM file of that authority's list of revoked certificates; empty: none is looked at."
        ),
    ] = ""
    idle_minutes: Annotated[
        int, Meta(ge=1, le=10, description="Minutes without an act after which a session there ends.")
    ] = 10
    session_minutes: Annotated[
        int, Meta(ge=1, le=60, description="Minutes after which a session there ends, busy or not.")
    ] = 60
    confirm_minutes: Annotated[
        int,
        Meta(
            ge=1, le=30, description="Minutes for which both factors count for an act that changes something."
        ),
    ] = 15


def place_of(settings: Administration, web_host: str, *, demo: bool) -> str:
    """Where administration is: "apart", "beside" the pages, or "none"."""
    if settings.door != "auto":
        return settings.door
    return "beside" if demo or is_loopback(web_host) else "none"


def administration_contradictions(settings: Administration, devices: Devices) -> Iterator[str]:
    """What is wrong although each value alone is right."""
    if bool(settings.certificate_file) is not bool(settings.key_file):
        yield "[administration] certificate_file and key_file: set both, or neither"
    if settings.door != "apart":
        return
    if not settings.authorities_file:
        yield (
            "[administration] authorities_file: is missing; a door of its own asks for certificates of an authority "
            "of its own"
        )
    elif settings.authorities_file in devices.authorities:
        yield "[administration] authorities_file: is one of devices.authorities; name another authority"
    if not settings.certificate_file and not devices.certificate_file:
        yield "[administration] certificate_file: is missing, as that of [devices] is; the door always speaks TLS"
