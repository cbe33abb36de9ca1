"""Passwords that somebody would try first: a short list of our own, and what a file in the settings adds.

Ours was written for this program from general knowledge, and is no list of what was found in any breach. Whoever has
such a list names it in the settings, and renews it each quarter (CJIS Security Policy 5.9.5, IA-5(1)(a)).
"""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Iterable

LIST_AGE_DAYS_MAX = 92  # older than a quarter is told to the operator

# What is long enough to be chosen and is chosen most, and what people here would think of first.
_MOST_USED = """
12345678 123456789 1234567890 11111111 00000000 87654321 password password1 password12 password123 passw0rd
p@ssw0rd p@ssword qwertyui qwertyuiop qwerty123 1qaz2wsx 1q2w3e4r abcd1234 abcdefgh iloveyou sunshine princess
football baseball superman trustno1 letmein1 welcome1 welcome123 changeme changeme1 whatever starwars computer
wireroom wireroom1 dispatch dispatch1 sheriff1 police911 officer1 california
asdfghjkl zxcvbnm1 q1w2e3r4 zaq12wsx 12341234 11223344 69696969 qazwsxedc letmein! iloveyou1 administrator
correcthorsebatterystaple
"""
# Words that stay a guess when digits and signs are put before or after them: Sheriff2026!, 911police.
_WORDS = """
password passwort passcode qwerty qwertz letmein welcome changeme default secret admin administrator login guest
wireroom dispatch dispatcher sheriff police officer deputy detective patrol trooper badge precinct station radio
highway emergency california sacramento losangeles oakland sandiego sanfrancisco fresno
spring summer autumn winter january february monday friday sunshine football baseball dragon monkey shadow master
superman batman michael jennifer jessica ashley princess iloveyou starwars freedom america whatever computer
"""
BANNED = frozenset(_MOST_USED.split())
WORDS = frozenset(_WORDS.split())
_ROUND = string.digits + string.punctuation + " "


def guessed(password: str, more: frozenset[str] = frozenset()) -> str:
    """Why a password is among the first that are tried, in words that follow "the password"; empty if it is not."""
    text = folded(password)
    if text in BANNED or text in more:
        return "is one of the most used passwords, or is known to others"
    if text.strip(_ROUND) in WORDS:
        return "is a word that everybody tries, with digits or signs round it"
    return ""


def folded(password: str) -> str:
    """The form in which passwords are compared with a list."""
    return unicodedata.normalize("NFC", password).casefold()


def listed(lines: Iterable[str]) -> frozenset[str]:
    """The passwords of a list, one a line; those that are too short to be chosen are not kept."""
    return frozenset(text for line in lines if len(text := folded(line.rstrip("\r\n"))) >= 8)
