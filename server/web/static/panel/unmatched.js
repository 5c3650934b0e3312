// Replies that fit no row: who wrote what and when, and whose it is when a person knows.

import { h } from "./dom.js";
import { moment } from "./language.js";
import { action, choice, field, outcomeAt } from "./parts.js";
import { text } from "./texts.js";

const T = text.unmatched;
/** Rows to choose among; a sheet with more is searched by its own host. */
const MOST = 1000;

/** How many there are; pressed, each of them with the rows that it may belong to. */
export function unmatched(panel) {
  const { unmatched: count, strays } = panel.state.answers;
  if (!count && !strays) return null;
  const shut = () => panel.setIn("answers", { strays: null });
  return h("section.stack.tight", { key: "unmatched", "aria-label": T.title },
    !strays && h("p.note", T.count(count), " ",
      action(panel, "strays", T.show, () => open(panel), { kind: "link" })),
    outcomeAt(panel, "strays"),
    strays && [
      h(".inline", { key: "head" }, h("h3.grow", T.title), h("button.ghost.small", { onclick: shut }, T.hide)),
      h("ul.stack", { key: "list" }, strays.replies.map((one) => h("li.stack.tight", { key: one.id }, stray(panel, one)))),
    ]);
}

async function open(panel) {
  const [{ replies }, { messages }] = await Promise.all([panel.api.get(panel.at("/unmatched")),
    panel.api.get(panel.at("/messages"), { stage: "sent", limit: MOST })]);
  const people = messages.map(({ key, person, address }) => [key, [person, address].filter(Boolean).join(", ")]);
  panel.setIn("answers", { strays: { replies, people, chosen: {} } });
}

/** @param {any} panel @param {Schema.UnmatchedReply} one */
function stray(panel, one) {
  const { strays } = panel.state.answers;
  const chosen = strays.chosen[one.id] || "";
  const pick = (key) => panel.setIn("answers", { strays: { ...strays, chosen: { ...strays.chosen, [one.id]: key } } });
  return [
    h("p.soft.small-text", { dir: "auto" }, one.sender, " · ", moment(one.at)),
    h("blockquote.bubble.them", { dir: "auto" }, one.text || one.files.join(", ")),
    one.several ? h("p.hint", T.several) : [
      field(`stray-${one.id}`, T.belongs, choice(chosen, [["", T.nobody], ...strays.people], pick)),
      h(".buttons", { key: "deed" }, action(panel, "strays", T.put, () => put(panel, one, chosen),
        { disabled: !chosen, needs: "edit" })),
    ],
  ];
}

async function put(panel, { id }, key) {
  await panel.api.post(panel.at(`/unmatched/${id}`), { key });
  const { strays } = panel.state.answers;
  panel.setIn("answers", { strays: { ...strays, replies: strays.replies.filter((one) => one.id !== id) } });
  panel.act("reload", () => panel.reload());
  return T.done(strays.people.find(([one]) => one === key)?.[1] || "");
}
