// What people read in the panel around its steps, before and beside the first one.

export const text = {
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
    stopped: { 0: "Cellback can’t be reached", 401: "This page needs its key", 403: "This sheet is not open to you",
      404: "No sheet yet", other: "This did not work" },
    tryAgain: "Try again",
    away: "Cellback can’t be reached at the moment. What you see may be old.",
    language: "Language",
    toStep: "Go to the step",
    rowGone: "This row is not in the sheet any more.",
    rowHidden: "The row is there, but a filter or a person hides it.",
  },
  steps: { write: "Write", check: "Check", send: "Send", answers: "Answers" },
  parts: {
    didYouMean: "Did you mean",
    cancel: "Cancel",
    mayNot: {
      edit: "You may look on here, and no more.",
      approve: "You may look on here, and no more.",
      send: "You may prepare and approve. Somebody who may send starts it.",
    },
  },
  state: {
    none: "Nothing is planned for this sheet yet.",
    fresh: "A new campaign. Nothing is planned yet.",
  },
  channels: { outbox: "Local mailbox", email: "Email", whatsapp: "WhatsApp", sms: "SMS", voice: "Phone call" },
  providers: { outbox: "Local mailbox", sendgrid: "SendGrid", resend: "Resend", mailgun: "Mailgun", smtp: "SMTP",
    twilio: "Twilio", meta: "Meta" },
};
