/* Items that a plugin published while it runs, by the rules of the manifest. All [loop] but one. */
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

/* In a helper: it was published, or withdrawn, elsewhere. */
void published_note(struct plugin *p, enum item_kind kind, struct str definition);
void published_forget(struct plugin *p, enum item_kind kind, struct str name);

/* Withdraws all of them, and tells of no more changes. */
void published_clear(struct plugin *p);

/* [any] True if the plugin lists or has published the resource, or a template that it matches. */
bool published_provides(struct plugin *p, struct str uri);
