"""Which device a request came from: the certificate of its connection, and nothing that the request itself says."""

from __future__ import annotations

import hashlib
import ssl

from starlette.requests import HTTPConnection


def device_of(request: HTTPConnection) -> str:
    """The SHA-256 of the device's certificate in hex; empty where the connection showed none.

    The listener puts it into the ASGI extension "tls"; no header is looked at.
    """
    chain = request.scope.get("extensions", {}).get("tls", {}).get("client_cert_chain", ())
    if not chain:
        return ""
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(next(iter(chain)))).hexdigest()
