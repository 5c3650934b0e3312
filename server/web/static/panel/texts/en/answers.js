// Words of the fourth step: the funnel, the replies to decide about, questions back, spot checks.

import { list, many, n, percent } from "../../language.js";
import { text as later } from "./later.js";

const SOME = 10;

export const text = {
  answers: {
    nothingSent: "Answers appear here as soon as messages have been sent.",
    funnel: "How far the messages got",
    sent: "Sent",
    delivered: "Delivered",
    answered: "Came back",
    waiting: "No answer yet",
    remind: (amount) => `Remind ${n(amount)} without an answer`,
    reminding: (amount) => `${many(amount, "reminder", "reminders")} to read and approve. Nothing is sent yet.`,
    nobodyLeft: "Nobody is left to remind.",
    review: "For you to decide",
    noReviews: "Nothing waits for you.",
    unmatched: (amount) => `${many(amount, "reply fits", "replies fit")} no row.`,
    settled: (person) => `Settled: ${person}.`,
    inTheSheet: "Filter views in the sheet",
  },
  review: {
    replyOf: (person) => `Reply of ${person}`,
    previous: "Previous reply",
    next: "Next reply",
    asked: "Asked:",
    unfold: (length) => `Show all ${many(length, "character", "characters")}`,
    fold: "Show less",
    files: (names) => `With it came ${list(names)}`,
    cameBy: (channel) => `Came by ${channel}`,
    proposal: ({ outcome, values }) => proposal(outcome, Object.entries(values)),
    sure: (confidence) => `, ${percent(confidence)} sure`,
    readBy: (made) => (made ? `Read by ${made}` : "Read without a language model"),
    outcome: "What does it say?",
    noValue: "(leave empty)",
    accept: "Accept",
    correct: "Correct",
    askBack: "Ask back",
    settle: "Settle",
  },
  ask: {
    them: "them",
    text: (person) => `Your question to ${person}`,
    send: (person) => `Send this to ${person}`,
    sure: (person) => `${person} will get this message at once.`,
    sent: (person) => `Your question to ${person} is on its way.`,
  },
  spotCheck: {
    begin: (amount) => (amount < SOME ? "Check the sure ones" : `Check ${n(SOME)} of the sure ones`),
    look: "It was sure of this one. Is it right?",
    none: "There is no sure reading left that nobody has looked at.",
    result: (checked, right) => `${n(checked)} checked, ${n(right)} right.`,
    again: "Check more of them",
  },
};

/** What is proposed, in words: the values, and the outcome where they do not say it. */
function proposal(outcome, values) {
  const filled = values.filter(([, value]) => value !== "").map(([name, value]) => `${name}: ${value}`);
  const said = later.outcomes[outcome] || later.outcomes.unclear;
  return values.some(([, value]) => value === said) || (filled.length && outcome === "answered") ? filled.join(", ")
    : [said, ...filled].join(". ");
}
