"""An invented directory of an agency: its keys, its document, and tokens as right or as wrong as a test wants them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import msgspec
from joserfc import jwk, jwt

from wireroom.policy import elsewhere
from wireroom.policy.elsewhere import Directory
from wireroom.policy.passkeys import Unproven

ISSUER = "https://login.city.example"
SUBJECT = "emp-0042"
NOW = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
CITY = Directory(
    name="Example City", ori="CA0990100", issuer=ISSUER, client_id="wireroom", secret="invented secret",
    acr=("urn:two",), amr=(frozenset({"mfa"}), frozenset({"pwd", "otp"})),
)  # fmt: skip


@cache
def key(name: str = "k1", kind: str = "EC") -> jwk.Key:
    """A key of its own for each name. Keys of RSA cost a while: few tests want one."""
    if kind == "RSA":
        return jwk.RSAKey.generate_key(2048, {"kid": name, "use": "sig"})
    return jwk.ECKey.generate_key("P-256", {"kid": name, "use": "sig"})


def shown(*keys: jwk.Key) -> bytes:
    """The document of a directory's keys."""
    return json.dumps({"keys": [one.as_dict(private=False) for one in keys]}).encode()


def document(issuer: str = ISSUER, /, **changes: object) -> bytes:
    """What a directory says of itself."""
    told = {
        "issuer": issuer, "authorization_endpoint": f"{issuer}/authorize", "token_endpoint": f"{issuer}/token",
        "jwks_uri": f"{issuer}/keys",
    } | changes  # fmt: skip
    return json.dumps({name: value for name, value in told.items() if value is not None}).encode()


def claims(asked: str, at_time: datetime = NOW, /, **changes: object) -> dict[str, object]:
    """What a right token says; None takes a claim away."""
    at = int(at_time.timestamp())
    told = {
        "iss": ISSUER, "aud": "wireroom", "sub": SUBJECT, "nonce": asked, "iat": at, "exp": at + 300,
        "auth_time": at, "amr": ["pwd", "otp"],
    } | changes  # fmt: skip
    return {name: value for name, value in told.items() if value is not None}


def signed(told: dict[str, object], by: jwk.Key | None = None, **header: object) -> str:
    """A token of these claims."""
    by = by or key()
    algorithm = "RS256" if by.key_type == "RSA" else "ES256"
    return jwt.encode({"alg": algorithm, "kid": by.kid, **header}, told, by)


def judged(token: str, directory: Directory = CITY, late: timedelta = timedelta(0)) -> str | Unproven:
    """What a token proves, that was asked for now."""
    keys = elsewhere.signing_keys(shown(key()))
    assert not isinstance(keys, Unproven)
    return elsewhere.judged(directory, token, keys["k1"], nonce="n", asked_at=NOW, now=NOW + late)


def cause(token: str, **more: Any) -> str:
    """Why a token proves nobody. Any: what `judged` takes."""
    found = judged(token, **more)
    assert isinstance(found, Unproven), found
    return found.cause


def changed(**changes: object) -> Directory:
    return msgspec.structs.replace(CITY, **changes)
