// Words of what the first step has beyond the form: completion, conditions, saved campaigns.

import { either, many, n, nameOfLanguage } from "../../language.js";

const rows = (amount) => many(amount, "row", "rows");

export const text = {
  complete: {
    columns: "Columns",
    found: (amount) => `${many(amount, "column", "columns")}. Arrow keys choose, Enter puts it in.`,
    none: (typed) => `No column begins with “${typed}”.`,
  },
  where: {
    legend: "Condition on the rows",
    column: "Column",
    test: "Condition",
    value: "Value",
    tests: { is: "is", is_not: "is not", contains: "contains", empty: "is empty", filled: "is filled", less: "is less than", more: "is more than", before: "is before", after: "is after" },
    examples: { is: "", is_not: "", contains: "", less: "30", more: "30", before: "2026-05-31", after: "2026-05-31" },
    pick: "Choose a value",
    offered: (value, amount) => `${value} (${n(amount)})`,
    rows: (amount) => (amount ? rows(amount) : "No visible row"),
    row: (number) => `Row ${number}`,
    counting: "Counting …",
    say: "Say which value is meant.",
    see: "Show which",
    more: (amount) => `And ${rows(amount)} more.`,
  },
  saved: {
    title: "Saved",
    more: (amount) => `Show ${n(amount)} more`,
    by: (who) => `Saved by ${who}`,
    change: (name) => `Rename or remove ${name}`,
    rename: "Rename",
    renameLabel: (name) => `New name of “${name}”`,
    remove: "Remove",
    sure: (name) => `Remove “${name}”?`,
    removed: (name) => `“${name}” is removed.`,
    again: "Save to use again",
    name: "Name to find it by",
    save: "Save",
    kept: (name) => `Saved as “${name}”. It is offered in Write.`,
    from: (name) => `From “${name}”. It brings along:`,
    fills: (column, values) => (values.join("") ? `${column} (${either(values)})` : column),
    inLanguage: (code) => nameOfLanguage(code),
    counts: (words) => `counts: ${words}`,
    reminds: (days) => `no answer after ${many(days, "day", "days")}`,
    lost: (channel) => `${channel} is not set up here: choose another way.`,
    leave: "Only the text",
  },
};
