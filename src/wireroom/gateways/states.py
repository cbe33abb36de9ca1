"""What the pretended Nlets does between a question and the other states' files: it asks one state, or says why not."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from wireroom.catalog.file import Source
from wireroom.catalog.index import Catalogue, elsewhere
from wireroom.catalog.tables import table
from wireroom.gateways.pretend import AskFiles
from wireroom.message.answer import Answer, Question, State
from wireroom.message.envelope import Message


class States:
    """The states behind Nlets, whose files lie in one database. `down` are those that do not answer: it may change.

    Its words are those of Nlets' own errors and status messages as far as they are public; the numbers are left out.
    """

    def __init__(self, catalogue: Catalogue, ask: AskFiles, down: Collection[str] = ()) -> None:
        self.down = set(down)
        self._ask = ask
        self._rules = {  # by the key that every state knows: which field names it, and what else it wants
            file.asked_as: elsewhere(file, file.abroad)
            for file in catalogue.files.values()
            if file.abroad is not None and file.abroad.to is Source.NLETS
        }

    async def ask(self, questions: Sequence[Question]) -> list[Answer]:
        """One answer to each question, in their order."""
        answers = [self._not_forwarded(question.message) for question in questions]
        open_ = [question for question, answer in zip(questions, answers, strict=True) if answer is None]
        found = iter(await self._ask(open_) if open_ else ())
        return [next(found) if answer is None else answer for answer in answers]

    def _not_forwarded(self, message: Message) -> Answer | None:
        """Why no state is asked; None where one is."""
        rule = self._rules.get(message.key)
        if rule is None:
            return _said(
                State.REFUSED, f"NO STATE RESPONDS TO MESSAGE TYPE {message.key}: NLETS WILL NOT FORWARD"
            )
        places = message.all(rule.field)
        if len(places) != 1 or places[0] not in table(rule.places):
            return _said(State.REFUSED, f"INVALID DESTINATION: NAME ONE STATE IN {rule.field}")
        if places[0] in self.down:
            return _said(
                State.OUT_OF_SERVICE,
                f"{places[0]} IS OUT OF SERVICE FOR MESSAGE TYPE {message.key}: NLETS WILL NOT FORWARD",
            )
        missing = rule.check({code: (value,) for code, value in message.fields})
        if missing:
            return _said(State.REFUSED, "; ".join(f"{code} {why}" for code, why in missing).upper())
        return None


def _said(state: State, text: str) -> Answer:
    return Answer(source=Source.NLETS.value, state=state, text=text)
