"""Fields that stand in many files with one meaning, declared once."""

from wireroom.catalog.file import Field
from wireroom.catalog.kinds import Code, Text
from wireroom.catalog.kinds_of_number import LicenceNumber, Plate, Ssn, Vin
from wireroom.catalog.kinds_of_person import Height, PersonName, Weight
from wireroom.catalog.kinds_of_time import BirthDay, Day, Year

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
