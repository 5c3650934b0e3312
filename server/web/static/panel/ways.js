// More ways to people: where to turn when the first one fails, a channel for each row, and what mails carry besides.

import { carrierChip, columnChip, edit, mayReplan } from "./plan.js";
import { channelChoices, channelsOf } from "./channels.js";
import { h } from "./dom.js";
import { choice } from "./parts.js";
import { template } from "./template.js";
import { text } from "./texts.js";

const T = text.ways;

/** What this plan can use of it, and no more; of one whose drafts are there, the template alone. */
export function draw(panel, plan) {
  const channels = channelsOf(plan);
  if (!mayReplan(panel.state.view)) {
    return h(".stack", { key: "ways" }, channels.includes("whatsapp") && template(panel, plan));
  }
  return h(".stack", { key: "ways" },
    fallback(panel, plan, channels),
    (plan.routes.length > 0 || plan.channel_column) && perRow(panel, plan),
    channels.includes("email") && mail(panel, plan),
    channels.includes("whatsapp") && template(panel, plan));
}

/** The order of the other ways; one is added with the column that holds its addresses, which the server finds. */
function fallback(panel, plan, channels) {
  const offers = panel.state.session.channels;
  const { routes } = plan;
  const put = (next) => edit(panel, { routes: next });
  const change = (index, patch) => put(routes.map((way, at) => (at === index ? { ...way, ...patch } : way)));
  // Alt with an arrow moves a way, as in lists elsewhere.
  const moved = (event, index, way) => {
    const to = event.altKey ? { ArrowUp: index - 1, ArrowDown: index + 1 }[event.key] : undefined;
    if (to === undefined || to < 0 || to >= routes.length) return;
    event.preventDefault();
    const others = routes.filter((one) => one !== way);
    put([...others.slice(0, to), way, ...others.slice(to)]);
  };
  const free = channelChoices(offers).filter(([name, , off]) => !off && name !== "outbox" && !channels.includes(name));
  if (!routes.length && !free.length) return null;
  return h(".field",
    h("span.label", { id: "fallback" }, T.fallback),
    h("ol.ways", { "aria-labelledby": "fallback" }, routes.map((way, index) => h("li.chips", { key: way.channel, onkeydown: (event) => moved(event, index, way) },
      columnChip(panel, "", T.to(text.channels[way.channel]), way.address_column, null,
        (column) => change(index, { address_column: column })),
      carrierChip(offers, way.channel, way.provider, (provider) => change(index, { provider })),
      index > 0 && h("button.ghost.small", { "aria-label": text.chip.up(text.channels[way.channel]), title: text.chip.up(text.channels[way.channel]),
        onclick: () => put([...routes.slice(0, index - 1), way, routes[index - 1], ...routes.slice(index + 1)]) }, "↑"),
      h("button.ghost.small", { "aria-label": text.plan.remove(text.channels[way.channel]),
        onclick: () => put(routes.filter((one) => one !== way)) }, "×")))),
    free.length > 0 && h(".chips", h("span.chip.add",
      choice("", [["", T.add], ...free], (channel) => channel && put([...routes, { channel }]),
        { "aria-label": T.addWay }))));
}

function perRow(panel, plan) {
  return h(".field",
    h(".chips", columnChip(panel, "channel_column", T.perRow, plan.channel_column, T.sameForAll)),
    plan.channel_column && h("p.hint", T.perRowHint));
}

function mail(panel, plan) {
  const from = (name, label, none) => columnChip(panel, name, label, plan[name], none);
  return h(".field",
    h("span.label", { id: "mail" }, T.mail),
    h(".chips", { role: "group", "aria-labelledby": "mail" },
      from("attachment_column", T.attach, T.nothing),
      from("cc_column", T.copyTo, T.nobody),
      from("reply_to_column", T.repliesTo, T.nobody),
      from("sender_column", T.sender, T.usual)));
}

