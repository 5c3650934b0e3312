// Talks to the backend. Every failure becomes a Failure that carries a sentence for the person who met it.

import { language } from "./spoken.js";
import { text } from "./texts.js";

const LIMIT_MS = 30000;

/** Where a language model may be asked meanwhile: it gives up before (server/models.py), and the answer says why. */
export const MODEL_MS = 130000;

/** What went wrong, after Schema.Problem (or GoogleProblem). `status` 0: there was no answer at all. */
export class Failure extends Error {
  /** What else a host needs to explain it. @type {string | undefined} */
  type; connect; account; nonce; shown; runs;

  /** @param {Partial<Schema.GoogleProblem> & {shown?: string, runs?: string}} problem */
  constructor({ status = 0, detail = text.errors.unreachable, field = "", suggestions = [], ...more }) {
    super(detail);
    this.status = status;
    this.detail = detail;
    this.field = field;
    this.suggestions = suggestions;
    Object.assign(this, more);
  }
}

/**
 * Makes the calls of one page; `path` (workbook and sheet) goes with those that need to know the sheet.
 * On a page of another origin `base` is the backend's address and `token` answers a session (a fresh one when asked
 * with true, and none without it), or throws a Failure; on our own pages the cookie does.
 */
export class Api {
  /** @param {(fresh?: boolean) => Promise<string> | string} [token] */
  constructor(base = "", token = () => "") {
    this.base = base;
    this.token = token;
    this.path = { workbook: "", sheet: "" };
    this.onSignedOut = (/** @type {Failure} */ _failure) => {};
  }

  /** GET; `query` values that are "" or undefined stay out. @returns {Promise<any>} */
  get(address, query = {}) {
    return this.#call("GET", withQuery(address, query));
  }

  /** @returns {Promise<any>} */
  post(address, body = {}, limit = LIMIT_MS) {
    return this.#call("POST", address, JSON.stringify(body), "application/json", limit);
  }

  /** @returns {Promise<any>} */
  patch(address, body) {
    return this.#call("PATCH", address, JSON.stringify(body), "application/json");
  }

  /** POST of a form, such as a dropped file. @returns {Promise<any>} */
  upload(address, form) {
    return this.#call("POST", address, form, "", 5 * LIMIT_MS);
  }

  /** Any request with what lets us in, and its answer if that is a good one; a session that ended is renewed once. @returns {Promise<Response>} */
  async send(address, options, fresh = false) {
    const token = await this.token(fresh);
    const headers = { ...options.headers, "Accept-Language": language, ...(token && { Authorization: `Bearer ${token}` }) };
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
