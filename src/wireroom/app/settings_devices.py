"""The section of wireroom.toml about the lines' encryption and the devices at their ends."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from ipaddress import ip_address
from typing import Annotated, Literal

from msgspec import Meta

from wireroom.app.settings_people import Section

DAYS_MAX = 398  # what browsers and the public web put up with; a device's certificate should live far shorter


class Mode(StrEnum):
    """What a door asks of a device before anybody speaks."""

    OFF = "off"  # nothing
    ASKED = "asked"  # a certificate, if it has one: while an agency's devices get theirs
    REQUIRED = "required"  # no certificate, no line


class Devices(Section, frozen=True, kw_only=True):
    """How lines and pages are encrypted, and which devices may open them.

    `auto` is `required`, but `off` on this machine's own address and in the demo.
    """

    devices: Annotated[
        Literal["auto", "off", "asked", "required"],
        Meta(description="Whether a device shows a certificate: auto, off, asked or required."),
    ] = "auto"
    certificate_file: Annotated[
        str, Meta(description="The switch's own certificate and its chain, in PEM; empty: lines in clear.")
    ] = ""
    key_file: Annotated[
        str, Meta(description="The key of certificate_file, in PEM, without a passphrase.")
    ] = ""
    console_file: Annotated[
        str, Meta(description="PEM file of key and certificate for the lines of send and watch; empty: none.")
    ] = ""
    authorities: Annotated[
        tuple[str, ...],
        Meta(
            max_length=256,
            description="PEM files of further authorities that pass the handshake, intermediate ones.",
        ),
    ] = ()
    days: Annotated[
        int, Meta(ge=1, le=DAYS_MAX, description="Days that a device's certificate lasts if issued here.")
    ] = 30
    proxies: Annotated[
        tuple[str, ...],
        Meta(
            max_length=16,
            description="Proxies whose word counts for the browser's address and for https; empty: none.",
        ),
    ] = ()


def mode_of(settings: Devices, host: str, *, demo: bool) -> Mode:
    """What the door at an address asks. Loopback is this machine: there is no network to guard."""
    if settings.devices != "auto":
        return Mode(settings.devices)
    return Mode.OFF if demo or is_loopback(host) else Mode.REQUIRED


def is_loopback(host: str) -> bool:
    """Whether an address is this machine's own; a name counts only where it is localhost."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def devices_contradictions(settings: Devices) -> Iterator[str]:
    """What is wrong although each value alone is right."""
    if bool(settings.certificate_file) is not bool(settings.key_file):
        yield "[devices] certificate_file and key_file: set both, or neither"
    if settings.devices in (Mode.ASKED, Mode.REQUIRED) and not settings.certificate_file:
        yield "[devices] devices: a line in clear carries no certificate; set certificate_file and key_file"
