/* Small things about one plugin. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "adapters/driven/plugin_host/host.h"

struct str plugin_id(const struct plugin *p)
{
    return record_text(p->record, TEXT_ID);
}

void plugin_move(struct plugin *p, enum plugin_state to)
{
    assert(lifecycle_may_move(p->state, to));
    p->state = to;
}

void plugin_reason(struct plugin *p, const char *text)
{
    char *copy = strdup(text);
    free(p->reason);
    p->reason = copy;
}

void plugin_log(const struct plugin *p, enum log_level level, const char *format, ...)
{
    const struct log_port *log = p->host->config.log;
    char text[ERROR_TEXT_SIZE + 64];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    log->write(log->ctx, level, plugin_id(p), str_from(text));
}
