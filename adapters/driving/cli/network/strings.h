/* Inside of network: a setting that is a list of strings. */
#pragma once

#include "adapters/driven/config/config.h"

struct strings {
    struct str *items;
    size_t count;
    char *text; /* of all of them */
};

int strings_read(const struct config *config, const char *key, struct strings *out,
                 struct error *err);
void strings_clear(struct strings *strings);
