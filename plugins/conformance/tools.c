/* The tools, and those whose answer or first question is always the same. */
#include "conformance.h"
#include "media.h"

#define IMAGE "{\"type\":\"image\",\"data\":\"" PIXEL_PNG "\",\"mimeType\":\"image/png\"}"
#define AUDIO "{\"type\":\"audio\",\"data\":\"" SAMPLE_WAV "\",\"mimeType\":\"audio/wav\"}"
#define CONTENT(block) "{\"content\":[" block "]}"
#define TEXT(text) CONTENT("{\"type\":\"text\",\"text\":\"" text "\"}")

const hexmcp_simple_item tools[] = {
    HEXMCP_ITEM_FIXED("test_simple_text", TEXT("This is a simple text response for testing.")),
    HEXMCP_ITEM_FIXED("test_image_content", CONTENT(IMAGE)),
    HEXMCP_ITEM_FIXED("test_audio_content", CONTENT(AUDIO)),
    HEXMCP_ITEM_FIXED("test_embedded_resource", JSON(
        {"content": [{"type": "resource", "resource": {
            "uri": "test://embedded-resource", "mimeType": "text/plain",
            "text": "This is an embedded resource content."}}]})),
    HEXMCP_ITEM_FIXED("test_multiple_content_types",
     CONTENT("{\"type\":\"text\",\"text\":\"Multiple content types test:\"}," IMAGE ","
             "{\"type\":\"resource\",\"resource\":{\"uri\":\"test://mixed-content-resource\","
             "\"mimeType\":\"application/json\","
             "\"text\":\"{\\\"test\\\":\\\"data\\\",\\\"value\\\":123}\"}}")),
    HEXMCP_ITEM("test_tool_with_logging", tool_logging),
    HEXMCP_ITEM("test_tool_with_progress", tool_progress),
    HEXMCP_ITEM("test_error_handling", tool_error),
    HEXMCP_ITEM("json_schema_2020_12_tool", tool_schema),
    HEXMCP_ITEM("test_x_mcp_header", tool_header),

    HEXMCP_ITEM_ASKS("test_sampling", sampling_begin, sampling_go_on),
    HEXMCP_ITEM_ASKS("test_elicitation", elicitation_begin, elicitation_go_on),
    HEXMCP_ITEM_ASKS_FIXED("test_elicitation_sep1034_defaults", elicited, JSON(
        {"requests": {"elicitation": {"method": "elicitation/create", "params": {
            "message": "Please review and update the form fields with defaults",
            "requestedSchema": {
                "type": "object",
                "properties": {
                    "name": {"type": "string", "default": "John Doe"},
                    "age": {"type": "integer", "default": 30},
                    "score": {"type": "number", "default": 95.5},
                    "status": {"type": "string", "enum": ["active", "inactive", "pending"],
                               "default": "active"},
                    "verified": {"type": "boolean", "default": true}
                }}}}}})),
    HEXMCP_ITEM_ASKS_FIXED("test_elicitation_sep1330_enums", elicited, JSON(
        {"requests": {"elicitation": {"method": "elicitation/create", "params": {
            "message": "Please select options from the enum fields",
            "requestedSchema": {
                "type": "object",
                "properties": {
                    "untitledSingle": {"type": "string", "enum": ["option1", "option2", "option3"]},
                    "titledSingle": {"type": "string", "oneOf": [
                        {"const": "value1", "title": "First Option"},
                        {"const": "value2", "title": "Second Option"},
                        {"const": "value3", "title": "Third Option"}]},
                    "legacyEnum": {"type": "string", "enum": ["opt1", "opt2", "opt3"],
                                   "enumNames": ["Option One", "Option Two", "Option Three"]},
                    "untitledMulti": {"type": "array", "items": {
                        "type": "string", "enum": ["option1", "option2", "option3"]}},
                    "titledMulti": {"type": "array", "items": {"anyOf": [
                        {"const": "value1", "title": "First Choice"},
                        {"const": "value2", "title": "Second Choice"},
                        {"const": "value3", "title": "Third Choice"}]}}
                }}}}}})),
    HEXMCP_ITEM("test_reconnection", tool_reconnection),

    HEXMCP_ITEM_ASKS_FIXED("test_missing_capability", input_able, JSON(
        {"requests": {"sampling": {"method": "sampling/createMessage", "params": {
            "messages": [{"role": "user", "content": {"type": "text", "text": "Say hello."}}],
            "maxTokens": 100}}}})),
    HEXMCP_ITEM_FIXED("test_streaming_elicitation", TEXT("Nothing had to be asked")),
    HEXMCP_ITEM("test_logging_tool", tool_log_once),
    HEXMCP_ITEM("test_trigger_tool_change", tool_toggle_tool),
    HEXMCP_ITEM("test_trigger_prompt_change", tool_toggle_prompt),
    HEXMCP_ITEM_FIXED("test_toggled_tool", TEXT("I come and go")),
    HEXMCP_ITEM_ASKS_FIXED("test_input_required_result_elicitation", input_name, JSON(
        {"requests": {"user_name": {"method": "elicitation/create", "params": {
            "message": "What is your name?",
            "requestedSchema": {"type": "object", "properties": {"name": {"type": "string"}},
                                "required": ["name"]}}}}})),
    HEXMCP_ITEM_ASKS_FIXED("test_input_required_result_sampling", input_capital, JSON(
        {"requests": {"capital_question": {"method": "sampling/createMessage", "params": {
            "messages": [{"role": "user", "content": {
                "type": "text", "text": "What is the capital of France?"}}],
            "maxTokens": 100}}}})),
    HEXMCP_ITEM_ASKS_FIXED("test_input_required_result_list_roots", input_roots, JSON(
        {"requests": {"client_roots": {"method": "roots/list", "params": {}}}})),
    HEXMCP_ITEM_ASKS_FIXED("test_input_required_result_request_state", input_state, JSON(
        {"requests": {"confirm": {"method": "elicitation/create", "params": {
            "message": "Please confirm",
            "requestedSchema": {"type": "object", "properties": {"ok": {"type": "boolean"}},
                                "required": ["ok"]}}}},
         "state": {"step": 1}})),
    HEXMCP_ITEM_ASKS_FIXED("test_input_required_result_multiple_inputs", input_several, JSON(
        {"requests": {
            "user_name": {"method": "elicitation/create", "params": {
                "message": "What is your name?",
                "requestedSchema": {"type": "object", "properties": {"name": {"type": "string"}},
                                    "required": ["name"]}}},
            "greeting": {"method": "sampling/createMessage", "params": {
                "messages": [{"role": "user", "content": {
                    "type": "text", "text": "Generate a greeting"}}],
                "maxTokens": 50}},
            "client_roots": {"method": "roots/list", "params": {}}},
         "state": {"step": 1}})),
    HEXMCP_ITEM_ASKS_FIXED("test_input_required_result_multi_round", input_rounds, JSON(
        {"requests": {"step1": {"method": "elicitation/create", "params": {
            "message": "Step 1: What is your name?",
            "requestedSchema": {"type": "object", "properties": {"name": {"type": "string"}},
                                "required": ["name"]}}}},
         "state": {"step": 1}})),
    HEXMCP_ITEM_ASKS_FIXED("test_input_required_result_tampered_state", input_tampered, JSON(
        {"requests": {"confirm": {"method": "elicitation/create", "params": {
            "message": "Please confirm",
            "requestedSchema": {"type": "object", "properties": {"ok": {"type": "boolean"}},
                                "required": ["ok"]}}}},
         "state": {"step": 1}})),
    HEXMCP_ITEM_ASKS_FIXED("test_input_required_result_capabilities", input_capabilities, JSON(
        {"requests": {
            "elicitation": {"optional": true, "method": "elicitation/create", "params": {
                "message": "What is your name?",
                "requestedSchema": {"type": "object", "properties": {"name": {"type": "string"}},
                                    "required": ["name"]}}},
            "sampling": {"optional": true, "method": "sampling/createMessage", "params": {
                "messages": [{"role": "user", "content": {"type": "text", "text": "Say hello."}}],
                "maxTokens": 50}},
            "roots": {"optional": true, "method": "roots/list", "params": {}}}})),

    HEXMCP_ITEM("greet", task_greet),
    HEXMCP_ITEM("slow_compute", task_slow),
    HEXMCP_ITEM("failing_job", task_failing),
    HEXMCP_ITEM("protocol_error_job", task_broken),
    HEXMCP_ITEM_ASKS("confirm_delete", task_delete, task_delete_go_on),
    HEXMCP_ITEM_ASKS_FIXED("multi_input", task_several, JSON(
        {"requests": {
            "name": {"method": "elicitation/create", "params": {
                "message": "Which name?",
                "requestedSchema": {"type": "object", "properties": {"name": {"type": "string"}},
                                    "required": ["name"]}}},
            "confirm": {"method": "elicitation/create", "params": {
                "message": "Are you sure?",
                "requestedSchema": {"type": "object", "properties": {"confirm": {"type": "boolean"}},
                                    "required": ["confirm"]}}}}})),
    HEXMCP_ITEM_ASKS_FIXED("test_tool_with_task", task_after_input, JSON(
        {"requests": {"user_name": {"method": "elicitation/create", "params": {
            "message": "What is your name?",
            "requestedSchema": {"type": "object", "properties": {"name": {"type": "string"}},
                                "required": ["name"]}}}}})),
    HEXMCP_ITEM_END,
};
