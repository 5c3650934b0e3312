// Every word that people read in the panel around its steps: the frame, the line of state, what several steps say.

import { many, n } from "../../language.js";
import { countOf, WENT } from "../../words.js";
import { drafts, messages, rows } from "./nouns.js";

const went = (view) => countOf(view, WENT);
const at = (view, status) => countOf(view, [status]);

const state = {
  planned: (view) => `The plan is ready for ${rows(view.rows)}. Nothing is written or sent yet.`,
  drafting: (view) => `Writing drafts: ${n(view.drafted)} of ${n(view.rows)}.`,
  drafted: (view) => [
    view.approvable ? `${drafts(view.approvable)} to approve.` : "",
    view.approved ? `${n(view.approved)} approved.` : "",
    at(view, "Check draft") ? `${n(at(view, "Check draft"))} need a look.` : "",
    "Nothing is being sent.",
  ].filter(Boolean).join(" "),
  sending: (view) => view.seconds_to_start > 0
    ? `${messages(view.approved)} about to leave. You can still undo.`
    : `Sending: ${n(went(view))} of ${n(went(view) + view.approved + at(view, "Sending"))} sent.`,
  paused: (view) => `Paused: ${n(went(view))} sent, ${n(view.approved)} waiting.`,
  done: (view) => [
    `${n(went(view))} sent.`,
    view.approved ? `${n(view.approved)} approved again, not sent yet.` : "",
    view.reviews ? `${many(view.reviews, "reply waits", "replies wait")} for you.` : "No reply waits for you.",
  ].filter(Boolean).join(" "),
  cancelled: (view) => `Cancelled. ${n(went(view))} had been sent and stay sent.`,
};

export const text = {
  number: n,
  errors: {
    unreachable: "Cellback does not answer. Is it still running? Nothing is lost; try again in a moment.",
    slow: "That took too long and was given up here. It may still be going on: look at the state before you try again.",
    signedOut: "Open the address that was printed at start. It contains the key to this page.",
    unexpected: (status) => `Something went wrong in Cellback (${status}). Nothing was sent by it. The log says more.`,
    own: "The panel met an error of its own. Reload the page; nothing is lost.",
  },
  panel: {
    campaign: "Campaign",
    newCampaign: "New campaign",
    startNew: "New",
    path: "Steps",
    loading: "Loading …",
    stopped: { 0: "Cellback can’t be reached", 401: "This page needs its key", 404: "No sheet yet",
      other: "This did not work" },
    tryAgain: "Try again",
    rowGone: "This row is not in the sheet any more.",
    rowHidden: "The row is there, but a filter or a person hides it.",
  },
  steps: { write: "Write", check: "Check", send: "Send", answers: "Answers" },
  parts: {
    didYouMean: "Did you mean",
    cancel: "Cancel",
    noStatus: "Not drafted",
    mayNot: {
      edit: "You may look on here, and no more.",
      approve: "You may look on here, and no more.",
      send: "You may prepare and approve. Somebody who may send starts it.",
    },
  },
  state: {
    none: "Nothing is planned for this sheet yet.",
    fresh: "A new campaign. Nothing is planned yet.",
    of: (view) => state[view.state](view),
    bar: (parts) => parts.map((part) => `${part.status} ${n(part.count)}`).join(", ") || "Nothing yet",
    pendingCells: (amount) => `${many(amount, "cell waits", "cells wait")} to be written into the sheet.`,
  },
  channels: { outbox: "Local mailbox", email: "Email", whatsapp: "WhatsApp", sms: "SMS", voice: "Phone call" },
  providers: { outbox: "Local mailbox", sendgrid: "SendGrid", resend: "Resend", mailgun: "Mailgun", smtp: "SMTP",
    twilio: "Twilio", meta: "Meta" },
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
