// Keeps the list of the sheet's campaigns current, so that what another person plans, sends or cancels appears; and
// notices when the server is away and comes back. Rests while nobody looks. The campaign on show is live.js'.

const POLL_MS = 3000;
const SLOWEST_MS = 30000;

/** Follows the campaigns of the panel's sheet until `stop()`. */
export class Peers {
  /** @param {import("./panel.js").Panel} panel */
  constructor(panel) {
    this.panel = panel;
    this.path = panel.api.path;
    this.version = "";
    this.wait = POLL_MS;
    this.timer = 0;
    this.look = () => (document.hidden ? clearTimeout(this.timer) : this.soon(0));
    document.addEventListener("visibilitychange", this.look);
    addEventListener("online", this.look);
    this.soon(POLL_MS);
  }

  /** The next question, in so many milliseconds. */
  soon(wait = this.wait) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), wait);
  }

  async ask() {
    const { panel } = this;
    if (document.hidden || panel.peers !== this) return;
    try {
      const told = await panel.api.get("/api/campaigns", { ...this.path, version: this.version });
      if (panel.peers !== this) return;
      this.wait = POLL_MS;
      if (panel.state.away) panel.set({ away: false });
      if (!told.unchanged) this.take(told);
    } catch (failure) {
      this.wait = Math.min(2 * this.wait, SLOWEST_MS);
      if (!failure.status && panel.peers === this) panel.set({ away: true });
    }
    if (panel.peers === this) this.soon();
  }

  /** The campaign on show stays as live.js has it: a list may be older. @param {Schema.CampaignList & {version?: string}} told */
  async take({ campaigns, version = "" }) {
    if (campaigns.length) await this.panel.later();
    if (this.panel.peers !== this) return;
    this.version = version;
    const { view, campaigns: before } = this.panel.state;
    const now = campaigns.map((one) => (one.id === view?.id ? view : one));
    if (view && !now.includes(view)) now.push(view);
    now.sort((a, b) => b.created_at.localeCompare(a.created_at));
    if (stamp(now) !== stamp(before)) this.panel.set({ campaigns: now });
  }

  stop() {
    clearTimeout(this.timer);
    document.removeEventListener("visibilitychange", this.look);
    removeEventListener("online", this.look);
  }
}

const stamp = (/** @type {Schema.CampaignView[]} */ list) => list.map((one) => `${one.id} ${one.version}`).sort().join();
