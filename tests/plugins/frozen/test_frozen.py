#!/usr/bin/env python3
"""test_frozen.py HEXMCP FOLDER BUILT_WITH

Plugins that were written for ABI 1.0 and are never changed, in today's host: FOLDER holds them built
with the headers of then (the stand-in for an old binary) or of now. Each must load, run and end well.
"""
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../tools"))
sys.path.insert(0, os.path.join(HERE, "../../wire"))
from session import Place, Server  # noqa: E402
from tap import Tap  # noqa: E402

FOLDER, WITH = os.path.abspath(sys.argv[2]), sys.argv[3]
ABLE = {"io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {"elicitation": {"form": {}}}}


def bundle(name):
    return os.path.join(FOLDER, "hexmcp.frozen." + name)


class Client:
    def __init__(self, place, name, *arguments):
        self.server = Server(place, "--plugin", bundle(name), *arguments)
        self.serial = 0

    def send(self, method, **params):
        self.serial += 1
        self.server.send(json.dumps({"jsonrpc": "2.0", "id": self.serial, "method": method,
                                     "params": {**params, "_meta": ABLE}}))
        return self.serial

    def ask(self, method, **params):
        answer = self.server.answer(self.send(method, **params))
        return answer.get("result", answer.get("error"))

    def call(self, tool, **arguments):
        return self.ask("tools/call", name=tool, arguments=arguments)

    def end(self):
        return self.server.end()[:2]


def text(result):
    return result["content"][0]["text"] if "content" in result else result


def check_inline(tap, place):
    client = Client(place, "inline", "--set", "plugins.settings=" + json.dumps(
        {"hexmcp.frozen.inline": {"greeting": "Salve"}}))
    tap.equal(f"{WITH}: an inline tool with a setting", text(client.call("frozen_greet", name="Ada")),
              "Salve, Ada!")
    tap.equal(f"{WITH}: its error", text(client.call("frozen_greet", name="x" * 64)),
              "`name` must be at most 63 bytes long")
    tap.equal(f"{WITH}: the inline plugin ends well", client.end(), (0, ""))


def check_worker(tap, place):
    client = Client(place, "worker")
    tap.equal(f"{WITH}: a worker tool with a timer",
              client.call("frozen_steps", steps=3)["structuredContent"], {"steps": 3})
    serial = client.send("tools/call", name="frozen_steps", arguments={"steps": 100000000})
    client.server.send('{"jsonrpc":"2.0","method":"notifications/cancelled","params":'
                       f'{{"requestId":{serial}}}}}')
    tap.equal(f"{WITH}: a cancelled call leaves room for others",
              client.call("frozen_steps", steps=1)["structuredContent"], {"steps": 1})
    tap.equal(f"{WITH}: the worker plugin ends well", client.end(), (0, ""))


def check_items(tap, place):
    client = Client(place, "items")
    tap.equal(f"{WITH}: a resource",
              client.ask("resources/read", uri="frozen://cold")["contents"][0]["text"], "cold")
    tap.equal(f"{WITH}: a template",
              client.ask("resources/read", uri="frozen://of/snow")["contents"][0]["text"], "snow")
    tap.equal(f"{WITH}: completion", client.ask(
        "completion/complete", ref={"type": "ref/prompt", "name": "frozen_say"},
        argument={"name": "what", "value": ""})["completion"]["values"], ["ice"])
    first = client.ask("prompts/get", name="frozen_say")
    tap.equal(f"{WITH}: a prompt that asks", first.get("resultType"), "input_required")
    second = client.ask("prompts/get", name="frozen_say", requestState=first["requestState"],
                        inputResponses={"what": {"action": "accept", "content": {"what": "hail"}}})
    tap.equal(f"{WITH}: a prompt that goes on", second["messages"][0]["content"]["text"], "hail")
    tap.equal(f"{WITH}: the plugin of items ends well", client.end(), (0, ""))


def check_dynamic(tap, place):
    client = Client(place, "dynamic")
    tap.equal(f"{WITH}: a tool is published", text(client.call("frozen_publish")), "published")
    tap.equal(f"{WITH}: and answers", text(client.call("frozen_later")), "I am late")
    tap.equal(f"{WITH}: the dynamic plugin ends well", client.end(), (0, ""))


def check_files(tap, place):
    granted = place.folder("granted")
    path = place.write("granted/a.txt", "in the file")
    client = Client(place, "files", "--allow-read", granted)
    tap.equal(f"{WITH}: a granted file", text(client.call("frozen_read", path=path)), "in the file")
    refused = client.call("frozen_read", path="/etc/hostname")
    tap.check(f"{WITH}: another is refused", refused.get("isError") or "message" in refused, refused)
    tap.equal(f"{WITH}: the reader of files ends well", client.end(), (0, ""))


def main():
    with Tap() as tap, Place(os.path.abspath(sys.argv[1])) as place:
        for check in (check_inline, check_worker, check_items, check_dynamic, check_files):
            check(tap, place)
        for name in ("inline", "worker", "items", "dynamic", "files"):
            done = subprocess.run(["nm", "-D", "--defined-only", bundle(name) + "/plugin.so"],
                                  capture_output=True, text=True, check=False)
            tap.equal(f"{WITH}: {name} exports the two symbols",
                      sorted(line.split()[-1] for line in done.stdout.splitlines()),
                      ["hexmcp_plugin_create", "hexmcp_plugin_info"])


main()
