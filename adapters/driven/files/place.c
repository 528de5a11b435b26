#include "adapters/driven/files/place.h"

#include <stdio.h>

/* Folders that an error names. */
#define NAMED_MAX 3

static int nothing_granted(const struct path_grants *grants, struct error *err)
{
    if (grants->narrowed)
        return error_set(err, ST_DENIED,
                         "no file may be opened: none of the client's roots is in a granted folder. "
                         "Grant the folder that the client works in, for example with "
                         "--allow-write FOLDER, or set grants.client_roots to \"ignore\"");
    return error_set(err, ST_DENIED,
                     "no file may be opened: no folder is granted. Start hexmcp with --allow-read "
                     "FOLDER or --allow-write FOLDER, or set grants.read or grants.write in its "
                     "configuration");
}

static int outside(const struct path_grants *grants, struct str path, struct error *err)
{
    char list[300] = "";
    size_t used = 0;
    for (size_t i = 0; i < grants->count && i < NAMED_MAX && used < sizeof(list) - 1; i++) {
        const struct path_grant *g = &grants->at[i];
        int len = snprintf(list + used, sizeof(list) - used, "%s%.*s%s%.*s", i ? ", " : "",
                           STR_ARG(g->folder), g->beneath.len ? "/" : "", STR_ARG(g->beneath));
        used = len < 0 ? used : used + (size_t)len;
    }
    return error_set(err, ST_DENIED, "%.*s is in no granted folder%s; granted: %s%s",
                     SHOWN(path),
                     grants->narrowed ? " that is also a root of the client" : "", list,
                     grants->count > NAMED_MAX ? " and more" : "");
}

static int only_readable(const struct path_grant *grant, struct str path, struct error *err)
{
    return error_set(err, ST_DENIED,
                     "%.*s may be read but not changed: %.*s is granted for reading. "
                     "--allow-write or grants.write grants more",
                     SHOWN(path), STR_ARG(grant->folder));
}

/* `rest` without the components `beneath` in front. */
static bool skip(struct str beneath, struct str *rest)
{
    if (beneath.len == 0)
        return true;
    if (!str_starts(*rest, beneath) ||
        (rest->len > beneath.len && rest->ptr[beneath.len] != '/'))
        return false;
    size_t from = rest->len > beneath.len ? beneath.len + 1 : beneath.len;
    *rest = (struct str){rest->ptr + from, rest->len - from};
    return true;
}

static bool holds(const struct path_grant *grant, struct str path, struct str *rest)
{
    return (path_beneath(path, grant->folder, rest) && skip(grant->beneath, rest)) ||
           (path_beneath(path, grant->real, rest) && skip(grant->beneath, rest));
}

/* The wider the folder, the longer the rest. */
static int find(const struct path_grants *grants, struct str path, unsigned access,
                struct place *out, struct error *err)
{
    const struct path_grant *readable = NULL;
    struct str rest;
    for (size_t i = 0; i < grants->count; i++) {
        const struct path_grant *grant = &grants->at[i];
        if (!holds(grant, path, &rest))
            continue;
        if (access == FILES_WRITE && !grant->write) {
            readable = grant;
        } else if (!out->grant || rest.len > out->rest.len) {
            out->grant = grant;
            out->rest = rest;
        }
    }
    if (out->grant)
        return ST_OK;
    return readable ? only_readable(readable, path, err) : outside(grants, path, err);
}

/* A relative path is one of the first folder. */
static int find_relative(const struct path_grants *grants, struct str path, unsigned access,
                         struct place *out, struct error *err)
{
    if (access == FILES_WRITE && !grants->at[0].write)
        return only_readable(&grants->at[0], path, err);
    out->grant = &grants->at[0];
    out->rest = path;
    return ST_OK;
}

int place_find(const struct path_grants *grants, struct str path, unsigned access,
               struct place *out, struct error *err)
{
    struct place place = {.text = BUFFER_INIT};
    if (!grants || grants->count == 0)
        return nothing_granted(grants ? grants : &(struct path_grants){0}, err);
    int rc = path_clean(path, &place.text, err);
    if (!rc && path_is_absolute(path))
        rc = find(grants, buffer_str(&place.text), access, &place, err);
    else if (!rc)
        rc = find_relative(grants, buffer_str(&place.text), access, &place, err);
    if (rc)
        place_clear(&place);
    else
        *out = place;
    return rc;
}

void place_clear(struct place *place)
{
    buffer_clear(&place->text);
}
