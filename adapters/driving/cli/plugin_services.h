/* What plugins may ask of the world: every service with a port behind it. */
#pragma once

#include "adapters/driven/config/config.h"
#include "adapters/driven/log/log.h"
#include "adapters/driven/plugin_host/plugin_host.h"
#include "adapters/driving/cli/places.h"
#include "ports/driven/metrics_source.h"
#include "ports/driven/plugin_runtime.h"
#include "ports/driven/secret_store.h"
#include "ports/driven/service.h"
#include "ports/driving/change_service.h"
#include "ports/driving/operation_service.h"

struct loop;
struct hooks;
struct plugin_services;

/* All that is given outlives it. Opens, reads and starts nothing yet. ST_CONFIG. */
int plugin_services_new(const struct config *config, struct loop *loop, const struct places *places,
                 const struct log_port *log, const struct crypto_port *crypto,
                 struct plugin_services **out, struct error *err);

/* After the plugins and the workers, before the loop. NULL is allowed. */
void plugin_services_free(struct plugin_services *services);

/* Those of all plugins; lives as long as the services. */
const struct service_port *const *plugin_services_ports(const struct plugin_services *services, size_t *count);

/* The operator's secrets. */
const struct secret_store_port *plugin_services_secrets(const struct plugin_services *services);

/* hexmcp.http/1: requests to the network, also of others than plugins. */
const struct service_port *plugin_services_http(const struct plugin_services *services);
/* Hooks for the events of plugins; NULL before the hooks go. */
void plugin_services_set_hooks(struct plugin_services *services, struct hooks *hooks);

/* The log for plugins: without the values of secrets. */
const struct log_port *plugin_services_log(const struct plugin_services *services);

/* The runtime of plugins, so that failures hold no values of secrets. */
const struct plugin_runtime *plugin_services_runtime(struct plugin_services *services,
                                              const struct plugin_runtime *runtime);

/* Publishes tools.listChanged and the like for what `changes`, which goes before the services, tells;
 * and plugins.loaded and the like for the new state of a plugin. */
void plugin_services_tell_changes(struct plugin_services *services, const struct change_service *changes);
void plugin_services_tell_state(void *services, struct str plugin, enum plugin_event event);

struct metrics_source plugin_services_metrics(const struct plugin_services *services);

/* The bus on which all this is told. */
const struct event_bus *plugin_services_bus(const struct plugin_services *services);

/* What plugins that were granted operations execute; NULL before it goes. */
void plugin_services_set_operations(struct plugin_services *services,
                                    const struct operation_service *operations);
