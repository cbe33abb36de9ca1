"""Fields that stand in many files with one meaning, declared once."""

import msgspec

from wireroom.catalog.file import Called, Field, Forward, Source
from wireroom.catalog.kinds import Code, Number, Text
from wireroom.catalog.kinds_of_number import LicenceNumber, Ori, Plate, Serial, Ssn, Vin
from wireroom.catalog.kinds_of_person import Height, PersonName, Weight
from wireroom.catalog.kinds_of_time import BirthDay, Day, Hour, Year
from wireroom.catalog.rules import Needs, OneOf, Rule, Together
from wireroom.catalog.when import When

LIC = Field("LIC", "plate", Plate())
LIS = Field("LIS", "plate's state", Code(table="state", sample="CA"))
LIY = Field("LIY", "plate's year", Year(endless=True))
LIT = Field("LIT", "plate's type", Code(table="plate_type", sample="PC"))
VIN = Field("VIN", "vehicle number (VIN)", Vin())
VYR = Field("VYR", "year of the vehicle", Year(low=1885))
VMA = Field("VMA", "make", Code(table="vehicle_make", sample="HOND"))
VMO = Field("VMO", "model", Text(max=3, pattern="[A-Z0-9]{1,3}", hint="a model of at most three characters",
                                 sample="AAA"))  # fmt: skip
VST = Field("VST", "style", Code(table="vehicle_style", sample="4D"))
VCO = Field("VCO", "colour", Code(table="colour", sample="SIL"))
NAM = Field("NAM", "name", PersonName())
AKA = Field("AKA", "alias", PersonName(), many=10)
DOB = Field("DOB", "birth date", BirthDay())
SEX = Field("SEX", "sex", Code(table="sex", sample="F"))
RAC = Field("RAC", "race", Code(table="race", sample="U"))
HGT = Field("HGT", "height", Height())
WGT = Field("WGT", "weight", Weight())
EYE = Field("EYE", "eyes", Code(table="eye", sample="BRO"))
HAI = Field("HAI", "hair", Code(table="hair", sample="BRO"))
SOC = Field("SOC", "social security number", Ssn(), secret=True)
OLN = Field("OLN", "licence number", LicenceNumber())
OLS = Field("OLS", "licence's state", Code(table="state", sample="CA"))
DOT = Field("DOT", "date of theft", Day(), required=True)
OCA = Field("OCA", "agency case number", Text(max=20, pattern="[A-Z0-9-]{1,20}", hint="a case number of letters, "
            "digits and hyphens", index="OCA", sample="99-999999"), required=True)  # fmt: skip
MIS = Field("MIS", "remarks", Text(max=500))
CMC = Field("CMC", "caution or medical condition", Code(table="caution", sample="00"), many=10)

# Things: their numbers, what they are, and what a boat is like.
SER = Field("SER", "serial number", Serial())
OAN = Field("OAN", "owner-applied number", Serial(index="OAN"))
ENG = Field("ENG", "engine number", Serial(index="ENG"))
EPD = Field("EPD", "engine's power", Text(max=5, pattern="[CHILP][0-9]{1,4}", sample="H999", hint="C, H, I, L or P "
            "for its unit and at most four digits"))  # fmt: skip
TYP = Field("TYP", "type", Code(table="article_type", sample="BBICYCL"))
BRA = Field("BRA", "brand", Code(table="article_brand", sample="AGFA"))
MOD = Field("MOD", "model", Text(max=20, sample="MODEL 99"))
REG = Field("REG", "registration number", Serial(max=10, index="REG"))
BHN = Field("BHN", "hull number", Serial(index="BHN"))
BOAT = (
    Field("BYR", "year of the boat", Year(low=1885)),
    Field("BMA", "make", Code(table="boat_make", sample="BIY")),
    Field("BTY", "type", Code(table="boat_type", sample="RUN")),
    Field("BLE", "length in feet", Number(low=1, high=999)),
    Field("BCO", "colour", Code(table="colour", sample="WHI")),
    Field("HUL", "hull's material", Code(table="hull_material")),
    Field("PRO", "propulsion", Code(table="propulsion")),
    Field("HSP", "hull's shape", Code(table="hull_shape")),
)
GUN = (
    Field("SER", "serial number", Serial(fold_o=True), required=True),
    Field("MAK", "make", Code(table="gun_make", sample="SW"), required=True),
    Field("MOD", "model", Text(max=20, sample="MODEL 99")),
    Field("CAL", "calibre", Code(table="gun_calibre", sample="9"), required=True),
    Field("TYP", "type", Code(table="gun_type", sample="PI"), required=True),
)
UNLISTED = (Needs("MAK", ("ZZZ",), "MIS"), Needs("TYP", ("Z",), "MIS"), Needs("CAL", ("75",), "MIS"))
# Why an address that is here is shown to nobody, and whom to ask instead (Vehicle Code 1808.4).
CNF = Field("CNF", "confidential: ask this agency instead", Text(max=60, sample="SPECIMEN UNIT 9999"))
CONFIRM = "CONFIRM WITH THE ENTERING AGENCY BEFORE ANY ARREST OR SEIZURE"

# Persons: who it is, by which numbers, with which vehicle, where, and what was met.
ADB = Field("ADB", "other birth date", BirthDay(), many=10)
ETN = Field("ETN", "ethnicity", Code(table="ethnicity"))
POB = Field("POB", "place of birth", Code(table="state", sample="CA"))
CTZ = Field("CTZ", "citizenship", Code(table="state", sample="US"), many=3)
SKN = Field("SKN", "skin", Code(table="skin"))
SMT = Field("SMT", "scar, mark or tattoo", Code(table="mark", sample="TAT L ARM"), many=20)
FBI = Field("FBI", "FBI number", Text(max=9, pattern="[A-Z0-9]{1,9}", hint="at most nine letters and digits",
                                      index="FBI", sample="999999ZZ9"))  # fmt: skip
CII = Field("CII", "California identification number", Text(
    max=9, pattern="[AHM][0-9]{8}", hint="A, H or M and eight digits", index="CII", sample="H00099999"))  # fmt: skip
MNU = Field("MNU", "miscellaneous number", Text(
    max=15, pattern="(AF|AN|AR|AS|CG|CI|FN|MC|MD|MP|NA|NS|OA|PI|PP|PS|SS|VA)-[A-Z0-9]{1,12}",
    hint="what it is in two letters, a hyphen and the number", index="MNU", sample="PP-ZZ999999"), many=10)  # fmt: skip
ASN = Field("ASN", "other social security number", Ssn(), many=10, secret=True)
OLY = Field("OLY", "licence's year", Year(endless=True, ahead=12))
FPC = Field("FPC", "fingerprint classes", Text(
    max=20, pattern="([0-9]{2}|AA|TT|CI|CM|CO|DI|DM|DO|PI|PM|PO|XI|XM|XO|SR|XX){10}", hint="ten classes of two "
    "characters, from the right thumb to the left little finger", index="FPC",
    sample="999999TT99PO9999XX99"))  # fmt: skip
DNA = Field("DNA", "DNA on file", Code(table="yes_no"))
DLO = Field("DLO", "where the DNA profile is", Text(max=200))
LKA = Field("LKA", "linked case number", Text(max=20, pattern="[A-Z0-9-]{1,20}", sample="99-999999",
                                              hint="a case number of letters, digits and hyphens"))  # fmt: skip
LKI = Field("LKI", "linked agency", Ori())
ADR = Field("ADR", "street", Text(max=60, sample="999 OAK AVE"))
CTY = Field("CTY", "city", Text(max=30, sample="EXAMPLE CITY"))
COU = Field("COU", "county", Code(table="county"))
STA = Field("STA", "state", Code(table="state", sample="CA"))
ZIP = Field("ZIP", "ZIP code", Text(max=5, pattern="[0-9]{5}", hint="five digits", sample="00999"))
DOP = Field("DOP", "date of purge", Day(future=True))
GNG = Field("GNG", "gang", Text(max=60, index="GNG", sample="SPECIMEN CREW 999"))
SGP = Field("SGP", "subgroup", Text(max=60, sample="NORTH 999"))
GANG = (GNG, SGP, Field("GMN", "name in the gang", Text(max=30), many=5))
# What tells a body from another: of missing and unidentified persons alike.
BODY = (
    Field("BLT", "blood type", Code(table="blood_type", sample="OPOS")),
    Field("CRC", "circumcision", Code(table="circumcision")),
    Field("FPA", "footprints on file", Code(table="yes_no")),
    Field("BXR", "X-rays", Code(table="body_x_ray")),
    Field("VRX", "glasses or contact lenses", Text(max=45)),
    Field("JWT", "kind of jewelry", Code(table="jewelry"), many=10),
    Field("JWL", "jewelry", Text(max=100)),
    Field("DCH", "teeth", Text(
        max=12, pattern="ALL|UNK|[0-9]{2}-[A-Z/]{1,9}", hint="ALL, UNK, or a tooth's number, a hyphen and what it "
        "shows", sample="99-MOD"), many=32),
    Field("DCR", "remarks on the teeth", Text(max=300)),
)  # fmt: skip
PERSON = (NAM, AKA, SEX, RAC, ETN, POB, DOB, ADB, CTZ, HGT, WGT, EYE, HAI, SKN, SMT)
NUMBERS = (FBI, CII, MNU, SOC, ASN, OLN, OLS, OLY)
CAR = (LIC, LIS, LIY, LIT, VIN, VYR, VMA, VMO, VST, VCO)
WHO = (*PERSON, *NUMBERS, *CAR, CMC)
RESIDENCE = (ADR, CTY, COU, STA, ZIP)
CASE = (OCA, LKA, LKI, MIS)
# What the agency that met a person tells its record's owner.
CONTACT = (
    Field("CDT", "date of the contact", Day(), required=True),
    Field("CHR", "time of the contact", Hour(), required=True),
    Field("CPL", "place of the contact", Text(max=60, sample="999 OAK AVE"), required=True),
    Field("CRE", "reason of the contact", Text(max=60), required=True),
    Field("COF", "who met the person", Text(max=40), required=True),
    LIC, LIS, VIN, VYR, VMA, VMO, VST, VCO, MIS,
)  # fmt: skip
# What the state and NCIC both hold, and each record of which the state tells NCIC.
BOTH = (Source.STATE, Source.NCIC)
TOLD = (Forward(Source.NCIC),)
# By these a person is found, and by these through the vehicle.
BY_PERSON = ("NAM", "OLN", "SOC", "FBI", "CII", "MNU")
BY_VEHICLE = ("LIC", "VIN")
BY_ANY = tuple((code,) for code in (*BY_PERSON, *BY_VEHICLE))
PARTS = ("DOB", "SEX", "LIS", "OLS")  # what narrows an inquiry about a person
EXPLAINED = (
    Together(("OLN", "OLS")),
    Together(("LIC", "LIS")),
    Together(("LKA", "LKI")),
    Needs("CMC", ("01",), "MIS"),
)
DESCRIBED: tuple[Rule, ...] = (OneOf((("NAM", "SEX", "RAC"),)), *EXPLAINED)


def required(field: Field) -> Field:
    """The same field, which a message must have."""
    return msgspec.structs.replace(field, required=True)


def stored(what: str) -> tuple[Called, ...]:
    """What is kept for its owner is no hit, and is called by why it is kept."""
    words = (("D", "Stored"), ("I", "Impounded"), ("P", "Repossessed"), ("R", "Recovered"))
    return tuple(Called(When("CAT", (code,)), title=f"{word} {what}") for code, word in words)
