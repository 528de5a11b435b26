/* The tools of the tasks scenarios. To the plugin they are calls like all others; whether one is a
 * task stands in the manifest. */
#include <stdio.h>

#include "conformance.h"

int32_t task_greet(const hexmcp_round *r)
{
    char *name = text_of(argument(r, "name", ""));
    int32_t status = name ? hexmcp_round_textf(r, "Hello, %s!", name)
                          : hexmcp_fail(r->err, HEXMCP_E_INVALID, "`name` must be a text");
    free(name);
    return status;
}

static char *slow_text(const hexmcp_round *r, double seconds)
{
    char *label = text_of(argument(r, "label", ""));
    char *text = NULL;
    int len = label ? asprintf(&text, "Computed for %g s: %s", seconds, label)
                    : asprintf(&text, "Computed for %g s", seconds);
    free(label);
    return len < 0 ? NULL : text;
}

int32_t task_slow(const hexmcp_round *r)
{
    double seconds = 0;
    char *text;
    if (hexmcp_json_double(argument(r, "seconds", ""), &seconds) != HEXMCP_OK || seconds < 0 ||
        seconds > 3600)
        return hexmcp_fail(r->err, HEXMCP_E_INVALID, "`seconds` must be 0 to 3600");
    text = slow_text(r, seconds);
    if (!text)
        return hexmcp_fail(r->err, HEXMCP_E_NOMEM, "out of memory for the answer; try again");
    return later_begin(r, (uint64_t)(seconds * 1000), later_text, text);
}

static int fail_step(struct conformance *self, hexmcp_call call, unsigned step, const char *text)
{
    (void)step;
    (void)text;
    hexmcp_complete_text(self->host, call, HEXMCP_TOOL_ERROR,
                         hexmcp_str_from("The job failed, as it always does"));
    return 0;
}

int32_t task_failing(const hexmcp_round *r)
{
    return later_begin(r, 1000, fail_step, NULL);
}

static int break_step(struct conformance *self, hexmcp_call call, unsigned step, const char *text)
{
    (void)step;
    (void)text;
    hexmcp_complete_fail(self->host, call, HEXMCP_E_GENERIC, "the job broke, as it always does");
    return 0;
}

int32_t task_broken(const hexmcp_round *r)
{
    return later_begin(r, 200, break_step, NULL);
}

/* The question names the file, as the client wrote it. */
int32_t task_delete(const hexmcp_round *r)
{
    char *file = text_of(argument(r, "filename", ""));
    char *message = NULL;
    hexmcp_json_writer w;
    if (!file || asprintf(&message, "Delete %s?", file) < 0) {
        free(file);
        return hexmcp_fail(r->err, HEXMCP_E_INVALID, "`filename` must be a text");
    }
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_key(&w, "requests");
    hexmcp_json_begin_object(&w);
    hexmcp_json_key(&w, "confirm");
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_text(&w, "method", "elicitation/create");
    hexmcp_json_key(&w, "params");
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_text(&w, "message", message);
    hexmcp_json_put_raw(&w, "requestedSchema", hexmcp_str_from(JSON(
        {"type": "object", "properties": {"confirm": {"type": "boolean"}},
         "required": ["confirm"]})));
    for (int i = 0; i < 4; i++)
        hexmcp_json_end_object(&w);
    free(file);
    free(message);
    return hexmcp_round_writer(r, HEXMCP_INPUT_REQUIRED, &w);
}

static int is_yes(const hexmcp_round *r, const char *key)
{
    int yes = 0;
    hexmcp_json_bool(answer_field(r, key, "confirm"), &yes);
    return yes;
}

int32_t task_delete_go_on(const hexmcp_round *r)
{
    char *file = text_of(argument(r, "filename", ""));
    int32_t status = file ? hexmcp_round_textf(r, "%s %s", is_yes(r, "confirm") ? "Deleted" : "Kept", file)
                          : hexmcp_fail(r->err, HEXMCP_E_INVALID, "`filename` must be a text");
    free(file);
    return status;
}

int32_t task_several(const hexmcp_round *r)
{
    char *name = answer_field_text(r, "name", "name");
    int32_t status = name ? hexmcp_round_textf(r, "name=%s, confirm=%s", name,
                                        is_yes(r, "confirm") ? "true" : "false")
                          : answer_useless(r);
    free(name);
    return status;
}

/* The answer came before there was a task; the work is one. */
int32_t task_after_input(const hexmcp_round *r)
{
    char *name = answer_field_text(r, "user_name", "name");
    char *text = NULL;
    int len = name ? asprintf(&text, "Task done for %s", name) : -1;
    free(name);
    return len < 0 ? answer_useless(r) : later_begin(r, 200, later_text, text);
}
