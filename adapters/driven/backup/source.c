/*
 * The records of a backup in the order in which they are restored: the events of all files, then what
 * else was there at the moment of the last file, wherever it is. Each file is read from the front to
 * the back, twice; one whose records changed their order in between starts anew.
 */
#include <stdlib.h>
#include <string.h>

#include "adapters/driven/backup/inside.h"
#include "core/base/str.h"
#include "core/json/json.h"

struct cursor {
    struct backup_file file;
    bool open;
    uint32_t next;      /* number of the frame that comes */
    enum frame_kind kind;
    struct str bytes;   /* of the frame before it         */
};

struct source {
    const struct backups *b;
    const struct chain *chain;
    struct json_doc *kinds; /* NULL: all */
    bool others;
    struct cursor *cursors;
    size_t file; /* whose events come; behind the last: the rest */
    size_t at;   /* in chain->prints                             */
};

int source_new(const struct backups *b, const struct chain *chain, const char *kinds, bool others,
               struct source **out, struct error *err)
{
    struct source *s = calloc(1, sizeof(*s));
    if (s)
        s->cursors = calloc(chain->count, sizeof(*s->cursors));
    if (!s || !s->cursors) {
        free(s);
        return error_set(err, ST_NOMEM, "out of memory");
    }
    s->b = b;
    s->chain = chain;
    s->others = others;
    int rc = kinds ? json_parse(str_from(kinds), &s->kinds, err) : ST_OK;
    if (rc) {
        source_free(s);
        return rc;
    }
    *out = s;
    return ST_OK;
}

static void cursor_close(struct cursor *c)
{
    if (c->open)
        file_close(&c->file);
    memset(c, 0, sizeof(*c));
}

void source_free(struct source *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->chain->count; i++)
        cursor_close(&s->cursors[i]);
    free(s->cursors);
    json_free(s->kinds);
    free(s);
}

static int step(struct source *s, size_t file, struct error *err)
{
    struct cursor *c = &s->cursors[file];
    if (!c->open) {
        int rc = file_open(s->b, s->chain->paths[file], &c->file, err);
        if (rc)
            return rc;
        c->open = true;
    }
    c->next++;
    return container_next(&c->file.reader, &c->kind, &c->bytes, err);
}

static bool wanted(const struct source *s, const char *kind)
{
    bool named = false;
    if (!s->kinds)
        return true;
    for (struct json_iter it = json_iter(json_root(s->kinds)); json_next(&it);)
        named = named || json_is(it.value, str_from(kind));
    return named != s->others;
}

static int events_of(struct source *s, struct buffer *out, struct error *err)
{
    struct str rest = s->cursors[s->file].bytes, json, bytes;
    char kind[16];
    uint64_t position;
    while (rest.len && record_next(&rest, &json, &bytes)) {
        int rc = record_kind(json, kind, &position, err);
        if (rc)
            return rc;
        if (strcmp(kind, "event") == 0 && wanted(s, kind))
            record_append(out, json, bytes);
    }
    return ST_OK;
}

static int place_bytes(struct source *s, const struct place *place, struct str *json, struct str *bytes,
                       struct error *err)
{
    struct cursor *c = &s->cursors[place->file];
    if (c->next > place->frame + 1)
        cursor_close(c);
    while (c->next <= place->frame) {
        int rc = step(s, place->file, err);
        if (rc)
            return rc;
    }
    struct str rest = {c->bytes.ptr + place->offset, c->bytes.len - place->offset};
    return place->offset < c->bytes.len && record_next(&rest, json, bytes)
               ? ST_OK
               : error_set(err, ST_INVALID, "the backup has changed while it was read");
}

static int rest_of(struct source *s, struct buffer *out, struct error *err)
{
    struct str json, bytes;
    char kind[16];
    uint64_t position;
    const uint8_t *print = (const uint8_t *)s->chain->prints.data + s->at;
    int rc = place_bytes(s, chain_find(s->chain, print), &json, &bytes, err);
    if (!rc)
        rc = record_kind(json, kind, &position, err);
    if (!rc && wanted(s, kind))
        record_append(out, json, bytes);
    s->at += PRINT_BYTES;
    return rc;
}

int source_next(struct source *s, struct buffer *out, struct error *err)
{
    int rc = ST_OK;
    while (!rc && out->len < BATCH_BYTES) {
        if (s->file < s->chain->count) {
            rc = step(s, s->file, err);
            if (!rc && s->cursors[s->file].kind == FRAME_RECORDS)
                rc = events_of(s, out, err);
            if (!rc && s->cursors[s->file].kind == FRAME_END)
                cursor_close(&s->cursors[s->file++]);
        } else if (s->at < s->chain->prints.len) {
            rc = rest_of(s, out, err);
        } else {
            break;
        }
    }
    return !rc && buffer_failed(out) ? error_set(err, ST_NOMEM, "out of memory") : rc;
}
