/* Inside of session: digests as text. */
#pragma once

#include "core/base/str.h"
#include "ports/driven/crypto.h"

/* "sha256:" and 64 digits. */
#define DIGEST_TEXT 71u

/* False without crypto. */
bool digest_text(const struct crypto_port *crypto, struct str data, char out[DIGEST_TEXT]);
