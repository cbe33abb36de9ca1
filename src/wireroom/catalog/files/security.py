"""Stolen, embezzled, counterfeit and marked money and securities: the state passes them on to NCIC."""

from wireroom.catalog.file import Called, Field, File, Forward, Keep, Source
from wireroom.catalog.files.shared import CONFIRM, DOT, MIS, OCA, SER
from wireroom.catalog.kinds import Code, Text
from wireroom.catalog.rules import Needs
from wireroom.catalog.when import When

SECURITY = File(
    code="security",
    title="Stolen security",
    letter="S",
    held_by=(Source.STATE, Source.NCIC),
    hit="STOLEN SECURITY",
    confirm=CONFIRM,
    confirm_as="SS",
    called=(
        Called(When("RMI", ("R",)), "RANSOM MONEY", CONFIRM),
        Called(When("RMI", ("B",)), "BAIT MONEY", CONFIRM),
        Called(When("RMI", ("C",)), "COUNTERFEIT MONEY", CONFIRM),
    ),
    enter="ES", modify="MS", locate="LS", clear="CS", cancel="XS", inquire="QS",
    fields=(
        Field("TYP", "type", Code(table="security_type", sample="CS"), required=True),
        Field("SER", SER.title, SER.kind, required=True),
        Field("DEN", "denomination", Text(max=9, pattern="[0-9A-Z]{1,9}", sample="100", hint="at most nine letters and "
              "digits"), required=True),
        Field("ISS", "issuer", Text(max=40, sample="SPECIMEN FUND 9999")),
        Field("OWN", "owner", Text(max=40, sample="SPECIMEN OWNER 9999")),
        Field("SDT", "series or date", Text(max=8, pattern="[0-9A-Z]{1,8}", sample="20AA", hint="at most eight letters "
              "and digits")),
        Field("RMI", "ransom, bait or counterfeit", Code(table="ransom_money")),
        DOT, OCA, MIS,
    ),
    found_by=(("SER",),),
    narrow=("TYP", "DEN"),
    same=(("SER", "TYP", "DEN"),),
    rules=(Needs("TYP", ("AO",), "MIS"),),
    headline=("TYP", "DEN", "SER", "ISS", "RMI"),
    keep=Keep(years=4, mark="general knowledge: rest of the entry year and four years"),
    keep_if=(Keep(years=2, when=(When("TYP", ("MO", "PM", "TC")),), mark="general knowledge: money orders and "
                  "travellers' cheques, rest of the entry year and two years"),),
    validated=True,
    forwards=(Forward(Source.NCIC),),
)  # fmt: skip
