// What the instruction asks for and no column holds: a person says what to do about it before anything is drafted.

import { h } from "./dom.js";
import { edit, titles } from "./plan.js";
import { choice } from "./parts.js";
import { text } from "./texts.js";

const T = text.missing;

/** One question for each of them, above everything else of the plan. */
export function missing(panel, plan) {
  return plan.missing.map((wanted) => h("section.missing", { key: wanted, "aria-label": T.question(wanted) },
    h("p", { dir: "auto" }, T.question(wanted)),
    h(".buttons",
      choice("", [["", T.pick], ...titles(panel)], (title) => title && edit(panel, { held: { [wanted]: title } }),
        { "aria-label": T.pickFor(wanted) }),
      h("button.secondary", { onclick: () => edit(panel, (now) => ({ missing: without(now, wanted) })) }, T.leave))));
}

function without(plan, wanted) {
  return plan.missing.filter((one) => one !== wanted);
}
