/*
 * The registry: what items there are, each kind in the order in which it was registered.
 *
 * Names are unique in their kind. A tool or prompt whose name is taken is published as
 * "<plugin id>.<name>", so that a later plugin can neither replace nor shadow an earlier one; a
 * resource or template whose URI is taken is refused.
 *
 * An item stays where it is until it is removed and nobody holds it any more.
 */
#pragma once

#include "core/base/error.h"
#include "core/base/str.h"
#include "ports/item.h"

/* Longest public name of a tool or prompt, in bytes. */
#define ITEM_NAME_MAX 64

/* Longest URI or URI template. */
#define ITEM_URI_MAX 8192

/* Items of one kind that one plugin may register. */
#define ITEMS_OF_PLUGIN_MAX 10000

struct registry;

struct registry *registry_new(void);

/* Has `fill` called once, when something is first done with the registry: a start that is asked for
 * nothing of it does not wait for that. */
void registry_fill_later(struct registry *r, void (*fill)(void *ctx), void *ctx);
void registry_free(struct registry *r);

/* Registers an item. `name` is derived from `local_name` and `order` is given; both need not be
 * set. The text is borrowed and must outlive the item. ST_INVALID: no valid name; the plugin
 * registers it twice; or the name is taken and there is no other. ST_TOO_LARGE: too many of the
 * plugin. */
int registry_add(struct registry *r, const struct item *item, struct error *err);

/* The same with copied text. */
int registry_add_copy(struct registry *r, const struct item *item, struct error *err);

/* Takes an item out. ST_NOT_FOUND if the plugin has none of that kind and name. */
int registry_remove(struct registry *r, uint32_t plugin, enum item_kind kind,
                    struct str local_name, struct error *err);

size_t registry_count(const struct registry *r, enum item_kind kind);

/* The first item behind the place `after` (0: the first of all), or NULL. */
const struct item *registry_next(const struct registry *r, enum item_kind kind, uint64_t after);

/* The one that was registered last, or NULL. */
const struct item *registry_last(const struct registry *r, enum item_kind kind);

/* By its public name, or NULL. A tool also by one of its aliases, as long as no tool has this name;
 * of several with the same alias it is the first. */
const struct item *registry_find(const struct registry *r, enum item_kind kind, struct str name);

/* Rises with each change of the list, starts at 1. */
uint64_t registry_generation(const struct registry *r, enum item_kind kind);

/* Keeps an item, also when it is removed, until registry_unref. */
void registry_ref(const struct item *item);
void registry_unref(const struct item *item);

/* One pointer for the user of the registry beside each item, NULL at first. `free_state` is called
 * with it when the item goes; the registry's users agree on one. */
void **registry_state(const struct item *item);
void registry_on_free(struct registry *r, void (*free_state)(void *state));
