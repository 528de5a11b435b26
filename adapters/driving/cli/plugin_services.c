#include "adapters/driving/cli/plugin_services.h"

#include <stdlib.h>

#include "adapters/driven/clock/clock.h"
#include "adapters/driven/events/events.h"
#include "adapters/driven/files/files.h"
#include "adapters/driven/kv/kv.h"
#include "adapters/driven/loop/loop.h"
#include "adapters/driven/plugin_metrics/plugin_metrics.h"
#include "adapters/driven/plugin_operations/plugin_operations.h"
#include "adapters/driven/process/process.h"
#include "adapters/driven/secret_store/secret_store.h"
#include "adapters/driving/cli/outgoing.h"
#include "core/json/writer.h"

#define PORTS 8

struct plugin_services {
    struct secret_store *secrets;
    struct secret_service *secret_service;
    struct outgoing *outgoing;
    struct kv *kv;
    struct processes *processes;
    struct events *events;
    struct plugin_metrics *metrics;
    struct plugin_operations *operations;
    const struct log_port *log;
    struct change_listener listener;
    const struct service_port *ports[PORTS];
};

static int open_secrets(struct plugin_services *s, const struct config *config, struct loop *loop,
                        const struct log_port *log, struct error *err)
{
    int rc = secret_store_new(config_text(config, "secrets.sources"), &s->secrets, err);
    if (rc)
        return rc;
    s->log = secret_store_log(s->secrets, log);
    return secret_service_new(secret_store_port(s->secrets), loop_timers(loop), &s->secret_service,
                              err);
}

static int open_outgoing(struct plugin_services *s, const struct config *config, struct loop *loop,
                         const struct places *places, const struct crypto_port *crypto,
                         struct error *err)
{
    const struct outgoing_parts parts = {
        .loop = loop,
        .modules = places_modules(places),
        .secrets = secret_store_port(s->secrets),
        .crypto = crypto,
    };
    return outgoing_new(config, &parts, &s->outgoing, err);
}

/* The pool for plugins is not for the store: calls that wait for it may hold every thread there. */
static int open_kv(struct plugin_services *s, const struct config *config, struct loop *loop,
                   const struct places *places, struct error *err)
{
    const char *state = places_state(places);
    const struct kv_config kv = {
        .modules = places_modules(places),
        .folder = state ? state : "/nonexistent",
        .max_bytes = (uint64_t)config_integer(config, "kv.max_bytes"),
        .max_keys = (uint64_t)config_integer(config, "kv.max_keys"),
        .executor = loop_own_executor(loop),
        .timers = loop_timers(loop),
        .clock = system_clock_port(),
    };
    return kv_new(&kv, &s->kv, err);
}

static int open_processes(struct plugin_services *s, struct loop *loop, struct error *err)
{
    const char *temporary = secure_getenv("TMPDIR");
    const struct processes_config processes = {
        .loop = loop_uv(loop),
        .timers = loop_timers(loop),
        .clock = system_clock_port(),
        .executor = loop_own_executor(loop),
        .files = files_port(),
        .temporary = temporary && temporary[0] == '/' ? temporary : "/tmp",
    };
    return processes_new(&processes, &s->processes, err);
}

static void list_ports(struct plugin_services *s)
{
    const struct service_port *const ports[PORTS] = {
        events_port(s->events),       outgoing_http(s->outgoing),
        kv_port(s->kv),               plugin_metrics_port(s->metrics),
        outgoing_net(s->outgoing),    processes_port(s->processes),
        secret_service_port(s->secret_service),
        plugin_operations_port(s->operations),
    };
    for (size_t i = 0; i < PORTS; i++)
        s->ports[i] = ports[i];
}

int plugin_services_new(const struct config *config, struct loop *loop, const struct places *places,
                 const struct log_port *log, const struct crypto_port *crypto,
                 struct plugin_services **out, struct error *err)
{
    struct plugin_services *s = calloc(1, sizeof(*s));
    if (!s)
        return error_set(err, ST_NOMEM, "out of memory");
    int rc = open_secrets(s, config, loop, log, err);
    if (!rc)
        rc = open_outgoing(s, config, loop, places, crypto, err);
    if (!rc)
        rc = open_kv(s, config, loop, places, err);
    if (!rc)
        rc = open_processes(s, loop, err);
    if (!rc)
        rc = events_new(loop_timers(loop), &s->events, err);
    if (!rc)
        rc = plugin_metrics_new(loop_timers(loop), log, &s->metrics, err);
    if (!rc)
        rc = plugin_operations_new(system_clock_port(), loop_timers(loop), &s->operations, err);
    if (rc) {
        plugin_services_free(s);
        return rc;
    }
    list_ports(s);
    *out = s;
    return ST_OK;
}

void plugin_services_free(struct plugin_services *s)
{
    if (!s)
        return;
    plugin_operations_free(s->operations);
    plugin_metrics_free(s->metrics);
    events_free(s->events);
    processes_free(s->processes);
    kv_free(s->kv);
    outgoing_free(s->outgoing);
    secret_service_free(s->secret_service);
    secret_store_free(s->secrets);
    free(s);
}

const struct service_port *const *plugin_services_ports(const struct plugin_services *s, size_t *count)
{
    *count = PORTS;
    return s->ports;
}

const struct log_port *plugin_services_log(const struct plugin_services *s)
{
    return s->log;
}

const struct plugin_runtime *plugin_services_runtime(struct plugin_services *s,
                                              const struct plugin_runtime *runtime)
{
    return secret_store_runtime(s->secrets, runtime);
}

void plugin_services_set_hooks(struct plugin_services *s, struct hooks *hooks)
{
    events_set_hooks(s->events, hooks);
}

static void publish(const struct plugin_services *s, struct str topic, struct str json)
{
    const struct event_bus *bus = events_bus(s->events);
    bus->publish(bus->ctx, topic, json, NULL);
}

static void changed(void *user, const struct change *change)
{
    const struct plugin_services *s = user;
    if (change->kind == CHANGE_TOOLS)
        publish(s, STR("tools.listChanged"), STR("{}"));
    else if (change->kind == CHANGE_PROMPTS)
        publish(s, STR("tools.promptsChanged"), STR("{}"));
    else if (change->kind == CHANGE_RESOURCES)
        publish(s, STR("tools.resourcesChanged"), STR("{}"));
}

void plugin_services_tell_changes(struct plugin_services *s, const struct change_service *changes)
{
    s->listener = (struct change_listener){.changed = changed, .user = s};
    changes->listen(changes->ctx, &s->listener);
}

void plugin_services_tell_state(void *services, struct str plugin, enum plugin_event event)
{
    static const char *const topics[] = {"plugins.loaded", "plugins.crashed", "plugins.retired"};
    struct buffer json = BUFFER_INIT;
    struct json_writer w = json_writer(&json);
    json_begin_object(&w);
    json_put_string(&w, STR("plugin"), plugin);
    json_end_object(&w);
    if (!buffer_failed(&json))
        publish(services, str_from(topics[event]), buffer_str(&json));
    buffer_clear(&json);
}

struct metrics_source plugin_services_metrics(const struct plugin_services *s)
{
    return plugin_metrics_source(s->metrics);
}

const struct event_bus *plugin_services_bus(const struct plugin_services *s)
{
    return events_bus(s->events);
}

void plugin_services_set_operations(struct plugin_services *s,
                                    const struct operation_service *operations)
{
    plugin_operations_set(s->operations, operations);
}

const struct service_port *plugin_services_http(const struct plugin_services *s)
{
    return outgoing_http(s->outgoing);
}

const struct secret_store_port *plugin_services_secrets(const struct plugin_services *s)
{
    return secret_store_port(s->secrets);
}
