/* Which of the services a plugin gets, and their tables. */
#include <stdlib.h>
#include <string.h>

#include "adapters/driven/plugin_host/services/requests.h"

static const struct service_port *port_of(const struct plugin_host *host, const char *id)
{
    for (size_t i = 0; i < host->config.service_count; i++)
        if (strcmp(host->config.services[i]->id, id) == 0)
            return host->config.services[i];
    return NULL;
}

static const struct service_kind *kind_of(const char *id)
{
    for (size_t i = 0; service_kinds[i]; i++)
        if (strcmp(service_kinds[i]->id, id) == 0)
            return service_kinds[i];
    return NULL;
}

static int make(struct plugin *p, const struct service_kind *kind, const struct service_port *port)
{
    struct service_link *link = &p->services[p->service_count];
    const char *missing;
    if (!port->allows(port->ctx, p->grants, &missing))
        return ST_OK;
    *link = (struct service_link){.plugin = p, .port = port, .table = calloc(1, kind->size)};
    if (!link->table)
        return ST_NOMEM;
    kind->fill(link->table, link);
    p->service_count++;
    return ST_OK;
}

int services_make(struct plugin *p, struct error *err)
{
    const struct plugin_host *host = p->host;
    int rc = ST_OK;
    p->services = calloc(host->config.service_count + 1, sizeof(*p->services));
    if (!p->services)
        return error_set(err, ST_NOMEM, "out of memory");
    for (size_t i = 0; !rc && service_kinds[i]; i++) {
        const struct service_port *port = port_of(host, service_kinds[i]->id);
        rc = port ? make(p, service_kinds[i], port) : ST_OK;
    }
    return rc ? error_set(err, rc, "out of memory") : ST_OK;
}

void services_free(struct plugin *p)
{
    for (size_t i = 0; i < p->service_count; i++)
        free(p->services[i].table);
    free(p->services);
}

const void *service_table(struct plugin *p, const char *id)
{
    const char *missing = "";
    for (size_t i = 0; i < p->service_count; i++)
        if (strcmp(p->services[i].port->id, id) == 0)
            return p->services[i].table;
    const struct service_port *port = kind_of(id) ? port_of(p->host, id) : NULL;
    if (port && !port->allows(port->ctx, p->grants, &missing) &&
        !plugin_denied(p, "asked for %s and was not granted %s", id, missing))
        plugin_log(p, LOG_LEVEL_WARNING, "asked for %s, but was not granted %s in \"grants\"", id,
                   missing);
    return NULL;
}
