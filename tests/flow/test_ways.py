"""A campaign over several channels: which way each row goes, and what trouble with one provider does to the others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from server.domain.message import Receipt
from server.domain.plan import Route
from server.domain.words import CampaignState, SuppressionReason
from server.errors import PermanentError, SendInDoubt, TemporaryError
from server.flow import planning, sending
from server.flow.carrying import GIVE_UP_AFTER
from server.flow.outgoing import send_id
from tests.flow.ways import (
    ANA,
    BEN,
    CLEO,
    EMAIL,
    ON_WHATSAPP,
    PEOPLE,
    PLAN,
    SMS,
    WHATSAPP,
    MakeWays,
    S,
    Ways,
    make_ways,
)

__all__ = ["make_ways"]

NAMED = replace(PLAN, channel_column="How", routes=(*PLAN.routes, Route(WHATSAPP, "chats", "Mobile")))
BY_MAIL = replace(PLAN, channel=EMAIL, provider="mails", address_column="Email", routes=())
NOT_THERE = PermanentError("This number is not on WhatsApp.", elsewhere=True)


def people(*how: str, mobile: bool = True, number: int = 0) -> list[tuple[str, ...]]:
    """A row for each word of the channel column."""
    return [
        (f"P{n}", f"+4179000{n:04}" if mobile else "", f"p{n}@example.org", word, "09:40")
        for n, word in enumerate(how, start=number)
    ]


# which way


def test_a_row_goes_by_the_channel_that_it_names_in_whatever_words(make_ways: MakeWays) -> None:
    stage = make_ways(NAMED, people("Text", "E-Mail", "", "email"))
    stage.begin()
    stage.send()
    assert [one.address for one in stage.texts.arrived] == ["+41790000000", "+41790000002"]
    assert [one.address for one in stage.mails.arrived] == ["p1@example.org", "p3@example.org"]
    assert stage.states() == {S.SENT: 4}


def test_a_word_that_is_no_channel_is_said_and_not_sent(make_ways: MakeWays) -> None:
    stage = make_ways(NAMED, people("fax", "call", "sms"))
    found = planning.survey(stage.sheet.read(), NAMED, stage.channel_of, ("all",))
    assert [(one.kind, one.sentence) for one in found.faults] == [
        ("unknown_channel", "2 rows have a word in “How” that is no channel here.")
    ]
    stage.begin()
    stage.send()
    assert stage.cell("P0", "Status") == "No address"
    assert stage.cell("P0", "Note").startswith("“fax” is no channel. Write one of: SMS, email, WhatsApp.")
    assert "does not go by a call" in stage.cell("P1", "Note")
    assert len(stage.texts.arrived) == 1


def test_a_corrected_word_gets_its_draft_by_itself(make_ways: MakeWays) -> None:
    stage = make_ways(NAMED, people("fax"))
    stage.draft()
    stage.type("P0", "How", "sms")
    stage.sync()
    stage.redraft()
    assert stage.cell("P0", "Status") == "Draft"
    assert stage.way("P0") == (SMS, "texts", "+41790000000")


def test_the_first_way_with_a_usable_address_is_taken(make_ways: MakeWays) -> None:
    rows = [PEOPLE[0], ("Ben", "none", *PEOPLE[1][2:]), ("Cleo", "", *PEOPLE[2][2:]), ("Dan", "?", "@", "", "10:00")]
    stage = make_ways(PLAN, rows)
    stage.draft()
    assert stage.way("Ana") == (SMS, "texts", ANA)
    assert stage.way("Ben") == (EMAIL, "mails", "ben@example.org")
    assert stage.way("Cleo") == (EMAIL, "mails", "cleo@example.org")
    assert stage.cell("Dan", "Status") == "No address"


def test_a_row_that_names_another_channel_after_its_approval_is_not_sent(make_ways: MakeWays) -> None:
    stage = make_ways(NAMED, people("sms", "sms"))
    stage.begin()
    stage.type("P0", "How", "email")
    stage.send()
    assert stage.of("P0").state is S.CHANGED
    assert [one.address for one in stage.texts.arrived] == ["+41790000001"]
    assert stage.mails.arrived == []


def test_digits_are_asked_for_where_nothing_can_be_pressed(make_ways: MakeWays) -> None:
    stage = make_ways(NAMED, people("sms", "email", "WhatsApp"))
    stage.ledger.contacts.heard(WHATSAPP, "", "+41790000002", stage.clock.now())
    stage.draft()
    assert stage.of("P0").text.endswith("Can you come?\nReply 1 for Yes, 2 for No.")
    assert stage.of("P1").text.endswith("Can you come?")
    assert stage.of("P2").text.endswith("Can you come?")
    assert (stage.of("P0").subject, stage.of("P1").subject) == ("", "Your start")


def test_a_text_that_is_too_long_or_asks_for_a_carriers_word_is_looked_at_first(make_ways: MakeWays) -> None:
    stage = make_ways(replace(PLAN, template="{{Name}}: reply CANCEL if you can't."), people("", "")[:1])
    stage.draft()
    assert "“CANCEL”" in stage.cell("P0", "Note")
    stage.type("P0", "Message", "x" * 161)
    stage.sync()
    assert stage.approve().sentence == "1 left: The text has 161 characters: at most 160 can be sent there."
    assert stage.cell("P0", "Status") == "Draft"


# trouble with one provider


def test_a_provider_in_trouble_holds_up_only_what_it_carries(make_ways: MakeWays) -> None:
    stage = make_ways(NAMED, people(*["sms", "email"] * 8))
    stage.texts.unavailable = True
    stage.begin()
    stage.send()
    assert len(stage.mails.arrived) == 8
    assert stage.states() == {S.SENT: 8, S.APPROVED: 8}
    assert (stage.state, stage.campaign.start_at) == (CampaignState.SENDING, stage.clock.now())
    assert stage.campaign.note == "SMS (texts) waits: The provider is not reachable."
    assert len(stage.texts.sends) < 16  # the rest was not even tried
    stage.texts.unavailable = False
    stage.clock.advance(60)
    stage.send()
    assert len(stage.texts.arrived) == 8
    assert stage.campaign.note == ""


def test_what_waits_behind_a_provider_in_trouble_has_a_day_in_all(make_ways: MakeWays) -> None:
    stage = make_ways(NAMED, people(*["sms", "email"] * 8))
    stage.texts.unavailable = True
    stage.begin()
    stage.send()
    stage.clock.advance((GIVE_UP_AFTER + timedelta(minutes=1)).total_seconds())
    for _ in range(4):
        stage.send()
        stage.clock.advance(10)
    assert stage.states() == {S.SENT: 8, S.FAILED: 8}


def test_a_provider_that_a_person_must_mend_stops_alone_while_others_go_on(make_ways: MakeWays) -> None:
    stage = make_ways(NAMED, people("email", "sms", "sms", "email", "email"))
    for number in ("+41790000001", "+41790000002"):
        stage.texts.script(number, *[PermanentError("Wrong password.", whole_campaign=True)] * 3)
    stage.mails.script("p0@example.org", TemporaryError("Later.", retry_after=900))
    stage.begin()
    stage.send()
    assert stage.states() == {S.SENT: 2, S.APPROVED: 3}
    assert stage.campaign.note == "SMS (texts) has stopped: Wrong password. The other ways go on."
    assert stage.state is CampaignState.SENDING
    stage.clock.advance(901)
    stage.send()  # the last mail goes out, and nothing is left but what has stopped
    assert (len(stage.mails.arrived), stage.state) == (3, CampaignState.PAUSED)
    assert stage.campaign.note == "SMS (texts) has stopped: Wrong password."
    assert stage.texts.arrived == []


def test_two_providers_that_have_stopped_stop_the_campaign(make_ways: MakeWays) -> None:
    stage = make_ways(NAMED, people("email", "sms"))
    for channel, address in ((stage.texts, "+41790000001"), (stage.mails, "p0@example.org")):
        channel.script(address, PermanentError("Account closed.", whole_campaign=True))
    stage.begin()
    stage.send()
    assert stage.state is CampaignState.PAUSED
    assert stage.states() == {S.APPROVED: 2}


def test_a_provider_that_was_mended_goes_on_by_itself(make_ways: MakeWays) -> None:
    stage = make_ways(NAMED, people("email", "sms"))
    stage.texts.script("+41790000001", PermanentError("Wrong password.", whole_campaign=True))
    stage.mails.script("p0@example.org", TemporaryError("Later.", retry_after=900))
    stage.begin()
    stage.send()
    stage.clock.advance(301)
    stage.send()
    assert len(stage.texts.arrived) == 1
    assert (stage.campaign.note, dict(stage.campaign.stopped)) == ("", {})


def test_a_provider_that_is_not_set_up_any_more_keeps_no_other_waiting(make_ways: MakeWays) -> None:
    stage = make_ways(NAMED, people("email", "sms", "email"))
    stage.begin()
    stage.more = (stage.mails, stage.calls)
    stage.send()
    assert stage.states() == {S.SENT: 2, S.APPROVED: 1}
    assert "can't be used here" in stage.campaign.note


def test_each_channel_keeps_its_own_pace(make_ways: MakeWays) -> None:
    class Pace:
        def __init__(self) -> None:
            self.turns, self.holds = 0, list[float]()

        async def turn(self) -> None:
            self.turns += 1

        def hold(self, seconds: float) -> None:
            self.holds.append(seconds)

        def take(self, day: str, used: Callable[[], int]) -> bool:
            return True

        def give_back(self, day: str) -> None:
            pass

    stage, paces = make_ways(NAMED, people("sms", "email", "email")), {SMS: Pace(), EMAIL: Pace()}
    stage.pacers = dict(paces)
    stage.texts.script("+41790000000", TemporaryError("Slower.", retry_after=7))
    stage.begin()
    stage.send()
    assert (paces[SMS].turns, paces[EMAIL].turns) == (1, 2)
    assert (paces[SMS].holds, paces[EMAIL].holds) == ([7], [])


# nobody there, and stop


def on_whatsapp(make: MakeWays, *names: str) -> Ways:
    """All on WhatsApp by the plan, in the window."""
    stage = make(ON_WHATSAPP)
    for number in (ANA, BEN, CLEO):
        stage.ledger.contacts.heard(WHATSAPP, "", number, stage.clock.now())
    stage.begin()
    for name in names:
        stage.chats.script(stage.of(name).address, NOT_THERE)
    return stage


def test_who_is_not_on_whatsapp_gets_a_draft_for_the_next_way_and_nothing_more(make_ways: MakeWays) -> None:
    stage = on_whatsapp(make_ways, "Ben")
    stage.send()
    stage.redraft()
    assert len(stage.chats.arrived) == 2
    assert stage.texts.sends == []
    assert stage.cell("Ben", "Status") == "Check draft"
    assert stage.cell("Ben", "Note") == "Not on WhatsApp: drafted for SMS instead; approve it."
    assert stage.way("Ben") == (SMS, "texts", BEN)
    assert stage.of("Ben").text.endswith("Reply 1 for Yes, 2 for No.")
    assert stage.state is CampaignState.DONE

    stage.say_yes("Ben")
    stage.send()
    assert [one.address for one in stage.texts.arrived] == [BEN]
    assert (stage.of("Ben").state, stage.of("Ben").provider) == (S.SENT, "texts")
    assert len(stage.chats.to(BEN)) == 0


def test_the_ways_end_where_the_last_one_leads_nowhere(make_ways: MakeWays) -> None:
    stage = on_whatsapp(make_ways, "Ben")
    stage.texts.script(BEN, PermanentError("No such number.", elsewhere=True))
    stage.send()
    stage.redraft()
    stage.say_yes("Ben")
    stage.send()
    stage.redraft()
    assert stage.way("Ben") == (EMAIL, "mails", "ben@example.org")
    stage.mails.script("ben@example.org", PermanentError("No such mailbox.", elsewhere=True))
    stage.say_yes("Ben")
    stage.send()
    assert stage.of("Ben").state is S.FAILED
    assert len(stage.ledger.audit.of_message(stage.of("Ben").id)) > 6


def test_a_row_without_another_address_says_so(make_ways: MakeWays) -> None:
    stage = make_ways(replace(ON_WHATSAPP, routes=(Route(EMAIL, "mails", "Email"),)), [("Ben", BEN, "", "", "09:45")])
    stage.ledger.contacts.heard(WHATSAPP, "", BEN, stage.clock.now())
    stage.begin()
    stage.chats.script(BEN, NOT_THERE)
    stage.send()
    stage.redraft()
    assert stage.cell("Ben", "Status") == "No address"
    assert stage.cell("Ben", "Note").startswith("Nobody was reached at this address")


def test_a_corrected_number_is_tried_on_the_first_way_again(make_ways: MakeWays) -> None:
    stage = on_whatsapp(make_ways, "Ben")
    stage.send()
    stage.redraft()
    stage.type("Ben", "Mobile", "+41790000009")
    stage.type("Ben", "Status", "Redraft")
    stage.sync()
    stage.redraft()
    assert stage.way("Ben") == (WHATSAPP, "chats", "+41790000009")


def test_who_wants_no_more_is_opted_out_on_that_channel_only(make_ways: MakeWays) -> None:
    stage = make_ways(PLAN)
    stage.begin()
    stage.texts.script(BEN, PermanentError("They replied STOP to this number before.", opted_out=True))
    stage.send()
    stage.sync()
    assert stage.cell("Ben", "Status") == "Opted out"
    assert stage.ledger.suppressions.stands(BEN, SMS) is SuppressionReason.OPT_OUT
    assert stage.ledger.suppressions.stands(BEN, WHATSAPP) is None
    assert stage.states() == {S.SENT: 2, S.SKIPPED: 1}


# what goes out


def test_what_a_doubtful_send_is_asked_by_is_the_very_same(make_ways: MakeWays) -> None:
    asked = []
    plan = replace(BY_MAIL, attachment_column="File", cc_column="Copy", sender_column="From", reply_to_column="From")
    row = (
        "Ana",
        "",
        "ana@example.org",
        "",
        "09:40",
        "a.pdf",
        "Boss <boss@example.org>; two@example.org",
        "me@example.org",
    )
    stage = make_ways(plan, [row])
    stage.attachments.files["a.pdf"] = b"%PDF"
    stage.mails.script("ana@example.org", SendInDoubt("Lost."))

    async def remember(outgoing: object) -> bool:
        asked.append(outgoing)
        return True

    stage.mails.reconcile = remember  # type: ignore[method-assign,assignment]
    stage.begin()
    stage.send()
    stage.clock.advance(100)
    stage.type("Ana", "Copy", "somebody@example.org")
    stage.reconcile()
    assert asked == stage.mails.sends
    sent = stage.mails.sends[0]
    assert (sent.cc, sent.sender, sent.reply_to) == (
        ("boss@example.org", "two@example.org"),
        "me@example.org",
        "me@example.org",
    )
    assert [(one.name, one.data) for one in sent.attachments] == [("a.pdf", b"%PDF")]
    assert sent.unsubscribe_url.endswith(sent.token)


def test_a_send_keeps_its_name_over_its_tries_and_gets_a_new_one_with_a_new_approval(make_ways: MakeWays) -> None:
    stage = make_ways(PLAN, PEOPLE[:1])
    stage.texts.script(ANA, TemporaryError("Later."), PermanentError("Never."))
    stage.begin()
    for _ in range(2):
        stage.send()
        stage.clock.advance(60)
    stage.sync()
    stage.type("Ana", "Status", "Retry")
    stage.sync()
    stage.send()
    first, second, third = (one.send_id for one in stage.texts.sends)
    assert first == second != third == send_id(stage.of("Ana"))


def test_a_test_goes_to_oneself_and_to_nobody_else(make_ways: MakeWays) -> None:
    plan = replace(BY_MAIL, cc_column="Copy")
    stage = make_ways(plan, [("Ana", "", "ana@example.org", "", "09:40", "", "boss@example.org")])
    stage.draft()
    asyncio.run(
        sending.send_test(channel=stage.mails, plan=plan, message=stage.of("Ana"), address="Me <me@example.org>")
    )
    (sent,) = stage.mails.arrived
    assert (sent.address, sent.subject, sent.cc, sent.token) == ("me@example.org", "[Test] Your start", (), "")
    assert sent.message_id.startswith("test-")


def test_a_row_names_only_senders_of_our_own_domain(make_ways: MakeWays) -> None:
    plan = replace(BY_MAIL, sender_column="From", cc_column="Copy")
    rows = [("Ana", "", "ana@example.org", "", "09:40", "", "", "me@elsewhere.org"),
            ("Ben", "", "ben@example.org", "", "09:45", "", "nobody", "me@example.org")]  # fmt: skip
    stage = make_ways(plan, rows)
    stage.draft()
    assert stage.cell("Ana", "Status") == stage.cell("Ben", "Status") == "Check draft"
    assert "leaves from addresses of example.org only" in stage.cell("Ana", "Note")
    assert "“Copy”: “nobody” is not a mail address." in stage.cell("Ben", "Note")
    stage.approve([one.row_key for one in stage.messages()])
    assert stage.states() == {S.DRAFTED: 2}


def test_a_missing_file_blocks_its_row_only(make_ways: MakeWays) -> None:
    plan = replace(BY_MAIL, attachment_column="File")
    rows = [("Ana", "", "ana@example.org", "", "09:40", "a.pdf"), ("Ben", "", "ben@example.org", "", "09:45", "b.pdf"),
            ("Cleo", "", "cleo@example.org", "", "09:50", "")]  # fmt: skip
    stage = make_ways(plan, rows)
    stage.attachments.files["a.pdf"] = b"%PDF"
    stage.draft()
    assert (stage.cell("Ben", "Status"), stage.cell("Ben", "Note")) == ("Check draft", "There is no file “b.pdf”.")
    stage.approve()
    stage.approve([stage.of("Ben").row_key])
    stage.start()
    del stage.attachments.files["a.pdf"]
    stage.send()
    stage.sync()
    assert [one.address for one in stage.mails.sends] == ["cleo@example.org"]
    assert stage.cell("Ana", "Status") == stage.cell("Ben", "Status") == "Check draft"
    assert stage.cell("Ana", "Note") == "Not sent: There is no file “a.pdf”."


def test_a_file_that_can_not_be_had_now_is_waited_for(make_ways: MakeWays) -> None:
    plan = replace(BY_MAIL, attachment_column="File")
    stage = make_ways(plan, [("Ana", "", "ana@example.org", "", "09:40", "a.pdf")])
    stage.attachments.files["a.pdf"] = b"%PDF"
    stage.begin()
    stage.attachments.away.add("a.pdf")
    stage.send()
    assert stage.states() == {S.APPROVED: 1}
    stage.attachments.away.clear()
    stage.clock.advance(31)
    stage.send()
    assert len(stage.mails.arrived) == 1


def test_nobody_waits_for_a_file_for_ever(make_ways: MakeWays) -> None:
    stage = make_ways(
        replace(BY_MAIL, attachment_column="File"), [("Ana", "", "ana@example.org", "", "09:40", "a.pdf")]
    )
    stage.attachments.files["a.pdf"] = b"%PDF"
    stage.begin()
    stage.attachments.away.add("a.pdf")
    for _ in range(2):
        stage.send()
        stage.clock.advance(hours=25)
    stage.sync()
    assert stage.cell("Ana", "Status") == "Check draft"
    assert stage.cell("Ana", "Note").startswith("Not sent, after a day of tries:")


def test_what_a_provider_calls_somebody_is_what_it_is_told_next_time(make_ways: MakeWays) -> None:
    stage = on_whatsapp(make_ways)
    stage.chats.script(ANA, Receipt("w1", known_as="41790000777"))
    stage.chats.script(BEN, Receipt("w2", known_as=BEN.removeprefix("+")))
    stage.send()
    assert stage.of("Ana").known_as == "41790000777"
    assert stage.ledger.contacts.known_as(WHATSAPP, ANA) == "41790000777"
    assert stage.ledger.contacts.address_of(WHATSAPP, "41790000777") == ANA
    assert stage.ledger.contacts.known_as(WHATSAPP, BEN) == ""  # tells no more than the number
