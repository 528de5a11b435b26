#include "adapters/driven/plugin_operations/plugin_operations.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/buffer.h"
#include "core/base/str.h"
#include "core/json/writer.h"
#include "core/policy/operation_rule.h"

struct execution {
    struct execution *next, **at;
    struct service_sink sink;
    uint64_t id;
    uint64_t operation; /* 0: it has ended, or has not begun                                     */
    bool early;         /* open() may not have returned: what is told waits in `told`            */
    struct buffer told; /* headers, each with its texts behind it                                */
};

struct header {
    uint32_t kind;
    int status;
    size_t text_len, bytes_len;
    bool last;
};

struct plugin_operations {
    struct service_port port;
    const struct clock_port *clock;
    const struct timer_port *timers;
    const struct operation_service *operations;
    struct timer *timer;
    struct execution *executions; /* the newest first */
    uint64_t last_id;
};

static struct execution *find(const struct plugin_operations *p, uint64_t id)
{
    struct execution *x = p->executions;
    while (x && x->id != id)
        x = x->next;
    return x;
}

static void drop(struct execution *x)
{
    *x->at = x->next;
    if (x->next)
        x->next->at = x->at;
    buffer_clear(&x->told);
    free(x);
}

/* ---- what the sink hears --------------------------------------------------------------------- */

static void give(struct execution *x, const struct service_event *event)
{
    struct service_sink sink = x->sink;
    if (event->last)
        drop(x);
    sink.event(sink.ctx, event);
}

static void tell(struct execution *x, const struct service_event *event)
{
    if (!x->early) {
        give(x, event);
        return;
    }
    const struct header h = {event->kind, event->status, event->text.len, event->bytes.len,
                             event->last};
    buffer_add(&x->told, &h, sizeof(h));
    buffer_add_str(&x->told, event->text);
    buffer_add_str(&x->told, event->bytes);
}

static void tell_failure(struct execution *x, const struct error *err)
{
    struct buffer text = BUFFER_INIT;
    const struct service_event event = {.status = err->code,
                                        .text = json_message(&text, str_from(err->text)),
                                        .fd = -1,
                                        .last = true};
    tell(x, &event);
    buffer_clear(&text);
}

/* The sink may close the request from inside of each event. */
static void give_told(struct plugin_operations *p, uint64_t id, const struct buffer *told)
{
    for (size_t at = 0; at < told->len;) {
        struct execution *x = find(p, id);
        struct header h;
        if (!x)
            return;
        memcpy(&h, told->data + at, sizeof(h));
        at += sizeof(h);
        const struct service_event event = {
            .kind = h.kind,
            .status = h.status,
            .text = {told->data + at, h.text_len},
            .bytes = {told->data + at + h.text_len, h.bytes_len},
            .fd = -1,
            .last = h.last,
        };
        at += h.text_len + h.bytes_len;
        give(x, &event);
    }
}

static struct execution *oldest_early(const struct plugin_operations *p, uint64_t newest)
{
    struct execution *found = NULL;
    for (struct execution *x = p->executions; x; x = x->next)
        if (x->early && x->id <= newest)
            found = x;
    return found;
}

/* What the sinks begin meanwhile waits for the next turn. */
static void give_early(void *arg)
{
    struct plugin_operations *p = arg;
    uint64_t newest = p->last_id;
    struct execution *x;
    struct error err;
    while ((x = oldest_early(p, newest))) {
        struct buffer told = x->told;
        x->told = (struct buffer)BUFFER_INIT;
        x->early = false;
        if (buffer_failed(&told)) {
            error_set(&err, ST_NOMEM, "out of memory");
            if (x->operation && p->operations)
                p->operations->cancel(p->operations->ctx, x->operation);
            tell_failure(x, &err);
        } else {
            give_told(p, x->id, &told);
        }
        buffer_clear(&told);
    }
    if (oldest_early(p, UINT64_MAX))
        p->timers->set(p->timers->ctx, p->timer, 0);
}

/* ---- what the operation tells ----------------------------------------------------------------- */

static void on_piece(void *arg, struct str json, struct str bytes)
{
    const struct service_event event = {
        .kind = OPERATIONS_PIECE, .text = json, .bytes = bytes, .fd = -1};
    tell(arg, &event);
}

static void on_done(void *arg, const struct error *err, struct str json)
{
    struct execution *x = arg;
    const struct service_event event = {.text = json, .fd = -1, .last = true};
    x->operation = 0;
    if (err)
        tell_failure(x, err);
    else
        tell(x, &event);
}

/* ---- the port --------------------------------------------------------------------------------- */

static bool service_allows(void *ctx, const struct plugin_grants *grants, const char **missing)
{
    (void)ctx;
    *missing = "\"operations\"";
    return grants->operation_count > 0;
}

static bool may(const struct plugin_grants *grants, struct str name)
{
    for (size_t i = 0; i < grants->operation_count; i++)
        if (operation_rule_covers(grants->operations[i], name))
            return true;
    return false;
}

/* Divides `bytes` at the NUL. */
static int check(const struct plugin_operations *p, const struct service_request *q,
                 struct str *name, struct str *bytes, struct error *err)
{
    const char *end = q->bytes.len ? memchr(q->bytes.ptr, '\0', q->bytes.len) : NULL;
    if (q->op != OPERATIONS_EXECUTE && q->op != OPERATIONS_EXECUTE_PIECES)
        return error_set(err, ST_UNSUPPORTED, "hexmcp.operations/1 has no operation %u", q->op);
    if (!end || end == q->bytes.ptr || end - q->bytes.ptr > PLUGIN_OPERATION_NAME_MAX)
        return error_set(err, ST_INVALID, "a request without the name of an operation");
    *name = (struct str){q->bytes.ptr, (size_t)(end - q->bytes.ptr)};
    *bytes = (struct str){end + 1, q->bytes.len - name->len - 1};
    if (!may(q->grants, *name))
        return error_set(err, ST_DENIED, "plugin.json does not ask for \"%.*s\" in \"grants\", "
                                         "\"operations\", or nobody granted it",
                         STR_ARG(*name));
    if (!p->operations)
        return error_set(err, ST_UNAVAILABLE,
                         "the operation %.*s cannot be executed: there are no operations here",
                         STR_ARG(*name));
    return ST_OK;
}

static struct execution *execution_new(struct plugin_operations *p,
                                       const struct service_sink *sink)
{
    struct execution *x = calloc(1, sizeof(*x));
    if (!x)
        return NULL;
    x->sink = *sink;
    x->id = ++p->last_id;
    x->early = true;
    x->next = p->executions;
    x->at = &p->executions;
    if (x->next)
        x->next->at = &x->next;
    p->executions = x;
    return x;
}

/* A plugin that does something outside of a call is a caller of its own. */
static void execute(struct plugin_operations *p, struct execution *x,
                    const struct service_request *q, struct str name, struct str bytes)
{
    char id[sizeof("plugin:") + 127];
    size_t len = q->plugin.len < 127 ? q->plugin.len : 127;
    memcpy(id, "plugin:", 7);
    memcpy(id + 7, q->plugin.ptr, len);
    const struct caller plugin = {.id = {id, 7 + len}, .tenant = STR("local")};
    const struct call_context context = {
        .caller = q->caller ? q->caller : &plugin,
        .wall_ms = p->clock->wall_ms(p->clock->ctx),
        .monotonic_ns = p->clock->monotonic_ns(p->clock->ctx),
        .deadline_ns = q->deadline_ns,
        .traceparent = q->traceparent,
        .tracestate = q->tracestate,
    };
    const struct operation_request request = {
        .name = name, .arguments = q->text, .bytes = bytes, .context = &context};
    const struct operation_observer observer = {
        x, q->op == OPERATIONS_EXECUTE_PIECES ? on_piece : NULL, on_done};
    uint64_t operation = 0;
    p->operations->execute(p->operations->ctx, &request, &observer, &operation);
    x->operation = operation;
}

static int service_open(void *ctx, const struct service_request *q, const struct service_sink *sink,
                        uint64_t *id, struct error *err)
{
    struct plugin_operations *p = ctx;
    struct str name, bytes;
    int rc = check(p, q, &name, &bytes, err);
    if (rc)
        return rc;
    struct execution *x = execution_new(p, sink);
    if (!x)
        return error_set(err, ST_NOMEM, "out of memory");
    *id = x->id;
    execute(p, x, q, name, bytes);
    p->timers->set(p->timers->ctx, p->timer, 0);
    return ST_OK;
}

static void service_tell(void *ctx, uint64_t id, uint32_t kind, struct str text, struct str bytes)
{
    (void)ctx;
    (void)id;
    (void)kind;
    (void)text;
    (void)bytes;
}

static void service_close(void *ctx, uint64_t id)
{
    struct plugin_operations *p = ctx;
    struct execution *x = find(p, id);
    if (!x)
        return;
    if (x->operation && p->operations)
        p->operations->cancel(p->operations->ctx, x->operation);
    drop(x);
}

/* ---- life ------------------------------------------------------------------------------------- */

int plugin_operations_new(const struct clock_port *clock, const struct timer_port *timers,
                          struct plugin_operations **out, struct error *err)
{
    struct plugin_operations *p = calloc(1, sizeof(*p));
    struct timer *timer = p ? timers->create(timers->ctx, give_early, p) : NULL;
    if (!timer) {
        free(p);
        return error_set(err, ST_NOMEM, "out of memory");
    }
    *p = (struct plugin_operations){
        .port = {p, "hexmcp.operations/1", service_allows, service_open, service_tell,
                 service_close},
        .clock = clock,
        .timers = timers,
        .timer = timer,
    };
    *out = p;
    return ST_OK;
}

void plugin_operations_set(struct plugin_operations *p, const struct operation_service *operations)
{
    struct error err;
    error_set(&err, ST_CANCELLED, "hexmcp stops");
    for (struct execution *x = p->executions, *next; x; x = next) {
        next = x->next;
        if (!x->operation)
            continue;
        p->operations->cancel(p->operations->ctx, x->operation);
        x->operation = 0;
        tell_failure(x, &err);
        next = p->executions;
    }
    p->operations = operations;
}

void plugin_operations_free(struct plugin_operations *p)
{
    if (!p)
        return;
    if (p->operations)
        plugin_operations_set(p, NULL);
    while (p->executions)
        drop(p->executions);
    p->timers->free(p->timers->ctx, p->timer);
    free(p);
}

const struct service_port *plugin_operations_port(struct plugin_operations *p)
{
    return &p->port;
}
