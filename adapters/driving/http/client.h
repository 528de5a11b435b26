/* Who is being served, and how much each has in flight. */
#pragma once

#include "core/base/str_index.h"
#include "ports/context.h"

struct client {
    struct caller caller; /* a copy */
    size_t in_flight;
    size_t refs;
    struct str key; /* of the index; it holds the text of the caller */
};

struct clients {
    struct str_index index;
};

/* The one that is this caller, with one more reference. NULL without memory. */
struct client *client_ref(struct clients *clients, const struct caller *caller);

/* NULL is allowed. */
void client_unref(struct clients *clients, struct client *client);

bool client_is(const struct client *client, const struct caller *caller);
