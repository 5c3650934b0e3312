"""The language model: whether its server knows key and model, what it can do, what it may cost."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel

from server.cli.doctor.finding import Finding, fail, ok, warn
from server.domain.usage import Usage, shown
from server.errors import PermanentError, TemporaryError
from server.llm.client import Answer, Ask, ModelClient
from server.llm.prompting import Prompt
from server.services import Services

MOST_TOKENS = 500
"""Models that reason think before they answer, even this."""


class Word(BaseModel):
    """The smallest answer that has a form."""

    word: str


_TRIAL = Ask(
    Prompt("doctor", "Answer with the word “yes”."), Word, {}, {}, most=MOST_TOKENS, certainties=True, temperature=0.0
)
"""Some sixty tokens: a hundredth of a cent at most."""


def look(services: Services) -> Iterator[Finding]:
    """Lines about the model, none where there is only the offline one."""
    client = services.models.client
    if client is None:
        return
    try:
        client.wait_for(client.check)
        yield _able(client, client.wait_for(lambda: client.ask(_TRIAL)))
    except (TemporaryError, PermanentError) as error:
        yield fail("model", error.sentence)
    yield _budget(services)


def _able(client: ModelClient, answer: Answer[Word]) -> Finding:
    """What of that which we ask for it can do: what it lacks costs certainty, or tries."""
    name = f"{answer.model} at {client.where} answers"
    if "response_format" in client.lacks:
        return warn(
            "model",
            f"{name}, but knows no structured outputs: it is told the form in words, and asked again when it errs. "
            "Better choose a model that has them",
        )
    if not answer.certain:
        return warn(
            "model",
            f"{name}, but gives no probabilities of tokens: a reading is sure only where the offline reader reads the "
            "same. Choose a model that gives them for more",
        )
    return ok("model", f"{name} in forms, with probabilities of tokens")


def _budget(services: Services) -> Finding:
    """What a campaign may use, and what that comes to."""
    settings = services.settings
    tokens = f"{settings.most_tokens:,} tokens"
    if settings.price is None:
        said = f"{tokens} a campaign; without a price of {settings.openai_model} in OPENAI_PRICES no money is counted"
        return ok("model budget", said)
    if settings.most_cost is not None:
        return ok("model budget", f"{shown(settings.most_cost)} or {tokens} a campaign")
    worst = settings.price.of(Usage(0, 0, settings.most_tokens))
    least = settings.price.of(Usage(settings.most_tokens))
    said = f"{tokens} a campaign, which are {shown(least)} read and {shown(worst)} written"
    return ok("model budget", f"{said}; CELLBACK_MOST_COST bounds the money")
