"""Claims about a device that is lost: one command ends it, opens its incident, and asks for its wipe."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.app.pki import POLICE
from tests.app.test_commands import cli, config
from tests.app.test_device_commands import POSTURE, agency, said
from wireroom.app.keys import Keys

__all__ = ["agency", "config"]  # fixtures


class Wipes(HTTPServer):
    """A device management that takes what it is asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Taking)
        self.asked: list[tuple[str, bytes]] = []


class Taking(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Wipes)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append((self.headers["Wireroom-Signature"], body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        return None


@pytest.fixture
def wipes() -> Iterator[Wipes]:
    with Wipes() as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_Policy_5_13_a_lost_device_is_out_its_incident_is_open_and_its_wipe_is_asked(
    agency: Path, config: Path, wipes: Wipes
) -> None:
    said("device", "authority", "create", POLICE, config=config)
    said("device", "issue", "Z1A2", *POSTURE, config=config)
    said("terminal", "add", "ZM01", POLICE, "--kind", "interface", config=config)
    url = f"http://127.0.0.1:{wipes.server_port}/wipe"
    told = said("device", "management", "declare", POLICE, "ZM01", "--wipe-url", url, config=config)
    assert "within 240 minutes" in told
    lost = json.loads(
        said("device", "lost", "z1a2", "--why", "LEFT ON A ROOF", "--capabilities", "ALL OF A CAR", "--locked", "yes",
             "--json", config=config)
    )  # fmt: skip
    assert (lost["terminal"], lost["wipe"]) == ("Z1A2", "asked, and taken by the device management")
    [row] = json.loads(said("device", "list", "--json", config=config))
    assert row["revoked_for"] == "lost: LEFT ON A ROOF"
    assert lost["revoked"] == [row["serial"]]
    [(signature, body)] = wipes.asked
    secret = Keys(config.parent / "secrets").interface_secret("ZM01")
    at, proof = re.fullmatch(r"t=(\d+),v1=(\w+)", signature).groups()  # type: ignore[union-attr]
    assert proof == hmac.digest(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hex()
    assert (json.loads(body)["event"], json.loads(body)["to"]) == ("wipe", "Z1A2")
    shown = cli("incident", "list", "--json", config=config)
    assert shown.exit_code == 0
    [incident] = json.loads(shown.stdout)["incidents"]
    assert (incident["number"], incident["kind"], incident["terminal"], incident["state"]) == (
        lost["incident"], "lost-device", "Z1A2", "opened",
    )  # fmt: skip
    page = said("incident", "show", str(lost["incident"]), config=config)
    assert "LEFT ON A ROOF; missed" in page
    assert "can reach: ALL OF A CAR; locked: yes; wiped: unknown" in page
    again = said("device", "lost", "Z1A2", "--why", "STILL LOST", "--wiped", "yes", config=config)
    assert "none stood" in again
