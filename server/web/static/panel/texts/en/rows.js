// Words of the list of rows behind a number.

import { n } from "../../language.js";
import { rows } from "./nouns.js";

export const text = {
  rows: {
    none: "No row stands here any more.",
    bulk: (command, amount) => `${command}: all ${n(amount)}`,
    read: "Read",
    conversation: "Conversation",
    row: (number) => `Row ${number}`,
    pages: "Pages of the list",
    range: (from, to, all) => `${n(from)} to ${n(to)} of ${n(all)}`,
    first: "First rows",
    earlier: "Earlier rows",
    later: "Later rows",
    last: "Last rows",
    sure: { Approved: (amount) => `You say yes to ${rows(amount)} as they stand.`, Skip: (amount) => `${rows(amount)} will get no message. They can be brought back until the campaign is over.`, Redraft: (amount) => `The texts of ${rows(amount)} are written anew. What was edited in them is lost.`, Retry: (amount) => `${rows(amount)} are tried again, and leave once they are approved.`, Sent: (amount) => `${rows(amount)} count as sent.`, Remind: (amount) => `A reminder is drafted for ${rows(amount)}. Nothing is sent before you approve it.` },
    leaves: "This campaign is being sent: they leave at once.",
    bringBack: (amount) => `Bring the ${rows(amount)} back`,
    bringBackHint: "Their texts are written anew.",
  },
  choice: {
    line: (chosen, all) => [{ words: n(chosen) }, ` of ${rows(all)}`],
    all: (amount) => rows(amount),
    parts: { hidden: (amount) => `${n(amount)} hidden`, other: (amount) => `${n(amount)} not chosen`, sent: (amount) => `${n(amount)} already sent`, no_address: (amount) => `${n(amount)} without an address` },
    titles: { chosen: "Rows that get a message", hidden: "Hidden rows", other: "Rows not chosen", sent: "Rows already sent to", no_address: "Rows without an address" },
    showAll: (amount) => `Show all ${n(amount)}`,
  },
  chip: {
    saving: "Saving …",
    saved: "Saved.",
    from: "From",
    usual: "(as usual)",
    change: (column) => `Change ${column}`,
    up: (channel) => `Try ${channel} earlier`,
  },
};
