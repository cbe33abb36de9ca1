"""What protected persons who asked for it are told of an order, in English and in Spanish (the words are ours)."""

from __future__ import annotations

import msgspec

from wireroom.catalog.informing import Informs, On
from wireroom.catalog.when import When

LAW = "sourced: S62, Family Code 6380.5"
_EVENTS = (
    Informs(
        event="ENTERED", on=On.WISHED, mark=LAW,
        words="The court order that protects you is on file with law enforcement in California.",
        spanish="La orden judicial que lo protege está registrada ante las autoridades de California.",
    ),
    Informs(
        event="SERVED", on=On.BECAME, when=(When("SVC", ("1",)),), mark=LAW,
        words="The court order that protects you has been served: the restrained person has been told of it.",
        spanish="La orden judicial que lo protege ha sido notificada a la persona restringida.",
    ),
    Informs(
        event="VIOLATED", on=On.REPORTED, report="VPO", mark="ours",
        words="A possible violation of the court order that protects you was reported to law enforcement.",
        spanish="Se informó a las autoridades de una posible violación de la orden judicial que lo protege.",
    ),
    Informs(
        event="REPLACED", on=On.ENDED, ways=("superseded",), mark="ours",
        words="The temporary court order that protects you was replaced by another order, which is on file now.",
        spanish="La orden judicial temporal que lo protege fue reemplazada por otra orden, que ya está registrada.",
    ),
    Informs(
        event="EXPIRED", on=On.ENDED, ways=("expired",), mark="ours",
        words="The court order that protected you has expired: law enforcement can no longer enforce it.",
        spanish="La orden judicial que lo protegía ha vencido: las autoridades ya no pueden hacerla cumplir.",
    ),
    Informs(
        event="ENDED", on=On.ENDED, mark="ours",
        words="The court order that protected you is no longer on file: law enforcement can no longer enforce it "
        "from this record.",
        spanish="La orden judicial que lo protegía ya no está registrada: las autoridades ya no pueden hacerla cumplir "
        "a partir de este registro.",
    ),
    Informs(
        event="FIREARM", on=On.SOUGHT, since="ISD", mark=LAW,
        words="The person whom the court order restrains tried to get a firearm, which the order forbids.",
        spanish="La persona restringida por la orden intentó obtener un arma de fuego, lo cual la orden prohíbe.",
    ),
)  # fmt: skip
PERSONS_TOLD = tuple(msgspec.structs.replace(one, about="PNO") for one in _EVENTS)
