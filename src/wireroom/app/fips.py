"""Whether cryptography here is that of a validated module, where the settings ask for it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import msgspec
from cryptography.hazmat.backends.openssl import backend

from wireroom.app import SettingsError


class Module(msgspec.Struct, frozen=True, kw_only=True):
    """One OpenSSL that this program uses."""

    name: str  # who brings it
    version: str
    fips: bool  # whether it says that it runs in FIPS mode
    beyond: tuple[str, ...] = ()  # algorithms that it offers though no FIPS module may


def modules() -> tuple[Module, ...]:
    """Those of the cryptography package and of Python itself; they may be two."""
    import _hashlib
    import ssl

    offered = {cipher["name"] for cipher in ssl.create_default_context().get_ciphers()}
    return (
        Module(
            name="the cryptography package",
            version=backend.openssl_version_text(),
            fips=bool(backend._fips_enabled),
            beyond=() if not backend.scrypt_supported() else ("scrypt",),
        ),
        Module(
            name="Python",
            version=ssl.OPENSSL_VERSION,
            fips=_hashlib.get_fips_mode() == 1,
            beyond=tuple(sorted(one for one in offered if "CHACHA20" in one))
            + (("md5",) if _offers("md5") else ()),
        ),
    )


def _offers(algorithm: str) -> bool:
    try:
        hashlib.new(algorithm)  # usedforsecurity is what FIPS mode refuses
    except ValueError:
        return False
    return True


def refuse_unless_fips(probe: Callable[[], tuple[Module, ...]] = modules) -> None:
    """Raises SettingsError, naming every module that is not in FIPS mode or offers more than such a one may."""
    faults = []
    for one in probe():
        if not one.fips:
            faults.append(f"the OpenSSL of {one.name} ({one.version}) does not run in FIPS mode")
        elif one.beyond:
            faults.append(f"the OpenSSL of {one.name} ({one.version}) offers {', '.join(one.beyond)}")
    if faults:
        raise SettingsError(
            f"security.fips is true, and {'; '.join(faults)}. Run with a Python and a cryptography package that were "
            "built against a validated OpenSSL provider, or set security.fips to false"
        )
