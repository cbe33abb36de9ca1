"""Three codes of how a name sounds, made for names of many languages in Latin letters: close, even and loose."""

from __future__ import annotations

import re

# Spellings of one sound. C stands for the sound of CHURCH and SHOE; single letters not named here stay.
_RULES = {
    "TZSCH": "C", "SCHTSCH": "C", "TSCH": "C", "SHCH": "C", "DZH": "J", "DSCH": "J", "TCH": "C", "SCH": "C",
    "CHR": "KR", "CZ": "C", "SZ": "S", "CH": "C", "SH": "C", "ZH": "J", "RZ": "J", "CS": "C", "DJ": "J", "DG": "J",
    "GI": "JI", "GE": "JE", "PH": "F", "EIGH": "I", "IGH": "I", "OUGH": "O", "AUGH": "O", "GH": "G", "KH": "K",
    "TH": "T", "RH": "R", "DH": "D", "BH": "B", "WH": "V", "CK": "K", "QU": "K", "Q": "K", "CE": "SE", "CI": "SI",
    "CY": "SI", "C": "K", "X": "KS", "Z": "S", "W": "V", "TS": "S", "PF": "F", "IJ": "I",
    "EAU": "O", "AUX": "O", "OU": "U", "OO": "U", "EE": "I", "EA": "I", "IE": "I", "EI": "I", "EY": "I", "AY": "E",
    "AI": "E", "AE": "E", "OE": "O", "UE": "U", "YU": "U", "IU": "U", "AW": "O", "AU": "O", "OW": "O", "UY": "I",
    "UI": "I", "Y": "I",
}  # fmt: skip
_START = (("HS", "S"), ("TS", "S"), ("KN", "N"), ("GN", "N"), ("PN", "N"), ("WR", "R"), ("PS", "S"), ("MC", "MAK"),
          ("MAC", "MAK"), ("X", "S"), ("YE", "E"), ("IE", "E"))  # fmt: skip
_FIND = re.compile("|".join(sorted(map(re.escape, _RULES), key=len, reverse=True)))
_DOUBLE = re.compile(r"(.)\1+")
_DOUBLE_CONSONANT = re.compile(r"([^AEIOU])\1+")
_SILENT = re.compile(r"(?<=[AEIOU])H(?![AEIOU])|(?<=[^AEIOU])H|(?<=[^AEIOU])E$|H$")
_VOWELS = re.compile("[AEIOU]+")
_LOOSE = str.maketrans({"B": "P", "D": "T", "G": "K", "V": "F", "J": "C", "Z": "S", "H": "", "A": "", "E": "",
                        "I": "", "O": "", "U": ""})  # fmt: skip


def close(token: str) -> str:
    """Spellings of one sound made alike, vowels kept: SMYTHE and SMITH, PHILIP and FILIP, YURI and IOURI."""
    for old, new in _START:
        if token.startswith(old):
            token = new + token[len(old) :]
            break
    token = _FIND.sub(_rule, _DOUBLE_CONSONANT.sub(r"\1", token))
    return _DOUBLE.sub(r"\1", _SILENT.sub("", token))


def _rule(found: re.Match[str]) -> str:
    return _RULES[found[0]]


def even(closed: str) -> str:
    """A close code with all vowels alike: HUSSEIN and HOSSAIN."""
    return _VOWELS.sub("A", closed)


def loose(closed: str) -> str:
    """The consonants of a close code, voiced and unvoiced alike, after an A where it begins with a vowel.

    MUHAMMAD, MOHAMED and MEHMET are alike. Empty where fewer than two consonants remain: that says nothing.
    """
    consonants = closed.translate(_LOOSE)
    if len(consonants) < 2:
        return ""
    return ("A" if closed[:1] in "AEIOU" else "") + consonants
