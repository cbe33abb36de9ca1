"""The section of wireroom.toml about connections to other systems, and how each is guarded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated

from msgspec import Meta

from wireroom.app.settings_devices import is_loopback
from wireroom.app.settings_people import Section


class Link(Section, frozen=True, kw_only=True):
    """One connection to another system. There may be many; without one, only our own files answer."""

    name: Annotated[
        str, Meta(pattern=r"^[A-Z][A-Z0-9]{1,15}$", description="Name of the source, as answers show it.")
    ] = "NCIC"
    host: Annotated[str, Meta(min_length=1, description="Address of the other system.")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=1, le=65535, description="TCP port of the other system.")] = 7801
    secret_file: Annotated[
        str, Meta(description="File that holds the secret shared with the other system; empty: none.")
    ] = ""
    authority_file: Annotated[
        str,
        Meta(
            description="PEM file of who may vouch for the other system, and nobody else may; empty: no TLS."
        ),
    ] = ""
    certificate_file: Annotated[
        str, Meta(description="Our own certificate for the link and its chain, in PEM; empty: none is shown.")
    ] = ""
    key_file: Annotated[
        str, Meta(description="The key of certificate_file, in PEM, without a passphrase.")
    ] = ""
    server_name: Annotated[
        str, Meta(description="Name in the other system's certificate, where it is not host.")
    ] = ""
    guarded_elsewhere: Annotated[
        bool,
        Meta(description="Whether something else encrypts the line, so that it may go without TLS here."),
    ] = False
    deadline_seconds: Annotated[
        float, Meta(gt=0, le=300, description="Seconds that the other system has for an answer.")
    ] = 5.0
    window: Annotated[
        int, Meta(ge=1, le=65536, description="Questions under way on the link at once, at most.")
    ] = 256


def links_contradictions(links: Iterable[Link]) -> Iterator[str]:
    """Nothing goes over a network in clear, unless somebody says that something else guards it."""
    names = [link.name for link in links]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"[[links]] name: {name} stands {names.count(name)} times; a name belongs to one link"
    for link in links:
        where = f"[[links]] {link.name}"
        if bool(link.certificate_file) is not bool(link.key_file):
            yield f"{where} certificate_file and key_file: set both, or neither"
        if link.certificate_file and not link.authority_file:
            yield f"{where} authority_file: is missing; a line in clear shows no certificate"
        if not link.authority_file and not link.guarded_elsewhere and not is_loopback(link.host):
            yield (
                f"{where} host: {link.host} is on a network; set authority_file to who vouches for it, or "
                "guarded_elsewhere = true if something else encrypts the line"
            )
