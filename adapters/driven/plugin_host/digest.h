/* Is a file the one that the manifest's digest names? */
#pragma once

#include "core/base/error.h"
#include "core/base/str.h"
#include "ports/driven/crypto.h"

/* ST_OK if `digest` ("sha256:<64 hex>") is that of `bytes`, or is empty. Otherwise ST_DENIED with
 * both digests; `whose` says where it stands, e.g. "plugin.json". `crypto` may be NULL: then a digest
 * cannot be checked and is refused. */
int digest_check(const struct crypto_port *crypto, struct str digest, const char *whose,
                 struct str bytes, struct error *err);
