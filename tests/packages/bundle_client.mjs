// What a client does with a bundle, by the MCPB tools: unpack, check the manifest, make the command.
// usage: node bundle_client.mjs MCPB FOLDER USER_CONFIG; prints one JSON object
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [bundle, folder, userConfig] = process.argv.slice(2);
const require = createRequire(path.join(process.env.INTEROP_NODE_HOME, "package.json"));
const found = require.resolve("@anthropic-ai/mcpb");
const { unpackExtension, getMcpConfigForManifest, v0_3 } = await import(pathToFileURL(found));
const { readFileSync } = await import("node:fs");

const unpacked = await unpackExtension({ mcpbPath: bundle, outputDir: folder, silent: true });
const manifest = JSON.parse(readFileSync(path.join(folder, "manifest.json"), "utf8"));
const checked = v0_3.McpbManifestSchema.safeParse(manifest);
const config = await getMcpConfigForManifest({
  manifest,
  extensionPath: folder,
  systemDirs: { HOME: "/nonexistent" },
  userConfig: JSON.parse(userConfig),
  pathSeparator: "/",
});
const faults = checked.success ? [] : checked.error.issues;
process.stdout.write(JSON.stringify({ unpacked, faults, config }));
