// Words of the list of rows behind a count.

import { n } from "../../language.js";

export const text = {
  rows: {
    none: "No row stands here any more.",
    more: (amount) => `Show ${n(amount)} more`,
    bulk: (command, amount) => `${command}: all ${n(amount)}`,
    read: "Read",
  },
};
