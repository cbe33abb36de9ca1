"""Turns a name in any writing into tokens of A to Z: marks folded, particles glued, suffixes lifted out."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import msgspec

TOKENS_MAX = 8  # of a last name, and of given names; what is beyond is not looked at
TOKEN_MAX = 40  # letters

# What Unicode's own decomposition does not reach. Cyrillic and Greek as passports write them (our choice).
_LETTERS = {
    "ß": "SS", "Æ": "AE", "Œ": "OE", "Ø": "O", "Đ": "D", "Ð": "D", "Þ": "TH", "Ł": "L", "Ħ": "H", "ı": "I", "Ŋ": "NG",
    "Ə": "A", "Ɓ": "B", "Ɗ": "D", "Ƙ": "K", "Ŧ": "T", "Ŀ": "L",
    "А": "A", "Б": "B", "В": "V", "Г": "G", "Ґ": "G", "Д": "D", "Е": "E", "Ё": "E", "Є": "YE", "Ж": "ZH", "З": "Z",
    "И": "I", "І": "I", "Ї": "YI", "Й": "Y", "К": "K", "Л": "L", "М": "M", "Н": "N", "О": "O", "П": "P", "Р": "R",
    "С": "S", "Т": "T", "У": "U", "Ф": "F", "Х": "KH", "Ц": "TS", "Ч": "CH", "Ш": "SH", "Щ": "SHCH", "Ъ": "",
    "Ы": "Y", "Ь": "", "Э": "E", "Ю": "YU", "Я": "YA", "Ђ": "DJ", "Ј": "J", "Љ": "LJ", "Њ": "NJ", "Ћ": "C", "Џ": "DZ",
    "Α": "A", "Β": "V", "Γ": "G", "Δ": "D", "Ε": "E", "Ζ": "Z", "Η": "I", "Θ": "TH", "Ι": "I", "Κ": "K", "Λ": "L",
    "Μ": "M", "Ν": "N", "Ξ": "X", "Ο": "O", "Π": "P", "Ρ": "R", "Σ": "S", "Τ": "T", "Υ": "Y", "Φ": "F", "Χ": "CH",
    "Ψ": "PS", "Ω": "O",
}  # fmt: skip
# A sign that a reader of print or handwriting took for a letter.
_DIGITS = {"0": "O", "1": "I", "2": "Z", "3": "E", "4": "A", "5": "S", "6": "G", "7": "T", "8": "B", "9": "G",
           "|": "I", "!": "I", "$": "S", "@": "A"}  # fmt: skip
_PAIRS = {"ΟΥ": "OU", "ΜΠ": "B", "ΝΤ": "NT", "ΓΓ": "NG", "ΓΚ": "GK", "ΑΥ": "AV", "ΕΥ": "EV"}
_GREEK = re.compile("|".join(_PAIRS))
_FOLD = str.maketrans(_LETTERS | _DIGITS)
_WITHIN = re.compile(r"['’‘‛′ʼʻꞌ`´.]")  # O'BRIEN, D’ANGELO, ST. JOHN: no letter, and no end of a word
_OTHER = re.compile(r"[^A-Z]+")

_SUFFIXES = {"JR": "JR", "JNR": "JR", "JUNIOR": "JR", "SR": "SR", "SNR": "SR", "SENIOR": "SR", "II": "II",
             "III": "III", "IV": "IV", "V": "V", "IIND": "II", "IIIRD": "III", "ZND": "II", "ERD": "III",
             "ATH": "IV", "STH": "V"}  # fmt: skip
_LIFTED = frozenset(_SUFFIXES) - {
    "V",
    "SENIOR",
    "JUNIOR",
}  # V alone is an initial; Junior is a given name too

# Words that belong to what follows them, in last names and in given ones.
PARTICLES = frozenset((
    "D", "L", "DE", "DEL", "DELA", "DELOS", "DELAS", "DELLA", "DELLE", "DEGLI", "DA", "DAS", "DO", "DOS", "DI", "DU",
    "DES", "LA", "LE", "LES", "LO", "LOS", "LAS", "VAN", "VON", "VOM", "ZU", "ZUR", "DEN", "DER", "TER",
    "TEN", "VANDE", "VANDER", "VANDEN", "VONDER", "AL", "EL", "BEN", "BIN", "IBN", "ABU", "ABOU", "UM",
    "UMM", "BINT", "ABD", "ABDUL", "ABDEL", "ABDAL", "MAC", "MC", "O", "ST", "SAN", "SANTA", "SANTO",
    "FITZ", "AP", "UR", "UL",
))  # fmt: skip
_GIVEN_PARTICLES = frozenset((
    "DE", "DEL", "DELA", "DELOS", "DELAS", "ABD", "ABDUL", "ABDEL", "ABDAL", "ABDU", "ABU", "ABOU", "UR",
    "UL",
))  # fmt: skip
_AFTER_PARTICLE = frozenset((
    "LA", "LAS", "LOS", "EL", "AL", "UL", "UR",
))  # fmt: skip
_ALIKE = {"SAINT": "ST", "SAINTE": "ST", "STE": "ST"}
_AND = frozenset((
    "Y", "E", "I",
))  # fmt: skip  # GARCIA Y LOPEZ


class Name(msgspec.Struct, frozen=True):
    """A person's name in tokens. `given` begins with the first name; single letters are initials."""

    last: tuple[str, ...]
    given: tuple[str, ...]
    suffix: str = ""


def name_of(last: str, first: str, middle: str = "", suffix: str = "") -> Name:
    """The tokens of a name in any writing. Never fails: what has no letter at all is an empty tuple."""
    lasts, lifted = _without_suffix(_words(last))
    givens, other = _without_suffix((*_words(first), *_words(middle)))
    own = "".join(_words(suffix))
    found = _SUFFIXES.get(own) or _SUFFIXES.get(lifted) or _SUFFIXES.get(other) or ""
    return Name(
        _glued(lasts, PARTICLES, surname=True), _glued(givens, _GIVEN_PARTICLES, surname=False), found
    )


@lru_cache(maxsize=8192)
def _words(text: str) -> tuple[str, ...]:
    """The words of a text in A to Z."""
    text = text[: 4 * TOKEN_MAX * TOKENS_MAX]
    if not text.isascii():
        text = _WITHIN.sub("", unicodedata.normalize("NFC", text).upper())
        text = _GREEK.sub(lambda found: _PAIRS[found[0]], text).translate(_FOLD)
        text = unicodedata.normalize("NFKD", text)
        text = "".join(char for char in text if not unicodedata.combining(char))
    folded = _WITHIN.sub("", text[: 4 * TOKEN_MAX * TOKENS_MAX].upper().translate(_FOLD))
    if not folded.isascii():  # upper case may have made signs that the table knows
        folded = _WITHIN.sub("", folded.upper().translate(_FOLD))
    return tuple(word[:TOKEN_MAX] for word in _OTHER.split(folded) if word)


def _without_suffix(words: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """The words without JR, SR, II, III, IV at their end; a name that is nothing else stays."""
    if len(words) > 1 and words[-1] in _LIFTED:
        return words[:-1], words[-1]
    return words, ""


def _glued(words: tuple[str, ...], particles: frozenset[str], *, surname: bool) -> tuple[str, ...]:
    """The words with particles in one with what follows them."""
    found: list[str] = []
    waiting = ""
    for place, word in enumerate(words):
        word = _ALIKE.get(word, word) if surname else word
        more = place + 1 < len(words)
        if surname and word in _AND and found and more and not waiting:
            continue
        glues = word in particles or (waiting and word in _AFTER_PARTICLE)
        if glues and more:
            waiting += word
        else:
            found.append((waiting + word)[:TOKEN_MAX])
            waiting = ""
    return tuple(dict.fromkeys(found))[:TOKENS_MAX]


_LONGEST_FIRST = tuple(sorted((p for p in PARTICLES if len(p) > 1), key=len, reverse=True))
_COMPOUND = ("DELA", "DELOS", "DELAS", "VANDER", "VANDEN", "VANDE", "ABDAL", "ABDEL", "ABDUL")
_WITH = (*_COMPOUND, "DE", "DEL", "DA", "DI", "DU", "LA", "LE", "VAN", "VON", "AL", "EL", "BEN", "BIN", "MAC", "MC",
         "O", "ST", "SAN", "SANTA", "DOS", "DAS", "DO", "FITZ", "LOS", "ABU")  # fmt: skip


def without_particle(token: str) -> tuple[str, ...]:
    """What may remain of a glued name when its particle is left away; CRUZ of DELACRUZ."""
    return tuple(
        dict.fromkeys(
            token[len(particle) :]
            for particle in (*_LONGEST_FIRST, "DELA", "O")
            if token.startswith(particle) and len(token) - len(particle) >= (4 if particle == "O" else 3)
        )
    )


def with_particle(token: str) -> tuple[str, ...]:
    """The names that a token may be without its particle; DELACRUZ, DECRUZ and others of CRUZ."""
    return tuple(particle + token for particle in _WITH)
