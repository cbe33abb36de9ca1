"""The files of one holder as something that can be asked, a batch at a time, inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg

from wireroom.catalog.file import Source, Verb
from wireroom.catalog.index import Catalogue
from wireroom.message.answer import Answer, Question
from wireroom.records.change import Changer
from wireroom.records.find import Finder
from wireroom.records.matching.keeping import keep
from wireroom.records.matching.people import People
from wireroom.records.matching.published import Rule
from wireroom.records.persons import FROM_BITS, PersonAsked, PersonFound, Persons
from wireroom.records.vault import Vault


class RecordFiles:
    """Answers inquiries and carries out changes for one source. Holds no connection: the caller's is used.

    It holds the vocabulary of one database, so every connection that it is given must lead to the same one.
    """

    def __init__(self, catalogue: Catalogue, source: Source, vault: Vault, rule: Rule = Rule.BITS) -> None:
        self.name = source.value
        self._catalogue = catalogue
        self._people = People()
        self._finder = Finder(catalogue, source, vault, self._people, rule)
        self._persons = Persons(catalogue, source, vault, self._people, rule)
        self._source = source
        self._vault = vault

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
            if self._catalogue.forms[question.message.key].verb is Verb.INQUIRE:
                inquiries.append(place)
            else:
                answers[place] = await changer.change(connection, question)
        if changer.named:
            await self._people.refresh(connection)
            await keep(connection, self._people.vocabulary, self._people.books, changer.named)
        found = (
            await self._finder.find(connection, [questions[place] for place in inquiries])
            if inquiries
            else []
        )
        answers.update(zip(inquiries, found, strict=True))
        return [answers[place] for place in range(len(questions))]

    async def persons(
        self, connection: asyncpg.Connection, asked: Sequence[PersonAsked], from_bits: float = FROM_BITS
    ) -> list[list[PersonFound]]:
        """Who may be each of these persons, the strongest first: for the command line and for measuring."""
        return await self._persons.search(connection, asked, from_bits)
