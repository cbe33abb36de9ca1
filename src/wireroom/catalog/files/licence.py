"""Driver licences and identification cards: the DMV's, and every other state's."""

from wireroom.catalog.file import Also, Conceal, Field, File, Source
from wireroom.catalog.files.shared import (
    ADR,
    AKA,
    CNF,
    COU,
    CTY,
    DOB,
    EYE,
    HAI,
    HGT,
    NAM,
    OLN,
    OLS,
    SEX,
    WGT,
    ZIP,
)
from wireroom.catalog.kinds import Code, Text
from wireroom.catalog.kinds_of_time import Day
from wireroom.catalog.sources import Abroad

LICENCE = File(
    code="licence",
    title="Driver licence",
    held_by=(Source.DMV, Source.NLETS),
    abroad=Abroad("OLS", by=(("OLN",), ("NAM", "DOB", "SEX")), most=5),
    inquire="DQ", answers=(Also("QW", ("NAM", "OLN")),), asked_as="DQ",
    fields=(
        OLN, OLS, NAM, AKA, DOB, SEX, HGT, WGT, EYE, HAI, ADR, CTY, ZIP, COU,
        Field("MAD", "mailing address", Text(max=60, sample="PO BOX 999")),
        Field("MCT", "mailing city", CTY.kind),
        Field("MZP", "mailing ZIP code", ZIP.kind),
        Field("LTY", "type", Code(table="licence_type", sample="DL"), note="left out: a driver licence"),
        Field("CLS", "class", Code(table="licence_class"), many=3),
        Field("END", "endorsement", Code(table="licence_endorsement"), many=8),
        Field("RSC", "restriction", Code(table="licence_restriction"), many=10),
        Field("STA", "status", Code(table="licence_status")),
        Field("ISS", "issued", Day()),
        Field("EXP", "expires", Day(future=True)),
        Field("RID", "REAL ID", Code(table="yes_no")),
        Field("DNR", "organ donor", Code(table="yes_no")),
        Field("HLD", "licence is held by", Text(max=40, sample="SPECIMEN COURT 9999")),
        Field("SSC", "service of a suspension", Code(table="suspension_service"),
              note="I, K, R or A: the officer hands over the verbal notice"),
        Field("MSG", "message of the DMV", Text(max=60, sample="SEE HISTORY 9999"), many=10),
        CNF,
    ),
    found_by=(("OLN",), ("NAM",)),
    narrow=("OLS", "DOB", "SEX"),
    headline=("NAM", "DOB", "STA", "CLS"),
    conceals=(Conceal("CNF", ("ADR", "CTY", "ZIP", "COU", "MAD", "MCT", "MZP")),),
)  # fmt: skip
