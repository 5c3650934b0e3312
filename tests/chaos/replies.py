"""The reckoning of answers: each that our web server took is on its row, once."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

from server.domain.message import Message
from server.domain.words import Outcome
from tests.chaos.recipients import FORGED
from tests.chaos.row import about, shown_of

if TYPE_CHECKING:
    from tests.chaos.driver import Driver
    from tests.chaos.invariants import Report


def replies(rig: Driver, report: Report) -> None:
    """Every answer that was taken with 2xx is in the ledger, once, at the right person, and shows in its row."""
    inbox = rig.world.ledger.inbox
    campaigns = [key for show in rig.shows for key in show.campaigns]
    kept = [reply for key in campaigns for reply in inbox.replies(key)] + inbox.unmatched(100_000)
    by_ref = defaultdict(list)
    for reply in kept:
        for ref in re.findall(r"Ref (\S+)", reply.visible):
            by_ref[ref].append(reply)
    accepted = {key.removeprefix("answer:") for key in rig.recipients.postman.accepted if key.startswith("answer:")}
    report.counts["answers"] += len(accepted)
    shown: dict[str, Message] = {}  # whichever step of a row was answered: what came is where the row shows it
    for key in campaigns:
        for steps in rig.rows(key).values():
            shown |= dict.fromkeys((one.id for one in steps), shown_of(steps))
    asked = Counter(shown[rig.recipients.refs[ref]].id for ref in accepted)
    vague = {shown[rig.recipients.refs[ref]].address for ref in accepted & rig.recipients.bare}
    for reply in kept:
        if FORGED in reply.visible:
            report.add("forgeries taken", f"the ledger holds {reply.visible!r}")
    for ref in accepted:
        found = by_ref[ref]
        if len(found) != 1:
            report.add("lost replies", f"answer {ref} is in the ledger {len(found)} times")
            continue
        message = shown[rig.recipients.refs[ref]]
        taken = shown[found[0].message_id].id if found[0].message_id else ""
        if taken and found[0].interpretation is None:
            report.add("lost replies", f"answer {ref} was not read")
        bare = ref in rig.recipients.bare
        if taken and taken != message.id and not (bare and shown[taken].address == message.address):
            report.add("wrong-row writes", f"answer {ref} was taken to another row")
        late = found[0].automatic and message.outcome is not Outcome.AUTOMATIC  # it never replaces an answer
        alone = asked[message.id] == 1 and (not bare or taken == message.id)
        alone = alone and (message.address not in vague or len(_of_person(shown.values(), message)) == 1)
        if alone and taken and not late and ref not in message.reply:
            report.add("lost replies", f"answer {ref} is not in its row: {message.reply!r}, {about(message)}")


def _of_person(messages: Iterable[Message], message: Message) -> set[str]:
    return {one.id for one in messages if one.address == message.address}
