"""The section of settings about what is looked at afterwards."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from wireroom.app.settings_people import Section


class Oversight(Section, frozen=True, kw_only=True):
    """What is told of the journal to whom."""

    officers_named: Annotated[
        bool,
        Meta(description="Whether a person who asks who looked them up is told the officers' accounts, too."),
    ] = False
