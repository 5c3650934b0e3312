// A look at some readings that were sure: whoever takes one or puts it right tells how far the reader can be trusted.

import { h } from "./dom.js";
import { action, outcomeAt } from "./parts.js";
import { card } from "./review.js";
import { text } from "./texts.js";
import { SURE, countOf } from "./words.js";

const T = text.spotCheck;
const SOME = 10;

/** The offer, then one after the other, then what came of it. */
export function spotCheck(panel) {
  const { sample } = panel.state.answers;
  const sure = countOf(panel.state.view, SURE);
  if (!sample) {
    return sure > 0 && h(".stack.tight", { key: "spot" },
      action(panel, "spot", T.begin(sure), () => begin(panel), { kind: "link", needs: "edit" }),
      outcomeAt(panel, "spot"));
  }
  const { items, done, right } = sample;
  if (done < items.length) {
    return [h("p", { key: "look" }, T.look),
      card(panel, items[done], { at: done, total: items.length, settle, sample: true, go: null })];
  }
  return h(".stack.tight", { key: "spot" },
    h("p.note", { role: "status" }, T.result(done, right)),
    action(panel, "spot", T.again, () => begin(panel), { kind: "link", needs: "edit" }));
}

async function begin(panel) {
  const { reviews: items } = await panel.api.get(panel.at("/reviews"), { sample: SOME });
  if (!items.length) return T.none;
  panel.setIn("answers", { sample: { items, done: 0, right: 0 }, choice: null });
  panel.setIn("notes", { decided: "" });
  return null;
}

async function settle(panel, item, { outcome, values }) {
  const filled = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ""));
  await panel.api.post(panel.at(`/reviews/${item.message_id}`), { outcome, values: filled,
    replied_at: item.replied_at });
  const { sample } = panel.state.answers;
  const same = outcome === item.outcome && JSON.stringify(sorted(filled)) === JSON.stringify(sorted(item.values));
  panel.setIn("answers", { sample: { ...sample, done: sample.done + 1, right: sample.right + (same ? 1 : 0) },
    choice: null });
}

function sorted(values) {
  return Object.entries(values).sort(([one], [other]) => (one < other ? -1 : 1));
}
