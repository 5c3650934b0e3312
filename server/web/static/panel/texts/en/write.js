// Words of the first step.

import { many, n } from "../../spoken.js";

export const text = {
  write: {
    instruction: "What should each person get?",
    placeholder: "Send each contestant their individual start time and ask them to confirm.",
    template: "Template",
    templatePlaceholder: "Hi {{Name}}, your start time is {{Start}}. Can you make it?",
    templateHint: "Every row gets this text. Type {{ to put in a column.",
    subject: "Subject",
    examples: "Made from your columns",
    useTemplate: "I write the exact text",
    channel: "Send by",
    carrier: "Over",
    rows: "To",
    visible: "Visible rows",
    all: "All rows",
    where: "Rows where …",
    selected: "Selected rows",
    chosen: (words, amount) => `${words} (${n(amount)})`,
    frozen: (amount) => `${many(amount, "row", "rows")}, as chosen just now.`,
    anew: "Choose anew",
    noneOf: {
      selected: "No row with data is selected. Select some in the sheet, then choose again.",
      visible: "No row with data is visible. Change the filter, then choose again.",
      where: "The condition holds for no visible row. Change it, or the filter of the sheet.",
    },
    notReady: (channel) => `${channel} (not set up)`,
    moreChannels: "Other ways to send",
    offline: "No language model is set up: drafts are plain, and replies that are not clear are shown to you.",
    plan: "Make a plan",
    current: "This campaign says",
    again: "Write a new one from this",
  },
};
