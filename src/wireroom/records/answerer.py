"""The files of one holder as something that can be asked, a batch at a time, inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import asyncpg
import msgspec

from wireroom.catalog.file import Source, Verb
from wireroom.catalog.index import Catalogue
from wireroom.message.answer import Answer, Notification, Question, State
from wireroom.records.ageing import Ageing
from wireroom.records.attaching import Attaching
from wireroom.records.change import Changer
from wireroom.records.deriving import Deriving
from wireroom.records.find import Finder
from wireroom.records.following import Followed, Following
from wireroom.records.forwarding import Forwarding
from wireroom.records.hold import Hand
from wireroom.records.informing import Informing
from wireroom.records.matching.keeping import Kept, keep
from wireroom.records.matching.people import People
from wireroom.records.matching.published import Rule
from wireroom.records.outbox import Outbox
from wireroom.records.past import remember
from wireroom.records.persons import FROM_BITS, PersonAsked, PersonFound, Persons
from wireroom.records.subjects import subjects
from wireroom.records.vault import Vault
from wireroom.records.veiling import unread, veiled
from wireroom.records.ways import Asking
from wireroom.records.worklist import listed


class RecordFiles:
    """Answers inquiries and carries out changes for one source. Holds no connection: the caller's is used.

    It holds the vocabulary of one database, so every connection that it is given must lead to the same one.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        source: Source,
        vault: Vault,
        rule: Rule = Rule.BITS,
        *,
        deriver: str = "",
        remembers: bool = False,
    ) -> None:
        """`deriver` is the ORI that owns what is derived; who `remembers` holds new records against past inquiries."""
        self.name = source.value
        self._people = People()
        self._source = source
        self._vault = vault
        self._rule = rule
        self._deriver = deriver
        self.outbox = Outbox(vault)
        self._remembers = remembers
        self.adopt(catalogue)

    def adopt(self, catalogue: Catalogue) -> None:
        """Another catalogue is in force from now on: a local file came, changed or went."""
        self._catalogue = catalogue
        source, vault, people, rule = self._source, self._vault, self._people, self._rule
        self._asking = Asking(catalogue, source)
        self._finder = Finder(catalogue, source, vault, people, rule)
        self._persons = Persons(catalogue, source, vault, people, rule)
        self.forwarding = Forwarding(catalogue, vault)

    async def warm(self, connection: asyncpg.Connection) -> None:
        """Reads the vocabulary of names, so that the first inquiry need not wait for it."""
        async with connection.transaction():
            await self._people.refresh(connection)

    async def ask(self, connection: asyncpg.Connection, questions: Sequence[Question]) -> list[Answer]:
        """One answer to each question, in their order; changes first, so that inquiries see them."""
        answers: dict[int, Answer] = {}
        inquiries = []
        changer = Changer(self._catalogue, self._source, self._vault)
        for place, question in enumerate(questions):
            verb = self._catalogue.forms[question.message.key].verb
            if verb is Verb.INQUIRE:
                inquiries.append(place)
            elif verb is Verb.LIST:
                answers[place] = await listed(
                    connection, self._catalogue, self._vault, self._source, question
                )
            else:
                answers[place] = await self._change(connection, changer, question)
        await self._index(connection, changer.named)
        asked = [questions[place] for place in inquiries]
        found = await self._finder.find(connection, asked) if asked else []
        if asked and self._remembers:
            ways = [(question, self._asking.ways(question.message)) for question in asked]
            await remember(connection, ways, self._vault)
        attaching = Attaching(self._catalogue, self._hand())
        for place, answer in zip(inquiries, found, strict=True):
            answers[place] = await attaching.named(connection, questions[place], answer)
        return [
            veiled(self._catalogue, answers[place], question.seat) for place, question in enumerate(questions)
        ]

    async def _change(self, connection: asyncpg.Connection, changer: Changer, question: Question) -> Answer:
        """A change, unless it would put a record onto another on which it may not stand."""
        refusal = await Attaching(self._catalogue, self._hand()).refusal(connection, question)
        if refusal:
            return Answer(source=self.name, state=State.REFUSED, text=refusal)
        return await changer.change(connection, question)

    async def subjects(
        self, connection: asyncpg.Connection, numbers: Sequence[str], *, test: bool
    ) -> dict[str, str]:
        """Those of the numbers that are on file, each with the subject that its record gives to any broadcast."""
        return await subjects(connection, self._catalogue, self._source, numbers, test=test)

    async def _index(self, connection: asyncpg.Connection, named: Sequence[Kept]) -> None:
        if named:
            await self._people.refresh(connection)
            await keep(connection, self._people.vocabulary, self._people.books, named)

    def _hand(self) -> Hand:
        return Hand(self._vault, self._source)

    # ----------------------------------------------------------------------- what nobody asked for

    async def settled(self, connection: asyncpg.Connection) -> tuple[int, ...]:
        """The oldest changes that may be followed up. Outside a transaction."""
        return await self._following(self._hand()).settled(connection)

    async def follow(
        self,
        connection: asyncpg.Connection,
        settled: Sequence[int],
        now: datetime,
        numbers: Callable[[int], list[int]],
    ) -> Followed:
        """Follows up some of these changes. In the caller's transaction."""
        hand = self._hand()
        followed = await self._following(hand).follow(connection, settled, now, numbers)
        await self._index(connection, hand.named)
        notices = tuple(unread(self._catalogue, followed.notices))
        return msgspec.structs.replace(followed, notices=notices)

    def _following(self, hand: Hand) -> Following:
        deriving = Deriving(self._catalogue, hand, self._persons, self._deriver)
        informing = Informing(self._catalogue, hand, self._persons)
        return Following(
            self._catalogue, self._vault, hand, self._people, self.forwarding, deriving, informing
        )

    async def tick(
        self, connection: asyncpg.Connection, now: datetime, by: int
    ) -> tuple[list[Notification], bool]:
        """Lets records age; what owners are told, and whether there is more to do. In the caller's transaction."""
        hand = self._hand()
        owners = self._source is Source.STATE
        told, more = await Ageing(self._catalogue, hand, owners=owners).tick(connection, now, by)
        await self._index(connection, hand.named)
        return list(unread(self._catalogue, told)), more

    async def persons(
        self, connection: asyncpg.Connection, asked: Sequence[PersonAsked], from_bits: float = FROM_BITS
    ) -> list[list[PersonFound]]:
        """Who may be each of these persons, the strongest first: for the command line and for measuring."""
        return await self._persons.search(connection, asked, from_bits)
