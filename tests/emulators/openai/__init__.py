"""A server that speaks as OpenAI's chat completions API, on a loopback port, for tests and play: see README.md."""

from tests.emulators.openai.server import KINDS, Call, ModelServer
from tests.emulators.openai.wire import Question, Said

__all__ = ["KINDS", "Call", "ModelServer", "Question", "Said"]
