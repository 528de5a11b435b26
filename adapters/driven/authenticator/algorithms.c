#include "adapters/driven/authenticator/algorithms.h"

static const struct {
    const char *name;
    enum key_kind key;
} table[TOKEN_ALGORITHMS] = {
    [TOKEN_RS256] = {"RS256", KEY_RSA},   [TOKEN_RS384] = {"RS384", KEY_RSA},
    [TOKEN_RS512] = {"RS512", KEY_RSA},   [TOKEN_PS256] = {"PS256", KEY_RSA},
    [TOKEN_PS384] = {"PS384", KEY_RSA},   [TOKEN_PS512] = {"PS512", KEY_RSA},
    [TOKEN_ES256] = {"ES256", KEY_P256},  [TOKEN_ES384] = {"ES384", KEY_P384},
    [TOKEN_EDDSA] = {"EdDSA", KEY_ED25519},
};

bool algorithm_parse(struct str name, enum token_algorithm *out)
{
    for (size_t i = 0; i < TOKEN_ALGORITHMS; i++)
        if (str_eq(name, str_from(table[i].name))) {
            *out = (enum token_algorithm)i;
            return true;
        }
    return false;
}

const char *algorithm_name(enum token_algorithm algorithm)
{
    return table[algorithm].name;
}

enum key_kind algorithm_key(enum token_algorithm algorithm)
{
    return table[algorithm].key;
}
