// Keeps a campaign's view current: server-sent events, and plain polling while those fail.

const POLL_MS = 2000;
const TRY_AGAIN_MS = 20000;

/** Follows a campaign until `stop()`; `onView` gets every new CampaignView. */
export class Live {
  constructor(api, id, onView) {
    this.api = api;
    this.address = `/api/campaigns/${id}`;
    this.onView = onView;
    this.stopped = false;
    this.listen();
  }

  listen() {
    if (this.stopped) return;
    clearInterval(this.timer);
    this.source = new EventSource(`${this.address}/events`);
    const take = (event) => this.onView(JSON.parse(event.data));
    this.source.addEventListener("campaign", take);
    this.source.onmessage = take;
    this.source.onerror = () => this.source.readyState === EventSource.CLOSED && this.poll();
  }

  /** A stream that ended is taken up again by the browser; one that was refused is not: poll, listen again later. */
  poll() {
    this.source.close();
    if (this.stopped) return;
    clearInterval(this.timer);
    this.timer = setInterval(() => this.fetch(), POLL_MS);
    clearTimeout(this.again);
    this.again = setTimeout(() => this.listen(), TRY_AGAIN_MS);
    this.fetch();
  }

  async fetch() {
    if (document.hidden || this.asking) return;
    this.asking = true;
    try {
      const view = await this.api.get(this.address);
      if (!this.stopped) this.onView(view);
    } catch {
      // The next round asks again; the panel's own calls say what is wrong.
    } finally {
      this.asking = false;
    }
  }

  stop() {
    this.stopped = true;
    this.source.close();
    clearInterval(this.timer);
    clearTimeout(this.again);
  }
}
