"""How a name goes wrong on its way into a file: under the fingers, by ear, and under a scanner."""

from __future__ import annotations

import re
from random import Random

_ROWS = ("QWERTYUIOP", "ASDFGHJKL", "ZXCVBNM")
_TRIES = 30


def _neighbours() -> dict[str, str]:
    near: dict[str, str] = {}
    for number, row in enumerate(_ROWS):
        for place, key in enumerate(row):
            found = row[max(0, place - 1) : place] + row[place + 1 : place + 2]
            if number:
                found += _ROWS[number - 1][place : place + 2]
            if number < 2:
                found += _ROWS[number + 1][max(0, place - 1) : place + 1]
            near[key] = found
    return near


KEYS = _neighbours()


def typo(name: str, dice: Random, begin: int = 0, end: int | None = None) -> str:
    """The name with one slip of the fingers between two places; never the same, unless it has no letters there."""
    places = [place for place in range(begin, len(name) if end is None else end) if name[place] in KEYS]
    for _ in range(_TRIES if places else 0):
        place = places[int(dice.random() * len(places))]
        if place == 0 and dice.random() < 0.6:  # whoever types looks at the first letter
            continue
        wrong = _slip(name, place, dice)
        if wrong != name:
            return wrong
    return f"{name[:begin]}{name[begin]}{name[begin:]}" if places else name


def _slip(name: str, place: int, dice: Random) -> str:
    before, letter, after = name[:place], name[place], name[place + 1 :]
    near = dice.choice(KEYS[letter])
    match int(dice.random() * 5):
        case 0:
            return f"{before}{near}{after}"
        case 1:
            return f"{before}{after}" if sum(one in KEYS for one in name) > 3 else name
        case 2:
            return f"{before}{letter}{letter}{after}"
        case 3:
            return f"{before}{after[0]}{letter}{after[1:]}" if after and after[0] in KEYS else name
        case _:
            return f"{before}{letter}{near}{after}"


def two_typos(name: str, dice: Random) -> str:
    """The name with two slips, one in each half."""
    half = len(name) // 2
    once = typo(name, dice, 0, half)
    return typo(once, dice, len(once) - (len(name) - half) + 1)


# --------------------------------------------------------------------------- by ear

# What is heard alike, as regular expressions; each group of people has its own beside everybody's.
_EVERYBODYS = r"""PH>F (?<=[AEIOU])F(?=[AEIOU])>PH ^F(?=[AEIO])>PH CK>K CK>C (?<=[AEIOU])K$>CK
    C(?=[AOULR])>K ^K(?=[AOULR])>C K(?=[AO])>C IE$>Y Y$>IE EY$>Y Y$>EY Y$>I I$>Y GH(?=[TNS]|$)> ^KN>N
    ^N(?=[AEIO])>KN ^WR>R ^R(?=[IO])>WR SCH>SH SH(?=[ALMNRUW])>SCH TZ>Z Z$>TZ DT>T TT$>T T$>TT EI>IE
    IE(?!$)>EI S(?=[AEIOU])>Z Z>S C(?=[EIY])>S ^S(?=[EIY])>C SS>S S$>SS SS>C LL>L (?<=[AEIOU])L(?=[AEIO])>LL
    NN>N (?<=[AEIOU])N(?=[AEIO])>NN RR>R (?<=[AEIOU])R(?=[AEIO])>RR MM>M (?<=[AEIOU])M(?=[AEIO])>MM
    (?<=[AEIOU])T(?=[AEIO])>TT TT>T (?<=[NRL])E$> (?<=[NRLT])$>E EA>EE EE>EA EE>I AI>AY AY>AI OU>OW OW>OU
    OO>U AU>AW AW>AU OA>O ER$>OR OR$>ER ER$>AR AR$>ER SON$>SEN SEN$>SON MAC(?=[A-Z])>MC ^MC>MAC GE$>J X>CKS
    CKS$>X CS$>X QU>KW KW>QU TCH>CH CH$>TCH DG>G TH(?=[OM])>T ^H(?=[AEIO])> MB$>M Y(?=[^AEIOU])>I
    (?<=[^AEIOUQ])I(?=[^AEIOU])>Y E(?=[LNR])>A A(?=[LNR])>E O(?=[LNR])>U U(?=[LNR])>O I(?=[LNR])>E EN$>AN
    AN$>EN IN$>EN EL$>LE LE$>EL PP>P (?<=[AEIOU])P(?=[AEI])>PP BB>B J(?=[AEIO])>G G(?=[EI])>J V$>FF
    W(?=[AEI])>WH WH>W ^AI>I"""
_GROUPS = {
    "hispanic": r"""B>V V>B Z>S S$>Z S(?=[AO])>Z LL>Y Y(?=[AEO])>LL ^H> ^(?=[AEIO])>H G(?=[EI])>J
        J(?=[EI])>G J(?=[AO])>H QU>K C(?=[EI])>S S(?=[EI])>C X>J J>X GUE>GE NI(?=[AO])>N I(?=[AEO])>Y
        Y(?=[AEO])>I CH>SH EZ$>ES AS$>AZ UE>WE HUE>WE GUA>WA RR>R""",
    "slavic": r"""W>V V>W SKI$>SKY SKY$>SKI SKI$>SKEY CZ>CH CH>CZ SZ>SH SH>SZ J>Y Y(?=[AEO])>J OV$>OFF
        EV$>EFF OFF$>OV CKI$>TSKI C(?=[AEIO])>TS KH>H H>KH RZ>ZH ZH>Z X>KS KS>X IY$>Y IA>YA YA>IA CHUK$>CZUK
        OWSKI$>OFSKI EI$>EY""",
    "eastasian": r"""^ZH>J ^J(?=[AIOU])>ZH ^X>HS ^X>SH ^HS>X ^Q>CH ^CH>Q ^TS>Z ^TS>C ^Z>TS ONG>UNG UNG>ONG
        OO>U U(?=N)>OO YI>I ^I>YI EE$>I I$>EE ^K>G ^G>K ^P>B ^B>P ^T>D ^D>T EO>U U>EO AE>E OE>OI OI>OE ^Y>J
        ANG>ENG ENG>ANG NG$>N N$>NG ^L(?=[EIU])>R SHI>SI TSU>TU CHI>TI O(?=[RK])>OH OU>OO HW>H ^CHE>CHA
        ^LI$>LEE ^LEE$>LI ^PAK>PARK ^PARK>PAK ^CHOI>CHOE ^CHOE>CHOI""",
    "vietnamese": r"""PH>F F>PH ^NG(?=[AUO])>N ^NGU>NU ^TR>CH ^CH>TR ^D>Z ^D>Y ^X>S ^S>X NH$>N NH$>NG NG$>NH
        ^TH>T ^T(?=[AEIOU])>TH UY>I UYE>WE UYEN>UEN ^QU>W ^V>Y OA>WA ^HO>WHO ^GI>Z ^KH>K IEU>EU AU>AO
        ^LE$>LEE ^VU>VO ^VO>VU UONG>UNG""",
    "southasian": r"""V>W W>V EE>I I(?=[^AEIOU])>EE OO>U U(?=[^AEIOU])>OO SH>S S(?=[AHIU])>SH TH>T
        T(?=[AHIU])>TH DH>D D(?=[AI])>DH BH>B B(?=[AHU])>BH AA>A A(?=[JRN])>AA KSH>X X>KSH A$>
        (?<=[KHMN])$>A PH>F KH>K ^K(?=[AU])>KH Y$>I J>Z AI>EI AU>OW MM>M CH>CHH IYA>IA Q>K""",
    "mideast": r"""OU>U U(?=[^AEIOU])>OU OU>OO EI>AI AI>EI AY>AI KH>H H(?=[AIU])>KH Q>K Q>G ^K>Q K>C AH$>A
        A$>AH DD>D D(?=[AI])>DD SS>S S(?=[AEIOU])>SS EE>I I(?=[^AEIOU])>EE ^AL>EL ^EL>AL Y$>I I$>Y MM>M
        O(?=[HSU])>U U(?=[SHR])>O ED$>AD AD$>ED GH>G J>DJ DJ>J YAN$>IAN IAN$>YAN W>OU ^OU>W TH>S DH>D Z>DH
        AA>A""",
    "black": r"""SH>CH CH>SH EI>E EA>E ^LA(?=[A-Z])>LE ^DE(?=[A-Z])>DA ^DA>DE ISHA$>ESHA ESHA$>EISHA
        IQUE$>EEK IKA$>ICA ^J(?=A)>JH AU>O YN$>IN IYAH$>IA IA$>IYAH ^SHA>CHA EON$>ION""",
}  # fmt: skip
_VOWELS = tuple(
    (re.compile(old), new)
    for old, new in (("A", "E"), ("E", "I"), ("I", "E"), ("O", "U"), ("U", "O"), ("E", "A"))
)

Rule = tuple[re.Pattern[str], str]


def _rules(text: str) -> tuple[Rule, ...]:
    pairs = (rule.rpartition(">") for rule in text.split())
    return tuple((re.compile(heard), written) for heard, _, written in pairs)


_ALL = _rules(_EVERYBODYS)
_OF_GROUP = {group: _rules(text) for group, text in _GROUPS.items()}


def by_ear(name: str, group: str, dice: Random) -> str:
    """The name as somebody writes it who heard it, of a speaker of that group: one sound changed, sometimes two."""
    once = _heard(name, group, dice)
    if dice.random() < 0.35 and len(name) > 5:
        twice = _heard(once, group, dice)
        return twice if twice != name else once
    return once


def _heard(name: str, group: str, dice: Random) -> str:
    chance = dice.random()
    own = _changes(name, _OF_GROUP[group]) if group in _OF_GROUP and chance < 0.6 else []
    found = own or (_changes(name, _ALL) if chance < 0.92 else []) or _changes(name, _VOWELS)
    return dice.choice(found) if found else name


def _changes(name: str, rules: tuple[Rule, ...]) -> list[str]:
    """The name with one rule applied at one place, in every way; the words of a name are written each for itself."""
    found = []
    for word in re.finditer("[A-Z]+", name):
        for rule, written in rules:
            for match in rule.finditer(word[0]):
                changed = word[0][: match.start()] + written + word[0][match.end() :]
                if changed != word[0] and (len(changed) > 2 or len(changed) >= len(word[0])):
                    found.append(name[: word.start()] + changed + name[word.end() :])
    return found


# --------------------------------------------------------------------------- by a scanner

_PRINTED_AND_READ = """O>0 O>Q O>D I>1 I>L I>J L>1 L>I S>5 B>8 Z>2 G>6 G>C A>4 E>F F>E C>G C>O D>O Q>O U>V
            V>U V>Y H>N N>H K>X P>F R>P T>7 T>I RN>M M>RN NN>M CL>D VV>W W>VV LI>U IN>M RI>N E>3"""
_LOOK_ALIKE = tuple((pair.partition(">")[0], pair.partition(">")[2]) for pair in _PRINTED_AND_READ.split())


def scanned(name: str, dice: Random) -> str:
    """The name as a scanner reads it: a letter taken for one that looks alike, or for a digit; sometimes two."""
    once = _misread(name, dice)
    if dice.random() < 0.3:
        twice = _misread(once, dice)
        return twice if twice != name else once
    return once


def _misread(name: str, dice: Random) -> str:
    found = [
        name[:place] + read + name[place + len(printed) :]
        for printed, read in _LOOK_ALIKE
        for place in range(len(name))
        if name.startswith(printed, place)
    ]
    return dice.choice(found) if found else name
