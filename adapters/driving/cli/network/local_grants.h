/*
 * The folders that programs of the same user bring with them. What is granted once is kept: calls
 * and tasks may outlive the connection that brought it. Clients with the same folders share them.
 */
#pragma once

#include "adapters/driven/config/config.h"
#include "core/json/json.h"
#include "ports/driven/log.h"
#include "ports/path_grants.h"

struct local_grants;

int local_grants_new(const struct config *config, const struct log_port *log,
                     struct local_grants **out, struct error *err);

/* *out stays as it is if the client brings no folders. ST_INVALID: what it brings are no folders;
 * ST_DENIED: it may bring none (setting listen.local_grants). */
int local_grants_find(void *grants, struct json read, struct json write,
                      const struct path_grants **out, struct error *err);

/* NULL is allowed. */
void local_grants_free(struct local_grants *grants);
