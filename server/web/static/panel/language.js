// How numbers, lists and moments are written in the language that the page speaks (spoken.js). No wording.

import { language, locale } from "./spoken.js";

export { SPOKEN, language, locale, many, n } from "./spoken.js";

/** 0.934 as "93%". */
export const percent = (share) => new Intl.NumberFormat(locale, { style: "percent" }).format(share);
/** "a, b, and c". */
export const list = (names) => new Intl.ListFormat(language).format(names);
/** "a, b, or c". */
export const either = (names) => new Intl.ListFormat(language, { type: "disjunction" }).format(names);

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
  /** @type {Intl.DateTimeFormatOptions} */
  const day = then.toDateString() === now.toDateString() ? {}
    : days < 6 ? { weekday: "short" } : { day: "numeric", month: "short" };
  return then.toLocaleString(locale, { ...day, hour: "2-digit", minute: "2-digit" });
}
