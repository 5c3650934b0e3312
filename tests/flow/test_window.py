"""WhatsApp's 24 hours: looked at when a text is drafted, approved and sent; outside them only an approved template."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from server.domain.message import Choice
from server.domain.plan import Plan
from server.domain.words import CampaignState, SuppressionReason
from server.flow import composing, planning
from server.ports import Channel
from tests.flow.ways import ANA, BEN, ON_WHATSAPP, PEOPLE, PLAN, TEMPLATE, WHATSAPP, MakeWays, S, Ways, make_ways

__all__ = ["make_ways"]

CLOSED = "Outside WhatsApp's 24-hour window: choose an approved template."
WITH_TEMPLATE = replace(ON_WHATSAPP, whatsapp_template=TEMPLATE)


def heard(stage: Ways, number: str) -> None:
    stage.ledger.contacts.heard(WHATSAPP, "", number, stage.clock.now())


def test_the_preview_says_how_many_only_a_template_reaches(make_ways: MakeWays) -> None:
    stage = make_ways(ON_WHATSAPP)
    heard(stage, ANA)

    def silent(channel: Channel, addresses: Collection[str]) -> set[str]:
        return composing.silent(stage.ledger, channel, addresses, stage.clock.now())

    def told(plan: Plan) -> list[str]:
        found = planning.survey(stage.sheet.read(), plan, stage.channel_of, ("all",), silent=silent)
        return [fault.sentence for fault in found.faults if fault.kind == "window"]

    (sentence,) = told(ON_WHATSAPP)
    assert sentence.startswith("2 of 3 have not written to you on WhatsApp in the last 24 hours")
    assert told(WITH_TEMPLATE) == told(PLAN) == []
    stage.clock.advance(hours=23, minutes=51)  # ten minutes before the end nothing begins any more
    assert told(ON_WHATSAPP)[0].startswith("3 of 3")


def test_who_did_not_write_within_a_day_is_said_when_the_text_is_drafted(make_ways: MakeWays) -> None:
    stage = make_ways(ON_WHATSAPP)
    heard(stage, ANA)
    stage.draft()
    assert stage.cell("Ana", "Status") == "Draft"
    assert (stage.cell("Ben", "Status"), stage.cell("Ben", "Note")) == ("Check draft", CLOSED)
    assert stage.approve([stage.of("Ben").row_key]).sentence == f"1 left: {CLOSED}"
    heard(stage, BEN)
    assert stage.approve([stage.of("Ben").row_key]).count == 1


def test_a_window_that_closed_since_the_approval_lets_nothing_out(make_ways: MakeWays) -> None:
    stage = make_ways(ON_WHATSAPP)
    for number in (ANA, BEN, PEOPLE[2][1]):
        heard(stage, number)
    stage.begin()
    stage.clock.advance(hours=12)
    heard(stage, BEN)
    stage.clock.advance(hours=12)
    stage.send()
    stage.sync()
    assert [one.address for one in stage.chats.sends] == [BEN]
    assert (stage.cell("Ana", "Status"), stage.cell("Ana", "Note")) == ("Check draft", CLOSED)
    assert stage.states() == {S.SENT: 1, S.DRAFTED: 2}
    assert stage.ledger.messages.get(stage.of("Ana").id).claimed_at is None


def test_the_window_is_kept_per_number_of_ours(make_ways: MakeWays) -> None:
    stage = make_ways(ON_WHATSAPP, PEOPLE[:1])
    stage.chats.bears = replace(stage.chats.bears, ours="+1999")
    stage.ledger.contacts.heard(WHATSAPP, "+1000", ANA, stage.clock.now())
    stage.draft()
    assert stage.cell("Ana", "Note") == CLOSED


def test_a_word_under_another_form_of_the_number_opens_the_window(make_ways: MakeWays) -> None:
    stage = make_ways(ON_WHATSAPP, [("Rui", "+5511987654321", "", "", "09:40")])
    heard(stage, "+551187654321")
    stage.draft()
    assert stage.cell("Rui", "Status") == "Draft"


def test_outside_the_window_the_template_is_the_text_that_is_approved_and_sent(make_ways: MakeWays) -> None:
    stage = make_ways(WITH_TEMPLATE, PEOPLE[:1])
    stage.draft()
    assert stage.cell("Ana", "Message") == "Hello Ana, you start at 09:40 sharp."
    assert stage.cell("Ana", "Status") == "Draft"
    stage.approve()
    stage.start()
    stage.send()
    (sent,) = stage.chats.arrived
    assert sent.template is not None
    assert (sent.template.name, dict(sent.template.variables)) == ("start_time", {"1": "Ana", "2": "09:40"})
    assert sent.choices == (Choice("2", "No"), Choice("1", "Yes"))  # in the order of the template's own buttons


def test_a_template_that_somebody_wrote_over_is_never_sent_as_if_it_were_theirs(make_ways: MakeWays) -> None:
    stage = make_ways(WITH_TEMPLATE, PEOPLE[:2])
    heard(stage, BEN)
    stage.draft()
    for name in ("Ana", "Ben"):
        stage.type(name, "Message", f"Dear {name}, be early.")
    stage.sync()
    assert "type Redraft" in stage.approve().sentence
    stage.start()
    stage.send()
    (sent,) = stage.chats.arrived  # in the window any words will do
    assert (sent.address, sent.template, sent.text) == (BEN, None, "Dear Ben, be early.")


def test_a_row_that_can_not_fill_the_template_says_what_it_lacks(make_ways: MakeWays) -> None:
    stage = make_ways(WITH_TEMPLATE, [("Ana", ANA, "", "", "")])
    stage.draft()
    assert stage.cell("Ana", "Status") == "Check draft"
    assert stage.cell("Ana", "Note").startswith("“Start” is empty, and the template needs it.")


def test_a_changed_cell_of_the_template_is_a_changed_message(make_ways: MakeWays) -> None:
    stage = make_ways(WITH_TEMPLATE, PEOPLE[:1])
    stage.begin()
    stage.type("Ana", "Start", "11:00")
    stage.send()
    assert stage.of("Ana").state is S.CHANGED
    assert stage.chats.sends == []


def test_a_stop_is_obeyed_before_the_window_is_asked(make_ways: MakeWays) -> None:
    stage = make_ways(WITH_TEMPLATE, PEOPLE[:1])
    stage.begin()
    stage.ledger.suppressions.add(ANA, WHATSAPP, SuppressionReason.OPT_OUT)
    stage.send()
    assert stage.chats.sends == []
    assert stage.campaign.state is CampaignState.SENDING
