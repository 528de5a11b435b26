#include "adapters/driving/cli/platform/state.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/driven/sealed_values/sealed_values.h"
#include "adapters/driving/cli/places.h"
#include "core/base/error.h"
#include "core/json/writer.h"
#include "core/state/operations.h"

#define REDACT_KEY_BYTES 16

struct part {
    struct sealed_values *sealed;
    struct state *state;
    struct state_operations *operations;
    char redact_key[REDACT_KEY_BYTES];
};

static void rotated(void *arg, const struct error *err, const struct sealed_rotation *r)
{
    struct buffer out = BUFFER_INIT;
    struct json_writer w = json_writer(&out);
    if (err) {
        operation_fail(arg, err);
        return;
    }
    json_begin_object(&w);
    json_put_i64(&w, STR("spaces"), (int64_t)r->spaces);
    json_put_i64(&w, STR("values"), (int64_t)r->values);
    json_put_i64(&w, STR("rotated"), (int64_t)r->rotated);
    json_end_object(&w);
    operation_answer(arg, buffer_failed(&out) ? STR("{}") : buffer_str(&out));
    buffer_clear(&out);
}

static void rotate(void *domain, struct operation_call *call)
{
    const struct part *part = domain;
    sealed_values_rotate(part->sealed, NULL, rotated, call);
}

static const struct operation rotate_operation = {
    "state.rotate", "Encrypt state anew",
    "Encrypts all encrypted values with the key that encryption.key names, while they are used. Older "
    "keys are not needed afterwards.",
    "{\"type\":\"object\",\"additionalProperties\":false}", OPERATION_CHANGES, rotate};

static void close_part(void *opened)
{
    struct part *part = opened;
    state_operations_free(part->operations);
    state_free(part->state);
    sealed_values_free(part->sealed);
    explicit_bzero(part->redact_key, sizeof(part->redact_key));
    free(part);
}

static enum state_secrets policy(struct str name)
{
    return str_eq(name, STR("redact"))    ? STATE_SECRETS_REDACT
           : str_eq(name, STR("encrypt")) ? STATE_SECRETS_ENCRYPT
                                          : STATE_SECRETS_REFUSE;
}

static int open_sealed(const struct platform *platform, struct part *part, struct error *err)
{
    const struct sealed_values_options options = {
        .store = platform->values,
        .modules = places_modules(platform->places),
        .keys = config_text(platform->config, "encryption.keys"),
        .key = config_string(platform->config, "encryption.key"),
        .scopes = config_text(platform->config, "encryption.scopes"),
    };
    return sealed_values_new(&options, &part->sealed, err);
}

static int open_state(const struct platform *platform, struct part *part, struct error *err)
{
    const struct config *config = platform->config;
    const struct state_parts parts = {
        .values = sealed_values_port(part->sealed),
        .sealing = sealed_values_sealing(part->sealed),
        .bus = platform->bus,
        .clock = platform->clock,
        .redactor = {platform->crypto, {part->redact_key, sizeof(part->redact_key)}},
        .secrets = policy(config_string(config, "state.secrets")),
        .max_bytes = (uint64_t)config_integer(config, "state.max_bytes"),
        .max_keys = (uint64_t)config_integer(config, "state.max_keys"),
    };
    part->state = state_new(&parts);
    return part->state ? ST_OK : error_set(err, ST_NOMEM, "out of memory");
}

static int open_operations(const struct platform *platform, struct part *part, struct error *err)
{
    const struct state_operations_parts parts = {part->state, platform->timers, platform->random,
                                                 platform->executor, platform->regex,
                                                 platform->hooks};
    int rc = state_operations_new(&parts, platform->operations, &part->operations, err);
    return rc ? rc : operations_add(platform->operations, &rotate_operation, 1, part, err);
}

static int open_part(struct platform *platform, void **out, struct error *err)
{
    struct part *part = calloc(1, sizeof(*part));
    if (!part)
        return error_set(err, ST_NOMEM, "out of memory");
    /* Marks of redacted secrets can be compared within one run. */
    int rc = platform->random->fill(platform->random->ctx, part->redact_key,
                                    sizeof(part->redact_key), err);
    if (!rc)
        rc = open_sealed(platform, part, err);
    if (!rc)
        rc = open_state(platform, part, err);
    if (!rc)
        rc = open_operations(platform, part, err);
    if (rc) {
        close_part(part);
        return rc;
    }
    *out = part;
    return ST_OK;
}

const struct platform_part platform_state = {"state", open_part, close_part};
