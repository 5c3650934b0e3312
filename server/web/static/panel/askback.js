// Words to one person: drafted, edited here, sent by two deliberate presses. A question back about an answer that is
// not clear, or a reply.

import { MODEL_MS } from "./api.js";
import { h } from "./dom.js";
import { isMail } from "./preview.js";
import { action, field, outcomeAt } from "./parts.js";
import { text } from "./texts.js";

const T = text.ask;

/** Has a question drafted; nothing is sent by it. */
export function askBack(panel, item) {
  return panel.act("ask", async () => {
    const ask = await drafted(panel, `/reviews/${item.message_id}/clarify`);
    panel.setIn("answers", { ask: { id: item.message_id, ...ask } });
  });
}

/** What was drafted, as the editor below holds it. */
export async function drafted(panel, address) {
  const { text: words, subject, doubt } = await panel.api.post(panel.at(address), {}, MODEL_MS);
  return { words, subject, doubt, sure: false };
}

/** The drafted question in a card, then the deed. */
export function editor(panel, item) {
  const { ask } = panel.state.answers;
  return composer(panel, { place: "ask", ask, to: item.person || T.them, label: T.text(item.person || T.them),
    mail: isMail(item, panel.state.view.plan),
    change: (patch) => panel.setIn("answers", { ask: { ...ask, ...patch } }),
    stop: () => panel.setIn("answers", { ask: null }),
    send: () => send(panel, item) });
}

/**
 * The editor of words to one person. Escape leads back a step.
 *
 * @param {any} panel
 * @param {{place: string, ask: {words: string, subject: string, doubt: string, sure: boolean}, to: string,
 *   label: string, mail: boolean, change: (patch: object) => void, stop: () => void, send: () => unknown}} one
 */
export function composer(panel, { place, ask, to, label, mail, change, stop, send }) {
  const keys = (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    if (ask.sure) change({ sure: false });
    else stop();
  };
  return h(".stack.tight", { key: "ask", onkeydown: keys },
    ask.doubt && h("p.note", ask.doubt),
    mail && field("ask-subject", text.write.subject,
      h("input", { value: ask.subject, dir: "auto", disabled: ask.sure,
        oninput: (event) => change({ subject: event.target.value }) })),
    field("ask-text", label, h("textarea", { rows: "5", dir: "auto", focus: true, value: ask.words,
      disabled: ask.sure, oninput: (event) => change({ words: event.target.value }) })),
    outcomeAt(panel, place),
    h(".ask-deed", ask.sure ? sure(panel, place, to, change, send) : h(".buttons", { key: "edit" },
      action(panel, place, T.send(to), null, { kind: "primary", needs: "send", disabled: !ask.words.trim(),
        onclick: (event) => event.detail < 2 && change({ sure: true }) }),
      h("button.ghost", { onclick: stop }, text.parts.cancel))));
}

/** The second press lies elsewhere than the first, nothing scrolls under the pointer, a double click is no press. */
function sure(panel, place, to, change, send) {
  return h(".sure", { key: "sure", role: "group", "aria-label": T.send(to) },
    h("button.secondary.wide", { focus: "still",
      onclick: (event) => event.detail < 2 && change({ sure: false }) }, T.not),
    h("p", T.sure(to)),
    action(panel, place, T.now, null, { kind: "primary wide", needs: "send",
      onclick: (event) => event.detail < 2 && panel.act(place, send) }));
}

async function send(panel, item) {
  const { words, subject } = panel.state.answers.ask;
  await panel.api.post(panel.at(`/reviews/${item.message_id}/ask`), { text: words, subject });
  panel.parts.answers.left(panel, item, T.sent(item.person || T.them));
}
