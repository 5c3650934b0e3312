"""Each promise of the design's section 4, and of its channels, broken once on purpose, and the tests that must fail.

    python -m tests.mutations [NUMBER ...]

works on a copy of the tree and prints a table; it exits with 1 when a break goes unnoticed. Not part of the suite:
it takes minutes. A mutation whose text is no longer found in the code fails too, so that the list can't go stale.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COPIED = ("server", "jobs", "tests", "pyproject.toml")


@dataclass(frozen=True)
class Mutation:
    """One break: `old` becomes `new` in `file`, and one of `tests` must fail."""

    promise: str
    what: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


FLOW = ("tests/flow/test_loop.py", "tests/flow/test_people.py")
LATE = ("tests/flow/test_late.py",)
WAYS = ("tests/flow/test_ways.py", "tests/flow/test_answers.py")
WINDOW = ("tests/flow/test_window.py",)
ANSWERS = ("tests/flow/test_answers.py",)
CLAIMS = ("tests/store/test_contract.py", "tests/store/test_at_once.py", *FLOW)

MUTATIONS = (
    Mutation(
        "1 never twice",
        "a send in doubt is tried again by itself",
        "server/flow/carrying.py",
        "            self.tried.in_doubt += 1\n            event = LostAnswer(error.sentence, owner)",
        "            event = Deferred(self.shared.clock.now(), error.sentence, owner)",
        FLOW,
    ),
    Mutation(
        "1 never twice",
        "any state may be claimed",
        "server/domain/machine/messages.py",
        "Claimed: Move(frozenset({S.APPROVED})",
        "Claimed: Move(frozenset(S)",
        CLAIMS,
    ),
    Mutation(
        "1 never twice",
        "claims that a dead worker left are approved again",
        "server/flow/sending.py",
        "[(one.id, LostAnswer(LOST)) for one in lost]",
        '[(one.id, Deferred(one.claimed_at, "")) for one in lost]',
        FLOW,
    ),
    Mutation(
        "1 never twice",
        "a late proof of the first send is ignored",
        "server/domain/machine/messages.py",
        "return message.claimed_at is not None or message.state",
        "return message.state",
        LATE,
    ),
    Mutation(
        "2 never lost",
        "events that can't be processed hide newer ones",
        "server/flow/sweeping.py",
        "    if len(oldest) < limit:",
        "    if True:",
        LATE,
    ),
    Mutation(
        "2 never lost",
        "of two answers that differ the last one is taken",
        "server/domain/machine/readings.py",
        "    if _contradicts(reading, old):\n        reason",
        "    if False:\n        reason",
        LATE,
    ),
    Mutation(
        "2 never lost",
        "an event is stored again under the same id",
        "server/store/inbox.py",
        'index_elements=["provider", "blind"]',
        'index_elements=["id"]',
        ("tests/store/test_contract.py", *FLOW),
    ),
    Mutation(
        "2 never lost",
        "the sweep forgets approved messages",
        "server/flow/sweeping.py",
        "chunks |= set(ledger.messages.chunks(campaign.id, [MessageState.APPROVED], due=now))",
        "pass",
        FLOW,
    ),
    Mutation(
        "3 the right row",
        "torn keys are trusted",
        "server/domain/rows.py",
        "and self._torn(key, identity)",
        "and False",
        FLOW,
    ),
    Mutation(
        "3 the right row",
        "of two rows under one key the first one is taken",
        "server/domain/rows.py",
        "            if len(same) != 1:",
        "            if len(same) > 99:",
        ("tests/flow/test_properties.py", "tests/domain", *FLOW),
    ),
    Mutation(
        "3 the right row",
        "a write is carried out on a sheet that moved on",
        "server/sheets/xlsx.py",
        "raise SheetChanged(",
        "str(",
        ("tests/sheets",),
    ),
    Mutation(
        "4 the human wins",
        "a person's value is written over",
        "server/flow/writing.py",
        "    if cell.shown == write.expected:\n        return None",
        "    if True:\n        return None",
        FLOW,
    ),
    Mutation(
        "4 the human wins",
        "who agrees with a sure reading shuts its row to later replies",
        "server/flow/interpreting.py",
        "(Checked if spot else Settled)",
        "Settled",
        ("tests/flow/test_spot_checks.py",),
    ),
    Mutation(
        "8 certain before model",
        "a press flatters the reader as one of its readings",
        "server/domain/labels.py",
        "if made == BY_RULE or old.confidence >= CERTAIN:",
        "if False:",
        ("tests/flow/test_spot_checks.py", "tests/store/test_labels.py"),
    ),
    Mutation(
        "3 the right row",
        "a cell write moves as no machine knows",
        "server/store/cell_writes.py",
        "if after.state is not before and after.state not in CELL_MOVES[before]:",
        "if False:",
        ("tests/store/test_contract.py",),
    ),
    Mutation(
        "4 the human wins",
        "a Skip that nobody has read yet is approved over",
        "server/flow/approving.py",
        "    if says_skip(campaign, reader.table, cells, message, row):",
        "    if False:",
        LATE,
    ),
    Mutation(
        "4 the human wins",
        "a formula is written over",
        "server/flow/writing.py",
        "if cell.formula or cell.merged:",
        "if cell.merged:",
        FLOW,
    ),
    Mutation(
        "5 what was approved is sent",
        "a change after the approval goes unnoticed",
        "server/flow/freshness.py",
        "        place = self.locator.find(message.row_key, message.identity)\n        if (row := place.row) is None:",
        '        return ""\n        if (row := place.row) is None:',
        FLOW,
    ),
    Mutation(
        "5 what was approved is sent",
        "a text from before a change is taken for a draft",
        "server/domain/machine/messages.py",
        "        return event.version not in {None, message.version}",
        "        return False",
        ("tests/flow/test_drafting.py",),
    ),
    Mutation(
        "5 what was approved is sent",
        "an edit does not make the approval lapse",
        "server/domain/machine/messages.py",
        "Edited: Move(frozenset({S.DRAFTED, S.APPROVED, S.CHANGED})",
        "Edited: Move(frozenset({S.DRAFTED, S.CHANGED})",
        FLOW,
    ),
    Mutation(
        "6 text is text",
        "a text that starts with = becomes a formula",
        "server/sheets/ooxml/splice.py",
        "inlineStr",
        "str",
        ("tests/sheets",),
    ),
    Mutation(
        "7 code disposes",
        "evidence need not be in the reply",
        "server/flow/interpreting.py",
        "if reading.evidence and reading.evidence not in reply.visible:",
        "if False:",
        FLOW,
    ),
    Mutation(
        "7 code disposes",
        "a value that the plan does not allow is written",
        "server/flow/interpreting.py",
        "    if wrong := refuse(campaign.plan, reading.values):",
        "    if wrong := '':",
        FLOW,
    ),
    Mutation(
        "8 certain before model",
        "an automatic reply is read as an answer",
        "server/flow/interpreting.py",
        "    if reply.automatic:",
        "    if False:",
        FLOW,
    ),
    Mutation(
        "9 stop means stop",
        "a claim does not ask for suppressions",
        "server/store/moves.py",
        "    if reason is not None:",
        "    if False:",
        CLAIMS,
    ),
    Mutation(
        "10 fail closed",
        "a webhook is believed without its signature",
        "server/web/webhooks.py",
        "    _verify(channel, posted)\n",
        "",
        ("tests/web/test_webhooks.py",),
    ),
    Mutation(
        "11 personal data leaves",
        "texts are stored as they are",
        "server/store/crypto.py",
        "    def seal(self, text: str) -> bytes:",
        "    def seal(self, text: str) -> bytes:\n        return text.encode()\n\n    def _s(self, text):",
        ("tests/store",),
    ),
    Mutation(
        "11 personal data leaves",
        "what nobody ended is never purged",
        "server/store/purge.py",
        "touched < codec.micros(min(before, now - IDLE))",
        "touched < 0",
        ("tests/store/test_contract.py",),
    ),
    Mutation(
        "12 everything ends",
        "each row of a long outage has a day of its own",
        "server/flow/carrying.py",
        "            moments.append(max(campaign.refused_since, message.approval.at))",
        "            pass",
        LATE,
    ),
    Mutation(
        "4 the human wins",
        "our own word that a killed worker wrote is taken for a person's",
        "server/flow/observing.py",
        "elif found != written.expected and written.state is CellWriteState.PENDING:",
        "elif False:",
        ("tests/flow/test_interruptions.py",),
    ),
    Mutation(
        "4 the human wins",
        "a former word of ours that came back is taken for a person's",
        "server/domain/cells.py",
        "    return frozenset(found)",
        "    return frozenset()",
        ("tests/domain/test_cells.py", "tests/flow/test_people.py", "tests/flow/test_interruptions.py"),
    ),
    Mutation(
        "3 the right row",
        "a copied row takes the key from the row that has it",
        "server/flow/planning.py",
        "                    known.setdefault(message.row_key, reader.identity(row))",
        "                    pass",
        ("tests/flow",),
    ),
    Mutation(
        "9 stop means stop",
        "a STOP that fits several rows blocks nobody",
        "server/flow/receiving.py",
        "    stop = message is None and is_opt_out(",
        "    stop = False and is_opt_out(",
        ("tests/flow",),
    ),
    Mutation(
        "2 never lost",
        "an event that fails keeps all others in the inbox",
        "jobs/receiving.py",
        "    except Exception:",
        "    except KeyError:",
        ("tests/flow/test_inbox_job.py",),
    ),
    Mutation(
        "12 everything ends",
        "a refusal for now is tried for ever",
        "server/flow/carrying.py",
        "if now >= end:",
        "if False:",
        FLOW,
    ),
    Mutation(
        "each row its way",
        "who named a channel is written to on another one",
        "server/domain/routes.py",
        "if fallback or way.channel is named)",
        "if True)",
        (*WAYS, "tests/domain/test_plan.py"),
    ),
    Mutation(
        "5 what was approved is sent",
        "who is not on a channel is written to on the next one without a yes",
        "server/domain/machine/messages.py",
        "Rerouted: Move(BEYOND_SEND, S.CHOSEN, (A.PROVIDER,)),",
        "Rerouted: Move(BEYOND_SEND, S.APPROVED, (A.PROVIDER,)),",
        (*WAYS, "tests/domain/test_picture.py"),
    ),
    Mutation(
        "5 what was approved is sent",
        "a doubtful send is asked for in other words than it was made in",
        "server/flow/reconciling.py",
        "attachments=files)",
        "attachments=())",
        WAYS,
    ),
    Mutation(
        "each row its way",
        "nobody goes another way when nobody is there",
        "server/flow/carrying.py",
        "        if error.elsewhere and left:",
        "        if False:",
        WAYS,
    ),
    Mutation(
        "each row its way",
        "a way on which nobody was found is taken again",
        "server/flow/records.py",
        "            if mark(way.channel, address) not in unreached:",
        "            if True:",
        WAYS,
    ),
    Mutation(
        "each row its way",
        "a word that is no channel is read as no word",
        "server/domain/routes.py",
        "    if not word.strip():",
        "    if not word.strip() or channel_named(word) is None:",
        (*WAYS, "tests/domain/test_plan.py"),
    ),
    Mutation(
        "each row its way",
        "trouble with one provider holds up all",
        "server/flow/sending.py",
        "    if len(campaign.plan.ways) == 1:\n        hold_campaign",
        "    if True:\n        hold_campaign",
        WAYS,
    ),
    Mutation(
        "the 24 hours",
        "a closed window is not looked at before the claim",
        "server/flow/carrying.py",
        "        if why := self._closed(message):",
        "        if why := '':",
        WINDOW,
    ),
    Mutation(
        "the 24 hours",
        "a closed window is not looked at when a text is drafted",
        "server/flow/composing.py",
        "    if closed := closed_window(message, limits, heard, now):",
        "    if closed := '':",
        WINDOW,
    ),
    Mutation(
        "the 24 hours",
        "a text that somebody wrote over the template's goes as the template",
        "server/flow/outgoing.py",
        "    return message.extras.template is not None and message.text == message.extras.text",
        "    return message.extras.template is not None",
        WINDOW,
    ),
    Mutation(
        "8 certain before model",
        "a digit in a mail is an answer",
        "server/flow/interpreting.py",
        "    asked = reply.channel in DIGITS or",
        "    asked = True or",
        ANSWERS,
    ),
    Mutation(
        "8 certain before model",
        "a press from another number is believed",
        "server/flow/interpreting.py",
        "        reading = _if_theirs(reading, reply)",
        "        pass",
        ANSWERS,
    ),
    Mutation(
        "3 the right row",
        "of two marks that lead to two rows one is taken",
        "server/flow/matching.py",
        "    if thread and by_token and thread.id != by_token.id:",
        "    if False:",
        ANSWERS,
    ),
    Mutation(
        "9 stop means stop",
        "a suppression on the message's own channel is not asked for",
        "server/store/moves.py",
        "channel = message.channel.value if message.channel else",
        "channel = '' if message.channel else",
        ("tests/store/test_contract.py",),
    ),
    Mutation(
        "2 never lost",
        "what was missed is forgotten when the provider did not answer",
        "server/flow/catching_up.py",
        "        events = await channel.missed(since)",
        "        ledger.marks.keep(name, now)\n        events = await channel.missed(since)",
        ("tests/flow/test_catching_up.py",),
    ),
    Mutation(
        "11 personal data leaves",
        "what a provider calls somebody outlives their erasure",
        "server/store/erasure.py",
        "        _forget(connection, blind(cipher, address))",
        "        pass",
        ("tests/store/test_contacts.py",),
    ),
)


def tried(mutation: Mutation) -> str:
    """What became of it: "caught by ...", "NOT CAUGHT", or "NOT FOUND" when its text is no longer in the code."""
    with tempfile.TemporaryDirectory(prefix="cb-mutation-") as folder:
        copy = Path(folder)
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, copy / name)
        file = copy / mutation.file
        text = file.read_text(encoding="utf-8") if file.exists() else ""
        if mutation.old not in text:
            return "NOT FOUND"
        file.write_text(text.replace(mutation.old, mutation.new, 1), encoding="utf-8")
        present = [test for test in mutation.tests if (copy / test).exists()]
        run = subprocess.run(
            [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *present],
            cwd=copy,
            capture_output=True,
            text=True,
            check=False,
        )
    if run.returncode == 0:
        return "NOT CAUGHT"
    failed = [line.split()[1] for line in run.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    if failed and "::" in failed[0]:
        return f"caught by {failed[0].removeprefix('tests/')}"
    return f"NOT RUN ({' '.join(failed) or run.returncode})"


def main(chosen: list[int]) -> int:
    """Try them all, or those numbers."""
    unnoticed = 0
    for number, mutation in enumerate(MUTATIONS, 1):
        if chosen and number not in chosen:
            continue
        result = tried(mutation)
        unnoticed += result.startswith("NOT")
        sys.stdout.write(f"{number:>2}  {mutation.promise:<28} {mutation.what:<58} {result}\n")
        sys.stdout.flush()
    return 1 if unnoticed else 0


if __name__ == "__main__":
    sys.exit(main([int(argument) for argument in sys.argv[1:]]))
