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
  const wanted = [root.dataset.language, ...navigator.languages].map(tagOf);
  const tags = [recall("language", ""), ...wanted];
  language = tags.map((tag) => tag.slice(0, 2)).find((tag) => tag in SPOKEN) || "en";
  locale = wanted.find((tag) => tag.startsWith(language)) || language;
  numbers = new Intl.NumberFormat(locale);
  plurals = new Intl.PluralRules(language);
  root.lang = language;
}

/** As browsers write a language: "pt_BR" as "pt-BR"; "" for what is none. */
function tagOf(/** @type {string | undefined} */ name) {
  try {
    return Intl.getCanonicalLocales((name || "").replace("_", "-"))[0];
  } catch {
    return "";
  }
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
