"""All providers of messages on loopback ports, for tests and for playing: see README.md."""

from tests.emulators.providers.faults import KINDS, Fault, Faults
from tests.emulators.providers.http import Answer, Request
from tests.emulators.providers.people import Item, Mailbox, Phone, Sent
from tests.emulators.providers.posts import TROUBLES, Attempt, Post, Posts
from tests.emulators.providers.provider import Call, Provider
from tests.emulators.providers.world import Providers

__all__ = [
    "KINDS",
    "TROUBLES",
    "Answer",
    "Attempt",
    "Call",
    "Fault",
    "Faults",
    "Item",
    "Mailbox",
    "Phone",
    "Post",
    "Posts",
    "Provider",
    "Providers",
    "Request",
    "Sent",
]
