"""The ways of administration. Each is at the door of administration: beside the messages, or apart, or nowhere."""

from __future__ import annotations

from wireroom.web import office_shapes as shapes
from wireroom.web.office_shapes import LIMIT, LIMIT_MAX
from wireroom.web.people import DueShown, FactGiven, PeopleShown
from wireroom.web.way import At, Way

_READ = (401, 403, 422, 503)
_ACT = (400, 401, 403, 413, 415, 422, 503)
_ORI = (("ori", "the agency: DOJ alone names another than its own", False),)
_TIME = (
    ("since", "from when, as 2026-11-01T00:00:00Z", True),
    ("until", "until before when; at most 31 days later", True),
)
PAGES = (
    ("after", "what the list before gave as `after`", False),
    ("limit", f"how many at once, {LIMIT} where it is left out, at most {LIMIT_MAX}", False),
)


def _look(path: str, does: str, title: str, gives: type, *asks: tuple[str, str, bool]) -> Way:
    paged = "after" in getattr(gives, "__struct_fields__", ())
    return Way(
        method="GET", path=f"/api/v1/{path}", does=does, at=At.ADMINISTRATION, title=title, gives=((200, gives),),
        refuses=_READ, need=True, asks=(*asks, *(PAGES if paged else ())),
    )  # fmt: skip


def _act(path: str, does: str, title: str, takes: type, gives: type | None = None, status: int = 200) -> Way:
    return Way(
        method="POST", path=f"/api/v1/{path}", does=does, at=At.ADMINISTRATION, title=title, takes=takes,
        gives=((status, gives) if gives else (204, None),), refuses=_ACT, need=True,
    )  # fmt: skip


OFFICE: tuple[Way, ...] = (
    _look("people", "people", "What stands of the people of one's own agency, and what is wanting. For its "
          "administrators", PeopleShown),
    _act("people/facts", "fact", "Record a fact of somebody of one's own agency, never of oneself. For its "
         "administrators", FactGiven),
    _look("people/due", "due", "Who of one's own agency must be cleared, trained, disabled or reviewed, and by when. "
          "For its administrators", DueShown),
    _look("accounts", "accounts", "The accounts of one's own agency: their state, their last use and review. For its "
          "administrators, and DOJ", shapes.AccountsShown, *_ORI),
    _act("accounts", "change_account", "Enable, suspend, stop or unlock somebody else's account. For administrators of "
         "its agency, and DOJ", shapes.AccountChange, shapes.AccountChanged),
    _act("accounts/roles", "change_role", "Give somebody else another role; every right ends until they are authorised "
         "anew. For administrators of their agency, and DOJ", shapes.RoleChange),
    _look("accounts/requests", "requests", "The accounts that were asked for, the newest first: one's agency's for "
          "administrators, one's own requests for supervisors", shapes.RequestsShown),
    _act("accounts/requests", "request", "Ask for an account for somebody else. For administrators, supervisors, DOJ",
         shapes.AccountAsked, shapes.RequestMade, 201),
    _act("accounts/decisions", "decide", "Approve or refuse an account that somebody else asked for. For "
         "administrators of its agency, and DOJ", shapes.Decision, shapes.Decided),
    _act("accounts/first-passwords", "first_password", "Collect the first password of an account that one asked "
         "for, once", shapes.Collect, shapes.FirstPassword),
    _look("reviews", "reviews", "Who was last reviewed when and by whom, the overdue first. For administrators",
          shapes.AccountsShown),
    _act("reviews", "review", "Record that one looked at an account. For administrators of its agency",
         shapes.ReviewGiven),
    _look("devices", "devices", "The certificates of one's own agency's devices, with posture. For its administrators, "
          "and DOJ", shapes.DevicesShown, *_ORI),
    _act("devices/postures", "posture", "Record what stands of a device from now on. For administrators of its agency, "
         "and DOJ", shapes.PostureGiven, shapes.DevicesShown),
    _act("devices/revocations", "revoke", "Trust a certificate no more, or all of a terminal; never taken back. For "
         "administrators of its agency, and DOJ", shapes.Revocation, shapes.DevicesShown),
    _act("devices/losses", "lost", "Report a device as lost: its certificates are trusted no more, and its sessions "
         "end. For administrators of its agency, and DOJ", shapes.Loss, shapes.DevicesShown),
    _look("terminals", "terminals", "The terminals of one's own agency. For its administrators", shapes.TerminalsShown),
    _act("terminals", "change_terminal", "Say of which class a terminal is, which may exempt it from the lock, or "
         "whether it may be used. For administrators of its agency", shapes.TerminalChange),
    _look("agreements", "agreements", "What one's own agency agreed with the state; for DOJ, every agency's. For "
          "administrators, auditors and DOJ", shapes.AgreementsShown),
    _act("agreements", "agree", "Say what an agency's agreement covers from now on. For DOJ", shapes.AgreementGiven),
    _look("reports/access", "access", "Who of one's own agency asked how often, by purpose and file, and what was "
          "refused or not explained. For its auditors", shapes.AccessReport, *_TIME),
    _look("reports/person", "asked_by", "What one person of one's own agency asked, the newest first, without answers. "
          "For its auditors", shapes.PersonReport, ("person", "whose account", True), *_TIME),
)  # fmt: skip
