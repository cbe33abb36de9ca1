"""What stands in the record of an order. The fields are those of the courts' forms (sourced), the codes ours."""

from __future__ import annotations

from wireroom.catalog.consequences import Clock
from wireroom.catalog.file import Field
from wireroom.catalog.kinds import Code, Number, Text
from wireroom.catalog.kinds_of_number import Ori
from wireroom.catalog.kinds_of_order import Protected, StayAway
from wireroom.catalog.kinds_of_time import Day, Hour
from wireroom.catalog.when import When

YES_NO = Code(table="yes_no")
COURT = (
    Field("TYO", "type of order", Code(table="order_type", sample="OAH"), required=True),
    Field("TRM", "temporary or final", Code(table="order_term"), note="left out: what the type says"),
    Field("PNO", "court case number", Text(max=15, index="PNO", sample="ZZ999999"), required=True),
    Field("CTI", "court", Ori(), required=True),
    Field("DPT", "department of the court", Text(max=20, sample="DEPT 99")),
    Field("JDG", "judge", Text(max=40, sample="SPECIMEN, J")),
    Field("SBA", "on which statute", Code(table="order_basis")),
)
TERM = (
    Field("ISD", "date issued", Day(), required=True),
    Field("IST", "time issued", Hour()),
    Field("EFD", "in force from", Day(future=True), note="left out: from when it was issued"),
    Field("EFT", "in force from, hour", Hour()),
    Field("EXP", "last day", Day(future=True, endless=True), note="left out: worked out where the type says it"),
    Field("EXT", "time it ends", Hour(), note="left out: at the end of the day"),
    Field("HRD", "date of the hearing", Day(future=True)),
    Field("HRT", "time of the hearing", Hour()),
    Field("RND", "date the hearing was moved, or the order renewed", Day()),
)  # fmt: skip
PROTECTED = Field("PPN", "protected person", Protected(), many=9)
TERMS = (
    Field("PCO", "conditions", Code(table="order_condition", sample="01"), many=9, required=True),
    Field("STY", "stays away from", StayAway(), many=7),
    Field("MOV", "must move out", YES_NO),
    Field("PCX", "peaceful contact allowed to exchange children", YES_NO),
    Field("CUS", "custody and visits", Text(max=200)),
    Field("ANM", "animals protected", YES_NO),
    Field("GPS", "electronic monitoring", YES_NO),
    Field("REC", "protected persons may record unlawful communication", YES_NO),
)
FIREARMS = (
    Field("FRP", "firearms and ammunition barred", YES_NO, note="left out: what the type and PCO say"),
    Field("BAR", "body armor barred", YES_NO),
    Field("FRA", "has firearms", Code(table="yes_no_unknown")),
    Field("WEX", "may carry a firearm at work", YES_NO),
    Field("RLD", "date firearms were given up", Day()),
    Field("RCD", "date the receipt was filed", Day()),
)
FEDERAL = (
    Field("FND", "court found a credible threat", YES_NO),
    Field("BRD", "barred from firearms by federal law", Code(table="yes_no_unknown"),
          note="left out: worked out from relation, notice, hearing and findings"),
    Field("BRW", "why so by federal law", Text(max=200)),
)  # fmt: skip
SERVICE = (
    Field("SVD", "date of service", Day()),
    Field("SVT", "time of service", Hour()),
    Field("SVM", "how served", Code(table="service_manner")),
    Field("SVN", "who served it", Text(max=40)),
)
SERVED = (
    Field("SVC", "service", Code(table="service"), note="left out: not served"),
    *SERVICE,
    Field("SVA", "agency that served it", Ori()),
    Field("SAN", "attempts to serve it", Number(low=1, high=99)),
    Field("SAD", "date of the last attempt", Day()),
    Field("PRS", "restrained person was in court", YES_NO),
    Field("IDT", "terms are those of the temporary order", YES_NO),
)
BY_POLICE = (
    Field("RQO", "officer who asked for it", Text(max=40)),
    Field("FLD", "date filed with the court", Day()),
)
ESTIMATED = (
    Field("AGE", "age", Number(low=10, high=120)),
    Field("EST", "estimated", Code(table="order_estimated"), many=7),
)
VIOLATION = (
    Field("VDT", "date of the violation", Day(), required=True),
    Field("VTM", "time of the violation", Hour(), required=True),
    Field("VPL", "place of the violation", Text(max=60, sample="999 OAK AVE"), required=True),
    Field("VSC", "section violated", Code(table="order_violation", sample="273"), required=True),
    Field("VAR", "arrested", YES_NO, required=True),
    Field("VOF", "officer", Text(max=40), required=True),
    Field("VNA", "what happened", Text(max=200), required=True),
)
ATTEMPT = (
    Field("SAD", "date of the attempt", Day(), required=True),
    Field("SVN", "who tried", Text(max=40), required=True),
)
# What an officer reads out on the telephone at three in the morning: all else is worked out, or comes later.
BY_PHONE = (
    "NAM", "SEX", "RAC", "DOB", "AGE", "EST", "CMC", "PNO", "CTI", "JDG", "ISD", "IST", "PPN", "PCO", "STY", "MOV",
    "FRA", "RQO", "SVC", "SVD", "SVT", "SVM", "SVN", "OCA", "MIS",
)  # fmt: skip
_POLICE, _SERVED = When("TYO", ("EPO", "EGV")), When("SVC", ("1",))
_ARMED = (When("FRP", ("Y",)), When("FRA", ("Y",)), _SERVED)
CLOCKS = (
    Clock(name="ENTRY", title="entered after the court issued it", since="ISD", since_time="IST", within_court_days=1,
          by_entry=True, when=(When("TYO", ("EPO", "EGV"), lacks=True),), also="CTI",
          mark="sourced: S60, one business day"),
    Clock(name="SHIFT", title="entered in the shift in which it was issued", since="ISD", since_time="IST",
          within_hours=4, by_entry=True, when=(_POLICE,), also="CTI", mark="ours: four hours; the law names no hour"),
    Clock(name="SERVICE", title="service entered after it was served", since="SVD", since_time="SVT",
          within_court_days=1, met="SVD", told=True, when=(_SERVED,), also="CTI",
          mark="sourced: S64, one business day"),
    Clock(name="FILING", title="filed with the court", since="ISD", since_time="IST", within_court_days=3, met="FLD",
          when=(When("TYO", ("EGV",)),), also="CTI", mark="sourced: S70, three court days"),
    Clock(name="SURRENDER", title="firearms given up after service", since="SVD", since_time="SVT", within_hours=24,
          met="RLD", when=_ARMED, also="CTI", mark="sourced: S86, 24 hours"),
    Clock(name="RECEIPT", title="receipt for firearms filed after service", since="SVD", since_time="SVT",
          within_hours=48, met="RCD", when=_ARMED, also="CTI", mark="sourced: S86, 48 hours"),
)  # fmt: skip
