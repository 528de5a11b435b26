#include "adapters/driving/http/client.h"

#include <stdlib.h>

#include "core/base/str.h"

bool client_is(const struct client *client, const struct caller *caller)
{
    return str_eq(client->caller.id, caller->id) &&
           str_eq(client->caller.tenant, caller->tenant) &&
           client->caller.authenticated == caller->authenticated &&
           client->caller.paths == caller->paths;
}

static struct client *client_new(const struct caller *caller, size_t key_len)
{
    struct client *client = calloc(1, sizeof(*client) + key_len);
    if (!client)
        return NULL;
    /* The length of the tenant first, so that no two callers share a key. */
    char *at = (char *)(client + 1);
    client->key = (struct str){at, key_len};
    memcpy(at, &caller->tenant.len, sizeof(caller->tenant.len));
    at += sizeof(caller->tenant.len);
    *at++ = (char)caller->authenticated;
    memcpy(at, &caller->paths, sizeof(caller->paths));
    at += sizeof(caller->paths);
    client->caller = *caller;
    client->caller.tenant.ptr = at;
    if (caller->tenant.len)
        memcpy(at, caller->tenant.ptr, caller->tenant.len);
    at += caller->tenant.len;
    client->caller.id.ptr = at;
    if (caller->id.len)
        memcpy(at, caller->id.ptr, caller->id.len);
    return client;
}

struct client *client_ref(struct clients *clients, const struct caller *caller)
{
    struct client *made =
        client_new(caller, sizeof(caller->tenant.len) + 1 + sizeof(caller->paths) +
                               caller->tenant.len + caller->id.len);
    if (!made)
        return NULL;
    struct client *known = str_index_get(&clients->index, made->key);
    if (!known && str_index_put(&clients->index, made->key, made)) {
        known = made;
        made = NULL;
    }
    free(made);
    if (known)
        known->refs++;
    return known;
}

void client_unref(struct clients *clients, struct client *client)
{
    if (!client || --client->refs)
        return;
    str_index_remove(&clients->index, client->key);
    free(client);
}
