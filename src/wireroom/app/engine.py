"""The embedded PostgreSQL: makes it, starts it, shares it between our processes, and stops it."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import re
import shutil
import signal
import socket
import stat
import struct
import subprocess
import tempfile
import time
from pathlib import Path
from typing import NamedTuple, Self
from urllib.parse import quote

from wireroom.app import EngineError
from wireroom.app.programs import Account, Programs, account_for, find

ADMIN = "wireroom"  # the role that owns everything in the embedded server
PORT = 5432  # of a Unix socket: part of a file's name, and no network port
SOCKET_PATH_BYTES_MAX = 103  # what the smallest of the usual systems allows
START_SECONDS_MAX = 300  # recovery after a crash may have two gigabytes to replay
STOP_SECONDS_MAX = 60
ORPHAN_SECONDS_MAX = 10  # PostgreSQL's children end by themselves when their parent is gone
LOOK_AGAIN_SECONDS = 0.01
LOG_BYTES_MAX = (
    16 * 1024 * 1024
)  # at a start; a longer log is put aside, and the one put aside before is dropped
LOG_TAIL_BYTES = 16 * 1024

# Given on the command line, so that no file in the data folder can take durability away.
FIXED = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "wal_level": "replica",
    "wal_buffers": "16MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "jit": "off",
    "random_page_cost": "1.1",
    "max_locks_per_transaction": "256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    # Errors of clients go to the client alone: their texts may hold names and plates, and a log must not.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
}

# What PostgreSQL says when it does not start, and what that means for whoever reads it at night.
SIGNS = (
    (
        "No space left on device",
        "the disk is full; free some space, then start again: nothing that was accepted is lost",
    ),
    (
        "could not create (any )?Unix|Unix-domain socket path",
        "the socket cannot be made; is the folder writable?",
    ),
    ("incompatible with server", "the data belongs to another PostgreSQL; see the file PG_VERSION in it"),
    (
        "could not map anonymous shared memory|Cannot allocate memory",
        "too little memory; lower shared_buffers_mb",
    ),
    (
        "shared memory block",
        "processes of a former server still hold the data; end them or restart the machine",
    ),
    ("Read-only file system", "the disk is read-only; mount it for writing or choose another data_folder"),
    (
        "Permission denied|wrong ownership|invalid permissions",
        "the account that runs PostgreSQL may not use the folder",
    ),
)


class Running(NamedTuple):
    """What postmaster.pid says of a server."""

    pid: int
    socket: str
    status: str


class Embedded:
    """One PostgreSQL server in a folder, on a private Unix socket, with no network address.

    Any number of our processes may `start` on one folder. The first one holds the lock, starts the server and
    stops it; the others find it and share it. When the first is killed the server goes on, and whoever starts
    next takes it over. Every account that may enter the socket's folder (mode 0700) is trusted: that is the
    account of the server, and root.
    """

    def __init__(self, folder: Path, *, shared_buffers_mb: int = 256, connections_max: int = 100) -> None:
        self.folder = Path(os.path.abspath(folder))
        self.data = self.folder / "postgres"
        self.log = self.folder / "postgres.log"
        self.shared_buffers_mb = shared_buffers_mb
        self.connections_max = connections_max
        self._lock: int | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._socket: Path | None = None  # the folder of the socket, once it is known to be ours
        self._log_began = 0

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def is_owner(self) -> bool:
        """Whether this process is the one that will stop the server."""
        return self._lock is not None

    @property
    def lives(self) -> bool:
        """Whether the server is there still; for its owner, who must wait for its child to see it gone."""
        return (self._child is None or self._child.poll() is None) and self._running() is not None

    @property
    def pid(self) -> int | None:
        """The server's process, if it runs."""
        running = self._running()
        return running.pid if running is not None else None

    def dsn(self, database: str = "wireroom", *, role: str = ADMIN) -> str:
        """The address of a database for a role, as asyncpg and libpq read it."""
        running = self._running()
        folder = running.socket if running is not None else str(self._socket_folder())
        return f"postgresql://{quote(role)}@/{quote(database)}?host={quote(folder, safe='')}&port={PORT}"

    def start(self) -> Self:
        """Bring the server up, or share the one that runs. Takes about half a second the first time."""
        self._prepare_folder()
        until = time.monotonic() + START_SECONDS_MAX
        while not self._take_lock():
            if self._is_ready():
                return self
            if time.monotonic() > until:
                raise EngineError(
                    f"another process holds {self.folder} and its server does not answer; see {self.log}"
                )
            time.sleep(LOOK_AGAIN_SECONDS)
        try:
            self._start_as_owner(until)
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stop the server if it is ours: first politely, then without a last checkpoint, then by force."""
        if self._lock is None:
            return
        try:
            for sign, seconds in (
                (signal.SIGINT, STOP_SECONDS_MAX),
                (signal.SIGQUIT, 10),
                (signal.SIGKILL, 10),
            ):
                pid = self._child.pid if self._child is not None else self.pid
                if pid is None or not self._signal(pid, sign) or self._ended(pid, seconds):
                    break
        finally:
            self._child = None
            if self._socket is not None and self._socket.parent != self.folder and self.pid is None:
                shutil.rmtree(self._socket, ignore_errors=True)
            self._socket = None
            os.close(self._lock)
            self._lock = None

    # ----------------------------------------------------------------------- folders and the lock

    def _prepare_folder(self) -> None:
        # Root's server runs as another account, which must pass through this folder but need not list it.
        mode = 0o711 if os.geteuid() == 0 else 0o700
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=mode)
            if self.data.exists():
                list(self.data.iterdir())
        except OSError as error:
            raise self._unusable(self.folder, error) from None

    def _take_lock(self) -> bool:
        """Become the owner, unless another process is. The kernel frees the lock when its holder dies."""
        path = self.folder / "engine.lock"
        try:
            lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise self._unusable(path, error) from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return False
        self._lock = lock
        return True

    def _unusable(self, path: Path, error: OSError) -> EngineError:
        if error.errno == errno.ENOSPC:
            return EngineError(f"the disk under {path} is full; free some space, then start again")
        return EngineError(
            f"{path} cannot be used: {error.strerror}; make it writable for this account, "
            "or name another data_folder under [database]"
        )

    def _socket_folder(self) -> Path:
        """In the data folder, or where its path is too long for a socket, under a short name made from it."""
        natural = self.folder / "socket"
        if len(os.fsencode(natural / f".s.PGSQL.{PORT}.lock")) <= SOCKET_PATH_BYTES_MAX:
            return natural
        name = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"wireroom-{name}"

    def _prepare_socket_folder(self, account: Account) -> Path:
        folder = self._socket_folder()
        try:
            with contextlib.suppress(FileExistsError):
                folder.mkdir(mode=0o700)
                if account.is_another:
                    os.chown(folder, account.uid, account.gid)
            status = folder.lstat()
        except OSError as error:
            raise self._unusable(folder, error) from None
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != account.uid or status.st_mode & 0o077:
            raise EngineError(
                f"{folder} must be a folder of uid {account.uid} with mode 700, to hold the socket; "
                "it is not: remove it, then start again"
            )
        return folder

    # ----------------------------------------------------------------------- starting

    def _start_as_owner(self, until: float) -> None:
        running = self._running()
        if running is not None and self._became_ready(running.pid, until):
            self._socket = Path(running.socket)
            return  # a server whose owner was killed: it is ours now
        programs = find(self._major_of_data())
        account = account_for(self.data, programs)
        self._clear_orphans()
        self._drop_stale_note()
        if not (self.data / "PG_VERSION").exists():
            self._make_data(programs, account)
        self._socket = where = self._prepare_socket_folder(account)
        patience = time.monotonic() + ORPHAN_SECONDS_MAX
        while not self._launched(programs, account, where, until):
            said = self._log_tail()
            # Orphans that we could not see hold the shared memory for a moment longer.
            if "shared memory block" not in said or time.monotonic() > patience:
                raise EngineError(self._why_not(said))
            time.sleep(LOOK_AGAIN_SECONDS)

    def _major_of_data(self) -> int | None:
        try:
            text = (self.data / "PG_VERSION").read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unusable(self.data, error) from None
        if not text.isdecimal():
            raise EngineError(
                f"{self.data / 'PG_VERSION'} holds no version; restore the folder from a backup"
            )
        return int(text)

    def _make_data(self, programs: Programs, account: Account) -> None:
        """Make an empty database under another name first: a half-made one is never taken for a whole one."""
        half = self.folder / "postgres.new"
        try:
            if half.exists():
                shutil.rmtree(half)
            half.mkdir(mode=0o700)
            if account.is_another:
                os.chown(half, account.uid, account.gid)
        except OSError as error:
            raise self._unusable(half, error) from None
        program = str(programs.folder / "initdb")
        options = ("--data-checksums", "--encoding=UTF8", "--locale=C", "--auth=trust", "--no-instructions")
        status, said = account.run([program, "-D", str(half), "-U", ADMIN, *options])
        if status != 0:
            raise EngineError(self._why_not(said))
        half.rename(self.data)
        folder = os.open(self.folder, os.O_RDONLY)
        os.fsync(folder)  # else a power cut could take the new name back, and with it all that came later
        os.close(folder)

    def _launched(self, programs: Programs, account: Account, where: Path, until: float) -> bool:
        """Start the server and wait until it is ready. False when it ended instead."""
        settings = FIXED | {
            "unix_socket_directories": str(where).replace(",", "\\,"),
            "shared_buffers": f"{self.shared_buffers_mb}MB",
            "max_connections": str(self.connections_max),
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        try:
            if self.log.exists() and self.log.stat().st_size > LOG_BYTES_MAX:
                self.log.replace(self.log.with_suffix(".log.1"))
            log = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise self._unusable(self.log, error) from None
        self._log_began = os.fstat(log).st_size
        try:
            self._child = account.launch(
                [str(programs.folder / "postgres"), "-D", str(self.data), *options], log
            )
        except OSError as error:
            raise EngineError(f"PostgreSQL cannot be run: {error.strerror} ({programs.folder})") from None
        finally:
            os.close(log)
        return self._became_ready(self._child.pid, until)

    def _became_ready(self, pid: int, until: float) -> bool:
        """Wait for a server that is starting. False when it ended instead."""
        while time.monotonic() < until:
            if self._is_ready():
                return True
            if self._ended(pid, LOOK_AGAIN_SECONDS):
                return False
        raise EngineError(f"PostgreSQL was not ready after {START_SECONDS_MAX} seconds; see {self.log}")

    def _why_not(self, said: str) -> str:
        lines = [line for line in said.splitlines() if line.strip()]
        for pattern, meaning in SIGNS:
            if re.search(pattern, said):
                return f"PostgreSQL did not start in {self.folder}: {meaning} (see {self.log})"
        last = lines[-1].strip() if lines else "it said nothing"
        return f"PostgreSQL did not start in {self.folder}: {last} (see {self.log})"

    def _log_tail(self) -> str:
        with self.log.open("rb") as log:
            size = log.seek(0, os.SEEK_END)
            log.seek(max(self._log_began, size - LOG_TAIL_BYTES))
            return log.read().decode("utf-8", errors="replace")

    # ----------------------------------------------------------------------- processes

    def _is_ready(self) -> bool:
        """Whether the server says so in its note, and then at its door too."""
        running = self._running()
        return running is not None and running.status == "ready" and _answers(running.socket)

    def _running(self) -> Running | None:
        """The server of this folder, by its own note, if that process lives and is what the note says."""
        try:
            lines = (self.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unusable(self.data, error) from None
        if len(lines) < 8 or not lines[0].isdecimal() or not self._is_server(int(lines[0])):
            return None
        return Running(int(lines[0]), lines[4], lines[7].strip())

    def _is_server(self, pid: int) -> bool:
        """Whether a process is a PostgreSQL in our data: the number alone may have been given out again."""
        if not Path("/proc/self").exists():
            return _lives(pid)
        try:
            name = Path(f"/proc/{pid}/comm").read_text(encoding="utf-8", errors="replace").strip()
            return name == "postgres" and os.path.samefile(f"/proc/{pid}/cwd", self.data)
        except PermissionError:
            # Root in a container may not look into another account's process; whose it is must do.
            return os.stat(f"/proc/{pid}").st_uid == self.data.stat().st_uid
        except OSError:
            return False

    def _clear_orphans(self) -> None:
        """Wait for children of a server that was killed. After a while they are ended: nobody hears them."""
        if not Path("/proc/self").exists():
            return
        for seconds, sign in ((ORPHAN_SECONDS_MAX, signal.SIGKILL), (ORPHAN_SECONDS_MAX, None)):
            until = time.monotonic() + seconds
            while orphans := [pid for pid in _processes() if self._is_ours(pid)]:
                if time.monotonic() > until:
                    break
                time.sleep(LOOK_AGAIN_SECONDS)
            else:
                return
            for pid in orphans:
                if sign is not None:
                    self._signal(pid, sign)
        raise EngineError(
            f"processes {orphans} of a former server still hold {self.data}; end them or restart the machine"
        )

    def _drop_stale_note(self) -> None:
        """Remove the note of a server that is gone whose number went to another process of its account.

        PostgreSQL would take that one for the server. Where we cannot look into it, PostgreSQL decides.
        """
        note = self.data / "postmaster.pid"
        with contextlib.suppress(OSError, ValueError):
            text = note.read_text(encoding="utf-8")
            if not text.strip():
                note.unlink()  # a power cut came between making it and filling it
                return
            pid = int(text.partition("\n")[0])
            process = Path(f"/proc/{pid}")
            if process.stat().st_uid == self.data.stat().st_uid and not self._is_server(pid):
                os.readlink(process / "cwd")
                note.unlink()

    def _is_ours(self, pid: int) -> bool:
        with contextlib.suppress(OSError):
            return os.path.samefile(f"/proc/{pid}/cwd", self.data) and self._is_server(pid)
        return False

    def _signal(self, pid: int, sign: signal.Signals) -> bool:
        """Send a signal. False when there is nobody to get it."""
        if self._child is not None and self._child.poll() is not None:
            return False
        try:
            os.kill(pid, sign)
        except ProcessLookupError:
            return False
        return True

    def _ended(self, pid: int, seconds: float) -> bool:
        """Wait for the server's end, at most so long."""
        if self._child is not None and self._child.pid == pid:
            try:
                self._child.wait(timeout=seconds)
            except subprocess.TimeoutExpired:
                return False
            return True
        until = time.monotonic() + seconds
        while self._is_server(pid):
            if time.monotonic() > until:
                return False
            time.sleep(LOOK_AGAIN_SECONDS)
        return True


def _processes() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdecimal()]


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _answers(folder: str) -> bool:
    """Whether a server takes a connection, in the fewest words that its protocol has."""
    name = f"user\0{ADMIN}\0database\0postgres\0\0".encode()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
        door.settimeout(5)
        try:
            door.connect(f"{folder}/.s.PGSQL.{PORT}")
            door.sendall(struct.pack("!ii", len(name) + 8, 3 << 16) + name)
            first = door.recv(4096)[:1]
            door.sendall(b"X\0\0\0\4")
            for _ in range(64):  # to its end: a connection cut short would stand in the log
                if not door.recv(4096):
                    break
        except OSError:
            return False
    return first == b"R"
