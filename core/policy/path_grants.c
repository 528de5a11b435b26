#include "core/policy/path_grants.h"

#include <stdlib.h>

#include "core/base/path.h"
#include "core/uri/file_uri.h"

/* While the entries are gathered the text moves, so only the lengths of `beneath` are known: its bytes
 * follow each other in the order of the entries. */
struct narrowing {
    const struct path_grants *all;
    struct path_grant *entries;
    size_t count, cap;
    struct buffer text;
    bool failed;
};

static void add(struct narrowing *n, const struct path_grant *grant, struct str beneath)
{
    if (n->count == n->cap) {
        size_t cap = n->cap ? n->cap * 2 : 8;
        struct path_grant *entries = realloc(n->entries, cap * sizeof(*entries));
        if (!entries) {
            n->failed = true;
            return;
        }
        n->entries = entries;
        n->cap = cap;
    }
    struct path_grant entry = *grant;
    entry.beneath = (struct str){NULL, beneath.len};
    buffer_add_str(&n->text, beneath);
    n->entries[n->count++] = entry;
}

static void add_root(struct narrowing *n, struct str root)
{
    struct str rest;
    for (size_t i = 0; i < n->all->count; i++) {
        const struct path_grant *grant = &n->all->at[i];
        if (path_beneath(root, grant->folder, &rest) || path_beneath(root, grant->real, &rest))
            add(n, grant, rest);
        else if (path_beneath(grant->folder, root, &rest) || path_beneath(grant->real, root, &rest))
            add(n, grant, STR(""));
    }
}

static void add_roots(struct narrowing *n, struct json roots)
{
    struct buffer scratch = BUFFER_INIT, path = BUFFER_INIT;
    struct json_iter it = json_iter(roots);
    struct str uri;
    while (json_next(&it)) {
        buffer_reset(&path, SIZE_MAX);
        buffer_reset(&scratch, SIZE_MAX);
        if (json_string(json_get(it.value, STR("uri")), &scratch, &uri) &&
            file_uri_path(uri, &path))
            add_root(n, buffer_str(&path));
    }
    n->failed = n->failed || buffer_failed(&path) || buffer_failed(&scratch);
    buffer_clear(&path);
    buffer_clear(&scratch);
}

int path_grants_narrow(const struct path_grants *all, struct json roots,
                       struct narrowed_grants *out, struct error *err)
{
    struct narrowing n = {.all = all, .text = BUFFER_INIT};
    size_t len, at = 0;
    if (json_count(roots) > CLIENT_ROOTS_MAX)
        return error_set(err, ST_TOO_LARGE, "the client has %u roots; the limit is %d",
                         json_count(roots), CLIENT_ROOTS_MAX);
    add_roots(&n, roots);
    char *text = buffer_take(&n.text, &len);
    if (n.failed || !text) {
        free(n.entries);
        free(text);
        return error_set(err, ST_NOMEM, "out of memory");
    }
    for (size_t i = 0; i < n.count; i++) {
        n.entries[i].beneath.ptr = text + at;
        at += n.entries[i].beneath.len;
    }
    *out = (struct narrowed_grants){
        .grants = {n.entries, n.count, all->hard_links, true, 0}, .entries = n.entries, .text = text};
    return ST_OK;
}

void narrowed_grants_clear(struct narrowed_grants *narrowed)
{
    free(narrowed->entries);
    free(narrowed->text);
    *narrowed = (struct narrowed_grants){0};
}
