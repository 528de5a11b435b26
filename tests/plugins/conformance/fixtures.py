"""What the fixtures of the conformance suite answer, value by value."""

PNG = ("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJ"
       "ggg==")
WAV = "UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA="
IMAGE = {"type": "image", "data": PNG, "mimeType": "image/png"}


def text(value):
    return {"type": "text", "text": value}


# Tools that take no arguments and always answer the same.
FIXED = {
    "test_simple_text": [text("This is a simple text response for testing.")],
    "test_image_content": [IMAGE],
    "test_audio_content": [{"type": "audio", "data": WAV, "mimeType": "audio/wav"}],
    "test_embedded_resource": [{"type": "resource", "resource": {
        "uri": "test://embedded-resource", "mimeType": "text/plain",
        "text": "This is an embedded resource content."}}],
    "test_multiple_content_types": [
        text("Multiple content types test:"), IMAGE,
        {"type": "resource", "resource": {
            "uri": "test://mixed-content-resource", "mimeType": "application/json",
            "text": '{"test":"data","value":123}'}}],
    "test_reconnection": [text("The answer to a call whose stream was closed")],
    "test_streaming_elicitation": [text("Nothing had to be asked")],
}

NOTHING = {"type": "object", "properties": {}}


def schema(required, **properties):
    value = {"type": "object", "properties": properties}
    return {**value, "required": required} if required else value


STRING = {"type": "string"}
SCHEMA_2020_12 = {
    "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
    "$defs": {"address": {"$anchor": "addressDef", "type": "object",
                          "properties": {"street": STRING, "city": STRING}}},
    "properties": {"name": STRING, "address": {"$ref": "#/$defs/address"},
                   "contactMethod": {"type": "string", "enum": ["phone", "email"]},
                   "phone": STRING, "email": STRING},
    "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
    "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
    "then": {"required": ["phone"]}, "else": {"required": ["email"]},
    "additionalProperties": False}

# In the order of the list.
SCHEMAS = {
    **dict.fromkeys(["test_simple_text", "test_image_content", "test_audio_content",
                     "test_embedded_resource", "test_multiple_content_types",
                     "test_tool_with_logging", "test_tool_with_progress", "test_error_handling"],
                    NOTHING),
    "json_schema_2020_12_tool": SCHEMA_2020_12,
    "test_x_mcp_header": schema([], region={"type": "string", "x-mcp-header": "Region"},
                                level={"type": "integer"}),
    "test_sampling": schema(["prompt"], prompt={
        "type": "string", "description": "What to ask the model."}),
    "test_elicitation": schema(["message"], message={
        "type": "string", "description": "What to say to the user."}),
    **dict.fromkeys(["test_elicitation_sep1034_defaults", "test_elicitation_sep1330_enums",
                     "test_reconnection", "test_missing_capability", "test_streaming_elicitation",
                     "test_logging_tool", "test_trigger_tool_change", "test_trigger_prompt_change",
                     "test_input_required_result_elicitation",
                     "test_input_required_result_sampling",
                     "test_input_required_result_list_roots",
                     "test_input_required_result_request_state",
                     "test_input_required_result_multiple_inputs",
                     "test_input_required_result_multi_round",
                     "test_input_required_result_tampered_state",
                     "test_input_required_result_capabilities"], NOTHING),
    "greet": schema(["name"], name=STRING),
    "slow_compute": schema(["seconds"], seconds={"type": "number", "minimum": 0, "maximum": 3600},
                           label=STRING),
    "failing_job": NOTHING,
    "protocol_error_job": NOTHING,
    "confirm_delete": schema(["filename"], filename=STRING),
    "multi_input": NOTHING,
    "test_tool_with_task": NOTHING,
}
TASK_SUPPORT = {"slow_compute": "optional", "failing_job": "required",
                "protocol_error_job": "required", "confirm_delete": "optional",
                "multi_input": "optional", "test_tool_with_task": "required"}


def form(message, required, **properties):
    return {"method": "elicitation/create", "params": {
        "mode": "form", "message": message, "requestedSchema": schema(required, **properties)}}


def sampling(prompt, tokens):
    return {"method": "sampling/createMessage", "params": {
        "messages": [{"role": "user", "content": text(prompt)}], "maxTokens": tokens}}


ROOTS = {"method": "roots/list"}
ASK_NAME = form("What is your name?", ["name"], name=STRING)
CONFIRM = form("Please confirm", ["ok"], ok={"type": "boolean"})


def titled(noun):
    return [{"const": f"value{i}", "title": f"{word} {noun}"}
            for i, word in enumerate(("First", "Second", "Third"), 1)]


OPTIONS = ["option1", "option2", "option3"]
DEFAULTS = form(
    "Please review and update the form fields with defaults", [],
    name={"type": "string", "default": "John Doe"}, age={"type": "integer", "default": 30},
    score={"type": "number", "default": 95.5},
    status={"type": "string", "enum": ["active", "inactive", "pending"], "default": "active"},
    verified={"type": "boolean", "default": True})
ENUMS = form(
    "Please select options from the enum fields", [],
    untitledSingle={"type": "string", "enum": OPTIONS},
    titledSingle={"type": "string", "oneOf": titled("Option")},
    legacyEnum={"type": "string", "enum": ["opt1", "opt2", "opt3"],
                "enumNames": ["Option One", "Option Two", "Option Three"]},
    untitledMulti={"type": "array", "items": {"type": "string", "enum": OPTIONS}},
    titledMulti={"type": "array", "items": {"anyOf": titled("Choice")}})

RESOURCES = [
    {"uri": "test://static-text", "name": "Static text",
     "description": "A text that never changes.", "mimeType": "text/plain"},
    {"uri": "test://static-binary", "name": "Static bytes",
     "description": "An image that never changes.", "mimeType": "image/png"},
    {"uri": "test://watched-resource", "name": "Watched",
     "description": "A text to subscribe to.", "mimeType": "text/plain"},
]
TEMPLATES = [{"uriTemplate": "test://template/{id}/data", "name": "Data",
              "description": "Data by id.", "mimeType": "application/json"}]
CONTENTS = {
    "test://static-text": {"mimeType": "text/plain",
                           "text": "This is the content of the static text resource."},
    "test://static-binary": {"mimeType": "image/png", "blob": PNG},
    "test://watched-resource": {"mimeType": "text/plain", "text": "Watched resource content"},
    "test://template/123/data": {
        "mimeType": "application/json",
        "text": '{"id":"123","templateTest":true,"data":"Data for ID: 123"}'},
    "test://template/%22%C3%A9/data": {
        "mimeType": "application/json",
        "text": '{"id":"\\"é","templateTest":true,"data":"Data for ID: \\"é"}'},
}


def argument(name, description):
    return {"name": name, "description": description, "required": True}


PROMPTS = [
    {"name": "test_simple_prompt", "description": "A prompt without arguments."},
    {"name": "test_prompt_with_arguments", "description": "A prompt with two arguments.",
     "arguments": [argument("arg1", "The first one; it is completed."),
                   argument("arg2", "The second one.")]},
    {"name": "test_prompt_with_embedded_resource",
     "description": "A prompt with an embedded resource.",
     "arguments": [argument("resourceUri", "The URI of the embedded resource.")]},
    {"name": "test_prompt_with_image", "description": "A prompt with an image."},
    {"name": "test_input_required_result_prompt",
     "description": "A prompt that asks the user for its context."},
]
RENDERED = [
    ("test_simple_prompt", {}, [text("This is a simple prompt for testing.")]),
    ("test_prompt_with_arguments", {"arg1": "a'b", "arg2": "é"},
     [text("Prompt with arguments: arg1='a'b', arg2='é'")]),
    ("test_prompt_with_embedded_resource", {"resourceUri": "test://x"},
     [{"type": "resource", "resource": {"uri": "test://x", "mimeType": "text/plain",
                                        "text": "Embedded resource content for testing."}},
      text("Please process the embedded resource above.")]),
    ("test_prompt_with_image", {}, [IMAGE, text("Please analyze the image above.")]),
]
COMPLETED = {"": ["paris", "park", "party", "test1", "test2"], "pa": ["paris", "park", "party"],
             "test": ["test1", "test2"], "test1": ["test1"], "test12": [], "PARIS": []}
