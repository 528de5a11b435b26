/* Inside of doctor: the pages of a list. */
#pragma once

#include "adapters/driving/doctor/examine.h"

struct walk {
    const char *method;
    const char *member; /* of the result */
    bool modern;
    void (*page)(struct examination *x, const struct walk *walk, struct json result);
    /* For each entry, an object. */
    void (*entry)(struct examination *x, const struct walk *walk, struct json entry);
    const char *key; /* of an entry, a string, unique in the list; NULL: not looked at */
    bool optional;   /* -32601 is no fault */
    void *ctx;
};

/* Asks for all pages. Findings are about the form of the list; entries go to `entry`. */
void walk_list(struct examination *x, struct peer *peer, const struct walk *walk);
