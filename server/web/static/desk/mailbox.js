// The local mailbox: each message as its recipient reads it, and their answers. Drawn like a mail program.

import { Failure } from "../panel/api.js";
import { h, render } from "../panel/dom.js";
import { recall, remember } from "../panel/memory.js";
import { problem } from "../panel/parts.js";
import { text } from "../panel/texts.js";
import { clock, hue, initials } from "./faces.js";
import { Phones } from "./phones.js";

const PAGE = 50;
const POLL_MS = 3000;
const T = text.mailbox;

/** The dock below the grid; opens by itself when the first mail has come. `onAnswered` hears whose mail it was. */
export class MailboxDock {
  /**
   * @param {HTMLElement} root
   * @param {import("../panel/api.js").Api} api
   * @param {(mail: Schema.MailItem) => void} onAnswered
   */
  constructor(root, api, onAnswered) {
    this.root = root;
    this.api = api;
    this.onAnswered = onAnswered;
    this.loading = false;
    this.phones = new Phones(api, () => this.draw(), onAnswered);
    /** @type {{mails: Schema.MailItem[] | null, kept?: Schema.MailItem, [name: string]: any}} */
    this.state = { tab: recall("dock-tab", "mail"), open: recall("mailbox-open", null), mails: null, total: 0, limit: PAGE, q: "", id: null, draft: {},
      failure: null, busy: false };
    setInterval(() => document.hidden || this.load(), POLL_MS);
    this.load();
    this.draw();
  }

  set(patch) {
    Object.assign(this.state, patch);
    this.draw();
  }

  async load() {
    if (this.loading) return;
    this.loading = true;
    const { q, limit } = this.state;
    try {
      const { mails, total } = await this.api.get("/api/mailbox", { q, limit, offset: 0 });
      if (q !== this.state.q) return;
      this.set({ mails, total, failure: null });
      await this.phones.load();
      const { newest } = this.phones;
      const mail = mails[0]?.at || "";
      if ((mail || newest) && this.state.open === null) this.set({ open: true, tab: newest > mail ? "phones" : "mail" });
    } catch (failure) {
      if (failure.status) this.set({ failure });
    } finally {
      this.loading = false;
    }
  }

  look(patch) {
    this.set(patch);
    this.load();
  }

  draw() {
    const { open, mails, tab } = this.state;
    const unread = (mails || []).filter((mail) => !mail.read).length;
    this.root.classList.toggle("open", !!open);
    render(this.root,
      h(".dock",
        h("button.dock-fold", { "aria-expanded": String(!!open), "aria-controls": "mails", "aria-label": T.fold,
          onclick: () => this.toggle() }, h("span.chevron", { "aria-hidden": "true" })),
        h(".dock-tabs", { role: "tablist", "aria-label": T.sub, onkeydown: (event) => this.turn(event) },
          this.tab("mail", T.title, unread), this.tab("phones", text.phones.title, this.phones.unread)),
        h("span.soft.dock-sub", T.sub)),
      open ? h("div", { class: `mails${this.reading ? " reading" : ""}`, id: "mails", role: "tabpanel",
        "aria-labelledby": `tab-${tab}` }, tab === "mail" ? [this.list(), this.reader()] : this.phones.draw())
        : null);
  }

  get reading() {
    return this.state.tab === "mail" ? !!this.state.id : !!this.phones.state.id;
  }

  tab(name, label, unread) {
    const on = this.state.tab === name;
    return h("button", { key: name, id: `tab-${name}`, role: "tab", "aria-selected": String(on),
      tabindex: on ? "0" : "-1", "aria-controls": "mails", onclick: () => this.choose(name) },
      label, unread > 0 && h("span.badge", T.unread(unread)));
  }

  choose(tab) {
    remember("dock-tab", tab);
    this.set({ tab, open: true });
    remember("mailbox-open", true);
  }

  turn(event) {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    this.choose(this.state.tab === "mail" ? "phones" : "mail");
    /** @type {HTMLElement | null} */ (this.root.querySelector(`#tab-${this.state.tab}`))?.focus();
  }

  toggle() {
    this.set({ open: !this.state.open });
    remember("mailbox-open", this.state.open);
  }

  list() {
    const { mails, total, q, id, limit, failure } = this.state;
    if (mails === null) return h(".mail-list", failure ? problem(failure) : h("p.soft.pad", T.loading));
    return h(".mail-list",
      (total > 6 || q) && h("input", { type: "search", class: "search", "aria-label": T.search, placeholder: T.search,
        value: q,
        oninput: (event) => this.look({ q: event.target.value, limit: PAGE }) }),
      problem(failure),
      !mails.length && h("p.soft.pad", q ? T.none : T.empty),
      h("ul", mails.map((mail) => h("li", { key: mail.id },
        h("button", { class: `mail${mail.read ? "" : " unread"}`, "aria-current": mail.id === id ? "true" : null,
          onclick: () => this.read(mail) },
          h("span", { class: `face f${hue(mail.to)}`, "aria-hidden": "true" }, initials(mail.person || mail.to)),
          h("span.grow",
            h("span.who", h("strong", { dir: "auto" }, mail.person || mail.to),
              mail.answers.length > 0 && h("span.done", T.answered), h("time", clock(mail.at))),
            h("span.line", { dir: "auto" }, mail.subject || mail.text)))))),
      total > mails.length && h("button.link.pad", { onclick: () => this.look({ limit: limit + 200 }) },
        T.more(total - mails.length)));
  }

  reader() {
    const mail = this.state.mails?.find((one) => one.id === this.state.id) || this.state.kept;
    if (!this.state.id || !mail) return h(".reader.none", h("p.soft", this.state.mails?.length ? T.pick : ""));
    return h("article.reader", { key: mail.id, "aria-label": mail.subject || mail.person },
      h("header",
        h("button.ghost.small.back", { onclick: () => this.set({ id: null }) }, "‹ ", T.back),
        h("span", { class: `face f${hue(mail.to)}`, "aria-hidden": "true" }, initials(mail.person || mail.to)),
        h(".grow",
          h("h2", { dir: "auto" }, mail.subject || mail.person || mail.to),
          h("p.soft", T.from, " ", T.to(mail.to)))),
      h(".thread",
        h(".bubble.them", { dir: "auto" }, mail.text),
        mail.answers.map((answer, at) => h(".bubble.me", { key: at, dir: "auto" }, answer))),
      this.composer(mail));
  }

  composer(mail) {
    const { draft, busy, failure } = this.state;
    const written = draft[mail.id] || "";
    const write = (value) => this.set({ draft: { ...draft, [mail.id]: value } });
    const send = (event) => {
      event.preventDefault();
      if (written.trim()) this.answer(mail, written, false);
    };
    return h("form.composer", { onsubmit: send },
      h(".chips",
        T.quick.map((quick) => h("button", { key: quick, class: "chip", disabled: busy,
          onclick: () => this.answer(mail, quick, false) }, quick)),
        h("button.chip", { disabled: busy, title: T.automatic, onclick: () => this.answer(mail, T.awayText, true) },
          T.away)),
      h(".inline",
        h("label.sr", { for: "answer" }, T.answerAs(mail.person || mail.to)),
        h("textarea", { id: "answer", class: "grow", rows: "1", dir: "auto", value: written,
          placeholder: T.placeholder, maxlength: "20000",
          oninput: (event) => write(event.target.value),
          onkeydown: (event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && send(event) }),
        h("button.primary", { type: "submit", disabled: busy || !written.trim() }, T.send)),
      problem(failure));
  }

  async read(mail) {
    this.set({ id: mail.id, kept: mail, failure: null });
    if (!mail.read) await this.change(() => this.api.post(`/api/mailbox/${mail.id}/open`));
  }

  async answer(mail, words, automatic) {
    this.set({ busy: true, failure: null });
    await this.change(() => this.api.post(`/api/mailbox/${mail.id}/answer`, { text: words, automatic }));
    this.set({ busy: false, ...(this.state.failure ? {} : { draft: { ...this.state.draft, [mail.id]: "" } }) });
    this.root.querySelector(".thread")?.scrollTo({ top: 1e6 });
    if (!this.state.failure) this.onAnswered(mail);
  }

  /** Takes over a changed mail, or shows why there is none. */
  async change(work) {
    try {
      const next = await work();
      this.set({ kept: next, mails: (this.state.mails || []).map((one) => (one.id === next.id ? next : one)) });
    } catch (failure) {
      this.set({ failure: failure instanceof Failure ? failure : new Failure({ detail: T.own }) });
    }
  }
}
