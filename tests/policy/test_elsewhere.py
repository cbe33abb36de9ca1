"""Controls about the word of an agency's own directory, without a network: what a token proves and what it does not."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwk, jwt

from tests.policy.own_directory import (
    CITY,
    ISSUER,
    NOW,
    SUBJECT,
    cause,
    changed,
    claims,
    document,
    judged,
    key,
    shown,
    signed,
)
from wireroom.policy import elsewhere
from wireroom.policy.elsewhere import Endpoints, asked_of, credential_of, is_guarded
from wireroom.policy.passkeys import Unproven

PLACES = elsewhere.endpoints(CITY, document())
assert isinstance(PLACES, Endpoints)


# --------------------------------------------------------------------------- IA-2: two factors


@pytest.mark.parametrize(
    "told",
    [
        {"amr": ["pwd", "otp"]}, {"amr": ["otp", "x", "pwd"]}, {"amr": ["mfa"]}, {"amr": None, "acr": "urn:two"},
        {"amr": ["pwd"], "acr": "urn:two"}, {"aud": ["wireroom"]}, {"azp": "wireroom"},
        {"iat": NOW.timestamp() - 29},
    ],
)  # fmt: skip
def test_IA_2_a_token_of_now_that_says_two_factors_proves_who_it_is(told: dict[str, object]) -> None:
    assert judged(signed(claims("n", **told))) == SUBJECT


def test_a_directory_may_sign_with_keys_of_RSA_too() -> None:
    by = key("r1", "RSA")
    keys = elsewhere.signing_keys(shown(by))
    assert not isinstance(keys, Unproven)
    token = signed(claims("n"), by)
    assert elsewhere.judged(CITY, token, keys["r1"], nonce="n", asked_at=NOW, now=NOW) == SUBJECT


@pytest.mark.parametrize(
    "told",
    [
        {"amr": None}, {"amr": []}, {"amr": ["pwd"]}, {"amr": ["otp"]}, {"amr": [1, None]}, {"amr": ["MFA"]},
        {"amr": None, "acr": "urn:one"}, {"amr": None, "acr": ""}, {"amr": None, "acr": ["urn:two"]},
    ],
)  # fmt: skip
def test_IA_2_a_token_that_does_not_say_two_factors_proves_nobody(told: dict[str, object]) -> None:
    assert cause(signed(claims("n", **told))) == elsewhere.ONE_FACTOR
    nothing_set = changed(acr=(), amr=())
    assert cause(signed(claims("n")), directory=nothing_set) == elsewhere.ONE_FACTOR


# --------------------------------------------------------------------------- IA-5 o: whose word it is


@pytest.mark.parametrize(
    "told",
    [
        {"iss": "https://login.city.example.evil.example"}, {"iss": ISSUER + "/"}, {"iss": None}, {"iss": [ISSUER]},
        {"aud": "another"}, {"aud": None}, {"aud": ["another"]}, {"aud": ["wireroom", "another"]},
        {"aud": ["wireroom", "another"], "azp": "wireroom"}, {"azp": "another"},
        {"nonce": "another"}, {"nonce": None}, {"nonce": ""},
        {"sub": None}, {"sub": ""}, {"sub": 7}, {"sub": "x" * 256},
        {"exp": NOW.timestamp() - 31}, {"exp": None}, {"exp": "later"}, {"exp": True},
        {"iat": NOW.timestamp() + 31}, {"iat": NOW.timestamp() - 31}, {"iat": None}, {"iat": "now"},
        {"auth_time": NOW.timestamp() - 31}, {"auth_time": NOW.timestamp() + 31}, {"auth_time": None},
        {"auth_time": 0}, {"auth_time": "now"}, {"auth_time": True}, {"nbf": NOW.timestamp() + 31}, {"amr": "pwd otp"},
    ],
)  # fmt: skip
def test_IA_5_o_a_token_for_another_or_of_another_time_proves_nobody(told: dict[str, object]) -> None:
    assert cause(signed(claims("n", **told)))


def test_IA_5_o_a_token_that_was_good_is_none_when_its_time_is_over() -> None:
    token = signed(claims("n"))
    assert judged(token, late=timedelta(seconds=299)) == SUBJECT
    assert "not for this question" in cause(token, late=timedelta(seconds=331))


def test_IA_5_o_only_a_signature_of_the_directorys_own_key_counts() -> None:
    told = claims("n")
    assert judged(signed(told)) == SUBJECT
    assert cause(signed(told, key("another"), kid="k1")) == elsewhere.UNSIGNED
    right = signed(told)
    head, body, signature = right.split(".")
    forged = base64.urlsafe_b64encode(json.dumps(claims("n", sub="chief")).encode()).decode().rstrip("=")
    assert cause(f"{head}.{forged}.{signature}") == elsewhere.UNSIGNED
    nothing = base64.urlsafe_b64encode(b'{"alg":"none","kid":"k1"}').decode().rstrip("=")
    for unsigned in (
        f"{nothing}.{body}.",
        f"{nothing}.{body}.{signature}",
        f"{head}.{body}.",
        f"{head}.{body}",
    ):
        assert cause(unsigned) == elsewhere.UNSIGNED
    public = key().as_dict(private=False)
    for secret in (json.dumps(public).encode(), CITY.secret.encode() * 3):  # what others know signs nothing
        shared = jwt.encode({"alg": "HS256", "kid": "k1"}, told, jwk.OctKey.import_key(secret), ["HS256"])
        assert cause(shared) == elsewhere.UNSIGNED
    for odd in ("", ".", "..", "a.b.c", "\x00", "é.é.é", "x" * 20_000):
        assert cause(odd) == elsewhere.UNSIGNED


def test_IA_5_o_keys_that_are_weak_shared_private_or_for_other_things_are_not_taken() -> None:
    good = key().as_dict(private=False)
    short = {"kty": "RSA", "kid": "short", "e": "AQAB", "n": base64.urlsafe_b64encode(b"\xff" * 128).decode()}
    others = [short, key("p").as_dict(private=True) | {"kid": "private"}, {"kty": "oct", "k": "AAAA", "kid": "shared"},
              good | {"kid": "for secrets", "use": "enc"}, good | {"kid": "odd", "crv": "secp256k1"}, 7]  # fmt: skip
    found = elsewhere.signing_keys(json.dumps({"keys": [good, *others]}).encode())
    assert not isinstance(found, Unproven)
    assert set(found) == {"k1"}
    for text in (b"", b"[]", b"{}", b'{"keys": {}}', b'{"keys": [' + b"{}," * 64 + b"{}]}", b"[" * 100_000):
        assert isinstance(elsewhere.signing_keys(text), Unproven)
    assert elsewhere.key_id(signed(claims("n"))) == "k1"
    for odd in ("", "x", "e30", "W10.x.y", base64.urlsafe_b64encode(b'{"kid":7}').decode()):
        assert elsewhere.key_id(odd) == "" if odd == "e30" else isinstance(elsewhere.key_id(odd), Unproven)


def test_IA_5_o_an_access_token_proves_nobody() -> None:
    right = signed(claims("n"))
    assert elsewhere.id_token(json.dumps({"id_token": right, "access_token": "x"}).encode()) == right
    for told in (
        {"access_token": right},
        {"id_token": ""},
        {"id_token": [right]},
        {"id_token": "x" * 20_000},
    ):
        assert elsewhere.id_token(json.dumps(told).encode()) == Unproven(elsewhere.NO_ID_TOKEN)
    assert elsewhere.id_token(b"id_token=x") == Unproven(elsewhere.UNREADABLE)


# --------------------------------------------------------------------------- what is asked, and where


def test_IA_2_8_a_question_fits_one_browser_and_asks_for_both_factors_now() -> None:
    asked = asked_of("sign-in.desk.00", "cookie", "https://switch.example/sign-in/back")
    assert asked == asked_of("sign-in.desk.00", "cookie", asked.back)
    others = (asked_of("sign-in.desk.01", "cookie", asked.back), asked_of(asked.state, "another", asked.back))
    drawn = [value for one in (asked, *others) for value in (one.verifier, one.nonce)]
    assert len(set(drawn)) == 6  # whoever sees the state knows none of them
    assert isinstance(PLACES, Endpoints)
    there = urlsplit(elsewhere.address(CITY, PLACES, asked))
    assert (there.scheme, there.netloc, there.path) == ("https", "login.city.example", "/authorize")
    told = {name: value for name, [value] in parse_qs(there.query).items()}
    challenge = (
        base64.urlsafe_b64encode(hashlib.sha256(asked.verifier.encode()).digest()).decode().rstrip("=")
    )
    assert told == {
        "response_type": "code", "client_id": "wireroom", "redirect_uri": asked.back, "scope": "openid",
        "state": asked.state, "nonce": asked.nonce, "code_challenge": challenge, "code_challenge_method": "S256",
        "prompt": "login", "max_age": "300", "acr_values": "urn:two",
    }  # fmt: skip
    body, headers = elsewhere.redemption(CITY, PLACES, asked, "c/1")
    assert asked.verifier in body.decode()
    assert "invented" not in body.decode()  # the secret goes where the directory wants it, once
    assert base64.b64decode(headers["Authorization"].split()[1]) == b"wireroom:invented+secret"


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "https://login.city.example.evil.example"}, {"issuer": None}, {"token_endpoint": None},
        {"token_endpoint": "http://login.city.example/token"}, {"jwks_uri": "http://192.0.2.1/keys"},
        {"authorization_endpoint": "javascript:alert(1)"}, {"authorization_endpoint": "https://[:/x"},
        {"authorization_endpoint": "https://login.city.example/\"><script>"}, {"jwks_uri": ["https://a.example"]},
        {"token_endpoint_auth_methods_supported": ["private_key_jwt"]},
        {"token_endpoint_auth_methods_supported": "client_secret_basic"},
    ],
)  # fmt: skip
def test_SC_8_1_a_directory_that_names_an_unguarded_or_wrong_address_is_not_asked(
    changes: dict[str, object],
) -> None:
    assert isinstance(elsewhere.endpoints(CITY, document(**changes)), Unproven)
    for text in (b"", b"[]", b"null", b"{", b"\xff"):
        assert elsewhere.endpoints(CITY, text) == Unproven(elsewhere.UNREADABLE)


def test_the_secret_goes_into_the_form_where_a_directory_takes_it_in_no_header() -> None:
    told = document(token_endpoint_auth_methods_supported=["client_secret_post"])
    places = elsewhere.endpoints(CITY, told)
    assert isinstance(places, Endpoints)
    body, headers = elsewhere.redemption(CITY, places, asked_of("s", "h", "b"), "c")
    assert "client_secret=invented+secret" in body.decode()
    assert "Authorization" not in headers


def test_an_address_is_guarded_or_of_this_machine() -> None:
    for good in ("https://a.example", "https://a.example:8443/x", "http://localhost:9", "http://127.0.0.1/x",
                 "http://[::1]:9/"):  # fmt: skip
        assert is_guarded(good)
    for bad in ("", "http://a.example", "ftp://a.example", "https://", "https://me@a.example", "//a.example",
                "https://a.example/#x", 'https://a.example/">', "https://a.example:x", "https://a.example/\n",
                "http://127.0.0.1.evil.example"):  # fmt: skip
        assert not is_guarded(bad)


def test_nobody_who_reads_the_table_learns_who_somebody_is_in_the_directory() -> None:
    one = credential_of(ISSUER, SUBJECT)
    assert len(one) == 32
    assert len({one, credential_of(ISSUER, "emp-0043"), credential_of(ISSUER + "/", SUBJECT)}) == 3
    assert "secret" not in repr(CITY) + repr(asked_of("s", "h", "b"))
    assert isinstance(elsewhere.signing_keys(shown(key())), dict)
