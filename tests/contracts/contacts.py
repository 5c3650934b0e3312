"""What every ledger must know of people on a channel: the contracts of `ports.Contacts` and `ports.Marks`."""

from __future__ import annotations

from datetime import timedelta

from server.domain.reply import InboundMessage
from server.domain.words import ChannelName
from server.ports import Ledger
from tests.contracts.ledger import AT, reply, stored
from tests.fakes import FakeClock

WHATSAPP, SMS = ChannelName.WHATSAPP, ChannelName.SMS
ZOE, OURS = "+5511987654321", "+14155238886"


class ContactsContract:
    """Everything that is promised of contacts and marks."""

    def test_it_remembers_when_somebody_last_wrote_to_each_number_of_ours(self, ledger: Ledger) -> None:
        ledger.contacts.heard(WHATSAPP, OURS, ZOE, AT)
        ledger.contacts.heard(WHATSAPP, "+1999", ZOE, AT + timedelta(hours=2))
        last = ledger.contacts.last_heard
        assert last(WHATSAPP, OURS, f" {ZOE}") == AT
        assert last(WHATSAPP, "", ZOE) == AT + timedelta(hours=2)
        assert last(SMS, OURS, ZOE) is None
        assert last(WHATSAPP, OURS, "+5511") is None

    def test_it_tells_of_many_at_once_who_wrote_since(self, ledger: Ledger) -> None:
        people = [f"+4179{number:07}" for number in range(1200)]
        for place in (3, 700, 1199):
            ledger.contacts.heard(WHATSAPP, OURS, people[place], AT + timedelta(hours=place // 700))
        since = ledger.contacts.heard_since
        assert since(WHATSAPP, OURS, AT, people) == {people[3], people[700], people[1199]}
        assert since(WHATSAPP, "", AT + timedelta(minutes=1), people) == {people[700], people[1199]}
        assert since(WHATSAPP, "+1999", AT, people) == since(SMS, "", AT, people) == since(SMS, "", AT, ()) == set()

    def test_a_word_that_comes_late_is_not_the_last_one(self, ledger: Ledger) -> None:
        for hours in (2, 1, 3, 0):
            ledger.contacts.heard(WHATSAPP, OURS, ZOE, AT + timedelta(hours=hours))
        assert ledger.contacts.last_heard(WHATSAPP, OURS, ZOE) == AT + timedelta(hours=3)

    def test_nobody_is_heard_without_an_address(self, ledger: Ledger) -> None:
        ledger.contacts.heard(WHATSAPP, OURS, " ", AT, "US.1")
        ledger.contacts.called(WHATSAPP, "", "US.1")
        ledger.contacts.called(WHATSAPP, ZOE, "")
        assert ledger.contacts.last_heard(WHATSAPP, "", "") is None
        assert ledger.contacts.address_of(WHATSAPP, "US.1") == ""
        assert ledger.contacts.known_as(WHATSAPP, ZOE) == ""

    def test_a_providers_own_name_leads_to_an_address(self, ledger: Ledger) -> None:
        ledger.contacts.heard(WHATSAPP, OURS, ZOE, AT, "US.1349")
        assert ledger.contacts.address_of(WHATSAPP, "US.1349") == ZOE
        assert ledger.contacts.address_of(SMS, "US.1349") == ""
        assert ledger.contacts.address_of(WHATSAPP, "US.9") == ""
        assert ledger.contacts.address_of(WHATSAPP, "") == ""

    def test_only_what_was_said_of_a_send_is_what_they_are_written_to_by(
        self, ledger: Ledger, clock: FakeClock
    ) -> None:
        ledger.contacts.heard(WHATSAPP, OURS, ZOE, AT, "US.1349")
        assert ledger.contacts.known_as(WHATSAPP, ZOE) == ""
        ledger.contacts.called(WHATSAPP, ZOE, "551187654321")
        clock.advance(1)
        ledger.contacts.heard(WHATSAPP, OURS, ZOE, AT, "551187654321")
        assert ledger.contacts.known_as(WHATSAPP, ZOE) == "551187654321"
        assert ledger.contacts.address_of(WHATSAPP, "551187654321") == ZOE
        clock.advance(1)
        ledger.contacts.called(WHATSAPP, ZOE, "5511987654321")
        assert ledger.contacts.known_as(WHATSAPP, ZOE) == "5511987654321"

    def test_a_name_that_changed_hands_leads_to_its_new_owner(self, ledger: Ledger) -> None:
        ledger.contacts.called(WHATSAPP, ZOE, "US.1")
        ledger.contacts.called(WHATSAPP, "+41791234567", "US.1")
        assert ledger.contacts.address_of(WHATSAPP, "US.1") == "+41791234567"
        assert ledger.contacts.known_as(WHATSAPP, ZOE) == ""

    def test_what_is_kept_of_somebody_is_told_and_erased(self, ledger: Ledger) -> None:
        for address, name in ((ZOE, "US.1"), ("+41791234567", "US.2")):
            ledger.contacts.heard(WHATSAPP, OURS, address, AT, name)
        found = ledger.known(ZOE).contacts
        assert [(one.channel, one.known_as) for one in found] == [(WHATSAPP, ""), (WHATSAPP, "US.1")]
        assert found[0].at == AT
        assert ledger.erase(ZOE).contacts == found
        assert ledger.known(ZOE).contacts == ()
        assert ledger.contacts.last_heard(WHATSAPP, OURS, ZOE) is None
        assert ledger.contacts.address_of(WHATSAPP, "US.1") == ""
        assert ledger.contacts.address_of(WHATSAPP, "US.2") == "+41791234567"
        assert [one.known_as for one in ledger.known("US.2").contacts] == ["US.2"]

    def test_what_came_under_a_providers_name_is_told_and_erased_too(self, ledger: Ledger) -> None:
        ledger.contacts.heard(WHATSAPP, OURS, ZOE, AT, "US.1")
        for number, (sender, name) in enumerate((("", "US.1"), ("", "US.12")), start=1):
            event = InboundMessage(f"w{number}", sender, "Yes", channel=WHATSAPP, user_id=name)
            ledger.inbox.store([stored(number, event=event, raw="")])
            ledger.inbox.add_reply(reply(number, sender=name, channel=WHATSAPP))
        found = ledger.erase(ZOE)
        assert [one.id for one in found.replies] == ["y_1"]
        assert [one.id for one in found.events] == ["e_1"]
        assert [one.sender for one in ledger.inbox.unmatched(9)] == ["US.12"]

    def test_it_keeps_a_moment_and_never_an_earlier_one(self, ledger: Ledger) -> None:
        assert ledger.marks.get("missed") is None
        ledger.marks.keep("missed", AT)
        ledger.marks.keep("missed", AT + timedelta(minutes=5))
        ledger.marks.keep("missed", AT)
        assert ledger.marks.get("missed") == AT + timedelta(minutes=5)
