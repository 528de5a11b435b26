/* May a plugin with this info block run on this host? */
#pragma once

#include "core/base/error.h"
#include "hexmcp/entry.h"

/* Is `major` one that this host serves, and is `min_host_minor` not newer than the host?
 * `file` begins the text, which gives both numbers. */
int abi_check(const char *file, uint32_t major, uint32_t minor, uint32_t min_host_minor,
              struct error *err);

/* Do id, version and ABI of the manifest and of the binary agree? */
int abi_check_same(struct str id, struct str version, uint32_t abi_major,
                   const hexmcp_plugin_info_1 *info, struct error *err);
