// What a command for rows needs of a person, as the server's table of rights has it (server/web/rights.py).

const NEEDS = { Approved: "approve", Retry: "send", Sent: "send" };
/** @type {Record<string, string>} */
const LEAVING = { sending: "send", done: "send" };

/**
 * "edit", "approve" or "send": what is approved while its campaign is being sent, or after it, leaves at once.
 *
 * @param {{state: string}} view
 * @param {string} command
 * @returns {"edit" | "approve" | "send"}
 */
export function needsOf(view, command) {
  const needs = NEEDS[command] || "edit";
  return (needs === "approve" && LEAVING[view.state]) || needs;
}
