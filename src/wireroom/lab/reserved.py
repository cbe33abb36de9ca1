"""Numbers that nobody can have, one for each index: no list of those given out is needed to keep them unique.

Every series is walked by a permutation (a * index + b modulo its length, a coprime to it), so that neighbours
look unlike and every number is known from its index alone.
"""

from __future__ import annotations

from math import gcd
from random import Random

from wireroom.catalog.kinds_of_number import luhn_digit, vin_check_digit

_USED = "ABCDEFGHJKLMNPRSTUVWXYZ"  # California's plates have these letters in the first and third place
_UNUSED = "QIO"
_VIN_LETTERS = _USED

# Letters of the passenger series 9AAA999 by place. Each line is a series that California never issued,
# because I, O or Q stands in the first or third place of the letters; no plate is in two of them.
PLATE_SERIES: tuple[tuple[str, str, str], ...] = (
    (_USED, _USED, "Q"),
    (_USED, _USED, "IO"),
    (_UNUSED, _USED, _USED),
    (_UNUSED, _USED, _UNUSED),
    (_USED, _UNUSED, _UNUSED),
    (_UNUSED, _UNUSED, _USED),
    (_UNUSED, _UNUSED, _UNUSED),
)
_LENGTHS = tuple(9 * len(first) * len(second) * len(third) * 1000 for first, second, third in PLATE_SERIES)
PLATES_MAX = sum(_LENGTHS)
VINS_MAX = len(_VIN_LETTERS) ** 2 * 10**6
SSNS_MAX = 100 * 49 * 9_999
LICENCES_MAX = 10**7 + 10**8
FCNS_MAX = 10**7
NICS_MAX = 10**8
ELSEWHERE_MAX = 10**6
SERIALS_MAX = 10**7
BOATS_MAX = 10**6
CIIS_MAX = 5 * 10**7


class _Walk:
    """A permutation of 0 to length - 1."""

    __slots__ = ("length", "start", "step")

    def __init__(self, length: int, dice: Random) -> None:
        self.length = length
        self.start = dice.randrange(length)
        # About the golden section of the length, so that even a few numbers spread over all of it.
        self.step = int(length * 0.618) + dice.randrange(max(1, length // 100))
        while gcd(self.step, length) != 1:
            self.step += 1

    def __getitem__(self, index: int) -> int:
        return (self.step * index + self.start) % self.length


def _weighed(text: str, place: int) -> int:
    """What characters at a place (from 0) of a VIN add to its check digit."""
    vin = "0" * place + text + "0" * (17 - place - len(text))
    return "0123456789X".index(vin_check_digit(vin))


_PAIRS = tuple((a + b, _weighed(a + b, 6)) for a in _VIN_LETTERS for b in _VIN_LETTERS)
_HIGH = tuple((f"{n:03d}", _weighed(f"{n:03d}", 11)) for n in range(1000))
_LOW = tuple((f"{n:03d}", _weighed(f"{n:03d}", 14)) for n in range(1000))
_CHECK = "0123456789X" * 5
VIN_YEARS = "ABCDEFGHJKLMNPRSTVWXY123456789"  # from 1980, over and over


class VinHead:
    """What vehicles of one model and year have in common in their VINs: maker 0WR, body, year, plant W."""

    __slots__ = ("body", "weighed", "year")

    def __init__(self, model: int, year: int) -> None:
        """`model` is any number below 12,167; it makes three letters."""
        a, rest = divmod(model % 23**3, 23**2)
        b, c = divmod(rest, 23)
        self.body = f"0WR{_VIN_LETTERS[a]}{_VIN_LETTERS[b]}{_VIN_LETTERS[c]}"
        self.year = VIN_YEARS[(year - 1980) % 30] + "W"
        self.weighed = (_weighed(self.body, 0) + _weighed(self.year, 9)) % 11


class Reserved:
    """The numbers of one seed. Two seeds give the same numbers in another order."""

    def __init__(self, seed: int) -> None:
        dice = Random(f"{seed}/numbers")
        self._plates = tuple(_Walk(length, dice) for length in _LENGTHS)
        self._vins = _Walk(VINS_MAX, dice)
        self._licences = _Walk(10**7, dice)
        self._more_licences = _Walk(10**8, dice)
        self._ssns = _Walk(SSNS_MAX, dice)
        self._fcns = _Walk(FCNS_MAX, dice)
        self._nics = _Walk(NICS_MAX, dice)
        self._elsewhere = _Walk(ELSEWHERE_MAX, dice)
        self._serials = _Walk(SERIALS_MAX, dice)
        self._boats = _Walk(BOATS_MAX, dice)
        self._ciis = _Walk(CIIS_MAX, dice)

    def plate(self, index: int) -> str:
        """A plate of the passenger series that California never issued, from 0 to PLATES_MAX - 1."""
        for series, walk in zip(PLATE_SERIES, self._plates, strict=True):
            if index < walk.length:
                rest, number = divmod(walk[index], 1000)
                rest, third = divmod(rest, len(series[2]))
                rest, second = divmod(rest, len(series[1]))
                digit, first = divmod(rest, len(series[0]))
                return f"{digit + 1}{series[0][first]}{series[1][second]}{series[2][third]}{number:03d}"
            index -= walk.length
        raise ValueError(f"there are {PLATES_MAX:,} reserved plates, and none beyond")

    def vin(self, index: int, head: VinHead) -> str:
        """A VIN of maker 0WR, unique whatever the head, from 0 to VINS_MAX - 1."""
        pair, serial = divmod(self._vins[index], 1_000_000)
        letters, sum_of_letters = _PAIRS[pair]
        high, sum_of_high = _HIGH[serial // 1000]
        low, sum_of_low = _LOW[serial % 1000]
        check = _CHECK[head.weighed + sum_of_letters + sum_of_high + sum_of_low]
        return f"{head.body}{letters}{check}{head.year}{high}{low}"

    def licence(self, index: int) -> str:
        """X and seven digits for the first ten million, X and eight digits beyond."""
        if index < 10**7:
            return f"X{self._licences[index]:07d}"
        return f"X{self._more_licences[index - 10**7]:08d}"

    def ssn(self, index: int) -> str:
        """Area 9xx with a group from 01 to 49, where no ITIN is either, from 0 to SSNS_MAX - 1."""
        rest, serial = divmod(self._ssns[index], 9_999)
        area, group = divmod(rest, 49)
        return f"9{area:02d}{group + 1:02d}{serial + 1:04d}"

    def fcn(self, index: int, entered: str) -> str:
        """A file control number, unique whatever the day (CCYYDDD), from 0 to FCNS_MAX - 1."""
        agency, serial = divmod(self._fcns[index], 10**5)
        return f"{900 + agency}{entered[2:]}{serial:05d}"

    def nic(self, letter: str, index: int) -> str:
        """An NCIC number of a file, from 0 to NICS_MAX - 1."""
        digits = f"{self._nics[index]:08d}"
        return f"{letter}{digits}{luhn_digit(digits)}"

    def plate_elsewhere(self, index: int) -> str:
        """A plate of another state: nine characters, and no state's plate has more than eight."""
        assert index < ELSEWHERE_MAX, "more plates of other states than there are numbers for"
        return f"ZZQ{self._elsewhere[index]:06d}"

    def licence_elsewhere(self, index: int) -> str:
        """A licence of another state."""
        return f"ZZ{index:08d}"

    def serial(self, index: int) -> str:
        """The number of a thing, from 0 to SERIALS_MAX - 1: as the catalogue's kind invents them."""
        assert index < SERIALS_MAX, "more things than there are numbers for"
        return f"ZZ{self._serials[index]:07d}"

    def boat(self, index: int) -> str:
        """A boat's registration: CF, and no four digits behind it as every true one has."""
        assert index < BOATS_MAX, "more boats than there are numbers for"
        return f"CFQ{self._boats[index]:06d}"

    def plate_apportioned(self, index: int) -> str:
        """A truck's plate: nine characters, and no state's plate has more than eight."""
        assert index < ELSEWHERE_MAX, "more trucks than there are plates for"
        return f"ZZR{self._elsewhere[index]:06d}"

    def cii(self, index: int) -> str:
        """A California identification number of fifty million and more with an H, further than any was given out."""
        return f"H{CIIS_MAX + self._ciis[index % CIIS_MAX]:08d}"
