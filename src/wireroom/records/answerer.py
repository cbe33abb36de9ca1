"""The files of one holder as something that can be asked, a batch at a time, inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg

from wireroom.catalog.file import Source, Verb
from wireroom.catalog.index import Catalogue
from wireroom.message.answer import Answer, Question
from wireroom.records.change import Changer
from wireroom.records.find import Finder
from wireroom.records.vault import Vault


class RecordFiles:
    """Answers inquiries and carries out changes for one source. Holds no connection: the caller's is used."""

    def __init__(self, catalogue: Catalogue, source: Source, vault: Vault) -> None:
        self.name = source.value
        self._catalogue = catalogue
        self._finder = Finder(catalogue, source, vault)
        self._changer = Changer(catalogue, source, vault)

    async def ask(self, connection: asyncpg.Connection, questions: Sequence[Question]) -> list[Answer]:
        """One answer to each question, in their order; changes first, so that inquiries see them."""
        answers: dict[int, Answer] = {}
        inquiries = []
        for place, question in enumerate(questions):
            if self._catalogue.forms[question.message.key].verb is Verb.INQUIRE:
                inquiries.append(place)
            else:
                answers[place] = await self._changer.change(connection, question)
        found = (
            await self._finder.find(connection, [questions[place] for place in inquiries])
            if inquiries
            else []
        )
        answers.update(zip(inquiries, found, strict=True))
        return [answers[place] for place in range(len(questions))]
