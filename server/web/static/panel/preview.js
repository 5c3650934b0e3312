// A message as its recipient will see it: as mail, or in the bubble of a phone, with what it weighs as an SMS.

import { carrier } from "./channels.js";
import { h } from "./dom.js";
import { text } from "./texts.js";

const T = text.preview;
const ODD = 3;
/** Twilio calls its templates by such ids, which say nothing to anybody. */
export const SID = /^HX[0-9a-f]{32}$/;

/** Whether it has a subject; a message that is bound nowhere yet is the plan's. */
export function isMail(message, plan) {
  return ["email", "outbox"].includes(message.channel || plan.channel);
}

/** How it goes: "by SMS over Twilio to +44 ...". Nobody needs to be told about the local mailbox. */
export function way({ address, channel, carrier: provider }) {
  if (!address) return text.check.noAddress;
  return channel && channel !== "outbox" ? T.way(text.by[channel], carrier(provider), address) : address;
}

/** The message itself. */
export function preview(message, mail) {
  const { subject, copies, files, text: body, sms, template } = message;
  return [
    mail && subject && h("p.subject", { key: "subject", dir: "auto" }, subject),
    copies.length > 0 && h("p.soft.small-text", { key: "copies" }, T.copies(copies)),
    h("div", { class: `bubble ${mail ? "mail" : "phone"}`, key: "text", dir: "auto" }, body || text.check.emptyText),
    files && h("p.file", { key: "files", dir: "auto" }, h("span.sr", T.file, " "), files),
    sms && h("p.soft.small-text", { key: "sms" }, T.sms(sms)),
    sms?.odd.length > 0 && odd(sms),
    template && h("p.soft.small-text", { key: "template" }, SID.test(template) ? T.approved : T.template(template)),
  ];
}

/** The characters that make it Unicode, and what could stand in their place. */
function odd({ odd: found }) {
  return h("ul.odd", { key: "odd", "aria-label": T.oddOnes }, found.slice(0, ODD).map((one) =>
    h("li", { key: one.character }, T.odd(one.character, one.name.toLowerCase()), " ", T.instead(one.instead))),
  found.length > ODD && h("li", { key: "more" }, text.check.more(found.length - ODD)));
}
