/* The four lists and what of an item clients get. */
#pragma once

#include "adapters/driving/mcp/revision.h"
#include "core/json/writer.h"
#include "ports/item.h"

/* Writes the item as the revision knows it. Want of memory fails the writer's buffer. */
void list_item_write(struct json_writer *w, enum revision revision, const struct item *item);
