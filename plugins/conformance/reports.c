/* Tools that log, report progress, take their time, or fail. */
#include "conformance.h"

#define STEP_MS 50

static int log_step(struct conformance *self, hexmcp_call call, unsigned step, const char *text)
{
    const hexmcp_host *host = self->host;
    (void)text;
    if (step == 0) {
        host->log(host->ctx, call, HEXMCP_LOG_INFO, hexmcp_str_from("Tool processing data"));
        return 1;
    }
    host->log(host->ctx, call, HEXMCP_LOG_INFO, hexmcp_str_from("Tool execution completed"));
    return later_text(self, call, step, "Tool with logging executed successfully");
}

int32_t tool_logging(const hexmcp_round *r)
{
    const hexmcp_host *host = r->host;
    host->log(host->ctx, r->call, HEXMCP_LOG_INFO, hexmcp_str_from("Tool execution started"));
    return later_begin(r, STEP_MS, log_step, NULL);
}

int32_t tool_log_once(const hexmcp_round *r)
{
    const hexmcp_host *host = r->host;
    host->log(host->ctx, r->call, HEXMCP_LOG_INFO, hexmcp_str_from("A line of the log"));
    return hexmcp_round_textf(r, "Logged one line");
}

static int progress_step(struct conformance *self, hexmcp_call call, unsigned step,
                         const char *text)
{
    const hexmcp_host *host = self->host;
    host->progress(host->ctx, call, 50.0 * (step + 1), 100, hexmcp_str_from(""));
    return step == 0 ? 1 : later_text(self, call, step, text);
}

/* The `_meta` of the request, to be freed; NULL if there is none. */
static char *meta_of(const hexmcp_round *r, size_t *len)
{
    const hexmcp_call_info_1 *calls = r->calls;
    char *meta = NULL;
    int32_t status = HEXMCP_E_TOO_LARGE;
    for (size_t size = 1024; status == HEXMCP_E_TOO_LARGE; size *= 2) {
        free(meta);
        meta = HEXMCP_HAS(calls, meta) ? (char *)malloc(size) : NULL;
        status = meta ? calls->meta(calls->ctx, r->call, meta, size, len) : HEXMCP_E_NOT_FOUND;
    }
    if (status == HEXMCP_OK)
        return meta;
    free(meta);
    return NULL;
}

/* The progress token as text, a number as it was written; to be freed. */
static char *token_of(const hexmcp_round *r)
{
    size_t len = 0;
    char *meta = meta_of(r, &len), *token = NULL;
    hexmcp_str value = {"", 0};
    if (meta)
        hexmcp_json_get((hexmcp_str){meta, len}, "progressToken", &value);
    if (hexmcp_json_type(value) == HEXMCP_JSON_STRING)
        token = text_of(value);
    else
        token = strndup(value.len ? value.ptr : "no progress token",
                        value.len ? value.len : strlen("no progress token"));
    free(meta);
    return token;
}

/* What the client does not want to hear of, the host drops. */
int32_t tool_progress(const hexmcp_round *r)
{
    const hexmcp_host *host = r->host;
    char *token = token_of(r);
    if (!token)
        return hexmcp_fail(r->err, HEXMCP_E_NOMEM, "out of memory; try again");
    host->progress(host->ctx, r->call, 0, 100, hexmcp_str_from(""));
    return later_begin(r, STEP_MS, progress_step, token);
}

/* Long enough for a server that sends quiet calls away (http.poll_after_ms) to do so. */
int32_t tool_reconnection(const hexmcp_round *r)
{
    return later_begin(r, 300, later_text, strdup("The answer to a call whose stream was closed"));
}

int32_t tool_error(const hexmcp_round *r)
{
    return hexmcp_complete_text(
        r->host, r->call, HEXMCP_TOOL_ERROR,
        hexmcp_str_from("This tool intentionally returns an error for testing"));
}
