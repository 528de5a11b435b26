// Forms from JSON Schemas. A field is {node, get(), set(value)}; get() gives undefined for "leave it
// out" and throws a FieldError for what cannot be sent.

import {button, h, labelled, newId, replace} from "./dom.js";
import {choices, limits, resolve, typeOf, variants} from "./schema.js";

const MAX_DEPTH = 6;

export class FieldError extends Error {
  constructor(control, message) {
    super(message);
    this.control = control;
  }
}

/** What a field is told: {name, schema, root, required, depth}. */
function makeField(given) {
  const about = {...given, schema: resolve(given.schema ?? {}, given.root) ?? {}};
  const {schema} = about;
  const multiple = schema.type === "array" && choices(resolve(schema.items ?? {}, about.root) ?? {});
  if (choices(schema))
    return choiceField(about, choices(schema));
  if (about.depth > MAX_DEPTH)
    return jsonField(about);
  if (variants(schema, about.root))
    return variantField(about);
  if (multiple)
    return multipleField(about, multiple);
  const maker = makers[typeOf(schema)];
  return maker ? maker(about) : jsonField(about);
}

function labelOf({name, schema, required}) {
  return [schema.title && schema.title !== name ? `${schema.title} ` : "",
          h("code", {}, name), required ? h("span", {class: "required"}, " required") : null];
}

function hintOf({schema}) {
  return [schema.description, limits(schema)].filter(Boolean).join(" — ") || undefined;
}

/** A field of one control that holds a text. */
function textual(about, control, read, write = String) {
  if (about.required)
    control.setAttribute("aria-required", "true");
  const field = {
    node: labelled(labelOf(about), control, hintOf(about)),
    get: () => {
      control.removeAttribute("aria-invalid");
      return read(control.value);
    },
    set: (value) => {
      control.value = value === undefined ? "" : write(value);
    },
  };
  field.set(about.schema.default);
  return field;
}

function fail(control, message) {
  control.setAttribute("aria-invalid", "true");
  throw new FieldError(control, message);
}

function stringField(about) {
  const {schema, required} = about;
  const short = schema.format || schema.pattern || schema.maxLength <= 100;
  const types = {date: "date", email: "email", uri: "url", password: "password"};
  const control = short
    ? h("input", {type: types[schema.format] ?? "text", spellcheck: "false", autocomplete: "off"})
    : h("textarea", {rows: 1, spellcheck: "false"});
  return textual(about, control, (text) => (text === "" && !required ? undefined : text));
}

function numberField(about) {
  const whole = typeOf(about.schema) === "integer";
  const control = h("input", {type: "text", inputmode: whole ? "numeric" : "decimal",
                              autocomplete: "off"});
  return textual(about, control, (text) => {
    const written = text.trim();
    if (written === "" && !about.required)
      return undefined;
    const form = whole ? /^-?\d+$/ : /^-?\d+(\.\d+)?([eE][-+]?\d+)?$/;
    if (!form.test(written))
      fail(control, `${about.name} must be ${whole ? "a whole number" : "a number"}.`);
    return exactNumber(written);
  });
}

/** A number that JavaScript would round is sent as it was written. */
function exactNumber(written) {
  const number = Number(written);
  return /^-?\d+$/.test(written) && !Number.isSafeInteger(number) && JSON.rawJSON
    ? JSON.rawJSON(written.replace(/^(-?)0+(?=\d)/, "$1")) : number;
}

function choiceField(about, list) {
  const {schema, required} = about;
  const free = !required && schema.const === undefined;
  const select = h("select", {},
    free || schema.default === undefined ? h("option", {value: ""}, free ? "(leave it out)" : "(choose)") : null,
    list.map((choice, at) => h("option", {value: at}, choice.title)));
  const same = (value) => list.findIndex((c) => JSON.stringify(c.value) === JSON.stringify(value));
  const field = textual(about, select, (chosen) => {
    if (chosen === "" && required)
      fail(select, `Choose a value for ${about.name}.`);
    return chosen === "" ? undefined : list[Number(chosen)].value;
  }, (value) => (same(value) < 0 ? "" : String(same(value))));
  if (required && list.length === 1)
    select.value = "0";
  return field;
}

function booleanField(about) {
  const {schema, required} = about;
  if (!required && schema.default === undefined)
    return choiceField(about, [{value: true, title: "true"}, {value: false, title: "false"}]);
  const box = h("input", {type: "checkbox", id: newId("box")});
  const hint = hintOf(about);
  const note = hint && h("p", {class: "hint", id: `${box.id}-hint`}, hint);
  if (note)
    box.setAttribute("aria-describedby", note.id);
  box.checked = schema.default === true;
  return {
    node: h("div", {class: "field check"}, box, h("label", {for: box.id}, labelOf(about)), note),
    get: () => box.checked,
    set: (value) => { box.checked = value === true; },
  };
}

/** Several of a fixed choice. */
function multipleField(about, list) {
  const boxes = list.map((choice) => {
    const box = h("input", {type: "checkbox", id: newId("box")});
    return {box, choice, node: h("div", {class: "check"}, box, h("label", {for: box.id}, choice.title))};
  });
  const field = {
    node: group(about, boxes.map((b) => b.node)),
    get: () => {
      const chosen = boxes.filter((b) => b.box.checked).map((b) => b.choice.value);
      return chosen.length || about.required ? chosen : undefined;
    },
    set: (value) => boxes.forEach((b) => {
      b.box.checked = Array.isArray(value) && value.includes(b.choice.value);
    }),
  };
  field.set(about.schema.default);
  return field;
}

function group(about, ...content) {
  const hint = hintOf(about);
  const note = hint && h("p", {class: "hint", id: newId("hint")}, hint);
  return h("fieldset", {"aria-describedby": note?.id}, h("legend", {}, labelOf(about)), note, content);
}

function arrayField(about) {
  const {schema, root, name, depth} = about;
  const list = h("div", {class: "entries"});
  let rows = [];
  const add = (value) => {
    const one = makeField({name: `${name}[${rows.length}]`, schema: schema.items ?? {}, root,
                           required: true, depth: depth + 1});
    const row = {one, node: null};
    row.node = h("div", {class: "entry"}, one.node, button("Remove", () => remove(row), {
      class: "small", "aria-label": `Remove an entry of ${name}`}));
    if (value !== undefined)
      one.set(value);
    rows.push(row);
    list.append(row.node);
    return row;
  };
  const more = button("Add", () => firstControl(add().node)?.focus(), {
    class: "small", "aria-label": `Add an entry to ${name}`});
  const remove = (row) => {
    rows = rows.filter((other) => other !== row);
    row.node.remove();
    more.focus();
  };
  const field = {
    node: group(about, list, more),
    get: () => {
      const values = rows.map((row) => row.one.get());
      return values.length || about.required ? values : undefined;
    },
    set: (value) => {
      rows = [];
      replace(list);
      (Array.isArray(value) ? value : []).forEach(add);
    },
  };
  field.set(schema.default);
  return field;
}

export function firstControl(node) {
  return node.querySelector("input, textarea, select, button");
}

/** The members of an object, each a field. */
function members({schema, root, depth}) {
  return Object.entries(schema.properties ?? {}).map(([name, property]) => ({
    name,
    field: makeField({name, schema: property, root, depth: depth + 1,
                      required: (schema.required ?? []).includes(name)}),
  }));
}

function membersValue(list) {
  const value = {};
  for (const {name, field} of list) {
    const one = field.get();
    if (one !== undefined)
      value[name] = one;
  }
  return value;
}

function objectField(about) {
  const {schema, required} = about;
  if (!schema.properties)
    return jsonField(about);
  const list = members(about);
  const content = h("div", {}, list.map((member) => member.field.node));
  const box = h("input", {type: "checkbox", id: newId("box")});
  const given = () => { content.hidden = !required && !box.checked; };
  box.addEventListener("change", given);
  const set = (value) => {
    box.checked = value !== undefined;
    list.forEach(({name, field}) => field.set(value?.[name] ?? schema.properties[name].default));
    given();
  };
  if (schema.default === undefined)
    given();
  else
    set(schema.default);
  const choose = required ? null : h("div", {class: "check"}, box,
    h("label", {for: box.id}, "send ", h("code", {}, about.name)));
  return {
    node: group(about, choose, content),
    get: () => (required || box.checked ? membersValue(list) : undefined),
    set,
  };
}

function variantField(about) {
  const list = variants(about.schema, about.root);
  const select = h("select", {id: newId("variant")}, list.map((one, at) =>
    h("option", {value: at}, one.title)));
  const place = h("div");
  let field;
  const choose = () => {
    field = makeField({...about, schema: list[Number(select.value)].schema, depth: about.depth + 1});
    replace(place, field.node);
  };
  select.addEventListener("change", choose);
  const set = (value) => {
    const at = value === undefined ? 0 : list.findIndex((one) => accepts(one.schema, value));
    select.value = String(Math.max(at, 0));
    choose();
    field.set(value);
  };
  set(about.schema.default);
  return {
    node: group(about, h("div", {class: "field"},
      h("label", {for: select.id}, "kind of ", h("code", {}, about.name)), select), place),
    get: () => field.get(),
    set,
  };
}

/** A first guess at which variant a value is of. */
function accepts(schema, value) {
  const type = value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
  const wanted = typeOf(schema);
  if (type === "number")
    return wanted === "number" || (wanted === "integer" && Number.isInteger(value));
  if (type === "object" && wanted === "object")
    return (schema.required ?? []).every((name) => name in value);
  return wanted === type || wanted === undefined;
}

function nullField() {
  return {node: h("p", {class: "hint"}, h("code", {}, "null")), get: () => null, set: () => {}};
}

/** What no other field can show: JSON by hand. */
function jsonField(about) {
  const control = h("textarea", {rows: 3, class: "json", spellcheck: "false"});
  const field = textual(about, control, (text) => {
    if (text.trim() === "" && !about.required)
      return undefined;
    try {
      return parseExact(text);
    } catch (error) {
      return fail(control, `${about.name} is not JSON: ${error.message}`);
    }
  }, (value) => JSON.stringify(value, null, 2));
  field.node.append(h("p", {class: "hint"}, "JSON"));
  return field;
}

/** Whole numbers that JavaScript would round stay as they were written. */
function parseExact(text) {
  return JSON.parse(text, (name, value, context) =>
    (typeof value === "number" && context?.source ? exactNumber(context.source) : value));
}

const makers = {
  string: stringField, integer: numberField, number: numberField, boolean: booleanField,
  array: arrayField, object: objectField, null: nullField,
};

/**
 * The form for an object schema: {node, get(), set(value)}. A switch shows the same as JSON.
 */
export function makeForm(schema) {
  const root = schema ?? {type: "object"};
  const about = {name: "arguments", schema: resolve(root, root), root, required: true, depth: 0};
  const list = members(about);
  const fields = h("div", {}, list.length
    ? list.map((member) => member.field.node)
    : h("p", {class: "hint"}, "It takes no arguments."));
  const json = jsonField({...about, schema: {}});
  json.node.hidden = true;
  const setFields = (value) => list.forEach(({name, field}) =>
    field.set(value?.[name] ?? resolve(about.schema.properties[name], root)?.default));
  const swap = button("Edit as JSON", () => {
    const toJson = json.node.hidden;
    try {
      if (toJson)
        json.set(membersValue(list));
      else
        setFields(json.get());
    } catch (error) {
      error.control?.focus();
      return;
    }
    json.node.hidden = !toJson;
    fields.hidden = toJson;
    swap.textContent = toJson ? "Edit as a form" : "Edit as JSON";
  }, {class: "small"});
  return {
    node: h("div", {class: "form"}, fields, json.node, h("p", {}, swap)),
    get: () => (json.node.hidden ? membersValue(list) : json.get()),
    set: setFields,
  };
}
