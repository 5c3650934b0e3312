// A person on the desk: the disc with their initials, and when they were written to.

import { locale } from "../panel/language.js";

/** Initials on the disc beside a person. */
export function initials(name) {
  const words = name.split(/[\s@._-]+/).filter(Boolean);
  return ((words[0]?.[0] || "?") + (words.length > 1 ? words[words.length - 1][0] : "")).toUpperCase();
}

/** One of six quiet colours for a person. */
export function hue(address) {
  return [...address].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 997, 7) % 6;
}

/** A moment, short: the time today, else the day. */
export function clock(at) {
  const time = new Date(at);
  const today = new Date().toDateString() === time.toDateString();
  return time.toLocaleString(locale, today ? { hour: "2-digit", minute: "2-digit" } : { day: "numeric", month: "short" });
}
