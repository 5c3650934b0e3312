// Step 4, Answers: how many came back and how, and the readings that a person should settle.

import { h } from "./dom.js";
import { funnel } from "./funnel.js";
import { overTime } from "./overtime.js";
import { outcomeAt } from "./parts.js";
import { remind } from "./remind.js";
import { card } from "./review.js";
import { spotCheck } from "./spotcheck.js";
import { text } from "./texts.js";
import { unmatched } from "./unmatched.js";
import { SILENT, WENT, countOf } from "./words.js";

const T = text.answers;
/** So often at most the course over time is asked for. */
const COURSE_MS = 5000;

/** The funnel, what waits for a person, the course of it, whom to remind. */
export function draw(panel) {
  const { view, answers } = panel.state;
  const { reach, timeline, bucket } = answers;
  const nothing = reach ? !reach.sent : countOf(view, WENT) === 0;
  return h(".stack", { key: "answers" },
    nothing ? h(".empty", h("p", T.nothingSent))
      : reach ? funnel(panel, reach) : h(".bone.tall", { key: "bone", "aria-hidden": "true" }),
    outcomeAt(panel, "answers"),
    review(panel),
    timeline && overTime(panel, timeline, bucket),
    remind(panel),
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

/** Loads the counts and what waits for a person; a choice that is being made survives. */
export async function load(panel) {
  const { view, answers: { turn } } = panel.state;
  const left = () => panel.state.view?.id !== view.id;
  try {
    const [found, reach] = await Promise.all([panel.api.get(panel.at("/reviews")), panel.api.get(panel.at("/reach"))]);
    if (left()) return;
    panel.setIn("answers", { reach });
    if (panel.state.answers.turn === turn) take(panel, found); // else from before a decision
    course(panel, left);
    if (!panel.state.answers.links && countOf(view, WENT)) {
      panel.setIn("answers", { links: [] });
      // A look at fewer rows is a convenience: where it can't be had, nothing is said.
      const { links } = await panel.api.get(panel.at("/links")).catch(() => ({ links: [] }));
      if (!left()) panel.setIn("answers", { links });
    }
  } catch (failure) {
    if (!left()) panel.setIn("problems", { answers: failure });
  }
}

/** The queue as it is now; of a row that wrote again while its reply was on show, that is said. */
function take(panel, { reviews, unmatched: strays }) {
  const before = new Map((panel.state.answers.reviews || []).map((one) => [one.message_id, one.replied_at]));
  const again = reviews.filter((one) => before.has(one.message_id) && before.get(one.message_id) !== one.replied_at);
  const { newer = [], choice } = panel.state.answers;
  panel.setIn("answers", { reviews, unmatched: strays, newer: [...newer, ...again.map((one) => one.message_id)],
    choice: again.some((one) => one.message_id === choice?.id) ? null : choice });
}

/** The course over time: not with every answer, and always the last one. */
function course(panel, left) {
  const { courseAt = -Infinity } = panel.state.answers;
  clearTimeout(panel.state.answers.courseSoon);
  const ask = async () => {
    if (left() || panel.state.step !== "answers") return;
    panel.setIn("answers", { courseAt: performance.now() });
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const timeline = await panel.api.get(panel.at("/timeline"), { zone }).catch(() => null);
    if (timeline && !left()) panel.setIn("answers", { timeline });
  };
  const wait = courseAt + COURSE_MS - performance.now();
  if (wait <= 0) ask();
  else panel.setIn("answers", { courseSoon: setTimeout(ask, wait) });
}

function review(panel) {
  const { reviews, index } = panel.state.answers;
  if (reviews === null) return h("p.soft", text.panel.loading);
  const at = Math.min(index, reviews.length - 1);
  const total = reviews.length;
  const go = (by) => panel.setIn("answers", { index: (at + by + total) % total, choice: null, ask: null });
  return h("section.stack", { "aria-label": T.review },
    h("h3", T.review, total > 0 && h("span.badge.warn", text.number(total))),
    outcomeAt(panel, "decided"),
    total ? card(panel, reviews[at], { at, total, go, settle }) : h("p.fine", allIn(panel) ? T.allIn : T.noReviews),
    !total && spotCheck(panel),
    unmatched(panel));
}

/** Whether nobody is waited for any more. */
function allIn({ state: { view, answers: { reach } } }) {
  return reach?.sent > 0 && view.state === "done" && countOf(view, [...SILENT, "Away", "Review"]) === 0
    && countOf(view, ["Confirmed", "Declined", "Answered"]) > 0;
}

async function settle(panel, item, { outcome, values }) {
  const filled = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ""));
  const word = { outcome, values: filled, replied_at: item.replied_at };
  try {
    await panel.api.post(panel.at(`/reviews/${item.message_id}`), word);
  } catch (failure) {
    if (failure.status === 409) await showNewer(panel);
    throw failure;
  }
  left(panel, item, T.settled(item.person));
}

/** What is there by now, where a decision came too late; the sentence that says so stands beside it. */
export async function showNewer(panel) {
  const { turn } = panel.state.answers;
  panel.setIn("answers", { turn: turn + 1, choice: null, ask: null });
  take(panel, await panel.api.get(panel.at("/reviews")));
}

/** Goes on with the next one at once; a list that was asked for before is of no use any more. */
export function left(panel, item, note) {
  const { reviews, turn } = panel.state.answers;
  panel.setIn("answers", { reviews: reviews.filter((one) => one.message_id !== item.message_id), turn: turn + 1,
    choice: null, ask: null });
  panel.setIn("notes", { decided: note });
  panel.act("reload", () => panel.reload()); // nobody has to wait for the counts
}
