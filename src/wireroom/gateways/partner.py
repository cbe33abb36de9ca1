"""Another system as something the switch can ask: questions go out over a link, answers come back as answers."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable

import msgspec

from wireroom.catalog.index import Catalogue
from wireroom.gateways.link import Declined, Link, LinkBusy, LinkDown, LinkError
from wireroom.message.answer import Answer, Question, State
from wireroom.message.reply import ReplyError, named, read_reply, wording
from wireroom.message.turns import PRESSING, Whose
from wireroom.message.write import write

log = logging.getLogger(__name__)

OnLate = Callable[[Question, Answer], Awaitable[None]]
OUT_MAX = 16_384  # questions remembered, so that a late answer finds its own
_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # without I, L, O and U
CONTROLS = len(_DIGITS) ** 8


class Partner:
    """One other system. `ask` never raises for its trouble: silence and a dead link are answers too."""

    def __init__(
        self, catalogue: Catalogue, name: str, *, worker: int, deadline_s: float, first: int = 0
    ) -> None:
        """`first` is where controls are counted from. It must be beyond all that an earlier process has used."""
        self.name = name
        self.worker = worker
        self.deadline_s = deadline_s
        self._catalogue = catalogue
        self._on_late: OnLate | None = None
        self._link: Link | None = None
        self._count = first
        self._prefix = _digits(worker, 2)
        self._out: OrderedDict[str, Question] = OrderedDict()

    def adopt(self, catalogue: Catalogue) -> None:
        """Another catalogue is in force from now on."""
        self._catalogue = catalogue

    def attach(self, link: Link, on_late: OnLate) -> None:
        """Gives the partner its link, whose `on_late` is `late`; `on_late` here gets question and late answer."""
        self._link = link
        self._on_late = on_late

    @property
    def link(self) -> Link:
        """The line to the partner."""
        assert self._link is not None, "a partner is asked only after its link was attached"
        return self._link

    @property
    def up(self) -> bool:
        """Whether questions can be sent now."""
        return self._link is not None and self._link.up

    async def ask(self, question: Question) -> Answer:
        """The partner's answer, or that there was none by the deadline, or that it cannot be asked."""
        if (
            question.seat.test
        ):  # the partner's records are live, and it would not know that the question is not
            return Answer(source=self.name, state=State.OUT_OF_SERVICE, text=wording()["switch.training"])
        control = self._control(question)
        try:
            asked = write(question.message, question.seat.ori)
            text = await self.link.ask(asked, control, self.deadline_s, whose=self._whose(question))
        except (
            LinkDown
        ):  # the line may have ended after the question went out: its answer can still come, as late
            return Answer(source=self.name, state=State.OUT_OF_SERVICE)
        except LinkBusy as busy:
            return Answer(source=self.name, state=State.OUT_OF_SERVICE, text=str(busy).upper())
        except Declined as declined:
            return Answer(source=self.name, state=State.REFUSED, text=str(declined).upper())
        except LinkError:
            return Answer(source=self.name, state=State.NO_ANSWER)
        self._out.pop(control, None)
        return self._read(text, control, question)

    async def late(self, control: str, text: str) -> None:
        """An answer that came after its deadline, or to nothing we remember.

        Raises what `on_late` raises: then the question is kept, for the partner will deliver the answer again.
        """
        question = self._out.pop(control, None)
        if question is None or self._on_late is None:
            log.warning("%s sent an answer to nothing that we remember", self.name)
            return
        answer = self._read(text, control, question)
        try:
            await self._on_late(question, msgspec.structs.replace(answer, late=True))
        except BaseException:
            self._out[control] = question
            raise

    def _read(self, text: str, control: str, question: Question) -> Answer:
        """The answer in a reply's text; a reply to another question, or none at all, is no answer."""
        try:
            said, answer = read_reply(text, self._catalogue, source=self.name)
        except ReplyError as error:
            log.error("entry %d: %s sent what is not a reply: %s", question.transaction, self.name, error)
            return Answer(source=self.name, state=State.NO_ANSWER, text="THE REPLY COULD NOT BE READ")
        if said != control:
            log.error("entry %d: %s sent a reply to another question", question.transaction, self.name)
            return Answer(
                source=self.name, state=State.NO_ANSWER, text="THE REPLY BELONGS TO ANOTHER QUESTION"
            )
        if answer.state in (State.HIT, State.RECORD) and not self._shows(answer):
            log.error("entry %d: %s sent a reply without its records", question.transaction, self.name)
            return Answer(source=self.name, state=State.NO_ANSWER, text="THE REPLY COULD NOT BE READ")
        return answer

    def _shows(self, answer: Answer) -> bool:
        """Whether a reply that says to have found something brings it: a hit of a file that has hits."""
        if answer.state is State.RECORD:
            return bool(answer.hits)
        return any(named(hit, self._catalogue)[0] for hit in answer.hits)

    def _whose(self, question: Question) -> Whose:
        form = self._catalogue.forms.get(question.message.key)
        return question.whose(pressing=form is not None and form.verb in PRESSING)

    def _control(self, question: Question) -> str:
        """Ten characters that no other question of the last years carries."""
        self._count += 1
        control = self._prefix + _digits(self._count % CONTROLS, 8)
        self._out[control] = question
        while len(self._out) > OUT_MAX:
            self._out.popitem(last=False)
        return control


def _digits(number: int, width: int) -> str:
    text = ""
    for _ in range(width):
        number, digit = divmod(number, len(_DIGITS))
        text = _DIGITS[digit] + text
    return text
