// What was sent and what came back over time: two rising areas, each moment readable by pointer, keys and as a table.

import { h } from "./dom.js";
import { locale, moment } from "./language.js";
import { text } from "./texts.js";

const T = text.overTime;
const WIDE = 100;
const HIGH = 36;

/** The chart; `chosen` is the number of the bucket that is looked at. @param {Schema.TimelineView} found */
export function overTime(panel, found, chosen) {
  const { buckets } = found;
  if (buckets.length < 2) return null; // one moment is no course
  const sums = summed(buckets);
  const last = buckets.length - 1;
  const at = chosen === null || chosen === undefined ? last : Math.max(0, Math.min(chosen, last));
  const choose = (index) => panel.setIn("answers", { bucket: Math.max(0, Math.min(index, last)) });
  const top = Math.max(1, sums[last].sent, sums[last].answered);
  const says = words(found, at, sums);
  return h("section.stack.tight", { key: "time", "aria-label": T.title },
    h("h3", T.title),
    h(".over-time", { role: "slider", tabindex: "0", "aria-label": T.title, "aria-valuemin": "1",
      "aria-valuemax": String(buckets.length), "aria-valuenow": String(at + 1), "aria-valuetext": says,
      onkeydown: (event) => key(event, at, last, choose),
      onpointermove: (event) => point(event, buckets.length, choose),
      onpointerdown: (event) => point(event, buckets.length, choose),
      onpointerleave: () => panel.setIn("answers", { bucket: null }) },
      h("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: "none", "aria-hidden": "true" },
        h("path", { class: "sent", d: area(sums.map(({ sent }) => sent), top) }),
        h("path", { class: "answered", d: area(sums.map(({ answered }) => answered), top) }),
        h("rect", { class: "here", x: String((at * WIDE) / buckets.length), y: "0",
          width: String(WIDE / buckets.length), height: String(HIGH) }))),
    h("p.ends.soft.small-text", { "aria-hidden": "true" },
      h("span", label(found.unit, buckets[0].at)), h("span", label(found.unit, buckets[last].at))),
    h("p.says.small-text", says),
    h("p.legend.small-text", { "aria-hidden": "true" }, h("span.info", text.funnel.sent), h("span.good", text.funnel.answered)),
    table(found));
}

function summed(buckets) {
  let [sent, answered] = [0, 0];
  return buckets.map((one) => {
    sent += one.sent;
    answered += one.answered;
    return { sent, answered };
  });
}

/** A staircase from the start of the first bucket to the end of the last, and back along the ground. */
function area(values, top) {
  const step = WIDE / values.length;
  const y = (value) => (HIGH - (value / top) * (HIGH - 2)).toFixed(2);
  const stairs = values.map((value, index) => `V${y(value)}H${((index + 1) * step).toFixed(2)}`);
  return `M0 ${HIGH}${stairs.join("")}V${HIGH}Z`;
}

function words({ unit, buckets }, at, sums) {
  const { sent, answered } = buckets[at];
  return T.at(label(unit, buckets[at].at), sent, answered, sums[at]);
}

function label(unit, at) {
  return unit === "day" ? new Date(at).toLocaleDateString(locale, { day: "numeric", month: "short" }) : moment(at);
}

function key(event, at, last, choose) {
  const rtl = getComputedStyle(event.currentTarget).direction === "rtl" ? -1 : 1;
  const to = { ArrowRight: at + rtl, ArrowLeft: at - rtl, ArrowUp: at + 1, ArrowDown: at - 1, Home: 0, End: last }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  choose(to);
}

function point(event, count, choose) {
  const { left, width } = event.currentTarget.getBoundingClientRect();
  choose(Math.floor(((event.clientX - left) / Math.max(1, width)) * count));
}

/** The same in figures; moments at which nothing happened are left out. */
function table({ unit, buckets }) {
  return h("details.fold.light", { key: "table" },
    h("summary", T.table),
    h("table.figures",
      h("thead", h("tr", h("th", { scope: "col" }, T.when), h("th", { scope: "col" }, text.funnel.sent),
        h("th", { scope: "col" }, text.funnel.answered))),
      h("tbody", buckets.filter((one) => one.sent || one.answered).map((one) => h("tr", { key: one.at },
        h("th", { scope: "row" }, label(unit, one.at)), h("td", text.number(one.sent)),
        h("td", text.number(one.answered)))))));
}
