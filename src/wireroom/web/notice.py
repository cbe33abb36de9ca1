"""What everybody is told, and acknowledges, before they come in: the words of CJIS Security Policy 5.9.5, AC-8."""

from __future__ import annotations

import hashlib

TITLE = "This is a restricted system"
NOTICE = (
    "You are about to use a restricted information system. It is for people whom a law-enforcement or criminal-justice "
    "agency has authorised, and only for their duties.",
    "Use of the system may be monitored, recorded, and subject to audit.",
    "Unauthorised use of the system is prohibited and may be subject to criminal and civil penalties.",
    "Use of the system indicates consent to monitoring and recording.",
)
# Stands with each session and its entry in the journal, so that it can be told which words somebody acknowledged.
VERSION = hashlib.sha256("\n".join((TITLE, *NOTICE)).encode()).hexdigest()[:12]
