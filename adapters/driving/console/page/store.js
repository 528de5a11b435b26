// What the page remembers and tells its parts about.

/** A list of at most `limit` entries; its listeners hear of each new or changed one. */
export class Store extends EventTarget {
  constructor(limit) {
    super();
    this.limit = limit;
    this.entries = [];
  }

  add(entry) {
    this.entries.push(entry);
    if (this.entries.length > this.limit)
      this.entries.shift();
    this.changed(entry);
    return entry;
  }

  changed(entry) {
    this.dispatchEvent(new CustomEvent("change", {detail: entry}));
  }

  clear() {
    this.entries = [];
    this.changed(null);
  }
}

/** Log messages: {at, level, logger, data, from}. */
export const logs = new Store(1000);

/** Requests of this page: see http.js. */
export const exchanges = new Store(300);

const keyName = "hexmcp.key";

export const key = {
  get: () => sessionStorage.getItem(keyName) ?? "",
  set: (value) => sessionStorage.setItem(keyName, value),
  forget: () => sessionStorage.removeItem(keyName),
};
