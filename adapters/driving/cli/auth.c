#include "adapters/driving/cli/auth.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/str.h"

#define KEYS_NAME "api-keys.json"

struct gate {
    struct api_keys *keys;
    struct auth *auth;
};

int auth_keys_place(const struct config *config, const struct places *places, char path[PATH_MAX],
                    const char **place, struct error *err)
{
    struct str given = config_string(config, "auth.keys_file");
    const char *state = places_state(places);
    int len = 0;
    if (given.len && given.ptr[0] != '/')
        return error_set(err, ST_CONFIG, "auth.keys_file must be an absolute path, not %.*s",
                         STR_ARG(given));
    if (given.len)
        len = snprintf(path, PATH_MAX, "%.*s", STR_ARG(given));
    else if (state)
        len = snprintf(path, PATH_MAX, "%s/" KEYS_NAME, state);
    if (len >= PATH_MAX)
        return error_set(err, ST_CONFIG, "the path of the file of API keys is too long");
    *place = len ? path : NULL;
    return ST_OK;
}

static enum auth_mode mode_of(const struct config *config)
{
    struct str mode = config_string(config, "auth.mode");
    return str_eq(mode, STR("both"))   ? AUTH_BOTH
           : str_eq(mode, STR("jwt"))  ? AUTH_JWT
           : str_eq(mode, STR("keys")) ? AUTH_KEYS
                                       : AUTH_NONE;
}

static int open_keys(struct gate *gate, const struct config *config, const struct places *places,
                     const struct gate_ports *ports, struct error *err)
{
    char path[PATH_MAX];
    struct api_keys_config keys = {
        .crypto = ports->crypto, .random = ports->random, .clock = ports->clock};
    int rc = auth_keys_place(config, places, path, &keys.path, err);
    return rc ? rc : api_keys_open(&keys, &gate->keys, err);
}

static int open_auth(struct gate *gate, const struct config *config, const struct places *places,
                     const struct gate_ports *ports, struct error *err)
{
    const struct authenticator_config auth = {
        .mode = mode_of(config),
        .resource = config_string(config, "auth.resource"),
        .audience = config_string(config, "auth.audience"),
        .jwks_uri = config_string(config, "auth.jwks_uri"),
        .tenant_claim = config_string(config, "auth.tenant_claim"),
        .issuers = config_text(config, "auth.issuers"),
        .algorithms = config_text(config, "auth.algorithms"),
        .required_scopes = config_text(config, "auth.required_scopes"),
        .leeway_ms = config_integer(config, "auth.leeway_ms"),
        .refetch_ms = (uint64_t)config_integer(config, "auth.jwks_refetch_ms"),
        .keys = gate->keys,
        .modules = places_modules(places),
        .clock = ports->clock,
        .executor = ports->executor,
        .log = ports->log,
    };
    return authenticator_new(&auth, &gate->auth, err);
}

int gate_new(const struct config *config, const struct places *places,
             const struct gate_ports *ports, struct gate **out, struct error *err)
{
    struct gate *gate = calloc(1, sizeof(*gate));
    if (!gate)
        return error_set(err, ST_NOMEM, "out of memory");
    int rc = open_keys(gate, config, places, ports, err);
    if (!rc)
        rc = open_auth(gate, config, places, ports, err);
    if (rc)
        gate_free(gate);
    else
        *out = gate;
    return rc;
}

void gate_free(struct gate *gate)
{
    if (!gate)
        return;
    authenticator_free(gate->auth);
    api_keys_free(gate->keys);
    free(gate);
}

struct auth *gate_auth(const struct gate *gate)
{
    return gate->auth;
}
