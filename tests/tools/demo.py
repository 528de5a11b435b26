#!/usr/bin/env python3
"""Shows the main job: starts a server over stdio as a client would, lists its tools, calls three.

usage: demo.py HEXMCP
"""
import json
import os
import select
import shutil
import subprocess
import sys
import textwrap
import time

CALLS = [
    ("calculator", {"operation": "evaluate", "input": "(2+3)*7"}),
    ("text-manipulator", {"operation": "uppercase", "input": "grüße, welt"}),
    ("hash-calculator", {"operation": "hash", "algorithm": "sha256", "input": "hello"}),
]

META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": {"name": "demo", "version": "1"},
}


PATIENCE = 10  # seconds that an answer may take


class Server:
    def __init__(self, program):
        self.process = subprocess.Popen([program, "serve"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.last_id = 0

    def request(self, method, **params):
        """The result and how long it took, in milliseconds."""
        self.last_id += 1
        message = {"jsonrpc": "2.0", "id": self.last_id, "method": method,
                   "params": {**params, "_meta": META}}
        start = time.perf_counter()
        try:
            self.process.stdin.write(json.dumps(message).encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # what it said before it ended tells more
        if not select.select([self.process.stdout], [], [], PATIENCE)[0]:
            self.give_up(f"the server did not answer {method} within {PATIENCE} s")
        line = self.process.stdout.readline()
        took = (time.perf_counter() - start) * 1000
        if not line:
            self.give_up("the server ended without an answer")
        try:
            answer = json.loads(line)
        except ValueError:
            self.give_up(f"the server answered {method} with what is not JSON: {line[:200]!r}")
        if "error" in answer:
            self.give_up(f"{method} was answered with {answer['error']['message']}")
        return answer["result"], took

    def give_up(self, why):
        self.process.kill()
        said = self.process.stderr.read().decode(errors="replace").strip()
        print(f"\n{why}\nit said on stderr: {said or '(nothing)'}\n"
              "try \"./dev clean\" and \"./dev build\"; if it stays, \"./dev test\" shows what is broken",
              file=sys.stderr)
        sys.exit(1)

    def close(self):
        self.process.stdin.close()
        return self.process.wait(timeout=5)


def in_short(text, taken):
    """The first sentence, cut to what a line has left."""
    room = max(shutil.get_terminal_size((100, 24)).columns - taken, 30)
    return textwrap.shorten(text.split(". ")[0].rstrip(".") + ".", room, placeholder=" ...")


def main():
    program = os.path.abspath(sys.argv[1])
    start = time.perf_counter()
    server = Server(program)
    info, _ = server.request("server/discover")
    print(f"{info['_meta']['io.modelcontextprotocol/serverInfo']['name']} answered "
          f"{(time.perf_counter() - start) * 1000:.1f} ms after its start, "
          f"protocol {', '.join(info['supportedVersions'])}")
    tools, took = server.request("tools/list")
    print(f"\n{len(tools['tools'])} tools, listed in {took:.1f} ms:")
    for tool in tools["tools"]:
        print(f"  {tool['name']:<18} {in_short(tool['description'], 21)}")
    for name, arguments in CALLS:
        result, took = server.request("tools/call", name=name, arguments=arguments)
        print(f"\n{name} {json.dumps(arguments, ensure_ascii=False)}  ({took:.1f} ms)")
        for block in result["content"]:
            print(f"  {block['text']}")
        if result.get("isError"):
            server.give_up(f"{name} failed")
    print(f"\nthe server ended with its input, exit code {server.close()}")
    print("\nTo use it in an assistant or IDE, put this into its MCP configuration:\n")
    print(json.dumps({"mcpServers": {"hexmcp": {"command": program, "args": ["serve"]}}}, indent=2))


if __name__ == "__main__":
    main()
