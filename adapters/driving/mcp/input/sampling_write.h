/* Writes the params of sampling/createMessage. */
#pragma once

#include "adapters/driving/mcp/input/client_abilities.h"
#include "core/json/writer.h"

/* Writes the members of the params, without braces, as far as revision and client know them. A
 * message of several blocks becomes several messages where a message holds one. */
void sampling_write(struct json_writer *w, struct json params, enum revision revision,
                    const struct client_abilities *abilities);
