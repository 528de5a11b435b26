#include <stdlib.h>

#include "adapters/driving/websocket/wire.h"

static struct presence *presence_new(struct str tenant, struct str id)
{
    size_t len = tenant.len + 1 + id.len;
    struct presence *p = calloc(1, sizeof(*p) + len);
    if (!p)
        return NULL;
    if (tenant.len)
        memcpy(p->text, tenant.ptr, tenant.len);
    if (id.len)
        memcpy(p->text + tenant.len + 1, id.ptr, id.len);
    p->key = (struct str){p->text, len};
    return p;
}

/* The caller's own, or a new one. */
static struct presence *find_or_add(struct wire *wire, struct presence *fresh)
{
    struct presence *known = str_index_get(&wire->callers, fresh->key);
    if (known) {
        free(fresh);
        return known;
    }
    if (str_index_put(&wire->callers, fresh->key, fresh))
        return fresh;
    free(fresh);
    return NULL;
}

int presence_enter(struct wire *wire, const struct caller *caller, struct presence **out)
{
    *out = NULL;
    if (!caller->authenticated)
        return ST_OK;
    struct presence *p = presence_new(caller->tenant, caller->id);
    p = p ? find_or_add(wire, p) : NULL;
    if (!p)
        return ST_NOMEM;
    if (p->count >= wire->options.limits.max_per_caller)
        return ST_TOO_LARGE;
    p->count++;
    *out = p;
    return ST_OK;
}

void presence_leave(struct wire *wire, struct presence *presence)
{
    if (!presence || --presence->count > 0)
        return;
    str_index_remove(&wire->callers, presence->key);
    free(presence);
}
