"""Validation of messages against the published schema files, which are not part of this tree."""

import json
import os

from server import MODERN

HERE = os.path.dirname(os.path.abspath(__file__))
DEFAULT = os.path.join(HERE, "..", "..", "..", "..", "shared", "mcp", "schema")

RESULTS = {
    "initialize": "InitializeResult", "server/discover": "DiscoverResult", "ping": "EmptyResult",
    "tools/list": "ListToolsResult", "tools/call": "CallToolResult",
    "resources/list": "ListResourcesResult", "resources/read": "ReadResourceResult",
    "resources/templates/list": "ListResourceTemplatesResult",
    "resources/subscribe": "EmptyResult", "resources/unsubscribe": "EmptyResult",
    "prompts/list": "ListPromptsResult", "prompts/get": "GetPromptResult",
    "completion/complete": "CompleteResult", "logging/setLevel": "EmptyResult",
    "subscriptions/listen": "SubscriptionsListenResult", "tasks/result": "CallToolResult",
    "tasks/get": "GetTaskResult", "tasks/cancel": "CancelTaskResult",
}


def definition_of(method, revision, result):
    """None if there is no published schema: the modern tasks are an extension."""
    if result.get("resultType") == "input_required":
        return "InputRequiredResult"
    if revision == MODERN and (result.get("resultType") == "task" or method.startswith("tasks/")):
        return None
    return "CreateTaskResult" if method == "tools/call" and "task" in result else RESULTS[method]


def messages(wire, connection_revision):
    """(definition, revision, value) of what came, results that came before left out."""
    seen = set()
    for message in wire.order:
        if message.get("method") == "notifications/tasks":
            continue  # of the extension, which has no published schema
        if "method" in message:
            is_modern = "io.modelcontextprotocol/subscriptionId" in (
                message.get("params", {}).get("_meta", {}))
            yield ("ServerRequest" if "id" in message else "ServerNotification",
                   MODERN if is_modern else connection_revision, message)
    for raw_id, message in wire.answers.items():
        method, revision = wire.asked.get(raw_id, (None, connection_revision))
        yield "JSONRPCMessage", revision, message
        result = json.dumps(message.get("result"), sort_keys=True)
        if "result" in message and method and (method, revision, result) not in seen:
            seen.add((method, revision, result))
            definition = definition_of(method, revision, message["result"])
            if definition:
                yield definition, revision, message["result"]


def complaints_about(wire, connection_revision, schemas):
    """(what does not fit, how many messages were checked)."""
    complaints, checked = [], 0
    for definition, revision, value in messages(wire, connection_revision):
        checked += 1
        complaint = schemas.complaint(revision, definition, value)
        if complaint:
            complaints.append(complaint)
    return complaints, checked


class Schemas:
    """why_not is empty if messages can be validated."""

    def __init__(self):
        self.folder = os.path.abspath(os.environ.get("HEXMCP_MCP_SCHEMA") or DEFAULT)
        self.validators = {}
        self.documents = {}
        self.why_not = self._why_not()

    def _why_not(self):
        if not os.path.isdir(self.folder):
            return "no schema folder: set HEXMCP_MCP_SCHEMA to one that holds <revision>.json"
        try:
            import jsonschema
            import referencing
        except ImportError:
            return "no python module 'jsonschema': run tests/interop/setup"
        self.jsonschema, self.referencing = jsonschema, referencing
        return ""

    def complaint(self, revision, definition, value):
        """What is wrong with the value, or None."""
        key = (revision, definition)
        if key not in self.validators:
            self.validators[key] = self._compile(*key)
        error = self.jsonschema.exceptions.best_match(self.validators[key].iter_errors(value))
        return error and f"{definition} of {revision}: at {error.json_path}: {error.message}"

    def _compile(self, revision, definition):
        document = self._document(revision)
        group = "$defs" if "$defs" in document else "definitions"
        if definition not in document[group]:
            raise KeyError(f"{revision}.json has no {definition}")
        kind = self.jsonschema.validators.validator_for(document)
        resource = self.referencing.Resource.from_contents(document)
        registry = self.referencing.Registry().with_resource("mcp:schema", resource)
        return kind({"$ref": f"mcp:schema#/{group}/{definition}"}, registry=registry)

    def _document(self, revision):
        if revision not in self.documents:
            with open(os.path.join(self.folder, f"{revision}.json"), encoding="utf-8") as file:
                self.documents[revision] = json.load(file)
        return self.documents[revision]
