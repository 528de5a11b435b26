"""A client over stdio that keeps everything: what was answered, and what came before it."""
import json
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../tools"))
sys.path.insert(0, os.path.join(HERE, "../../wire"))
from session import PATIENCE  # noqa: E402

META = "io.modelcontextprotocol/"
TASKS = META + "tasks"
ABLE = {"elicitation": {}, "sampling": {}, "roots": {}}
TASK_CLIENT = {**ABLE, "extensions": {TASKS: {}}}


class Client:
    def __init__(self, server):
        self.server = server
        self.serial = 0
        self.seen = []  # what came between the last question and its answer

    def send(self, method, params, request_id=None):
        message = {"jsonrpc": "2.0", "method": method, "params": params}
        if request_id is not None:
            message["id"] = request_id
        self.server.send(json.dumps(message))

    def answer(self, request):
        raise AssertionError(f"nobody should be asked: {request}")

    def ask(self, method, params):
        """The whole response but for its id and "jsonrpc"."""
        self.serial += 1
        self.seen = []
        self.send(method, params, self.serial)
        while True:
            message = self.server.message()
            if message is None:
                raise EOFError(self.server.stderr())
            if message.get("id") == self.serial and "method" not in message:
                return message.get("result", message.get("error"))
            self.seen.append(message)
            if "id" in message:
                self.server.send(json.dumps({"jsonrpc": "2.0", "id": message["id"],
                                             "result": self.answer(message)}))


class Modern(Client):
    """2026-07-28. `serverInfo` is taken off the results."""

    def request(self, method, abilities=None, meta=None, **params):
        claim = {META + "protocolVersion": "2026-07-28",
                 META + "clientCapabilities": abilities or {}}
        result = self.ask(method, {**params, "_meta": {**claim, **(meta or {})}})
        result.get("_meta", {}).pop(META + "serverInfo", None)
        if result.get("_meta") == {}:
            del result["_meta"]
        return result

    def call(self, tool, arguments=None, abilities=None, meta=None, **more):
        return self.request("tools/call", abilities, meta, name=tool, arguments=arguments or {},
                            **more)

    def retry(self, asked, tool, answers, arguments=None, abilities=None):
        return self.call(tool, arguments, abilities or ABLE, inputResponses=answers,
                         requestState=asked["requestState"])

    def wait(self, task, *statuses):
        """The task when it has one of the statuses."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            got = self.request("tasks/get", TASK_CLIENT, taskId=task)
            if got.get("status") in statuses:
                return got
            time.sleep(0.02)
        raise TimeoutError(f"the task is none of {statuses}: {got}")


class Legacy(Client):
    """A session of 2025-11-25; `answers` is what the client says when it is asked, by method."""

    def __init__(self, server, capabilities=None):
        super().__init__(server)
        self.answers = {}
        self.initialized = self.ask("initialize", {
            "protocolVersion": "2025-11-25", "capabilities": capabilities or {},
            "clientInfo": {"name": "test", "version": "1"}})
        self.send("notifications/initialized", {})

    def answer(self, request):
        return self.answers[request["method"]]

    def call(self, tool, arguments=None, **more):
        return self.ask("tools/call", {"name": tool, "arguments": arguments or {}, **more})


def text(value):
    return [{"type": "text", "text": value}]


def accept(**content):
    return {"action": "accept", "content": content}
