// Reminders of those who said nothing: drafted only, with words of one's own or without; the way leads to Check.

import { turn as show } from "./drafts.js";
import { h } from "./dom.js";
import { listed } from "./funnel.js";
import { action, field, outcomeAt } from "./parts.js";
import { text } from "./texts.js";
import { SILENT } from "./words.js";

const T = text.remind;

/** Whom a reminder would go to, each number a way to them, and the press that has it drafted. */
export function remind(panel) {
  const { view, answers: { reach, reminder = "" } } = panel.state;
  if (!reach || !(reach.silent || reach.resting) || !["sending", "done"].includes(view.state)) return null;
  const columns = view.plan.read_columns.map((name) => `{{${name}}}`);
  return h("section.stack.tight", { key: "remind", "aria-label": T.title },
    h("h3", T.title),
    h(".whom", reach.silent > 0 && h("button.link", { key: "who", onclick: () => listed(panel, "silent", SILENT, T.title) },
      T.silent(reach.silent)),
    reach.resting > 0 && h("button.link.soft", { key: "rest",
      onclick: () => listed(panel, "resting", SILENT, T.title) }, T.resting(reach.resting))),
    reach.silent > 0 && h("details.fold.light", { key: "own" },
      h("summary", T.own),
      field("remind-text", T.text, h("textarea", { rows: "4", dir: "auto", value: reminder,
        oninput: (event) => panel.setIn("answers", { reminder: event.target.value }) }),
      columns.length ? T.columns(columns) : null)),
    reach.silent > 0 && h(".buttons", { key: "deed" },
      action(panel, "remind", T.draft(reach.silent), () => reminded(panel), { needs: "edit" })),
    outcomeAt(panel, "remind", (one) => panel.setIn("answers", { reminder: `${reminder} {{${one}}}`.trim() })));
}

async function reminded(panel) {
  const words = (panel.state.answers.reminder || "").trim();
  const done = await panel.api.post(panel.at("/remind"), words ? { text: words } : {});
  panel.setIn("answers", { reminder: "" });
  await panel.reload();
  if (!done.changed) return done.sentence || T.nobodyLeft;
  panel.go("check");
  show(panel, { filter: "Draft", offset: 0 });
  const reminding = [T.reminding(done.changed), done.sentence].filter(Boolean).join(" ");
  panel.setIn("notes", { approve: "", reminding });
  return null;
}
