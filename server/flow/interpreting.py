"""reply -> what it says, how sure we are, and whether a person should look. The model proposes, code disposes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from server.domain.answers import outcome_of, refuse
from server.domain.asking import names
from server.domain.away import away_until, in_words
from server.domain.campaign import Campaign
from server.domain.choices import digit, meant, offered, read_payload
from server.domain.confidence import Doubt, threshold
from server.domain.machine import ANSWERS, Answered, Checked, Settled, agrees
from server.domain.message import Message
from server.domain.quiet import day_of
from server.domain.reply import Interpretation, Reply, named_files
from server.domain.routes import way_of
from server.domain.stop import is_opt_out
from server.domain.table import fold
from server.domain.usage import BY_RULE
from server.domain.visible import split
from server.domain.words import ChannelName, Flag, Outcome, SuppressionReason
from server.errors import CellbackError, Conflict, InvalidInput, PermanentError, TemporaryError
from server.flow.stepping import answer_stop, put, standing
from server.ports import Interpreter, Ledger, ReadRequest, Sheet


async def interpret(
    *,
    ledger: Ledger,
    sheet: Sheet | None,
    interpreter: Interpreter,
    reply_id: str,
    sure_at: float | None = None,
    zone: str = "UTC",
) -> str:
    """Read one matched reply and put it on its row; the campaign's id. Safe to repeat.

    `sheet` gives the row's cells to the reader; without it (not reachable now) only the reply itself is read. `sure_at`
    is the threshold of the reply's campaign (None: what the campaign says, else the default), `zone` the sheet's time
    zone: "tomorrow" is counted from the day that it was there when the reply came. Raises TemporaryError while
    another message of the row is on its way.
    """
    reply = ledger.inbox.reply(reply_id)
    if reply.message_id is None:
        return ""
    message = ledger.messages.get(reply.message_id)
    campaign = ledger.campaigns.get(message.campaign_id)
    if reply.interpretation is not None:
        return campaign.id  # it is on its row: a newer reply, or a person, may have said something since
    message = standing(ledger=ledger, message=message)
    reading = certain(reply, campaign, message, zone)
    if reading is not None:
        reading = replace(_if_theirs(reading, reply), made=BY_RULE)
    else:
        level = threshold(campaign.sure_at) if sure_at is None else sure_at
        request = _request(campaign, message, reply, _record(sheet, message), level, zone)
        reading = doubt(await _read(interpreter, request), reply, campaign, level)
    if reading.outcome is Outcome.OPT_OUT:
        channel = way_of(campaign.plan, message).channel
        ledger.suppressions.add(message.address, channel, SuppressionReason.OPT_OUT)
    automatic = reading.outcome is Outcome.AUTOMATIC
    put(ledger=ledger, message=message, answer=Answered(reading, reply.shown, automatic, reply.received_at))
    # Last: what is marked as read is not looked for again, so it must stand on its row by then.
    ledger.inbox.save_reply(replace(reply, interpretation=reading))
    return campaign.id


def certain(
    reply: Reply, campaign: Campaign, message: Message | None = None, zone: str = "UTC"
) -> Interpretation | None:
    """What needs no model (design, 4.8): a button, a digit, opt-out words, an automatic reply; in this order. And what
    no model could read: a message without words."""
    if found := _pressed(reply, campaign) or _typed(reply, campaign, message):
        return found
    if is_opt_out(reply.visible, sms=reply.channel is ChannelName.SMS):
        return Interpretation(
            Outcome.OPT_OUT, {}, reply.visible.strip()[:200], 1.0, Flag.SURE, "Asked not to be written to again."
        )
    if reply.automatic:
        return Interpretation(Outcome.AUTOMATIC, {}, "", 1.0, Flag.SURE, _absence(reply, zone))
    if not reply.visible.strip() or reply.visible == named_files(reply.files):
        what = "They sent files and no words." if reply.files else "There are no words in it."
        return Interpretation(Outcome.UNCLEAR, reason=what)
    return None


def _absence(reply: Reply, zone: str) -> str:
    """What an automatic reply tells the organiser: until when somebody is away, where it says so."""
    written = day_of(reply.received_at, zone).date()
    until = away_until(reply.visible, today=written)
    return f"Away until {in_words(until, written)}." if until else "An automatic reply: no answer yet."


def _pressed(reply: Reply, campaign: Campaign) -> Interpretation | None:
    """A button's code, or its words."""
    payload = read_payload(reply.button)
    code = payload[1] if payload else reply.button
    if code and (found := meant(campaign.plan, code)):
        return _answer(*found, reply.visible.strip()[:200] or found[1], "Pressed a button.")
    for column in campaign.plan.answer_columns:
        for value in column.allowed:
            if reply.button and fold(value) == fold(reply.button):
                return _answer(column.name, value, reply.button, "Pressed a button.")
    return None


def _typed(reply: Reply, campaign: Campaign, message: Message | None) -> Interpretation | None:
    """A digit and nothing else, where digits were asked for: in a mail a “1” may mean anything."""
    code, found = digit(reply.visible), offered(campaign.plan)
    if not code or found is None or message is None:
        return None
    own = bool(message.question) and not names(message.question, found[1])  # it has answers of its own
    asked = (reply.channel in DIGITS and not own) or (
        reply.channel is ChannelName.WHATSAPP and names(message.text, found[1])
    )
    said = meant(campaign.plan, code) if asked else None
    return _answer(*said, reply.visible.strip(), f"Answered {code}, which stands for {said[1]}.") if said else None


DIGITS = frozenset({ChannelName.SMS, ChannelName.VOICE})
"""Channels where a choice is always answered by a digit; on WhatsApp where there were no buttons, as its text says."""


def _answer(column: str, value: str, evidence: str, reason: str) -> Interpretation:
    return Interpretation(outcome_of({column: value}), {column: value}, evidence, 1.0, Flag.SURE, reason)


def _if_theirs(reading: Interpretation, reply: Reply) -> Interpretation:
    """A press or a digit is as certain as its sender: from another address a person looks. A stop is a stop."""
    if not reply.matched_by.endswith("another address") or reading.outcome not in ANSWERS:
        return reading
    return replace(reading, flag=Flag.CHECK, confidence=0.5, reason=f"{FROM_ELSEWHERE} {reading.reason}")


FROM_ELSEWHERE = "It came from another address than we wrote to."


def _request(
    campaign: Campaign, message: Message, reply: Reply, record: Mapping[str, str], sure_at: float, zone: str
) -> ReadRequest:
    """What the reader may know."""
    plan = campaign.plan.with_channel(reply.channel, campaign.plan.provider)
    return ReadRequest(
        reply=reply.visible,
        question=message.question or plan.question or campaign.instruction,
        plan=plan,
        record={name: text for name, text in record.items() if name in {*plan.read_columns, plan.name_column}},
        quoted=reply.quoted,
        today=day_of(reply.received_at, zone).date().isoformat(),
        sure_at=sure_at,
        several=len(reply.candidates) > 1,
    )


async def _read(interpreter: Interpreter, request: ReadRequest) -> Interpretation:
    try:
        reading = await interpreter.read(request)
    except (TemporaryError, PermanentError) as error:
        return Interpretation(Outcome.UNCLEAR, reason=f"It could not be read: {error.sentence}", made=BY_RULE)
    made = replace(reading.made, plan=request.plan.version) if reading.made.prompt else reading.made
    return replace(reading, made=made)


def doubt(reading: Interpretation, reply: Reply, campaign: Campaign, sure_at: float) -> Interpretation:
    """Hold a reading against what code can check; what fails is `check`, whatever confidence it came with, and so is
    what is below the threshold, whoever read it. Nothing here makes a reading sure that was not."""
    faults = []
    if reading.evidence and reading.evidence not in reply.visible:
        faults.append("The words it rests on are not in the reply.")
    if wrong := refuse(campaign.plan, reading.values):
        faults.append(wrong)
        allowed = {name: value for name, value in reading.values.items() if not refuse(campaign.plan, {name: value})}
        reading = replace(reading, values=allowed)
    if reply.matched_by.endswith("another address"):
        faults.append(FROM_ELSEWHERE)
    if reading.flag is Flag.SURE and reading.outcome in ANSWERS and not reading.evidence:
        faults.append("No words of the reply were quoted for it.")
    if reading.flag is Flag.SURE and len(reply.candidates) > 1:
        faults.append(Doubt.SEVERAL_ROWS.value)
    if not faults:
        below = reading.flag is Flag.SURE and reading.confidence < sure_at
        return replace(reading, flag=Flag.CHECK, reason=f"{BELOW} {reading.reason}".strip()) if below else reading
    return replace(
        reading, flag=Flag.CHECK, confidence=min(reading.confidence, 0.5), reason=" ".join([*faults, reading.reason])
    )


BELOW = "It is less sure than this campaign asks for."


def _record(sheet: Sheet | None, message: Message) -> dict[str, str]:
    if sheet is None:
        return {}
    try:
        table = sheet.read(sheet.look_seconds)
    except CellbackError:  # gone, damaged or out of reach: a reply does not wait for its sheet
        return {}
    row = next((row for row in table.rows if row.key == message.row_key), None)
    return table.record(row) if row else {}


def settle(
    *,
    ledger: Ledger,
    campaign: Campaign,
    message_id: str,
    who: str,
    outcome: Outcome,
    values: Mapping[str, str],
    heard: datetime | None = None,
) -> Message:
    """A person decides what a reply says. Where its reading was sure, they were shown it as a spot check: who agrees
    with it settles nothing. `heard` is when the reply came that they decided about (None: whichever is the newest).

    Raises InvalidInput for a value the plan does not allow, Conflict when the row's message was never sent, or the row
    or its reading changed while they looked at it.
    """
    given = {name: value.strip() for name, value in values.items()}
    if wrong := refuse(campaign.plan, given):
        raise InvalidInput(wrong, field="values")
    if outcome in {Outcome.AUTOMATIC, Outcome.UNCLEAR}:
        raise InvalidInput("Choose what the reply says: confirmed, declined, answered ...", field="outcome")
    shown = ledger.messages.get(message_id)
    if shown.followed:
        raise Conflict("This row was written to again while you looked at it: please look at it once more.")
    spot = shown.flag is Flag.SURE and not shown.settled_by
    moved = ledger.messages.move(message_id, (Checked if spot else Settled)(who, outcome, given, heard))
    message = moved or ledger.messages.get(message_id)
    if moved is None and heard not in {None, message.replied_at}:
        raise Conflict("Another reply of theirs has come since: please read that one.")
    if moved is None and not (agrees(message, outcome, given) if spot else message.settled_by):
        changed = "This row changed while you looked at it: please read its reply again."
        unsent = "There is nothing to settle in this row: its message has not been sent."
        raise Conflict(changed if spot else unsent)
    if outcome is Outcome.OPT_OUT:
        channel = way_of(campaign.plan, message).channel
        ledger.suppressions.add(message.address, channel, SuppressionReason.OPT_OUT)
    return message


def unsubscribe(*, ledger: Ledger, token: str) -> bool:
    """One click on the link in a mail (RFC 8058): no further message on this channel, and the row says so."""
    message = ledger.messages.by_token(token) if token else None
    if message is None:
        return False
    channel = way_of(ledger.campaigns.get(message.campaign_id).plan, message).channel
    ledger.suppressions.add(message.address, channel, SuppressionReason.OPT_OUT)
    reading = Interpretation(Outcome.OPT_OUT, {}, "", 1.0, Flag.SURE, "Used the unsubscribe link.", BY_RULE)
    answer_stop(ledger=ledger, message=message, reading=reading)
    return True


async def read_text(interpreter: Interpreter, request: ReadRequest) -> Interpretation:
    """The reading of a bare text, by the same rules as a reply's: certain first, then the model, then the checks."""
    parts = split(request.reply)
    request = replace(request, reply=parts.visible, quoted=parts.quoted)
    reply = Reply("", "", request.plan.channel, "", parts.visible, datetime.min.replace(tzinfo=UTC))
    campaign = Campaign("", "", "", "", request.question, request.plan)
    found = certain(reply, campaign)
    if found is not None:
        return replace(found, made=BY_RULE)
    return doubt(await interpreter.read(request), reply, campaign, request.sure_at)
