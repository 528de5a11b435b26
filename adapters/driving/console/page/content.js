// What tools, prompts and resources give: blocks of content. HTML is shown as text, always.

import {bytes, copyButton, h} from "./dom.js";
import {jsonTree} from "./json_tree.js";

/** An element for the block that a tool or a prompt gave. */
export function contentBlock(block) {
  const show = blocks[block?.type];
  const node = show ? show(block) : jsonTree(block);
  const notes = annotations(block?.annotations);
  return h("div", {class: `block ${block?.type ?? ""}`}, node, notes);
}

const blocks = {
  text: (block) => textNode(block.text),
  image: (block) => media(block.data, block.mimeType),
  audio: (block) => media(block.data, block.mimeType),
  resource_link: (block) => h("p", {}, h("a", {href: resourceHash(block.uri)}, block.title ?? block.name ?? block.uri),
    " ", h("code", {}, block.uri), block.description ? ` — ${block.description}` : null),
  resource: (block) => resourceContents(block.resource),
};

function annotations(given) {
  if (!given)
    return null;
  const words = [given.audience && `for ${given.audience.join(" and ")}`,
                 given.priority !== undefined && `priority ${given.priority}`,
                 given.lastModified && `changed ${given.lastModified}`].filter(Boolean);
  return words.length ? h("p", {class: "hint"}, words.join(", ")) : null;
}

export function resourceHash(uri) {
  return `#/resources/${encodeURIComponent(uri)}`;
}

/** Text; as a tree too if it is a JSON object or array. */
function textNode(text, mimeType = "") {
  const plain = h("div", {class: "text"}, h("pre", {tabindex: "0", "aria-label": "text"}, text), copyButton(() => text));
  const value = /^\s*[{[]/.test(text) || mimeType.includes("json") ? parsed(text) : undefined;
  if (value === null || typeof value !== "object")
    return plain;
  return h("div", {}, jsonTree(value), h("details", {}, h("summary", {}, "as text"), plain));
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function media(base64, mimeType = "") {
  const blob = fromBase64(base64, mimeType);
  if (!blob)
    return h("p", {class: "error"}, "The data is not base64.");
  const url = URL.createObjectURL(blob);
  let node;
  if (mimeType.startsWith("image/"))
    node = h("img", {src: url, alt: `image, ${mimeType}, ${bytes(blob.size)}`});
  else if (mimeType.startsWith("audio/"))
    node = h("audio", {src: url, controls: true, "aria-label": `audio, ${mimeType}`});
  else if (mimeType.startsWith("video/"))
    node = h("video", {src: url, controls: true, "aria-label": `video, ${mimeType}`});
  const save = h("a", {href: url, download: "data"}, `Save ${mimeType || "data"}, ${bytes(blob.size)}`);
  return h("div", {class: "media"}, node, h("p", {}, save));
}

function fromBase64(text, type) {
  try {
    const binary = atob(text);
    return new Blob([Uint8Array.from(binary, (c) => c.charCodeAt(0))], {type: safeType(type)});
  } catch {
    return null;
  }
}

/** A saved page must not be opened as one of this server's. */
function safeType(type) {
  return /^(image|audio|video)\//.test(type) ? type : "application/octet-stream";
}

/** One of the contents of a resource. */
export function resourceContents(contents) {
  const body = contents.blob !== undefined ? media(contents.blob, contents.mimeType)
                                           : textNode(contents.text ?? "", contents.mimeType);
  return h("figure", {}, h("figcaption", {}, h("code", {}, contents.uri),
    contents.mimeType ? ` ${contents.mimeType}` : null), body);
}

/** All that a tool gave. */
export function toolResult(result) {
  const parts = [];
  if (result.isError)
    parts.push(h("p", {class: "error"}, "The tool says that it failed."));
  parts.push(...(result.content ?? []).map(contentBlock));
  if (result.structuredContent !== undefined)
    parts.push(h("h4", {}, "Structured"), jsonTree(result.structuredContent));
  if (parts.length === 0)
    parts.push(h("p", {class: "hint"}, "The result is empty."));
  return parts;
}

/** An error, in words: of the protocol, of HTTP, of the network. */
export function errorNote(error) {
  const code = error.code === undefined || typeof error.code !== "number" ? "" : ` (code ${error.code})`;
  const status = error.status ? ` (HTTP ${error.status})` : "";
  return h("div", {class: "error"}, h("p", {}, `${error.message}${code}${status}`),
           error.data === undefined ? null : jsonTree(error.data));
}
