"""What the parties of an order tell law enforcement alone, apart from the order: the courts' form CLETS-001."""

from wireroom.catalog.file import Field, File, Keep
from wireroom.catalog.informing import Attached, Channel, Wish
from wireroom.catalog.kinds import Code, Text
from wireroom.catalog.kinds_of_contact import Email
from wireroom.catalog.rules import Needs

PHONE, KNOWN = Text(max=20, sample="555-0199"), Code(table="yes_no_unknown")


def secret(code: str, title: str, kind: Text | Email, many: int = 1, note: str = "") -> Field:
    """A field that is sealed in the database."""
    return Field(code, title, kind, many=many, secret=True, note=note)


CONFIDENTIAL = File(
    code="confidential",
    title="Confidential details of an order",
    source="CLETS-001",
    enter="EOC", modify="MOC", cancel="XOC", inquire="QOC",
    fields=(
        Field("OFN", "file control number of the order", Text(max=13, pattern="[0-9]{13}", index="OFN",
              sample="9992600199999", hint="a file control number of 13 digits"), required=True),
        secret("PAD", "protected person's address", Text(max=100, sample="999 OAK AVE, EXAMPLE CITY"), 2),
        secret("PTL", "protected person's telephone", PHONE, 3),
        secret("PEM", "protected person's e-mail", Email()),
        Field("PLG", "protected person speaks", Text(max=30)),
        secret("RTL", "restrained person's telephone", PHONE, 3),
        secret("REM", "restrained person's employer", Text(max=100, sample="SPECIMEN WORKS 999"), 2),
        secret("RHR", "restrained person's hours of work", Text(max=40)),
        secret("RLO", "where the restrained person may be met", Text(max=100, sample="999 ELM ST, EXAMPLE CITY"), 5),
        secret("RVE", "restrained person's vehicle: plate, make, color", Text(max=60, sample="9AAQ999 HOND BLU"), 5),
        Field("RLG", "restrained person speaks", Text(max=30)),
        Field("FAK", "has firearms", KNOWN),
        Field("AMK", "has ammunition", KNOWN),
        Field("BAK", "has body armor", KNOWN),
        secret("FAD", "which firearms, ammunition and armor, and where", Text(max=200, sample="INVENTED RIFLE 999")),
        secret("OIF", "what else tells who it is", Text(max=200, sample="INVENTED SCAR 999"), 5),
        secret("NEM", "asks to be told by e-mail, at", Email(), note="told of entry, service, violation, the end and "
               "an attempt to get a firearm; only an address that nobody else reads"),
        secret("NSV", "asks to be told by the notification service, as its number", Text(max=40, sample="ZZ999999")),
        secret("MIS", "remarks", Text(max=500)),
    ),
    found_by=(("OFN",),),
    rules=(Needs("FAK", ("Y",), "FAD"), Needs("AMK", ("Y",), "FAD"), Needs("BAK", ("Y",), "FAD")),
    same=(("OFN",),),
    headline=("OFN", "FAK", "AMK", "BAK"),
    keep=Keep(mark="ours: as long as its order, and then with its history"),
    attached=Attached("OFN", "order", by=("CTI",), mark="sourced: S77, the court enters it or hands it on"),
    wishes=(Wish("NEM", Channel.EMAIL), Wish("NSV", Channel.SERVICE)),
    read_by=("operator", "supervisor", "inquiry", "clerk", "doj"),
    reason=True,
    note="Ours: the keys are not NCIC's. Sourced (S77): confidential, never in a court's file. Found by the order's "
    "number or its own and by no name; told to law enforcement alone, which says for what; never told to NCIC.",
)  # fmt: skip
