// Keeps a campaign's view current: server-sent events (by fetch, which can carry a session), and polling while those
// fail. Rests while nobody looks.

const POLL_MS = 2000;
const SLOWEST_MS = 30000;
const LISTEN_AGAIN_MS = 20000;
const PAUSE_MS = 500;
/** The server says something at least every 15 s: after this much silence the line is dead. */
const SILENCE_MS = 40000;

/** Follows a campaign until `stop()`; `onView` gets every new CampaignView. */
export class Live {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  timer;
  /** @type {AbortController | null} */
  line = null;

  /**
   * @param {import("./api.js").Api} api
   * @param {string} id
   * @param {(view: Schema.CampaignView) => void} onView
   */
  constructor(api, id, onView) {
    this.api = api;
    this.onView = onView;
    this.address = `/api/campaigns/${id}`;
    this.look = () => (document.hidden ? this.rest() : this.listen());
    document.addEventListener("visibilitychange", this.look);
    this.look();
  }

  /** Takes up the stream; when it ends in order the next one follows, else it is polled for a while. */
  async listen() {
    const line = this.begin();
    let heard = false;
    try {
      for await (const view of events(this.api, `${this.address}/events`, line)) {
        if (line.signal.aborted) return;
        heard = true;
        this.onView(view);
      }
    } catch {
      heard = false; // refused, cut or silent
    }
    if (line.signal.aborted && this.line !== line) return;
    if (heard) this.timer = setTimeout(() => this.listen(), PAUSE_MS);
    else this.poll(performance.now() + LISTEN_AGAIN_MS);
  }

  /** Asks again and again, ever more slowly while there is no answer; at that moment it listens again. */
  async poll(until, wait = POLL_MS) {
    const line = this.begin();
    try {
      const view = await this.api.get(this.address);
      if (line.signal.aborted) return;
      this.onView(view);
      wait = POLL_MS;
    } catch {
      wait = Math.min(2 * wait, SLOWEST_MS); // the panel's own calls say what is wrong
    }
    if (line.signal.aborted) return;
    this.timer = setTimeout(() => (performance.now() < until ? this.poll(until, wait) : this.listen()), wait);
  }

  begin() {
    this.rest();
    this.line = new AbortController();
    return this.line;
  }

  rest() {
    clearTimeout(this.timer);
    const { line } = this;
    this.line = null;
    line?.abort();
  }

  stop() {
    document.removeEventListener("visibilitychange", this.look);
    this.rest();
  }
}

/** The views in a stream of events. Throws when it is refused, cut, or silent for too long. */
async function* events(api, address, line) {
  const answer = await api.send(address, { headers: { Accept: "text/event-stream" }, signal: line.signal });
  const reader = /** @type {ReadableStream} */ (answer.body).pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let alarm;
  try {
    for (;;) {
      clearTimeout(alarm);
      alarm = setTimeout(() => line.abort(), SILENCE_MS);
      const { done, value } = await reader.read();
      if (done) return;
      const parts = (rest + value).split("\n\n");
      rest = parts.pop() || "";
      for (const part of parts) {
        const data = part.split("\n").find((text) => text.startsWith("data: "));
        if (data) yield JSON.parse(data.slice(6));
      }
    }
  } finally {
    clearTimeout(alarm);
    reader.cancel().catch(() => {});
  }
}
