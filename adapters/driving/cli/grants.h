/* The folders that calls may open. */
#pragma once

#include "adapters/driven/config/config.h"
#include "core/json/json.h"
#include "ports/driven/log.h"
#include "ports/path_grants.h"

struct grants;

/* Those that the configuration grants. Warns of folders that are not there. */
int grants_new(const struct config *config, const struct log_port *log, struct grants **out,
               struct error *err);

/* Those of two JSON arrays of paths, which are absolute and clean. */
int grants_of(struct json read, struct json write, bool hard_links, const struct log_port *log,
              struct grants **out, struct error *err);
void grants_free(struct grants *grants);

/* Lives as long as the grants. */
const struct path_grants *grants_paths(const struct grants *grants);
