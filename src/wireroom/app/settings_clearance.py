"""The section of settings that says what is asked of people."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from wireroom.policy.fitness import Demands


class Clearance(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What must stand on record of a person before they may send anything."""

    statement_version: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=32,
            description="Version of the statement that everybody signs; with a new one everybody signs again.",
        ),
    ] = "1"
    pass_mark: Annotated[
        int, Meta(ge=1, le=100, description="Score in per cent from which an examination is passed.")
    ] = 70
    training_days: Annotated[
        int, Meta(ge=1, le=3660, description="Days for which a class and an examination count.")
    ] = 365
    review_days: Annotated[
        int, Meta(ge=1, le=3660, description="Days within which each account is reviewed again.")
    ] = 365

    @property
    def demands(self) -> Demands:
        """The same as the rules take it."""
        return Demands(
            statement=self.statement_version, pass_mark=self.pass_mark, training_days=self.training_days,
            review_days=self.review_days,
        )  # fmt: skip
