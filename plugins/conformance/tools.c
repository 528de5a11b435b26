/* hexmcp.tool/1: the table, and the tools whose answer or first question is always the same. */
#include "conformance.h"
#include "media.h"

#define IMAGE "{\"type\":\"image\",\"data\":\"" PIXEL_PNG "\",\"mimeType\":\"image/png\"}"
#define AUDIO "{\"type\":\"audio\",\"data\":\"" SAMPLE_WAV "\",\"mimeType\":\"audio/wav\"}"
#define CONTENT(block) "{\"content\":[" block "]}"
#define TEXT(text) CONTENT("{\"type\":\"text\",\"text\":\"" text "\"}")

static const struct entry tools[] = {
    {"test_simple_text", NULL, NULL, TEXT("This is a simple text response for testing.")},
    {"test_image_content", NULL, NULL, CONTENT(IMAGE)},
    {"test_audio_content", NULL, NULL, CONTENT(AUDIO)},
    {"test_embedded_resource", NULL, NULL, JSON(
        {"content": [{"type": "resource", "resource": {
            "uri": "test://embedded-resource", "mimeType": "text/plain",
            "text": "This is an embedded resource content."}}]})},
    {"test_multiple_content_types", NULL, NULL,
     CONTENT("{\"type\":\"text\",\"text\":\"Multiple content types test:\"}," IMAGE ","
             "{\"type\":\"resource\",\"resource\":{\"uri\":\"test://mixed-content-resource\","
             "\"mimeType\":\"application/json\","
             "\"text\":\"{\\\"test\\\":\\\"data\\\",\\\"value\\\":123}\"}}")},
    {"test_tool_with_logging", tool_logging, NULL, NULL},
    {"test_tool_with_progress", tool_progress, NULL, NULL},
    {"test_error_handling", tool_error, NULL, NULL},
    {"json_schema_2020_12_tool", tool_schema, NULL, NULL},
    {"test_x_mcp_header", tool_header, NULL, NULL},

    {"test_sampling", sampling_begin, sampling_go_on, NULL},
    {"test_elicitation", elicitation_begin, elicitation_go_on, NULL},
    {"test_elicitation_sep1034_defaults", NULL, elicited, JSON(
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
                }}}}}})},
    {"test_elicitation_sep1330_enums", NULL, elicited, JSON(
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
                }}}}}})},
    {"test_reconnection", tool_reconnection, NULL, NULL},

    {"test_missing_capability", NULL, input_able, JSON(
        {"requests": {"sampling": {"method": "sampling/createMessage", "params": {
            "messages": [{"role": "user", "content": {"type": "text", "text": "Say hello."}}],
            "maxTokens": 100}}}})},
    {"test_streaming_elicitation", NULL, NULL, TEXT("Nothing had to be asked")},
    {"test_logging_tool", tool_log_once, NULL, NULL},
    {"test_trigger_tool_change", tool_toggle_tool, NULL, NULL},
    {"test_trigger_prompt_change", tool_toggle_prompt, NULL, NULL},
    {"test_toggled_tool", NULL, NULL, TEXT("I come and go")},
    {"test_input_required_result_elicitation", NULL, input_name, JSON(
        {"requests": {"user_name": {"method": "elicitation/create", "params": {
            "message": "What is your name?",
            "requestedSchema": {"type": "object", "properties": {"name": {"type": "string"}},
                                "required": ["name"]}}}}})},
    {"test_input_required_result_sampling", NULL, input_capital, JSON(
        {"requests": {"capital_question": {"method": "sampling/createMessage", "params": {
            "messages": [{"role": "user", "content": {
                "type": "text", "text": "What is the capital of France?"}}],
            "maxTokens": 100}}}})},
    {"test_input_required_result_list_roots", NULL, input_roots, JSON(
        {"requests": {"client_roots": {"method": "roots/list", "params": {}}}})},
    {"test_input_required_result_request_state", NULL, input_state, JSON(
        {"requests": {"confirm": {"method": "elicitation/create", "params": {
            "message": "Please confirm",
            "requestedSchema": {"type": "object", "properties": {"ok": {"type": "boolean"}},
                                "required": ["ok"]}}}},
         "state": {"step": 1}})},
    {"test_input_required_result_multiple_inputs", NULL, input_several, JSON(
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
         "state": {"step": 1}})},
    {"test_input_required_result_multi_round", NULL, input_rounds, JSON(
        {"requests": {"step1": {"method": "elicitation/create", "params": {
            "message": "Step 1: What is your name?",
            "requestedSchema": {"type": "object", "properties": {"name": {"type": "string"}},
                                "required": ["name"]}}}},
         "state": {"step": 1}})},
    {"test_input_required_result_tampered_state", NULL, input_tampered, JSON(
        {"requests": {"confirm": {"method": "elicitation/create", "params": {
            "message": "Please confirm",
            "requestedSchema": {"type": "object", "properties": {"ok": {"type": "boolean"}},
                                "required": ["ok"]}}}},
         "state": {"step": 1}})},
    {"test_input_required_result_capabilities", NULL, input_capabilities, JSON(
        {"requests": {
            "elicitation": {"optional": true, "method": "elicitation/create", "params": {
                "message": "What is your name?",
                "requestedSchema": {"type": "object", "properties": {"name": {"type": "string"}},
                                    "required": ["name"]}}},
            "sampling": {"optional": true, "method": "sampling/createMessage", "params": {
                "messages": [{"role": "user", "content": {"type": "text", "text": "Say hello."}}],
                "maxTokens": 50}},
            "roots": {"optional": true, "method": "roots/list", "params": {}}}})},

    {"greet", task_greet, NULL, NULL},
    {"slow_compute", task_slow, NULL, NULL},
    {"failing_job", task_failing, NULL, NULL},
    {"protocol_error_job", task_broken, NULL, NULL},
    {"confirm_delete", task_delete, task_delete_go_on, NULL},
    {"multi_input", NULL, task_several, JSON(
        {"requests": {
            "name": {"method": "elicitation/create", "params": {
                "message": "Which name?",
                "requestedSchema": {"type": "object", "properties": {"name": {"type": "string"}},
                                    "required": ["name"]}}},
            "confirm": {"method": "elicitation/create", "params": {
                "message": "Are you sure?",
                "requestedSchema": {"type": "object", "properties": {"confirm": {"type": "boolean"}},
                                    "required": ["confirm"]}}}}})},
    {"test_tool_with_task", NULL, task_after_input, JSON(
        {"requests": {"user_name": {"method": "elicitation/create", "params": {
            "message": "What is your name?",
            "requestedSchema": {"type": "object", "properties": {"name": {"type": "string"}},
                                "required": ["name"]}}}}})},
};

#define TOOL_COUNT (sizeof(tools) / sizeof(tools[0]))

static int32_t call_tool(void *self, hexmcp_call call, hexmcp_str name, hexmcp_str args,
                         hexmcp_error *err)
{
    struct round r = {(struct conformance *)self, call, name, args, {"", 0}, {"", 0}, err};
    return entries_begin(tools, TOOL_COUNT, &r);
}

static int32_t resume_tool(void *self, hexmcp_call call, hexmcp_str name, hexmcp_str args,
                           hexmcp_str state, hexmcp_str answers, hexmcp_error *err)
{
    struct round r = {(struct conformance *)self, call, name, args, state, answers, err};
    return entries_go_on(tools, TOOL_COUNT, &r);
}

static void cancel_tool(void *self, hexmcp_call call)
{
    later_cancel((struct conformance *)self, call);
}

void tools_init(struct conformance *self)
{
    self->tool.size = (uint32_t)sizeof(self->tool);
    self->tool.self = self;
    self->tool.call = call_tool;
    self->tool.cancel = cancel_tool;
    self->tool.resume = resume_tool;
}
