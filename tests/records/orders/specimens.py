"""One invented order of each kind, told as an officer and as the restrained person are told: golden/*.txt.

    python -m tests.records.orders.specimens

writes them anew; read them aloud before they are committed.
"""

from __future__ import annotations

from pathlib import Path

from tests.records.orders.papers import AT, Fields, order
from wireroom.records.orders.enforcing import enforceable, terms
from wireroom.records.orders.order import Order
from wireroom.records.orders.words import languages

GOLDEN = Path(__file__).parent / "golden"
COURT = "SUPERIOR COURT OF SPECIMEN COUNTY"
JANE, IRENE, BABY = (
    "TESTCASE, JANE ROSE;F;19900104;SP;Y",
    "O'SAMPLE, IRENE;F;60;PA;N",
    "TESTCASE, BABY;M;20200505;CC;Y",
)
NOT_SERVED: Fields = {"SVC": "2"}
IN_PERSON: Fields = {"SVC": "1", "SVD": "20261118", "SVT": "1530", "SVM": "P", "SVN": "SPECIMEN 9999"}
BY_WORDS: Fields = {"SVC": "1", "SVD": "20261120", "SVT": "0130", "SVM": "V", "SVN": "SPECIMEN 9999"}
SPECIMENS: dict[str, Fields] = {
    "EPO": {"ISD": "20261120", "IST": "0315", "EXP": "20261127", "EXT": "1700", "PCO": ("01", "03", "04", "05"),
            "STY": ("PERSON 100", "HOME 100", "WORK 100"), "MOV": "Y", "FRA": "Y", "PPN": (JANE, BABY), **NOT_SERVED},
    "EGV": {"ISD": "20261119", "IST": "2340", "EXP": "20261210", "EXT": "2340", "PCO": "07", "FRA": "Y", "PPN": None,
            "DPT": "9", **NOT_SERVED},
    "TRO": {"ISD": "20261116", "EXP": "20261207", "EXT": "1200", "HRD": "20261207", "HRT": "0830",
            "PCO": ("01", "02", "04", "06"), "STY": ("HOME 100", "SCHOOL 50", "CHILDCARE 50", "PERSON 50"), "PCX": "Y",
            "CUS": "VISITS ON SUNDAYS FROM 10 TO 4 AT THE PARK", "PPN": (JANE, IRENE), "ANM": "Y", "REC": "Y",
            "DPT": "DEPT 99", "SAN": "2", "SAD": "20261119", **NOT_SERVED},
    "OAH": {"EXP": "20291102", "PCO": ("01", "02", "04", "07", "08", "09"), "STY": ("HOME 100", "OTHER 100"),
            "MIS": "NO CONTACT THROUGH GAMES AND NOT NEAR 999 OAK AVE", "BAR": "Y", "HRD": "20261102", **IN_PERSON},
    "TCH": {"EXP": "20261125", "HRD": "20261125", "HRT": "1330", "STY": "PERSON 1", **NOT_SERVED},
    "CHO": {"EXP": "20311102", "STY": ("VEHICLE 25", "HOME 25"), "WEX": "Y", **BY_WORDS},
    "TEA": {"EXP": "20261125", "HRD": "20261125", "PPN": IRENE, "PCO": ("01", "05"), "MOV": "Y", **NOT_SERVED},
    "EAR": {"EXP": "NONEXP", "PPN": IRENE, "PCO": ("01", "04", "05"), "STY": "HOME 2000", **IN_PERSON},
    "TEF": {"EXP": "20261125", "EXT": "0000", "HRD": "20261124", "HRT": "1400", "PPN": IRENE, "PCO": "08",
            "MIS": "DO NOT TOUCH HER BANK ACCOUNTS", **NOT_SERVED},
    "EAF": {"PPN": IRENE, "PCO": "08", "MIS": "DO NOT TOUCH HER BANK ACCOUNTS", **IN_PERSON},
    "TWH": {"EXP": "20261125", "HRD": "20261125", "HRT": "0900", "STY": ("WORK 100", "VEHICLE 20"), **NOT_SERVED},
    "WHO": {"STY": "WORK 100", "FRA": "Y", "RLD": "20261104", "RCD": "20261105", **IN_PERSON},
    "TSV": {"EXP": "20261125", "HRD": "20261125", "HRT": "0900", "STY": "SCHOOL 100", **NOT_SERVED},
    "SVO": {"STY": "SCHOOL 100", "FRA": "N", **IN_PERSON},
    "TGV": {"EXP": "20261123", "EXT": "1300", "HRD": "20261123", "HRT": "1300", "PCO": "07", "PPN": None, **NOT_SERVED},
    "OGV": {"PCO": "07", "PPN": None, "FRA": "Y", **IN_PERSON},
    "TJV": {"EXP": "20261125", "HRD": "20261125", "PPN": (BABY, JANE), "STY": ("CHILDCARE 100", "HOME 100"),
            **NOT_SERVED},
    "JUV": {"PPN": BABY, "PCO": ("01", "06"), "SVC": "3"},
    "TRT": {"EXP": "20261125", "HRD": "20261125", "PCO": "08", "MIS": "NOT IN ANY SPECIMEN STORE", "PPN": None,
            **NOT_SERVED},
    "RTO": {"PCO": "08", "MIS": "NOT IN ANY STORE OF SPECIMEN MARKET", "PPN": None, **IN_PERSON},
    "CPO": {"EXP": "NONEXP", "SBA": "136", "PCO": ("01", "04", "05"), "STY": ("PERSON 100", "HOME 100"), "GPS": "Y",
            "REC": "Y", "SVC": "1", "SVD": "20261102", "SVT": "0945", "SVM": "C", "PRS": "Y", "RLD": "20261103",
            "DPT": "DEPARTMENT 12"},
    "FOR": {"TRM": "F", "EXP": None, "EFD": "20261110", "EFT": "0800", "FRP": "Y", **NOT_SERVED},
}  # fmt: skip


def specimen(kind: str) -> Order:
    """The invented order of a kind."""
    return order(1, "active", **{"TYO": kind, "PNO": f"ZZ99-{kind}", **SPECIMENS[kind]})


def told(kind: str) -> str:
    """What is told of it, on the officer's screen at noon of 20 November 2026, and read out in each language."""
    one = specimen(kind)
    parts = ["\n".join(enforceable(one, AT))]
    parts += ["\n".join(terms(one, code, court=COURT if kind != "FOR" else "")) for code in languages()]
    return "\n\n".join(parts) + "\n"


def write() -> None:
    """Every golden text anew."""
    for kind in SPECIMENS:
        (GOLDEN / f"{kind.lower()}.txt").write_text(told(kind), encoding="utf-8")


if __name__ == "__main__":
    write()
