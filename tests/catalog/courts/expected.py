"""What is expected of every kind of order, written out by hand: issued on Saturday, 28 November 2026, at nine."""

from __future__ import annotations

from dataclasses import dataclass

ISSUED, HOUR = "20261128", "0900"
SUPERIOR, ABROAD = "CA099015J", "NV099015J"
POLICE, HEARING, PROTECTED = ("IST", "RQO"), ("HRD",), ("PPN",)
FIVE, THREE, TWO, TEN = "20311128", "20291128", "20281128", "20361128"
IN_25, IN_21 = "20261223", "20261219"


@dataclass(frozen=True)
class Expected:
    """One kind: its words, its term, what it needs, the lawful ends, and what is said of one that is too late."""

    words: str
    term: str
    needs: tuple[str, ...]
    shortest: str
    longest: str
    beyond: str  # one day later
    late: str  # what is said of it
    unnamed: str  # the end that is worked out; empty where it must be named
    firearms: str = "Y"


def _temporary(words: str, by: str, beyond: str, needs: tuple[str, ...], firearms: str = "Y") -> Expected:
    return Expected(
        words, "T", needs, by, by, beyond, f"is not HRD: {words} lasts to its hearing", by, firearms
    )


def _final(words: str, longest: str, years: str, unnamed: str, firearms: str = "Y") -> Expected:
    late = f"is later than {longest}, the last day of {words} issued on 20261128: {years}"
    return Expected(words, "F", PROTECTED, ISSUED, longest, f"{longest[:6]}29", late, unnamed, firearms)


CIVIL = (*HEARING, *PROTECTED)
EXPECTED: dict[str, Expected] = {
    "EPO": Expected(
        "an emergency protective order", "T", (*POLICE, *PROTECTED), ISSUED, "20261204", "20261205",
        "is later than 20261204, the last day of an emergency protective order issued on 20261128: "
        "the fifth court day or the seventh day, whichever is first", "20261204",
    ),
    "EGV": Expected(
        "an emergency gun violence order", "T", POLICE, ISSUED, IN_21, "20261220",
        "is later than 20261219, the last day of an emergency gun violence order issued on 20261128: 21 days", IN_21,
    ),
    "TRO": _temporary("a temporary domestic violence order", IN_25, "20261224", CIVIL),
    "OAH": _final("a domestic violence order after hearing", FIVE, "5 years", THREE),
    "TCH": _temporary("a temporary civil harassment order", IN_25, "20261224", CIVIL),
    "CHO": _final("a civil harassment order after hearing", FIVE, "5 years", THREE),
    "TEA": _temporary("a temporary elder abuse order", IN_25, "20261224", CIVIL),
    "EAR": _final("an elder abuse order after hearing", FIVE, "5 years", THREE),
    "TEF": _temporary("a temporary elder abuse order, financial only", IN_25, "20261224", CIVIL, "N"),
    "EAF": _final("an elder abuse order after hearing, financial only", FIVE, "5 years", THREE, "N"),
    "TWH": _temporary("a temporary workplace violence order", IN_25, "20261224", CIVIL),
    "WHO": _final("a workplace violence order after hearing", THREE, "3 years", THREE),
    "TSV": _temporary("a temporary school violence order", IN_25, "20261224", CIVIL),
    "SVO": _final("a school violence order after hearing", THREE, "3 years", THREE),
    "TGV": _temporary("a temporary gun violence order", IN_21, "20261220", HEARING),
    "OGV": Expected(
        "a gun violence order after hearing", "F", (), "20271128", FIVE, "20311129",
        "is later than 20311128, the last day of a gun violence order after hearing issued on 20261128: 1 to 5 years",
        "",
    ),
    "TJV": _temporary("a temporary juvenile court order", IN_25, "20261224", CIVIL),
    "JUV": _final("a juvenile court order after hearing", THREE, "3 years", THREE),
    "TRT": _temporary("a temporary retail crime order", IN_25, "20261224", HEARING, "N"),
    "RTO": Expected(
        "a retail crime order", "F", (), ISSUED, TWO, "20281129",
        "is later than 20281128, the last day of a retail crime order issued on 20261128: 2 years", "", "N",
    ),
    "CPO": Expected(
        "a criminal protective order", "F", ("PPN", "SBA"), ISSUED, TEN, "20361129",
        "is later than 20361128, the last day of a criminal protective order issued on 20261128: 10 years", "",
    ),
    "FOR": Expected(
        "an order of another state or tribe", "", ("PPN", "TRM"), ISSUED, "21261128", "", "", "", "N",
    ),
}  # fmt: skip
LACKS = {
    "HRD": "lasts to its hearing",
    "IST": "says at what time it was issued",
    "PPN": "names whom it protects",
    "RQO": "names the officer who asked for it",
    "SBA": "names the statute on which it stands",
    "TRM": "says whether it is temporary or final",
}
# The longest days to a hearing, and what is said of one that is a day later.
TEMPORARY = tuple(code for code, one in EXPECTED.items() if "HRD" in one.needs)
FINAL = tuple(code for code, one in EXPECTED.items() if one.term == "F")


def order(code: str, **other: str) -> dict[str, tuple[str, ...]]:
    """A lawful order of a kind; an empty value takes a field out."""
    one = EXPECTED[code]
    values = {
        "TYO": code, "TRM": one.term or "F", "CTI": ABROAD if code == "FOR" else SUPERIOR, "ISD": ISSUED, "IST": HOUR,
        "EXP": one.longest, "PCO": "01",
    }  # fmt: skip
    needed = {"HRD": one.longest, "PPN": "DOE, JANE;F;30;SP", "RQO": "OFFICER", "SBA": "273"}
    values |= {field: needed[field] for field in one.needs if field in needed} | other
    return {field: (value,) for field, value in values.items() if value}
