// Choosing what a column shows: its values with their counts, a search among them, or words that a cell holds.

import { h } from "../panel/dom.js";
import { problem } from "../panel/parts.js";
import { text } from "../panel/texts.js";

const T = text.bench;

/** The choice for one column, in the desk's popup. */
export class FilterChoice {
  /**
   * @param {import("./bench.js").Bench} bench
   * @param {number} index
   * @param {Element} anchor
   */
  constructor(bench, index, anchor) {
    const now = bench.state.filters.find((one) => one.column === index);
    this.bench = bench;
    this.index = index;
    this.anchor = anchor;
    this.q = now?.contains || "";
    /** @type {Schema.ValueCount[] | null} */
    this.values = null;
    this.total = 0;
    /** @type {Set<string> | null} values that are off, by what the list showed so far */
    this.only = now?.values ? new Set(now.values) : null;
    this.off = new Set();
    this.failure = null;
  }

  open() {
    const { title } = this.bench.model.columns[this.index];
    this.bench.popup.show(this.anchor, { role: "dialog", "aria-label": T.filterOf(title) }, this.draw(),
      this.bench.grid.scroller);
    this.focus();
    this.load();
  }

  focus() {
    /** @type {HTMLElement | null} */ (this.bench.popup.box.querySelector("input"))?.focus();
  }

  async load() {
    const { q } = this;
    const { api } = this.bench;
    try {
      const found = await api.get("/api/grid/values", { ...api.path, column: this.index, q });
      if (q !== this.q) return;
      this.values = found.values;
      this.total = found.total;
    } catch (failure) {
      this.failure = failure;
    }
    this.bench.popup.draw(this.draw());
  }

  on(value) {
    return this.only ? this.only.has(value) : !this.off.has(value);
  }

  set(values, on) {
    for (const value of values) {
      if (this.only) on ? this.only.add(value) : this.only.delete(value);
      else on ? this.off.delete(value) : this.off.add(value);
    }
    this.bench.popup.draw(this.draw());
  }

  /** What is chosen: the values that are on. All of them are no filter. */
  async choose() {
    const { api } = this.bench;
    let values = this.only && [...this.only];
    if (!values) {
      if (!this.off.size) return this.done(null);
      const all = await api.get("/api/grid/values", { ...api.path, column: this.index });
      if (all.total > all.values.length) return this.refuse();
      values = all.values.map((one) => one.shown).filter((shown) => !this.off.has(shown));
    }
    return this.done({ values, contains: "" });
  }

  /** Too many different values for taking some away: a search narrows them. */
  refuse() {
    this.failure = { detail: T.tooManyValues };
    this.bench.popup.draw(this.draw());
  }

  done(wanted) {
    this.bench.popup.close();
    return this.bench.filter(this.index, wanted);
  }

  draw() {
    const { values, q } = this;
    const shown = (values || []).map((one) => one.shown);
    const all = shown.length > 0 && shown.every((value) => this.on(value));
    return h("form.filter", { onsubmit: (event) => {
      event.preventDefault();
      if (q) this.done({ values: null, contains: q });
      else this.choose();
    } },
      h("input", { type: "search", "aria-label": T.search, placeholder: T.search, value: q, maxlength: "200", dir: "auto",
        oninput: (event) => {
          this.q = event.target.value;
          this.load();
        } }),
      problem(this.failure),
      values === null && !this.failure && h("p.soft", T.loading),
      values && !values.length && h("p.soft", T.noValues),
      values && values.length > 0 && h(".values",
        h("label.check", h("input", { type: "checkbox", checked: all, onchange: () => this.pick(shown, !all) }),
          h("b", q ? T.found(this.total) : T.every)),
        values.map((one) => h("label.check", { key: `v${one.shown}` },
          h("input", { type: "checkbox", checked: this.on(one.shown),
            onchange: (event) => this.set([one.shown], event.target.checked) }),
          h("span.grow", { dir: "auto" }, one.shown || T.blank), h("span.soft", String(one.count)))),
        this.total > values.length && h("p.soft", T.furtherValues(this.total - values.length))),
      h(".inline",
        q && h("button.secondary.small", { type: "submit" }, T.contains(q)),
        h("button.primary.small", { disabled: !values, onclick: () => this.choose() }, T.apply),
        h("button.ghost.small", { onclick: () => this.bench.popup.close() }, T.cancel)));
  }

  /** All of those on the list, or none of them. Taking all away begins a choice of a few. */
  pick(shown, on) {
    if (!on && !this.q) this.only = new Set();
    else if (on && !this.q) {
      this.only = null;
      this.off = new Set();
    } else this.set(shown, on);
    this.bench.popup.draw(this.draw());
  }
}
