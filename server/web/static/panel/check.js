// Step 2, Check: the plan in words, what pre-flight found, then every draft (drafts.js).

import { h } from "./dom.js";
import { drafts } from "./drafts.js";
import { action, cellLink, outcomeAt } from "./parts.js";
import { planCard } from "./plan.js";
import { text } from "./texts.js";

const T = text.check;

/** The plan until there are drafts, then the drafts with the plan folded away. */
export function checkStep(panel) {
  const { view } = panel.state;
  const planned = view.state === "planned";
  return h("div", { class: "stack", key: "check" },
    planned ? planCard(panel) : foldedPlan(panel),
    choiceLine(view),
    faults(panel),
    outcomeAt(panel, "draft"),
    planned && action(panel, "draft", T.draft(view.rows), () => draft(panel), { kind: "primary wide", disabled: !view.rows }),
    view.state === "drafting" && h("p", { class: "soft busy-line" }, T.drafting(view.drafted, view.rows)),
    view.drafted > 0 && drafts(panel));
}

function foldedPlan(panel) {
  return h("details", { class: "fold", open: panel.state.check.planOpen,
    ontoggle: (event) => panel.setIn("check", { planOpen: event.target.open }) },
    h("summary", {}, T.plan),
    panel.state.check.planOpen && planCard(panel));
}

function choiceLine(view) {
  return h("p", { class: "choice" }, view.choice);
}

async function draft(panel) {
  panel.take(await panel.api.post(panel.at("/draft"), {}));
}

function faults(panel) {
  const found = panel.state.view.faults;
  if (!found.length) return h("p", { class: "fine" }, T.noFaults);
  return h("ul", { class: "faults", "aria-label": T.faults }, found.map((fault) => h("li", { key: fault.kind, class: fault.level },
    h("p", {}, h("b", { class: "level" }, T.levels[fault.level]), " ", fault.sentence),
    cells(panel, fault))));
}

function cells(panel, fault) {
  const all = panel.state[`fault:${fault.kind}`];
  const shown = all ? fault.cells : fault.cells.slice(0, 4);
  if (!shown.length) return null;
  return h("p", { class: "cells" },
    shown.map((cell) => cellLink(panel, cell, cell.row ? T.cell(cell.row, cell.column) : cell.column)),
    fault.cells.length > shown.length && h("button", { class: "link", onclick: () => panel.set({ [`fault:${fault.kind}`]: true }) },
      T.more(fault.cells.length - shown.length)),
    all && fault.count > fault.cells.length && h("span", { class: "soft" }, T.more(fault.count - fault.cells.length)));
}
