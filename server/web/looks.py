"""How our columns look, for hosts that only their own pane can dress: the same words and colours as everywhere."""

from __future__ import annotations

from pydantic import Field

from server.domain.columns import looks_of
from server.domain.fingerprint import fingerprint
from server.domain.look import PAINT, Look
from server.web.api import CampaignPath
from server.web.app import here
from server.web.routes import blueprint
from server.web.schemas import Model
from server.web.speaking import Sentence

routes = blueprint("looks", "The live sheet")


class Shade(Model):
    """Words that have the same colours, as #rrggbb."""

    words: list[str]
    fill: str
    ink: str


class LookView(Model):
    """One of our columns, by its title in the sheet."""

    title: str
    note: Sentence = Field("", description="What stands there, in words: for its title.")
    choices: list[str] = Field([], description="Words to choose from; any other one may be typed.")
    doubt: Sentence = Field("", description="What is said about another word.")
    shades: list[Shade] = Field([])
    width: int = Field(0, description="Pixels; 0: as it is.")


class Dress(Model):
    """The looks of a campaign's columns. `version` changes with them."""

    version: str
    looks: list[LookView]


@routes.get("/api/campaigns/<campaign_id>/dress", responses={200: Dress})
def dress(path: CampaignPath) -> Dress:
    """What the columns of a campaign should look like: colours, words to choose from, what they are in words"""
    looks = looks_of(here().services.ledger.campaigns.get(path.campaign_id))
    return Dress(version=fingerprint(*(repr(look) for look in looks)), looks=[_view(look) for look in looks])


def _view(look: Look) -> LookView:
    shades = [
        Shade(words=list(words), fill=PAINT[tone].fill, ink=PAINT[tone].ink)
        for tone, words in look.words_by_tone().items()
    ]
    return LookView(
        title=look.title,
        note=look.note,
        choices=list(look.choices),
        doubt=look.doubt,
        shades=shades,
        width=look.width,
    )
