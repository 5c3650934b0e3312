// The language that the page speaks, and how numbers, lists and moments are written in it. No wording.

const SPOKEN = ["en"];

/** The language of the catalogues: what the page's host says, else what the browser prefers, else English. */
export const language = [document.documentElement.dataset.language, ...navigator.languages]
  .map((tag) => (tag || "").slice(0, 2).toLowerCase()).find((tag) => SPOKEN.includes(tag)) || "en";

/** How figures and moments are written: as the browser's user has them, where that is the same language. */
export const locale = navigator.languages.find((tag) => tag.toLowerCase().startsWith(language)) || language;

const numbers = new Intl.NumberFormat(locale);
const plurals = new Intl.PluralRules(language);
const lists = new Intl.ListFormat(language);
const choices = new Intl.ListFormat(language, { type: "disjunction" });

/** 1234 as "1,234". */
export const n = (value) => numbers.format(value);
/** "1 row", "2 rows". */
export const many = (amount, one, other) => `${n(amount)} ${plurals.select(amount) === "one" ? one : other}`;
/** 0.934 as "93%". */
export const percent = (share) => new Intl.NumberFormat(locale, { style: "percent" }).format(share);
/** "a, b, and c". */
export const list = (names) => lists.format(names);
/** "a, b, or c". */
export const either = (names) => choices.format(names);

/** What a language is called, by its code. */
export function nameOfLanguage(code) {
  try {
    return new Intl.DisplayNames(language, { type: "language" }).of(code);
  } catch {
    return code; // not a code that anybody knows
  }
}

/** A moment (ISO 8601) as people say it: "14:02" today, "Mon 09:00" within the week, else "3 Dec, 09:00". */
export function moment(at, now = new Date()) {
  const then = new Date(at);
  const days = Math.abs(then.getTime() - now.getTime()) / 86400000;
  const day = then.toDateString() === now.toDateString() ? {}
    : days < 6 ? { weekday: "short" } : { day: "numeric", month: "short" };
  return then.toLocaleString(locale, { ...day, hour: "2-digit", minute: "2-digit" });
}
