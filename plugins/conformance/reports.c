/* Tools that log, report progress, or fail. */
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

int32_t tool_logging(const struct round *r)
{
    const hexmcp_host *host = r->self->host;
    host->log(host->ctx, r->call, HEXMCP_LOG_INFO, hexmcp_str_from("Tool execution started"));
    return later_begin(r, STEP_MS, log_step, NULL);
}

int32_t tool_log_once(const struct round *r)
{
    const hexmcp_host *host = r->self->host;
    host->log(host->ctx, r->call, HEXMCP_LOG_INFO, hexmcp_str_from("A line of the log"));
    return answer_text(r, "Logged one line");
}

static int progress_step(struct conformance *self, hexmcp_call call, unsigned step,
                         const char *text)
{
    const hexmcp_host *host = self->host;
    host->progress(host->ctx, call, 50.0 * (step + 1), 100, hexmcp_str_from(""));
    return step == 0 ? 1 : later_text(self, call, step, text);
}

/* What the client does not want to hear of, the host drops. */
int32_t tool_progress(const struct round *r)
{
    const hexmcp_host *host = r->self->host;
    host->progress(host->ctx, r->call, 0, 100, hexmcp_str_from(""));
    return later_begin(r, STEP_MS, progress_step, strdup("Progress reported"));
}

int32_t tool_error(const struct round *r)
{
    return hexmcp_complete_text(
        r->self->host, r->call, HEXMCP_TOOL_ERROR,
        hexmcp_str_from("This tool intentionally returns an error for testing"));
}
