"""Other ways to people, named in words: what they become in the plan, and what is said when they can't be gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path

import openpyxl
import pytest

from server.campaigns import CampaignService
from server.config import Settings
from server.domain.plan import Plan, Route
from server.domain.provider_templates import ListedTemplate, ProviderTemplate
from server.domain.words import ChannelName
from server.errors import InvalidInput
from server.ports import Channel
from server.services import Services
from server.ways import TemplateChoice, Ways
from tests.fakes import FakeChannel

E, S, W = ChannelName.EMAIL, ChannelName.SMS, ChannelName.WHATSAPP
HEADER = ["Name", "Email", "Phone", "By", "Start time", "Invoice"]
ROWS = [
    ["Ana", "ana@example.org", "+447900900123", "WhatsApp", "09:00", "a.pdf"],
    ["Ben", "ben@example.org", "+447900900124", "text", "09:10", "b.pdf"],
    ["Cleo", "cleo@example.org", "", "pigeon", "09:20", ""],
]
BODY = "Hello {{1}}, you start at {{start_time}} then."


class Templated(FakeChannel):
    """A WhatsApp account with templates."""

    listed: tuple[ListedTemplate, ...] = ()

    async def templates(self) -> list[ListedTemplate]:
        return list(self.listed)


class StageServices(Services):
    """Channels in memory, of the names and providers that real ones have."""

    @cached_property
    def whatsapp(self) -> Templated:
        return Templated(name=W, provider="meta")

    @cached_property
    def channels(self) -> dict[tuple[ChannelName, str], Channel]:  # type: ignore[override,unused-ignore]
        made = [FakeChannel(name=E, provider="smtp"), FakeChannel(name=E, provider="resend"), self.whatsapp]
        return {(one.name, one.provider): one for one in [*made, FakeChannel(name=S, provider="twilio")]}


@pytest.fixture
def services(settings: Callable[..., Settings]) -> Iterator[StageServices]:
    made = StageServices(settings())
    yield made
    made.close()


@pytest.fixture
def planned(services: StageServices, tmp_path: Path) -> Callable[..., Plan]:
    """`planned(ways)`: the plan of a mail campaign over the people with these ways."""
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in [HEADER, *ROWS]:
        book.active.append(row)
    path = tmp_path / "people.xlsx"
    book.save(path)

    def make(ways: Ways, channel: ChannelName = E) -> Plan:
        service = CampaignService(services)
        return service.create(str(path), template="Hi {{Name}}, ok?", channel=channel, ways=ways).plan

    return make


def test_it_takes_the_ways_in_their_order_and_finds_their_addresses(planned: Callable[..., Plan]) -> None:
    plan = planned(Ways(fallback=("sms", "whatsapp=phone", "email:resend=Email")))
    assert plan.routes == (Route(S, "twilio", "Phone"), Route(W, "meta", "Phone"), Route(E, "resend", "Email"))


def test_it_goes_by_whatever_is_set_up_of_what_rows_name(planned: Callable[..., Plan]) -> None:
    plan = planned(Ways(channel_column="by"))
    assert plan.channel_column == "By"
    assert set(plan.routes) == {Route(W, "meta", "Phone"), Route(S, "twilio", "Phone")}


def test_it_changes_nothing_without_ways(planned: Callable[..., Plan]) -> None:
    plan = planned(Ways())
    assert (plan.routes, plan.channel_column, plan.whatsapp_template) == ((), "", None)


@pytest.mark.parametrize(
    ("ways", "said"),
    [
        (Ways(fallback=("pigeon",)), "“pigeon” is no channel"),
        (Ways(fallback=("voice",)), "TWILIO"),
        (Ways(fallback=("sms=Telephone",)), "“Telephone”"),
        (Ways(fallback=("email:mailgun",)), "mailgun"),
        (Ways(channel_column="How"), "“How”"),
        (Ways(attachment_column="File"), "“File”"),
        (Ways(template=TemplateChoice("start")), "does not go there"),
    ],
)
def test_it_says_what_can_not_be_gone(planned: Callable[..., Plan], ways: Ways, said: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        planned(ways)
    assert said in caught.value.sentence


def test_it_takes_the_columns_of_mails_as_the_sheet_writes_them(planned: Callable[..., Plan]) -> None:
    plan = planned(Ways(attachment_column="invoice", cc_column="EMAIL", sender_column="Email", reply_to_column="Email"))
    assert (plan.attachment_column, plan.cc_column) == ("Invoice", "Email")
    assert (plan.sender_column, plan.reply_to_column) == ("Email", "Email")


def test_it_looks_a_template_up_and_fills_slots_by_their_names(
    services: StageServices, planned: Callable[..., Plan]
) -> None:
    template = ProviderTemplate(
        "start", "en_US", "Hello {{name}}, you start at {{start_time}} then.", {}, ("Yes", "No")
    )
    services.whatsapp.listed = (ListedTemplate(template, "approved"),)
    plan = planned(Ways(template=TemplateChoice("start")), channel=W)
    assert plan.whatsapp_template is not None
    assert plan.whatsapp_template.columns == {"name": "Name", "start_time": "Start time"}
    assert (plan.whatsapp_template.language, plan.whatsapp_template.buttons) == ("en_US", ("Yes", "No"))


def test_it_takes_a_template_whose_text_a_person_gave(planned: Callable[..., Plan]) -> None:
    choice = TemplateChoice("HX123", "en", "Hello {{1}}, at {{2}} then.", {"1": "Name", "2": "Start time"})
    plan = planned(Ways(template=choice), channel=W)
    assert plan.whatsapp_template == ProviderTemplate("HX123", "en", choice.body, dict(choice.slots))


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        (TemplateChoice("other"), "no approved template “other”"),
        (TemplateChoice("paused"), "It is paused"),
        (TemplateChoice("x", "en", "Hello {{1}}, ok."), "No column is chosen for the variable {{1}}"),
        (TemplateChoice("x", "en", "Hello {{1}}, ok.", {"1": "Nom"}), "“Nom”"),
    ],
)
def test_it_says_what_a_template_lacks(
    services: StageServices, planned: Callable[..., Plan], choice: TemplateChoice, said: str
) -> None:
    services.whatsapp.listed = (ListedTemplate(ProviderTemplate("paused", body=BODY), "paused", unfit="It is paused."),)
    with pytest.raises(InvalidInput) as caught:
        planned(Ways(template=choice), channel=W)
    assert said in caught.value.sentence
