// How far the messages got, as bars: each stage with its number, each number a way to its rows. What became of those
// that were sent adds up to them.

import { h } from "./dom.js";
import { list } from "./language.js";
import { text } from "./texts.js";
import { CAME_BACK, LOST, SILENT } from "./words.js";

const T = text.funnel;
const OWN = [...CAME_BACK, "Away", "Opted out", ...SILENT, ...LOST];

/** The bars; `reach` is what the server counted. @param {any} panel @param {Schema.ReachView} reach */
export function funnel(panel, reach) {
  const at = (words) => reach.counts.reduce((sum, { status, count }) => sum + (words.includes(status || "") ? count : 0), 0);
  const others = reach.counts.map(({ status }) => status).filter((status) => !OWN.includes(status || ""));
  const shown = (words) => () => listed(panel, "sent", words, "");
  const bar = (label, count, tone, onclick, always = false) => (always || count > 0) && line(reach.sent, label, count,
    tone, onclick);
  const part = (word, tone) => bar(word, at([word]), `${tone} part`, shown([word]));
  return h("section.stack.tight", { key: "funnel", "aria-label": T.title },
    h("ul.funnel",
      bar(T.sent, reach.sent, "info", () => listed(panel, "sent", words(reach), T.sent), true),
      bar(T.delivered, reach.delivered, "info", () => listed(panel, "delivered", words(reach), T.delivered), true),
      bar(T.read, reach.read, "info", () => listed(panel, "read", words(reach), T.read), !reach.unread_channels.length),
      bar(T.reminded, reach.reminded, "quiet", () => listed(panel, "reminded", words(reach), T.reminded))),
    h("ul.funnel", { "aria-label": T.became },
      bar(T.answered, at(CAME_BACK), "good", () => listed(panel, "sent", CAME_BACK, T.answered), true),
      part("Confirmed", "good"), part("Declined", "plum"), part("Answered", "good"), part("Review", "warn"),
      bar(T.waiting, at(SILENT), "quiet", () => listed(panel, "sent", SILENT, T.waiting), true),
      bar(T.away, at(["Away"]), "plum", shown(["Away"])),
      bar(T.optedOut, at(["Opted out"]), "quiet", shown(["Opted out"])),
      bar(T.lost, at(LOST), "bad", () => listed(panel, "sent", LOST, T.lost)),
      bar(T.again, at(others), "info", () => listed(panel, "sent", others.filter(Boolean), T.again))),
    unreported(reach));
}

/** What no channel in use tells is said, so that nobody takes it for nought. */
function unreported({ unread_channels: unread, undelivered_channels: undelivered }) {
  const named = (channels) => list(channels.map((name) => text.by[name]));
  return (unread.length > 0 || undelivered.length > 0) && h("p.hint",
    unread.length > 0 && T.unread(named(unread)), " ",
    undelivered.length > 0 && T.undelivered(named(undelivered)));
}

function line(of, label, count, tone, onclick) {
  return h("li", { key: label, class: tone },
    h("button", { disabled: !count, onclick },
      h("span.label", label),
      h("span.track", { "aria-hidden": "true" }, h("span", { style: { width: `${of ? (100 * count) / of : 0}%` } })),
      h("b", text.number(count), h("span.sr", " ", T.of(of)))));
}

function words(reach) {
  return reach.counts.map(({ status }) => status).filter(Boolean);
}

/** The rows that the server counts at a stage, in front of the step. */
export function listed(panel, stage, statuses, title) {
  panel.set({ rows: { statuses, title: title || statuses[0], query: { stage }, messages: null, total: 0 },
    conversation: null });
  panel.refresh();
}
