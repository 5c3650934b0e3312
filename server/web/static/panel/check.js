// Step 2, Check: the plan in words, what pre-flight found, then having the drafts written (writing.js) and every one of
// them (drafts.js).

import { choiceLine } from "./choiceline.js";
import { h } from "./dom.js";
import { approveAll, drafts, loadDrafts } from "./drafts.js";
import { faults } from "./faults.js";
import { outcomeAt } from "./parts.js";
import { planCard } from "./plan.js";
import { text } from "./texts.js";
import { loadModel, restOf, usage, writeDrafts } from "./writing.js";

const T = text.check;

/** What the view does not tell: the draft on show, and what a model has used. */
export function load(panel) {
  loadModel(panel);
  return loadDrafts(panel);
}

/** The plan until there are drafts, then the drafts with the plan folded away. */
export function draw(panel) {
  const { view } = panel.state;
  const planned = view.state === "planned";
  return h(".stack", { key: "check" },
    planned ? planCard(panel) : foldedPlan(panel),
    choiceLine(panel),
    faults(panel),
    view.state === "drafting" && !showing(panel) && h("p.soft", { key: "drafting" }, T.drafting(view.drafted, view.rows)),
    outcomeAt(panel, "reminding"),
    showing(panel) && drafts(panel),
    usage(panel, view),
    restOf(view) > 0 && h(".stack.tight", { key: "first" }, approveAll(panel, view)),
    h(".deed.stack.tight", { key: "deed" },
      view.state === "drafted" && view.note && h("p.note", { key: "waits" }, view.note),
      writeDrafts(panel, view),
      !restOf(view) && approveAll(panel, view)));
}

function foldedPlan(panel) {
  return h("details.fold", { id: "plan", open: panel.state.check.planOpen,
    ontoggle: (event) => panel.setIn("check", { planOpen: event.target.open }) },
    h("summary", T.plan),
    panel.state.check.planOpen && planCard(panel));
}

/** Whether there is a draft to show: the only one may just be written anew. */
function showing({ state: { view, check } }) {
  return view.state !== "planned" && (view.drafted > 0 || !!check.message?.text);
}
