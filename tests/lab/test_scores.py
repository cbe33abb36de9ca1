"""Claims about the measures of a labelled search set, by sums that can be done by hand."""

from __future__ import annotations

from collections import Counter
from math import log2
from pathlib import Path
from random import Random

import msgspec
import pytest

from wireroom.lab.estimate import mean, share
from wireroom.lab.labelled import BadSet, Labelled, Subject, read_people, read_queries
from wireroom.lab.scores import (
    Answered,
    Band,
    ScoreReport,
    Shown,
    compare,
    render,
    report,
)

PEOPLE = "id,last,first,middle,suffix,dob,sex,ssn\n"
QUERIES = "query_id,last,first,middle,suffix,dob,sex,ssn,true_id,in_file\n"


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "set.csv"
    path.write_bytes(text.encode(encoding))
    return path


def asked(*true_ids: str, **classes: str) -> Labelled:
    """A query; `kind` is its class."""
    named = {"class" if column == "kind" else column: value for column, value in classes.items()}
    return Labelled(Subject("Q", "ROE"), frozenset(true_ids), bool(true_ids), named)


def line(one: str, bits: float) -> Shown:
    return Shown(one, bits, "strong" if bits >= 0 else "possible" if bits >= -4 else "wide")


def answered(labelled: Labelled, *shown: Shown, seconds: float = 0.01) -> Answered:
    return Answered(labelled, shown, seconds)


def measured(*answers: Answered) -> ScoreReport:
    return report(answers, dice=Random(1))


# --------------------------------------------------------------------------- reading


def test_people_are_read_whatever_the_order_of_columns_and_the_form_of_dates(tmp_path: Path) -> None:
    text = (
        "Height,ID,DOB,Last,First,Middle,Suffix,Sex,SSN\n"
        "510,a,19850203,Núñez,José,,JR,male,900-12-3456\n"
        "600,b,1985-02-03,ROE,ANN,B,,F,\n"
        "600,c,2/3/1985,ROE,,,,,\n"
        "\n"
        "600,d,,ROE,ANN,,,U,\n"
    )
    people = list(read_people(written(tmp_path, text, "utf-8-sig")))
    assert people[0] == Subject("a", "Núñez", "José", "", "JR", 19850203, "M", "900123456")
    assert [one.dob for one in people] == [19850203, 19850203, 19850203, 0]
    assert [one.sex for one in people] == ["M", "F", "", ""]


def test_people_are_not_all_held(tmp_path: Path) -> None:
    path = written(tmp_path, PEOPLE + "a,ROE,ANN,,,,,\nb,,,,,,,\n")
    assert next(read_people(path)).id == "a"  # though the second line cannot be used


def test_a_query_says_who_is_meant_and_to_which_classes_it_belongs(tmp_path: Path) -> None:
    text = QUERIES.replace("in_file", "in_file,class,dob_class,group,note")
    text += "1,ROE,ANN,,,,,,a; b|c,yes,typo,,north,x\n2,DOE,JO,,,,,,z,FALSE,,exact,,\n"
    first, second = read_queries(written(tmp_path, text))
    assert first.true_ids == {"a", "b", "c"}
    assert first.present
    assert first.classes == {"class": "typo", "group": "north"}
    assert not second.present
    assert second.true_ids == {"z"}
    assert second.classes == {"dob_class": "exact"}


def test_without_in_file_a_blank_true_id_means_absent(tmp_path: Path) -> None:
    text = QUERIES.replace(",in_file", "") + "1,ROE,ANN,,,,,,a\n2,ROE,ANN,,,,,,\n"
    assert [one.present for one in read_queries(written(tmp_path, text))] == [True, False]


def test_a_date_that_cannot_be_is_kept_as_it_was_typed(tmp_path: Path) -> None:
    (one,) = read_people(written(tmp_path, PEOPLE + "a,ROE,ANN,,,31/12/1985,,\n"))
    assert one.dob == 19853112


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty; the first line must name the columns id,last"),
        ("id,last\n", "line 1: no column first, middle"),
        (PEOPLE.replace("ssn", "ssn,last"), "column last is there twice"),
        (PEOPLE + "a,ROE,ANN\n", "line 2: 3 cells under 8 columns"),
        (PEOPLE + ",ROE,ANN,,,,,\n", "line 2, column id: it is blank"),
        (PEOPLE + "\na,,ANN,,,,,\n", "line 3, column last: it is blank"),
        (PEOPLE + "a,ROE,ANN,,,spring,,\n", "line 2, column dob: 'spring' is no date"),
        (PEOPLE + "a,ROE,ANN,,,,tall,\n", "line 2, column sex: 'tall' is not known"),
        (PEOPLE + 'a,"ROE"X,ANN,,,,,\n', "line 2: it is no CSV"),
    ],
)
def test_what_is_wrong_with_people_is_said_with_its_place(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(BadSet, match=r"set\.csv") as caught:
        list(read_people(written(tmp_path, text)))
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("1,ROE,ANN,,,,,,a,perhaps\n", "line 2, column in_file: 'perhaps' is neither"),
        ("1,ROE,ANN,,,,,,,1\n", "line 2, column true_id: it is blank"),
        ("1,ROE,ANN,,,,,,a,1\n1,ROE,ANN,,,,,,a,1\n", "line 3, column query_id: 1 was there before"),
    ],
)
def test_what_is_wrong_with_queries_is_said_with_its_place(tmp_path: Path, lines: str, words: str) -> None:
    with pytest.raises(BadSet) as caught:
        list(read_queries(written(tmp_path, QUERIES + lines)))
    assert words in str(caught.value)


def test_a_file_that_is_not_there_or_not_utf_8_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(BadSet, match="cannot be read"):
        list(read_people(tmp_path / "none.csv"))
    with pytest.raises(BadSet, match="not UTF-8"):
        list(read_people(written(tmp_path, PEOPLE + "a,NÚÑEZ,ANN,,,,,\n", "latin-1")))


# --------------------------------------------------------------------------- who was found


def test_recall_counts_people_in_the_file_and_false_hits_those_who_are_not() -> None:
    found = measured(
        answered(asked("a"), line("a", 5), line("x", 1)),
        answered(asked("b"), line("x", 1), line("b", -2), line("y", -6)),
        answered(asked("c"), line("x", -5), line("c", -7)),
        answered(asked("d")),
        answered(asked(), line("x", 2), line("y", -1), line("z", -5)),
        answered(asked()),
    )
    assert (found.queries, found.present, found.absent) == (6, 4, 2)
    assert (found.recall_at_1.value, found.recall_at_10.value) == (0.25, 0.75)
    assert found.reciprocal_rank.value == (1 + 1 / 2 + 1 / 2 + 0) / 4
    assert [seen.tier for seen in found.thresholds] == ["strong", "possible", "wide"]
    assert [seen.recall.value for seen in found.thresholds] == [0.25, 0.5, 0.75]
    assert [seen.false_per_absent.value for seen in found.thresholds] == [0.5, 1.0, 1.5]
    assert [seen.others_per_present.value for seen in found.thresholds] == [2 / 4, 2 / 4, 4 / 4]


def test_the_eleventh_line_is_not_among_the_first_ten() -> None:
    others = [line(f"x{place}", 1) for place in range(10)]
    found = measured(answered(asked("a"), *others, line("a", 0)))
    assert (found.recall_at_10.value, found.thresholds[0].recall.value) == (0.0, 1.0)


def test_an_id_shown_again_is_one_line() -> None:
    found = measured(answered(asked("a"), line("x", 3), line("x", 2), line("a", 1), line("x", 0)))
    assert found.reciprocal_rank.value == 0.5
    assert found.thresholds[0].others_per_present.value == 1


def test_any_of_several_true_ids_will_do_and_none_is_somebody_else() -> None:
    found = measured(answered(asked("a", "b"), line("b", -1), line("a", -2)))
    assert found.recall_at_1.value == 1
    assert found.thresholds[2].others_per_present.value == 0


def test_a_line_for_somebody_absent_is_false_whatever_the_set_says_of_who_was_meant() -> None:
    found = measured(answered(msgspec.structs.replace(asked("a"), present=False), line("a", 1)))
    assert found.thresholds[0].false_per_absent.value == 1


def test_each_class_is_measured_for_itself() -> None:
    found = measured(
        answered(asked("a", kind="typo", group="north"), line("a", 1)),
        answered(asked("b", kind="typo", group="south")),
        answered(asked("c", kind="clean"), line("c", 1)),
    )
    assert found.classes["class"]["typo"].recall_at_1.value == 0.5
    assert found.classes["class"]["clean"].present == 1
    assert set(found.classes["group"]) == {"north", "south"}


def test_lines_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="the tiers are strong, possible, wide"):
        measured(answered(asked("a"), Shown("a", 1.0, "certain")))
    with pytest.raises(ValueError, match="finite"):
        measured(answered(asked("a"), Shown("a", float("nan"), "strong")))


# --------------------------------------------------------------------------- intervals


def test_a_share_has_wilsons_interval() -> None:
    found = share(81, 263)  # a worked example in Newcombe (1998)
    assert found.low == pytest.approx(0.2553, abs=1e-4)
    assert found.high == pytest.approx(0.3662, abs=1e-4)
    assert (share(0, 10).low, share(10, 10).high, share(0, 0).value) == (0.0, 1.0, None)


@pytest.mark.parametrize("n", [40, 400, 40_000])
def test_a_mean_has_the_interval_that_theory_gives(n: int) -> None:
    seen: Counter[float] = Counter({0.0: n * 3 // 4, 1.0: n // 8, 3.0: n // 8})
    found = mean(seen, Random(7))
    assert found.value == 0.5
    assert found.low is not None
    assert found.high is not None
    half = 1.96 * (1.0 / n) ** 0.5  # the variance of these values is 1
    assert found.low == pytest.approx(0.5 - half, abs=0.35 * half)
    assert found.high == pytest.approx(0.5 + half, abs=0.35 * half)


def test_nothing_seen_is_not_nothing_there() -> None:
    found = mean(Counter({0.0: 1_000}), Random(1))
    assert (found.value, found.low) == (0, 0)
    assert found.high == pytest.approx(0.00369, abs=1e-5)


# --------------------------------------------------------------------------- bits, groups, time


def band(found: ScoreReport, low: float | None) -> Band:
    return next(one for one in found.calibration if one.low == low)


def test_a_band_says_what_its_bits_promised_and_what_came() -> None:
    found = measured(*(answered(asked("a" if one < 24 else "z"), line("a", 2.5)) for one in range(32)))
    seen = band(found, 2)
    assert (seen.lines, seen.true, seen.high) == (32, 24, 4)
    assert seen.predicted == pytest.approx(1 / (1 + 2**-2.5))
    assert seen.observed.value == 0.75
    assert seen.observed_bits == pytest.approx(log2(3))
    assert seen.difference == pytest.approx(log2(3) - 2.5)


def test_too_few_lines_or_lines_all_alike_say_nothing_about_bits() -> None:
    few = band(measured(*(answered(asked("ab"[one % 2]), line("a", 1)) for one in range(19))), 0)
    assert (few.observed_bits is not None, few.difference) == (True, None)
    alike = band(measured(*(answered(asked("a"), line("a", 9)) for _ in range(30))), 8)
    assert (alike.lines, alike.high, alike.observed_bits, alike.difference) == (30, None, None, None)


def test_the_bands_reach_from_less_than_eight_below_to_more_than_eight_above() -> None:
    bits = (-900.0, -8.0, -6.1, 7.9, 8.0, 99.0)
    found = measured(*(answered(asked("a"), line("a", one)) for one in bits))
    assert [(one.low, one.lines) for one in found.calibration if one.lines] == [
        (None, 1),
        (-8, 2),
        (6, 1),
        (8, 2),
    ]


def test_a_system_without_odds_has_no_calibration() -> None:
    found = measured(answered(asked("a"), Shown("a", None, "strong")))
    assert not any(one.lines for one in found.calibration)
    assert found.recall_at_1.value == 1


def of_groups(**false: tuple[int, int]) -> ScoreReport:
    """A report of groups with so many false hits for so many absent people."""
    answers = []
    for group, (wrong, absent) in false.items():
        answers += [answered(asked(group=group), *([line("x", 1)] * (one < wrong))) for one in range(absent)]
    return measured(*answers)


def test_groups_are_compared_by_false_hits_of_absent_people() -> None:
    fairness = of_groups(north=(10, 200), south=(40, 400), few=(99, 199)).fairness
    assert fairness is not None
    assert fairness.compared == ("north", "south")
    assert fairness.groups["few"].absent == 199
    apart = fairness.apart[0]
    assert (apart.worst, apart.best) == ("south", "north")
    assert apart.ratio == pytest.approx((40.5 / 400) / (10.5 / 200))


def test_the_ratio_of_groups_stands_beside_what_chance_makes_of_equal_ones() -> None:
    alike = of_groups(**{f"g{one}": (5, 500) for one in range(8)}).fairness
    assert alike is not None
    assert alike.apart[0].ratio == 1
    assert 1.5 < alike.apart[0].by_chance < alike.apart[0].by_chance_high
    unlike = of_groups(north=(200, 500), south=(10, 500)).fairness
    assert unlike is not None
    assert unlike.apart[0].ratio > 5 * unlike.apart[0].by_chance_high


def test_one_group_is_compared_with_nobody() -> None:
    fairness = of_groups(north=(10, 300)).fairness
    assert fairness is not None
    assert fairness.apart == ()
    assert measured(answered(asked("a"))).fairness is None


def test_times_are_in_milliseconds() -> None:
    found = measured(*(answered(asked("a"), seconds=one / 1000) for one in range(1, 101)))
    assert found.latency.p50 == pytest.approx(50, rel=0.01)
    assert found.latency.p99 == pytest.approx(99, rel=0.01)
    assert found.latency.mean == pytest.approx(50.5)


# --------------------------------------------------------------------------- for programs and people


def some_report(name: str = "ours") -> ScoreReport:
    answers = [
        answered(asked("a", kind="typo", group="north"), line("a", 3), line("x", -3)) for _ in range(30)
    ]
    answers += [answered(asked("b", kind="clean"), line("x", 3)) for _ in range(10)]
    answers += [answered(asked(group="north"), line("x", 1)), *([answered(asked(group="south"))] * 250)]
    answers += [answered(asked(group="north"))] * 300
    return report(answers, dice=Random(2), name=name)


def test_a_report_survives_json_and_the_same_dice_give_the_same_report() -> None:
    found = some_report()
    assert msgspec.json.decode(found.as_json(), type=ScoreReport) == found == some_report()


def test_an_empty_set_is_a_report_of_nothing() -> None:
    found = measured()
    assert (found.queries, found.recall_at_1.value, found.thresholds[0].false_per_absent.n) == (0, None, 0)
    assert render(found)


def test_a_person_reads_words_and_no_line_is_too_wide() -> None:
    lines = render(some_report())
    text = "\n".join(lines)
    for words in ("ours", "40 of people in the file", "strong lines only", "typo", "2 to 4", "north"):
        assert words in text
    assert "75.0% (59.8-85.8)" in text
    assert max(map(len, lines)) <= 150


def test_systems_stand_beside_each_other_by_name() -> None:
    lines = compare([some_report(), some_report("by sound")])
    assert len(lines) == 1 + 2 * 3
    assert lines[4].startswith("by sound")
