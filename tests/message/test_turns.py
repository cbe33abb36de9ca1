"""Claims about turns: one agency's flood delays no other, nothing is lost, and each terminal's order is kept."""

from __future__ import annotations

from collections import Counter, defaultdict

from hypothesis import given
from hypothesis import strategies as st

from wireroom.message.turns import HOUSE, PRESSING_IN_A_ROW, Room, Space, Turns, Whose

OTHERS = [Whose(f"CA0980{n}00", "Y001") for n in range(10)]
FLOOD = Whose("CA0990100", "Z001")
Put = tuple[int, Whose]  # an item and whose it is

whose = st.builds(
    Whose, st.sampled_from(["A", "B", "C", "D", ""]), st.sampled_from(["1", "2"]), st.booleans()
)
steps = st.lists(st.one_of(whose, st.integers(1, 5)), max_size=120)  # one more, or so many are taken


def test_SC_5_fifty_times_as_much_from_one_agency_delays_nobody_else() -> None:
    """Threat 26: whatever has come by the time a batch is filled is in that batch, or in the next."""
    turns: Turns[str] = Turns()
    batch_max, served = 11, Counter[str]()
    for turn in range(100):
        for _ in range(50):
            turns.put(FLOOD.agency, FLOOD)
        for one in OTHERS:
            turns.put(one.agency, one)
        batch = [turns.take() for _ in range(batch_max)]
        served.update(batch)
        for one in OTHERS:
            assert served[one.agency] >= turn, "served within the next batch"
        assert FLOOD.agency in batch
    assert len(turns) == 100 * 60 - 100 * batch_max


def test_who_asks_alone_gets_every_turn() -> None:
    turns: Turns[int] = Turns()
    for item in range(20):
        turns.put(item, FLOOD)
    assert [turns.take() for _ in range(20)] == list(range(20))
    assert len(turns) == 0


def test_what_presses_goes_first_and_the_rest_is_not_starved() -> None:
    turns: Turns[str] = Turns()
    upkeep = Whose("CA0990100", "Z002", pressing=False)
    for n in range(20):
        turns.put(f"entry {n}", upkeep)
    for n in range(20):
        turns.put(f"plate {n}", FLOOD)
    first = [turns.take().split()[0] for _ in range(8)]
    assert first == ["plate", "plate", "plate", "entry"] * 2


def test_a_car_does_not_wait_for_the_plate_reader_of_its_own_agency() -> None:
    turns: Turns[str] = Turns()
    for n in range(500):
        turns.put(f"reader {n}", FLOOD)
    turns.put("car", Whose(FLOOD.agency, "Z007"))
    assert [turns.take() for _ in range(3)] == ["reader 0", "car", "reader 1"]


def test_an_inquiry_of_a_terminal_does_not_overtake_its_own_entry() -> None:
    turns: Turns[str] = Turns()
    entry = Whose(FLOOD.agency, FLOOD.terminal, pressing=False)
    turns.put("enter", entry)
    turns.put("ask", FLOOD)
    turns.put("other", OTHERS[0])
    assert [turns.take() for _ in range(3)] == ["other", "enter", "ask"]


@given(steps)
def test_nothing_is_lost_or_served_twice_and_each_terminals_order_is_kept(steps: list[Whose | int]) -> None:
    turns: Turns[Put] = Turns()
    came: dict[tuple[str, str], list[int]] = defaultdict(list)
    went: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, step in enumerate(steps):
        if isinstance(step, Whose):
            turns.put((number, step), step)
            came[step.agency, step.terminal].append(number)
        else:
            for _ in range(min(step, len(turns))):
                item, one = turns.take()
                went[one.agency, one.terminal].append(item)
    for place, numbers in came.items():
        assert went[place] == numbers[: len(went[place])]
    for _ in range(len(turns)):
        item, one = turns.take()
        went[one.agency, one.terminal].append(item)
    assert went == came


@given(steps)
def test_no_newcomer_waits_for_more_than_one_item_of_each_other_agency_on_its_side(
    steps: list[Whose | int],
) -> None:
    """And for what is pressing, of the rest, at most a third as many and one; for the rest three times as many."""
    turns: Turns[Put] = Turns()
    held = Counter[str]()
    watched: dict[
        int, tuple[Whose, int, Counter[bool]]
    ] = {}  # with how many others waited, and what went first
    sides: dict[int, bool] = {}

    def take() -> None:
        item, one = turns.take()
        held[one.agency] -= 1
        side = sides.pop(item)
        mine, others, before = watched.pop(item, (one, 0, Counter()))
        ahead, across = before[mine.pressing], before[not mine.pressing]
        assert ahead <= others
        most = (ahead // PRESSING_IN_A_ROW + 1) if mine.pressing else PRESSING_IN_A_ROW * (ahead + 1)
        assert across <= most
        for _, _, seen in watched.values():
            seen[side] += 1

    for number, step in enumerate(steps):
        if isinstance(step, int):
            for _ in range(min(step, len(turns))):
                take()
            continue
        step = Whose(step.agency, "1" if step.pressing else "2", step.pressing)  # one line on each side
        turns.put((number, step), step)
        sides[number] = step.pressing
        if not held[step.agency]:
            watched[number] = (step, sum(count > 0 for count in held.values()), Counter())
        held[step.agency] += 1
    for _ in range(len(turns)):
        take()
    assert not watched


# ------------------------------------------------------------------ room


def test_one_agency_is_told_to_wait_and_the_others_find_space() -> None:
    room = Room(100, 1.0)
    flooded = [room.enter("A") for _ in range(200)]
    assert flooded.count(Space.FREE) == 50  # as much as it leaves to the others
    assert set(flooded[50:]) == {Space.AGENCY_FULL}
    assert [room.enter("B") for _ in range(200)].count(Space.FREE) == 25
    assert room.enter("C") is Space.FREE
    room.leave("A", 26)
    assert room.enter("A") is Space.FREE
    assert Room(100, 0.25).enter("A") is Space.FREE


def test_a_single_item_of_whoever_has_none_waiting_is_let_in_until_the_room_is_full() -> None:
    room = Room(10, 0.01)
    assert [room.enter(f"agency {n}") for n in range(10)] == [Space.FREE] * 10
    assert room.enter("one more") is Space.FULL
    assert room.enter("agency 1") is Space.FULL


def test_the_houses_own_is_let_in_where_all_is_full() -> None:
    room = Room(2, 5.0)
    assert [room.enter(name) for name in ("A", "B")] == [Space.FREE] * 2
    assert [room.enter(HOUSE.agency) for _ in range(3)] == [Space.FREE, Space.FREE, Space.FULL]


@given(st.lists(st.tuples(st.sampled_from("ABCDEFGH"), st.booleans()), max_size=300), st.floats(0.05, 4))
def test_a_room_holds_no_more_than_its_places_and_forgets_nobody(
    steps: list[tuple[str, bool]], share: float
) -> None:
    room, held = Room(24, share), Counter[str]()
    for agency, comes in steps:
        if comes:
            space = room.enter(agency)
            held[agency] += space is Space.FREE
            if not held[agency]:
                assert space is Space.FULL, "whoever has nothing is refused only where all is full"
        elif held[agency]:
            room.leave(agency)
            held[agency] -= 1
        assert held.total() <= room.places
    for agency, count in held.items():
        room.leave(agency, count) if count else None
    assert [room.enter(f"{n}") for n in range(room.places)] == [Space.FREE] * room.places
