// Moments by the clocks of the sheet, wherever the browser is: shown, typed into a date field, and read from it. No wording.

import { locale } from "./language.js";

/** The browser's own time zone. */
export const own = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** "09:00" today, "Mon 09:00" within the week, else "Mon, 3 Dec, 09:00": by the clocks of that zone. */
export function inZone(at, zone, now = new Date()) {
  const then = new Date(at);
  const today = wall(then, zone).slice(0, 10) === wall(now, zone).slice(0, 10);
  const near = Math.abs(then.getTime() - now.getTime()) < 6 * 86400000;
  /** @type {Intl.DateTimeFormatOptions} */
  const day = today ? {} : near ? { weekday: "short" } : { weekday: "short", day: "numeric", month: "short" };
  return then.toLocaleString(locale, { ...day, hour: "2-digit", minute: "2-digit", timeZone: zone });
}

/** A day ("2026-03-02") as people write it. */
export function dayOf(day) {
  return new Date(`${day}T12:00:00Z`).toLocaleDateString(locale, { weekday: "long", day: "numeric", month: "long", timeZone: "UTC" });
}

/** What a date field shows of a moment: "2026-03-02T09:00" by the clocks of that zone. */
export function wall(at, zone) {
  const parts = new Intl.DateTimeFormat("en-CA", { timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit",
    day: "2-digit", hour: "2-digit", minute: "2-digit" }).formatToParts(new Date(at));
  const part = (kind) => parts.find(({ type }) => type === kind)?.value;
  return `${part("year")}-${part("month")}-${part("day")}T${part("hour")}:${part("minute")}`;
}

/** The moment (ISO 8601, UTC) that a date field means by the clocks of that zone; "" for a field that is not filled. */
export function momentOf(field, zone) {
  const meant = Date.parse(`${field}:00Z`);
  if (Number.isNaN(meant)) return "";
  let at = meant;
  for (let step = 0; step < 2; step += 1) at -= Date.parse(`${wall(at, zone)}:00Z`) - meant;
  return new Date(at).toISOString();
}

/** Tomorrow at nine, as a date field shows it: what a person is offered first. */
export function tomorrow(zone) {
  return `${wall(Date.now() + 86400000, zone).slice(0, 10)}T09:00`;
}

/** "40 sec", "4 min", "2.5 hr": rounded up, in the words of the language. */
export function lasts(seconds) {
  const [unit, size] = seconds < 60 ? ["second", 1] : seconds < 5400 ? ["minute", 60] : ["hour", 3600];
  const amount = unit === "hour" ? Math.ceil(2 * seconds / size) / 2 : Math.max(1, Math.ceil(seconds / size));
  return new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "short" }).format(amount);
}

/** 2.13 as "2.1". */
export const rough = (rate) => new Intl.NumberFormat(locale, { maximumFractionDigits: rate < 10 ? 1 : 0 }).format(rate);
