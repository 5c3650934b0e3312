// A message as its recipient will see it: a mail with its head, the screen of a phone, or what a call says; with what it
// weighs and costs as an SMS.

import { carrier } from "./channels.js";
import { h } from "./dom.js";
import { locale } from "./language.js";
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

/** The message itself; `arrives` is what the server knows of how it arrives (schemas.Preview), null until it is known. */
export function preview(message, mail, arrives = null) {
  const { text: body, sms, template } = message;
  const channel = message.channel || (mail ? "email" : "sms");
  return [
    mail ? mailed(message, arrives) : channel === "voice" ? spoken(message, arrives) : phone(message, channel, arrives),
    sms && h("p.soft.small-text", { key: "sms" }, T.sms(sms), sms.cost !== null && [" · ", money(sms)]),
    sms?.odd.length > 0 && odd(sms),
    template && h("p.soft.small-text", { key: "template" }, SID.test(template) ? T.approved : T.template(template)),
    !body && h("p.sr", { key: "empty" }, text.check.emptyText),
  ];
}

/** What a text costs, in the currency of the settings. */
export function money({ cost, currency }) {
  return new Intl.NumberFormat(locale, { style: "currency", currency, maximumFractionDigits: 4 }).format(Number(cost));
}

function mailed({ subject, copies, files, address, text: body }, arrives) {
  const line = (name, said, key) => said && h(".line", { key }, h("dt", name), h("dd", { dir: "auto" }, said));
  return h(".mail-sheet", { key: "mail" },
    h("dl.mail-head",
      line(T.from, arrives?.sender, "from"),
      line(T.to, address, "to"),
      line(T.copyTo, copies.join(", "), "copies"),
      line(T.replyTo, arrives?.reply_to, "reply"),
      line(T.subject, subject && h("strong.subject", subject), "subject"),
      line(T.attached, files && h("span.file", files), "files")),
    h(".bubble.mail", { dir: "auto", tabindex: "0", role: "group", "aria-label": T.body }, body || text.check.emptyText),
    arrives?.choices.length > 0 && arrives.pressed && pressable(arrives.choices),
    arrives?.unsubscribe && h("p.hint.unsubscribe", T.unsubscribe));
}

function phone({ text: body, files }, channel, arrives) {
  const choices = arrives?.pressed ? arrives.choices : [];
  return h(".phone-screen", { key: "phone", class: channel },
    h("p.phone-head", h("span", text.by[channel]),
      arrives?.sender && h("span.soft", { dir: "ltr" }, arrives.sender)),
    h(".phone-room", { tabindex: "0", role: "group", "aria-label": T.body },
      h(".bubble.phone", { dir: "auto" }, body || text.check.emptyText),
      choices.length > 0 && pressable(choices)),
    files && h("p.file", { dir: "auto" }, h("span.sr", T.file, " "), files));
}

function spoken({ text: body }, arrives) {
  return h(".call", { key: "call" },
    h("p.phone-head", h("span", T.spoken), arrives?.sender && h("span.soft", { dir: "ltr" }, arrives.sender)),
    h("blockquote.quote", { dir: "auto" }, body || text.check.emptyText),
    arrives?.choices.length > 0 && h("ul.keys", { "aria-label": T.keys }, arrives.choices.map(({ code, title }) =>
      h("li", { key: code }, h("kbd", code), " ", h("span", { dir: "auto" }, title)))));
}

/** What the recipient can press; here it presses nothing. */
function pressable(choices) {
  return h("ul.presses", { "aria-label": T.buttons }, choices.map(({ code, title }) =>
    h("li", { key: code, dir: "auto" }, title)));
}

/** The characters that make it Unicode, and what could stand in their place. */
function odd({ odd: found }) {
  return h("ul.odd", { key: "odd", "aria-label": T.oddOnes }, found.slice(0, ODD).map((one) =>
    h("li", { key: one.character }, T.odd(one.character, one.name.toLowerCase()), " ", T.instead(one.instead))),
  found.length > ODD && h("li", { key: "more" }, text.check.more(found.length - ODD)));
}
