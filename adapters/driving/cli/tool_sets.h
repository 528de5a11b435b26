/* The settings tools.*, as the core wants them. */
#pragma once

#include "adapters/driven/config/config.h"
#include "core/toolset/tool_set.h"
#include "ports/driven/log.h"

/* All must outlive the set. ST_CONFIG. */
int tool_sets_open(const struct config *config, struct registry *registry, enum tool_level highest,
                   const struct log_port *log, struct tool_set **out, struct error *err);
