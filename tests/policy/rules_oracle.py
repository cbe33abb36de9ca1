"""A second opinion on the state's rules: each written again from its sentence in plain Python, and no line shared.

A request is a dict of facts with "role" and "verb". What lacks a fact, or has one of another type, is refused. `LOOKS`
says on which facts each rule depends: a rule that looks at another would be found by the random requests.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.policy.oracle import ASKS, CHANGES

Facts = Mapping[str, object]

KEEPS_ORDERS = {"inquire", "enter", "modify", "supplement", "strike", "clear", "cancel", "verify", "validate", "list",
                "message", "reply"}  # fmt: skip
MOVES = {"enter", "modify", "supplement", "strike", "locate", "clear", "cancel"}
VOUCHES = {"verify", "validate"}
DUTIES: dict[str, set[str]] = {
    "operator": ASKS | CHANGES,
    "supervisor": ASKS | CHANGES | {"approve"},
    "inquiry": ASKS,
    "clerk": ASKS | CHANGES,
    "administrator": {"message"},
    "auditor": set(),
    "doj": ASKS | CHANGES | {"restrain", "approve"},
    "court": KEEPS_ORDERS,
    "facility": {"enter", "modify", "clear", "cancel", "message"},
}
VERBS = sorted(ASKS | CHANGES | {"restrain", "approve"})
WORDS: dict[str, tuple[str, ...]] = {
    "place": ("fixed", "mobile", "printer", "interface"),
    "purpose": ("none", "C", "I", "justice", "civil", "other"),
    "own": ("none", "self", "household", "dispute"),
    "emergency": ("none", "declared", "owing"),
    "served": ("none", "named", "unnamed", "other"),
}
FLAGS = (
    "bound", "training", "interface", "court", "cleared", "signed", "trained", "authorised", "other_duty", "declared",
    "files", "readable", "reserved", "reserved_here", "reserved_all", "orders", "orders_all", "of_courts", "desk_only",
    "covered", "restricted", "history", "recipients", "reasoned",
    "wide_search", "wide_address", "names_record", "courtesy", "other_court", "way_approved",
)  # fmt: skip


def _file_role(f: Facts) -> bool:
    if f["role"] == "facility":
        return f["verb"] != "message" and not f["reserved_all"]
    if f["role"] == "court" and f["verb"] in MOVES:
        return not f["orders_all"]
    return f["verb"] == "enter" and bool(f["reserved"]) and not f["reserved_here"]


def _from_a_car(f: Facts) -> bool:
    at_desk = {"enter", "modify", "supplement", "strike", "cancel", "restrain", "approve"}
    barred = f["desk_only"] or f["wide_address"] or f["verb"] in at_desk
    return f["place"] == "mobile" and f["emergency"] != "declared" and bool(barred)


# Each says when it refuses.
RULES: dict[str, Callable[[Facts], bool]] = {
    "seat-bound": lambda f: not f["bound"],
    "key-declared": lambda f: not f["declared"],
    "cleared": lambda f: not f["cleared"] and not f["interface"],
    "statement-signed": lambda f: not f["signed"] and not f["interface"],
    "trained": lambda f: (
        not (f["trained"] or f["interface"] or f["training"] or f["emergency"] == "declared")
    ),
    "authorised": lambda f: not f["authorised"] and not f["interface"],
    "duties-apart": lambda f: bool(f["other_duty"]),
    "file-reader": lambda f: f["verb"] != "enter" and bool(f["files"]) and not f["readable"],
    "record-named": lambda f: (
        f["verb"] == "message"
        and bool(f["names_record"])
        and (bool(f["court"]) or f["role"] in ("administrator", "auditor", "facility", "court"))
    ),
    "file-role": _file_role,
    "orders-only": lambda f: f["role"] == "court" and f["verb"] == "inquire" and not f["of_courts"],
    "court-approved": lambda f: (
        f["verb"] in MOVES
        and bool(f["orders"])
        and (bool(f["court"]) or f["role"] == "court")
        and not f["way_approved"]
    ),
    "own-court": lambda f: f["verb"] in MOVES and bool(f["orders"] and f["court"] and f["other_court"]),
    "own-agency": lambda f: bool(f["courtesy"] and f["reserved"]),
    "agreement": lambda f: not f["covered"] and f["emergency"] != "declared",
    "desk-only": _from_a_car,
    "receives-only": lambda f: f["place"] == "printer",
    "purpose-required": lambda f: f["verb"] == "inquire" and f["purpose"] == "none",
    "purpose-immigration": lambda f: f["purpose"] == "I",
    "purpose-restricted": lambda f: (
        bool(f["restricted"]) and not f["history"] and f["purpose"] not in ("none", "C", "justice")
    ),
    "purpose-history": lambda f: not f["history"] and f["purpose"] in ("justice", "civil"),
    "history-recipients": lambda f: f["verb"] == "inquire" and bool(f["history"]) and not f["recipients"],
    "history-reason": lambda f: f["verb"] == "inquire" and bool(f["history"]) and not f["reasoned"],
    "served-named": lambda f: f["verb"] == "inquire" and f["served"] == "unnamed",
    "served-known": lambda f: f["verb"] == "inquire" and f["served"] == "other",
    "wide-search": lambda f: (
        bool(f["wide_search"]) and f["role"] not in ("operator", "supervisor", "clerk", "doj")
    ),
    "purpose-known": lambda f: f["purpose"] == "other",
    "own-record": lambda f: f["verb"] in ASKS and f["own"] == "self",
    "own-affairs": lambda f: (
        f["verb"] in ASKS and f["own"] in ("household", "dispute") and f["emergency"] != "declared"
    ),
    "emergency-owing": lambda f: f["emergency"] == "owing",
}
LOOKS: dict[str, tuple[str, ...]] = {
    "seat-bound": ("bound",),
    "key-declared": ("declared",),
    "cleared": ("cleared", "interface"),
    "statement-signed": ("signed", "interface"),
    "trained": ("trained", "interface", "training", "emergency"),
    "authorised": ("authorised", "interface"),
    "duties-apart": ("other_duty",),
    "file-reader": ("files", "readable"),
    "record-named": ("names_record", "court"),
    "file-role": ("reserved", "reserved_here", "reserved_all", "orders_all"),
    "orders-only": ("of_courts",),
    "court-approved": ("orders", "court", "way_approved"),
    "own-court": ("orders", "court", "other_court"),
    "own-agency": ("courtesy", "reserved"),
    "agreement": ("covered", "emergency"),
    "desk-only": ("place", "emergency", "desk_only", "wide_address"),
    "receives-only": ("place",),
    "purpose-required": ("purpose",),
    "purpose-immigration": ("purpose",),
    "purpose-restricted": ("restricted", "history", "purpose"),
    "purpose-history": ("history", "purpose"),
    "history-recipients": ("history", "recipients"),
    "history-reason": ("history", "reasoned"),
    "served-named": ("served",),
    "served-known": ("served",),
    "wide-search": ("wide_search",),
    "purpose-known": ("purpose",),
    "own-record": ("own",),
    "own-affairs": ("own", "emergency"),
    "emergency-owing": ("emergency",),
}


def whole(facts: Facts) -> bool:
    """Whether every fact is there, of its type, and one of its words."""
    flags = all(isinstance(facts.get(name), bool) for name in FLAGS)
    return flags and all(facts.get(name) in words for name, words in WORDS.items())


def refusing(facts: Facts) -> set[str]:
    """Every rule that refuses a whole request, "role-known" and "role-may" among them."""
    found = {name for name, refuses in RULES.items() if refuses(facts)}
    role, verb = facts["role"], facts["verb"]
    if role not in DUTIES:
        found.add("role-known")
    elif verb not in DUTIES[str(role)]:
        found.add("role-may")
    return found


def allows(facts: Facts) -> bool:
    """Whether a request may go."""
    return whole(facts) and facts["verb"] in VERBS and not refusing(facts)
