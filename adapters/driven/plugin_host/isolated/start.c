/* What a helper is told first. */
#include "adapters/driven/plugin_host/wire/start.h"

#include <stdio.h>

#include "adapters/driven/plugin_host/isolated/remote.h"

#define DEFAULT_MEMORY ((uint64_t)512 << 20)

static void add_services(const struct plugin *p, struct wire_start *s)
{
    const struct plugin_host_config *c = &p->host->config;
    for (size_t i = 0; i < c->service_count && s->service_count < WIRE_SERVICES_MAX; i++) {
        const struct service_port *port = c->services[i];
        const char *missing = "";
        bool allowed = port->allows(port->ctx, p->grants, &missing);
        s->services[s->service_count++] =
            (struct wire_service){str_from(port->id), allowed ? STR("") : str_from(missing)};
    }
}

static void add_system(const struct plugin *p, struct wire_start *s)
{
    size_t max = sizeof(s->system) / sizeof(s->system[0]);
    for (size_t i = 0; i < p->grants->system_count && i < max; i++)
        s->system[s->system_count++] = p->grants->system[i];
}

/* The folders that it reaches by itself, joined with what the client's roots leave; see make_key(). */
static void add_folders(const struct remote *r, struct buffer *paths, struct wire_start *s)
{
    const char *at = r->key.data, *end = at ? at + r->key.len : NULL;
    size_t begins[WIRE_FOLDERS_MAX];
    bool write[WIRE_FOLDERS_MAX];
    size_t count = 0;
    for (; at < end && count < WIRE_FOLDERS_MAX; count++) {
        write[count] = *at++ == 'w' && s->writes_paths;
        begins[count] = paths->len;
        buffer_add_str(paths, str_from(at));
        at += strlen(at) + 1;
        if (*at)
            buffer_add_char(paths, '/');
        buffer_add_str(paths, str_from(at));
        at += strlen(at) + 1;
        buffer_add_char(paths, '\0');
    }
    if (buffer_failed(paths))
        return;
    for (size_t i = 0; i < count; i++) {
        struct str path = str_from(paths->data + begins[i]);
        if (s->direct_paths)
            s->read[s->read_count++] = path;
        if (write[i])
            s->write[s->write_count++] = path;
    }
}

void remote_tell_start(struct remote *r)
{
    const struct plugin *p = r->owner->plugin;
    const struct plugin_host_config *c = &p->host->config;
    const struct plugin_isolation *settings = settings_of(r->owner);
    char bundle[4096];
    struct str folder = record_text(p->record, TEXT_FOLDER);
    snprintf(bundle, sizeof(bundle), "%s/%.*s", p->place->path, STR_ARG(folder));
    struct wire_start start = {
        .build = wire_build(),
        .version = str_from(c->version),
        .settings = str_from(p->settings),
        .bundle = str_from(bundle),
        .modules = str_from(settings->modules),
        .memory_bytes = p->grants->memory_bytes ? p->grants->memory_bytes : DEFAULT_MEMORY,
        .grace_ms = c->grace_ms,
        .workers = settings->workers,
        .strict = settings->strict,
        .files = c->files != NULL,
        .schemas = c->checks.check_value != NULL,
        .reads_paths = p->grants->reads_paths,
        .writes_paths = p->grants->writes_paths,
        .direct_paths = p->grants->direct_paths,
        .carries = p->carried != NULL,
        .carried = {p->carried, p->carried_len},
        .record = {(const char *)p->record, p->record->size},
    };
    add_services(p, &start);
    add_system(p, &start);
    struct buffer folders = BUFFER_INIT;
    add_folders(r, &folders, &start);
    wire_put_start(wire_body(r->wire), &start);
    buffer_clear(&folders);
    remote_send(r, WIRE_START, 0, -1);
}
