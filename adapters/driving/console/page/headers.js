// What protocol 2026-07-28 repeats of a request in its headers.

const encoder = new TextEncoder();

/** As it is if a header can hold it, in base64 otherwise. */
export function headerValue(text) {
  const plain = /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(text);
  if (plain && !(text.startsWith("=?base64?") && text.endsWith("?=")))
    return text;
  let binary = "";
  for (const byte of encoder.encode(text))
    binary += String.fromCharCode(byte);
  return `=?base64?${btoa(binary)}?=`;
}

/** Mcp-Param-* of the arguments whose property in the schema is marked with x-mcp-header. */
export function parameterHeaders(schema, value, headers = {}) {
  for (const [name, property] of Object.entries(schema?.properties ?? {})) {
    const argument = value?.[name];
    if (argument === undefined || argument === null)
      continue;
    if (property?.["x-mcp-header"])
      headers[`Mcp-Param-${property["x-mcp-header"]}`] = headerValue(String(argument));
    else if (typeof argument === "object")
      parameterHeaders(property, argument, headers);
  }
  return headers;
}
