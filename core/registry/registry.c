#include "core/registry/registry.h"

#include <stdio.h>
#include <stdlib.h>

struct entry {
    struct tool_definition tool;
    char *own_name; /* the long name, if the short one was taken */
};

struct registry {
    struct entry *entries;
    size_t count;
    size_t cap;
    uint32_t *buckets; /* entry index + 1, open addressing; a power of two of them */
    size_t bucket_count;
    uint64_t generation;
};

struct registry *registry_new(void)
{
    struct registry *r = calloc(1, sizeof(*r));
    if (r)
        r->generation = 1;
    return r;
}

void registry_free(struct registry *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < r->count; i++)
        free(r->entries[i].own_name);
    free(r->entries);
    free(r->buckets);
    free(r);
}

/* FNV-1a. Names come from manifests that the operator enabled, not from clients. */
static size_t hash_name(struct str name)
{
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < name.len; i++)
        hash = (hash ^ (unsigned char)name.ptr[i]) * 1099511628211u;
    return (size_t)(hash ^ (hash >> 32));
}

static void insert_bucket(struct registry *r, size_t index)
{
    size_t mask = r->bucket_count - 1;
    size_t at = hash_name(r->entries[index].tool.name) & mask;
    while (r->buckets[at])
        at = (at + 1) & mask;
    r->buckets[at] = (uint32_t)index + 1;
}

/* Keeps the table at most half full. */
static int grow_buckets(struct registry *r)
{
    if (r->bucket_count >= 2 * (r->count + 1))
        return ST_OK;
    size_t wanted = r->bucket_count ? r->bucket_count * 2 : 64;
    uint32_t *buckets = calloc(wanted, sizeof(*buckets));
    if (!buckets)
        return ST_NOMEM;
    free(r->buckets);
    r->buckets = buckets;
    r->bucket_count = wanted;
    for (size_t i = 0; i < r->count; i++)
        insert_bucket(r, i);
    return ST_OK;
}

static int grow_entries(struct registry *r)
{
    if (r->count < r->cap)
        return ST_OK;
    size_t cap = r->cap ? r->cap * 2 : 32;
    struct entry *entries = realloc(r->entries, cap * sizeof(*entries));
    if (!entries)
        return ST_NOMEM;
    r->entries = entries;
    r->cap = cap;
    return ST_OK;
}

ptrdiff_t registry_index(const struct registry *r, struct str name)
{
    if (r->bucket_count == 0)
        return -1;
    size_t mask = r->bucket_count - 1;
    for (size_t at = hash_name(name) & mask; r->buckets[at]; at = (at + 1) & mask) {
        size_t index = r->buckets[at] - 1;
        if (str_eq(r->entries[index].tool.name, name))
            return (ptrdiff_t)index;
    }
    return -1;
}

static bool name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-';
}

static int check_name(struct str name, struct error *err)
{
    bool good = name.len >= 1 && name.len <= TOOL_NAME_MAX;
    for (size_t i = 0; good && i < name.len; i++)
        good = name_byte(name.ptr[i]);
    if (good)
        return ST_OK;
    return error_set(err, ST_INVALID,
                     "tool name \"%.*s\" is not 1 to %d characters of A-Z a-z 0-9 _ . -",
                     STR_ARG(name), TOOL_NAME_MAX);
}

/* The name to publish; *own is set if it had to be made. */
static int choose_name(const struct registry *r, const struct tool_definition *tool,
                       struct str *name, char **own, struct error *err)
{
    ptrdiff_t taken = registry_index(r, tool->local_name);
    if (taken < 0) {
        *name = tool->local_name;
        return ST_OK;
    }
    struct str owner = r->entries[taken].tool.plugin_id;
    size_t len = tool->plugin_id.len + 1 + tool->local_name.len;
    if (len > TOOL_NAME_MAX)
        return error_set(err, ST_INVALID,
                         "tool \"%.*s\" is taken by plugin %.*s and \"%.*s.%.*s\" is longer than %d "
                         "characters; rename the tool or leave one of the plugins out",
                         STR_ARG(tool->local_name), STR_ARG(owner), STR_ARG(tool->plugin_id),
                         STR_ARG(tool->local_name), TOOL_NAME_MAX);
    char *text = malloc(len + 1);
    if (!text)
        return error_set(err, ST_NOMEM, "out of memory");
    snprintf(text, len + 1, "%.*s.%.*s", STR_ARG(tool->plugin_id), STR_ARG(tool->local_name));
    if (registry_index(r, (struct str){text, len}) >= 0) {
        free(text);
        return error_set(err, ST_INVALID, "plugin %.*s registers tool \"%.*s\" twice",
                         STR_ARG(tool->plugin_id), STR_ARG(tool->local_name));
    }
    *name = (struct str){text, len};
    *own = text;
    return ST_OK;
}

int registry_add(struct registry *r, const struct tool_definition *tool, struct error *err)
{
    int rc = check_name(tool->local_name, err);
    if (rc)
        return rc;
    if (grow_entries(r) || grow_buckets(r))
        return error_set(err, ST_NOMEM, "out of memory");
    struct entry entry = {.tool = *tool};
    ptrdiff_t taken = registry_index(r, tool->local_name);
    if (taken >= 0 && str_eq(r->entries[taken].tool.plugin_id, tool->plugin_id))
        return error_set(err, ST_INVALID, "plugin %.*s registers tool \"%.*s\" twice",
                         STR_ARG(tool->plugin_id), STR_ARG(tool->local_name));
    rc = choose_name(r, tool, &entry.tool.name, &entry.own_name, err);
    if (rc)
        return rc;
    r->entries[r->count] = entry;
    insert_bucket(r, r->count);
    r->count++;
    r->generation++;
    return ST_OK;
}

size_t registry_count(const struct registry *r)
{
    return r->count;
}

const struct tool_definition *registry_at(const struct registry *r, size_t index)
{
    return index < r->count ? &r->entries[index].tool : NULL;
}

uint64_t registry_generation(const struct registry *r)
{
    return r->generation;
}
