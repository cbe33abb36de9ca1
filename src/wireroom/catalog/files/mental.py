"""Persons whom a mental health event bars from firearms: the state's file, asked for nothing else."""

from wireroom.catalog.file import Field, File, Keep, Prohibits
from wireroom.catalog.files import shared
from wireroom.catalog.kinds import Code, Text
from wireroom.catalog.kinds_of_time import Day
from wireroom.catalog.rules import NotBefore
from wireroom.catalog.when import When

MENTAL = File(
    code="mental",
    title="Mental health firearms prohibition",
    source="MHFPS",
    hit="MENTAL HEALTH FIREARMS PROHIBITION",
    confirm="CONFIRM WITH THE DEPARTMENT OF JUSTICE; ONLY FOR AN INVESTIGATION ABOUT A FIREARM, EXPLOSIVE OR DEVICE",
    enter="EMH", modify="MMH", clear="CMH", cancel="XMH", inquire="QMH",
    fields=(
        *(shared.required(field) for field in (shared.NAM, shared.SEX, shared.DOB)), shared.AKA, shared.RAC, shared.SOC,
        Field("MHC", "event", Code(table="mental_prohibition"), required=True),
        Field("EVD", "date of the event", Day(), required=True),
        Field("FAC", "facility or court", Text(max=60), required=True),
        Field("EXP", "end of the prohibition", Day(future=True, endless=True), required=True),
        shared.OCA, shared.MIS,
    ),
    found_by=(("NAM",),),
    narrow=("DOB", "SEX"),
    rules=(NotBefore("EVD", "DOB"), NotBefore("EXP", "EVD")),
    same=(("NAM", "DOB", "EVD", "MHC"), ("SOC", "EVD", "MHC"), ("NAM", "OCA")),
    headline=("NAM", "DOB", "MHC", "EXP"),
    keep=Keep(until="EXP", mark="general knowledge: Welfare and Institutions Code 8103, mostly five years"),
    keep_if=(Keep(when=(When("EXP", ("NONEXP",)),), mark="general knowledge: until a court restores the right"),),
    reason=True,
    desk_only=True,
    entered_by=("doj", "facility"),
    prohibits=(Prohibits("MENTAL HEALTH"),),
    note="Asked only in a criminal investigation about firearms, explosives or destructive devices (sourced, weak).",
)  # fmt: skip
