// Talks to the backend. Every failure becomes a Failure that carries a sentence for the person who met it.

import { text } from "./texts.js";

const LIMIT_MS = 30000;

/** What went wrong, after schemas.Problem. `status` 0: there was no answer at all. */
export class Failure extends Error {
  constructor({ status = 0, detail = text.errors.unreachable, field = "", suggestions = [] }) {
    super(detail);
    Object.assign(this, { status, detail, field, suggestions });
  }
}

/** Makes the calls of one page; `path` (workbook and sheet) goes with those that need to know the sheet. */
export class Api {
  constructor(token = () => "") {
    this.token = token;
    this.path = { workbook: "", sheet: "" };
    this.onSignedOut = () => {};
  }

  /** GET; `query` values that are "" or undefined stay out. */
  get(address, query = {}) {
    return this.#call("GET", withQuery(address, query));
  }

  post(address, body = {}) {
    return this.#call("POST", address, JSON.stringify(body), "application/json");
  }

  patch(address, body) {
    return this.#call("PATCH", address, JSON.stringify(body), "application/json");
  }

  /** POST of a form, such as a dropped file. */
  upload(address, form) {
    return this.#call("POST", address, form, "", 5 * LIMIT_MS);
  }

  async #call(method, address, body, type = "", limit = LIMIT_MS) {
    const headers = { Accept: "application/json" };
    if (type) headers["Content-Type"] = type;
    const token = await this.token();
    if (token) headers.Authorization = `Bearer ${token}`;
    const answer = await reach(address, { method, headers, body, signal: AbortSignal.timeout(limit) });
    if (answer.ok) return answer.json();
    const failure = await failureOf(answer);
    if (failure.status === 401) this.onSignedOut(failure);
    throw failure;
  }
}

async function reach(address, options) {
  try {
    return await fetch(address, options);
  } catch (error) {
    throw new Failure({ detail: error.name === "TimeoutError" ? text.errors.slow : text.errors.unreachable });
  }
}

async function failureOf(answer) {
  const problem = await answer.json().catch(() => ({}));
  if (answer.status === 401) return new Failure({ status: 401, detail: text.errors.signedOut });
  const detail = problem.detail || text.errors.unexpected(answer.status);
  return new Failure({ ...problem, status: answer.status, detail });
}

function withQuery(address, query) {
  const used = Object.entries(query).filter(([, value]) => value !== "" && value !== undefined && value !== null);
  return used.length ? `${address}?${new URLSearchParams(used)}` : address;
}
