// The panel: one campaign's path Write -> Check -> Send -> Answers. Holds the state; the steps draw it.
// What differs between desk, Google Sheets and Excel comes in as `host`.

import { Failure } from "./api.js";
import { render } from "./dom.js";
import { draw } from "./frame.js";
import { choose, language } from "./spoken.js";
import { recall, remember } from "./memory.js";
import { stepOf } from "./path.js";
import { mute, speak, speakAnew, text } from "./texts.js";

/**
 * A part is a module with `draw(panel)` and, if the view is not enough, `load(panel)`; fetched when first shown, with
 * these catalogues and the style of the first. What is listed behind the steps is shown in front of one.
 */
const PARTS = { write: [], check: ["check", "rows", "more"], send: ["send"], answers: ["answers", "check"],
  rows: ["rows", "check"], more: ["more"], conversation: ["answers", "check"] };
/** @type {Map<string, Promise<unknown>>} */
const styles = new Map();
const REFRESH_MS = 1000;
/** So soon a panel that found no server looks for it again. */
const AGAIN_MS = 5000;

/**
 * Mounts the panel for a host; answers the Panel, whose `open(path)` shows another sheet's campaigns.
 *
 * @param {HTMLElement} root
 * @param {import("./host.js").Host} host
 * @param {import("./api.js").Api} api
 */
export function mountPanel(root, host, api) {
  const panel = new Panel(root, host, api);
  panel.start();
  return panel;
}

export class Panel {
  /** @type {Record<string, import("./types.js").Part>} */
  parts = {};
  starts = 0;
  shown = "";
  refreshed = 0;
  drawing = false;
  /** @type {import("./live.js").Live | null} */
  live = null;
  /** @type {import("./peers.js").Peers | null} */
  peers = null;
  /** What draws above the steps, once there is a campaign. @type {typeof import("./top.js") | null} */
  top = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  soon;

  /**
   * @param {HTMLElement} root
   * @param {import("./host.js").Host} host
   * @param {import("./api.js").Api} api
   */
  constructor(root, host, api) {
    this.root = root;
    this.host = host;
    this.api = api;
    this.state = fresh();
    api.onSignedOut = (failure) => this.set({ stop: failure });
  }

  /** Another workbook or sheet: everything starts again from what the server knows. */
  open(path) {
    this.api.path = path;
    this.live?.stop();
    this.peers?.stop();
    this.shown = ""; // a late answer about a campaign of the sheet that was left finds nobody
    this.state = fresh();
    this.start();
  }

  /**
   * Loads what the panel shows of the sheet; `again`: behind the words of the last failure. The latest start counts: an
   * earlier one's late answer is of no use.
   */
  async start(again = false) {
    this.starts += 1;
    const mine = this.starts;
    try {
      await Promise.all([speak("first"), speak("write")]);
      this.parts.write ??= await part("write"); // drawn together with its frame, so that nothing moves
      if (!again) this.set({ loading: true, stop: null });
      await this.host.ready?.();
      const { path } = this.api;
      const [session, list, grid] = await Promise.all([
        this.api.get("/api/session", { ...path, language }),
        this.api.get("/api/campaigns", path),
        this.api.get("/api/grid", { ...path, limit: 1 }),
      ]);
      if (list.campaigns.length) await this.later();
      if (mine !== this.starts) return;
      const columns = grid.columns.filter((column) => !column.hidden && column.title);
      this.set({ session, columns, campaigns: list.campaigns, loading: false, stop: null });
      this.set({ write: recall(this.nameOf("write"), {}) });
      this.refresh();
      const chosen = recall(this.nameOf("campaign"), null);
      const view = list.campaigns.find((one) => one.id === chosen) || list.campaigns[0];
      if (view && chosen !== "new") this.show(view, stepOf(view));
      this.accompany(mine);
    } catch (error) {
      if (mine !== this.starts) return;
      const failure = asFailure(error);
      this.set({ loading: false, stop: failure });
      if (!failure.status && failure.type !== "own") this.soon = setTimeout(() => mine === this.starts && this.start(true), AGAIN_MS);
    }
  }

  /** What every step behind the first one needs. */
  async later() {
    await Promise.all([speak("later"), styled("later")]);
    this.top ??= await import("./top.js");
  }

  /** Sees what others do with the sheet's campaigns. */
  async accompany(start) {
    const { Peers } = await import("./peers.js");
    this.peers?.stop();
    this.peers = start === this.starts ? new Peers(this) : null;
  }

  /** Another language, from now on in this browser. */
  async speakIn(tag) {
    choose(tag);
    await speakAnew();
    const { session } = this.state;
    // The examples are the server's words.
    if (session) this.set({ session: await this.api.get("/api/session", { ...this.api.path, language }).catch(() => session) });
    this.host.reworded?.();
    this.set({});
    await this.hearAnew();
  }

  /** What the server said of the shown campaign, in the language that the page speaks now. */
  async hearAnew() {
    const id = this.shown;
    const view = id && await this.api.get(`/api/campaigns/${id}`).catch(() => null);
    if (!view || this.shown !== id) return;
    this.set({ view });
    this.follow(id);
    this.refresh();
  }

  /** Name under which the browser remembers something about this sheet. */
  nameOf(kind) {
    const { workbook, sheet } = /** @type {Schema.Session} */ (this.state.session);
    return `${kind}:${workbook}:${sheet}`;
  }

  /**
   * Merges `patch` into the state and draws once, however many changes come together.
   *
   * @param {Partial<import("./types.js").State>} patch
   */
  set(patch) {
    Object.assign(this.state, patch);
    if (this.drawing) return;
    this.drawing = true;
    queueMicrotask(() => {
      this.drawing = false;
      /** @type {Element[]} */
      const around = [];
      for (let one = document.activeElement; one && this.root.contains(one); one = one.parentElement) around.push(one);
      render(this.root, draw(this));
      // Whoever pressed a button that is gone now goes on where its effect is seen: in the card it was in, or the step.
      if (!around.length || document.activeElement !== document.body) return;
      const home = around.find((one) => one.isConnected && one.hasAttribute("tabindex")) || document.getElementById("step");
      /** @type {HTMLElement | null} */ (home)?.focus({ preventScroll: true });
    });
  }

  /** The same for one step's own part of the state. */
  setIn(part, patch) {
    this.set({ [part]: { ...this.state[part], ...patch } });
  }

  /** Shows a campaign and follows it. @param {Schema.CampaignView} view */
  show(view, step) {
    this.live?.stop();
    const { check, send, answers } = fresh();
    this.set({ view: null, rows: null, conversation: null, problems: {}, notes: {}, check, send, answers });
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
      const seen = await this.host.jumpTo?.(key, column, row);
      tip(seen?.found === false ? text.panel.rowGone : seen?.hidden ? text.panel.rowHidden : "");
    } catch (failure) {
      tip(asFailure(failure).detail);
    }
  }

  /** A blank page for the next campaign; the others go on. */
  startNew() {
    this.live?.stop();
    this.shown = "";
    remember(this.nameOf("campaign"), "new");
    this.set({ view: null, rows: null, conversation: null, problems: {}, notes: {}, write: {} });
    this.go("write");
  }

  /** A new state of the shown campaign, from wherever it came. @param {Schema.CampaignView} view */
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
    if (step !== this.state.step) document.querySelector("#panel > *")?.scrollIntoView(); // each begins at its top
    this.set({ step, rows: null, conversation: null, tip: "" });
    this.refresh();
  }

  /** The rows at these statuses, of a `query` more if there is one, in front of the step. */
  list(statuses, title = statuses[0], query = undefined) {
    this.set({ rows: { statuses, title, query, messages: null, total: 0 }, conversation: null });
    this.refresh();
  }

  /** All that was said to and by the person of a row, in front of where it was asked for. */
  converse(key) {
    this.set({ conversation: { key } });
    this.refresh();
  }

  /** Away with what is in front: back to the list, or to the step. */
  back() {
    this.set(this.state.conversation ? { conversation: null } : { rows: null });
    this.refresh();
  }

  /** The part on show. */
  get front() {
    const { conversation, rows, step } = this.state;
    return conversation ? "conversation" : rows ? "rows" : step;
  }

  /** Brings the step on show, and what it needs beyond the view. */
  async refresh() {
    const name = this.front;
    this.refreshed = performance.now();
    if (!this.parts[name]) {
      try {
        if (name !== "write") await this.later();
        this.parts[name] = await part(name);
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
    return `/api/campaigns/${this.state.view?.id}${part}`;
  }

  /** Asks for the view again, after an action that answered something else. */
  async reload() {
    this.take(await this.api.get(this.at()));
  }
}

/** @returns {import("./types.js").State} */
function fresh() {
  return {
    loading: true,
    stop: null,
    away: false,
    session: null,
    columns: [],
    campaigns: [],
    view: null,
    taken: 0,
    step: "write",
    rows: null,
    conversation: null,
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

/** A part with its words and its style: they are there before it draws anything. @param {string} name */
export async function part(name) {
  const [own, ...others] = PARTS[name];
  if (own) await Promise.all([speak(own), ...others.map(speak), styled(own)]);
  return import(`./${name}.js`);
}

/** The style of that name, once. @param {string} name */
export function styled(name) {
  if (!styles.has(name)) {
    styles.set(name, new Promise((resolve) => {
      const href = new URL(`${name}.css`, import.meta.url).href;
      const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href, onload: resolve,
        onerror: resolve });
      document.head.append(link);
    }));
  }
  return styles.get(name);
}

/** @returns {Failure} */
function asFailure(failure) {
  if (failure instanceof Failure) return failure;
  if (!text.errors) return new Failure({ detail: mute[language] });
  console.error(failure);
  return new Failure({ type: "own", detail: text.errors.own });
}
