"""What providers have in common: the answers of one that has nothing to say."""

from __future__ import annotations

from datetime import datetime

from server.domain.message import Outgoing, Receipt
from server.domain.provider_templates import ListedTemplate
from server.domain.reply import Event, InboundMessage, WebhookAnswer, WebhookRequest
from server.errors import NotFound


class Provider:
    """Defaults for what a provider can't do. See `Channel` in `server/ports.py` for what each method promises."""

    refusal = 401

    def zones(self, address: str) -> tuple[str, ...]:  # noqa: ARG002 - the port's form
        """Nothing in a mail address tells where its owner is."""
        return ()

    async def reconcile(self, outgoing: Outgoing) -> Receipt | bool:  # noqa: ARG002 - the port's form
        """It can't be asked what became of a message: a person must find out."""
        return True

    async def missed(self, since: datetime) -> list[Event]:  # noqa: ARG002 - the port's form
        """It lists nothing."""
        return []

    async def complete(self, event: InboundMessage) -> InboundMessage:
        """Nothing has to be fetched."""
        return event

    async def templates(self) -> list[ListedTemplate]:
        """It knows no templates."""
        return []

    async def close(self) -> None:
        """Nothing is held open per event loop."""

    def answer(self, request: WebhookRequest) -> WebhookAnswer:
        """It wants to hear nothing, and asks nothing by GET. Raises NotFound for a GET."""
        if request.method == "GET":
            raise NotFound("There is nothing to read here: providers post to this address.")
        return WebhookAnswer()
