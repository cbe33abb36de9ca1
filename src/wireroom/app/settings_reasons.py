"""The section of settings that says how much a person may ask without saying what for."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from wireroom.switch.pace import Pacing


class Reasons(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much may be asked in an hour. What is asked for an open incident of the person is never refused."""

    unexplained_an_hour: Annotated[
        int,
        Meta(
            ge=0, le=1_000_000, description="Inquiries of a person in an hour that nothing explains; 0: any."
        ),
    ] = 60
    all_an_hour: Annotated[
        int, Meta(ge=0, le=1_000_000, description="Inquiries of a person in an hour in all; 0: any number.")
    ] = 600

    @property
    def pacing(self) -> Pacing:
        """The same as the switch takes it."""
        return Pacing(unexplained=self.unexplained_an_hour, all=self.all_an_hour)
