/*
 * ask.h - one back end, asked.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "kit/pace.h"
#include "provider.h"

struct asking {
    const hexmcp_round *r;
    struct pace *pace;
    const struct provider *provider;
    const struct setup *setup;
    struct query query;
    size_t offset; /* results to pass over */
    uint32_t timeout_ms;
    hexmcp_json_writer *json; /* an array, which gets the results */
};

struct asked {
    size_t count;
    size_t next; /* the offset of the results after these; 0: it gives no more */
};

/* [worker] An error says what the back end did, and nothing was added to the array. */
int32_t ask_provider(const struct asking *asking, struct asked *asked);

/* Whether it can pass over results of this type. */
bool ask_can_page(const struct provider *provider, enum search_type type);
