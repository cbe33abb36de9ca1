"""What the API takes and gives about measured devices."""

from __future__ import annotations

from typing import Annotated

import msgspec

from wireroom.policy.posture import CLAIMS_MAX, Claim, Taken


class MeasuredGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an agency's device management measured of its devices."""

    devices: Annotated[tuple[Claim, ...], msgspec.Meta(min_length=1, max_length=CLAIMS_MAX)]


class MeasuredTaken(msgspec.Struct, frozen=True, kw_only=True):
    """What became of it."""

    taken: int
    overtaken: Annotated[int, msgspec.Meta(description="not newer than what stands: it changes nothing")]
    bad: Annotated[tuple[str, ...], msgspec.Meta(description="serials of devices that open nothing by this")]


def taken(kept: Taken) -> MeasuredTaken:
    """What became of claims, as the API tells it."""
    return MeasuredTaken(taken=kept.taken, overtaken=kept.overtaken, bad=kept.bad)
