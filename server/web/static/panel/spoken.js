// The language that the page speaks, and how numbers are written in it: what the first step needs of a language.

import { recall, remember } from "./memory.js";

/** The languages that there are catalogues for, each by its own name. */
export const SPOKEN = { en: "English", de: "Deutsch", es: "Español", fr: "Français" };
const root = document.documentElement;

/** The language of the catalogues. */
export let language = "en";
/** How figures and moments are written: as the browser's user has them, where that is the same language. */
export let locale = "en";
/** @type {Intl.NumberFormat} */
let numbers;
/** @type {Intl.PluralRules} */
let plurals;

/** What a person chose here, else what the host's page says, else what the browser prefers, else English. */
export function settle() {
  const hosts = root.dataset.language;
  const known = [recall("language", ""), hosts, ...navigator.languages].map((tag) => (tag || "").slice(0, 2).toLowerCase());
  language = known.find((tag) => tag in SPOKEN) || "en";
  locale = [hosts, ...navigator.languages].find((tag) => tag?.toLowerCase().startsWith(language)) || language;
  numbers = new Intl.NumberFormat(locale);
  plurals = new Intl.PluralRules(language);
  root.lang = language;
}

settle();

/** A person's choice, for this browser. */
export function choose(/** @type {string} */ tag) {
  remember("language", tag);
  settle();
}

/** 1234 as "1,234". */
export const n = (value) => numbers.format(value);
/** "1 row", "2 rows". */
export const many = (amount, one, other) => `${n(amount)} ${plurals.select(amount) === "one" ? one : other}`;
