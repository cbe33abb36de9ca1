"""Stolen, lost, found and watched articles with a number: the state's file and NCIC's."""

from wireroom.catalog.file import Called, Field, File, Forward, Keep, Source
from wireroom.catalog.files.shared import BRA, CONFIRM, DOT, MIS, MOD, OAN, OCA, SER, TYP
from wireroom.catalog.kinds import Code, Number, Text
from wireroom.catalog.rules import OneOf
from wireroom.catalog.tables import choices
from wireroom.catalog.when import When

TOXIC = tuple(code for code in choices("article_type") if code.startswith("T"))
WATCHED = "DO NOT SEIZE IT OR TELL ITS HOLDER: TELL THE ENTERING AGENCY WHO HAS IT"

ARTICLE = File(
    code="article",
    title="Stolen article",
    source="APS",
    letter="A",
    held_by=(Source.STATE, Source.NCIC),
    hit="STOLEN ARTICLE",
    confirm=CONFIRM,
    confirm_as="SA",
    called=(
        Called(When("CAT", ("L",)), "LOST ARTICLE", CONFIRM),
        Called(When("CAT", ("O",)), "ARTICLE UNDER OBSERVATION", WATCHED),
        Called(When("CAT", ("E",)), title="Article held as evidence"),
        Called(When("CAT", ("F",)), title="Found article"),
        Called(When("CAT", ("R",)), title="Recovered article"),
    ),
    enter="EA", modify="MA", locate="LA", clear="CA", cancel="XA", inquire="QA",
    fields=(
        Field("CAT", "category", Code(table="article_category", sample="S"), note="left out: stolen"),
        Field("TYP", TYP.title, TYP.kind, required=True),
        SER, OAN, BRA, MOD,
        Field("QNP", "number of pieces", Number(low=1, high=999)),
        Field("ACO", "colour", Code(table="colour", sample="BLK")),
        Field("INS", "inscription", Text(max=60, sample="INVENTED 9999")),
        DOT, OCA, MIS,
    ),
    found_by=(("SER",), ("OAN",)),
    narrow=("TYP", "BRA"),
    same=(("SER", "TYP"), ("OAN", "TYP")),
    rules=(OneOf((("SER",), ("OAN",))),),
    headline=("BRA", "TYP", "SER", "OAN", "CAT"),
    keep=Keep(years=1, mark="sourced: W23, rest of the entry year and one year"),
    keep_if=(Keep(when=(When("TYP", TOXIC),), mark="sourced: W23, toxic things until cancelled"),),
    forwards=(Forward(Source.NCIC, when=(When("CAT", ("E", "F", "O", "R"), lacks=True),), needs=(("SER",), ("OAN",))),),
)  # fmt: skip
