/* Keys for seals that live as long as the process. */
#pragma once

#include "ports/driven/random.h"
#include "ports/driven/seal_keys.h"

struct seal_keys;

/* Makes the first key when it is first asked for. `random` must outlive the keys. NULL without
 * memory. */
struct seal_keys *seal_keys_new(const struct random_port *random);
void seal_keys_free(struct seal_keys *keys);

const struct seal_keys_port *seal_keys_port(struct seal_keys *keys);
