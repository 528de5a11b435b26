/* Signatures by their names in JOSE (RFC 7518, RFC 8037). */
#pragma once

#include "adapters/driven/authenticator/auth_module.h"

/* False if it is none that can ever be taken. */
bool algorithm_parse(struct str name, enum token_algorithm *out);

const char *algorithm_name(enum token_algorithm algorithm);

/* What key it needs. */
enum key_kind algorithm_key(enum token_algorithm algorithm);
