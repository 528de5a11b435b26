/* Inside of core/artifact: JSON Schemas of the arguments of its operations. */
#pragma once

#define SCHEMA_OBJECT(properties, required)                                                        \
    "{\"type\":\"object\",\"properties\":{" properties "},\"required\":[" required                 \
    "],\"additionalProperties\":false}"

#define S_ID "\"id\":{\"type\":\"string\",\"minLength\":71,\"maxLength\":71}"
#define S_NAME "\"name\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":255}"
#define S_SESSION "\"session\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":128}"
#define S_TAG "{\"type\":\"string\",\"minLength\":1,\"maxLength\":64}"
#define S_TAGS(name) "\"" name "\":{\"type\":\"array\",\"items\":" S_TAG                           \
                     ",\"maxItems\":32,\"uniqueItems\":true}"
#define S_KIND "\"kind\":{\"enum\":[\"agent_output\",\"tool_result\",\"user_input\","              \
               "\"system_generated\",\"custom\"]}"
#define S_MIME "\"mimeType\":{\"type\":\"string\",\"minLength\":3,\"maxLength\":127}"
#define S_COUNT(name) "\"" name "\":{\"type\":\"integer\",\"minimum\":0}"
#define S_OWNER "\"owner\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":255}"
#define S_UPLOAD "\"upload\":{\"type\":\"string\",\"minLength\":32,\"maxLength\":32}"
#define S_VERSION "\"version\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":9999999999}"
#define S_TIME(name) "\"" name "\":{\"type\":\"string\",\"minLength\":4,\"maxLength\":24}"
#define S_TARGET S_ID "," S_NAME "," S_SESSION "," S_VERSION

#define SCHEMA_PUT                                                                                 \
    SCHEMA_OBJECT(S_NAME "," S_MIME "," S_KIND "," S_TAGS("tags") "," S_SESSION                    \
                  ",\"parent\":{\"type\":\"string\",\"minLength\":71,\"maxLength\":71},"           \
                  "\"custom\":{\"type\":\"object\",\"maxProperties\":64}", "\"name\"")
#define SCHEMA_WRITE SCHEMA_OBJECT(S_UPLOAD "," S_COUNT("offset"), "\"upload\"")
#define SCHEMA_UPLOAD SCHEMA_OBJECT(S_UPLOAD, "\"upload\"")
#define SCHEMA_GET SCHEMA_OBJECT(S_TARGET "," S_COUNT("offset") "," S_COUNT("length"), "")
#define SCHEMA_TARGET SCHEMA_OBJECT(S_TARGET, "")
#define SCHEMA_LIST                                                                                \
    SCHEMA_OBJECT(S_NAME "," S_MIME "," S_KIND "," S_TAGS("tags") "," S_SESSION                    \
                  ",\"text\":{\"type\":\"string\",\"maxLength\":255}," S_TIME("from") ","          \
                  S_TIME("to") "," S_COUNT("minBytes") "," S_COUNT("maxBytes")                     \
                  ",\"limit\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":200},"               \
                  "\"after\":{\"type\":\"string\",\"minLength\":32,\"maxLength\":32}", "")
#define SCHEMA_TAG SCHEMA_OBJECT(S_TARGET "," S_TAGS("add") "," S_TAGS("remove"), "")
#define SCHEMA_HOLD SCHEMA_OBJECT(S_TARGET "," S_OWNER, "\"owner\"")
#define SCHEMA_RELEASE SCHEMA_OBJECT(S_ID "," S_OWNER, "\"owner\"")
#define SCHEMA_REMOVE SCHEMA_OBJECT(S_ID "," S_SESSION, "")
#define SCHEMA_GC SCHEMA_OBJECT("\"dryRun\":{\"type\":\"boolean\"}", "")
#define SCHEMA_USAGE SCHEMA_OBJECT(S_SESSION, "")
