"""What people outside are told: the letter to somebody who asked for it, and what became of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from wireroom.message.reply import wording


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody is told, as it is sealed until it is sent. Prints as …: it holds an address."""

    to: str
    owner: str  # the ORI that keeps the record
    number: str  # of the record; its owner is told it, and nobody else
    about: str = ""  # the number of the court's case
    words: str = ""
    spanish: str = ""

    def __repr__(self) -> str:
        return "Told(…)"


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """One letter, ready to go. Whoever gets two of one key has got one twice."""

    key: str
    channel: str  # see Channel in catalog/informing.py
    event: str
    to: str
    subject: str
    text: str
    made_at: datetime

    def __repr__(self) -> str:
        return f"Letter({self.key})"


class Post(StrEnum):
    """What became of a letter."""

    TAKEN = "taken"
    DELAYED = "delayed"  # it is tried again
    REFUSED = "refused"  # by who will always refuse it


class Posted(msgspec.Struct, frozen=True):
    """What a courier says of a letter."""

    post: Post
    trouble: str = ""  # why it was not taken, without the address


def key_of(number: int, place: int) -> str:
    """The name of a letter, which stays whenever it is sent again."""
    return f"{number}-{place}"


def letter(
    told: Told, *, key: str, channel: str, event: str, made_at: datetime, agency: str, phone: str
) -> Letter:
    """The letter that says it, with whom to call: neutral outside, safe inside, in English and in Spanish."""
    words = wording()
    call = {"agency": agency, "phone": phone}
    case = [f"{words['letter.case']} {told.about}", ""] if told.about else []
    spanish = [f"{words['letter.case_es']} {told.about}", ""] if told.about else []
    ask = "letter.call" if phone else "letter.ask"
    lines = [
        told.words, "", *case, words[ask].format(**call), words["letter.danger"], "", words["letter.stop"],
        "", "-----", "",
        told.spanish, "", *spanish, words[f"{ask}_es"].format(**call), words["letter.danger_es"], "",
        words["letter.stop_es"],
    ]  # fmt: skip
    return Letter(
        key=key, channel=channel, event=event, to=told.to, subject=words["letter.subject"], text="\n".join(lines),
        made_at=made_at,
    )  # fmt: skip
