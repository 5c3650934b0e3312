// A stand-in for Office.js over a workbook in memory. It knows only what the add-in uses, and is as strict as Excel:
// a value is there after `load` and `sync`, a member only from its version on, and a cell being edited keeps all waiting.

/** The version of ExcelApi that a member came with, as its documentation has it. */
const SINCE = {
  getVisibleView: "1.3", cellAddresses: "1.3", rowHidden: "1.2", columnHidden: "1.2", getSelectedRanges: "1.9",
  conditionalFormats: "1.6", dataValidation: "1.8", settings: "1.4", getRangeByIndexes: "1.7", useStandardWidth: "1.2", format: "1.1",
  onActivated: "1.7", onChanged: "1.9", onRowSorted: "1.10", onRowHiddenChanged: "1.11",
};

/**
 * The globals `Office` and `Excel` for a world:
 * `book` {url, active, sheets: [{id, name, visibility, cells (texts), hiddenRows, hiddenColumns}]} or a function that
 * answers it, `selection` [{top, left, bottom, right}] or "chart", `sets` {name: version}, `host`, `editing` (a promise
 * that ends with the editing), `syncs` (counted here), `token` (of Office.auth), `show(effect)` for activate and select.
 */
export function office(world) {
  const bookNow = async () => (typeof world.book === "function" ? world.book() : world.book);
  const supported = (name, version = "1.1") => newer(world.sets[name] || "0", version);
  const handlers = {};

  class Context {
    constructor() {
      this.queue = [];
      this.workbook = workbook(this);
    }

    async sync() {
      world.syncs = (world.syncs || 0) + 1;
      const queue = this.queue.splice(0);
      const book = await bookNow();
      for (const work of queue) work(book);
    }
  }

  /** A proxy object: `read(book)` answers its values at the moment of a sync. */
  function thing(context, read, members = {}, always = []) {
    const known = {};
    const need = (name) => {
      if (SINCE[name] && !supported("ExcelApi", SINCE[name])) throw fault("ApiNotFound", `${name} is not in this Excel.`);
    };
    const target = {
      load(names) {
        const wanted = names.split(",").map((name) => name.trim());
        wanted.forEach(need);
        context.queue.push((book) => {
          const values = read(book);
          for (const name of [...wanted, ...always]) {
            if (!(name in values)) throw fault("InvalidArgument", `There is no ${name} to load.`);
            known[name] = values[name];
          }
        });
        return made;
      },
      ...members,
    };
    const made = new Proxy(target, {
      get(_, name) {
        if (typeof name === "symbol" || name === "then") return undefined;
        if (name in target) {
          need(name);
          return target[name];
        }
        if (name in known) return known[name];
        throw fault("PropertyNotLoaded", `The property '${name}' is not available. Load it, then sync.`);
      },
    });
    return made;
  }

  function workbook(context) {
    const active = (book) => book.sheets.find((one) => one.id === book.active);
    const event = (name) => ({ add: (handler) => context.queue.push(() => (handlers[name] ??= []).push(handler)) });
    const chosen = () => {
      if (world.selection === "chart") throw fault("InvalidSelection", "The current selection is invalid for this operation.");
      return world.selection || [{ top: 0, left: 0, bottom: 0, right: 0 }];
    };
    const items = [];
    const worksheets = {
      items,
      load(names) {
        const fields = names.split(",").map((name) => name.trim().replace(/^items\//, "")).join(",");
        context.queue.push((book) => {
          items.splice(0, items.length, ...book.sheets.map((one) => {
            const made = sheet(context, (now) => now.sheets.find((other) => other.id === one.id));
            made.load(fields);
            return made;
          }));
          for (const work of context.queue.splice(0)) work(book);
        });
        return worksheets;
      },
      getActiveWorksheet: () => sheet(context, active),
      ...Object.fromEntries(["onActivated", "onChanged", "onRowSorted", "onRowHiddenChanged"].map((name) => [name, event(name)])),
    };
    const guarded = new Proxy(worksheets, {
      get(_, name) {
        if (SINCE[name] && !supported("ExcelApi", SINCE[name])) throw fault("ApiNotFound", `${String(name)} is not in this Excel.`);
        return worksheets[name];
      },
    });
    return thing(context, () => ({}), {
      worksheets: guarded,
      settings: settings(context),
      getSelectedRange: () => range(context, active, () => {
        const spans = chosen();
        if (spans.length > 1) throw fault("InvalidSelection", "The current selection is invalid for this operation.");
        return spans[0];
      }),
      getSelectedRanges: () => {
        const areas = { items: [], load: (names) => {
          const fields = names.split(",").map((name) => name.trim().replace(/^items\//, "")).join(",");
          context.queue.push((book) => {
            areas.items = chosen().map((span) => {
              const made = range(context, active, () => span);
              made.load(fields);
              return made;
            });
            for (const work of context.queue.splice(0)) work(book);
          });
          return areas;
        } };
        return { areas };
      },
    });
  }

  function sheet(context, find) {
    return thing(context, (book) => {
      const { id, name, visibility = "Visible" } = find(book);
      return { id, name, visibility };
    }, {
      activate: () => context.queue.push((book) => {
        book.active = find(book).id;
        world.show?.({ active: book.active });
      }),
      getCell: (row, column) => range(context, find, () => ({ top: row, left: column, bottom: row, right: column })),
      getUsedRange: () => range(context, find, (book) => usedBy(find(book).cells)),
      getRangeByIndexes: (top, left, rows, columns) => range(context, find,
        () => ({ top, left, bottom: top + rows - 1, right: left + columns - 1 })),
    });
  }

  function range(context, find, where) {
    return thing(context, (book) => valuesOf(find(book), where(book)), {
      find, where,
      getColumn: (at) => range(context, find, (book) => {
        const { top, left, bottom } = where(book);
        return { top, left: left + at, bottom, right: left + at };
      }),
      getBoundingRect: (other) => range(context, find, (book) => {
        const [one, two] = [where(book), other.where(book)];
        return { top: Math.min(one.top, two.top), left: Math.min(one.left, two.left),
          bottom: Math.max(one.bottom, two.bottom), right: Math.max(one.right, two.right) };
      }),
      getVisibleView: () => thing(context, (book) => {
        const { top, left, bottom, right } = where(book);
        const { hiddenRows = [], hiddenColumns = [], name } = find(book);
        const rows = numbers(top, bottom).filter((at) => !hiddenRows.includes(at));
        const columns = numbers(left, right).filter((at) => !hiddenColumns.includes(at));
        return { cellAddresses: rows.map((row) => columns.map((column) => `'${name}'!${letter(column)}${row + 1}`)) };
      }),
      conditionalFormats: conditionalFormats(context, find, where),
      dataValidation: dataValidation(context, find, where),
      format: settable(context, find, (book) => {
        const { widths = {} } = find(book);
        return { useStandardWidth: !(where(book).left in widths), columnWidth: widths[where(book).left] ?? 48 };
      }, { columnWidth: (book, value) => { (find(book).widths ??= {})[where(book).left] = value; } }),
      select: () => context.queue.push((book) => {
        if (find(book).locked) throw fault("AccessDenied", "You do not have the permissions to perform the requested operation.");
        world.show?.({ select: where(book), on: find(book).id });
      }),
    });
  }

  /** Settings that are kept in the workbook itself. */
  function settings(context) {
    return {
      getItemOrNullObject: (key) => thing(context, (book) => {
        const there = Object.hasOwn(book.settings ??= {}, key);
        return { value: there ? book.settings[key] : null, isNullObject: !there };
      }, {}, ["isNullObject"]),
      add: (key, value) => context.queue.push((book) => { (book.settings ??= {})[key] = value; }),
    };
  }

  /** What may be set as well as loaded; on a protected sheet nothing may. */
  function settable(context, find, read, setters) {
    const made = thing(context, read);
    return new Proxy(made, {
      set(_, name, value) {
        if (!setters[name]) throw fault("InvalidArgument", `${String(name)} can't be set.`);
        context.queue.push((book) => {
          unlocked(find(book));
          setters[name](book, value);
        });
        return true;
      },
    });
  }

  function unlocked(on) {
    if (on.locked) throw fault("AccessDenied", "You do not have the permissions to perform the requested operation.");
  }

  /** `conditional` of a sheet: {top, left, bottom, right, formula, fill, ink}, the first one counts most. */
  function conditionalFormats(context, find, where) {
    return {
      getCount: () => {
        const answer = { get value() { throw fault("ValueNotLoaded", "Sync first."); } };
        context.queue.push((book) => {
          const count = (find(book).conditional ??= []).filter((one) => meet(one, where(book))).length;
          Object.defineProperty(answer, "value", { value: count });
        });
        return answer;
      },
      add: (type) => {
        if (type !== "Custom") throw fault("InvalidArgument", `No ${type} here.`);
        const rule = {};
        context.queue.push((book) => {
          unlocked(find(book));
          (find(book).conditional ??= []).unshift(Object.assign(rule, where(book)));
        });
        const later = (name) => ({ set(_, key, value) {
          context.queue.push(() => { rule[name[key] || key] = value; });
          return true;
        } });
        return { custom: {
          rule: new Proxy({}, later({})),
          format: { fill: new Proxy({}, later({ color: "fill" })), font: new Proxy({}, later({ color: "ink" })) },
        } };
      },
    };
  }

  /** `validations` of a sheet: {top, left, bottom, right, rule, ...}. */
  function dataValidation(context, find, where) {
    const own = (book) => (find(book).validations ??= []).find((one) => same(one, where(book)));
    const set = (name) => (book, value) => {
      const all = find(book).validations ??= [];
      if (!own(book)) all.push({ ...where(book) });
      own(book)[name] = value;
    };
    const kinds = { list: "List", custom: "Custom", wholeNumber: "WholeNumber" };
    return settable(context, find, (book) => {
      const meeting = (find(book).validations ??= []).filter((one) => meet(one, where(book)));
      const exact = own(book);
      const type = !meeting.length ? "None" : exact ? kinds[Object.keys(exact.rule)[0]] : "Inconsistent";
      return { type, errorAlert: exact?.errorAlert ?? {}, prompt: exact?.prompt ?? {}, rule: exact?.rule ?? {} };
    }, { rule: set("rule"), prompt: set("prompt"), errorAlert: set("errorAlert"), ignoreBlanks: set("ignoreBlanks") });
  }

  return {
    handlers,
    Excel: {
      async run(options, batch) {
        if (world.editing) {
          if (!options.delayForCellEdit) throw fault("InvalidOperationInCellEditMode", "Excel is in cell-editing mode.");
          await world.editing;
        }
        const context = new Context();
        const answer = await batch(context);
        await context.sync();
        return answer;
      },
    },
    Office: {
      HostType: { Excel: "Excel", Word: "Word" },
      onReady: async () => ({ host: world.host === undefined ? "Excel" : world.host, platform: "OfficeOnline" }),
      context: {
        requirements: { isSetSupported: supported },
        get document() { return { url: world.url }; },
        get displayLanguage() { return world.language; },
      },
      auth: { getAccessToken: async (options) => world.token(options) },
    },
  };
}

function fault(code, message) {
  return Object.assign(new Error(message), { code });
}

/** Whether version `has` is at least `wanted`: 1.10 is newer than 1.9. */
function newer(has, wanted) {
  const [one, two] = [has, wanted].map((version) => version.split(".").map(Number));
  return one[0] !== two[0] ? one[0] > two[0] : (one[1] || 0) >= (two[1] || 0);
}

const meet = (one, other) => one.left <= other.right && other.left <= one.right && one.top <= other.bottom && other.top <= one.bottom;
const same = (one, other) => ["top", "left", "bottom", "right"].every((side) => one[side] === other[side]);

const numbers = (first, last) => Array.from({ length: last - first + 1 }, (_, at) => first + at);

function letter(index) {
  return (index >= 26 ? letter(Math.floor(index / 26) - 1) : "") + String.fromCharCode(65 + (index % 26));
}

/** Where the values are; on an empty tab its first cell, as Excel has it. */
function usedBy(cells) {
  const filled = cells.flatMap((row, at) => row.flatMap((text, column) => (text === "" ? [] : [[at, column]])));
  if (!filled.length) return { top: 0, left: 0, bottom: 0, right: 0 };
  const [rows, columns] = [filled.map(([row]) => row), filled.map(([, column]) => column)];
  return { top: Math.min(...rows), left: Math.min(...columns), bottom: Math.max(...rows), right: Math.max(...columns) };
}

function valuesOf({ cells, hiddenRows = [], hiddenColumns = [] }, { top, left, bottom, right }) {
  const mixed = (all, hidden) => {
    const count = all.filter((at) => hidden.includes(at)).length;
    return count === all.length ? true : count === 0 ? false : null;
  };
  return {
    rowIndex: top, columnIndex: left, rowCount: bottom - top + 1, columnCount: right - left + 1,
    get text() {
      const columns = numbers(left, right);
      return numbers(top, bottom).map((row) => columns.map((column) => cells[row]?.[column] ?? ""));
    },
    get rowHidden() { return mixed(numbers(top, bottom), hiddenRows); },
    get columnHidden() { return mixed(numbers(left, right), hiddenColumns); },
  };
}
