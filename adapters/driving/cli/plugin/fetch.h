/* Gets a file from an address, for a person who named it. */
#pragma once

#include "adapters/driving/cli/plugin/workshop.h"

/* Writes what lies at `url` to `fd`, `most` bytes at most. Redirects are followed, to public hosts.
 * ST_INVALID: it is no address of http or https; others say why it could not be got. */
int fetch_url(struct workshop *w, const char *url, int fd, uint64_t most, struct error *err);
