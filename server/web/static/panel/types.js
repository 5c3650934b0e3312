// Shapes that the panel's modules share. Types only: no page loads this file. What the API answers is `Schema.*`
// (tests/web/schema.d.ts, made from its own document).

/**
 * A part of the panel: a step, or what stands in front of one.
 * @typedef {object} Part
 * @property {(panel: import("./panel.js").Panel) => unknown} draw describes it (dom.js)
 * @property {(panel: import("./panel.js").Panel) => unknown} [load] brings what it shows beyond the view
 */

/**
 * What the panel knows. Each part's own piece is known to that part alone.
 * @typedef {object} State
 * @property {boolean} loading
 * @property {import("./api.js").Failure | null} stop why nothing can be shown
 * @property {boolean} away the server did not answer lately
 * @property {Schema.Session | null} session
 * @property {Schema.GridColumn[]} columns of the sheet: those with a title that are not hidden
 * @property {Schema.CampaignView[]} campaigns of the sheet
 * @property {Schema.CampaignView | null} view the campaign on show
 * @property {number} taken when the view came, by performance.now()
 * @property {string} step write, check, send, answers
 * @property {{statuses: string[], title: string, messages: any[] | null, total: number, offset?: number, kind?: string,
 *   fault?: string, query?: Record<string, string>, sure?: string, undo?: string[] | null,
 *   failure?: import("./api.js").Failure | null} | null} rows the list in front of the step (rows.js)
 * @property {Record<string, any> | null} conversation of the row with this `key`, in front of all
 * @property {Record<string, boolean>} busy places where something is being done
 * @property {Record<string, import("./api.js").Failure | null>} problems by place
 * @property {Record<string, string>} notes by place
 * @property {string} tip
 * @property {boolean} [copied]
 * @property {Record<string, any>} write
 * @property {Record<string, any> | null} [saved] campaigns saved to use again, once they are asked for
 * @property {Record<string, any>} check
 * @property {Record<string, any>} send
 * @property {Record<string, any>} answers
 */

/**
 * The pieces of parts.js.
 * @typedef {ReturnType<typeof import("./dom.js").h>} Described
 * @typedef {import("./api.js").Failure} Failure
 * @typedef {((suggestion: string, failure: Failure) => void) | null} OnSuggest
 * @typedef {(failure: Failure | null | undefined, onSuggest?: OnSuggest) => Described | null} Problem
 * @typedef {(panel: any, place: string, onSuggest?: OnSuggest) => Described | null} OutcomeAt
 * @typedef {{kind?: string, disabled?: unknown, needs?: "" | "edit" | "approve" | "send", [prop: string]: unknown}} Deed
 * @typedef {(panel: any, place: string, label: unknown, work: (() => unknown) | null, props?: Deed) => Described} Action
 * @typedef {(id: string, label: unknown, control: Described, hint?: unknown) => Described} Field
 * @typedef {(value: unknown, options: any[], onPick: (value: string) => unknown, props?: object) => Described} Choice
 * @typedef {(panel: any, cell: {key: string, column: string, row?: number}, label: unknown) => Described} CellLink
 */

/**
 * All words, as English says them.
 * @typedef {typeof import("./texts/en/first.js").text & typeof import("./texts/en/later.js").text
 *   & typeof import("./texts/en/write.js").text & typeof import("./texts/en/more.js").text & typeof import("./texts/en/check.js").text
 *   & typeof import("./texts/en/rows.js").text & typeof import("./texts/en/send.js").text
 *   & typeof import("./texts/en/answers.js").text & typeof import("./texts/en/desk.js").text
 *   & typeof import("./texts/en/google.js").text & typeof import("./texts/en/excel.js").text} Texts
 */

export {};
