// Words of the fourth step: how far messages got, reminders, the replies to decide about, conversations, spot checks.

import { list, many, n, percent } from "../../language.js";
import { text as shared } from "./later.js";

const SOME = 10;

export const text = {
  answers: {
    nothingSent: "Answers appear here as soon as messages have been sent.",
    review: "For you to decide",
    noReviews: "Nothing waits for you.",
    allIn: "All answers are in. Nothing waits for you.",
    settled: (person) => `Settled: ${person}.`,
    inTheSheet: "Filter views in the sheet",
  },
  funnel: {
    title: "How far the messages got",
    became: "What became of them",
    sent: "Sent",
    delivered: "Delivered",
    read: "Read",
    reminded: "Reminded",
    answered: "Came back",
    waiting: "No answer yet",
    away: "Away",
    optedOut: "Opted out",
    lost: "Not received",
    again: "Written to again",
    of: (total) => `of ${n(total)}`,
    unread: (channels) => `Read is not reported by ${channels}.`,
    undelivered: (channels) => `Delivered is not reported by ${channels}.`,
  },
  overTime: {
    title: "Answers over time",
    at: (when, sent, answered, sums) => `${when}: ${n(sent)} sent, ${n(answered)} came back. Until then ${n(sums.answered)} of ${n(sums.sent)}.`,
    table: "In figures",
    when: "When",
  },
  remind: {
    title: "Remind",
    silent: (amount) => `${many(amount, "person has", "people have")} not answered.`,
    resting: (amount) => `${n(amount)} reminded within the last day ${amount === 1 ? "is" : "are"} left out.`,
    own: "With a text of your own",
    text: "Text of the reminder",
    columns: (names) => `May hold ${list(names)}.`,
    draft: (amount) => `Write ${many(amount, "reminder", "reminders")} to look at`,
    reminding: (amount) => `${many(amount, "reminder", "reminders")} to read and approve. Nothing is sent yet.`,
    nobodyLeft: "Nobody is left to remind.",
  },
  review: {
    replyOf: (person) => `Reply of ${person}`,
    previous: "Previous reply",
    next: "Next reply",
    asked: "Asked:",
    newer: "This is a newer reply of theirs. It has come while you were here.",
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
    conversation: "Conversation",
    settle: "Settle",
  },
  ask: {
    them: "them",
    text: (person) => `Your question to ${person}`,
    send: (person) => `Send this to ${person}`,
    sure: (person) => `${person} will get this message at once.`,
    now: "Send now",
    not: "Not yet",
    sent: (person) => `Your question to ${person} is on its way.`,
  },
  conversation: {
    title: (person) => (person ? `Conversation with ${person}` : "Conversation"),
    back: "Back",
    sent: (when, by) => [`Sent ${when}`, by && `by ${by}`].filter(Boolean).join(" "),
    notYet: "Not sent yet",
    came: (when, by) => [`Came ${when}`, by && `by ${by}`].filter(Boolean).join(" "),
    approved: (who, when) => `Approved by ${[who, when].filter(Boolean).join(", ")}`,
    template: "Sent as an approved template",
    removed: "This text was removed.",
    quoted: "What their program quoted",
    unread: "Not read yet",
    told: { followed: (who) => (who ? `${who} had a reminder drafted` : "A reminder was drafted"), withdrawn: (who, words) => `Taken back: ${words}`, blocked: (who, words) => words, bounced: (who, words) => words || "Bounced", failed: (who, words) => words || "Not delivered", complained: (who, words) => words || "Reported as spam", opted_out: (who, words) => words || "Opted out", settled: (who, words) => `${who || "A person"} decided: ${words}` },
    reply: (person) => `Reply to ${person}`,
    text: (person) => `Your reply to ${person}`,
    newer: "Something new has come meanwhile: please read it before you send this.",
    goOn: "I have read it",
    sentTo: (person) => `Your message to ${person} is on its way.`,
  },
  unmatched: {
    title: "Replies that fit no row",
    count: (amount) => `${many(amount, "reply fits", "replies fit")} no row.`,
    show: "Show",
    hide: "Hide",
    several: "It may belong to several rows, and waits for you on each of them.",
    belongs: "Belongs to",
    nobody: "(nobody here)",
    put: "Take it to this row",
    done: (person) => `Taken to ${person}: it is being read.`,
  },
  spotCheck: {
    begin: (amount) => (amount < SOME ? `Check up to ${n(amount)} of the sure ones` : `Check ${n(SOME)} of the sure ones`),
    look: "It was sure of this one. Is it right?",
    none: "There is no sure reading left that nobody has looked at.",
    result: (checked, right) => `${n(checked)} checked, ${n(right)} right.`,
    again: "Check more of them",
  },
};

/** What is proposed, in words: the values, and the outcome where they do not say it. */
function proposal(outcome, values) {
  const filled = values.filter(([, value]) => value !== "").map(([name, value]) => `${name}: ${value}`);
  const said = shared.outcomes[outcome] || shared.outcomes.unclear;
  return values.some(([, value]) => value === said) || (filled.length && outcome === "answered") ? filled.join(", ")
    : [said, ...filled].join(". ");
}
