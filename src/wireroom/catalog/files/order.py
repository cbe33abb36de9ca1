"""Restraining and protective orders: the state's file and NCIC's."""

from wireroom.catalog.consequences import Resets, Supersedes
from wireroom.catalog.file import Also, Called, EnterAs, File, Keep, Late, Prohibits, Report
from wireroom.catalog.files import shared
from wireroom.catalog.guarding import Restricted
from wireroom.catalog.orders import fields as court
from wireroom.catalog.orders.checks import FILLS, RULES
from wireroom.catalog.orders.document import parts
from wireroom.catalog.orders.told import PERSONS_TOLD
from wireroom.catalog.when import When

TELL = "TELL THE RESTRAINED PERSON THE TERMS AND REPORT THAT SERVICE WITH SPO; CONFIRM THE ORDER BEFORE ANY ARREST"
CONFIRM = "CONFIRM THE ORDER AND ITS SERVICE WITH THE ENTERING AGENCY BEFORE ANY ARREST"
TEMPORARY, SERVED, BY_POLICE = (("TRM", "T"),), When("SVC", ("1",)), When("TYO", ("EPO", "EGV"))
MAIL = "BY MAIL ONLY A FINAL ORDER IS SERVED WHOSE TERMS ARE THOSE OF A SERVED TEMPORARY ONE: IDT/Y SAYS SO"

ORDER = File(
    code="order", title="Protection order",
    source="CARPOS", letter="H", held_by=shared.BOTH,
    hit="PROTECTION ORDER", confirm=CONFIRM,
    confirm_as="PO",
    called=(
        Called(When("STD", ("OVER",)), title="Order that is over"),
        Called(When("STD", ("COMING",)), title="Order that is not in force yet"),
        Called(When("PTY", ("PROTECTED",)), title="Person protected by an order"),
        Called(When("STD", ("SERVED",)), "PROTECTION ORDER", CONFIRM),
        Called(When("SVC", ("2", "3")), "PROTECTION ORDER NOT SERVED", TELL),
    ),
    enter="EPO", modify="MPO", clear="CPO", cancel="XPO", supplement="EPON", strike="XPON", inquire="QPO",
    entries=(
        EnterAs("EPOC", "Protection order with caution", needs=("CMC",)),
        EnterAs("ETO", "Temporary protection order", says=TEMPORARY),
        EnterAs("ETOC", "Temporary protection order with caution", says=TEMPORARY, needs=("CMC",)),
        EnterAs("EPOE", "Emergency protective order", says=(("TYO", "EPO"),), asks=court.BY_PHONE, ours=True),
        EnterAs("EPOG", "Emergency gun violence order", says=(("TYO", "EGV"),), asks=court.BY_PHONE, ours=True),
    ),
    answers=tuple(Also(key, shared.BY_PERSON) for key in ("QW", "QVC", "QVA")),
    fields=(
        *shared.WHO, *shared.RESIDENCE, *court.ESTIMATED, *court.COURT, *court.TERM, court.PROTECTED, *court.TERMS,
        *court.FIREARMS, *court.FEDERAL, *court.SERVED, *court.BY_POLICE, *shared.CASE,
    ),
    found_by=(*shared.BY_ANY, ("PNO",)),
    narrow=shared.PARTS,
    rules=(*shared.DESCRIBED, *RULES),
    fills=FILLS,
    reports=(
        Report("SPO", "Service of a protection order", tuple(map(shared.required, (shared.NAM, *court.SERVICE))),
               writes=True, says=(("SVC", "1"),), by="SVA", matches=("NAM",), unless=(SERVED,), done="SERVED ALREADY",
               taken="SERVICE ENTERED", who=("SVN",), mostly=(("SVM", "V"),), reads_out=True,
               allowed=((When("SVM", ("M",)), When("IDT", ("Y",))),), forbidden=MAIL),
        Report("APO", "Attempt to serve a protection order", court.ATTEMPT, writes=True, counts="SAN", who=("SVN",),
               unless=(SERVED,), done="SERVED ALREADY", taken="ATTEMPT ENTERED"),
        Report("VPO", "Violation of a protection order", (*court.VIOLATION, shared.LKA)),
    ),
    late=(Late("ISD", within_hours=4, time="IST", when=(BY_POLICE,), mark="ours: the same shift, four hours"),
          Late("ISD", within_court_days=1, mark="sourced: S60, one business day")),
    same=(("NAM", "PNO", "CTI", "TYO"),), apart=("DOB", "PPN"),
    headline=("NAM", "DOB", "TYO", "EXP"),
    keep=Keep(until="EXP", at="EXT", mark="sourced: to its last minute, then five years of history (S6, weak)"),
    keep_if=(Keep(when=(When("EXP", ("NONEXP",)),), mark="general knowledge: until the court ends it"),),
    restricted=Restricted.ENDED,
    recalled=True, orders=True,
    resets=Resets("SVC", "2", ("SVD", "SVT", "SVM", "SVN", "SVA", "PRS", "IDT"), grown=("PCO", "STY", "PPN"),
                  milder=("06", "08"),
                  raised=("EXP",), became=(("MOV", "Y"), ("FRP", "Y"), ("BAR", "Y"), ("GPS", "Y"), ("ANM", "Y")),
                  lifted=(("PCX", "Y"), ("WEX", "Y"), ("PCO", "06")), told_on="SVD", told_at="SVT",
                  unless=(When("PRS", ("Y",)),), words="STRICTER: IT MUST BE SERVED AGAIN",
                  mark="ours: what a person was not told binds only when it is told"),
    supersedes=Supersedes(("NAM", "PNO", "CTI"), when=(When("TRM", ("F",)),), ends=(When("TRM", ("T",)),),
                          agree=("DOB", "PPN"), begins_on="EFD", begins_at="EFT"),
    clocks=court.CLOCKS, informs=PERSONS_TOLD,
    court="CTI", parts=parts((*shared.WHO, *shared.RESIDENCE, *court.ESTIMATED)),
    validated=True, forwards=shared.TOLD,
    prohibits=(
        Prohibits("PROTECTION ORDER", (When("FRP", ("Y",)),)), Prohibits("BRADY DISQUALIFIED", (When("BRD", ("Y",)),)),
        Prohibits("GUN VIOLENCE ORDER", (When("TYO", ("EGV", "TGV", "OGV")),)),
    ),
)  # fmt: skip
