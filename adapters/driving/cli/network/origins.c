#include <stdlib.h>
#include <string.h>

#include "adapters/driving/cli/network/parts.h"

/* The ports that clients name in Host and Origin. */
static int collect_ports(struct network *n, struct error *err)
{
    struct listener_place place;
    size_t count = 0;
    for (size_t i = 0; listener_place_at(n->listener, i, &place); i++)
        count += place.port != 0;
    n->ports = calloc(count + 1, sizeof(*n->ports));
    if (!n->ports)
        return error_set(err, ST_NOMEM, "out of memory");
    for (size_t i = 0; listener_place_at(n->listener, i, &place); i++)
        if (place.port)
            n->ports[n->origins.port_count++] = place.port;
    n->origins.ports = n->ports;
    return ST_OK;
}

int network_origins_open(struct network *n, struct error *err)
{
    const struct config *c = app_config(n->app);
    int rc = collect_ports(n, err);
    if (!rc)
        rc = strings_read(c, "http.allowed_hosts", &n->allowed_hosts, err);
    if (!rc)
        rc = strings_read(c, "http.allowed_origins", &n->allowed_origins, err);
    if (!rc)
        rc = strings_read(c, "http.cors_origins", &n->cors_origins, err);
    if (rc)
        return rc;
    n->origins.hosts = n->allowed_hosts.items;
    n->origins.host_count = n->allowed_hosts.count;
    n->origins.origins = n->allowed_origins.items;
    n->origins.origin_count = n->allowed_origins.count;
    return origin_rules_check(&n->origins, err);
}

void network_origins_close(struct network *n)
{
    strings_clear(&n->allowed_hosts);
    strings_clear(&n->allowed_origins);
    strings_clear(&n->cors_origins);
    free(n->ports);
}
