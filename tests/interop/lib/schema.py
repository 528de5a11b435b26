"""Validation of messages against the published schema files, which are not part of this tree."""

import json
import os

HERE = os.path.dirname(os.path.abspath(__file__))
DEFAULT = os.path.join(HERE, "..", "..", "..", "..", "shared", "mcp", "schema")


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
