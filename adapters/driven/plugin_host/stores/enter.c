/* The functions of the storage interfaces, one for each operation. */
#include <stdio.h>

#include "adapters/driven/plugin_host/runs.h"
#include "adapters/driven/plugin_host/stores/store.h"

static const struct {
    const char *interface;
    const char *name;
} ops[STORE_OPS] = {
    [STORE_EVENTS_APPEND] = {HEXMCP_EVENTSTORE_1, "append"},
    [STORE_EVENTS_READ] = {HEXMCP_EVENTSTORE_1, "read"},
    [STORE_EVENTS_READ_ALL] = {HEXMCP_EVENTSTORE_1, "read_all"},
    [STORE_EVENTS_PROJECT] = {HEXMCP_EVENTSTORE_1, "project"},
    [STORE_EVENTS_ROWS] = {HEXMCP_EVENTSTORE_1, "rows"},
    [STORE_VALUES_GET] = {HEXMCP_KV_STORE_1, "get"},
    [STORE_VALUES_APPLY] = {HEXMCP_KV_STORE_1, "apply"},
    [STORE_VALUES_LIST] = {HEXMCP_KV_STORE_1, "list"},
    [STORE_BLOBS_PUT] = {HEXMCP_BLOB_1, "put"},
    [STORE_BLOBS_GET] = {HEXMCP_BLOB_1, "get"},
    [STORE_BLOBS_STAT] = {HEXMCP_BLOB_1, "stat"},
    [STORE_BLOBS_LIST] = {HEXMCP_BLOB_1, "list"},
    [STORE_BLOBS_REMOVE] = {HEXMCP_BLOB_1, "remove"},
    [STORE_SEARCH_INDEX] = {HEXMCP_SEARCH_1, "index"},
    [STORE_SEARCH_REMOVE] = {HEXMCP_SEARCH_1, "remove"},
    [STORE_SEARCH_QUERY] = {HEXMCP_SEARCH_1, "query"},
    [STORE_DUMP] = {HEXMCP_DUMP_1, "dump"},
    [STORE_RESTORE] = {HEXMCP_DUMP_1, "restore"},
};

const char *store_op_name(enum store_op op)
{
    return ops[op].name;
}

static int32_t missing(enum store_op op, hexmcp_error *theirs)
{
    snprintf(theirs->text, sizeof(theirs->text), "the store has no %s of %s", ops[op].name,
             ops[op].interface);
    return HEXMCP_E_UNSUPPORTED;
}

static hexmcp_str to(struct str text)
{
    return (hexmcp_str){text.ptr ? text.ptr : "", text.len};
}

#define WITH_JSON(table, function)                                                                 \
    (HEXMCP_HAS(table, function)                                                                   \
         ? (table)->function((table)->self, call->id, to(q->space), to(q->json), theirs)           \
         : missing(call->op, theirs))
#define WITH_KEY(table, function)                                                                  \
    (HEXMCP_HAS(table, function)                                                                   \
         ? (table)->function((table)->self, call->id, to(q->space), to(q->key), theirs)            \
         : missing(call->op, theirs))
#define WITH_BOTH(table, function)                                                                 \
    (HEXMCP_HAS(table, function) ? (table)->function((table)->self, call->id, to(q->space),        \
                                                     to(q->key), to(q->json), theirs)              \
                                 : missing(call->op, theirs))

static int32_t enter_events(const struct store_call *call, const struct store_request *q,
                            hexmcp_error *theirs)
{
    const hexmcp_eventstore_1 *t = call->plugin->stores->events;
    switch (call->op) {
    case STORE_EVENTS_APPEND:
        return WITH_JSON(t, append);
    case STORE_EVENTS_READ:
        return WITH_JSON(t, read);
    case STORE_EVENTS_READ_ALL:
        return WITH_JSON(t, read_all);
    case STORE_EVENTS_PROJECT:
        return WITH_JSON(t, project);
    default:
        return WITH_JSON(t, rows);
    }
}

static int32_t enter_values(const struct store_call *call, const struct store_request *q,
                            hexmcp_error *theirs)
{
    const hexmcp_kv_store_1 *t = call->plugin->stores->values;
    if (call->op == STORE_VALUES_GET)
        return WITH_KEY(t, get);
    if (call->op == STORE_VALUES_LIST)
        return WITH_JSON(t, list);
    if (!HEXMCP_HAS(t, apply))
        return missing(call->op, theirs);
    return t->apply(t->self, call->id, to(q->space), to(q->json), to(q->bytes), theirs);
}

static int32_t enter_blobs(const struct store_call *call, const struct store_request *q,
                           hexmcp_error *theirs)
{
    const hexmcp_blob_1 *t = call->plugin->stores->blobs;
    switch (call->op) {
    case STORE_BLOBS_PUT:
        return HEXMCP_HAS(t, write) ? WITH_BOTH(t, put) : missing(call->op, theirs);
    case STORE_BLOBS_GET:
        return WITH_BOTH(t, get);
    case STORE_BLOBS_STAT:
        return WITH_KEY(t, stat);
    case STORE_BLOBS_LIST:
        return WITH_JSON(t, list);
    default:
        return WITH_KEY(t, remove);
    }
}

static int32_t enter_search(const struct store_call *call, const struct store_request *q,
                            hexmcp_error *theirs)
{
    const hexmcp_search_1 *t = call->plugin->stores->search;
    if (call->op == STORE_SEARCH_INDEX)
        return WITH_JSON(t, index);
    if (call->op == STORE_SEARCH_REMOVE)
        return WITH_JSON(t, remove);
    return WITH_JSON(t, query);
}

static int32_t enter_dump(const struct store_call *call, const struct store_request *q,
                          hexmcp_error *theirs)
{
    const hexmcp_dump_1 *t = call->plugin->stores->dump;
    if (call->op == STORE_DUMP)
        return HEXMCP_HAS(t, dump) ? t->dump(t->self, call->id, to(q->json), theirs)
                                   : missing(call->op, theirs);
    return HEXMCP_HAS(t, restore) && HEXMCP_HAS(t, load) ? t->restore(t->self, call->id, theirs)
                                                         : missing(call->op, theirs);
}

enum family { EVENTS, VALUES, BLOBS, SEARCH, DUMP };

static enum family family_of(enum store_op op)
{
    return op <= STORE_EVENTS_ROWS    ? EVENTS
           : op <= STORE_VALUES_LIST  ? VALUES
           : op <= STORE_BLOBS_REMOVE ? BLOBS
           : op <= STORE_SEARCH_QUERY ? SEARCH
                                      : DUMP;
}

int32_t store_enter(const struct store_call *call, const struct store_request *request,
                    hexmcp_error *theirs)
{
    const struct store_tables *t = call->plugin->stores;
    switch (family_of(call->op)) {
    case EVENTS:
        return t->events ? enter_events(call, request, theirs) : missing(call->op, theirs);
    case VALUES:
        return t->values ? enter_values(call, request, theirs) : missing(call->op, theirs);
    case BLOBS:
        return t->blobs ? enter_blobs(call, request, theirs) : missing(call->op, theirs);
    case SEARCH:
        return t->search ? enter_search(call, request, theirs) : missing(call->op, theirs);
    default:
        return t->dump ? enter_dump(call, request, theirs) : missing(call->op, theirs);
    }
}

int32_t store_enter_write(const struct store_call *call, struct str json, struct str bytes,
                          bool last, hexmcp_error *theirs)
{
    const struct store_tables *t = call->plugin->stores;
    if (call->op == STORE_BLOBS_PUT)
        return t->blobs->write(t->blobs->self, call->id, to(bytes), last ? HEXMCP_BLOB_LAST : 0,
                               theirs);
    return t->dump->load(t->dump->self, call->id, to(json), to(bytes), last ? HEXMCP_DUMP_LAST : 0,
                         theirs);
}

void store_enter_cancel(const struct store_call *call)
{
    const struct store_tables *t = call->plugin->stores;
    switch (family_of(call->op)) {
    case EVENTS:
        if (HEXMCP_HAS(t->events, cancel))
            t->events->cancel(t->events->self, call->id);
        break;
    case VALUES:
        if (HEXMCP_HAS(t->values, cancel))
            t->values->cancel(t->values->self, call->id);
        break;
    case BLOBS:
        if (HEXMCP_HAS(t->blobs, cancel))
            t->blobs->cancel(t->blobs->self, call->id);
        break;
    case SEARCH:
        if (HEXMCP_HAS(t->search, cancel))
            t->search->cancel(t->search->self, call->id);
        break;
    case DUMP:
        if (HEXMCP_HAS(t->dump, cancel))
            t->dump->cancel(t->dump->self, call->id);
    }
}
