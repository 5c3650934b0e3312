"""All our exceptions. Each carries one sentence for people (what happened, to what, what to do next).

`sentence` may be shown in a cell, the panel or on a terminal. `detail` is for the log only: it may hold what a
provider said, but never a secret and never an address.
"""

from __future__ import annotations

from collections.abc import Sequence


class CellbackError(Exception):
    """Base of everything we raise on purpose."""

    def __init__(self, sentence: str, *, detail: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.detail = detail


class TemporaryError(CellbackError):
    """Not now: nothing was done, the same call may work after `retry_after` seconds (None: we choose)."""

    def __init__(self, sentence: str, *, retry_after: float | None = None, detail: str = "") -> None:
        super().__init__(sentence, detail=detail)
        self.retry_after = retry_after


class Unanswered(TemporaryError):
    """A question to a provider that it could be reached with, and answered in a way that we do not know."""


class PermanentError(CellbackError):
    """Never: nothing was done, and the same call will not work until a person changes something.

    `whole_campaign` tells a fault that every other message would meet as well (wrong password, closed account), `code`
    is the provider's own word for it. `opted_out`: the provider says that this person wants no more messages.
    `elsewhere`: nobody of that address is on this channel at all, so that another channel may reach them.
    """

    def __init__(
        self,
        sentence: str,
        *,
        whole_campaign: bool = False,
        detail: str = "",
        code: str = "",
        opted_out: bool = False,
        elsewhere: bool = False,
    ) -> None:
        super().__init__(sentence, detail=detail)
        self.whole_campaign = whole_campaign
        self.code = code
        self.opted_out = opted_out
        self.elsewhere = elsewhere


class SendInDoubt(CellbackError):
    """The request left and its answer was lost: nobody knows whether the message went."""


class AddressError(CellbackError):
    """The text in the address cell is no address for this channel; the sentence says why."""


class SignatureError(CellbackError):
    """A webhook is unsigned or wrongly signed: it changes nothing."""


class SheetChanged(TemporaryError):
    """The sheet moved on between our read and our write: read again and decide again."""


class SheetUnavailable(TemporaryError):
    """The sheet can't be written (or read) for now, because somebody has it open or it is not reachable."""


class NotShared(SheetUnavailable):
    """Our account may not open (or edit) the spreadsheet; `account` is the address to share it with, "" where none is.

    Temporary: once somebody shares it, everything goes on by itself.
    """

    def __init__(self, sentence: str, *, account: str = "", detail: str = "") -> None:
        super().__init__(sentence, detail=detail)
        self.account = account


class SignInAgain(SheetUnavailable):
    """The permission that a person gave us has ended: the sheet waits until somebody signs in again in the panel."""


class SignInToMicrosoft(SignInAgain):
    """The same where it is Microsoft that no longer lets us work for them: the panel itself opens the sign-in."""


class ConsentNeeded(SheetUnavailable):
    """An administrator has to agree before we may work for people of that organisation; `address` is the page where.

    Temporary: once one agreed, everything goes on by itself.
    """

    def __init__(self, sentence: str, *, address: str = "", detail: str = "") -> None:
        super().__init__(sentence, detail=detail)
        self.address = address


class SignedOut(CellbackError):
    """Who asks could not be made sure: an identity or a session that is wrong, of others, or too old."""


class NotAllowed(CellbackError):
    """Who asks is known, and may not."""


class NotFound(CellbackError):
    """What was asked for is not there: a campaign, a row, a column, a file."""


class Conflict(CellbackError):
    """It can't be done in the present state (already running, already sent, no longer in the undo window)."""


class InvalidInput(CellbackError):
    """What a person gave can't be used; `field` names it, `suggestions` are near misses."""

    def __init__(self, sentence: str, *, field: str = "", suggestions: Sequence[str] = (), detail: str = "") -> None:
        super().__init__(sentence, detail=detail)
        self.field = field
        self.suggestions = tuple(suggestions)


class ConfigError(Exception):
    """Bad configuration. Outside `CellbackError`, so that nothing that handles those can swallow it."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))
