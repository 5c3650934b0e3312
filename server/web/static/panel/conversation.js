// All that was said to and by the person of a row, in order, and a reply to them. In front of the step; live while open.

import { composer, drafted } from "./askback.js";
import { statusChip } from "./counts.js";
import { h } from "./dom.js";
import { moment } from "./language.js";
import { action, cellLink, outcomeAt } from "./parts.js";
import { isMail } from "./preview.js";
import { marked } from "./shortened.js";
import { text } from "./texts.js";

const T = text.conversation;
/** What a message of ours that stands there says itself already. */
const SAID = ["followed"];

/** Loads it; what is being written survives. */
export async function load(panel) {
  const { view, conversation: { key } } = panel.state;
  const left = () => panel.state.view?.id !== view.id || panel.state.conversation?.key !== key;
  try {
    const seen = await panel.api.get(panel.at(`/messages/${key}/conversation`));
    if (!left()) panel.setIn("conversation", { seen });
  } catch (failure) {
    if (!left()) panel.setIn("problems", { conversation: failure });
  }
}

/** The bubbles, then the reply. */
export function draw(panel) {
  const { seen } = panel.state.conversation;
  const keys = (event) => event.key === "Escape" && panel.back();
  return h("section.stack.conversation", { key: "conversation", "aria-label": T.title(seen?.person), onkeydown: keys },
    h(".inline",
      h("button.ghost.small", { focus: true, onclick: () => panel.back() }, "‹ ", T.back),
      h("h2.grow", { dir: "auto" }, seen && (seen.person || seen.address || text.check.nobody)),
      seen?.status && statusChip(seen.status)),
    outcomeAt(panel, "conversation"),
    seen ? said(panel, seen) : !panel.state.problems.conversation && waiting());
}

function waiting() {
  return h(".stack", { key: "waiting", "aria-busy": "true" }, h("p.sr", text.panel.loading),
    h(".bone.tall"), h(".bone"));
}

/** @param {any} panel @param {Schema.ConversationView} seen */
function said(panel, seen) {
  return [
    h("p.inline.soft.small-text", { key: "address" }, h("span.grow", { dir: "auto" }, seen.address),
      panel.host.jumpTo && cellLink(panel, { key: seen.key, column: "Reply" }, text.check.inSheet)),
    h("ol.turns", { key: "turns" }, seen.turns.map((turn, index) => h("li", { key: `${index}-${turn.kind}`,
      class: turn.kind }, turn.kind === "sent" ? ours(turn) : turn.kind === "came" ? theirs(turn) : told(turn)))),
    reply(panel, seen),
  ];
}

/** @param {Schema.TurnView} turn */
function ours(turn) {
  const by = turn.channel && turn.channel !== "outbox" ? text.by[turn.channel] : "";
  return [
    h("p.soft.small-text", turn.at ? T.sent(moment(turn.at), by) : T.notYet, " ",
      turn.status && statusChip(turn.status)),
    turn.subject && h("p.subject", { dir: "auto" }, turn.subject),
    h("div.bubble.us", { dir: "auto" }, turn.text || T.removed),
    turn.files.length > 0 && h("p.file", { dir: "auto" }, turn.files.join(", ")),
    turn.template && h("p.soft.small-text", T.template),
    turn.approved_by && h("p.soft.small-text", T.approved(turn.approved_by, turn.approved_at ? moment(turn.approved_at) : "")),
    turn.note && h("p.why", turn.note),
  ];
}

/** @param {Schema.TurnView} turn */
function theirs(turn) {
  const { reading } = turn;
  return [
    h("p.soft.small-text", T.came(moment(turn.at || ""), turn.channel && turn.channel !== "outbox" ? text.by[turn.channel] : "")),
    h("blockquote.bubble.them", { dir: "auto" }, turn.text ? marked(turn.text, reading?.evidence) : T.removed),
    turn.files.length > 0 && h("p.file", { dir: "auto" }, turn.files.join(", ")),
    turn.quoted && h("details.fold.light", h("summary.small-text", T.quoted),
      h("blockquote.quote.soft.small-text", { dir: "auto" }, turn.quoted)),
    reading ? [
      h("p.small-text", { key: "read", dir: "auto" }, h("b", text.review.proposal(reading)),
        !!reading.confidence && h("span.soft", text.review.sure(reading.confidence))),
      h("p.soft.small-text", { key: "by" }, [reading.reason, text.review.readBy(reading.made)].filter(Boolean).join(" · ")),
    ] : h("p.soft.small-text", T.unread),
  ];
}

/** @param {Schema.TurnView} turn */
function told(turn) {
  if (SAID.includes(turn.what || "") && turn.words !== "reminder") return null;
  const what = T.told[turn.what || ""];
  return h("p.soft.small-text", { dir: "auto" }, moment(turn.at || ""), " · ",
    typeof what === "function" ? what(turn.who, text.outcomes[turn.words] || turn.words) : what);
}

/** @param {any} panel @param {Schema.ConversationView} seen */
function reply(panel, seen) {
  const { ask, stopped } = panel.state.conversation;
  const to = seen.person || text.ask.them;
  const place = `say ${seen.key}`; // what was said of one person is not told beside another
  if (!ask) {
    return h(".stack.tight", { key: "reply", tabindex: "-1", focus: stopped && "still" },
      outcomeAt(panel, place),
      seen.why ? h("p.hint", seen.why)
        : h(".buttons", action(panel, place, seen.asks ? text.review.askBack : T.reply(to), () => begin(panel, seen),
          { needs: "edit" })));
  }
  const mine = { message_id: ask.message_id, replied_at: ask.replied_at };
  const newer = mine.message_id !== seen.message_id || mine.replied_at !== seen.replied_at;
  const change = (patch) => panel.setIn("conversation", { ask: { ...ask, ...patch } });
  return h("section.card", { key: "writing", "aria-label": T.reply(to) },
    newer && h("p.note", { role: "status" }, T.newer, " ", h("button.link",
      { onclick: () => change({ message_id: seen.message_id, replied_at: seen.replied_at, sure: false }) }, T.goOn)),
    composer(panel, { place, ask: { ...ask, sure: ask.sure && !newer }, to,
      label: seen.asks ? text.ask.text(to) : T.text(to), mail: isMail({ channel: lastWay(seen) }, panel.state.view.plan),
      change: (patch) => (newer && patch.sure ? undefined : change(patch)),
      stop: () => panel.setIn("conversation", { ask: null, stopped: true }),
      send: () => send(panel, seen, to) }));
}

function lastWay({ turns }) {
  return turns.filter(({ kind }) => kind === "sent").at(-1)?.channel;
}

async function begin(panel, { key, message_id, replied_at }) {
  const ask = await drafted(panel, `/messages/${key}/reply/draft`);
  if (panel.state.conversation?.key === key) panel.setIn("conversation", { ask: { ...ask, message_id, replied_at } });
}

/** What was typed stays where the server refuses it; what is there by now is shown beside it. */
async function send(panel, { key }, to) {
  const { words, subject, message_id, replied_at } = panel.state.conversation.ask;
  try {
    await panel.api.post(panel.at(`/messages/${key}/reply`), { text: words, subject, message_id, replied_at });
  } catch (failure) {
    if (panel.state.conversation?.key === key) {
      panel.setIn("conversation", { ask: { ...panel.state.conversation.ask, sure: false } });
      load(panel);
    }
    throw failure;
  }
  panel.setIn("conversation", { ask: null, stopped: true });
  load(panel);
  panel.act("reload", () => panel.reload());
  return T.sentTo(to);
}
