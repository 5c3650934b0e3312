"""Whether a drafted text says only what its row and the instruction say: numbers, dates, times, amounts, links,
addresses and proper names, each in whatever usual form. Code, not a model, decides (design, 4.7)."""

from server.domain.factcheck.check import LONGEST as LONGEST
from server.domain.factcheck.check import Ground as Ground
from server.domain.factcheck.check import both as both
from server.domain.factcheck.check import ground as ground
from server.domain.factcheck.check import ground_of as ground_of
from server.domain.factcheck.check import name_words as name_words
from server.domain.factcheck.check import sentence as sentence
from server.domain.factcheck.check import unfounded as unfounded
