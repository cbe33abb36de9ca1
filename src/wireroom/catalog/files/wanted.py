"""Wanted persons: the state's file and NCIC's."""

from wireroom.catalog.file import Also, Field, File, Keep, Source
from wireroom.catalog.files.shared import (
    AKA,
    CMC,
    DOB,
    EYE,
    HAI,
    HGT,
    LIC,
    LIS,
    MIS,
    NAM,
    OCA,
    OLN,
    OLS,
    RAC,
    SEX,
    SOC,
    VIN,
    WGT,
)  # fmt: skip
from wireroom.catalog.kinds import Code, Text
from wireroom.catalog.kinds_of_time import Day
from wireroom.catalog.rules import Needs, NotBefore, OneOf, Together

WANTED = File(
    code="wanted",
    title="Wanted person",
    letter="W",
    held_by=(Source.STATE, Source.NCIC),
    hit="WANTED PERSON",
    confirm="CONFIRM THE WARRANT AND EXTRADITION WITH THE ENTERING AGENCY BEFORE ANY ARREST",
    enter="EW", modify="MW", locate="LW", clear="CW", cancel="XW", inquire="QW",
    answers=(Also("QV", ("LIC", "VIN")), Also("DQ", ("NAM", "OLN"))),
    fields=(
        NAM, AKA, SEX, RAC, DOB, HGT, WGT, EYE, HAI, SOC, OLN, OLS, LIC, LIS, VIN, CMC,
        Field("OFF", "offence", Code(table="offence"), required=True),
        Field("DOW", "date of the warrant", Day(), required=True),
        Field("WNO", "warrant number", Text(max=15, index="WNO", sample="W999999")),
        Field("EXL", "extradition", Code(table="extradition"), required=True),
        OCA, MIS,
    ),
    found_by=(("NAM",), ("OLN",), ("SOC",), ("LIC",), ("VIN",)),
    narrow=("DOB", "SEX", "LIS", "OLS"),
    rules=(
        OneOf((("NAM", "SEX", "RAC"),)),
        OneOf((("DOB",), ("OLN",), ("SOC",))),
        Together(("OLN", "OLS")),
        Together(("LIC", "LIS")),
        Needs("CMC", ("01",), "MIS"),
        Needs("EXL", ("02", "05", "B", "E"), "MIS"),
        NotBefore("DOW", "DOB"),
    ),
    headline=("NAM", "DOB", "SEX", "RAC"),
    keep=Keep(mark="sourced: until cleared or cancelled"),
)  # fmt: skip
