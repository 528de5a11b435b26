// Makes and changes elements. Text is always text: nothing here parses HTML.

const assigned = new Set(["value", "checked", "disabled", "open", "hidden", "selected"]);

function put(element, name, value) {
  if (value === undefined || value === null || value === false)
    return;
  if (name.startsWith("on"))
    element.addEventListener(name.slice(2), value);
  else if (assigned.has(name))
    element[name] = value;
  else
    element.setAttribute(name, value === true ? "" : String(value));
}

/** h("p", {class: "hint"}, "text", child, [more]) */
export function h(tag, properties, ...children) {
  const element = document.createElement(tag);
  element.append(...kept(children));
  for (const [name, value] of Object.entries(properties ?? {}))
    put(element, name, value);
  return element;
}

function kept(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined &&
    child !== false);
}

export function replace(element, ...children) {
  element.replaceChildren(...kept(children));
  return element;
}

let counter = 0;

/** An id that no other element has. */
export function newId(prefix) {
  counter += 1;
  return `${prefix}-${counter}`;
}

export function button(text, onclick, properties) {
  return h("button", {type: "button", onclick, ...properties}, text);
}

/** A label above a control, and a hint below it that the control is described by. */
export function labelled(text, control, hint) {
  control.id ||= newId("field");
  const note = hint && h("p", {class: "hint", id: `${control.id}-hint`}, hint);
  if (note)
    control.setAttribute("aria-describedby", note.id);
  return h("div", {class: "field"}, h("label", {for: control.id}, text), control, note);
}

export function copyButton(text) {
  const copy = button("Copy", async () => {
    await navigator.clipboard.writeText(text());
    copy.textContent = "Copied";
    setTimeout(() => { copy.textContent = "Copy"; }, 1500);
  }, {class: "small"});
  return copy;
}

export function bytes(count) {
  if (count < 1024)
    return `${count} B`;
  const units = ["KiB", "MiB", "GiB"];
  let size = count / 1024;
  let unit = 0;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${size < 10 ? size.toFixed(1) : Math.round(size)} ${units[unit]}`;
}

export function duration(ms) {
  if (ms < 1)
    return `${ms.toFixed(2)} ms`;
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(ms < 10000 ? 2 : 0)} s`;
}

export function clockTime(ms) {
  const pad = (number, width) => String(number).padStart(width, "0");
  const date = new Date(ms);
  return `${pad(date.getHours(), 2)}:${pad(date.getMinutes(), 2)}:${pad(date.getSeconds(), 2)}` +
    `.${pad(date.getMilliseconds(), 3)}`;
}
