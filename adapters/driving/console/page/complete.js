// Suggestions of the server for a field.

import {h, newId} from "./dom.js";

const PAUSE_MS = 200;

/** Fills the datalist of `control` from completion/complete while a person types. */
export function completer(control, current, ref, name, values) {
  const list = h("datalist", {id: newId("suggestions")});
  control.setAttribute("list", list.id);
  let timer;
  let asked = 0;
  const ask = async () => {
    const mine = ++asked;
    if (!current().server?.capabilities?.completions)
      return;
    const {[name]: own, ...others} = values();
    try {
      const {completion} = await current().request("completion/complete", {
        ref, argument: {name, value: control.value}, context: {arguments: others}});
      if (mine === asked)
        list.replaceChildren(...completion.values.map((value) => h("option", {value})));
    } catch {
      list.replaceChildren();
    }
  };
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE_MS);
  };
  control.addEventListener("input", later);
  control.addEventListener("focus", () => {
    if (!list.isConnected)
      control.after(list);
    later();
  });
}
