"""Does what the server said fit the published schema of its revision?"""

import glob
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
CACHE = os.environ.get("HEXMCP_CACHE") or os.path.join(HERE, "..", "..", ".cache")

# The validator that tests/interop/setup has installed does as well as one of the system.
sys.path += glob.glob(os.path.join(CACHE, "interop", "python", "venv", "lib", "*", "site-packages"))
sys.path.insert(0, os.path.join(HERE, "..", "interop", "lib"))

from schema import Schemas  # noqa: E402
from transcript import MODERN  # noqa: E402

CLAIMED = "io.modelcontextprotocol/protocolVersion"
RESULTS = {
    "initialize": "InitializeResult", "ping": "EmptyResult", "logging/setLevel": "EmptyResult",
    "server/discover": "DiscoverResult", "tools/list": "ListToolsResult",
    "tools/call": "CallToolResult", "prompts/list": "ListPromptsResult",
    "prompts/get": "GetPromptResult", "resources/list": "ListResourcesResult",
    "resources/templates/list": "ListResourceTemplatesResult",
    "resources/read": "ReadResourceResult", "resources/subscribe": "EmptyResult",
    "resources/unsubscribe": "EmptyResult", "completion/complete": "CompleteResult",
    "subscriptions/listen": "SubscriptionsListenResult", "tasks/get": "GetTaskResult",
    "tasks/result": "CallToolResult", "tasks/list": "ListTasksResult",
    "tasks/cancel": "CancelTaskResult",
}
# The modern tasks are an extension, whose messages the schema of the core does not know.
EXTENSION = {"tasks/get", "tasks/update", "tasks/cancel", "tasks/result", "tasks/list"}


class Asked:
    """What the client has asked, to know what an answer should look like."""

    def __init__(self, revision):
        self.revision, self.requests = revision, {}

    def send(self, line):
        try:
            message = json.loads(line)
        except ValueError:
            return
        for one in message if isinstance(message, list) else [message]:
            if isinstance(one, dict) and "method" in one and "id" in one:
                self.requests[json.dumps(one["id"])] = one

    def definition(self, message):
        """(revision, name of the definition, value) or None if no schema speaks of it."""
        if "method" in message:
            return self._spoken(message)
        request = self.requests.get(json.dumps(message.get("id")), {})
        revision = MODERN if self._is_modern(request) else self.revision
        if "error" in message:
            return self._error(message, revision)
        method, result = request.get("method"), message.get("result", {})
        if revision == MODERN:
            return self._modern(method, result)
        if "task" in result and method == "tools/call":
            return revision, "CreateTaskResult", result
        return (revision, RESULTS[method], result) if method in RESULTS else None

    def _is_modern(self, request):
        params = request.get("params")
        meta = params.get("_meta") if isinstance(params, dict) else None
        return isinstance(meta, dict) and CLAIMED in meta

    def _spoken(self, message):
        if message["method"] == "notifications/tasks":
            return None
        modern = self.revision == MODERN
        if "id" in message:
            return None if modern else (self.revision, "ServerRequest", message)
        return self.revision, "ServerNotification", message

    def _error(self, message, revision):
        # Before 2025-11-25 the schema has no error without a readable id, which plain JSON-RPC has.
        if message.get("id") is None:
            return None
        name = "JSONRPCErrorResponse" if revision >= "2025-11-25" else "JSONRPCError"
        return revision, name, message

    def _modern(self, method, result):
        if method in EXTENSION or result.get("resultType") == "task" or method == "ping":
            return None
        if result.get("resultType") == "input_required":
            return MODERN, "InputRequiredResult", result
        return (MODERN, RESULTS[method], result) if method in RESULTS else None


def complaints(schemas, conversation):
    """What is wrong with the server's lines of one conversation."""
    asked, sent, found = Asked(conversation.revision), 0, []
    for count, line in conversation.heard:
        for one in conversation.sent[sent:count]:
            asked.send(one)
        sent = count
        message = json.loads(line)
        for one in message if isinstance(message, list) else [message]:
            what = asked.definition(one)
            found += [f"{line}\n  {bad}" for bad in _bad(schemas, what)]
    return found


def _bad(schemas, what):
    bad = what and schemas.complaint(*what)
    return [bad] if bad else []
