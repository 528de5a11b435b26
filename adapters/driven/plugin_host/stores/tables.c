#include <stdlib.h>

#include "adapters/driven/plugin_host/runs.h"
#include "adapters/driven/plugin_host/stores/store.h"
#include "adapters/driven/plugin_host/stores/stores.h"

static const char *const ids[] = {HEXMCP_EVENTSTORE_1, HEXMCP_KV_STORE_1, HEXMCP_BLOB_1,
                                  HEXMCP_SEARCH_1, HEXMCP_DUMP_1};

#define TABLES (sizeof(ids) / sizeof(ids[0]))

static int find_table(struct plugin *p, const char *id, const void **out, struct error *err)
{
    if (!plugin_provides(p, id))
        return ST_OK;
    *out = p->instance->get_interface(p->instance->self, id);
    return *out ? ST_OK
                : breach(p, err, "plugin.json provides \"%s\", but there is none", id);
}

int stores_find_tables(struct plugin *p, struct error *err)
{
    const void *found[TABLES] = {NULL};
    bool any = false;
    int rc = ST_OK;
    for (size_t i = 0; !rc && i < TABLES; i++) {
        rc = find_table(p, ids[i], &found[i], err);
        any = any || found[i];
    }
    if (rc || !any)
        return rc;
    p->stores = malloc(sizeof(*p->stores));
    if (!p->stores)
        return error_set(err, ST_NOMEM, "out of memory");
    *p->stores = (struct store_tables){found[0], found[1], found[2], found[3], found[4]};
    return ST_OK;
}
