/*
 * SPDX-License-Identifier: MIT
 */
#include "kit/secret.h"

#include "hexmcp/await.h"

const char *secret_argument(const hexmcp_round *r, struct args *args, const char *key)
{
    const hexmcp_secrets_1 *secrets = hexmcp_round_service(r, HEXMCP_SECRETS_1);
    hexmcp_str value = args_raw(args, key), inner = {NULL, 0};
    if (value.len == 0)
        return NULL;
    if (hexmcp_json_type(value) != HEXMCP_JSON_OBJECT ||
        hexmcp_json_get(value, "secret", &inner) != HEXMCP_OK) {
        args_fail(args, HEXMCP_E_INVALID,
                  "%s%s must be {\"secret\": \"NAME\"}: the name of a secret that the operator has set, "
                  "never the value",
                  args->name, key);
        return NULL;
    }
    const char *name = args_string(args, inner, key, HEXMCP_SECRET_NAME_MAX);
    char *handle = args_memory(args, HEXMCP_SECRET_HANDLE_SIZE);
    if (args_status(args) != HEXMCP_OK)
        return NULL;
    if (!secrets || secrets->handle(secrets->ctx, hexmcp_str_from(name), handle) != HEXMCP_OK) {
        args_fail(args, HEXMCP_E_DENIED,
                  "%s%s: no secret %s was granted to this tool; the operator grants it with "
                  "\"grants.secrets\" and \"secrets.sources\" of the configuration",
                  args->name, key, name);
        return NULL;
    }
    return handle;
}

int32_t secret_reveal(const hexmcp_round *r, const char *name, char *out, size_t room)
{
    const hexmcp_secrets_1 *secrets = hexmcp_round_service(r, HEXMCP_SECRETS_1);
    hexmcp_await *wait = secrets ? hexmcp_await_new(r->host) : NULL;
    char *value = NULL;
    size_t len = 0;
    if (!wait)
        return hexmcp_fail(r->err, HEXMCP_E_DENIED,
                           "no secret %.64s was granted to this tool; the operator grants it with "
                           "\"grants.secrets\" and \"secrets.sources\" of the configuration",
                           name);
    int32_t asked = secrets->reveal(secrets->ctx, hexmcp_str_from(name), hexmcp_await_reply, wait);
    int32_t status = hexmcp_await_wait(wait, asked, 10000, &value, &len);
    if (status != HEXMCP_OK) {
        char text[HEXMCP_ERROR_TEXT] = "its source does not answer; try again";
        hexmcp_str message;
        if (value && hexmcp_json_get((hexmcp_str){value, len}, "message", &message) == HEXMCP_OK)
            hexmcp_json_string(message, text, sizeof(text), NULL);
        hexmcp_fail(r->err, status, "the secret %.64s: %s", name, text);
    } else if (len >= room) {
        status = hexmcp_fail(r->err, HEXMCP_E_TOO_LARGE, "the secret %.64s is longer than %zu bytes",
                             name, room - 1);
    } else {
        memcpy(out, value, len + 1);
    }
    if (value)
        secret_forget(value, len);
    free(value);
    return status;
}

void secret_forget(char *out, size_t room)
{
    explicit_bzero(out, room);
}
