/* Items that a plugin published while it runs, by the rules of the manifest. All [loop]. */
#pragma once

#include "adapters/driven/plugin_host/host.h"

struct published {
    struct published *next;
    enum item_kind kind;
    size_t len;
    char name[]; /* the plugin's own */
};

/* Checks the definition as if it stood in the manifest and gives it to the publisher. *name is the
 * public one, borrowed until the list changes. */
int published_add(struct plugin *p, enum item_kind kind, struct str definition, struct str options,
                  struct str *name, struct error *err);

int published_remove(struct plugin *p, enum item_kind kind, struct str name, struct error *err);

/* Withdraws all of them. */
void published_clear(struct plugin *p);
