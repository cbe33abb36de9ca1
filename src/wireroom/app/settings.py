"""The one file of settings, wireroom.toml: every key, its default, its limits and its meaning."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, NamedTuple, get_args, get_origin, get_type_hints
from urllib.parse import quote, urlsplit

import msgspec
from msgspec import Meta, field

from wireroom.app import SettingsError
from wireroom.app.settings_administration import Administration, administration_contradictions
from wireroom.app.settings_clearance import Clearance
from wireroom.app.settings_devices import Devices, devices_contradictions
from wireroom.app.settings_directories import Cards, Directory, outside_contradictions
from wireroom.app.settings_keys import Keys, Secrets, Security
from wireroom.app.settings_links import Link, links_contradictions
from wireroom.app.settings_oversight import Oversight
from wireroom.app.settings_people import (
    THIS_MACHINE,
    Notify,
    People,
    Section,
    notify_contradictions,
    passkey_contradictions,
)
from wireroom.app.settings_reasons import Reasons
from wireroom.app.settings_watching import Alarms, Backups, Journal, watching_contradictions

FILE_NAME = "wireroom.toml"
DEFAULT = "default"
LINKS_MAX = 32
LOCAL_FILES_MAX = 256

# A key is declared once, here: its name, limits, default, and one line for whoever reads the manual.


class Database(Section, frozen=True, kw_only=True):
    """Where the records, the journal and the queues are kept."""

    url: Annotated[
        str,
        Meta(description="PostgreSQL to use, as postgresql://user@host/name; empty: start our own server."),
    ] = ""
    password_file: Annotated[
        str, Meta(description="File that holds the password for url; a password inside url is refused.")
    ] = ""
    data_folder: Annotated[
        str, Meta(min_length=1, description="Folder of our own server, its log and the secrets.")
    ] = ".wireroom"
    application_name: Annotated[
        str,
        Meta(min_length=1, max_length=63, description="Name under which the database lists our connections."),
    ] = "wireroom"
    shared_buffers_mb: Annotated[
        int, Meta(ge=16, le=1_048_576, description="Memory in MB that our own server keeps for pages.")
    ] = 256


class Wire(Section, frozen=True, kw_only=True):
    """The TCP door for stations."""

    host: Annotated[str, Meta(min_length=1, description="Address on which stations connect over TCP.")] = (
        "127.0.0.1"
    )
    port: Annotated[int, Meta(ge=0, le=65535, description="TCP port for stations; 0: any free port.")] = 7700
    frame_bytes_max: Annotated[
        int,
        Meta(ge=1024, le=16_777_216, description="Longest frame in bytes; a longer one ends the connection."),
    ] = 65536
    idle_seconds: Annotated[
        int, Meta(ge=1, le=86400, description="Silence in seconds after which a connection is closed.")
    ] = 60
    stations_max: Annotated[
        int, Meta(ge=1, le=100_000, description="Stations connected at once; the next one is turned away.")
    ] = 2000


class Web(Section, frozen=True, kw_only=True):
    """The browser doors and the HTTP API."""

    host: Annotated[str, Meta(min_length=1, description="Address on which browsers connect.")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535, description="TCP port for browsers; 0: any free port.")] = 8700
    session_idle_minutes: Annotated[
        int, Meta(ge=1, le=30, description="Minutes without an act after which the screen locks.")
    ] = 30
    session_hours_max: Annotated[
        int, Meta(ge=1, le=12, description="Hours after which a person signs in again, busy or not.")
    ] = 12
    passkey_origin: Annotated[
        str,
        Meta(
            description="Address where passkeys count, as https://switch.example; empty: localhost, if here."
        ),
    ] = ""
    passkey_domain: Annotated[
        str,
        Meta(description="Domain that passkeys are bound to; empty: the host of passkey_origin."),
    ] = ""
    passkeys_copied: Annotated[
        bool,
        Meta(description="Whether passkeys may be bound that their maker copies between devices."),
    ] = False


class Switch(Section, frozen=True, kw_only=True):
    """How much the switch takes on at once, and how long it waits."""

    batch_max: Annotated[
        int, Meta(ge=1, le=4096, description="Transactions that share one commit, at most.")
    ] = 256
    queue_max: Annotated[
        int,
        Meta(
            ge=1, le=1_000_000, description="Transactions that may wait; the next one is told to try again."
        ),
    ] = 4096
    agency_share: Annotated[
        float,
        Meta(gt=0, le=100, description="What one agency may have waiting, in times what is free; 1: alone, half."),
    ] = 1.0  # fmt: skip
    answer_seconds_max: Annotated[
        float,
        Meta(gt=0, le=300, description="Seconds after which a source that is silent is reported as such."),
    ] = 8.0
    station_queue_max: Annotated[
        int, Meta(ge=1, le=1_000_000, description="Deliveries that wait for one terminal, at most.")
    ] = 1000


class Catalogue(Section, frozen=True, kw_only=True):
    """Record files beyond those that Wireroom brings."""

    local_files: Annotated[
        tuple[str, ...],
        Meta(
            max_length=LOCAL_FILES_MAX,
            description="TOML files, or folders of them, that declare further record files; taken at once.",
        ),
    ] = ()


class Records(Section, frozen=True, kw_only=True):
    """Who watches over the record files."""

    doj_ori: Annotated[
        str,
        Meta(
            pattern=r"^[A-Z]{2}[A-Z0-9]{7}$",
            description="ORI of the department: it owns what is derived, and gets copies of requests not answered.",
        ),
    ] = "CA0990000"


class Messages(Section, frozen=True, kw_only=True):
    """Whom messages to many reach."""

    groups_file: Annotated[
        str, Meta(description="TOML file of the broadcast groups; empty: groups.toml in the data folder.")
    ] = ""


class Demo(Section, frozen=True, kw_only=True):
    """Invented people, for trying things out."""

    enabled: Annotated[
        bool, Meta(description="Fill the system with invented people and say so on every page.")
    ] = False


class Settings(Section, frozen=True, kw_only=True):
    """Everything that can be set. An empty file is a working system."""

    database: Database = field(default_factory=Database)
    wire: Wire = field(default_factory=Wire)
    web: Web = field(default_factory=Web)
    switch: Switch = field(default_factory=Switch)
    journal: Journal = field(default_factory=Journal)
    alarms: Alarms = field(default_factory=Alarms)
    backups: Backups = field(default_factory=Backups)
    links: Annotated[
        tuple[Link, ...],
        Meta(max_length=LINKS_MAX, description="Connections to other systems, one [[links]] each."),
    ] = ()
    catalogue: Catalogue = field(default_factory=Catalogue)
    records: Records = field(default_factory=Records)
    people: People = field(default_factory=People)
    notify: Notify = field(default_factory=Notify)
    messages: Messages = field(default_factory=Messages)
    clearance: Clearance = field(default_factory=Clearance)
    reasons: Reasons = field(default_factory=Reasons)
    oversight: Oversight = field(default_factory=Oversight)
    devices: Devices = field(default_factory=Devices)
    administration: Administration = field(default_factory=Administration)
    directories: Annotated[
        tuple[Directory, ...],
        Meta(max_length=LINKS_MAX, description="Agencies' own directories, one [[directories]] each."),
    ] = ()
    cards: Cards = field(default_factory=Cards)
    demo: Demo = field(default_factory=Demo)
    secrets: Secrets = field(default_factory=Secrets)
    keys: Keys = field(default_factory=Keys)
    security: Security = field(default_factory=Security)


LISTS: dict[str, type[Section]] = {"links[]": Link, "directories[]": Directory}


class Declared(NamedTuple):
    """One key as the manual shows it."""

    key: str  # "wire.port", or "links[].port" for a key of each link
    default: str  # as one writes it in TOML
    meaning: str


class Loaded(msgspec.Struct, frozen=True, kw_only=True):
    """Settings in force, and where each came from."""

    settings: Settings
    file: Path | None  # None: no file, all is default
    given: frozenset[str] = frozenset()  # the keys that the file sets, "wire.port"

    def origin(self, path: str) -> str:
        """Where the value of a key came from: "default", or the name of the file."""
        if self.file is None or path not in self.given:
            return DEFAULT
        return self.file.name

    def path(self, text: str) -> Path:
        """A path from the settings. A relative one counts from the file's folder, else from here."""
        base = Path.cwd() if self.file is None else self.file.resolve().parent
        return base / Path(text).expanduser()

    @property
    def data_folder(self) -> Path:
        """Where our own server keeps its data."""
        return self.path(self.settings.database.data_folder)

    @property
    def secrets_folder(self) -> Path:
        """Where our own keys lie."""
        folder = self.settings.secrets.folder
        return self.path(folder) if folder else self.data_folder / "secrets"

    @property
    def key_service(self) -> Path | None:
        """The socket of the process that holds the master keys, if it is another."""
        service = self.settings.keys.service
        return self.path(service) if service else None

    @property
    def keyring_folder(self) -> Path:
        """Where the master keys lie on the machine that holds them."""
        folder = self.settings.keys.folder
        return self.path(folder) if folder else self.secrets_folder

    @property
    def groups_file(self) -> Path:
        """Where the broadcast groups stand."""
        file = self.settings.messages.groups_file
        return self.path(file) if file else self.data_folder / "groups.toml"

    @property
    def known_passwords_file(self) -> Path | None:
        """The list of passwords that others know, if there is one."""
        file = self.settings.people.known_passwords_file
        return self.path(file) if file else None

    def database_url(self) -> str:
        """The served database with its password filled in, or an empty string for the embedded one."""
        database = self.settings.database
        if not database.url or not database.password_file:
            return database.url
        parts = urlsplit(database.url)
        password = quote(self.secret(database.password_file), safe="")
        who, _, where = parts.netloc.rpartition("@")
        return parts._replace(netloc=f"{who}:{password}@{where}").geturl()

    def secret(self, text: str) -> str:
        """The one line in a secret's file. The error names the file, never what is in it."""
        path = self.path(text)
        try:
            secret = path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not text in UTF-8"
            raise SettingsError(f"the secret in {path} cannot be read: {reason}") from None
        if not secret:
            raise SettingsError(f"{path} is empty; write the secret into it, on one line")
        return secret


def load(path: Path | None = None) -> Loaded:
    """Read the settings. Without a path, wireroom.toml in the current folder; if there is none, defaults.

    Every fault of the file is told at once, in one SettingsError.
    """
    file = path if path is not None else Path(FILE_NAME)
    try:
        text = file.read_bytes().decode("utf-8")
    except FileNotFoundError:
        if path is not None:
            raise SettingsError(
                f"{path}: no such file; write one, or leave --config away for the defaults"
            ) from None
        return Loaded(settings=Settings(), file=None)
    except UnicodeDecodeError as error:
        raise SettingsError(f"{file.name}: not text in UTF-8, at byte {error.start}") from None
    except OSError as error:
        raise SettingsError(f"{file}: cannot be read: {error.strerror}") from None
    return read(text, file)


def read(text: str, file: Path) -> Loaded:
    """Settings from the text of a file."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file.name}: not valid TOML: {error}") from None
    faults = [f"{file.name}: {fault}" for fault in _faults(document, Settings, "")]
    if faults:
        raise SettingsError("\n".join(faults))
    settings = msgspec.convert(document, Settings)
    faults = [f"{file.name}: {fault}" for fault in _contradictions(settings)]
    if faults:
        raise SettingsError("\n".join(faults))
    return Loaded(settings=settings, file=file, given=frozenset(_given(document, "")))


def explain(loaded: Loaded) -> list[tuple[str, str, str, str]]:
    """Every key with the value in force, where it came from, and what it means."""
    rows = []
    for section, key, meaning, kind in _keys():
        if section in LISTS:
            for index, one in enumerate(getattr(loaded.settings, section[:-2])):
                path = f"{section[:-2]}[{index}].{key}"
                rows.append((path, _toml(getattr(one, key)), loaded.origin(path), meaning))
        else:
            holder = getattr(loaded.settings, section) if section else loaded.settings
            path = f"{section}.{key}" if section else key
            value = getattr(holder, key)
            shown = f"{len(value)}" if kind is not None else _toml(value)
            rows.append((path, shown, loaded.origin(path), meaning))
    return rows


def declared() -> list[Declared]:
    """Every key that a file may hold, with its default and its meaning: the source of the manual's page."""
    found = []
    for section, key, meaning, kind in _keys():
        single = getattr(Settings(), section, None) if section else Settings()
        holder = LISTS[section]() if section in LISTS else single
        default = "none" if kind is not None else _toml(getattr(holder, key))
        found.append(Declared(f"{section}.{key}" if section else key, default, meaning))
    return found


# --------------------------------------------------------------------------- the declaration, read back


def _hints(struct: type[msgspec.Struct]) -> dict[str, Any]:
    """The annotations with their Meta, which a struct keeps as text. Any: a type is what it is about."""
    return get_type_hints(struct, include_extras=True)


def _struct_in(hint: Any) -> type[msgspec.Struct] | None:
    """The section that an annotation leads to, itself or as the element of a list."""
    if get_origin(hint) is Annotated:
        hint = get_args(hint)[0]
    if get_origin(hint) is tuple:
        hint = get_args(hint)[0]
    return hint if isinstance(hint, type) and issubclass(hint, msgspec.Struct) else None


def _meaning(hint: Any) -> str:
    return next((meta.description or "" for meta in getattr(hint, "__metadata__", ())), "")


def _keys() -> Iterator[tuple[str, str, str, type[msgspec.Struct] | None]]:
    """Each key: its section, its name, its meaning, and the section of which it is a list, if it is one."""
    for name, hint in _hints(Settings).items():
        inner = _struct_in(hint)
        assert inner is not None, f"{name} is neither a section nor a list of sections"
        section = name
        if get_origin(hint) is Annotated:
            yield "", name, _meaning(hint), inner
            section = f"{name}[]"
        for key, kind in _hints(inner).items():
            yield section, key, _meaning(kind), None


def _faults(table: dict[str, Any], struct: type[msgspec.Struct], where: str) -> Iterator[str]:
    """Everything wrong in one table. Any: what TOML gave, not yet checked."""
    hints = _hints(struct)
    for key, value in table.items():
        label = f"{where} {key}" if where else f"[{key}]"
        if key not in hints:
            yield f"{label}: no such {'key' if where else 'section'}{_suggestion(key, hints)}"
            continue
        inner = _struct_in(hints[key])
        if inner is not None and isinstance(value, dict) and get_origin(hints[key]) is not Annotated:
            yield from _faults(value, inner, f"[{key}]")
        elif inner is not None and isinstance(value, list) and all(isinstance(item, dict) for item in value):
            if len(value) > LINKS_MAX:
                yield f"[[{key}]] stands {len(value)} times; at most {LINKS_MAX}"
            for index, item in enumerate(value[:LINKS_MAX], 1):
                yield from _faults(item, inner, f"[[{key}]] number {index},")
        else:
            try:
                msgspec.convert(value, hints[key])
            except msgspec.ValidationError as error:
                yield f"{label} = {_toml(value)}: {_in_words(error)}"


def _in_words(error: msgspec.ValidationError) -> str:
    """The driver's sentence, less the path that we have said already."""
    text = str(error).split(" - at `")[0].replace("`", "").replace("Expected", "expected", 1)
    return text.replace("expected object", "expected a section").replace("expected array", "expected a list")


def _suggestion(key: str, known: dict[str, Any]) -> str:
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    return f"; did you mean {near[0]}?" if near else f"; known are {', '.join(known)}"


def _contradictions(settings: Settings) -> Iterator[str]:
    """What is wrong although each value alone is right."""
    database = settings.database
    try:
        parts = urlsplit(database.url)
    except ValueError as error:
        yield f"[database] url: {error}"
        parts = urlsplit("postgresql:")
    if database.url and parts.scheme not in {"postgresql", "postgres"}:
        yield "[database] url: must begin with postgresql://"
    if parts.password or "password=" in parts.query:
        yield "[database] url: holds a password; put it into a file and name that in password_file"
    elif database.url and database.password_file and not parts.username:
        yield "[database] url: names no user, but there is a password_file; write postgresql://user@host/name"
    if database.password_file and not database.url:
        yield "[database] password_file: is set without url; our own server takes no password"
    yield from notify_contradictions(settings.notify)
    yield from watching_contradictions(settings.alarms, settings.notify)
    yield from devices_contradictions(settings.devices)
    yield from administration_contradictions(settings.administration, settings.devices)
    yield from passkey_contradictions(settings.web.passkey_origin, settings.web.passkey_domain)
    yield from links_contradictions(settings.links)
    has_address = bool(settings.web.passkey_origin) or (
        settings.web.host in THIS_MACHINE and settings.web.port > 0
    )
    yield from outside_contradictions(settings.directories, settings.cards, settings.devices, has_address)


def _given(document: dict[str, Any], where: str) -> Iterator[str]:
    """The keys that a document sets: "wire.port", "links", "links[0].port"."""
    for key, value in document.items():
        path = f"{where}.{key}" if where else key
        if isinstance(value, dict):
            yield from _given(value, path)
            continue
        yield path
        if isinstance(value, list):
            for index, item in enumerate(value):
                if isinstance(item, dict):
                    yield from _given(item, f"{path}[{index}]")


def _toml(value: object) -> str:
    """A value as one writes it in TOML, shortened where it is long."""
    text = msgspec.json.encode(value, enc_hook=str).decode("utf-8")
    return text if len(text) <= 80 else text[:77] + "..."
