// Words of the third step.

import { either, n } from "../../language.js";
import { messages, people } from "./nouns.js";

export const text = {
  send: {
    notYet: "There is nothing to send before the drafts are written and approved.",
    nothingApproved: "No draft is approved yet. Only what you approved can be sent.",
    toCheck: "Go to Check",
    cancelled: "This campaign was cancelled.",
    who: (amount, channels) => `${messages(amount)} will leave by ${either(channels)}, one to each approved row.`,
    seeWho: "See who exactly",
    leftOut: "Not among them:",
    send: (amount) => `Send ${messages(amount)}`,
    sure: (amount, seconds) =>
      `${people(amount)} will get a message.${seconds ? ` You then have ${seconds} s to undo.` : ""}`,
    now: "Send now",
    not: "Not yet",
    startsIn: (seconds) => `Starts in ${seconds} seconds`,
    nothingLeft: "Nothing has left yet.",
    undo: "Undo",
    of: (all) => `of ${n(all)} sent`,
    progress: "Messages sent",
    running: "You can close this page: sending goes on.",
    paused: "Nothing leaves until you resume.",
    pause: "Pause",
    resume: "Resume",
    cancel: "Cancel …",
    cancelSure: "What has not left yet will not leave. What is sent stays sent.",
    cancelNot: "Keep the campaign",
    cancelNow: "Cancel the rest",
    done: (amount) => `${messages(amount)} sent.`,
    toAnswers: "See the answers",
    stuck: "Needs you",
    why: {
      Failed: "Refused for good",
      Bounced: "Came back",
      "In doubt": "Nobody knows whether they went",
      Changed: "Changed since approval, not sent",
    },
  },
};
