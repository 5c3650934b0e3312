// What stands above the steps once there is a campaign: which one it is, and its state.

import { h } from "./dom.js";
import { choice } from "./parts.js";
import { stepOf } from "./path.js";
import { text } from "./texts.js";

export { held, stateLine } from "./stateline.js";

/** Which of the sheet's campaigns is on show. @param {import("./panel.js").Panel} panel */
export function head(panel) {
  const { campaigns, view } = panel.state;
  if (!campaigns.length) return null;
  const pick = (id) => {
    const next = campaigns.find((one) => one.id === id);
    if (next) panel.show(next, stepOf(next));
  };
  const options = campaigns.map((one) => [one.id, one.name]);
  return h(".head",
    choice(view?.id || "", view ? options : [["", text.panel.newCampaign], ...options], pick,
      { class: "plain grow", "aria-label": text.panel.campaign }),
    view && h("button.ghost.small", { onclick: () => panel.startNew() }, text.panel.startNew));
}
