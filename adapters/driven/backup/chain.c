#include <stdlib.h>
#include <string.h>

#include "adapters/driven/backup/inside.h"
#include "core/base/str.h"
#include "core/json/json.h"

void print_of(struct str record, uint8_t print[PRINT_BYTES])
{
    uint8_t digest[BLAKE3_BYTES];
    blake3(record, digest);
    memcpy(print, digest, PRINT_BYTES);
}

int record_kind(struct str json, char kind[16], uint64_t *position, struct error *err)
{
    struct json_doc *doc;
    struct str text;
    int64_t number = 0;
    int rc = json_parse(json, &doc, err);
    if (rc)
        return error_prefix(err, "a record of the store: ");
    struct json root = json_root(doc);
    bool right = json_plain(json_get(root, STR("kind")), &text) && text.len < 16;
    if (right) {
        memcpy(kind, text.ptr, text.len);
        kind[text.len] = '\0';
    }
    if (right && strcmp(kind, "event") == 0)
        right = json_int64(json_get(json_get(root, STR("event")), STR("position")), &number) &&
                number > 0;
    *position = (uint64_t)number;
    json_free(doc);
    return right ? ST_OK : error_set(err, ST_INVALID, "a record of the store is of no known kind");
}

static int by_print(const void *a, const void *b)
{
    return memcmp(a, b, PRINT_BYTES);
}

const struct place *chain_find(const struct chain *chain, const uint8_t print[PRINT_BYTES])
{
    if (!chain->places.len)
        return NULL;
    return bsearch(print, chain->places.data, chain->places.len / sizeof(struct place),
                   sizeof(struct place), by_print);
}

/* Enters the records of a frame. */
static int enter(struct chain *chain, uint32_t file, uint32_t frame, struct str bytes,
                 uint64_t *written, struct error *err)
{
    struct str rest = bytes, json, data;
    while (rest.len) {
        struct place place = {.file = file, .frame = frame,
                              .offset = (uint32_t)(rest.ptr - bytes.ptr)};
        char kind[16];
        uint64_t position;
        const char *from = rest.ptr;
        if (!record_next(&rest, &json, &data))
            return error_set(err, ST_INVALID, "the backup is damaged: a record is not whole; use "
                                              "another one");
        int rc = record_kind(json, kind, &position, err);
        if (rc)
            return rc;
        (*written)++;
        if (strcmp(kind, "event") == 0) {
            chain->events++;
            continue;
        }
        print_of((struct str){from, (size_t)(rest.ptr - from)}, place.print);
        buffer_add(&chain->places, &place, sizeof(place));
    }
    return buffer_failed(&chain->places) ? error_set(err, ST_NOMEM, "out of memory") : ST_OK;
}

/* Reads a file whole. The prints of the last file of a chain are the ones that stay. */
static int read_file(struct chain *chain, uint32_t number, struct backup_file *file, struct error *err)
{
    enum frame_kind kind = FRAME_RECORDS;
    struct backup_facts *facts = &chain->facts[number];
    uint64_t written = 0;
    int rc = ST_OK;
    buffer_reset(&chain->prints, SIZE_MAX);
    for (uint32_t frame = 0; !rc && kind != FRAME_END; frame++) {
        struct str bytes;
        rc = container_next(&file->reader, &kind, &bytes, err);
        if (rc == ST_DENIED)
            return error_set(err, ST_DENIED,
                             "the key \"%s\" does not open the backup %s; configure the key that "
                             "sealed it",
                             file->facts.key, file->facts.id);
        if (!rc && kind == FRAME_RECORDS)
            rc = enter(chain, number, frame, bytes, &written, err);
        if (!rc && kind == FRAME_PRINTS)
            buffer_add_str(&chain->prints, bytes);
        if (!rc && kind == FRAME_END)
            rc = backup_parse_summary(bytes, &file->facts, err);
    }
    if (rc)
        return rc;
    *facts = file->facts;
    if (buffer_failed(&chain->prints))
        return error_set(err, ST_NOMEM, "out of memory");
    if (written != facts->written || chain->prints.len % PRINT_BYTES)
        return error_set(err, ST_INVALID, "the backup is damaged: records are missing; use another one");
    return ST_OK;
}

static int read_one(const struct backups *b, struct chain *chain, uint32_t number, struct error *err)
{
    struct backup_file file;
    char id[BACKUP_ID_SIZE];
    memcpy(id, chain->facts[number].id, sizeof(id));
    int rc = file_open(b, chain->paths[number], &file, err);
    if (rc)
        return error_prefix(err, "%s: ", id);
    rc = read_file(chain, number, &file, err);
    if (!rc && (strcmp(file.facts.id, id) != 0 ||
                strcmp(file.facts.parent, number ? chain->facts[number - 1].id : "") != 0))
        rc = error_set(err, ST_INVALID, "it is another backup than its name says");
    file_close(&file);
    return rc ? error_prefix(err, "%s: ", id) : ST_OK;
}

/* The ids from `id` to its full one, in the opposite order. */
static int collect(const struct backups *b, const struct backup_list *list, const char *id,
                   struct chain *chain, struct error *err)
{
    size_t count = 0, i = backup_find(list->all, list->count, id), at = i;
    if (i == list->count)
        return folder_why_not(b->folder, id, err);
    for (; at < list->count && count <= list->count; count++) {
        if (!list->all[at].parent[0])
            break;
        const char *parent = list->all[at].parent;
        at = backup_find(list->all, list->count, parent);
        if (at == list->count)
            return error_set(err, ST_INVALID,
                             "the backup %s adds to %s, which is not there; use another one", id, parent);
    }
    if (count > list->count)
        return error_set(err, ST_INVALID, "the backup %s adds to itself; use another one", id);
    chain->paths = calloc(count + 1, sizeof(*chain->paths));
    chain->facts = calloc(count + 1, sizeof(*chain->facts));
    if (!chain->paths || !chain->facts)
        return error_set(err, ST_NOMEM, "out of memory");
    chain->count = count + 1;
    for (size_t left = chain->count; left-- > 0;) {
        chain->facts[left] = list->all[i];
        chain->paths[left] = folder_path(b->folder, list->all[i].id, false);
        if (!chain->paths[left])
            return error_set(err, ST_NOMEM, "out of memory");
        i = backup_find(list->all, list->count, list->all[i].parent);
    }
    return ST_OK;
}

static int check_prints(const struct chain *chain, struct error *err)
{
    for (size_t at = 0; at < chain->prints.len; at += PRINT_BYTES)
        if (!chain_find(chain, (const uint8_t *)chain->prints.data + at))
            return error_set(err, ST_INVALID,
                             "the backup is damaged: a record is missing; use another one");
    return ST_OK;
}

int chain_load(const struct backups *b, const struct backup_list *list, const char *id,
               struct chain *out, struct error *err)
{
    struct chain chain = {.places = BUFFER_INIT, .prints = BUFFER_INIT};
    int rc = collect(b, list, id, &chain, err);
    for (uint32_t i = 0; !rc && i < chain.count; i++)
        rc = read_one(b, &chain, i, err);
    if (!rc && chain.places.len)
        qsort(chain.places.data, chain.places.len / sizeof(struct place), sizeof(struct place), by_print);
    if (!rc)
        rc = check_prints(&chain, err);
    if (rc) {
        chain_clear(&chain);
        return rc;
    }
    *out = chain;
    return ST_OK;
}

void chain_clear(struct chain *chain)
{
    for (size_t i = 0; chain->paths && i < chain->count; i++)
        free(chain->paths[i]);
    free(chain->paths);
    free(chain->facts);
    buffer_clear(&chain->places);
    buffer_clear(&chain->prints);
    *chain = (struct chain){.places = BUFFER_INIT, .prints = BUFFER_INIT};
}
