// A list on one side and what was chosen from it on the other: tools, resources, prompts.

import {errorNote} from "./content.js";
import {h, labelled, replace} from "./dom.js";

/**
 * `kinds`: [{title, load() -> items, key(item), line(item)}]; `detail(item, kind)` gives an element, kept
 * until the item changes; `hash` is the name of the part; `missing(key)` gives an item for an
 * address that is not listed, or nothing.
 */
export function browser({title, hash, kinds, detail, missing, wants}) {
  const filter = h("input", {type: "search", autocomplete: "off", spellcheck: "false"});
  const lists = h("div", {class: "lists"});
  const side = h("div", {class: "side"}, labelled("Filter", filter), lists);
  const place = h("div", {class: "detail"});
  const node = h("section", {class: "browser"}, h("h1", {}, title), side, place);
  const kept = new Map();
  let loaded = [];
  let chosen = "";
  let problem = null;

  const drawLists = () => {
    const wanted = filter.value.toLowerCase();
    replace(lists, problem ? errorNote(problem) : null, loaded.map(({kind, items}) => {
      const fitting = items.filter((item) => JSON.stringify([kind.key(item), item.title, item.description])
        .toLowerCase().includes(wanted));
      return [h("h2", {}, `${kind.title} (${fitting.length})`),
              h("ul", {}, fitting.map((item) => line(kind, item)))];
    }));
  };
  const line = (kind, item) => h("li", {}, h("a", {
    href: `#/${hash}/${encodeURIComponent(kind.key(item))}`,
    "aria-current": kind.key(item) === chosen ? "true" : null,
  }, kind.line(item)));

  const find = () => {
    for (const {kind, items} of loaded) {
      const item = items.find((one) => kind.key(one) === chosen);
      if (item)
        return {kind, item};
    }
    const item = chosen && !problem && missing?.(chosen);
    return item ? {kind: kinds[0], item} : null;
  };
  /** What was chosen stays in sight in the list, which may be much longer. */
  const showChosen = () => {
    const link = lists.querySelector("[aria-current]");
    if (!link)
      return;
    const above = link.getBoundingClientRect().top - lists.getBoundingClientRect().top;
    if (above < 0 || above + link.offsetHeight > lists.clientHeight)
      lists.scrollTop += above - lists.clientHeight / 3;
  };
  const drawDetail = () => {
    const found = find();
    node.classList.toggle("chosen", Boolean(chosen));
    if (!found) {
      replace(place, h("p", {class: "hint"}, chosen && loaded.length
        ? `There is no “${chosen}” here.` : `Choose from the list of ${title.toLowerCase()}.`));
      return;
    }
    const text = JSON.stringify(found.item);
    if (kept.get(chosen)?.text !== text)
      kept.set(chosen, {text, node: detail(found.item, found.kind)});
    if (place.firstChild !== kept.get(chosen).node)
      replace(place, kept.get(chosen).node);
  };
  const draw = () => {
    drawLists();
    drawDetail();
    showChosen();
  };
  filter.addEventListener("input", drawLists);

  return {
    node,
    /** Fetches the lists anew. */
    async refresh() {
      try {
        problem = null;
        loaded = wants() ? await Promise.all(kinds.map(async (kind) =>
          ({kind, items: await kind.load()}))) : [];
      } catch (error) {
        problem = error;
        loaded = [];
      }
      draw();
    },
    /** Makes every element anew that is asked for from now on. */
    forget() {
      kept.clear();
    },
    show(key) {
      chosen = key;
      draw();
      if (key)
        place.querySelector("h2")?.focus();
    },
  };
}
