// Bytes of a token in definitions of tools, by published tokenizers: where the 4.2 of
// core/toolset/cost.c comes from.
//
//   npm install --no-save js-tiktoken @anthropic-ai/tokenizer
//   hexmcp tools --json | node tokens.mjs
import { readFileSync } from "node:fs";
import { getEncoding } from "js-tiktoken";
import { countTokens } from "@anthropic-ai/tokenizer";

const o200k = getEncoding("o200k_base"), cl100k = getEncoding("cl100k_base");
const counters = {
  o200k_base: (text) => o200k.encode(text).length,
  cl100k_base: (text) => cl100k.encode(text).length,
  claude: countTokens,
};
const texts = JSON.parse(readFileSync(0, "utf8")).map(({ plugin, ...tool }) => JSON.stringify(tool));
const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text) + 1, 0);
for (const [name, count] of Object.entries(counters)) {
  const tokens = texts.reduce((sum, text) => sum + count(text), 0);
  console.log(`${name}: ${texts.length} tools, ${bytes} bytes, ${tokens} tokens, ${(bytes / tokens).toFixed(2)} bytes a token`);
}
