"""The published examples of 2026-07-28 against the built server.

usage: examples.py HEXMCP
 - what a client sends is sent, completed to a request where it is less: it must not be refused as
   no message;
 - what a server sends must fit the schema, and where a transcript has the like, the server knows
   each of its members.
The examples are not part of this tree: they lie beside the schemas (HEXMCP_MCP_SCHEMA).
"""

import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "tools"))

import fits  # noqa: E402
from conversation import OTHERS, Process  # noqa: E402
from session import Place  # noqa: E402
from tap import Tap  # noqa: E402
from transcript import CLAIM, MODERN, VARIABLE, builtins, load  # noqa: E402

FOLDER = "examples-" + MODERN
QUESTIONS = {"CreateMessageRequest", "ElicitRequest", "ListRootsRequest"}
PARAMS = {"CallToolRequestParams": "tools/call", "CompleteRequestParams": "completion/complete",
          "GetPromptRequestParams": "prompts/get", "PaginatedRequestParams": "tools/list",
          "CancelledNotificationParams": "notifications/cancelled"}
ANSWERS = {"ElicitResult", "CreateMessageResult", "ListRootsResult"}
NO_MESSAGE = {-32700, -32600}
META = json.loads("{" + CLAIM + "{}}")

ITEMS = {"tools": "Tool", "resources": "Resource", "resourceTemplates": "ResourceTemplate",
         "prompts": "Prompt"}
# Members that no transcript shows: blocks go out with every member that their revision knows.
PASSED_ON = {"ResourceLink": {"description"}}
COMMON = {"annotations", "_meta"}  # which the server knows in every block if it does in one
BLOCKS = {"text": "TextContent", "image": "ImageContent", "audio": "AudioContent",
          "resource_link": "ResourceLink", "resource": "EmbeddedResource"}


def request(method, params):
    params = {**params, "_meta": {**META, **params.get("_meta", {})}}
    return {"jsonrpc": "2.0", "id": "example", "method": method, "params": params}


def call(responses):
    return request("tools/call", {"name": "ask-name", "inputResponses": responses})


def as_sent(definition, value):
    """The message in which a client sends the example, or None if it is the server's to send."""
    if definition.endswith("Request") and definition not in QUESTIONS:
        return value
    if definition == "CancelledNotification":
        return value
    if definition == "CancelledNotificationParams":
        return {"jsonrpc": "2.0", "method": PARAMS[definition], "params": value}
    if definition in PARAMS:
        return request(PARAMS[definition], value)
    if definition == "ClientCapabilities":
        meta = {**META, "io.modelcontextprotocol/clientCapabilities": value}
        return request("tools/list", {"_meta": meta})
    if definition == "InputResponses":
        return call(value)
    if definition == "Root":
        return call({"roots": {"roots": [value]}})
    return call({"example": value}) if definition in ANSWERS else None


def refusal(program, message):
    """Why the server took it for no message, or an empty text."""
    everything = os.path.join(os.path.dirname(program), OTHERS["everything"])
    with Place(program) as place:
        server = Process(place, "--plugin", everything)
        server.send(json.dumps(message))
        server.send('{"jsonrpc":"2.0","id":"after","method":"ping"}')
        heard = []
        while "after" not in (one.get("id") for one in heard) or "id" in message and len(heard) < 2:
            line = server.line()
            if line is None:
                return f"the server says no more after {heard}; stderr: {server.stderr()}"
            heard.append(json.loads(line))
        server.end()
    codes = {one.get("error", {}).get("code") for one in heard}
    if "id" not in message and len(heard) > 1:
        return f"a notification was answered: {heard}"
    return f"{heard}" if codes & NO_MESSAGE else ""


class Said:
    """What the server says in the transcripts of the modern revision: {definition: members}."""

    def __init__(self):
        self.members = {}
        for one in load(os.path.join(HERE, "transcripts")):
            if one.revisions == [MODERN]:
                self._read(one)

    def _read(self, transcript):
        asked, known = fits.Asked(MODERN), builtins(transcript, MODERN)
        for _, mark, text in transcript.steps:
            text = VARIABLE.sub(lambda match: known.get(match.group(1), match.group(1)), text)
            if mark in ">?":
                asked.send(text)
            elif mark == "<":
                self._message(asked, json.loads(text))

    def _message(self, asked, message):
        if "error" in message:
            self._note(message["error"]["code"], {**message["error"], "data": None})
        elif "method" in message:
            self._note(message["method"], message.get("params", {}))
        elif (what := asked.definition(message)) is not None:
            self._note(what[1], what[2])
            self._inside(what[2])

    def _note(self, definition, value):
        self.members.setdefault(definition, set()).update(value)

    def _inside(self, result):
        for key, definition in ITEMS.items():
            for one in result.get(key, []):
                self._note(definition, one)
        for one in result.get("content", []):
            for definition in BLOCKS.values():
                self._note(definition, COMMON & one.keys())
            self._note(BLOCKS[one["type"]], one)
        for one in result.get("contents", []):
            self._note("TextResourceContents" if "text" in one else "BlobResourceContents", one)

    def unknown(self, definition, value):
        """(is there the like?, members of the example that the server never says)"""
        if "error" in value:
            definition, value = value["error"].get("code"), value["error"]
        elif definition.endswith("Error"):
            definition = value.get("code")
        elif definition.endswith("ResultResponse"):
            definition, value = definition[:-len("Response")], value["result"]
        elif "method" in value:
            definition, value = value["method"], value.get("params", {})
        there = definition in self.members
        known = self.members.get(definition, set()) | PASSED_ON.get(definition, set())
        return there, sorted(value.keys() - known) if there else []


def check_ours(tap, schemas, said, name, definition, value):
    there, unknown = said.unknown(definition, value)
    what = "fits the schema, its members are known" if there else "fits the schema"
    if schemas.why_not:
        tap.equal(f"{name}: its members are known", unknown, [])
        return
    complaint = schemas.complaint(MODERN, definition, value)
    tap.check(f"{name}: {what}", not complaint and not unknown,
              f"{complaint or ''} members that the server never says: {unknown}")


def check_example(tap, program, schemas, said, name, value):
    definition = name.split("/")[0]
    message = as_sent(definition, value)
    if message is None:
        check_ours(tap, schemas, said, name, definition, value)
        return
    why = refusal(program, message)
    tap.check(f"{name}: sent, not refused as no message", not why, why)


def examples(folder):
    for definition in sorted(os.listdir(folder)):
        for name in sorted(os.listdir(os.path.join(folder, definition))):
            with open(os.path.join(folder, definition, name), encoding="utf-8") as file:
                yield f"{definition}/{name}", json.load(file)


def main():
    program, schemas = os.path.abspath(sys.argv[1]), fits.Schemas()
    folder = os.path.join(os.path.dirname(schemas.folder), FOLDER)
    with Tap() as tap:
        if not os.path.isdir(folder):
            tap.skip("the published examples", f"no folder {FOLDER} beside the schemas: set "
                     "HEXMCP_MCP_SCHEMA")
            return
        if schemas.why_not:
            tap.skip("examples fit the schema", schemas.why_not)
        said = Said()
        for name, value in examples(folder):
            check_example(tap, program, schemas, said, name, value)


if __name__ == "__main__":
    main()
