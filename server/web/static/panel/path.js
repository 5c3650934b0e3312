// The path that a campaign goes, and where on it one is.

export const STEPS = ["write", "check", "send", "answers"];

/** Which step of the path a campaign is at. @param {Schema.CampaignView | null} view */
export function stepOf(view) {
  if (!view || view.state === "cancelled") return "write";
  if (view.state === "sending" || view.state === "paused") return "send";
  if (view.state === "done") return "answers";
  return view.approved > 0 && view.approvable === 0 ? "send" : "check";
}
