#include "adapters/driving/mcp/roots.h"

struct client_roots roots_of(const struct request *r)
{
    const struct connection *c = r->connection;
    bool session = r->revision != REV_2026_07_28;
    if (!c->mcp->options.narrow_by_roots || !era_abilities(r).roots)
        return (struct client_roots){.state = ROOTS_NONE};
    if (!session || c->roots.len == 0)
        return (struct client_roots){.state = ROOTS_UNKNOWN};
    return (struct client_roots){.state = ROOTS_KNOWN, .list = buffer_str(&c->roots)};
}

void roots_keep(struct connection *c, struct json roots)
{
    roots_forget(c);
    if (!c->abilities.roots_list_changed)
        return;
    buffer_add_str(&c->roots, json_text(roots));
    if (buffer_failed(&c->roots))
        roots_forget(c);
}

void roots_forget(struct connection *c)
{
    buffer_clear(&c->roots);
}
