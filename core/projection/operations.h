/* What operators can ask of projections: projection.list, rebuild, pause, resume, reset. */
#pragma once

#include "core/operation/operations.h"
#include "core/projection/projection.h"

/* Adds them to the table, in which nothing may be executed after projections_free. */
int projection_operations_add(struct projections *engine, struct operations *table,
                              struct error *err);
