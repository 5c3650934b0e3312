// How the texts come about: each row its own, or one text with placeholders that every row gets, shown and editable.

import { MODEL_MS } from "./api.js";
import { completed } from "./complete.js";
import { h } from "./dom.js";
import { edit } from "./plan.js";
import { outcomeAt } from "./parts.js";
import { text } from "./texts.js";

const T = text.wording;
const WAYS = [["each", T.each], ["one", T.one]];

/** The choice, where there is an instruction to write from; then the one text, where there is one. */
export function wording(panel, view) {
  const { plan } = view;
  const asked = panel.state.busy.text ? panel.state.check.way : "";
  const way = asked || (plan.one_text ? "one" : "each");
  return h(".field",
    view.instruction && h("fieldset.bare",
      h("legend", T.legend),
      h(".pills", WAYS.map(([name, label]) => h("label.pill", { key: name },
        h("input", { type: "radio", name: "way", value: name, checked: way === name, disabled: !!asked,
          onchange: () => turn(panel, name) }),
        h("span", label))))),
    asked && h("p.soft", { role: "status" }, asked === "one" ? T.writing : text.panel.loading),
    outcomeAt(panel, "text"),
    plan.one_text && !asked && oneText(panel, view));
}

/** Has the one text written, which may ask a model, or takes it away. */
function turn(panel, way) {
  panel.setIn("check", { way });
  panel.act("text", async () => panel.take(await panel.api.post(panel.at("/text"), { way }, MODEL_MS)));
}

function oneText(panel, { plan, instruction }) {
  const save = (event) => event.target.value !== plan.template && edit(panel, { template: event.target.value });
  return h(".field", { key: "text" },
    h("label", { for: "plan-template", class: instruction && "sr" }, T.text),
    plan.doubt && h("p.note", plan.doubt),
    completed(panel, { id: "plan-template", value: plan.template, rows: "8", dir: "auto", "aria-describedby": "filled",
      onchange: save }),
    h("p.hint", { id: "filled" }, T.filled));
}
