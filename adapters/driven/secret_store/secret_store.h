/*
 * The secrets that the configuration names, read from the environment, from files and from the
 * kernel's keyring when they are used. Values lie in memory that is overwritten before it is freed.
 */
#pragma once

#include "core/base/buffer.h"
#include "core/base/error.h"
#include "ports/driven/log.h"
#include "ports/driven/plugin_runtime.h"
#include "ports/driven/secret_store.h"
#include "ports/driven/service.h"
#include "ports/driven/timer.h"

struct secret_store;

/*
 * `sources` is the setting secrets.sources:
 *
 *   {NAME: {"env": variable} or {"file": absolute path} or {"keyring": description of a "user" key},
 *           "hosts": [rules of hosts that it may be sent to; none if absent]}
 *
 * ST_CONFIG names the secret and what is wrong; ST_NOMEM.
 */
int secret_store_new(struct str sources, struct secret_store **out, struct error *err);

/* Overwrites what it knows. NULL is allowed. */
void secret_store_free(struct secret_store *store);

const struct secret_store_port *secret_store_port(struct secret_store *store);

/* A log that writes to `log`, which outlives it, with every known value replaced by its handle. Lives
 * as long as the store. */
const struct log_port *secret_store_log(struct secret_store *store, const struct log_port *log);

/* A runtime that does what `runtime`, which outlives it, does, with every known value replaced in what
 * plugins say but for the results of calls that succeed. Lives as long as the store. */
const struct plugin_runtime *secret_store_runtime(struct secret_store *store,
                                                  const struct plugin_runtime *runtime);

/* Appends `settings`, a JSON text, with the text "{{secret:NAME}}" in the place of each object that is
 * {"secret": NAME}. ST_INVALID, ST_NOMEM. */
int secret_handles_put(struct str settings, struct buffer *out, struct error *err);

/* The service hexmcp.secrets/1. An operation has the name in `bytes`; its answer is the value, in
 * `bytes`. */
enum secrets_op { SECRETS_REVEAL = 1 };

struct secret_service;

/* Store and timers outlive it. */
int secret_service_new(const struct secret_store_port *store, const struct timer_port *timers,
                       struct secret_service **out, struct error *err);

/* NULL is allowed. */
void secret_service_free(struct secret_service *service);

const struct service_port *secret_service_port(struct secret_service *service);
