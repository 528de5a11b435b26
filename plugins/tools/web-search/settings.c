/*
 * SPDX-License-Identifier: MIT
 */
#include "settings.h"

#include <string.h>

static char *text(hexmcp_str object, const char *key)
{
    hexmcp_str value;
    char *copy;
    size_t len;
    if (hexmcp_json_get(object, key, &value) != HEXMCP_OK ||
        hexmcp_json_string_dup(value, &copy, &len) != HEXMCP_OK)
        return NULL;
    return copy;
}

static int32_t check(const struct provider *p, const struct setup *s, hexmcp_error *err)
{
    if (s->key && strncmp(s->key, "{{secret:", 9) != 0)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "providers.%s.key must be {\"secret\": \"NAME\"}: the name of a secret "
                           "(secrets.sources), never the value",
                           p->name);
    if (p->needs_key && !s->key)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "providers.%s needs \"key\": {\"secret\": \"NAME\"}", p->name);
    if (p->needs_engine && !s->engine)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "providers.%s needs \"engine\", its id", p->name);
    if (!p->url && !s->url)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "providers.%s needs \"url\", the address of the instance", p->name);
    return HEXMCP_OK;
}

static int32_t read_provider(struct settings *all, int i, hexmcp_str object, hexmcp_error *err)
{
    struct setup *s = &all->setups[i];
    s->key = text(object, "key");
    s->engine = text(object, "engine");
    s->url = text(object, "url");
    size_t len = s->url ? strlen(s->url) : 0;
    while (len > 0 && s->url[len - 1] == '/')
        s->url[--len] = '\0';
    all->usable[i] = true;
    return check(providers[i], s, err);
}

static void add(struct settings *all, int i)
{
    int at = 0;
    for (; all->order[at] >= 0; at++)
        if (all->order[at] == i)
            return;
    if (i >= 0 && all->usable[i]) {
        all->order[at] = i;
        all->order[at + 1] = -1;
    }
}

/* First those that the operator has put in order, then the others. */
static void read_order(struct settings *all, hexmcp_str config)
{
    hexmcp_str list, item;
    char name[32];
    if (hexmcp_json_get(config, "order", &list) == HEXMCP_OK) {
        hexmcp_json_iter it = hexmcp_json_iter_begin(list);
        while (hexmcp_json_next(&it, NULL, &item))
            if (hexmcp_json_string(item, name, sizeof(name), NULL) == HEXMCP_OK)
                add(all, provider_find(name));
    }
    for (int i = 0; providers[i]; i++)
        add(all, i);
}

int32_t settings_read(hexmcp_str config, struct settings *all, hexmcp_error *err)
{
    hexmcp_str list, object, value;
    int64_t number;
    int32_t status = HEXMCP_OK;
    *all = (struct settings){.per_minute = 30};
    all->order[0] = -1;
    if (hexmcp_json_get(config, "providers", &list) == HEXMCP_OK)
        for (int i = 0; providers[i] && status == HEXMCP_OK; i++)
            if (hexmcp_json_get(list, providers[i]->name, &object) == HEXMCP_OK)
                status = read_provider(all, i, object, err);
    if (hexmcp_json_get(config, "perMinute", &value) == HEXMCP_OK &&
        hexmcp_json_int64(value, &number) == HEXMCP_OK)
        all->per_minute = (unsigned)number;
    read_order(all, config);
    return status;
}

void settings_free(struct settings *all)
{
    for (int i = 0; i < PROVIDERS_MOST; i++) {
        free(all->setups[i].key);
        free(all->setups[i].engine);
        free(all->setups[i].url);
    }
}
