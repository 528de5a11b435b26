// RFC 6570, as far as MCP's templates use it: all levels but the explode and prefix modifiers of lists.

const EXPRESSION = /\{([+#./;?&]?)([^{}]+)\}/g;

const operators = {
  "": {first: "", between: ",", named: false, reserved: false},
  "+": {first: "", between: ",", named: false, reserved: true},
  "#": {first: "#", between: ",", named: false, reserved: true},
  ".": {first: ".", between: ".", named: false, reserved: false},
  "/": {first: "/", between: "/", named: false, reserved: false},
  ";": {first: ";", between: ";", named: true, reserved: false},
  "?": {first: "?", between: "&", named: true, reserved: false},
  "&": {first: "&", between: "&", named: true, reserved: false},
};

function parts(list) {
  return list.split(",").map((spec) => {
    const [, name, length] = /^([^:*]+)(?::(\d+))?\*?$/.exec(spec) ?? [null, spec];
    return {name, length: length && Number(length)};
  });
}

/** The names in the template, each once, in order. */
export function variables(template) {
  const names = [...template.matchAll(EXPRESSION)].flatMap(([, , list]) => parts(list));
  return [...new Set(names.map(({name}) => name))];
}

/** The address with the values put in; what has no value is left out. */
export function expand(template, values) {
  return template.replace(EXPRESSION, (whole, sign, list) => {
    const operator = operators[sign];
    const filled = parts(list).filter(({name}) => values[name] !== undefined)
      .map(({name, length}) => one(operator, sign, name, [...values[name]].slice(0, length).join("")));
    return filled.length ? operator.first + filled.join(operator.between) : "";
  });
}

function one(operator, sign, name, value) {
  const written = operator.reserved ? encodeURI(value).replaceAll("%25", "%") : strict(value);
  if (!operator.named)
    return written;
  return written === "" && sign === ";" ? name : `${name}=${written}`;
}

function strict(value) {
  return encodeURIComponent(value).replace(/[!'()*]/g, (c) =>
    `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}
