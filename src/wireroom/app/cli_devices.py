"""Commands about devices: an agency's authority, certificates for its terminals, and the end of trust in one."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec
from cryptography import x509

from wireroom.app import AppError, authority
from wireroom.app.assemble import database_name, engine, now
from wireroom.app.cli_admin import DEVICES
from wireroom.app.console import (
    FROM_OUTSIDE,
    config_option,
    json_option,
    loaded_from,
    print_json,
    print_table,
    run,
)
from wireroom.app.database import open_as
from wireroom.app.keys import keys_of
from wireroom.app.noting import note_down
from wireroom.app.roles import WEB
from wireroom.app.settings import Loaded
from wireroom.app.settings_devices import DAYS_MAX
from wireroom.journal.tags import Tag
from wireroom.message.acting import As
from wireroom.policy import directory
from wireroom.policy.devices import Authority, Certificate, Posture, Register

Command = TypeVar("Command", bound=Callable[..., Any])
Noting = Callable[[dict[str, object]], Awaitable[None]]

PASSPHRASE_BYTES = 12
LEARNED = "a switch that runs lets its devices in within ten seconds"
_by = click.option(
    "--by", default="", help="Who does it: an administrator of the agency. Without it: this machine's own."
)
_why = click.option("--why", required=True, help="The reason, as it is to be kept: lost, stolen, retired.")


class Opened(msgspec.Struct, frozen=True):
    """The register of devices, the tables beside it, and how an act is written down before it is done."""

    register: Register
    pool: As
    note: Noting


@asynccontextmanager
async def devices_of(loaded: Loaded, by: str = "") -> AsyncIterator[Opened]:
    """The register of devices while this is open; what is noted stands in the journal as done by `by`."""
    async with engine(loaded, database_name(loaded)) as dsn:
        pool = await open_as(dsn, WEB, 2)

        async def note(detail: dict[str, object]) -> None:
            await note_down(loaded, dsn, Tag.DEVICE_CHANGED, by or FROM_OUTSIDE, detail)

        try:
            yield Opened(Register(pool), pool, note)
        finally:
            await pool.close()


@click.group()
def device() -> None:
    """Devices: which may open a line or a page, by their certificates."""


# --------------------------------------------------------------------------- authorities


@device.group("authority")
def device_authority() -> None:
    """Who vouches for an agency's devices: an authority made here, or the agency's own."""


@device_authority.command("create")
@click.argument("ori")
@_by
@config_option
def authority_create(ori: str, by: str, config: Path | None) -> None:
    """Make an authority for the devices of an agency that has none. Its key stays in the keys folder."""
    loaded = loaded_from(config, made=True)
    ori = ori.upper()

    async def work() -> Authority:
        async with devices_of(loaded, by) as opened:
            await opened.register.may_mind(by, ori)
            if all(one.ori != ori for one in await directory.agencies(opened.pool)):
                raise AppError(f"there is no agency {ori}: add it first")
            await opened.note({"act": "authority", "ori": ori, "made": True})
            made = authority.make(ori, keys_of(loaded).folder, now())
            made = msgspec.structs.replace(made, added_by=by or FROM_OUTSIDE)
            await opened.register.add_authority(made, now())
            return made

    _tell(run(work()))


@device_authority.command("add")
@click.argument("ori")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@_by
@config_option
def authority_add(ori: str, file: Path, by: str, config: Path | None) -> None:
    """Trust an agency's own authority, by its certificate in a PEM FILE. Its devices are made known with `accept`."""
    loaded = loaded_from(config, made=True)
    found = authority.read_authority(authority.read_file(file), ori.upper(), now())
    found = msgspec.structs.replace(found, added_by=by or FROM_OUTSIDE)

    async def work() -> None:
        async with devices_of(loaded, by) as opened:
            await opened.register.may_mind(by, found.ori)
            detail: dict[str, object] = {
                "act": "authority",
                "ori": found.ori,
                "fingerprint": found.fingerprint,
            }
            await opened.note(detail)
            await opened.register.add_authority(found, now())

    run(work())
    _tell(found)


def _tell(one: Authority) -> None:
    click.echo(
        f"{one.fingerprint[:16]} vouches for devices of {one.ori} until {one.ends_at:%Y-%m-%d}; {LEARNED}"
    )


@device_authority.command("end")
@click.argument("fingerprint")
@_why
@config_option
def authority_end(fingerprint: str, why: str, config: Path | None) -> None:
    """Trust an authority no more, by the first digits of its FINGERPRINT. No certificate that it signed counts then."""
    loaded = loaded_from(config, made=True)

    async def work() -> int:
        async with devices_of(loaded) as opened:
            await opened.note({"act": "authority-end", "fingerprint": fingerprint.lower(), "why": why})
            return await opened.register.end_authority(
                fingerprint.lower(), why=why, by=FROM_OUTSIDE, now=now()
            )

    click.echo(f"authorities ended: {run(work())}; open lines of their devices end within five seconds")


@device_authority.command("list")
@json_option
@config_option
def authority_list(as_json: bool, config: Path | None) -> None:
    """All authorities, ended ones too."""

    async def work() -> tuple[Authority, ...]:
        async with devices_of(loaded_from(config, made=True)) as opened:
            return await opened.register.authorities()

    found = run(work())
    if as_json:
        print_json(found)
        return
    rows = [
        (a.fingerprint[:16], a.ori, a.subject, "made here" if a.ours else "its own", f"{a.ends_at:%Y-%m-%d}",
         f"ended: {a.ended_for}" if a.ended_at else "")
        for a in found
    ]  # fmt: skip
    print_table(("Fingerprint", "ORI", "Subject", "Whose", "Ends", "State"), rows)


# --------------------------------------------------------------------------- certificates


def posture_options(command: Command) -> Command:
    """--encrypted, --managed, --located: what the agency says of the device."""
    for name, words in (
        ("--located", "Its location services are on."),
        ("--managed", "The agency manages it: it can be locked and erased from afar."),
        ("--encrypted", "The whole disk is encrypted."),
    ):
        command = click.option(name, is_flag=True, help=f"{words} A mobile device needs all three.")(command)
    return command


@device.command("issue")
@click.argument("mnemonic")
@click.option("--class", "device_class", type=DEVICES, help="Also say what class of device the terminal is.")
@click.option("--csr", type=click.Path(path_type=Path, dir_okay=False, exists=True),
              help="The device's own request, in PEM: its key never leaves it.")  # fmt: skip
@click.option("--days", type=click.IntRange(1, DAYS_MAX), help="How long; the setting where left out.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False),
              help="The file that is written, once. Without it: the mnemonic, and .pem or .p12.")  # fmt: skip
@click.option("--pkcs12", is_flag=True, help="As browsers and phones import it; prints its passphrase, once.")
@posture_options
@_by
@config_option
def device_issue(
    mnemonic: str, config: Path | None, by: str, **asked: Any
) -> None:  # Any: as click hands it over
    """Issue a certificate for a device at the terminal MNEMONIC, and keep it on record.

    Without --csr a key is made and written with the certificate into one file that only its owner may read.
    """
    wish = Wish(**asked)
    loaded = loaded_from(config, made=True)
    suffix = ".p12" if wish.pkcs12 else ".pem"
    out = wish.out or Path(mnemonic.upper() + suffix)
    if wish.pkcs12 and wish.csr:
        raise AppError(
            "--pkcs12 holds a key, and with --csr the key is the device's own: leave one of them away"
        )
    if out.exists():
        raise AppError(f"{out} is there already: move it away, or name another with --out")
    made, passphrase = run(_issue(loaded, mnemonic.upper(), wish, out, by))
    click.echo(
        f"{made.terminal} of {made.ori}: certificate {made.serial} until {made.ends_at:%Y-%m-%d %H:%M} UTC, in {out}"
    )
    if passphrase:
        click.echo(f"its passphrase, shown only now: {passphrase}")


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody asks for with `device issue`."""

    device_class: str | None = None
    csr: Path | None = None
    days: int | None = None
    out: Path | None = None
    pkcs12: bool = False
    encrypted: bool = False
    managed: bool = False
    located: bool = False

    @property
    def posture(self) -> Posture:
        """What the agency says of the device."""
        return Posture(encrypted=self.encrypted, managed=self.managed, located=self.located)


async def _issue(loaded: Loaded, mnemonic: str, wish: Wish, out: Path, by: str) -> tuple[Certificate, str]:
    """The certificate as it was issued, and the passphrase of its file, if it has one."""
    request = authority.read_request(authority.read_file(wish.csr)) if wish.csr else None
    days = wish.days or loaded.settings.devices.days
    async with devices_of(loaded, by) as opened:
        place = await _terminal(opened, mnemonic, wish.posture)
        await opened.register.may_mind(by, place.ori)
        ours = await _own_authority(opened, place.ori)
        key = authority.new_key()
        whose = authority.Whose(terminal=mnemonic, ori=place.ori)
        span = authority.Span(now=now(), days=days)
        folder = keys_of(loaded).folder
        signed = authority.issue(whose, ours, folder, request or key.public_key(), span)
        passphrase = secrets.token_urlsafe(PASSPHRASE_BYTES) if wish.pkcs12 else ""
        kept = _kept(signed, ours.fingerprint, whose, wish.posture, by)
        await opened.note(
            _detail("issue", kept) | ({"device": wish.device_class} if wish.device_class else {})
        )
        if request is not None:
            text = authority.pem_of(signed).encode()
        elif passphrase:
            text = authority.browser_file(key, signed, passphrase)
        else:
            text = authority.private_text(key, signed)
        authority.write_once(out, text)
        await opened.register.add(kept)
        if wish.device_class:
            await directory.set_device(opened.pool, mnemonic, directory.Device(wish.device_class))
        return kept, passphrase


@device.command("accept")
@click.argument("mnemonic")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@posture_options
@_by
@config_option
def device_accept(mnemonic: str, file: Path, config: Path | None, by: str, **told: bool) -> None:
    """Make a certificate known that the agency's own authority issued for MNEMONIC: unknown ones are refused."""
    loaded = loaded_from(config, made=True)
    posture, mnemonic = Posture(**told), mnemonic.upper()

    async def work() -> Certificate:
        async with devices_of(loaded, by) as opened:
            place = await _terminal(opened, mnemonic, posture)
            await opened.register.may_mind(by, place.ori)
            whose = authority.Whose(terminal=mnemonic, ori=place.ori)
            voucher, found = authority.accepted(
                authority.read_file(file), whose, await opened.register.authorities(), now()
            )
            kept = _kept(found, voucher, whose, posture, by)
            await opened.note(_detail("accept", kept))
            await opened.register.add(kept)
            return kept

    kept = run(work())
    click.echo(
        f"{kept.terminal} of {kept.ori}: certificate {kept.serial} is known until {kept.ends_at:%Y-%m-%d}"
    )


async def _terminal(opened: Opened, mnemonic: str, posture: Posture) -> directory.Terminal:
    """The terminal that a certificate is for. Raises AppError for one that is not there or may not have it."""
    found = next((one for one in await directory.terminals(opened.pool) if one.mnemonic == mnemonic), None)
    if found is None:
        raise AppError(f"there is no terminal {mnemonic}: see `wireroom terminal list`")
    if found.kind == directory.TerminalKind.MOBILE and not posture.whole:
        raise AppError(
            f"{mnemonic} is mobile: say --encrypted, --managed and --located once you have seen that all three are so"
        )
    return found


async def _own_authority(opened: Opened, ori: str) -> Authority:
    found = [
        one
        for one in await opened.register.authorities()
        if one.ori == ori and one.ours and one.ended_at is None and one.ends_at > now()
    ]
    if not found:
        raise AppError(f"no authority of {ori} was made here: `wireroom device authority create {ori}`")
    return found[-1]


def _kept(
    signed: x509.Certificate, voucher: str, whose: authority.Whose, posture: Posture, by: str
) -> Certificate:
    """A certificate as the register keeps it."""
    return Certificate(
        fingerprint=authority.fingerprint(signed), serial=authority.serial_of(signed), authority=voucher,
        terminal=whose.terminal, ori=whose.ori, encrypted=posture.encrypted, managed=posture.managed,
        located=posture.located, issued_at=now(), issued_by=by or FROM_OUTSIDE, ends_at=signed.not_valid_after_utc,
    )  # fmt: skip


def _detail(act: str, one: Certificate) -> dict[str, object]:
    return {
        "act": act, "terminal": one.terminal, "ori": one.ori, "serial": one.serial, "fingerprint": one.fingerprint,
        "encrypted": one.encrypted, "managed": one.managed, "located": one.located, "ends": one.ends_at.isoformat(),
    }  # fmt: skip


@device.command("revoke")
@click.argument("name", metavar="SERIAL|MNEMONIC")
@_why
@_by
@json_option
@config_option
def device_revoke(name: str, why: str, by: str, as_json: bool, config: Path | None) -> None:
    """Trust a certificate no more, or every one of a terminal: lost, stolen, retired. It cannot be taken back.

    Its next message is refused within two seconds; its open lines and pages end within five.
    """
    loaded = loaded_from(config, made=True)

    async def work() -> tuple[Certificate, ...]:
        async with devices_of(loaded, by) as opened:
            own = await opened.register.scope_of(by)
            await opened.note({"act": "revoke", "name": name, "why": why})
            return await opened.register.revoke(name, why=why, by=by or FROM_OUTSIDE, now=now(), ori=own)

    revoked = run(work())
    if as_json:
        print_json(revoked)
        return
    for one in revoked:
        click.echo(f"{one.terminal} of {one.ori}: certificate {one.serial} is trusted no more")


@device.command("list")
@click.option("--ori", default="", help="Of one agency only.")
@json_option
@config_option
def device_list(ori: str, as_json: bool, config: Path | None) -> None:
    """Every certificate ever issued or accepted, and how it stands."""

    async def work() -> tuple[Certificate, ...]:
        async with devices_of(loaded_from(config, made=True)) as opened:
            return await opened.register.certificates(ori.upper())

    found = run(work())
    if as_json:
        print_json(found)
        return
    at = now()
    rows = [(c.terminal, c.ori, c.serial, _posture(c), f"{c.ends_at:%Y-%m-%d}", _state(c, at)) for c in found]
    print_table(("Terminal", "ORI", "Serial", "Posture", "Ends", "State"), rows)


def _posture(one: Certificate) -> str:
    said = (("encrypted", one.encrypted), ("managed", one.managed), ("located", one.located))
    return ", ".join(word for word, so in said if so)


def _state(one: Certificate, at: datetime) -> str:
    if one.revoked_at is not None:
        return f"revoked {one.revoked_at:%Y-%m-%d}: {one.revoked_for}"
    return "over" if one.ends_at <= at else ""


@device.command("crl")
@click.argument("ori")
@config_option
def device_crl(ori: str, config: Path | None) -> None:
    """Print the list of revoked certificates of an agency's authority made here, signed, in PEM.

    For whoever else trusts that authority. The switch needs none: it looks at its own records.
    """
    loaded = loaded_from(config, made=True)

    async def work() -> bytes:
        async with devices_of(loaded) as opened:
            ours = await _own_authority(opened, ori.upper())
            revoked = await opened.register.certificates(ori.upper())
            return authority.revocation_list(ours, revoked, keys_of(loaded).folder, now())

    click.echo(run(work()).decode(), nl=False)
