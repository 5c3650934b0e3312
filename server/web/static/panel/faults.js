// What pre-flight found, worst first: what stops, what a person decides, what is worth a look; each count a way to its
// rows. What the server found is said here in the panel's language, a kind that is not known in the server's.

import { faultCells } from "./choiceline.js";
import { h } from "./dom.js";
import { mayRetemplate } from "./plan.js";
import { text } from "./texts.js";

const T = text.check;
const LEVELS = ["block", "ask", "warn"];
const TONES = { block: "bad", ask: "warn", warn: "" };
/** The status at which drafts with such a fault stand. */
const STATUS = { no_address: "No address", check: "Check draft", shared_address: "Check draft", duplicate: "Duplicate" };

/** The list, or that there is nothing to list. */
export function faults(panel) {
  const { faults: found } = panel.state.view;
  if (!found.length) return h("p.fine", { key: "faults" }, T.noFaults);
  return h("section.preflight", { key: "faults", "aria-label": T.faults }, LEVELS.map((level) => {
    const those = found.filter((fault) => fault.level === level);
    return those.length > 0 && h(".level-of", { key: level, class: TONES[level] },
      h("h3", h("b.level", T.levels[level]), " ", T.levelHints[level]),
      h("ul.faults", those.map((fault, at) => one(panel, fault, at))));
  }));
}

function one(panel, fault, at) {
  const rows = fault.rows || fault.count;
  return h("li", { key: `${fault.kind}${at}` },
    h("p",
      rows > 0 && h("button.tally", { "aria-label": `${text.number(rows)} · ${sentence(fault)}`,
        onclick: () => show(panel, fault) }, text.number(rows)),
      h("span", sentence(fault))),
    wantsTemplate(panel.state.view, fault)
      && h("button.link", { onclick: () => chooseTemplate(panel) }, text.template.choose),
    faultCells(panel, fault));
}

/** Whether a template may be the way out: once drafts are there, closed windows are among what is to be looked at. */
function wantsTemplate(view, { kind }) {
  if (view.state === "planned") return kind === "window";
  return kind === "check" && !view.plan.whatsapp_template && mayRetemplate(view);
}

/** Where the plan has it: who is told to choose a template need not look for it. */
function chooseTemplate(panel) {
  if (panel.state.view.state !== "planned" && !panel.state.check.planOpen) {
    panel.setIn("check", { planOpen: true });
    requestAnimationFrame(openWays);
  } else openWays();
}

function openWays() {
  const ways = /** @type {HTMLDetailsElement | null} */ (document.getElementById("more-ways"));
  if (!ways) return;
  ways.open = true;
  ways.scrollIntoView({ block: "center" });
  ways.querySelector("summary")?.focus({ preventScroll: true });
}

/** What was found, in the panel's language where it knows that kind. */
export function sentence(fault) {
  const say = T.found[fault.kind];
  return typeof say === "function" && fault.kind !== "sheet" ? say(fault) : fault.sentence;
}

function show(panel, fault) {
  const status = panel.state.view.counts.some((count) => count.status === STATUS[fault.kind]) && STATUS[fault.kind];
  if (status) panel.list([status], sentence(fault));
  else {
    panel.set({ rows: { statuses: [], fault: fault.kind, title: sentence(fault), messages: null, total: 0 },
      conversation: null });
    panel.refresh();
  }
}
