// Words of the fourth step: how far messages got, reminders, the replies to decide about, conversations, spot checks.

import { list, many, n, percent } from "../../language.js";
import { text as shared } from "./later.js";

const SOME = 10;

export const text = {
  answers: {
    nothingSent: "Antworten erscheinen hier, sobald Nachrichten gesendet sind.",
    review: "Von Ihnen zu klären",
    noReviews: "Nichts wartet auf Sie.",
    allIn: "Alle Antworten sind da. Nichts wartet auf Sie.",
    settled: (person) => `Geklärt: ${person}.`,
    inTheSheet: "Filteransichten im Blatt",
  },
  funnel: {
    title: "Wie weit die Nachrichten kamen",
    became: "Was daraus wurde",
    sent: "Gesendet",
    delivered: "Zugestellt",
    read: "Gelesen",
    reminded: "Erinnert",
    answered: "Geantwortet",
    waiting: "Noch offen",
    away: "Abwesend",
    optedOut: "Abgemeldet",
    lost: "Nicht erhalten",
    again: "Erneut angeschrieben",
    of: (total) => `von ${n(total)}`,
    unread: (channels) => `Ob gelesen wurde, meldet ${channels} nicht.`,
    undelivered: (channels) => `Ob zugestellt wurde, meldet ${channels} nicht.`,
  },
  overTime: {
    title: "Antworten im Lauf der Zeit",
    at: (when, sent, answered, sums) => `${when}: ${n(sent)} gesendet, ${n(answered)} geantwortet. Bis dahin ${n(sums.answered)} von ${n(sums.sent)}.`,
    table: "In Zahlen",
    when: "Wann",
  },
  remind: {
    title: "Erinnern",
    silent: (amount) => `${many(amount, "Person hat", "Personen haben")} nicht geantwortet.`,
    resting: (amount) => `${n(amount)} am letzten Tag schon erinnert: ${amount === 1 ? "bleibt" : "bleiben"} aus.`,
    own: "Mit eigenem Text",
    text: "Text der Erinnerung",
    columns: (names) => `Kann ${list(names)} enthalten.`,
    draft: (amount) => `${many(amount, "Erinnerung", "Erinnerungen")} zum Ansehen schreiben`,
    reminding: (amount) => `${many(amount, "Erinnerung", "Erinnerungen")} zu lesen und freizugeben. Noch ist nichts gesendet.`,
    nobodyLeft: "Es ist niemand mehr zu erinnern.",
  },
  review: {
    replyOf: (person) => `Antwort von ${person}`,
    previous: "Vorige Antwort",
    next: "Nächste Antwort",
    asked: "Gefragt:",
    newer: "Dies ist eine neuere Antwort dieser Person. Sie kam, während Sie hier waren.",
    unfold: (length) => `Alle ${many(length, "Zeichen", "Zeichen")} zeigen`,
    fold: "Weniger zeigen",
    files: (names) => `Dabei war: ${list(names)}`,
    cameBy: (channel) => `Kam über ${channel}`,
    proposal: ({ outcome, values }) => proposal(outcome, Object.entries(values)),
    sure: (confidence) => `, zu ${percent(confidence)} sicher`,
    readBy: (made) => (made ? `Gelesen von ${made}` : "Ohne Sprachmodell gelesen"),
    outcome: "Was sagt sie?",
    noValue: "(leer lassen)",
    accept: "Übernehmen",
    correct: "Berichtigen",
    askBack: "Nachfragen",
    conversation: "Verlauf",
    settle: "Festlegen",
  },
  ask: {
    them: "diese Person",
    text: (person) => `Ihre Rückfrage an ${person}`,
    send: (person) => `An ${person} senden`,
    sure: (person) => `${person} bekommt diese Nachricht sofort.`,
    now: "Jetzt senden",
    not: "Noch nicht",
    sent: (person) => `Ihre Rückfrage an ${person} ist unterwegs.`,
  },
  conversation: {
    title: (person) => (person ? `Verlauf mit ${person}` : "Verlauf"),
    back: "Zurück",
    sent: (when, by) => [`Gesendet ${when}`, by && `über ${by}`].filter(Boolean).join(" "),
    notYet: "Noch nicht gesendet",
    came: (when, by) => [`Gekommen ${when}`, by && `über ${by}`].filter(Boolean).join(" "),
    approved: (who, when) => `Freigegeben von ${[who, when].filter(Boolean).join(", ")}`,
    template: "Als genehmigte Vorlage gesendet",
    removed: "Dieser Text wurde entfernt.",
    quoted: "Was das Mailprogramm zitierte",
    unread: "Noch nicht gelesen",
    told: { followed: (who) => (who ? `${who} ließ eine Erinnerung schreiben` : "Eine Erinnerung wurde geschrieben"), withdrawn: (who, words) => `Zurückgenommen: ${words}`, blocked: (who, words) => words, bounced: (who, words) => words || "Unzustellbar", failed: (who, words) => words || "Nicht zugestellt", complained: (who, words) => words || "Als Spam gemeldet", opted_out: (who, words) => words || "Abgemeldet", settled: (who, words) => `${who || "Eine Person"} legte fest: ${words}` },
    reply: (person) => `${person} antworten`,
    text: (person) => `Ihre Antwort an ${person}`,
    newer: "Inzwischen kam etwas Neues: Bitte lesen Sie es, bevor Sie dies senden.",
    goOn: "Ich habe es gelesen",
    sentTo: (person) => `Ihre Nachricht an ${person} ist unterwegs.`,
  },
  unmatched: {
    title: "Antworten ohne Zeile",
    count: (amount) => `${many(amount, "Antwort passt", "Antworten passen")} zu keiner Zeile.`,
    show: "Zeigen",
    hide: "Ausblenden",
    several: "Sie kann zu mehreren Zeilen gehören und wartet bei jeder davon auf Sie.",
    belongs: "Gehört zu",
    nobody: "(niemand hier)",
    put: "Dieser Zeile zuordnen",
    done: (person) => `${person} zugeordnet: Sie wird gelesen.`,
  },
  spotCheck: {
    begin: (amount) => (amount < SOME ? `Bis zu ${n(amount)} der sicheren prüfen` : `${n(SOME)} der sicheren prüfen`),
    look: "Hier war die Lesart sicher. Stimmt sie?",
    none: "Es gibt keine sichere Lesart mehr, die noch niemand angesehen hat.",
    result: (checked, right) => `${n(checked)} geprüft, ${n(right)} richtig.`,
    again: "Weitere prüfen",
  },
};

/** What is proposed, in words: the values, and the outcome where they do not say it. */
function proposal(outcome, values) {
  const filled = values.filter(([, value]) => value !== "").map(([name, value]) => `${name}: ${value}`);
  const said = shared.outcomes[outcome] || shared.outcomes.unclear;
  return values.some(([, value]) => value === said) || (filled.length && outcome === "answered") ? filled.join(", ")
    : [said, ...filled].join(". ");
}
