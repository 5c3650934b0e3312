// A question back to one person whose answer is not clear: drafted, edited here, sent by two deliberate presses.

import { MODEL_MS } from "./api.js";
import { h } from "./dom.js";
import { isMail } from "./preview.js";
import { action, field, outcomeAt } from "./parts.js";
import { text } from "./texts.js";

const T = text.ask;

/** Has a question drafted; nothing is sent by it. */
export function askBack(panel, item) {
  return panel.act("ask", async () => {
    const drafted = await panel.api.post(panel.at(`/reviews/${item.message_id}/clarify`), {}, MODEL_MS);
    const { text: words, subject, doubt } = drafted;
    panel.setIn("answers", { ask: { id: item.message_id, words, subject, doubt, sure: false } });
  });
}

/** The drafted question, then the deed. Escape leads back to the card. */
export function editor(panel, item) {
  const { ask } = panel.state.answers;
  const change = (patch) => panel.setIn("answers", { ask: { ...ask, ...patch } });
  const stop = () => panel.setIn("answers", { ask: null });
  const keys = (event) => event.key === "Escape" && (ask.sure ? change({ sure: false }) : stop());
  const to = item.person || T.them;
  return h(".stack.tight", { key: "ask", onkeydown: keys },
    ask.doubt && h("p.note", ask.doubt),
    isMail(item, panel.state.view.plan) && field("ask-subject", text.write.subject,
      h("input", { value: ask.subject, dir: "auto", disabled: ask.sure,
        oninput: (event) => change({ subject: event.target.value }) })),
    field("ask-text", T.text(to), h("textarea", { rows: "5", dir: "auto", focus: true, value: ask.words,
      disabled: ask.sure, oninput: (event) => change({ words: event.target.value }) })),
    outcomeAt(panel, "ask"),
    h(".ask-deed", ask.sure ? sure(panel, item, to, change) : h(".buttons", { key: "edit" },
      h("button.primary", { disabled: !ask.words.trim(),
        onclick: (event) => event.detail < 2 && change({ sure: true }) }, T.send(to)),
      h("button.ghost", { onclick: stop }, text.parts.cancel))));
}

/** The second press lies elsewhere than the first, nothing scrolls under the pointer, a double click is no press. */
function sure(panel, item, to, change) {
  return h(".sure", { key: "sure", role: "group", "aria-label": T.send(to) },
    h("button.secondary.wide", { focus: "still", onclick: () => change({ sure: false }) }, text.send.not),
    h("p", T.sure(to)),
    action(panel, "ask", text.send.now, null, { kind: "primary wide",
      onclick: (event) => event.detail < 2 && panel.act("ask", () => send(panel, item, to)) }));
}

async function send(panel, item, to) {
  const { words, subject } = panel.state.answers.ask;
  await panel.api.post(panel.at(`/reviews/${item.message_id}/ask`), { text: words, subject });
  panel.parts.answers.left(panel, item, T.sent(to));
}
