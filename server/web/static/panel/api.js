// Talks to the backend. Every failure becomes a Failure that carries a sentence for the person who met it.

import { text } from "./texts.js";

const LIMIT_MS = 30000;

/** Where a language model may be asked meanwhile: it gives up before (server/models.py), and the answer says why. */
export const MODEL_MS = 130000;

/** What went wrong, after schemas.Problem (or GoogleProblem). `status` 0: there was no answer at all. */
export class Failure extends Error {
  constructor({ status = 0, detail = text.errors.unreachable, field = "", suggestions = [], ...more }) {
    super(detail);
    Object.assign(this, more, { status, detail, field, suggestions });
  }
}

/**
 * Makes the calls of one page; `path` (workbook and sheet) goes with those that need to know the sheet.
 * On a page of another origin `base` is the backend's address and `token` answers a session (a fresh one when asked
 * with true, and none without it), or throws a Failure; on our own pages the cookie does.
 */
export class Api {
  constructor(base = "", token = () => "") {
    Object.assign(this, { base, token, path: { workbook: "", sheet: "" }, onSignedOut: () => {} });
  }

  /** GET; `query` values that are "" or undefined stay out. */
  get(address, query = {}) {
    return this.#call("GET", withQuery(address, query));
  }

  post(address, body = {}, limit = LIMIT_MS) {
    return this.#call("POST", address, JSON.stringify(body), "application/json", limit);
  }

  patch(address, body) {
    return this.#call("PATCH", address, JSON.stringify(body), "application/json");
  }

  /** POST of a form, such as a dropped file. */
  upload(address, form) {
    return this.#call("POST", address, form, "", 5 * LIMIT_MS);
  }

  /** Any request with what lets us in, and its answer if that is a good one; a session that ended is renewed once. */
  async send(address, options, fresh = false) {
    const token = await this.token(fresh);
    const headers = { ...options.headers, ...(token && { Authorization: `Bearer ${token}` }) };
    const answer = await reach(this.base + address, { ...options, headers });
    if (answer.ok) return answer;
    if (answer.status === 401 && token && !fresh) return this.send(address, options, true);
    const failure = await failureOf(answer, this.base);
    if (failure.status === 401) this.onSignedOut(failure);
    throw failure;
  }

  async #call(method, address, body, type = "", limit = LIMIT_MS) {
    const headers = { Accept: "application/json", ...(type && { "Content-Type": type }) };
    return (await this.send(address, { method, headers, body, signal: AbortSignal.timeout(limit) })).json();
  }
}

async function reach(address, options) {
  try {
    return await fetch(address, options); // to another origin it carries no cookie: that is fetch's own rule
  } catch (error) {
    throw new Failure({ detail: error.name === "TimeoutError" ? text.errors.slow : text.errors.unreachable });
  }
}

async function failureOf(answer, base) {
  const problem = await answer.json().catch(() => ({}));
  if (answer.status === 401 && !base) return new Failure({ status: 401, detail: text.errors.signedOut });
  const detail = problem.detail || text.errors.unexpected(answer.status);
  return new Failure({ ...problem, status: answer.status, detail });
}

function withQuery(address, query) {
  const used = Object.entries(query).filter(([, value]) => value !== "" && value !== undefined && value !== null);
  return used.length ? `${address}?${new URLSearchParams(used)}` : address;
}
