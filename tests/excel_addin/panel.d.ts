// The panel's modules as the add-in sees them: their own types are comments, and not strict.

export class Failure extends Error {
  constructor(problem: { status?: number; detail?: string; type?: string });
  status: number;
  detail: string;
  type?: string;
  connect?: string;
}

export class Api {
  constructor(base?: string, token?: (fresh?: boolean) => Promise<string> | string);
  path: { workbook: string; sheet: string };
  get(address: string, query?: object): Promise<unknown>;
  post(address: string, body?: object): Promise<unknown>;
}

interface Panel {
  state: { busy: Record<string, boolean>; stop: object | null };
  start(): Promise<void>;
  open(path: { workbook: string; sheet: string }): void;
  set(patch: object): void;
}

type Host = Omit<import("../../server/web/static/panel/host.js").Host, "stopped"> & {
  stopped?: (failure: Failure) => object | null;
};
export function mountPanel(root: HTMLElement, host: Host, api: Api): Panel;
export function h(selector: string, ...children: unknown[]): object;
export function standstill(title: string, sentences: string[], press: { words: string; do: () => void },
  more?: { steps?: string[]; more?: object | null }): object;
export function list(steps: string[]): object;
export const text: { excel: typeof import("../../server/web/static/panel/texts/en/excel.js").text.excel };
export function speak(part: string): Promise<void>;
