/* What a request needs of a client, and whether this client has it. */
#pragma once

#include "adapters/driving/mcp/input/client_abilities.h"
#include "core/input/input_request.h"
#include "core/base/error.h"

/* What there is on the other side. */
struct input_target {
    enum revision revision;
    const struct client_abilities *abilities;
};

/* ST_OK if the client can be asked this. Otherwise ST_UNSUPPORTED: `err` says to a person what the
 * client lacks, and *capabilities is what it would have to declare, e.g. {"sampling":{"tools":{}}}
 * (static JSON, the requiredCapabilities of error -32021), or empty if the revision has no way to
 * say it. */
int input_need(struct json request, const struct input_target *target, struct str *capabilities,
               struct error *err);

/* The same for all requests. Optional ones that the client cannot be asked are passed over; the
 * first other one is told, named by its key. *covered (may be NULL) is how many can be asked; with
 * ST_OK and 0 there is nothing to wait for. */
int input_need_all(struct json requests, const struct input_target *target, uint32_t *covered,
                   struct str *capabilities, struct error *err);
