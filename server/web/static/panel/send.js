// Step 3, Send: who exactly, two deliberate presses, a while to undo, then live progress.

import { channelsOf } from "./channels.js";
import { countButton } from "./counts.js";
import { h } from "./dom.js";
import { action, outcomeAt } from "./parts.js";
import { text } from "./texts.js";
import { STUCK, WENT, countOf } from "./words.js";

const T = text.send;
const PARTS = { planned: notYet, drafting: notYet, drafted: ready, sending: atWork,
  paused: atWork, done: ready, cancelled: over };

/** What the SMS will come to, where there may be some. */
export async function load(panel) {
  const { view } = panel.state;
  if (PARTS[view.state] !== ready || !view.approved || !channelsOf(view.plan).includes("sms")) return;
  try {
    const { sentence } = await panel.api.get(panel.at("/estimate"));
    if (panel.state.view.id === view.id) panel.setIn("send", { estimate: sentence });
  } catch (failure) {
    panel.setIn("problems", { send: failure });
  }
}

/** Before, during and after sending. */
export function draw(panel) {
  const { view } = panel.state;
  const part = PARTS[view.state];
  return h(".stack", { key: "send" }, part(panel, view), stuck(panel, view));
}

function notYet(panel) {
  return h(".empty",
    h("p", T.notYet),
    h("button.secondary", { onclick: () => panel.go("check") }, T.toCheck));
}

function over() {
  return h(".empty", h("p", T.cancelled));
}

function ready(panel, view) {
  if (!view.approved) {
    return view.state === "done" ? finished(panel, view) : h(".empty",
      h("p", T.nothingApproved),
      h("button.secondary", { onclick: () => panel.go("check") }, T.toCheck));
  }
  return h("section.stack",
    h("p.words", T.who(view.approved, channelsOf(view.plan).map((name) => text.by[name]))),
    h("button.link", { onclick: () => panel.list(["Approved"]) }, T.seeWho),
    left(panel, view),
    panel.state.send.estimate && h("p.choice", panel.state.send.estimate),
    panel.state.send.sure ? sure(panel, view) : action(panel, "send", T.send(view.approved), null, {
      kind: "primary wide", needs: "send",
      onclick: (event) => event.detail < 2 && panel.setIn("send", { sure: true }) }),
    outcomeAt(panel, "send"));
}

/** Who is not among them, and why: each count opens its rows. */
function left(panel, view) {
  const others = view.counts.filter(({ status, count }) => count > 0 && status !== "Approved"
    && !WENT.includes(status));
  return others.length > 0 && h(".left-out",
    h("p.soft", T.leftOut),
    h(".counts", others.map((one) => countButton(panel, one))));
}

/** The second press lies elsewhere than the first, nothing scrolls under the pointer, a double click is no press. */
function sure(panel, view) {
  const stop = () => panel.setIn("send", { sure: false });
  const keys = (event) => event.key === "Escape" && stop();
  return h(".sure", { role: "group", "aria-label": T.send(view.approved), onkeydown: keys },
    h("button.secondary.wide", { focus: "still", onclick: stop }, T.not),
    h("p", T.sure(view.approved, panel.state.session.undo_seconds)),
    action(panel, "send", T.now, null, { kind: "primary wide", needs: "send",
      onclick: (event) => event.detail < 2 && panel.act("send", () => send(panel)) }));
}

async function send(panel) {
  panel.setIn("send", { sure: false });
  panel.take(await panel.api.post(panel.at("/send"), {}));
}

function atWork(panel, view) {
  return h("section.stack",
    secondsLeft(panel) > 0 && view.state === "sending" ? undo(panel) : progress(panel, view),
    outcomeAt(panel, "send"));
}

/** Seconds of the undo window that are left now, by our own clock since the view came. */
function secondsLeft(panel) {
  const { view, taken } = panel.state;
  return view.seconds_to_start ? view.seconds_to_start - (performance.now() - taken) / 1000 : 0;
}

function undo(panel) {
  tick(panel);
  const left = secondsLeft(panel);
  const whole = Math.max(1, panel.state.session.undo_seconds);
  return h(".undo",
    h(".countdown", { role: "timer", "aria-label": T.startsIn(Math.ceil(left)),
      style: { "--left": String(Math.min(1, left / whole)) } },
      h("b", Math.ceil(left))),
    h(".stack.tight.grow",
      h("p", T.nothingLeft),
      action(panel, "send", T.undo, async () => panel.take(await panel.api.post(panel.at("/undo"), {})),
        { kind: "secondary wide", focus: true, needs: "send" })));
}

function tick(panel) {
  clearTimeout(panel.ticking);
  panel.ticking = setTimeout(() => panel.set({}), 200);
}

function progress(panel, view) {
  const went = countOf(view, WENT);
  const all = went + view.approved + countOf(view, ["Sending"]);
  const paused = view.state === "paused";
  return h(".stack",
    h("p.big", h("b", text.number(went)), " ", T.of(all)),
    h("progress", { value: went, max: String(Math.max(1, all)), "aria-label": T.progress }),
    h("p.soft", paused ? T.paused : T.running),
    panel.state.send.cancel ? cancelling(panel) : h(".buttons",
      paused
        ? action(panel, "send", T.resume, () => move(panel, "resume"), { kind: "primary", key: "resume", needs: "send" })
        : action(panel, "send", T.pause, () => move(panel, "pause"), { key: "pause", needs: "send" }),
      action(panel, "send", T.cancel, null,
        { kind: "ghost danger", key: "cancel", needs: "send", onclick: () => panel.setIn("send", { cancel: true }) })));
}

function cancelling(panel) {
  return h(".sure", { role: "group", "aria-label": T.cancel },
    h("p", T.cancelSure),
    h(".buttons",
      h("button.secondary", { focus: true, onclick: () => panel.setIn("send", { cancel: false }) }, T.cancelNot),
      action(panel, "send", T.cancelNow, () => move(panel, "cancel"), { kind: "ghost danger", needs: "send" })));
}

async function move(panel, verb) {
  panel.setIn("send", { cancel: false });
  panel.take(await panel.api.post(panel.at(`/${verb}`), {}));
}

function finished(panel, view) {
  return h(".empty",
    h("p.big", T.done(countOf(view, WENT))),
    h("button.primary", { onclick: () => panel.go("answers") }, T.toAnswers));
}

function stuck(panel, view) {
  const found = STUCK.map((status) => [status, countOf(view, [status])]).filter(([, count]) => count > 0);
  return found.length > 0 && h("section.card.calm", { "aria-label": T.stuck },
    h("h3", T.stuck),
    found.map(([status, count]) => h(".inline", { key: status },
      h("span.grow", T.why[status]),
      countButton(panel, { status, count }))));
}
