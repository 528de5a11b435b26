// Looks at JSON Schemas, as far as a form needs to understand them.

const MAX_STEPS = 32;

/** The schema that a local "$ref" leads to, with what stands beside it. */
export function resolve(schema, root) {
  let at = schema;
  for (let step = 0; at && typeof at.$ref === "string" && step < MAX_STEPS; step++) {
    const {$ref, ...beside} = at;
    const found = $ref.startsWith("#") ? lookUp(root, $ref.slice(1)) : undefined;
    if (!found || typeof found !== "object")
      return beside;
    at = {...found, ...beside};
  }
  return mergeAllOf(at, root);
}

function lookUp(root, pointer) {
  let at = root;
  for (const part of decodeURIComponent(pointer).split("/").slice(1))
    at = at?.[part.replaceAll("~1", "/").replaceAll("~0", "~")];
  return at;
}

/** allOf of objects is shown as one object. */
function mergeAllOf(schema, root) {
  if (!Array.isArray(schema?.allOf))
    return schema;
  const {allOf, ...merged} = schema;
  for (const part of allOf) {
    const one = resolve(part, root);
    merged.type ??= one.type;
    merged.description ??= one.description;
    merged.properties = {...one.properties, ...merged.properties};
    merged.required = [...(one.required ?? []), ...(merged.required ?? [])];
  }
  return merged;
}

/** [{value, title}] if the schema is a choice between constants; otherwise nothing. */
export function choices(schema) {
  if (Array.isArray(schema.enum))
    return schema.enum.map((value, at) => ({value, title: schema.enumNames?.[at] ?? text(value)}));
  if (schema.const !== undefined)
    return [{value: schema.const, title: schema.title ?? text(schema.const)}];
  const variants = schema.oneOf ?? schema.anyOf;
  if (Array.isArray(variants) && variants.length && variants.every((v) => v?.const !== undefined))
    return variants.map((v) => ({value: v.const, title: v.title ?? text(v.const)}));
  return undefined;
}

function text(value) {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** [{schema, title}] of which a value may fit one, if there are several. */
export function variants(schema, root) {
  const list = schema.oneOf ?? schema.anyOf;
  const {oneOf, anyOf, title, description, default: preset, ...common} = schema;
  if (Array.isArray(list) && list.length > 1)
    return list.map((one, at) => variant({...common, ...resolve(one, root)}, at));
  if (Array.isArray(schema.type) && schema.type.length > 1)
    return schema.type.map((type, at) => variant({...common, type}, at));
  return undefined;
}

function variant(schema, at) {
  return {schema, title: schema.title ?? typeOf(schema) ?? `variant ${at + 1}`};
}

export function typeOf(schema) {
  if (Array.isArray(schema.type))
    return schema.type[0];
  if (schema.type)
    return schema.type;
  if (schema.properties)
    return "object";
  return schema.items ? "array" : undefined;
}

/** The limits of a value, in words. */
export function limits(schema) {
  const words = [];
  const say = (name, form) => {
    if (schema[name] !== undefined)
      words.push(form(schema[name]));
  };
  say("minimum", (n) => `at least ${n}`);
  say("exclusiveMinimum", (n) => `more than ${n}`);
  say("maximum", (n) => `at most ${n}`);
  say("exclusiveMaximum", (n) => `less than ${n}`);
  say("multipleOf", (n) => `a multiple of ${n}`);
  if (schema.minLength > 1)
    words.push(`at least ${schema.minLength} characters`);
  say("maxLength", (n) => `at most ${n} characters`);
  say("pattern", (p) => `like ${p}`);
  say("format", (f) => f);
  say("minItems", (n) => `at least ${n} entries`);
  say("maxItems", (n) => `at most ${n} entries`);
  return words.join(", ");
}
