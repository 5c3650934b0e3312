// Step 4, Answers: how many came back and how, and the readings that a person should settle.

import { channelsOf } from "./channels.js";
import { h } from "./dom.js";
import { action, cellLink, choice, field, outcomeAt } from "./parts.js";
import { text } from "./later-texts.js";
import { CAME_BACK, OUTCOMES, REACHED, WAITING, WENT, countOf } from "./words.js";

const T = text.answers;

/** The funnel, then the review queue. */
export function draw(panel) {
  const { view } = panel.state;
  const went = countOf(view, WENT);
  return h(".stack", { key: "answers" },
    went === 0 ? h(".empty", h("p", T.nothingSent)) : funnel(panel, view, went),
    outcomeAt(panel, "answers"),
    review(panel),
    inTheSheet(panel));
}

/** Filter views of the sheet's own host: nobody else's filter moves when one is opened. */
function inTheSheet(panel) {
  const { links } = panel.state.answers;
  return links?.length > 0 && h("section.stack", { "aria-label": T.inTheSheet },
    h("h3", T.inTheSheet),
    h("ul.links", links.map(({ name, url }) =>
      h("li", { key: name }, h("a", { href: url, target: "_blank", rel: "noopener" }, name)))));
}

function funnel(panel, view, went) {
  const rows = [
    [T.sent, WENT, went, "info"],
    [T.delivered, REACHED, countOf(view, REACHED), "info"],
    [T.answered, CAME_BACK, countOf(view, CAME_BACK), "good"],
    ["Confirmed", ["Confirmed"], countOf(view, ["Confirmed"]), "good part"],
    ["Declined", ["Declined"], countOf(view, ["Declined"]), "plum part"],
    ["Answered", ["Answered"], countOf(view, ["Answered"]), "good part"],
    ["Review", ["Review"], countOf(view, ["Review"]), "warn part"],
    [T.waiting, WAITING, countOf(view, WAITING), "quiet"],
    ["Away", ["Away"], countOf(view, ["Away"]), "plum part"],
  ];
  return h("ul.funnel", { "aria-label": T.funnel }, rows.map(([label, statuses, count, tone]) =>
    (count > 0 || !tone.includes("part")) && h("li", { key: label, class: tone },
      h("button", { disabled: !count, onclick: () => panel.list(statuses, label) },
        h("span.label", label),
        h("span.track", { "aria-hidden": "true" }, h("span", { style: { width: `${(100 * count) / went}%` } })),
        h("b", text.number(count))))));
}

/** Loads what waits for a person; a choice that is being made survives. */
export async function load(panel) {
  const { view } = panel.state;
  try {
    const { reviews, unmatched } = await panel.api.get(panel.at("/reviews"));
    if (panel.state.view.id === view.id) panel.setIn("answers", { reviews, unmatched });
    if (!panel.state.answers.links && countOf(view, WENT)) {
      panel.setIn("answers", { links: [] });
      // A look at fewer rows is a convenience: where it can't be had, nothing is said.
      const { links } = await panel.api.get(panel.at("/links")).catch(() => ({ links: [] }));
      if (panel.state.view.id === view.id) panel.setIn("answers", { links });
    }
  } catch (failure) {
    panel.setIn("problems", { answers: failure });
  }
}

function review(panel) {
  const { reviews, unmatched, index } = panel.state.answers;
  if (reviews === null) return h("p.soft", text.panel.loading);
  const at = Math.min(index, reviews.length - 1);
  return h("section.stack", { "aria-label": T.review },
    h("h3", T.review),
    reviews.length ? card(panel, reviews[at], at, reviews.length) : h("p.fine", T.noReviews),
    unmatched > 0 && h("p.note", T.unmatched(unmatched)));
}

function card(panel, item, at, total) {
  const made = panel.state.answers.choice;
  const chosen = made?.id === item.message_id ? made : { id: item.message_id, outcome: item.outcome || "",
    values: { ...item.values } };
  const pick = (patch) => panel.setIn("answers", { choice: { ...chosen, ...patch } });
  const go = (by) => panel.setIn("answers", { index: (at + by + total) % total, choice: null });
  const submit = (event) => {
    event.preventDefault();
    panel.act("settle", () => settle(panel, item, chosen));
  };
  return h("form.review.card", { key: item.message_id, role: "group", "aria-label": T.replyOf(item.person),
    onsubmit: submit,
    onkeydown: (event) => digit(event, pick) },
    h(".pager",
      h("strong.grow", { dir: "auto" }, item.person || text.check.nobody),
      total > 1 && h("button.ghost.small", { "aria-label": T.previous, onclick: () => go(-1) }, "‹"),
      total > 1 && h("span.soft", text.check.where(at + 1, total)),
      total > 1 && h("button.ghost.small", { "aria-label": T.next, onclick: () => go(1) }, "›")),
    item.asked && h("p.asked", { dir: "auto" }, h("span.sr", T.asked, " "), item.asked),
    h("blockquote.bubble.them", { dir: "auto" }, marked(item.reply, item.evidence)),
    item.channel && channelsOf(panel.state.view.plan).length > 1 && h("p.soft", T.cameBy(text.by[item.channel])),
    item.reason && h("p.why", item.reason),
    confidence(item),
    outcomes(item, chosen, pick),
    values(panel, chosen, pick),
    outcomeAt(panel, "settle"),
    h(".buttons",
      action(panel, "settle", T.settle, () => settle(panel, item, chosen),
        { kind: "primary", disabled: !chosen.outcome, type: "submit", onclick: null }),
      panel.host.jumpTo && cellLink(panel, { key: item.key, column: "Reply" }, text.check.inSheet)));
}

function confidence(item) {
  if (item.confidence === null || item.confidence === undefined) return null;
  return h("p.soft", T.reading(item.outcome && text.outcomes[item.outcome], item.confidence));
}

function outcomes(item, chosen, pick) {
  return h("fieldset.bare",
    h("legend", T.outcome),
    h(".pills", OUTCOMES.map((name, index) => h("label", { key: name, class: "pill" },
      h("input", { type: "radio", name: `outcome-${item.message_id}`, value: name, checked: chosen.outcome === name,
        onchange: () => pick({ outcome: name }) }),
      h("span", text.outcomes[name], h("kbd", { "aria-hidden": "true" }, index + 1))))));
}

/** Digits pick an outcome while no text field has the focus. */
function digit(event, pick) {
  if (event.target.matches("input:not([type=radio]), textarea, select") || event.ctrlKey || event.metaKey
    || event.altKey) return;
  const outcome = OUTCOMES[Number(event.key) - 1];
  if (outcome) pick({ outcome });
}

function values(panel, chosen, pick) {
  return panel.state.view.plan.answer_columns.map((column, index) => {
    const value = chosen.values[column.name] || "";
    const put = (next) => pick({ values: { ...chosen.values, [column.name]: next } });
    const control = column.kind === "choice" && column.allowed.length
      ? choice(value, [["", T.noValue], ...column.allowed], put)
      : h("input", { value, inputmode: column.kind === "number" ? "decimal" : null,
        oninput: (event) => put(event.target.value) });
    return h("div", { key: column.name }, field(`answer-${index}`, column.name, control));
  });
}

async function settle(panel, item, chosen) {
  const filled = Object.fromEntries(Object.entries(chosen.values).filter(([, value]) => value !== ""));
  await panel.api.post(panel.at(`/reviews/${item.message_id}`), { outcome: chosen.outcome, values: filled });
  panel.setIn("answers", { choice: null });
  await load(panel);
  await panel.reload();
  return T.settled(item.person);
}

/** A text with `part` marked where it occurs (spaces and case aside). */
function marked(whole, part) {
  const words = (part || "").trim().split(/\s+/).filter(Boolean).map((word) =>
    word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const found = words.length ? new RegExp(words.join("\\s+"), "i").exec(whole) : null;
  if (!found) return [whole];
  const end = found.index + found[0].length;
  return [whole.slice(0, found.index), h("mark", found[0]), whole.slice(end)];
}
