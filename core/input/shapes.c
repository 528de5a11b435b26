#include "core/input/shapes.h"

/* Makes a string of JSON. */
#define JSON(...) #__VA_ARGS__

/* {"if": it is of this type, "then": it fits that definition} */
#define WHEN(type, definition)                                                                     \
    "{\"if\":{\"required\":[\"type\"],\"properties\":{\"type\":{\"const\":\"" type "\"}}},"       \
    "\"then\":{\"$ref\":\"#/$defs/" definition "\"}}"

static const char no_definitions[] = "";

static const char request[] = JSON(
    "type": "object", "required": ["method"], "additionalProperties": false,
    "properties": {
        "method": {"enum": ["elicitation/create", "sampling/createMessage", "roots/list"]},
        "params": {"type": "object"},
        "optional": {"type": "boolean"}
    });

/* ---- elicitation ------------------------------------------------------------------------- */

static const char form[] = JSON(
    "type": "object", "required": ["message", "requestedSchema"], "additionalProperties": false,
    "properties": {
        "mode": {"const": "form"},
        "message": {"type": "string", "minLength": 1},
        "requestedSchema": {
            "type": "object", "required": ["type", "properties"], "additionalProperties": false,
            "properties": {
                "$schema": {"type": "string"},
                "type": {"const": "object"},
                "properties": {"type": "object", "additionalProperties": {"$ref": "#/$defs/field"}},
                "required": {"type": "array", "items": {"type": "string"}}
            }
        }
    });

/* The keywords of JSON Schema among them are checked when the whole is compiled. */
static const char form_definitions[] =
    JSON(
    "field": {
        "type": "object", "required": ["type"],
        "properties": {"type": {"enum": ["string", "number", "integer", "boolean", "array"]}},
        "allOf": [)
    WHEN("string", "string") "," WHEN("number", "number") "," WHEN("integer", "number") ","
    WHEN("boolean", "boolean") "," WHEN("array", "choices")
    JSON(]
    },
    "string": {
        "if": {"required": ["oneOf"]}, "then": {"$ref": "#/$defs/titledChoice"},
        "else": {"if": {"required": ["enum"]}, "then": {"$ref": "#/$defs/choice"},
                 "else": {"$ref": "#/$defs/text"}}
    },
    "text": {
        "additionalProperties": false,
        "properties": {"type": true, "title": true, "description": true, "default": true,
                       "minLength": true, "maxLength": true,
                       "format": {"enum": ["email", "uri", "date", "date-time"]}}
    },
    "number": {
        "additionalProperties": false,
        "properties": {"type": true, "title": true, "description": true, "default": true,
                       "minimum": true, "maximum": true}
    },
    "boolean": {
        "additionalProperties": false,
        "properties": {"type": true, "title": true, "description": true, "default": true}
    },
    "choice": {
        "additionalProperties": false,
        "properties": {"type": true, "title": true, "description": true, "default": true,
                       "enum": {"$ref": "#/$defs/values"},
                       "enumNames": {"type": "array", "items": {"type": "string"}}}
    },
    "titledChoice": {
        "additionalProperties": false,
        "properties": {"type": true, "title": true, "description": true, "default": true,
                       "oneOf": {"$ref": "#/$defs/titledValues"}}
    },
    "choices": {
        "required": ["items"], "additionalProperties": false,
        "properties": {"type": true, "title": true, "description": true, "default": true,
                       "minItems": true, "maxItems": true, "items": {"$ref": "#/$defs/items"}}
    },
    "items": {
        "type": "object",
        "if": {"required": ["anyOf"]},
        "then": {"additionalProperties": false,
                 "properties": {"anyOf": {"$ref": "#/$defs/titledValues"}}},
        "else": {"required": ["type", "enum"], "additionalProperties": false,
                 "properties": {"type": {"const": "string"}, "enum": {"$ref": "#/$defs/values"}}}
    },
    "values": {"type": "array", "minItems": 1, "maxItems": 1000, "uniqueItems": true,
               "items": {"type": "string"}},
    "titledValues": {
        "type": "array", "minItems": 1, "maxItems": 1000,
        "items": {"type": "object", "required": ["const", "title"], "additionalProperties": false,
                  "properties": {"const": {"type": "string"}, "title": {"type": "string"}}}
    });

static const char url[] = JSON(
    "type": "object", "required": ["mode", "message", "url"], "additionalProperties": false,
    "properties": {
        "mode": {"const": "url"},
        "message": {"type": "string", "minLength": 1},
        "url": {"type": "string", "format": "uri"},
        "elicitationId": {"type": "string", "minLength": 1, "maxLength": 64}
    });

static const char elicit_result[] = JSON(
    "type": "object", "required": ["action"],
    "properties": {"action": {"enum": ["accept", "decline", "cancel"]}});

/* ---- sampling ---------------------------------------------------------------------------- */

static const char sampling[] = JSON(
    "type": "object", "required": ["messages", "maxTokens"], "additionalProperties": false,
    "properties": {
        "messages": {
            "type": "array", "minItems": 1,
            "items": {
                "type": "object", "required": ["role", "content"], "additionalProperties": false,
                "properties": {"role": {"enum": ["user", "assistant"]},
                               "content": {"$ref": "#/$defs/content"}, "_meta": {"type": "object"}}
            }
        },
        "maxTokens": {"type": "integer", "minimum": 1},
        "systemPrompt": {"type": "string"},
        "includeContext": {"enum": ["none", "thisServer", "allServers"]},
        "temperature": {"type": "number"},
        "stopSequences": {"type": "array", "items": {"type": "string"}},
        "metadata": {"type": "object"},
        "modelPreferences": {
            "type": "object", "additionalProperties": false,
            "properties": {
                "hints": {"type": "array",
                          "items": {"type": "object", "properties": {"name": {"type": "string"}}}},
                "costPriority": {"$ref": "#/$defs/priority"},
                "speedPriority": {"$ref": "#/$defs/priority"},
                "intelligencePriority": {"$ref": "#/$defs/priority"}
            }
        },
        "tools": {"type": "array", "items": {"$ref": "#/$defs/tool"}},
        "toolChoice": {"type": "object", "additionalProperties": false,
                       "properties": {"mode": {"enum": ["auto", "none", "required"]}}}
    });

static const char sampling_result[] = JSON(
    "type": "object", "required": ["role", "content", "model"],
    "properties": {
        "role": {"enum": ["user", "assistant"]},
        "content": {"$ref": "#/$defs/content"},
        "model": {"type": "string"},
        "stopReason": {"type": "string"}
    });

static const char sampling_definitions[] =
    JSON(
    "priority": {"type": "number", "minimum": 0, "maximum": 1},
    "tool": {
        "type": "object", "required": ["name", "inputSchema"], "additionalProperties": false,
        "properties": {
            "name": {"type": "string", "minLength": 1},
            "title": {"type": "string"}, "description": {"type": "string"},
            "inputSchema": {"type": "object", "required": ["type"],
                            "properties": {"type": {"const": "object"}}},
            "outputSchema": {"type": "object"}, "annotations": {"type": "object"},
            "icons": {"type": "array"}, "_meta": {"type": "object"}
        }
    },
    "content": {
        "if": {"type": "array"},
        "then": {"minItems": 1, "items": {"$ref": "#/$defs/block"}},
        "else": {"$ref": "#/$defs/block"}
    },
    "block": {
        "type": "object", "required": ["type"],
        "properties": {
            "type": {"enum": ["text", "image", "audio", "tool_use", "tool_result"]},
            "annotations": {"type": "object"}, "_meta": {"type": "object"}
        },
        "allOf": [)
    WHEN("text", "text") "," WHEN("image", "media") "," WHEN("audio", "media") ","
    WHEN("tool_use", "toolUse") "," WHEN("tool_result", "toolResult")
    JSON(]
    },
    "text": {"required": ["text"], "properties": {"text": {"type": "string"}}},
    "media": {
        "required": ["data", "mimeType"],
        "properties": {"data": {"type": "string"}, "mimeType": {"type": "string"}}
    },
    "toolUse": {
        "required": ["id", "name", "input"],
        "properties": {"id": {"type": "string"}, "name": {"type": "string"},
                       "input": {"type": "object"}}
    },
    "toolResult": {
        "required": ["toolUseId", "content"],
        "properties": {"toolUseId": {"type": "string"}, "isError": {"type": "boolean"},
                       "content": {"type": "array", "items": {"$ref": "#/$defs/resultBlock"}}}
    },
    "resultBlock": {
        "type": "object", "required": ["type"],
        "properties": {"type": {"enum": ["text", "image", "audio", "resource_link", "resource"]}},
        "allOf": [)
    WHEN("text", "text") "," WHEN("image", "media") "," WHEN("audio", "media") ","
    WHEN("resource_link", "link") "," WHEN("resource", "resource")
    JSON(]
    },
    "link": {
        "required": ["name", "uri"],
        "properties": {"name": {"type": "string"}, "uri": {"type": "string"}}
    },
    "resource": {
        "required": ["resource"],
        "properties": {"resource": {"type": "object", "required": ["uri"],
                                    "properties": {"uri": {"type": "string"}}}}
    });

/* ---- roots ------------------------------------------------------------------------------- */

static const char roots[] = JSON("type": "object", "additionalProperties": false);

static const char roots_result[] = JSON(
    "type": "object", "required": ["roots"],
    "properties": {
        "roots": {
            "type": "array",
            "items": {"type": "object", "required": ["uri"],
                      "properties": {"uri": {"type": "string", "format": "uri"},
                                     "name": {"type": "string"}}}
        }
    });

static const struct {
    const char *members;
    const char *definitions;
} shapes[] = {
    [SHAPE_REQUEST] = {request, no_definitions},
    [SHAPE_FORM] = {form, form_definitions},
    [SHAPE_URL] = {url, no_definitions},
    [SHAPE_SAMPLING] = {sampling, sampling_definitions},
    [SHAPE_ROOTS] = {roots, no_definitions},
    [SHAPE_ELICIT_RESULT] = {elicit_result, no_definitions},
    [SHAPE_SAMPLING_RESULT] = {sampling_result, sampling_definitions},
    [SHAPE_ROOTS_RESULT] = {roots_result, no_definitions},
};

/* The texts are good schemas, so only memory can be missing. */
static struct schema *compile(enum shape shape)
{
    const struct schema_options options = {.assert_formats = true};
    struct schema *schema = NULL;
    struct buffer text = BUFFER_INIT;
    struct error err;
    buffer_add_char(&text, '{');
    buffer_add_str(&text, str_from(shapes[shape].members));
    buffer_add_str(&text, STR(",\"$defs\":{"));
    buffer_add_str(&text, str_from(shapes[shape].definitions));
    buffer_add_str(&text, STR("}}"));
    if (!buffer_failed(&text))
        schema_compile_with(buffer_str(&text), &options, &schema, &err);
    buffer_clear(&text);
    return schema;
}

int shape_check_by(const struct schema *schema, struct json value, struct error *err)
{
    int rc = schema_check(schema, value, err);
    if (rc && err->text[0] == '\0')
        return error_set(err, ST_NOMEM, "out of memory");
    return rc;
}

int shape_check(enum shape shape, struct json value, struct error *err)
{
    struct schema *schema = compile(shape);
    if (!schema)
        return error_set(err, ST_NOMEM, "out of memory");
    int rc = shape_check_by(schema, value, err);
    schema_free(schema);
    return rc;
}
