// Having the drafts written: a few rows first where a language model writes each of them, what the rest would use,
// and the bounds that stop it.

import { h } from "./dom.js";
import { action, outcomeAt } from "./parts.js";
import { text } from "./texts.js";

const T = text.writing;
const FIRST = 3;

/** Loads what the model has used and would use; nothing where there is none. */
export async function loadModel(panel) {
  const { view, session } = panel.state;
  if (session.offline_model) return;
  try {
    const model = await panel.api.get(panel.at("/model"));
    if (panel.state.view?.id === view.id) panel.setIn("check", { model });
  } catch (failure) {
    panel.setIn("problems", { model: failure });
  }
}

/** How many rows of the plan wait for a first draft and are not being written. */
export function restOf({ state, chosen, rows, counts }) {
  const begun = counts.reduce((sum, { count }) => sum + count, 0);
  return ["drafted", "done"].includes(state) ? Math.max(0, Math.max(chosen, rows) - begun) : 0;
}

/** What was used, what the rest would, and the bound of it; after a trial also the way back to the plan. */
export function usage(panel, view) {
  const { model } = panel.state.check;
  if (!model || !["planned", "drafting", "drafted"].includes(view.state)) return null;
  const tried = mayTryAgain(view);
  return h("section.usage", { "aria-label": T.usage },
    !restOf(view) && model.sentence && h("p.soft", model.sentence),
    outcomeAt(panel, "model"),
    bounds(panel, model),
    tried && h(".buttons",
      h("button.link", { onclick: () => toPlan(panel) }, T.changePlan),
      action(panel, "draft", T.again(view.trial), () => draft(panel, { first: view.trial }),
        { kind: "link", needs: "edit" })));
}

function mayTryAgain(view) {
  return restOf(view) > 0 && view.trial > 0 && !view.approved;
}

function toPlan(panel) {
  panel.setIn("check", { planOpen: true });
  /** @type {HTMLElement | null} */ (document.querySelector("#plan > summary"))?.focus();
}

/** Editable in place: money where there are prices, else tokens. */
function bounds(panel, model) {
  return model.cost === null ? bound(panel, model, "most_tokens", "1", T.afterTokens, T.tokens)
    : bound(panel, model, "most_cost", "any", T.afterCost, T.currency);
}

function bound(panel, model, name, step, before, unit) {
  const value = model[name] === null ? "" : String(model[name]);
  const change = ({ target }) => {
    const next = target.value ? target.valueAsNumber : null; // emptied: as the settings say
    if (next !== model[name] && target.validity.valid) put(panel, { [name]: next });
    else target.value = value;
  };
  return h("label.sentence", before, " ",
    h("input", { type: "number", min: "0", step, value, placeholder: T.unbound, onchange: change }),
    " ", unit);
}

function put(panel, patch) {
  panel.edited = panel.act("model", async () => {
    panel.take(await panel.api.patch(panel.at("/bounds"), patch));
    await loadModel(panel);
  });
}

/** The way on from the plan, or from the first few drafts with what the others would use. */
export function writeDrafts(panel, view) {
  const open = view.plan.missing;
  const rest = restOf(view);
  const planned = view.state === "planned";
  if (!planned && !rest) return null;
  const why = open.length > 0 && h("p.note", { id: "why-not", key: "why-not" }, T.settleFirst(open));
  const write = (label, body, kind) => action(panel, "draft", label, () => draft(panel, body), { key: label, kind,
    needs: "edit", disabled: !!why || !(planned ? view.rows : rest), "aria-describedby": why ? "why-not" : null });
  if (!planned) {
    const { model } = panel.state.check;
    return [outcomeAt(panel, "draft"), why, model?.sentence && h("p.estimate", { key: "estimate" }, model.sentence),
      write(T.others(rest), {}, "primary wide")];
  }
  const tries = !panel.state.session.offline_model && !view.plan.one_text && view.rows > FIRST;
  return [outcomeAt(panel, "draft"), why, ...tries
    ? [write(T.tryFirst(FIRST), { first: FIRST }, "primary wide"),
      !why && write(T.all(view.rows), {}, "secondary wide")]
    : [write(T.drafts(view.rows), {}, "primary wide")]];
}

/** What was just typed into the plan counts: it is taken first, and where it is refused nothing is drafted. */
async function draft(panel, body) {
  const { busy } = panel.state;
  if ((busy.edit || busy.model) && !(await panel.edited)) return;
  panel.take(await panel.api.post(panel.at("/draft"), body));
}
