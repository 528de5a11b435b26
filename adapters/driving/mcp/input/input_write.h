/* Writes requests as a revision and a client know them. */
#pragma once

#include "adapters/driving/mcp/input/input_need.h"
#include "core/json/writer.h"

/* What only the server knows of a request. */
struct input_extra {
    struct str elicitation_id; /* written for a URL in 2025-11-25, which needs one */
    struct str meta;           /* the JSON of `_meta`; empty: none */
};

/* Writes the params object of a request that input_need found nothing against. */
void input_write_params(struct json_writer *w, struct json request,
                        const struct input_target *target, const struct input_extra *extra);

/* Writes inputRequests of the modern era: {key: {"method","params"}} for what the client can be
 * asked. Nothing but optional requests may be left out: input_need_all comes before. */
void input_write_all(struct json_writer *w, struct json requests,
                     const struct input_target *target);
