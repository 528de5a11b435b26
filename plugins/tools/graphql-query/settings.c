/*
 * SPDX-License-Identifier: MIT
 */
#include "settings.h"

#include "kit/args.h"

#include <stdio.h>
#include <strings.h>

static bool is_name(const char *name)
{
    static const char *const names[] = {"graphql-websocket", "graphql-websocket-2", "graphql-websocket-3",
                                        "graphql-websocket-4"};
    _Static_assert(sizeof(names) / sizeof(names[0]) == SETTINGS_SECRETS, "a place for each");
    for (size_t i = 0; i < SETTINGS_SECRETS; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static void read_secret(struct args *secrets, hexmcp_str key, struct settings *s)
{
    const char *name = args_string(secrets, key, "a name", SETTINGS_NAME - 1);
    struct settings_secret *secret = &s->secrets[s->count];
    size_t count;
    if (args_status(secrets) != HEXMCP_OK)
        return;
    if (!is_name(name)) {
        args_fail(secrets, HEXMCP_E_CONFIG, "%s%s is none of " SETTINGS_NAMES, secrets->name, name);
        return;
    }
    const char *const *hosts = args_texts(secrets, name, SETTINGS_HOSTS, sizeof(secret->hosts[0]) - 1, &count);
    for (size_t i = 0; i < count; i++) {
        if (strchr(hosts[i], '*') || strchr(hosts[i], '/'))
            args_fail(secrets, HEXMCP_E_CONFIG, "%s%s: %.100s is no host, as example.org or example.org:8443",
                      secrets->name, name, hosts[i]);
        snprintf(secret->hosts[i], sizeof(secret->hosts[i]), "%s", hosts[i]);
    }
    snprintf(secret->name, sizeof(secret->name), "%s", name);
    secret->count = count;
    s->count++; /* the schema of the settings has no name twice */
}

int32_t settings_read(struct settings *s, hexmcp_str json, hexmcp_error *err)
{
    struct args args = args_begin(json, err);
    struct args secrets = args_object(&args, "websocketSecrets");
    hexmcp_json_iter it = hexmcp_json_iter_begin(secrets.json);
    hexmcp_str key, value;
    char text[300];
    snprintf(s->ca_file, sizeof(s->ca_file), "%s", args_text(&args, "caFile", sizeof(s->ca_file) - 1, ""));
    while (args_status(&args) == HEXMCP_OK && s->count < SETTINGS_SECRETS &&
           hexmcp_json_next(&it, &key, &value))
        read_secret(&secrets, key, s);
    int32_t status = args_status(&args);
    args_end(&args);
    if (status == HEXMCP_OK)
        return HEXMCP_OK;
    snprintf(text, sizeof(text), "%.299s", err->text);
    return hexmcp_fail(err, HEXMCP_E_CONFIG, "the settings of graphql-query: %s", text);
}

static bool is_host(const char *rule, const char *host, uint32_t port)
{
    char whole[300];
    snprintf(whole, sizeof(whole), "%s:%u", host, port);
    return strcasecmp(rule, whole) == 0 || ((port == 80 || port == 443) && strcasecmp(rule, host) == 0);
}

bool settings_allow(const struct settings *s, const char *name, const char *host, uint32_t port)
{
    for (size_t i = 0; i < s->count; i++)
        for (size_t j = 0; strcmp(s->secrets[i].name, name) == 0 && j < s->secrets[i].count; j++)
            if (is_host(s->secrets[i].hosts[j], host, port))
                return true;
    return false;
}
