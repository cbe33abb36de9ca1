"""All ways of the HTTP API: from this list come the routes and their description, so the two agree."""

from __future__ import annotations

from wireroom.web.catalogue_shown import CatalogueShown
from wireroom.web.explaining import CadGiven, CadTaken, ReasonGiven, ReasonsShown
from wireroom.web.office_ways import OFFICE
from wireroom.web.orders import Entered
from wireroom.web.posture import MeasuredGiven, MeasuredTaken
from wireroom.web.shapes import (
    Acknowledgement,
    Delivered,
    End,
    Factors,
    Health,
    Links,
    Received,
    SignedIn,
    SignIn,
    Transaction,
)
from wireroom.web.way import At, Way

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

MESSAGES: tuple[Way, ...] = (
    Way(
        method="POST",
        path="/api/v1/sessions",
        does="sign_in",
        at=At.BOTH,
        title="Sign in with both factors at a terminal",
        takes=SignIn,
        gives=((201, SignedIn),),
        refuses=(400, 401, 403, 413, 415, 429, 503),
        open=True,
    ),
    Way(
        method="DELETE",
        path="/api/v1/sessions/current",
        does="sign_out",
        at=At.BOTH,
        title="Sign out",
        gives=((204, None),),
        refuses=(401,),
    ),
    Way(
        method="POST",
        path="/api/v1/sessions/current/factors",
        does="confirm",
        at=At.BOTH,
        title="Show both factors again, as acts of administration ask for; a new token comes in place of the old one",
        takes=Factors,
        gives=((201, SignedIn),),
        refuses=(400, 401, 413, 415, 429, 503),
    ),
    Way(
        method="POST",
        path="/api/v1/transactions",
        does="transact",
        at=At.MESSAGES,
        title="Send one text. The receipt comes at once; the answers come to the terminal, or in this "
        "response as events `receipt`, `answer` and `end` where it accepts text/event-stream. With "
        "?acknowledge=true the answers so sent are acknowledged.",
        takes=Transaction,
        gives=((202, Received), (200, Received)),
        events=(Received, Delivered, End),
        refuses=(400, 401, 403, 409, 413, 415, 422, 429, 503, 504),
        keyed=True,
    ),
    Way(
        method="POST",
        path="/api/v1/orders",
        does="order",
        at=At.MESSAGES,
        title="Enter or change an order of a court, as JSON or as NIEM XML. The answer has the record as it stands, "
        "and comes to the terminal too; with ?acknowledge=true it need not be acknowledged.",
        gives=((201, Entered), (200, Entered), (202, Received)),
        refuses=(400, 401, 403, 409, 413, 415, 422, 429, 503, 504),
        keyed=True,
        document=True,
    ),
    Way(
        method="GET",
        path="/api/v1/deliveries",
        does="deliveries",
        at=At.MESSAGES,
        title="All that comes for the terminal, without end: what is not acknowledged first. The event is "
        "the delivery's kind and its id the delivery's number.",
        gives=((200, None),),
        events=(Delivered,),
        only_events=True,
        refuses=(401, 429),
    ),
    Way(
        method="POST",
        path="/api/v1/acknowledgements",
        does="acknowledge",
        at=At.MESSAGES,
        title="Say that deliveries were shown; they are not sent again",
        takes=Acknowledgement,
        gives=((204, None),),
        refuses=(400, 401, 413, 415, 422),
    ),
    Way(
        method="GET",
        path="/api/v1/catalogue",
        does="catalogue",
        at=At.MESSAGES,
        title="Every message key with its fields",
        gives=((200, CatalogueShown),),
        refuses=(401,),
    ),
    Way(
        method="GET",
        path="/api/v1/links",
        does="links",
        at=At.MESSAGES,
        title="Every source, and whether it can be asked",
        gives=((200, Links),),
        refuses=(401,),
    ),
    Way(
        method="POST",
        path="/api/v1/cad",
        does="cad",
        at=At.MESSAGES,
        title="Tell of incidents as they stand in an agency's CAD, each after one change there; all are kept, or none",
        takes=CadGiven,
        gives=((200, CadTaken),),
        refuses=(400, 401, 413, 415, 422, 503),
        interface=True,
    ),
    Way(
        method="POST",
        path="/api/v1/posture",
        does="posture",
        at=At.MESSAGES,
        title="Tell what an agency's device management measured of its devices; all is kept, or nothing",
        takes=MeasuredGiven,
        gives=((200, MeasuredTaken),),
        refuses=(400, 401, 413, 415, 422, 503),
        interface=True,
    ),
    Way(
        method="GET",
        path="/api/v1/reasons",
        does="unexplained",
        at=At.MESSAGES,
        title="Inquiries of one's own agency that nothing explains, the newest first. For its administrators and "
        "auditors",
        gives=((200, ReasonsShown),),
        refuses=(401, 403, 503),
    ),
    Way(
        method="POST",
        path="/api/v1/reasons",
        does="explain",
        at=At.MESSAGES,
        title="Say afterwards what an inquiry of one's own was for",
        takes=ReasonGiven,
        gives=((204, None),),
        refuses=(400, 401, 403, 413, 415, 422, 503),
    ),
    Way(
        method="GET",
        path="/api/v1/runs",
        does="runs",
        at=At.MESSAGES,
        title="What others asked in one's own name, the newest first",
        gives=((200, ReasonsShown),),
        refuses=(401, 503),
    ),
    Way(
        method="GET",
        path="/api/v1/openapi.json",
        does="document",
        at=At.BOTH,
        title="This description",
        gives=((200, None),),
        refuses=(401,),
    ),
    Way(
        method="GET",
        path="/health",
        does="health",
        at=At.BOTH,
        title="Whether all is well",
        gives=((200, Health),),
        open=True,
    ),
)
WAYS: tuple[Way, ...] = (*MESSAGES, *OFFICE)
