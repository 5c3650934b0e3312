// What the plan says of answers: what counts as one, when a row has none, from when one is written without asking.
// It may change as long as the campaign lives, so it stands apart from what is fixed with the drafts.

import { h } from "./dom.js";
import { edit } from "./plan.js";
import { field } from "./parts.js";
import { text } from "./texts.js";

const T = text.rules;
const SURE = [60, 99];
const DAYS = [0, 365];

/** Folded away: the defaults are good. */
export function rules(panel, { plan, sure_at: sureAt }) {
  const counts = ({ target }) => target.value !== plan.counts && edit(panel, { counts: target.value });
  return h("details.fold.light",
    h("summary", T.details),
    h(".stack",
      field("plan-counts", T.counts, h("input", { value: plan.counts, dir: "auto", placeholder: T.countsExample,
        onchange: counts })),
      sentence(T.remind, T.remindEnd, plan.remind_after, DAYS, (days) => edit(panel, { remind_after: days })),
      sentence(T.sure, T.sureEnd, Math.round(100 * sureAt), SURE,
        (share) => edit(panel, { sure_at: share / 100 }, "/bounds"))));
}

/** A number within a sentence; what is no number in bounds goes back to what it was. */
function sentence(before, after, value, bounds, put) {
  const [least, most] = bounds;
  const change = ({ target }) => {
    const next = Math.round(target.valueAsNumber);
    if (next >= least && next <= most) return next !== value && put(next);
    target.value = value;
    return false;
  };
  return h("label.sentence", before, " ",
    h("input", { type: "number", min: String(least), max: String(most), value: String(value), onchange: change }),
    " ", after);
}
