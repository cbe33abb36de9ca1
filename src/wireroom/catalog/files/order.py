"""Restraining and protective orders: the state's file and NCIC's."""

from wireroom.catalog.file import Also, Called, EnterAs, Field, File, Keep, Late, Prohibits, Report, When
from wireroom.catalog.files import shared
from wireroom.catalog.kinds import Code, Text
from wireroom.catalog.kinds_of_number import Ori
from wireroom.catalog.kinds_of_time import Day, Hour
from wireroom.catalog.rules import Needs, NotBefore, OneOf, OnlyWith

TELL = "TELL THE RESTRAINED PERSON THE TERMS AND REPORT THAT SERVICE WITH SPO; CONFIRM THE ORDER BEFORE ANY ARREST"
SERVICE = (
    Field("SVD", "date of service", Day()),
    Field("SVT", "time of service", Hour()),
    Field("SVM", "how served", Code(table="service_manner")),
    Field("SVN", "who served it", Text(max=40)),
)
TEMPORARY = (("TRM", "T"),)

ORDER = File(
    code="order",
    title="Protection order",
    source="CARPOS", letter="H", held_by=shared.BOTH,
    hit="PROTECTION ORDER",
    confirm="CONFIRM THE ORDER AND ITS SERVICE WITH THE ENTERING AGENCY BEFORE ANY ARREST",
    confirm_as="PO",
    called=(Called(When("SVC", ("2", "3")), "PROTECTION ORDER NOT SERVED", TELL),),
    enter="EPO", modify="MPO", clear="CPO", cancel="XPO", supplement="EPON", strike="XPON", inquire="QPO",
    entries=(
        EnterAs("EPOC", "Protection order with caution", needs=("CMC",)),
        EnterAs("ETO", "Temporary protection order", says=TEMPORARY),
        EnterAs("ETOC", "Temporary protection order with caution", says=TEMPORARY, needs=("CMC",)),
    ),
    answers=tuple(Also(key, shared.BY_PERSON) for key in ("QW", "QVC", "QVA")),
    fields=(
        *shared.WHO, *shared.RESIDENCE,
        Field("TYO", "type of order", Code(table="order_type", sample="OAH"), required=True),
        Field("TRM", "temporary or final", Code(table="order_term")),
        Field("PNO", "order number", Text(max=15, index="PNO", sample="ZZ999999"), required=True),
        Field("CTI", "court", Ori(), required=True),
        Field("ISD", "date issued", Day(), required=True),
        Field("EXP", "last day", Day(future=True, endless=True), required=True),
        Field("EXT", "time it ends", Hour(), note="left out: at the end of the day"),
        Field("HRD", "date of the hearing", Day(future=True)),
        Field("PCO", "conditions", Code(table="order_condition", sample="01"), many=9, required=True),
        Field("BRD", "barred from firearms by federal law", Code(table="yes_no_unknown"), required=True),
        Field("FRA", "has firearms", Code(table="yes_no_unknown")),
        Field("REL", "relation to the protected person", Text(max=30)),
        Field("SVC", "service", Code(table="service"), required=True),
        *SERVICE,
        Field("SVA", "agency that served it", Ori()),
        # Whom the order protects is plain text: a PersonName or SSN would make them the person whom it bars.
        Field("PPN", "protected person", Text(max=50, sample="TESTCASE, AAAA"), many=9, required=True),
        Field("PSX", "protected person's sex", Code(table="sex", sample="F"), many=9, note="in the order of PPN"),
        Field("PPR", "protected person's race", Code(table="race", sample="U"), many=9, note="in the order of PPN"),
        Field("PPB", "protected person's birth date", Day(), many=9, note="in the order of PPN"),
        *shared.CASE,
    ),
    found_by=(*shared.BY_ANY, ("PNO",)),
    narrow=shared.PARTS,
    rules=(
        *shared.DESCRIBED, OneOf((("DOB",), ("OLN",), ("SOC",), ("FBI",), ("CII",), ("HGT", "WGT", "HAI"))),
        Needs("PCO", ("08",), "MIS"), Needs("SVC", ("1",), "SVD"), OnlyWith("SVD", "SVC", ("1",)),
        NotBefore("EXP", "ISD"), NotBefore("SVD", "ISD"),
    ),
    reports=(
        Report("SPO", "Service of a protection order", (*map(shared.required, SERVICE), shared.MIS)),
        Report("VPO", "Violation of a protection order", shared.CONTACT),
    ),
    late=(Late("ISD", within_days=3, mark="ours: three days, where the law gives a business day (sourced)"),),
    same=(("NAM", "PNO", "CTI"),),
    headline=("NAM", "DOB", "TYO", "EXP"),
    keep=Keep(until="EXP", mark="general knowledge: in force to its last day"),
    keep_if=(Keep(when=(When("EXP", ("NONEXP",)),), mark="general knowledge: until the court ends it"),),
    validated=True, forwards=shared.TOLD,
    prohibits=(
        Prohibits("PROTECTION ORDER", (When("PCO", ("07",)),)), Prohibits("BRADY DISQUALIFIED", (When("BRD", ("Y",)),)),
        Prohibits("GUN VIOLENCE ORDER", (When("TYO", ("EGV", "TGV", "OGV")),)),
    ),
)  # fmt: skip
