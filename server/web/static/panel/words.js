// The product's own words as the browser needs them: colours of statuses, groups, what may be done when. No wording.

const TONES = {
  quiet: ["Draft", "Skipped", "Cancelled", "No answer", "Opted out"],
  info: ["Approved", "Sending", "Sent", "Delivered", "Read"],
  good: ["Confirmed", "Answered"],
  plum: ["Declined", "Away"],
  warn: ["Check draft", "Review", "Changed", "Duplicate", "In doubt"],
  bad: ["No address", "Bounced", "Failed"],
};

const TONE = new Map(Object.entries(TONES).flatMap(([tone, words]) => words.map((word) => [word, tone])));

/** The colour family of a status word, "" for a text that is none. */
export function toneOf(status) {
  return TONE.get(status) || "";
}

/** Left the house: the provider had it. `Opted out` may mean either and counts by its answer, so it stays out. */
export const WENT = ["Sent", "Delivered", "Read", "Confirmed", "Declined", "Answered", "Review", "Away", "No answer",
  "Bounced"];
export const REACHED = ["Delivered", "Read", "Confirmed", "Declined", "Answered", "Review", "Away", "No answer"];
export const CAME_BACK = ["Confirmed", "Declined", "Answered", "Review"];
export const WAITING = ["Sent", "Delivered", "Read", "Away", "No answer"];
export const SILENT = ["Sent", "Delivered", "Read", "No answer"];
/** Handed over, and not received for all anybody knows. */
export const LOST = ["Bounced", "Failed"];
export const SURE = ["Confirmed", "Declined", "Answered"];
export const TO_READ = ["Draft", "Check draft", "Changed"];
export const STUCK = ["Failed", "Bounced", "In doubt", "Changed"];

/** What a person may do about a row in that status; words of schemas.Command. */
export const COMMANDS = {
  Draft: ["Approved", "Redraft", "Skip"],
  "Check draft": ["Approved", "Redraft", "Skip"],
  Changed: ["Approved", "Redraft", "Skip"],
  Approved: ["Redraft", "Skip"],
  Duplicate: ["Approved", "Skip"],
  "No address": ["Redraft", "Skip"],
  Failed: ["Retry", "Skip"],
  Bounced: [],
  "In doubt": ["Sent", "Retry"],
  Skipped: ["Redraft"],
  Sent: ["Remind"],
  Delivered: ["Remind"],
  Read: ["Remind"],
  "No answer": ["Remind"],
};

/** What a person may say that a reply is; `automatic` and `unclear` are only a reader's words. */
export const OUTCOMES = [
  "confirmed",
  "declined",
  "reschedule",
  "answered",
  "question",
  "wrong_person",
  "opt_out",
];

/** How many rows stand at any of these statuses. @returns {number} */
export function countOf(view, statuses) {
  return view.counts.reduce((sum, { status, count }) => sum + (statuses.includes(status) ? count : 0), 0);
}
