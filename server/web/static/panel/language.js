// The language that the page speaks, and how numbers, lists and moments are written in it. No wording.

import { recall, remember } from "./memory.js";

/** The languages that there are catalogues for, each by its own name. */
export const SPOKEN = { en: "English", de: "Deutsch", es: "Español", fr: "Français" };
const root = document.documentElement;

/** The language of the catalogues. */
export let language = "en";
/** How figures and moments are written: as the browser's user has them, where that is the same language. */
export let locale = "en";
/** @type {{ numbers: Intl.NumberFormat, shares: Intl.NumberFormat, plurals: Intl.PluralRules, lists: Intl.ListFormat,
 * choices: Intl.ListFormat }} */
let formats;

/** What a person chose here, else what the host's page says, else what the browser prefers, else English. */
export function settle() {
  const hosts = root.dataset.language;
  const known = [recall("language", ""), hosts, ...navigator.languages].map((tag) => (tag || "").slice(0, 2).toLowerCase());
  language = known.find((tag) => tag in SPOKEN) || "en";
  locale = [hosts, ...navigator.languages].find((tag) => tag?.toLowerCase().startsWith(language)) || language;
  formats = {
    numbers: new Intl.NumberFormat(locale),
    shares: new Intl.NumberFormat(locale, { style: "percent" }),
    plurals: new Intl.PluralRules(language),
    lists: new Intl.ListFormat(language),
    choices: new Intl.ListFormat(language, { type: "disjunction" }),
  };
  root.lang = language;
}

settle();

/** A person's choice, for this browser. */
export function choose(/** @type {string} */ tag) {
  remember("language", tag);
  settle();
}

/** 1234 as "1,234". */
export const n = (value) => formats.numbers.format(value);
/** "1 row", "2 rows". */
export const many = (amount, one, other) => `${n(amount)} ${formats.plurals.select(amount) === "one" ? one : other}`;
/** 0.934 as "93%". */
export const percent = (share) => formats.shares.format(share);
/** "a, b, and c". */
export const list = (names) => formats.lists.format(names);
/** "a, b, or c". */
export const either = (names) => formats.choices.format(names);

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
