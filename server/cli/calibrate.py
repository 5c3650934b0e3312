"""`calibrate`: how far the reader's confidence can be believed, by one's own reviews; the threshold that follows."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from server.cli.reliability import diagram, line
from server.config import load_settings
from server.domain.calibration import (
    Above,
    Bin,
    Proposal,
    Taken,
    above,
    bins,
    calibration_error,
    propose,
    taken,
)
from server.domain.campaign import Campaign
from server.domain.labels import Label
from server.errors import InvalidInput, NotFound
from server.services import Services, build, take_workbook, workbook_name

OFFLINE = "offline reader"
NOTHING = (
    "Nobody has reviewed a reading yet{}. Settle what waits under Review, and look at some sure readings at random "
    "(a spot check, in the panel's Answers step); then ask again."
)
CHANGED = "Nothing was changed. "


@dataclass(frozen=True, slots=True)
class Report:
    """What was seen of one reader. `now` is what there is from the present threshold on."""

    prompt: str
    model: str
    taken: Taken
    table: Sequence[Bin]
    error: float
    now: Above
    proposal: Proposal

    @property
    def name(self) -> str:
        """As people know it."""
        return f"{self.model} ({self.prompt})" if self.prompt or self.model else OFFLINE


def calibrate(
    campaign_id: str, workbook: str, sheet: str, *, plot: Path | None, as_json: bool, most_wrong: float
) -> int:
    """Print what the reviews say (of one campaign, of a sheet's, of all). Changes nothing.

    Raises NotFound for a campaign, workbook or sheet that is not there, InvalidInput when the plot can't be written.
    """
    services = build(load_settings())
    try:
        campaigns = _campaigns(services, campaign_id, workbook, sheet)
        labels = services.ledger.labels.all(campaign_id)
        if workbook:
            ids = {one.id for one in campaigns}
            labels = [label for label in labels if label.campaign_id in ids]
        one = campaigns[0] if len(campaigns) == 1 else None
        threshold = services.threshold(one)
    finally:
        services.close()
    reports = report(labels, threshold, most_wrong)
    if plot and reports:
        _write(plot, diagram((found.name, found.table) for found in reports))
    if as_json:
        sys.stdout.write(json.dumps(_object(reports, threshold, most_wrong), ensure_ascii=False) + "\n")
        return 0
    where = f" in {one.id}" if one else " in this sheet" if workbook else ""
    lines = list(report_in_words(reports, most_wrong, one)) if reports else [NOTHING.format(where)]
    if plot and reports:
        lines.insert(-1, f"The diagram is in {plot}.")
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


def _campaigns(services: Services, campaign_id: str, workbook: str, sheet: str) -> list[Campaign]:
    """Whose reviews are meant; [] for all of them."""
    if campaign_id:
        return [services.ledger.campaigns.get(campaign_id)]
    if not workbook:
        return []
    taken_from, _ = take_workbook(workbook)
    opened = services.open_sheet(taken_from, sheet)
    found = services.ledger.campaigns.of_sheet(opened.workbook, opened.name)
    if not found:
        raise NotFound(f"There is no campaign on the sheet “{opened.title}” of {workbook_name(opened.workbook)} yet.")
    return found


def _write(plot: Path, text: str) -> None:
    try:
        plot.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InvalidInput(f"The diagram can't be written to {plot}: {error.strerror or error}.") from error


def report(labels: Sequence[Label], threshold: float, most_wrong: float) -> list[Report]:
    """A report for each reader, the one that was reviewed last first: what is said of one says nothing of another."""
    readers: dict[tuple[str, str], list[Label]] = {}
    for label in reversed(labels):
        readers.setdefault((label.prompt, label.model), []).append(label)
    reports = []
    for (prompt, model), theirs in readers.items():
        found = taken(theirs)
        table = bins(found.points)
        now, proposal = above(found.points, threshold), propose(found.points, most_wrong)
        reports.append(Report(prompt, model, found, table, calibration_error(table), now, proposal))
    return reports


# in words


def report_in_words(reports: Sequence[Report], most_wrong: float, campaign: Campaign | None = None) -> Iterator[str]:
    """Everything that is said of the reports; how to use them comes last."""
    for one in reports:
        yield f"{one.name}: {_many(len(one.taken.points), 'review')}"
        yield from (f"  {sentence}" for sentence in based_on(one.taken))
        yield ""
        if one.table:
            yield from table(one.table)
            yield ""
            yield (
                f"  Expected calibration error {one.error:.1%}: so far are confidence and share of right ones apart "
                "on average."
            )
        yield from (f"  {sentence}" for sentence in threshold_in_words(one, most_wrong))
        yield ""
    yield apply_in_words(reports, campaign)


def based_on(found: Taken) -> Iterator[str]:
    """What was counted, what was not, and why."""
    parts = [
        f"{found.waited} waited for a person" if found.waited else "",
        f"{_were(found.sampled)} sure and drawn in spot checks" if found.sampled else "",
        f"{_were(found.among)} sure and corrected where the spot checks had come by" if found.among else "",
    ]
    if said := ", ".join(part for part in parts if part):
        yield f"{said}."
    if found.beside:
        yield (
            f"Left out: {_many(found.beside, 'sure reading')} that somebody decided about by themselves. Nobody looked "
            "at those beside them, which may all be right: only a spot check tells."
        )
    if found.remarks:
        yield f"Left out: {_many(found.remarks, 'reading')} that found no answer; such need a person at any confidence."


def table(found: Sequence[Bin]) -> Iterator[str]:
    """The table and the plot beside it, for a terminal."""
    scale = "0 %".ljust(18) + "50 %".ljust(18) + "100 %"
    yield f"  confidence  reviews  right  {'share right (95 %)':<22} {scale}"
    for one in found:
        low, high = one.bounds
        share = f"{one.share:6.1%} ({low:.1%}-{high:.1%})"
        yield f"  {one.low:.2f}-{one.high:.2f}  {one.count:>8}  {one.right:>5}  {share:<22}|{line(one)}|"
    yield "  ● right ones, ─ where their share lies with 95 % confidence, ┊ where their confidence says it is"


def threshold_in_words(one: Report, most_wrong: float) -> Iterator[str]:
    """What is known of the present threshold, and which one is proposed; or what is missing for that."""
    yield evidence(one.now)
    if not one.taken.sampled:
        yield (
            "No sure reading was spot-checked, so nothing is known of those that nobody touched: look at some at "
            "random in the panel's Answers step."
        )
    goal, found = f"at most {_share(most_wrong)} wrong", one.proposal
    if found.proven:
        yield f"Proposed threshold for {goal}: {found.proven.threshold:.2f}. {evidence(found.proven)}"
    elif found.likely:
        likely = found.likely
        yield (
            f"No threshold is proven for {goal} yet. So far {likely.threshold:.2f} keeps to it ({likely.wrong} of "
            f"{likely.count} wrong); {_many(found.needed, 'more review')} from there on without a wrong one would "
            "prove it."
        )
    elif one.now.count and one.now.share > most_wrong:
        yield f"No threshold keeps to {goal}: too many were wrong however sure the reader was."
    else:
        yield f"To prove {goal} takes {_many(found.needed, 'review')} from a threshold on, none of them wrong."


def evidence(found: Above) -> str:
    """What was seen from a threshold on."""
    if not found.count:
        return f"No reading from {found.threshold:.2f} on was reviewed in a way that can be counted."
    return (
        f"Of {_many(found.count, 'reviewed reading')} from {found.threshold:.2f} on {_were(found.wrong)} wrong: "
        f"{_share(found.share)}, at most {_share(found.at_most)} with 95 % confidence."
    )


def apply_in_words(reports: Sequence[Report], campaign: Campaign | None) -> str:
    """How to use what is proposed: the last line."""
    proven = reports[0].proposal.proven
    level = f"{proven.threshold:.2f}" if proven else "0.NN"
    begin = CHANGED if proven else f"{CHANGED}When a threshold is proven: "
    path = f"PATCH /api/campaigns/{campaign.id if campaign else 'ID'}/bounds"
    return (
        f"{begin}CELLBACK_SURE_AT={level} holds for all campaigns without a threshold of their own; one campaign's is "
        f'in its plan in the panel ({path} {{"sure_at": {level}}}).'
    )


def _share(share: float) -> str:
    return f"{share * 100:.3g} %" if 0 < share < 0.001 else f"{share * 100:.1f} %"


def _were(count: int) -> str:
    return f"{count:,} {'was' if count == 1 else 'were'}"


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


# as JSON


def _object(reports: Sequence[Report], threshold: float, most_wrong: float) -> dict[str, object]:
    return {"threshold": threshold, "most_wrong": most_wrong, "readers": [_reader(one) for one in reports]}


def _reader(one: Report) -> dict[str, object]:
    found = one.taken
    return {
        "reader": one.name,
        "prompt": one.prompt,
        "model": one.model,
        "reviews": len(found.points),
        "waited": found.waited,
        "sampled": found.sampled,
        "corrected": found.among,
        "left_out": {"beside": found.beside, "no_answer": found.remarks},
        "calibration_error": round(one.error, 4),
        "bins": [
            {"low": each.low, "high": each.high, "count": each.count, "right": each.right}
            | {"confidence": round(each.confidence, 4), "bounds": [round(bound, 4) for bound in each.bounds]}
            for each in one.table
        ],
        "now": _above(one.now),
        "proposed": _above(one.proposal.proven),
        "likely": _above(one.proposal.likely),
        "needed": one.proposal.needed,
    }


def _above(found: Above | None) -> dict[str, object] | None:
    if found is None:
        return None
    told: dict[str, object] = {"threshold": found.threshold, "count": found.count, "wrong": found.wrong}
    return told | {"share": round(found.share, 4), "at_most": round(found.at_most, 4)}
