"""Pictures of the panel with every channel, 300 pixels wide; not part of the suite, so it runs only when it is named:

CELLBACK_PICTURES=/tmp/pictures pytest tests/browser/channel_pictures.py
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.browser.album import picture
from tests.browser.test_channels import (  # noqa: F401 - fixtures
    address,
    fall_back_on_sms,
    more_ways,
    panel,
    plan,
    world,
)
from tests.browser.test_desk import press

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

TALL = 1100


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_it_takes_pictures_of_ways_drafts_and_costs(panel: Callable[..., Page], dark: bool) -> None:  # noqa: F811
    look = "-dark" if dark else ""
    page = panel(height=TALL, dark=dark)
    fall_back_on_sms(page)
    picture(page, f"ways{look}")
    press(page, "Write 2 drafts")
    page.locator(".draft .bubble.mail").wait_for()
    picture(page, f"mail-draft{look}")
    press(page, "Next draft")
    page.locator(".draft .bubble.phone").wait_for()
    picture(page, f"sms-draft{look}")
    page = panel(height=TALL, dark=dark)
    plan(page, "SMS")
    press(page, "Write 2 drafts")
    press(page, "Approve all 2 drafts")
    press(page, "Go on to send 2")
    page.get_by_text("2 SMS in 4 segments").wait_for()
    picture(page, f"estimate{look}")


def test_it_takes_a_picture_of_a_template_for_whatsapp(panel: Callable[..., Page]) -> None:  # noqa: F811
    page = panel(height=TALL)
    plan(page, "WhatsApp", "Meta")
    more_ways(page)
    page.get_by_text("paused_offer (en) can’t be used.").wait_for()
    page.get_by_label("Template outside WhatsApp’s 24 hours").select_option(label="invitation (en)")
    picture(page, "template")
