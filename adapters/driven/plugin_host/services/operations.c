/* hexmcp.operations/1 */
#include "hexmcp/ext/draft/operations.h"

#include <stdlib.h>

#include "adapters/driven/plugin_host/crossing.h"
#include "adapters/driven/plugin_host/services/kinds.h"
#include "adapters/driven/plugin_operations/plugin_operations.h"
#include "core/base/buffer.h"

_Static_assert(HEXMCP_OPERATION_NAME_MAX == PLUGIN_OPERATION_NAME_MAX, "one limit of names");

struct execution {
    hexmcp_operation_piece_fn piece; /* or NULL */
    hexmcp_reply_fn reply;
    void *arg;
};

static void arrived(void *arg, const struct service_event *event)
{
    struct execution *x = arg;
    const hexmcp_str text = {event->text.ptr, event->text.len};
    if (!event->last) {
        x->piece(x->arg, text, (hexmcp_str){event->bytes.ptr, event->bytes.len});
        return;
    }
    x->reply(x->arg, event->status, text);
    free(x);
}

/* The name, a NUL, and what the operation gets. */
static int32_t pack(struct str name, hexmcp_str bytes, struct buffer *out)
{
    if (name.len == 0 || name.len > HEXMCP_OPERATION_NAME_MAX || memchr(name.ptr, 0, name.len))
        return HEXMCP_E_INVALID;
    buffer_add_str(out, name);
    buffer_add_char(out, '\0');
    buffer_add_str(out, str_from_plugin(bytes));
    return buffer_failed(out) ? HEXMCP_E_NOMEM : HEXMCP_OK;
}

static int32_t operations_execute(void *ctx, hexmcp_call call, hexmcp_str name,
                                  hexmcp_str arguments, hexmcp_str bytes,
                                  hexmcp_operation_piece_fn piece, hexmcp_reply_fn reply, void *arg,
                                  uint64_t *id)
{
    struct buffer packed = BUFFER_INIT;
    struct execution *x = reply ? malloc(sizeof(*x)) : NULL;
    int32_t rc = !reply ? HEXMCP_E_INVALID : !x ? HEXMCP_E_NOMEM : HEXMCP_OK;
    if (!rc)
        rc = pack(str_from_plugin(name), bytes, &packed);
    if (!rc) {
        *x = (struct execution){piece, reply, arg};
        const struct request q = {
            .op = piece ? OPERATIONS_EXECUTE_PIECES : OPERATIONS_EXECUTE,
            .call = call,
            .text = arguments,
            .bytes = {packed.data, packed.len},
            .event = arrived,
            .arg = x,
        };
        rc = request_open(ctx, &q, id);
    }
    if (rc)
        free(x);
    buffer_clear(&packed);
    return rc;
}

static void operations_cancel(void *ctx, uint64_t id)
{
    request_close(ctx, id);
}

static void fill(void *table, struct service_link *link)
{
    hexmcp_operations_1 *operations = table;
    *operations = (hexmcp_operations_1){.size = sizeof(*operations),
                                        .ctx = link,
                                        .execute = operations_execute,
                                        .cancel = operations_cancel};
}

const struct service_kind operations_kind = {HEXMCP_OPERATIONS_1, sizeof(hexmcp_operations_1), fill};
