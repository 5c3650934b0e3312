"""What every ledger must find by the words of the Status cell: `ports.Messages.of_campaign` with `words`."""

from __future__ import annotations

from server.domain.cells import status
from server.domain.machine import Answered
from server.domain.words import MessageState, Problem, Status
from server.ports import Ledger
from tests.contracts.ledger import AT, READING, message, sending


class StatusWordsContract:
    """A list of rows shows those that are counted under its words, and no others."""

    def test_messages_are_found_by_the_word_that_their_cell_shows(self, ledger: Ledger) -> None:
        sending(
            ledger,
            message(1, state=MessageState.DRAFTED),
            message(2, state=MessageState.DRAFTED, problem=Problem.NO_ADDRESS),
            message(3, state=MessageState.SENT),
            message(4, state=MessageState.SENT),
            message(5, state=MessageState.SKIPPED),
            message(6, state=MessageState.CHOSEN),
        )
        ledger.messages.move(message(4).id, Answered(READING, "Yes", at=AT))
        everything = ledger.messages.of_campaign("c_1")
        for word in {status(one) for one in everything}:
            found = ledger.messages.of_campaign("c_1", words=[word])
            assert found == [one for one in everything if status(one) is word]
            assert len(found) == next(one.count for one in ledger.messages.tally("c_1") if one.status is word)
        some = [Status.SKIPPED, Status.DRAFT, Status.SENT]
        assert [one.id for one in ledger.messages.of_campaign("c_1", words=some, limit=2, offset=1)] == [
            message(3).id,
            message(5).id,
        ]
        assert ledger.messages.of_campaign("c_1", words=[Status.BOUNCED]) == []
        assert ledger.messages.of_campaign("c_1", words=[]) == []
