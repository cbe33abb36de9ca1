"""Claims about the table of names that stand for one another: its form, what it joins and what it must not."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from functools import cache
from importlib import resources
from itertools import combinations

import pytest

KINDS = {"given", "spelling", "surname", "syllable"}
NAME = re.compile(r"[A-Z]{2,24}")
LANGUAGE = re.compile(r"[a-z]+(?:-[a-z]+)?")
CLUSTER_MIN, CLUSTER_MAX = 2, 25

# kind, and two names that the table must join (of `given`: the formal one first).
SAME = (
    "spelling AIDEN AYDAN",
    "spelling KATHRYN CATHERINE",
    "spelling JASMINE YASMIN",
    "spelling GEOFFREY JEFFERY",
    "spelling SEAN SHAUN",
    "spelling KAITLYN CAITLIN",
    "spelling DESHAWN DASHAUN",
    "spelling LAKEISHA LAKISHA",
    "spelling MUHAMMAD MAMADOU",
    "spelling MUHAMMAD MOHAMED",
    "spelling HUSSEIN HOCINE",
    "spelling KHADIJA HATICE",
    "spelling ABDULRAHMAN ABDIRAHMAN",
    "spelling YOUSSEF YUSUF",
    "spelling YURIY IOURI",
    "spelling DMITRIY DZMITRY",
    "spelling SERGEY SERHIY",
    "spelling FEREYDOON FERIDUN",
    "spelling LAKSHMI LUXMY",
    "spelling SRINIVAS SHRINIVAS",
    "spelling VISHNU BISHNU",
    "spelling SHOHEI SYOHEI",
    "spelling ARACELI ARASELY",
    "spelling SIOBHAN CHEVONNE",
    "spelling ABDULLAHI CABDULLAAHI",
    "spelling WARAPORN VORAPORN",
    "given JOSE PEPE",
    "given FRANCISCO PACO",
    "given JESUS CHUY",
    "given GUADALUPE LUPE",
    "given ROBERTO BETO",
    "given JOSE ZECA",
    "given GIUSEPPE BEPPE",
    "given JOHANN HANS",
    "given ALEKSANDR SASHA",
    "given DMITRIY DIMA",
    "given MALGORZATA GOSIA",
    "given JAN HONZA",
    "given ISTVAN PISTA",
    "given IOANNIS YANNIS",
    "given HAKOB HAGOP",
    "given MOSHE MOISHE",
    "given MANOUCHEHR MANNY",
    "given HARPREET HARRY",
    "given MARIATERESA MARITES",
    "given OLUWASEUN SEUN",
    "given WILLIAM GUILLERMO",
    "given VILIAMI WILLIAM",
    "surname ZHANG CHEUNG",
    "surname CHEN TAN",
    "surname HUANG OOI",
    "surname XIE CHIA",
    "surname CAI CHUA",
    "surname LEE RHEE",
    "surname PARK PAK",
    "surname HUYNH HOANG",
    "surname SATO SATOH",
    "surname COHEN KOHN",
    "surname CHOUDHURY CHAUDHARY",
    "surname AGARWAL AGGARWAL",
    "surname IVANOV IVANOVA",
    "surname KOWALSKI KOWALSKA",
    "surname VYSOTSKY VYSOTSKAYA",
    "surname SARGSYAN SARKISSIAN",
    "surname MUELLER MULLER",
    "surname HANSEN HANSSON",
    "surname MACDONALD MCDONALD",
    "surname OBRIEN OBRYAN",
    "surname GONZALEZ GONZALES",
    "surname JIMENEZ XIMENEZ",
    "surname VUE VWJ",
    "surname JAMA JAAMAC",
    "surname TESFAYE TESFAI",
    "surname HOXHA HODZHA",
    "syllable XIAO HSIAO",
    "syllable QIANG KEUNG",
    "syllable HYUN HYEON",
)

# Names that merely look alike, and those of a man and of a woman.
DIFFERENT = (
    "MARIA MARIO",
    "MARIO MARIAM",
    "ERIC ERICA",
    "AARON ERIN",
    "FRANCIS FRANCES",
    "GABRIEL GABRIELLE",
    "AMIR AMIRA",
    "KARIM KARIMA",
    "SAMIR SAMIRA",
    "IVAN IVANA",
    "VICTOR VICTORIA",
    "JULIO JULIA",
    "ARUN ARUNA",
    "ANIL ANITA",
    "HASSAN HUSSEIN",
    "SALIM SALMAN",
    "JAMAL JAMIL",
    "SVETLANA STANISLAV",
    "MARTIN MARTINEZ",
    "CHRISTIAN CHRISTOPHER",
)
DIFFERENT_LAST = (
    "HERNANDEZ FERNANDEZ",
    "SMITH SCHMIDT",
    "MILLER MUELLER",
    "WILLIAMS WILLIAMSON",
    "ANDERSON SANDERSON",
    "JUAREZ SUAREZ",
    "MARTINEZ MARTIN",
    "PATEL PATIL",
    "IVANOV IVANOVIC",
    "DIAZ DEAN",
)

Row = tuple[str, str, tuple[str, ...]]


@cache
def rows() -> tuple[Row, ...]:
    with resources.files("wireroom.records.matching").joinpath("data", "name_variants.csv").open() as lines:
        return tuple(
            (row["kind"], row["language"], tuple(row["names"].split())) for row in csv.DictReader(lines)
        )


@cache
def holding() -> dict[tuple[str, str], frozenset[int]]:
    """For a kind and a name, the places of the clusters that hold it."""
    found: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
    for place, (kind, _, names) in enumerate(rows()):
        for name in names:
            found[kind, name].add(place)
    return {key: frozenset(places) for key, places in found.items()}


def together(kind: str, one: str, other: str) -> frozenset[int]:
    nowhere: frozenset[int] = frozenset()
    return holding().get((kind, one), nowhere) & holding().get((kind, other), nowhere)


# --------------------------------------------------------------------------- its form


def test_the_file_is_plain_and_says_what_its_columns_are() -> None:
    raw = resources.files("wireroom.records.matching").joinpath("data", "name_variants.csv").read_bytes()
    assert raw.isascii()
    assert raw.endswith(b"\n")
    assert b"\r" not in raw
    assert raw.partition(b"\n")[0] == b"kind,language,names"
    assert raw.count(b"\n") == len(rows()) + 1


def test_every_cluster_has_a_known_kind_a_language_and_two_to_twenty_five_different_names() -> None:
    for kind, language, names in rows():
        assert kind in KINDS
        assert LANGUAGE.fullmatch(language)
        assert CLUSTER_MIN <= len(names) <= CLUSTER_MAX, names
        assert len(set(names)) == len(names), names
        assert all(NAME.fullmatch(name) for name in names), names


def test_the_clusters_stand_in_order_of_kind_language_and_name() -> None:
    assert list(rows()) == sorted(rows())


def test_no_cluster_is_part_of_another_of_its_kind() -> None:
    for place, (kind, _, names) in enumerate(rows()):
        others = frozenset.intersection(*(holding()[kind, name] for name in names)) - {place}
        assert not others, f"{kind} {' '.join(names)} is in {[rows()[other] for other in others]}"


def test_each_kind_is_covered() -> None:
    counted = {kind: sum(row[0] == kind for row in rows()) for kind in KINDS}
    assert counted["given"] > 1500
    assert counted["spelling"] > 1500
    assert counted["surname"] > 1500
    assert counted["syllable"] > 150


# --------------------------------------------------------------------------- what it joins, and what not


@pytest.mark.parametrize("claim", SAME)
def test_two_shapes_of_one_name_are_joined(claim: str) -> None:
    kind, one, other = claim.split()
    shared = together(kind, one, other)
    assert shared
    if kind == "given":
        assert any(rows()[place][2][0] == one for place in shared), f"{one} is not the formal name"


@pytest.mark.parametrize("claim", DIFFERENT)
def test_two_given_names_that_merely_look_alike_are_not_joined(claim: str) -> None:
    one, other = claim.split()
    for kind in ("spelling", "syllable"):
        assert not together(kind, one, other)
    hubs = [rows()[place][2][0] for place in together("given", one, other)]
    assert one not in hubs
    assert other not in hubs


@pytest.mark.parametrize("claim", DIFFERENT_LAST)
def test_two_surnames_that_merely_look_alike_are_not_joined(claim: str) -> None:
    assert not together("surname", *claim.split())


def test_a_mans_and_a_womans_name_are_never_one_name() -> None:
    men = "JOHN JAMES MICHAEL DAVID JOSE CARLOS LUIS MANUEL PEDRO ALI AHMED OMAR SERGEI DMITRI RAJESH AMIT"
    women = "MARY LINDA SUSAN SARAH CARMEN ROSA TERESA FATIMA AISHA ZAINAB OLGA NATASHA IRINA PRIYA DEEPA"
    for man in men.split():
        for woman in women.split():
            assert not together("spelling", man, woman)
    for one, other in combinations(("FERNANDO", "FERNANDA", "ADRIAN", "ADRIANA", "ANTONIO", "ANTONIA"), 2):
        assert not together("spelling", one, other)
