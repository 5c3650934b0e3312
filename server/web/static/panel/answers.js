// Step 4, Answers: how many came back and how, and the readings that a person should settle.

import { h } from "./dom.js";
import { turn as show } from "./drafts.js";
import { action, outcomeAt } from "./parts.js";
import { card } from "./review.js";
import { spotCheck } from "./spotcheck.js";
import { text } from "./texts.js";
import { CAME_BACK, REACHED, SILENT, WAITING, WENT, countOf } from "./words.js";

const T = text.answers;

/** The funnel, then the review queue. */
export function draw(panel) {
  const { view } = panel.state;
  const went = countOf(view, WENT);
  return h(".stack", { key: "answers" },
    went === 0 ? h(".empty", h("p", T.nothingSent)) : funnel(panel, view, went),
    remind(panel, view),
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
  const { view, answers: { turn } } = panel.state;
  try {
    const { reviews, unmatched } = await panel.api.get(panel.at("/reviews"));
    if (panel.state.view.id !== view.id || panel.state.answers.turn !== turn) return; // from before a decision
    panel.setIn("answers", { reviews, unmatched });
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

/** Writes to those who were reached and said nothing; drafted only, so the way leads to Check. */
function remind(panel, view) {
  const silent = countOf(view, SILENT);
  if (!silent || !["sending", "done"].includes(view.state)) return null;
  return h(".stack.tight", { key: "remind" },
    action(panel, "remind", T.remind(silent), () => reminded(panel), { kind: "link" }),
    outcomeAt(panel, "remind"));
}

async function reminded(panel) {
  const done = await panel.api.post(panel.at("/remind"));
  await panel.reload();
  if (!done.changed) return done.sentence || T.nobodyLeft;
  panel.go("check");
  show(panel, { filter: "Draft", offset: 0 });
  const reminding = [T.reminding(done.changed), done.sentence].filter(Boolean).join(" ");
  panel.setIn("notes", { approve: "", reminding });
  return null;
}

function review(panel) {
  const { reviews, unmatched, index } = panel.state.answers;
  if (reviews === null) return h("p.soft", text.panel.loading);
  const at = Math.min(index, reviews.length - 1);
  const total = reviews.length;
  const go = (by) => panel.setIn("answers", { index: (at + by + total) % total, choice: null, ask: null });
  return h("section.stack", { "aria-label": T.review },
    h("h3", T.review),
    outcomeAt(panel, "decided"),
    total ? card(panel, reviews[at], { at, total, go, settle }) : h("p.fine", T.noReviews),
    !total && spotCheck(panel),
    unmatched > 0 && h("p.note", T.unmatched(unmatched)));
}

async function settle(panel, item, { outcome, values }) {
  const filled = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ""));
  await panel.api.post(panel.at(`/reviews/${item.message_id}`), { outcome, values: filled });
  left(panel, item, T.settled(item.person));
}

/** Goes on with the next one at once; a list that was asked for before is of no use any more. */
export function left(panel, item, note) {
  const { reviews, turn } = panel.state.answers;
  panel.setIn("answers", { reviews: reviews.filter((one) => one.message_id !== item.message_id), turn: turn + 1,
    choice: null, ask: null });
  panel.setIn("notes", { decided: note });
  panel.act("reload", () => panel.reload()); // nobody has to wait for the counts
}
