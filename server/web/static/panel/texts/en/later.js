// What several of the later steps say: the line of state, what may be done about a row, what a reply is.

import { inZone } from "../../clock.js";
import { many, n } from "../../language.js";
import { all, door, say } from "../../sentence.js";
import { countOf, WENT } from "../../words.js";
import { drafts, messages, rows } from "./nouns.js";

const went = (view) => countOf(view, WENT);
const at = (view, status) => countOf(view, [status]);

const state = {
  planned: (view) => say`The plan is ready for ${door("all", rows(view.rows))}. Nothing is written or sent yet.`,
  drafting: (view) => say`Writing drafts: ${door("all", n(view.drafted))} of ${door("all", n(view.rows))}.`,
  drafted: (view) => all([
    view.approvable && say`${door("approvable", drafts(view.approvable))} to approve.`,
    view.approved && say`${door("approved", n(view.approved))} approved.`,
    at(view, "Check draft") && say`${door("look", many(at(view, "Check draft"), "draft needs", "drafts need"))} a look.`,
    say`Nothing is being sent.`,
  ]),
  sending: (view) => view.scheduled
    ? [`Scheduled for ${inZone(view.scheduled, view.time_zone)}: `, door("approved", messages(view.approved)), ".", " You can undo it until then."]
    : view.seconds_to_start > 0
    ? say`${door("approved", messages(view.approved))} about to leave. You can still undo.`
    : say`Sending: ${door("went", n(went(view)))} of ${
      door("leaving", n(went(view) + view.approved + at(view, "Sending")))} sent.`,
  paused: (view) => say`Paused: ${door("sent", n(view.sent))} sent, ${door("approved", n(view.approved))} waiting.`,
  done: (view) => all([
    say`${door("sent", n(view.sent))} sent.`,
    view.approved && say`${door("approved", n(view.approved))} approved again, not sent yet.`,
    view.reviews ? say`${door("reviews", many(view.reviews, "reply waits", "replies wait"))} for you.`
      : say`No reply waits for you.`,
  ]),
  cancelled: (view) => say`Cancelled. ${door("sent", n(view.sent))} had been sent before.`,
};

export const text = {
  number: n,
  state: {
    of: (view) => state[view.state](view),
    bar: (parts) => parts.map((part) => `${part.status} ${n(part.count)}`).join(", ") || "Nothing yet",
    pendingCells: (amount) => `${many(amount, "cell waits", "cells wait")} to be written into the sheet.`,
    doors: { all: "All rows", approvable: "To approve", went: "Sent", sent: "Sent", leaving: "Sent and still to send" },
  },
  chips: {
    noStatus: "Not drafted",
  },
  by: { outbox: "the local mailbox", email: "email", whatsapp: "WhatsApp", sms: "SMS", voice: "phone" },
  commands: {
    Approved: "Approve",
    Skip: "Skip",
    Retry: "Try again",
    Redraft: "Redraft",
    Sent: "It did go out",
    Remind: "Remind",
    Accept: "Accept",
  },
  outcomes: {
    confirmed: "Yes",
    declined: "No",
    reschedule: "Another time",
    answered: "Answered",
    question: "Asks back",
    wrong_person: "Wrong person",
    opt_out: "Opt out",
    automatic: "Automatic",
    unclear: "Unclear",
  },
};
