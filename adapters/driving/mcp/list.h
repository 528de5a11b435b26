/* The four lists and what of an item clients get. */
#pragma once

#include "adapters/driving/mcp/revision.h"
#include "core/json/writer.h"
#include "ports/item.h"

struct request;

/* Writes the item as the revision knows it. Want of memory fails the writer's buffer. */
void list_item_write(struct json_writer *w, enum revision revision, const struct item *item);

/* Answers a request with the page behind `after`; `kept`, if it is an array, has the names of those
 * that are in it. */
void list_answer(struct request *r, enum item_kind kind, uint64_t after, struct json kept);
bool list_keeps(struct json kept, struct str name);

/* list_hooks.c: true if hooks look at the list of tools, and the answer comes when they have, perhaps
 * before return. */
bool list_ask_hooks(struct request *r, uint64_t after);
void list_forget(struct request *r);
