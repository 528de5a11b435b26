// A server on the official TypeScript SDK with the tool that the benchmark calls.
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { z } from "zod";

const server = new McpServer({ name: "peer", version: "1" });
server.registerTool(
  "hello",
  { description: "Greets.", inputSchema: { name: z.string().min(1).max(100) } },
  async ({ name }) => ({ content: [{ type: "text", text: `Hello, ${name}!` }] }),
);
await server.connect(new StdioServerTransport());
