/*
 * The catalogue: the registry behind its two driving ports. Clients list through catalog_service what
 * the policy lets them see; plugins publish and withdraw through publisher, and every change of a
 * list goes to the hub of changes.
 */
#pragma once

#include "core/changes/changes.h"
#include "core/policy/policy.h"
#include "core/registry/registry.h"
#include "core/toolset/tool_set.h"
#include "ports/driving/catalog_service.h"
#include "ports/driving/publisher.h"

/* All of it must outlive the catalogue. */
struct catalog_parts {
    struct registry *registry;
    struct policy policy;
    struct changes *changes;
    struct tool_set *tools; /* NULL: all tools are listed */
};

struct catalog;

/* NULL without memory. */
struct catalog *catalog_new(const struct catalog_parts *parts);
void catalog_free(struct catalog *catalog);

const struct catalog_service *catalog_service(struct catalog *catalog);
const struct publisher *catalog_publisher(struct catalog *catalog);
