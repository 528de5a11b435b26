/*
 * The tools of hexmcp.test.items that ask the host for something. They end with
 * {"structuredContent":{"status": what the host returned}}; replies are logged as
 * "replied STATUS JSON".
 *
 *   publish       {"kind": n, "definition": object or text, "options"?: same, "pad"?: n, "quiet"?}
 *                 `pad` appends so many blanks to the definition; `quiet` wants no reply
 *   withdraw      {"kind": n, "name": text}
 *   publish-many  {"count": n}: tools, until one is refused; "taken" says how many were not
 *   updated       {"uri": text}
 *   update-many   {"count": n}: as publish-many, items:t/0 and so on
 *   elicited      {"id": text}
 *   threads       {"threads": n, "count": n}: each publishes, withdraws and tells of items:one
 *   hang          {"until": path}: reports progress, then stays until there is such a file
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "items.h"

#define THREADS_MAX 8
#define EARLY "{\"name\":\"early\",\"inputSchema\":{\"type\":\"object\"}}"

static void replied(void *arg, int32_t status, hexmcp_str json)
{
    char text[700];
    int len = snprintf(text, sizeof(text), "replied %d %.*s", status, (int)json.len, json.ptr);
    (void)arg;
    services.host->log(services.host->ctx, 0, HEXMCP_LOG_INFO, (hexmcp_str){text, (size_t)len});
}

static void replied_quietly(void *arg, int32_t status, hexmcp_str json)
{
    (void)arg;
    (void)status;
    (void)json;
}

static int32_t end(hexmcp_call call, int64_t taken, int32_t status)
{
    char text[80];
    snprintf(text, sizeof(text), taken < 0 ? "{\"status\":%d}" : "{\"status\":%d,\"taken\":%lld}",
             status, (long long)taken);
    return hexmcp_complete_structured(services.host, call, hexmcp_str_from(text));
}

static int64_t number(hexmcp_str args, const char *key, int64_t otherwise)
{
    hexmcp_str value;
    int64_t n;
    return hexmcp_json_get(args, key, &value) == HEXMCP_OK &&
                   hexmcp_json_int64(value, &n) == HEXMCP_OK
               ? n
               : otherwise;
}

/* A string is decoded, everything else taken as it stands; `pad` blanks behind it. From malloc, of
 * this very size, so that a sanitizer sees who reads beyond or later. */
static hexmcp_str text_of(hexmcp_str args, const char *key, size_t pad)
{
    hexmcp_str value = {"", 0};
    char *decoded = NULL;
    hexmcp_json_get(args, key, &value);
    if (hexmcp_json_string_dup(value, &decoded, &value.len) == HEXMCP_OK)
        value.ptr = decoded;
    char *text = malloc(value.len + pad + (value.len + pad == 0));
    if (!text)
        abort();
    memcpy(text, value.ptr, value.len);
    memset(text + value.len, ' ', pad);
    free(decoded);
    return (hexmcp_str){text, value.len + pad};
}

static void drop(hexmcp_str text)
{
    free((char *)(uintptr_t)text.ptr);
}

static int32_t publish(hexmcp_call call, hexmcp_str args)
{
    const hexmcp_catalog_1 *catalog = services.catalog;
    hexmcp_str ignored, options = text_of(args, "options", 0);
    hexmcp_str definition = text_of(args, "definition", (size_t)number(args, "pad", 0));
    int quiet = hexmcp_json_get(args, "quiet", &ignored) == HEXMCP_OK;
    int32_t status = catalog->publish(catalog->ctx, (uint32_t)number(args, "kind", 0), definition,
                                      options, quiet ? NULL : replied, NULL);
    drop(definition);
    drop(options);
    return end(call, -1, status);
}

static int32_t withdraw(hexmcp_call call, hexmcp_str args)
{
    const hexmcp_catalog_1 *catalog = services.catalog;
    hexmcp_str name = text_of(args, "name", 0);
    int32_t status = catalog->withdraw(catalog->ctx, (uint32_t)number(args, "kind", 0), name,
                                       replied, NULL);
    drop(name);
    return end(call, -1, status);
}

static int32_t publish_tool(const char *name)
{
    const hexmcp_catalog_1 *catalog = services.catalog;
    char text[120];
    snprintf(text, sizeof(text), "{\"name\":\"%s\",\"inputSchema\":{\"type\":\"object\"}}", name);
    return catalog->publish(catalog->ctx, HEXMCP_KIND_TOOL, hexmcp_str_from(text),
                            hexmcp_str_from(""), replied_quietly, NULL);
}

static int32_t publish_many(hexmcp_call call, hexmcp_str args)
{
    int64_t count = number(args, "count", 0), taken = 0;
    int32_t status = HEXMCP_OK;
    for (; taken < count; taken++) {
        char name[32];
        snprintf(name, sizeof(name), "many-%lld", (long long)taken);
        if ((status = publish_tool(name)) != HEXMCP_OK)
            break;
    }
    return end(call, taken, status);
}

static int32_t update_many(hexmcp_call call, hexmcp_str args)
{
    int64_t count = number(args, "count", 0), taken = 0;
    int32_t status = HEXMCP_OK;
    for (; taken < count; taken++) {
        char uri[48];
        snprintf(uri, sizeof(uri), "items:t/%lld", (long long)taken);
        status = services.notify->resource_updated(services.notify->ctx, hexmcp_str_from(uri));
        if (status != HEXMCP_OK)
            break;
    }
    return end(call, taken, status);
}

static int32_t tell(hexmcp_call call, hexmcp_str args, const char *key,
                    int32_t (*function)(void *ctx, hexmcp_str text))
{
    hexmcp_str text = text_of(args, key, 0);
    int32_t status = function(services.notify->ctx, text);
    drop(text);
    return end(call, -1, status);
}

/* ---- threads ------------------------------------------------------------------------------ */

struct worker {
    pthread_t thread;
    int number;
    int64_t count;
};

static void *work(void *arg)
{
    const struct worker *w = arg;
    const hexmcp_catalog_1 *catalog = services.catalog;
    for (int64_t i = 0; i < w->count; i++) {
        char name[48];
        snprintf(name, sizeof(name), "by-%d-%lld", w->number, (long long)i);
        publish_tool(name);
        services.notify->resource_updated(services.notify->ctx, hexmcp_str_from("items:one"));
        /* not listed, so what is published is looked through while it changes */
        services.notify->resource_updated(services.notify->ctx, hexmcp_str_from("items:none"));
        catalog->withdraw(catalog->ctx, HEXMCP_KIND_TOOL, hexmcp_str_from(name), replied_quietly,
                          NULL);
    }
    return NULL;
}

static int32_t threads(hexmcp_call call, hexmcp_str args, hexmcp_error *err)
{
    struct worker workers[THREADS_MAX];
    int count = (int)number(args, "threads", 1), made = 0;
    for (; made < count && made < THREADS_MAX; made++) {
        workers[made] = (struct worker){.number = made, .count = number(args, "count", 1)};
        if (pthread_create(&workers[made].thread, NULL, work, &workers[made]) != 0)
            break;
    }
    for (int i = 0; i < made; i++)
        pthread_join(workers[i].thread, NULL);
    if (made < count)
        return hexmcp_fail(err, HEXMCP_E_UNAVAILABLE, "only %d threads", made);
    return end(call, -1, HEXMCP_OK);
}

static int32_t hang(hexmcp_call call, hexmcp_str args)
{
    hexmcp_str path = text_of(args, "until", 0);
    char text[600];
    snprintf(text, sizeof(text), "%.*s", (int)path.len, path.ptr);
    drop(path);
    services.host->progress(services.host->ctx, call, 1, 0, hexmcp_str_from("hanging"));
    while (access(text, F_OK) != 0)
        nanosleep(&(struct timespec){0, 1000000}, NULL);
    return end(call, -1, HEXMCP_OK);
}

int32_t run_service_tool(hexmcp_call call, hexmcp_str name, hexmcp_str args, hexmcp_error *err)
{
    char text[16];
    snprintf(text, sizeof(text), "%.*s", (int)name.len, name.ptr);
    if (strcmp(text, "publish") == 0)
        return publish(call, args);
    if (strcmp(text, "withdraw") == 0)
        return withdraw(call, args);
    if (strcmp(text, "publish-many") == 0)
        return publish_many(call, args);
    if (strcmp(text, "updated") == 0)
        return tell(call, args, "uri", services.notify->resource_updated);
    if (strcmp(text, "update-many") == 0)
        return update_many(call, args);
    if (strcmp(text, "elicited") == 0)
        return tell(call, args, "id", services.notify->elicitation_complete);
    if (strcmp(text, "threads") == 0)
        return threads(call, args, err);
    if (strcmp(text, "hang") == 0)
        return hang(call, args);
    return HEXMCP_E_NOT_FOUND;
}

int32_t publish_early(void)
{
    if (!services.catalog)
        return HEXMCP_E_UNAVAILABLE;
    return services.catalog->publish(services.catalog->ctx, HEXMCP_KIND_TOOL,
                                     hexmcp_str_from(EARLY), (hexmcp_str){NULL, 0}, replied, NULL);
}
