/* logging/setLevel and notifications/message. */
#include "adapters/driving/mcp/connection.h"

/* A plugin that logs without end must not drown the client: so many messages a second. */
#define MESSAGES_PER_SECOND 500u
#define NS_PER_SECOND 1000000000u

static const struct str levels[] = {
    STR_INIT("debug"), STR_INIT("info"),     STR_INIT("notice"), STR_INIT("warning"),
    STR_INIT("error"), STR_INIT("critical"), STR_INIT("alert"),  STR_INIT("emergency"),
};

int log_level_of(struct json value)
{
    for (int i = 0; i < (int)(sizeof(levels) / sizeof(levels[0])); i++)
        if (json_is(value, levels[i]))
            return i;
    return -1;
}

void set_level_handle(struct request *r)
{
    int level = log_level_of(json_get(r->params, STR("level")));
    if (level < 0) {
        answer_error(r, RPC_INVALID_PARAMS,
                     "\"level\" must be one of debug, info, notice, warning, error, critical, "
                     "alert, emergency");
        return;
    }
    r->connection->log_level = level;
    answer_empty(r);
}

bool log_within_rate(struct connection *c)
{
    const struct clock_port *clock = c->mcp->options.clock;
    uint64_t now = clock->monotonic_ns(clock->ctx);
    if (now - c->log_window_ns >= NS_PER_SECOND) {
        c->log_window_ns = now;
        c->log_sent = 0;
    }
    return c->log_sent++ < MESSAGES_PER_SECOND;
}

void log_write_message(struct json_writer *w, enum log_level level, struct str logger,
                       struct str text)
{
    json_put_string(w, STR("level"), levels[level]);
    json_put_string(w, STR("logger"), logger);
    json_put_string(w, STR("data"), text);
}

void log_to_client(struct request *r, enum log_level level, struct str logger, struct str text)
{
    struct connection *c = r->connection;
    /* A legacy client may change the level while the call runs. */
    int lowest = r->revision == REV_2026_07_28 ? r->log_level : c->log_level;
    if (r->answered || lowest < 0 || (int)level < lowest || !log_within_rate(c))
        return;
    struct json_writer w = notification_begin(c, STR("notifications/message"));
    json_begin_object(&w);
    log_write_message(&w, level, logger, text);
    json_end_object(&w);
    notification_send(c, request_origin(r));
}
