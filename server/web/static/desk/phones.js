// Phones on the desk: what SMS and WhatsApp look like at the other end, a thread for each number, and answering there.

import { Failure } from "../panel/api.js";
import { h } from "../panel/dom.js";
import { problem } from "../panel/parts.js";
import { text } from "../panel/texts.js";
import { clock, hue, initials } from "./faces.js";

const PAGE = 100;
const T = text.phones;
const NAMES = { sms: "SMS", whatsapp: "WhatsApp" };

/** The phones' half of the dock; `changed` draws it anew, `onAnswered` hears whose message was answered. */
export class Phones {
  /**
   * @param {import("../panel/api.js").Api} api
   * @param {() => void} changed
   * @param {(mail: Schema.MailItem) => void} onAnswered
   */
  constructor(api, changed, onAnswered) {
    this.api = api;
    this.changed = changed;
    this.onAnswered = onAnswered;
    /** @type {{messages: Schema.MailItem[] | null, [name: string]: any}} */
    this.state = { messages: null, total: 0, limit: PAGE, q: "", id: "", draft: {}, busy: false, failure: null };
  }

  set(patch) {
    Object.assign(this.state, patch);
    this.changed();
  }

  /** Asks for what came; throws the Failure when there is no answer. */
  async load() {
    const { q, limit } = this.state;
    const { mails, total } = await this.api.get("/api/mailbox", { phones: true, q, limit, offset: 0 });
    if (q !== this.state.q) return;
    this.set({ messages: mails, total });
    const open = this.thread(this.state.id);
    if (open) this.read(open);
  }

  get unread() {
    return (this.state.messages || []).filter((one) => !one.read).length;
  }

  /** When the newest message came, "" for none. */
  get newest() {
    return this.state.messages?.[0]?.at || "";
  }

  /** Threads by number and channel, the newest first; messages in each from the oldest on. */
  threads() {
    const found = new Map();
    for (const one of this.state.messages || []) {
      const id = `${one.channel} ${one.to}`;
      if (!found.has(id)) found.set(id, []);
      found.get(id).unshift(one);
    }
    return [...found].map(([id, messages]) => ({ id, messages, last: messages[messages.length - 1] }));
  }

  thread(id) {
    return this.threads().find((one) => one.id === id);
  }

  draw() {
    const { messages, id } = this.state;
    const thread = this.thread(id);
    return [this.list(), thread ? this.phone(thread) : h(".reader.none", { key: "none" },
      h("p.soft", messages?.length ? T.pick : ""))];
  }

  list() {
    const { messages, total, q, id, limit, failure } = this.state;
    if (messages === null) return h(".mail-list", { key: "phones" }, h("p.soft.pad", T.loading));
    return h(".mail-list", { key: "phones" },
      (total > 5 || q) && h("input.search", { type: "search", "aria-label": T.search, placeholder: T.search, value: q,
        oninput: (event) => {
          this.set({ q: event.target.value, limit: PAGE });
          this.load().catch((problem) => this.set({ failure: problem }));
        } }),
      problem(failure),
      !messages.length && h("p.soft.pad", q ? T.none : T.empty),
      h("ul", this.threads().map(({ id: one, messages: all, last }) => h("li", { key: one },
        h("button", { class: `mail${all.every((message) => message.read) ? "" : " unread"}`,
          "aria-current": one === id ? "true" : null, onclick: () => this.open(one) },
          h("span", { class: `face f${hue(last.to)}`, "aria-hidden": "true" }, initials(last.person || last.to)),
          h("span.grow",
            h("span.who", h("strong", { dir: "auto" }, last.person || last.to), h("span.by", NAMES[last.channel]),
              h("time", clock(last.at))),
            h("span.line", { dir: "auto" }, last.answers[last.answers.length - 1] || last.text)))))),
      total > messages.length && h("button.link.pad", { onclick: () => {
        this.set({ limit: limit + 200 });
        this.load().catch((problem) => this.set({ failure: problem }));
      } }, T.more));
  }

  phone({ id, messages, last }) {
    return h("article.reader.phone", { key: id, "aria-label": T.phoneOf(last.person || last.to) },
      h("header",
        h("button.ghost.small.back", { onclick: () => this.set({ id: "" }) }, "‹ ", T.back),
        h("span", { class: `face f${hue(last.to)}`, "aria-hidden": "true" }, initials(last.person || last.to)),
        h(".grow", h("h2", { dir: "auto" }, last.person || last.to),
          h("p.soft", NAMES[last.channel], " · ", h("bdi", last.to)))),
      h(".thread", { tabindex: "0", role: "log", "aria-label": T.thread },
        messages.map((message) => [
          h(".bubble.them", { key: message.id, dir: "auto" }, message.text,
            h("time", clock(message.at)),
            message.channel === "whatsapp" && message.choices.length > 0 && h(".presses",
              message.choices.map((title, at) => h("button.press", { key: at, disabled: this.state.busy,
                onclick: () => this.answer(message, "", at) }, title)))),
          message.answers.map((answer, at) => h(".bubble.me", { key: `${message.id}-${at}`, dir: "auto" }, answer)),
        ])),
      this.composer(id, last));
  }

  composer(id, last) {
    const { draft, busy, failure } = this.state;
    const written = draft[id] || "";
    const send = (event) => {
      event.preventDefault();
      if (written.trim()) this.answer(last, written);
    };
    const digits = last.channel === "sms" ? last.choices.map((title, at) => [String(at + 1), `${at + 1} · ${title}`]) : [];
    const quick = [...digits, ...T.quick.map((words) => [words, words]), ["STOP", "STOP"]];
    return h("form.composer", { onsubmit: send },
      h(".chips", quick.map(([words, label]) => h("button", { key: words, class: "chip", disabled: busy, dir: "auto",
        onclick: () => this.answer(last, words) }, label))),
      h(".inline",
        h("label.sr", { for: "text" }, T.answerAs(last.person || last.to)),
        h("textarea", { id: "text", class: "grow", rows: "1", dir: "auto", value: written, placeholder: T.placeholder,
          maxlength: "1600", oninput: (event) => this.set({ draft: { ...draft, [id]: event.target.value } }),
          onkeydown: (event) => event.key === "Enter" && !event.shiftKey && send(event) }),
        h("button.primary", { type: "submit", disabled: busy || !written.trim() }, T.send)),
      problem(failure));
  }

  open(id) {
    this.set({ id, failure: null });
    const thread = this.thread(id);
    if (thread) this.read(thread);
    this.end();
  }

  /** What is on the screen is read. */
  async read({ messages }) {
    for (const one of messages) {
      if (!one.read) await this.change(() => this.api.post(`/api/mailbox/${one.id}/open`));
    }
  }

  async answer(message, words, button = null) {
    this.set({ busy: true, failure: null });
    const body = button === null ? { text: words } : { button };
    await this.change(() => this.api.post(`/api/mailbox/${message.id}/answer`, body));
    const done = !this.state.failure;
    this.set({ busy: false, ...(done && button === null ? { draft: { ...this.state.draft, [this.state.id]: "" } } : {}) });
    this.end();
    if (done) this.onAnswered(message);
  }

  end() {
    document.querySelector(".phone .thread")?.scrollTo({ top: 1e6 });
  }

  async change(work) {
    try {
      const next = await work();
      this.set({ messages: (this.state.messages || []).map((one) => (one.id === next.id ? next : one)) });
    } catch (failure) {
      this.set({ failure: failure instanceof Failure ? failure : new Failure({ detail: T.own }) });
    }
  }
}
