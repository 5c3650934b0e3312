"""What comes back over several channels: to the right row, by what is certain first, and never lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from server.domain.plan import Plan, Route
from server.domain.reply import DeliveryEvent, InboundMessage, named_files
from server.domain.words import ChannelName, DeliveryStatus, Flag, Outcome, SuppressionReason
from server.errors import PermanentError, TemporaryError
from server.flow.matching import moment
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

BY_MAIL = replace(PLAN, channel=EMAIL, provider="mails", address_column="Email", routes=())


def sent(make: MakeWays, plan: Plan = PLAN, people: object = PEOPLE, *, buttons: bool = True) -> Ways:
    """All sent on the plan's own way."""
    stage = make(plan, people)
    stage.chats.bears = replace(stage.chats.bears, buttons=buttons)
    for number in (ANA, BEN, CLEO):
        stage.ledger.contacts.heard(WHATSAPP, "", number, stage.clock.now())
    stage.begin()
    stage.send()
    stage.sync()
    return stage


def said(stage: Ways, sender: str, text: str, *, provider: str = "texts", **more: object) -> list[str]:
    fields = {"sender": sender, "text": text, "channel": stage.channel_of(None, provider).name, **more}
    return stage.post(InboundMessage(f"{sender} {text} {more}", **fields), provider=provider)  # type: ignore[arg-type]


# digits and buttons


@pytest.mark.parametrize(("text", "value"), [("1", "Yes"), (" 2. ", "No"), ("(1)", "Yes")])
def test_a_digit_is_an_answer_where_digits_were_asked_for(make_ways: MakeWays, text: str, value: str) -> None:
    stage = sent(make_ways)
    said(stage, ANA, text)
    assert (stage.cell("Ana", "Availability"), stage.cell("Ana", "Flag")) == (value, "sure")
    assert stage.interpreter.asked == []  # type: ignore[attr-defined]


@pytest.mark.parametrize("text", ["3", "12", "1 or 2?"])
def test_another_digit_is_left_to_the_reader(make_ways: MakeWays, text: str) -> None:
    stage = sent(make_ways)
    said(stage, ANA, text)
    assert stage.cell("Ana", "Status") == "Review"
    assert len(stage.interpreter.asked) == 1  # type: ignore[attr-defined]


def test_a_digit_in_a_mail_may_mean_anything(make_ways: MakeWays) -> None:
    stage = sent(make_ways, BY_MAIL)
    said(stage, "ana@example.org", "1", provider="mails")
    assert stage.cell("Ana", "Availability") == ""
    assert len(stage.interpreter.asked) == 1  # type: ignore[attr-defined]


@pytest.mark.parametrize(("buttons", "value"), [(True, ""), (False, "Yes")])
def test_on_whatsapp_a_digit_counts_where_there_were_no_buttons(make_ways: MakeWays, buttons: bool, value: str) -> None:
    stage = sent(make_ways, ON_WHATSAPP, buttons=buttons)
    said(stage, ANA, "1", provider="chats")
    assert stage.cell("Ana", "Availability") == value


@pytest.mark.parametrize("pressed", ["2", "No", "payload"])
def test_a_button_decides_row_and_answer_without_a_model(make_ways: MakeWays, pressed: str) -> None:
    stage = sent(make_ways, ON_WHATSAPP)
    token = stage.of("Ben").token
    button = f"v1.{token}.2" if pressed == "payload" else pressed
    said(stage, BEN, "No", provider="chats", button=button, token="" if pressed == "payload" else token)
    assert (stage.cell("Ben", "Status"), stage.cell("Ben", "Availability")) == ("Declined", "No")
    assert stage.interpreter.asked == []  # type: ignore[attr-defined]


def test_a_button_with_words_of_its_own_is_read_and_a_stop_on_it_obeyed(make_ways: MakeWays) -> None:
    stage = sent(make_ways, ON_WHATSAPP)
    said(stage, ANA, "Something else", provider="chats", button="Something else", token=stage.of("Ana").token)
    said(stage, BEN, "STOP", provider="chats", button="STOP", token=stage.of("Ben").token)
    assert stage.cell("Ana", "Status") == "Review"
    assert stage.cell("Ben", "Status") == "Opted out"


def test_a_press_from_another_number_is_looked_at(make_ways: MakeWays) -> None:
    stage = sent(make_ways, ON_WHATSAPP)
    said(stage, CLEO, "Yes", provider="chats", button="1", token=stage.of("Ana").token)
    assert (stage.cell("Ana", "Status"), stage.cell("Ana", "Availability")) == ("Review", "")
    assert "another address" in stage.cell("Ana", "Note")
    assert stage.of("Cleo").outcome is None


# whose it is


def test_what_answers_a_message_belongs_to_it_whatever_was_sent_later(make_ways: MakeWays) -> None:
    stage = sent(make_ways, ON_WHATSAPP, [PEOPLE[0], ("Ana", ANA, "", "", "10:00")])
    first, second = stage.messages()
    assert second.state is not S.SENT  # the same person twice
    said(stage, ANA, "1", provider="chats", in_reply_to=("unknown", first.provider_id), button="1")
    assert stage.ledger.messages.get(first.id).outcome is Outcome.CONFIRMED


def test_two_marks_that_lead_to_two_rows_are_a_persons_to_sort_out(make_ways: MakeWays) -> None:
    stage = sent(make_ways, BY_MAIL)
    ana, ben = stage.of("Ana"), stage.of("Ben")
    said(stage, "ana@example.org", "yes", provider="mails", in_reply_to=(ana.provider_id,), token=ben.token)
    for name in ("Ana", "Ben"):
        assert stage.cell(name, "Status") == "Review"
        assert "2 rows" in stage.cell(name, "Note")
    (reply,) = stage.ledger.inbox.unmatched(9)
    assert set(reply.candidates) == {ana.id, ben.id}


@pytest.mark.parametrize(("cell", "wrote"), [("+5511987654321", "+551187654321"), ("+525512345678", "+5215512345678")])
def test_a_number_that_its_provider_writes_another_way_is_known(make_ways: MakeWays, cell: str, wrote: str) -> None:
    stage = sent(make_ways, PLAN, [("Rui", cell, "", "", "09:40")])
    said(stage, wrote, "1")
    assert stage.cell("Rui", "Availability") == "Yes"


def test_a_name_that_the_provider_gave_at_the_send_leads_back(make_ways: MakeWays) -> None:
    stage = sent(make_ways, ON_WHATSAPP)
    stage.ledger.contacts.called(WHATSAPP, ANA, "41799999999")
    said(stage, "+41799999999", "yes", provider="chats", button="Yes")
    assert stage.cell("Ana", "Availability") == "Yes"


def test_who_has_no_number_is_known_by_the_chat_and_then_by_name(make_ways: MakeWays) -> None:
    stage = sent(make_ways, ON_WHATSAPP)
    said(stage, "", "Yes", provider="chats", button="1", token=stage.of("Ana").token, user_id="US.1349")
    assert (stage.cell("Ana", "Availability"), stage.cell("Ana", "Flag")) == ("Yes", "sure")
    assert stage.ledger.contacts.address_of(WHATSAPP, "US.1349") == ANA
    said(stage, "", "STOP", provider="chats", user_id="US.1349")
    assert stage.cell("Ana", "Status") == "Opted out"
    assert stage.ledger.suppressions.stands(ANA, WHATSAPP) is SuppressionReason.OPT_OUT


def test_a_mail_without_a_sender_is_not_taken_for_the_recipients(make_ways: MakeWays) -> None:
    stage = sent(make_ways, BY_MAIL)
    said(stage, "", "yes", provider="mails", token=stage.of("Ana").token, button="Yes")
    assert stage.cell("Ana", "Status") == "Review"


def test_an_answer_by_text_belongs_to_the_text_and_not_to_the_mail(make_ways: MakeWays) -> None:
    stage = sent(make_ways, replace(PLAN, channel_column="How"), [(*PEOPLE[0][:3], "email", "09:40"), PEOPLE[1]])
    said(stage, ANA, "1")
    assert stage.cell("Ana", "Availability") == ""
    assert [reply.sender for reply in stage.ledger.inbox.unmatched(9)] == [ANA]


# the window, and stop


def test_every_message_keeps_the_window_open_from_when_it_was_written(make_ways: MakeWays) -> None:
    stage = sent(make_ways, ON_WHATSAPP)
    wrote = stage.clock.now() - timedelta(hours=3)
    stage.clock.advance(60)
    said(stage, BEN, "hello", provider="chats", ours="+1999", at=wrote.isoformat())
    last = stage.ledger.contacts.last_heard
    assert last(WHATSAPP, "+1999", BEN) == wrote
    said(stage, BEN, "again", provider="chats", ours="+1999", at="2099-01-01T00:00:00Z")
    assert last(WHATSAPP, "+1999", BEN) == stage.clock.now()


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2026-03-02T09:00:00+01:00", "2026-03-02T08:00:00+00:00"),
        ("2026-03-02T09:00:00Z", "2026-03-02T09:00:00+00:00"),
        ("Mon, 02 Mar 2026 09:00:00 +0000", "2026-03-02T09:00:00+00:00"),
        ("2026-03-02T09:00:00", None),
        ("soon", None),
        ("", None),
    ],
)
def test_it_reads_the_moments_that_providers_write(text: str, read: str | None) -> None:
    found = moment(text)
    assert (found.isoformat() if found else None) == read


def test_who_told_the_provider_to_stop_is_blocked_on_that_channel(make_ways: MakeWays) -> None:
    stage = sent(make_ways)
    stage.post(DeliveryEvent("d", DeliveryStatus.FAILED, token=stage.of("Ana").token, opted_out=True), provider="texts")
    assert stage.cell("Ana", "Status") == "Opted out"
    assert stage.ledger.suppressions.stands(ANA, SMS) is SuppressionReason.OPT_OUT
    assert stage.ledger.suppressions.stands(ANA, ChannelName.VOICE) is None


def test_a_bounce_blocks_the_channel_that_the_message_went_by(make_ways: MakeWays) -> None:
    stage = sent(make_ways, PLAN, [("Ana", "", "ana@example.org", "", "09:40")])
    bounce = DeliveryEvent("d", DeliveryStatus.BOUNCED, token=stage.of("Ana").token, permanent=True)
    stage.post(bounce, provider="mails")
    assert stage.ledger.suppressions.stands("ana@example.org", EMAIL) is SuppressionReason.BOUNCE
    assert stage.ledger.suppressions.stands("ana@example.org", SMS) is None


# nobody there, said afterwards


def nobody(stage: Ways, name: str, event_id: str = "d", **more: object) -> DeliveryEvent:
    message = stage.of(name)
    fields = {"token": message.token, "provider_id": message.provider_id, "elsewhere": True, **more}
    return DeliveryEvent(event_id, DeliveryStatus.FAILED, **fields)  # type: ignore[arg-type]


def test_a_report_that_nobody_is_there_asks_for_the_next_way(make_ways: MakeWays) -> None:
    stage = sent(make_ways, ON_WHATSAPP)
    report = nobody(stage, "Ben")
    stage.post(report, provider="chats")
    stage.post(replace(report, event_id="again"), provider="chats")
    stage.redraft()
    assert stage.cell("Ben", "Note") == "Not on WhatsApp: drafted for SMS instead; approve it."
    stage.say_yes("Ben")
    stage.send()
    stage.post(replace(report, event_id="late"), provider="chats")  # of the first send: known already
    assert stage.of("Ben").state is S.SENT
    assert stage.cell("Ben", "Status") == "Sent"
    assert len(stage.texts.arrived) == 1


def test_who_was_reached_is_there_whatever_is_said_later(make_ways: MakeWays) -> None:
    stage = sent(make_ways, ON_WHATSAPP)
    said(stage, ANA, "Yes", provider="chats", button="1", token=stage.of("Ana").token)
    stage.post(DeliveryEvent("ok", DeliveryStatus.DELIVERED, token=stage.of("Ben").token), provider="chats")
    for name in ("Ana", "Ben"):
        stage.post(nobody(stage, name, f"gone {name}"), provider="chats")
    assert stage.states() == {S.SENT: 3}
    assert stage.cell("Ana", "Status") == "Confirmed"


def test_where_no_way_is_left_the_message_was_not_delivered(make_ways: MakeWays) -> None:
    stage = sent(make_ways, replace(ON_WHATSAPP, routes=(Route(WHATSAPP, "chats", "Email"),)))
    stage.post(nobody(stage, "Ben", detail="Not on WhatsApp."), provider="chats")
    assert stage.cell("Ben", "Status") == "Failed"
    assert stage.cell("Ben", "Note").startswith("Not delivered: Not on WhatsApp.")


# nothing is lost


def test_files_without_words_are_shown_and_looked_at(make_ways: MakeWays) -> None:
    stage = sent(make_ways)
    said(stage, ANA, "", files=("a.pdf", "b.jpg"))
    assert stage.cell("Ana", "Reply") == "[2 files: a.pdf, b.jpg]"
    assert (stage.cell("Ana", "Status"), stage.cell("Ana", "Note")) == ("Review", "They sent files and no words.")
    assert stage.interpreter.asked == []  # type: ignore[attr-defined]


def test_files_beside_words_are_named_and_the_words_are_read(make_ways: MakeWays) -> None:
    stage = sent(make_ways)
    said(stage, ANA, "1", files=("=cmd|' /C calc'!A0.pdf",))
    assert stage.cell("Ana", "Reply") == "1\n[1 file: =cmd|' /C calc'!A0.pdf]"
    assert stage.cell("Ana", "Availability") == "Yes"


def test_names_of_files_stay_one_short_line() -> None:
    shown = named_files(["a\n=b.pdf", "", "x" * 500, *"12345"])
    assert shown.startswith("[8 files: a =b.pdf, unnamed, xxx")
    assert shown.endswith(" and 3 more]")
    assert "\n" not in shown
    assert named_files(()) == ""


@pytest.mark.parametrize("text", ["", " \n ", "\u200b"])
def test_a_message_without_words_is_no_answer(make_ways: MakeWays, text: str) -> None:
    stage = sent(make_ways)
    said(stage, ANA, text)
    assert (stage.cell("Ana", "Status"), stage.cell("Ana", "Availability")) == ("Review", "")
    assert stage.interpreter.asked == []  # type: ignore[attr-defined]


@pytest.mark.parametrize(("flag", "value"), [(Flag.SURE, "Yes"), (Flag.CHECK, "")])
def test_an_emoji_is_an_answer_only_if_the_reader_is_sure(make_ways: MakeWays, flag: Flag, value: str) -> None:
    from server.domain.reply import Interpretation

    stage = sent(make_ways)
    reading = Interpretation(Outcome.CONFIRMED, {"Availability": "Yes"}, "👍", 0.9, flag)
    stage.interpreter.readings["👍"] = reading  # type: ignore[attr-defined]
    said(stage, ANA, "👍")
    assert stage.cell("Ana", "Availability") == value


def test_what_must_be_fetched_waits_until_it_can_be(make_ways: MakeWays) -> None:
    stage = sent(make_ways, BY_MAIL)
    hint = InboundMessage("e", "ana@example.org", "", token=stage.of("Ana").token, fetch="mail-1")
    stage.mails.rest["mail-1"] = TemporaryError("Not now.")
    with pytest.raises(TemporaryError):
        stage.post(hint, provider="mails")
    assert len(stage.ledger.inbox.waiting(9)) == 1
    stage.mails.rest["mail-1"] = replace(hint, text="Yes", button="Yes", fetch="")
    stage.receive_waiting()
    assert stage.cell("Ana", "Availability") == "Yes"
    assert stage.ledger.inbox.waiting(9) == []


def test_what_can_not_be_fetched_any_more_is_kept_with_a_word_about_it(make_ways: MakeWays) -> None:
    stage = sent(make_ways, BY_MAIL)
    stage.mails.rest["mail-1"] = PermanentError("Resend has deleted this mail.")
    stage.post(InboundMessage("e", "ana@example.org", "", subject="Re: Your start", fetch="mail-1"), provider="mails")
    (kept,) = stage.ledger.inbox.unmatched(9)
    assert (kept.sender, kept.subject, kept.visible) == (
        "ana@example.org",
        "Re: Your start",
        "[Resend has deleted this mail.]",
    )
    assert stage.ledger.inbox.waiting(9) == []


def test_a_channel_of_a_known_provider_that_is_not_set_up_loses_nothing(make_ways: MakeWays) -> None:
    stage = sent(make_ways)
    stage.post(InboundMessage("e", ANA, "hello", channel=WHATSAPP), provider="texts")
    assert [(one.channel, one.sender) for one in stage.ledger.inbox.unmatched(9)] == [(WHATSAPP, ANA)]
