"""What an agency's own directory says of somebody (OpenID Connect), and whether it proves who that is.

CJIS Security Policy 5.9.5: IA-2 (two factors on every way in), IA-5 o (an access token proves nobody). Nothing is
kept here, and nothing is fetched: documents and tokens come in as text. The libraries are loaded where they are used:
they take a fifth of a second, and most commands and most houses have no directory.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

import msgspec

from wireroom.policy.passkeys import Unproven

TOKEN_CHARACTERS_MAX = 16_384
CODE_CHARACTERS_MAX = 2_048
SUBJECT_CHARACTERS_MAX = 255  # as OpenID Connect has it
KEYS_MAX = 64  # in one document of a directory's keys
RSA_BITS_MIN = 2_048
LEEWAY_S = 30  # that the directory's clock may differ from ours
AGE_MAX_S = 300  # of a proof: a question lives that long
# What a directory may sign with. Neither none nor a shared secret: whoever knows our secret could say anything.
ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"})

_PLAIN = re.compile(r"""[!#-;=?-\[\]_a-z~]{1,2048}""", re.ASCII)  # what an address may be made of

UNREADABLE = "the directory's answer could not be read"
NO_ID_TOKEN = "the directory gave no ID token"  # noqa: S105 - words
UNSIGNED = "the ID token's signature is not right"
NO_SUCH_KEY = "the ID token is signed with a key that the directory does not show"
ONE_FACTOR = "the directory does not say that two factors were shown"
LONG_AGO = "the directory asked for the factors before we did"
WRONG_ISSUER = "the directory calls itself by another name"


class Directory(msgspec.Struct, frozen=True, kw_only=True):
    """An agency's own directory, as the operator of the switch set it."""

    name: str  # as the sign-in page calls it
    ori: str  # the agency whose people it knows
    issuer: str
    client_id: str
    secret: str
    claim: str = "sub"  # which claim says who it is
    acr: tuple[str, ...] = ()  # each proves two factors
    amr: tuple[frozenset[str], ...] = ()  # each proves two factors, where all of its methods were used

    def __repr__(self) -> str:
        return f"Directory({self.name!r}, …)"


class Endpoints(msgspec.Struct, frozen=True, kw_only=True):
    """Where a directory is asked, by its own document."""

    authorize: str
    token: str
    keys: str
    posts_secret: bool = False  # the secret goes into the form, because the directory takes it in no header
    says_issuer: bool = False  # it names itself in each answer (RFC 9207)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One question as it goes to a directory. Two of the three follow from the browser's own cookie."""

    state: str
    verifier: str
    nonce: str
    back: str  # the address to which the browser comes back

    def __repr__(self) -> str:
        return "Asked(…)"


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What the browser came back with. Any text may stand in each."""

    state: str
    code: str = ""
    issuer: str = ""
    error: str = ""

    def __repr__(self) -> str:
        return "Answer(…)"


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """Who was proved elsewhere with two factors, by how it is bound to a person."""

    credential: bytes
    kind: str
    ori: str = ""  # the agency that it must be a person of; empty: of whichever


def asked_of(state: str, holder: str, back: str) -> Asked:
    """The question to a directory. Whoever sees the state alone knows neither of the other two.

    `holder` is the secret of the browser's cookie, so in another browser neither the code nor the token fits.
    """

    def follows(what: str) -> str:
        drawn = hashlib.sha256(f"wireroom {what}\n{state}\n{holder}".encode()).digest()
        return base64.urlsafe_b64encode(drawn).decode().rstrip("=")

    return Asked(state=state, verifier=follows("verifier"), nonce=follows("nonce"), back=back)


def credential_of(issuer: str, subject: str) -> bytes:
    """By what a person of a directory is kept: it tells nobody who reads the table who that is."""
    return hashlib.sha256(f"wireroom subject\n{issuer}\n{subject}".encode()).digest()


def is_guarded(url: str) -> bool:
    """Whether what goes to this address goes over no network in clear."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    if not host or "@" in parts.netloc or parts.fragment or not _PLAIN.fullmatch(url):
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_this_machine(host))


def endpoints(directory: Directory, document: bytes) -> Endpoints | Unproven:
    """Where a directory is asked, from what it says of itself."""
    told = _object(document)
    if told is None:
        return Unproven(UNREADABLE)
    if told.get("issuer") != directory.issuer:
        return Unproven(WRONG_ISSUER)
    names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    places = [told.get(name) for name in names]
    if not all(isinstance(place, str) and is_guarded(place) for place in places):
        return Unproven(f"the directory names no guarded address for each of {', '.join(names)}")
    methods = told.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    if not isinstance(methods, list) or not {"client_secret_basic", "client_secret_post"} & set(
        map(str, methods)
    ):
        return Unproven("the directory takes no client secret")
    authorize, token, keys = map(str, places)
    return Endpoints(
        authorize=authorize, token=token, keys=keys, posts_secret="client_secret_basic" not in methods,
        says_issuer=told.get("authorization_response_iss_parameter_supported") is True,
    )  # fmt: skip


def address(directory: Directory, places: Endpoints, asked: Asked) -> str:
    """Where the browser goes to show who it is: with both factors, now, whatever it showed there before."""
    from authlib.oauth2.rfc6749.parameters import (  # type: ignore[import-untyped]  # it brings no types
        prepare_grant_uri,
    )
    from authlib.oauth2.rfc7636 import (  # type: ignore[import-untyped]  # it brings no types
        create_s256_code_challenge,
    )

    more = {"acr_values": " ".join(directory.acr)} if directory.acr else {}
    return str(
        prepare_grant_uri(
            places.authorize, directory.client_id, "code", redirect_uri=asked.back, scope="openid",
            state=asked.state, nonce=asked.nonce, code_challenge=create_s256_code_challenge(asked.verifier),
            code_challenge_method="S256", prompt="login", max_age=str(AGE_MAX_S), **more,
        )
    )  # fmt: skip


def redemption(
    directory: Directory, places: Endpoints, asked: Asked, code: str
) -> tuple[bytes, dict[str, str]]:
    """What is sent for a code, and the headers with it."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": asked.back,
            "code_verifier": asked.verifier, "client_id": directory.client_id}  # fmt: skip
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    if places.posts_secret:
        form["client_secret"] = directory.secret
    else:
        pair = f"{quote_plus(directory.client_id)}:{quote_plus(directory.secret)}"
        headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
    return urlencode(form).encode(), headers


def id_token(document: bytes) -> str | Unproven:
    """The ID token of what a directory gave for a code. The access token beside it proves nobody."""
    told = _object(document)
    if told is None:
        return Unproven(UNREADABLE)
    token = told.get("id_token")
    if not isinstance(token, str) or not token or len(token) > TOKEN_CHARACTERS_MAX:
        return Unproven(NO_ID_TOKEN)
    return token


def key_id(token: str) -> str | Unproven:
    """The name of the key that a token says it is signed with; empty where it names none."""
    try:
        header = msgspec.json.decode(_unpadded(token.split(".", 1)[0]))
    except (ValueError, binascii.Error):
        return Unproven(UNREADABLE)
    named = header.get("kid", "") if isinstance(header, dict) else None
    return named if isinstance(named, str) else Unproven(UNREADABLE)


def signing_keys(document: bytes) -> Mapping[str, Mapping[str, Any]] | Unproven:
    """The public keys with which a directory signs, by their names. Any: JSON of others, read by the library."""
    told = _object(document)
    listed = told.get("keys") if told is not None else None
    if not isinstance(listed, list) or len(listed) > KEYS_MAX:
        return Unproven(UNREADABLE)
    found = {}
    for one in listed:
        if isinstance(one, dict) and one.get("use", "sig") == "sig" and _is_fit(one):
            found[str(one.get("kid", ""))] = one
    return found


def judged(
    directory: Directory,
    token: str,
    key: Mapping[str, Any],
    *,
    nonce: str,
    asked_at: datetime,
    now: datetime,
) -> str | Unproven:
    """Who it is, as the directory calls them, or why the token proves nobody. Any: a key as the directory shows it."""
    from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]  # it brings no types
    from joserfc import errors, jwk, jwt

    try:
        read = jwt.decode(token, jwk.import_key(dict(key)), algorithms=sorted(ALGORITHMS))
    except (errors.JoseError, ValueError, TypeError, KeyError):
        return Unproven(UNSIGNED)
    options = {
        "iss": {"essential": True, "value": directory.issuer},
        "aud": {"essential": True, "value": directory.client_id},
    }
    # Where a maximal age was asked for, the directory must say when the factors were shown.
    claims = CodeIDToken(
        read.claims, read.header, options=options,
        params={"nonce": nonce, "client_id": directory.client_id, "max_age": AGE_MAX_S},
    )  # fmt: skip
    try:
        claims.validate(now=int(now.timestamp()), leeway=LEEWAY_S)
    except (errors.JoseError, ValueError, TypeError) as error:
        about = getattr(error, "claim", None) or getattr(error, "description", "") or type(error).__name__
        return Unproven(f"the ID token is not for this question: {about}"[:120])
    return _of_late(directory, dict(read.claims), asked_at, now)


def _of_late(
    directory: Directory, claims: dict[str, Any], asked_at: datetime, now: datetime
) -> str | Unproven:
    """The rest, which the library does not look at: audiences of others, the times, two factors, and who it is."""
    if claims["aud"] not in (directory.client_id, [directory.client_id]):
        return Unproven("the ID token is for others too")
    times = [claims["iat"], claims["auth_time"], claims["exp"]]
    if not all(isinstance(one, int | float) and not isinstance(one, bool) for one in times):
        return Unproven("the ID token's times cannot be read")
    issued, shown, _ = times
    since, until = asked_at.timestamp() - LEEWAY_S, now.timestamp() + LEEWAY_S
    if not since <= issued <= until:
        return Unproven("the ID token is not of this moment")
    if not since <= shown <= until:
        return Unproven(LONG_AGO)
    methods = claims.get("amr")
    used = {one for one in methods if isinstance(one, str)} if isinstance(methods, list) else set()
    if claims.get("acr") not in directory.acr and not any(wanted <= used for wanted in directory.amr):
        return Unproven(ONE_FACTOR)
    subject = claims.get(directory.claim)
    if not isinstance(subject, str) or not 0 < len(subject) <= SUBJECT_CHARACTERS_MAX:
        return Unproven(f"the ID token does not say who it is: {directory.claim} is missing")
    return subject


def _object(document: bytes) -> dict[str, Any] | None:
    """A JSON object of others; None for anything else. Any: whatever they put in."""
    try:
        told = msgspec.json.decode(document)
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None


def _is_fit(key: Mapping[str, Any]) -> bool:
    """Whether it is a public key that is strong enough."""
    if "d" in key or "k" in key:  # a private key, or a shared one: no directory shows either
        return False
    if key.get("kty") == "RSA":
        try:
            return len(_unpadded(str(key.get("n", "")))) * 8 >= RSA_BITS_MIN
        except (ValueError, binascii.Error):
            return False
    return key.get("kty") == "EC" and key.get("crv") in {"P-256", "P-384", "P-521"}


def _unpadded(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
