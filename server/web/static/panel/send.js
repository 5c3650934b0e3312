// Step 3, Send: who exactly, two deliberate presses, a while to undo, then live progress.

import { channelsOf } from "./channels.js";
import { inZone, own } from "./clock.js";
import { countButton } from "./counts.js";
import { h } from "./dom.js";
import { action, outcomeAt } from "./parts.js";
import { text } from "./texts.js";
import { forecast, tell, wishes, yesOf } from "./wish.js";
import { STUCK, WENT, countOf } from "./words.js";

const T = text.send;
const PARTS = { planned: notYet, drafting: notYet, drafted: ready, sending: atWork,
  paused: atWork, done: ready, cancelled: over };

/** What the step shows beyond the view: what would leave when, what the SMS will come to, who approved, what failed. */
export function load(panel) {
  const { view } = panel.state;
  const asks = [];
  if (countOf(view, ["Failed"])) asks.push(["failed", "/failed", (found) => found]);
  if (PARTS[view.state] === ready && view.approved) {
    tell(panel);
    asks.push(["approvals", "/approvals", (found) => found.approvals]);
    if (channelsOf(view.plan).includes("sms")) asks.push(["estimate", "/estimate", (found) => found.sentence]);
  }
  return Promise.all(asks.map(([name, part, take]) => bring(panel, name, part, take)));
}

async function bring(panel, name, part, take) {
  const { id } = panel.state.view;
  try {
    const found = await panel.api.get(panel.at(part));
    if (panel.state.view?.id === id) panel.setIn("send", { [name]: take(found) });
  } catch (failure) {
    panel.setIn("problems", { send: failure });
  }
}

/** Before, during and after sending. */
export function draw(panel) {
  const { view } = panel.state;
  const part = PARTS[view.state];
  return h(".stack", { key: "send" }, part(panel, view), failed(panel, view), stuck(panel, view),
    part === ready && view.approved > 0 && deed(panel, view));
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
  const { estimate, approvals } = panel.state.send;
  return h("section.stack",
    h("p.words", T.who(goingOf(panel, view), channels(view))),
    approvals?.length > 0 && h("p.soft", T.approvedBy(approvals)),
    h("button.link", { onclick: () => panel.list(["Approved"]) }, T.seeWho),
    wishes(panel, view),
    forecast(panel),
    left(panel, view),
    estimate && h("p.choice", estimate));
}

function goingOf({ state: { send: { told } } }, view) {
  return told ? told.going : view.approved;
}

/** The way on, always in sight. */
function deed(panel, view) {
  const { told, sure: pressed } = panel.state.send;
  const going = goingOf(panel, view);
  return h(".deed.stack.tight", { key: "deed" },
    outcomeAt(panel, "send"),
    pressed ? sure(panel, view, going) : action(panel, "send", T.send(going), null, { kind: "primary wide", needs: "send",
      disabled: !told?.going, onclick: (event) => event.detail < 2 && ask(panel, event) }));
}

/** Asks once more; the answer that sends is never where the pointer rests. */
function ask(panel, { clientX, clientY }) {
  panel.setIn("send", { sure: true, nowLast: false });
  requestAnimationFrame(() => document.elementFromPoint(clientX, clientY)?.closest("#send-now")
    && panel.setIn("send", { nowLast: true }));
}

function channels(view) {
  return channelsOf(view.plan).map((name) => text.by[name]);
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
function sure(panel, view, going) {
  const { told, nowLast } = panel.state.send;
  const { session } = panel.state;
  const stop = () => panel.setIn("send", { sure: false });
  const first = told?.parts[0];
  const later = first && first.reason !== "now" ? inZone(first.at, told.zone) : "";
  const not = h("button.secondary.wide", { key: "not", focus: "still", onclick: stop }, T.not);
  const now = action(panel, "send", later ? T.schedule(later) : T.now, null, { key: "now", id: "send-now",
    kind: "primary wide", needs: "send", onclick: (event) => event.detail < 2 && panel.act("send", () => send(panel)) });
  return h(".sure", { key: "sure", role: "group", "aria-label": T.send(going),
    onkeydown: (event) => event.key === "Escape" && stop() },
    h("p", T.sure(going, channels(view), later, later ? 0 : session.undo_seconds),
      told?.staying > 0 && ` ${T.staySure(told.staying)}`),
    nowLast ? [not, now] : [now, not]);
}

async function send(panel) {
  panel.setIn("send", { sure: false });
  try {
    panel.take(await panel.api.post(panel.at("/send"), yesOf(panel)));
    panel.setIn("send", { who: "all", when: "now", within: false, keys: [], day: "", time: "", told: null, question: "" });
  } catch (failure) {
    panel.setIn("send", { question: "" });
    if (failure.status === 409) await panel.reload(); // somebody else was faster: that is what is shown then
    throw failure;
  }
}

function atWork(panel, view) {
  const waits = view.state === "sending" && view.scheduled;
  const undoing = view.state === "sending" && secondsLeft(panel) > 0;
  return h("section.stack",
    waits ? scheduled(panel, view) : undoing ? undo(panel) : progress(panel, view),
    begun(panel, view),
    outcomeAt(panel, "send"));
}

/** Who began it, and when: whoever else opens this page sees it too. */
function begun(panel, view) {
  return view.started_by && view.started_at && h("p.soft.begun", { dir: "auto" },
    T.begun(view.started_by, inZone(view.started_at, panel.state.session.time_zone)));
}

/** Until its time comes, all of it can be taken back. */
function scheduled(panel, view) {
  const zone = panel.state.session.time_zone;
  return h(".card.calm.waits",
    h("p.big", T.scheduled(inZone(view.scheduled, zone))),
    h("p", T.scheduledFor(view.approved, channels(view)), view.at_column && ` ${T.ofColumn(view.at_column)}`,
      view.hours && ` ${T.hoursOf(view.hours)}`),
    zone !== own && h("p.soft", T.zone(zone)),
    h(".buttons", action(panel, "send", T.undo, () => undone(panel), { needs: "send", key: "undo" }),
      action(panel, "send", T.pause, () => move(panel, "pause"), { kind: "ghost", needs: "send", key: "pause" })));
}

async function undone(panel) {
  panel.take(await panel.api.post(panel.at("/undo"), {}));
  return T.undone;
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
    h("p.pace", { role: "status" }, paused ? T.paused : paceOf(panel, view)),
    !paused && h("p.soft", T.running),
    panel.state.send.cancel ? cancelling(panel) : h(".buttons",
      paused
        ? action(panel, "send", T.resume, () => move(panel, "resume"), { kind: "primary", needs: "send", key: "resume" })
        : action(panel, "send", T.pause, () => move(panel, "pause"), { needs: "send", key: "pause" }),
      action(panel, "send", T.cancel, null, { kind: "ghost danger", needs: "send", key: "cancel",
        onclick: () => panel.setIn("send", { cancel: true }) })));
}

/** How fast it goes and how long it will take; or what it waits for. The figures are the server's. */
function paceOf(panel, view) {
  const { per_second: rate, seconds_left: left, due, later, next_at: next } = view.progress || {};
  const zone = panel.state.session.time_zone;
  const waits = later > 0 && T.waits(later, next ? inZone(next, zone) : "");
  return [due > 0 && rate ? T.rate(rate, left) : due > 0 && T.starting, waits].filter(Boolean).join(" ") || T.ending;
}

/** What failed for good, with the reasons, to be tried again as one: never what may have gone out. */
function failed(panel, view) {
  const { failed: found, again } = panel.state.send;
  if (!countOf(view, ["Failed"]) || !found?.count || view.state === "cancelled") return null;
  return h("section.card.calm", { "aria-label": T.failed(found.count) },
    h("h3", T.failed(found.count)),
    h("ul.reasons", found.reasons.map(({ reason, count }) => h("li", { key: reason, dir: "auto" }, h("b", text.number(count)), " ", reason))),
    again
      ? h(".sure", { role: "group", "aria-label": T.again(found.count) },
        h("button.secondary", { focus: "still", onclick: () => panel.setIn("send", { again: false }) }, T.not),
        h("p", T.againSure(found.count, view.state === "done" || view.state === "sending")),
        action(panel, "again", T.again(found.count), () => retry(panel), { kind: "primary", needs: "send", key: "go" }))
      : action(panel, "again", T.again(found.count), null, { needs: "send", key: "ask",
        onclick: (event) => event.detail < 2 && panel.setIn("send", { again: true }) }),
    outcomeAt(panel, "again"));
}

async function retry(panel) {
  panel.setIn("send", { again: false });
  const { sentence } = await panel.api.post(panel.at("/retry"), {});
  await panel.reload();
  return sentence;
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
    h("p.big", T.done(view.sent)),
    h("button.primary", { onclick: () => panel.go("answers") }, T.toAnswers));
}

function stuck(panel, view) {
  const told = panel.state.send.failed?.count > 0 && view.state !== "cancelled"; // in a card of their own
  const found = STUCK.map((status) => ({ status, count: countOf(view, [status]) }))
    .filter(({ status, count }) => count > 0 && !(told && status === "Failed"));
  return found.length > 0 && h("section.card.calm", { "aria-label": T.stuck },
    h("h3", T.stuck),
    found.map(({ status, count }) => h(".inline", { key: status },
      h("span.grow", T.why[status]),
      countButton(panel, { status, count }))));
}
