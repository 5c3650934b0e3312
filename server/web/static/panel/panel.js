// The panel: one campaign's path Write -> Check -> Send -> Answers. Holds the state; the steps draw it.
// What differs between desk, Google Sheets and Excel comes in as `host`.

import { Failure } from "./api.js";
import { h, render } from "./dom.js";
import { recall, remember } from "./memory.js";
import { stateLine } from "./stateline.js";
import { speak, text } from "./texts.js";
import { problem } from "./parts.js";
import { stepOf } from "./words.js";

/** A step is a module with `draw(panel)` and, if the view is not enough, `load(panel)`; fetched when first shown. */
const PARTS = {
  write: () => import("./write.js"),
  check: () => worded("check", () => import("./check.js")),
  send: () => worded("send", () => import("./send.js")),
  answers: () => worded("answers", () => import("./answers.js")),
  rows: () => worded("rows", () => import("./rows.js")),
};
/** Whose words a step says besides its own. */
const SAID_WITH = { check: [], send: [], answers: ["check"], rows: ["check"] };
const styles = new Map();
const REFRESH_MS = 1000;
const STEPS = ["write", "check", "send", "answers"];

/** Mounts the panel for a Host (host.js); answers the Panel, whose `open(path)` shows another sheet's campaigns. */
export function mountPanel(root, host, api) {
  const panel = new Panel(root, host, api);
  panel.start();
  return panel;
}

class Panel {
  constructor(root, host, api) {
    Object.assign(this, { root, host, api });
    this.state = fresh();
    this.parts = {};
    this.starts = 0;
    api.onSignedOut = (failure) => this.set({ stop: failure });
  }

  /** Another workbook or sheet: everything starts again from what the server knows. */
  open(path) {
    this.api.path = path;
    this.live?.stop();
    this.shown = ""; // a late answer about a campaign of the sheet that was left finds nobody
    this.state = fresh();
    this.start();
  }

  /** Loads what the panel shows of the sheet. The latest start counts: an earlier one's late answer is of no use. */
  async start() {
    this.starts += 1;
    const mine = this.starts;
    await (this.words ??= Promise.all([speak("first"), speak("write")]));
    this.set({ loading: true, stop: null });
    try {
      await this.host.ready?.();
      const { path } = this.api;
      const [session, list, grid] = await Promise.all([
        this.api.get("/api/session", path),
        this.api.get("/api/campaigns", path),
        this.api.get("/api/grid", { ...path, limit: 1 }),
      ]);
      if (mine !== this.starts) return;
      const columns = grid.columns.filter((column) => !column.hidden && column.title);
      this.set({ session, columns, campaigns: list.campaigns, loading: false });
      this.set({ write: recall(this.nameOf("write"), {}) });
      this.refresh();
      const chosen = recall(this.nameOf("campaign"), null);
      const view = list.campaigns.find((one) => one.id === chosen) || list.campaigns[0];
      if (view && chosen !== "new") this.show(view, stepOf(view));
    } catch (failure) {
      if (mine !== this.starts) return;
      this.set({ loading: false, stop: asFailure(failure) });
    }
  }

  /** Name under which the browser remembers something about this sheet. */
  nameOf(kind) {
    const { workbook, sheet } = this.state.session;
    return `${kind}:${workbook}:${sheet}`;
  }

  /** Merges `patch` into the state and draws once, however many changes come together. */
  set(patch) {
    Object.assign(this.state, patch);
    if (this.drawing) return;
    this.drawing = true;
    queueMicrotask(() => {
      this.drawing = false;
      const within = this.root.contains(document.activeElement);
      render(this.root, draw(this));
      // Whoever pressed a button that is gone now goes on where its effect is seen.
      const lost = within && document.activeElement === document.body;
      if (lost) document.getElementById("step")?.focus({ preventScroll: true });
    });
  }

  /** The same for one step's own part of the state. */
  setIn(part, patch) {
    this.set({ [part]: { ...this.state[part], ...patch } });
  }

  /** Shows a campaign and follows it. */
  show(view, step) {
    this.live?.stop();
    const { check, send, answers } = fresh();
    this.set({ view: null, rows: null, problems: {}, notes: {}, check, send, answers });
    this.shown = view.id;
    remember(this.nameOf("campaign"), view.id);
    this.take(view);
    this.go(step);
    this.follow(view.id);
  }

  async follow(id) {
    const { Live } = await import("./live.js");
    this.live?.stop();
    this.live = this.shown === id ? new Live(this.api, id, (next) => this.take(next)) : null;
  }

  /** Shows a cell in the sheet, or says why it can't be seen. */
  async jump(key, column, row) {
    const tip = (words) => this.set({ tip: words });
    try {
      const seen = await this.host.jumpTo(key, column, row);
      tip(seen?.found === false ? text.panel.rowGone : seen?.hidden ? text.panel.rowHidden : "");
    } catch (failure) {
      tip(failure.detail || text.errors.own);
    }
  }

  /** A blank page for the next campaign; the others go on. */
  startNew() {
    this.live?.stop();
    this.shown = "";
    remember(this.nameOf("campaign"), "new");
    this.set({ view: null, rows: null, problems: {}, notes: {}, write: {} });
    this.go("write");
  }

  /** A new state of the shown campaign, from wherever it came. */
  take(view) {
    if (view.id !== this.shown) return; // a late answer about one that was left
    if (view.version === this.state.view?.version && !view.seconds_to_start) return;
    const others = this.state.campaigns.filter((one) => one.id !== view.id);
    const campaigns = [...others, view].sort((a, b) => b.created_at.localeCompare(a.created_at));
    this.set({ view, campaigns, taken: performance.now() });
    this.host.changed?.(view);
    // While hundreds leave, views come faster than lists are worth asking for.
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.refresh(), Math.max(0, (this.refreshed || 0) + REFRESH_MS - performance.now()));
  }

  go(step) {
    this.set({ step, rows: null, tip: "" });
    this.refresh();
  }

  /** The rows at these statuses, in front of the step. */
  list(statuses, title = statuses[0]) {
    this.set({ rows: { statuses, title, messages: null, total: 0 } });
    this.refresh();
  }

  /** Brings the step on show, and what it needs beyond the view. */
  async refresh() {
    const name = this.state.rows ? "rows" : this.state.step;
    this.refreshed = performance.now();
    if (!this.parts[name]) {
      try {
        this.parts[name] = await PARTS[name]();
      } catch (error) {
        return this.set({ stop: asFailure(error) });
      }
      this.set({});
    }
    if (this.state.view) this.parts[name].load?.(this);
  }

  /**
   * Does something for a person and shows, at `place`, that it is at work and what went wrong. When they have gone to
   * another sheet meanwhile, its end is not told there.
   */
  async act(place, work) {
    if (this.state.busy[place]) return false;
    const { state } = this;
    const left = () => state !== this.state;
    this.setIn("busy", { [place]: true });
    this.setIn("problems", { [place]: null });
    this.setIn("notes", { [place]: "" });
    try {
      const note = await work();
      if (left()) return false;
      if (typeof note === "string") this.setIn("notes", { [place]: note });
      return true;
    } catch (failure) {
      if (!left()) this.setIn("problems", { [place]: asFailure(failure) });
      return false;
    } finally {
      if (!left()) this.setIn("busy", { [place]: false });
    }
  }

  /** Address of the shown campaign's part of the API. */
  at(part = "") {
    return `/api/campaigns/${this.state.view.id}${part}`;
  }

  /** Asks for the view again, after an action that answered something else. */
  async reload() {
    this.take(await this.api.get(this.at()));
  }
}

function fresh() {
  return {
    loading: true,
    stop: null,
    session: null,
    columns: [],
    campaigns: [],
    view: null,
    taken: 0,
    step: "write",
    rows: null,
    busy: {},
    problems: {},
    notes: {},
    tip: "",
    write: {},
    check: { filter: "", offset: 0, message: null, total: 0, edit: null, planOpen: false, selected: null,
      listed: null, template: null },
    send: { sure: false, cancel: false, estimate: "" },
    answers: { reviews: null, unmatched: 0, index: 0, choice: null, turn: 0 },
  };
}

/** A later step with its words and its style: they are there before it draws anything. */
async function worded(name, load) {
  await Promise.all([speak(name), ...SAID_WITH[name].map(speak), styled("later"), styled(name)]);
  return load();
}

function styled(name) {
  if (!styles.has(name)) {
    styles.set(name, new Promise((resolve) => {
      const href = new URL(`${name}.css`, import.meta.url);
      const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href, onload: resolve,
        onerror: resolve });
      document.head.append(link);
    }));
  }
  return styles.get(name);
}

function asFailure(failure) {
  if (failure instanceof Failure) return failure;
  console.error(failure);
  return new Failure({ detail: text.errors.own });
}

function draw(panel) {
  const { state } = panel;
  if (state.stop) return stopped(panel);
  if (state.loading) return loading();
  return h(".panel", { key: "panel" },
    head(panel),
    stateLine(panel),
    state.tip && h("p.note", { role: "alert" }, state.tip),
    steps(panel),
    h(".step", { role: "tabpanel", id: "step", "aria-labelledby": `tab-${state.step}`, tabindex: "-1" },
      panel.parts[state.rows ? "rows" : state.step]?.draw(panel)));
}

function head(panel) {
  const { campaigns, view } = panel.state;
  if (!campaigns.length) return null;
  const options = campaigns.map((one) => h("option", { key: one.id, value: one.id }, one.name));
  const choose = (event) => {
    const next = campaigns.find((one) => one.id === event.target.value);
    if (next) panel.show(next, stepOf(next));
  };
  return h(".head",
    h("select.plain.grow", { "aria-label": text.panel.campaign, value: view?.id || "", onchange: choose },
      !view && h("option", { value: "" }, text.panel.newCampaign),
      options),
    view && h("button.ghost.small", { onclick: () => panel.startNew() }, text.panel.startNew));
}

function steps(panel) {
  const { step, view } = panel.state;
  const here = stepOf(view);
  const move = (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    const enabled = STEPS.filter((name) => view || name === "write");
    const next = enabled[(enabled.indexOf(step) + by + enabled.length) % enabled.length];
    panel.go(next);
    document.getElementById(`tab-${next}`).focus();
  };
  return h(".steps", { role: "tablist", "aria-label": text.panel.path, onkeydown: move },
    STEPS.map((name) => h("button", {
      key: name, id: `tab-${name}`, role: "tab", "aria-controls": "step", "aria-selected": String(name === step),
      tabindex: name === step ? "0" : "-1", disabled: !view && name !== "write",
      class: view && name === here ? "here" : "", onclick: () => panel.go(name),
    }, text.steps[name], name === "answers" && view?.reviews > 0 && h("span.badge.warn", view.reviews))));
}

function loading() {
  return h(".panel", { key: "loading", "aria-busy": "true" },
    h("p.sr", text.panel.loading),
    h(".bone.wide"), h(".bone"), h(".bone.tall"));
}

function stopped(panel) {
  if (panel.host.stopped) return panel.host.stopped(panel.state.stop);
  const { status } = panel.state.stop;
  return h(".panel.stopped", { key: "stopped" },
    h("h2", text.panel.stopped[status] || text.panel.stopped.other),
    problem(panel.state.stop),
    h("button.secondary", { onclick: () => panel.start() }, text.panel.tryAgain));
}
