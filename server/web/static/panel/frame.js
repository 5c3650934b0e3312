// What is drawn around a step: the line of state, the steps, the language; and what is there instead of all that.

import { h } from "./dom.js";
import { SPOKEN, language } from "./spoken.js";
import { choice, problem } from "./parts.js";
import { STEPS, stepOf } from "./path.js";
import { text } from "./texts.js";

/**
 * @import { Failure } from "./api.js"
 * @import { Panel } from "./panel.js"
 */

/** All of it, as dom.js describes it. @param {Panel} panel */
export function draw(panel) {
  const { state } = panel;
  if (state.stop) return stopped(panel, state.stop);
  if (state.loading) return loading();
  return h(".panel", { key: "panel" },
    h("button.skip", { onclick: () => document.getElementById("step")?.focus() }, text.panel.toStep),
    panel.top?.head(panel),
    lineOf(panel),
    state.away && h("p.note", { role: "alert" }, text.panel.away),
    state.tip && h("p.note", { role: "alert" }, state.tip),
    barred(state),
    steps(panel),
    panel.top?.held(panel),
    h(".step", { role: "tabpanel", id: "step", "aria-labelledby": `tab-${state.step}`, tabindex: "-1" },
      panel.parts[panel.front]?.draw(panel)),
    h(".foot", choice(language, Object.entries(SPOKEN), (tag) => panel.speakIn(tag),
      { class: "plain", "aria-label": text.panel.language })));
}

/** What this person may not do here, in words: a button that is off is passed by. @param {Panel["state"]} state */
function barred({ session, step }) {
  const may = session?.may || [];
  const needs = !may.includes("edit") ? "edit" : step === "send" && !may.includes("send") ? "send" : "";
  return needs && h("p.note", { key: "role" }, text.parts.mayNot[needs]);
}

/** @param {Panel} panel */
function lineOf(panel) {
  const { view, campaigns } = panel.state;
  if (view) return panel.top?.stateLine(panel);
  return h(".state", h("p.say", { key: "say" }, campaigns.length ? text.state.fresh : text.state.none));
}

/** @param {Panel} panel */
function steps(panel) {
  const { step, view } = panel.state;
  const here = stepOf(view);
  const enabled = STEPS.filter((name) => view || name === "write");
  const move = (event) => {
    const on = getComputedStyle(event.currentTarget).direction === "rtl" ? -1 : 1;
    const at = enabled.indexOf(step);
    const to = { ArrowRight: at + on, ArrowLeft: at - on, Home: 0, End: -1 }[event.key];
    const next = to !== undefined && enabled.at(to % enabled.length);
    if (!next) return;
    event.preventDefault();
    panel.go(next);
    document.getElementById(`tab-${next}`)?.focus();
  };
  return h(".steps", { role: "tablist", "aria-label": text.panel.path, onkeydown: move },
    STEPS.map((name) => h("button", {
      key: name, id: `tab-${name}`, role: "tab", "aria-controls": "step", "aria-selected": String(name === step),
      tabindex: name === step ? "0" : "-1", disabled: !enabled.includes(name),
      class: view && name === here ? "here" : "", onclick: () => panel.go(name),
    }, text.steps[name],
      view && name === "answers" && view.reviews > 0 && h("span.badge.warn", view.reviews))));
}

function loading() {
  return h(".panel", { key: "loading", "aria-busy": "true" },
    h("p.sr", text.panel.loading),
    h(".bone.wide"), h(".bone"), h(".bone.tall"));
}

/**
 * @param {Panel} panel
 * @param {Failure} failure
 */
function stopped(panel, failure) {
  if (!text.panel) return h(".panel.stopped", { key: "stopped" }, problem(failure));
  if (panel.host.stopped) return panel.host.stopped(failure);
  return h(".panel.stopped", { key: "stopped" },
    h("h2", text.panel.stopped[failure.status] || text.panel.stopped.other),
    problem(failure),
    h("button.secondary", { onclick: () => panel.start() }, text.panel.tryAgain));
}
