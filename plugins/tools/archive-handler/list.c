/*
 * list.c - what is in an archive, problems included.
 *
 * SPDX-License-Identifier: MIT
 */
#include "alike.h"
#include "inside.h"
#include "kit/answer.h"
#include "kit/source.h"
#include "names.h"
#include "operations.h"
#include "reader.h"
#include "written.h"
#include "zip_sizes.h"

#define LIMIT_MAX 1000

struct listing {
    struct reader reader;
    struct names names, packed;
    struct alike alike;
    struct inside inside;
    int64_t offset, limit;
    uint64_t files, size;
    uint32_t problems;
    hexmcp_json_writer *w;
};

static void put_entry(const struct listing *l, const struct item *item, const char *alike)
{
    const struct name_slot *packed = names_find(&l->packed, item->name);
    hexmcp_json_writer *w = l->w;
    hexmcp_json_begin_object(w);
    hexmcp_json_put_text(w, "name", item->name);
    hexmcp_json_put_text(w, "type", kind_names[item->kind]);
    hexmcp_json_put_int64(w, "size", (int64_t)item->size);
    if (packed && item->kind == KIND_FILE)
        hexmcp_json_put_int64(w, "compressed_size", (int64_t)packed->size);
    hexmcp_json_put_bool(w, "is_dir", item->kind == KIND_FOLDER);
    written_time(w, "modified", item->modified);
    if (item->target[0] != '\0')
        hexmcp_json_put_text(w, "target", item->target);
    if (item->encrypted)
        hexmcp_json_put_bool(w, "encrypted", true);
    if (item->problem)
        hexmcp_json_put_text(w, "problem", item->problem);
    if (alike)
        hexmcp_json_put_text(w, "alike", alike);
    hexmcp_json_end_object(w);
}

static int32_t list_one(struct listing *l, struct item *item, int64_t number)
{
    int32_t status = reader_skip(&l->reader, item);
    if (status != HEXMCP_OK)
        return status;
    if (!item->problem && item->clean[0] != '\0')
        item->problem = names_add(&l->names, item->clean,
                                  item->kind == KIND_FOLDER ? NAME_FOLDER
                                  : item->kind == KIND_LINK ? NAME_LINK
                                                            : NAME_FILE);
    const char *alike = item->problem || item->kind == KIND_FOLDER ? NULL
                                                                    : alike_add(&l->alike, item->clean);
    l->problems += item->problem != NULL;
    l->files += item->kind == KIND_FILE;
    l->size += item->size;
    if (number >= l->offset && number < l->offset + l->limit)
        put_entry(l, item, alike);
    return HEXMCP_OK;
}

static int32_t list_all(struct listing *l)
{
    struct item item;
    bool more = true;
    int32_t status = HEXMCP_OK;
    hexmcp_json_key(l->w, "files");
    hexmcp_json_begin_array(l->w);
    for (int64_t number = 0; status == HEXMCP_OK && more; number++) {
        status = reader_next(&l->reader, &item, &more);
        if (status == HEXMCP_OK && more)
            status = list_one(l, &item, number);
    }
    hexmcp_json_end_array(l->w);
    return status;
}

static void put_sums(struct listing *l)
{
    hexmcp_json_writer *w = l->w;
    int64_t total = l->reader.entries, next = l->offset + l->limit;
    hexmcp_json_put_text(w, "format", format_names[format_of_archive(l->reader.a)]);
    hexmcp_json_put_int64(w, "file_count", (int64_t)l->files);
    hexmcp_json_put_int64(w, "total", total);
    hexmcp_json_put_int64(w, "total_size", (int64_t)l->size);
    hexmcp_json_put_int64(w, "archive_size", (int64_t)l->reader.packed);
    hexmcp_json_put_int64(w, "problem_count", l->problems);
    hexmcp_json_put_int64(w, "offset", l->offset);
    if (next < total)
        hexmcp_json_put_int64(w, "next_offset", next);
}

static int32_t list(struct listing *l, const hexmcp_round *r, const char *path)
{
    struct answer answer;
    l->w = answer_begin(&answer, r);
    hexmcp_json_put_text(l->w, "operation", "list");
    hexmcp_json_put_text(l->w, "path", path);
    inside_put(l->w, &l->inside);
    int32_t status = list_all(l);
    if (status == HEXMCP_OK && l->reader.entries == 0)
        status = written_empty(r, path);
    if (status != HEXMCP_OK) {
        answer_drop(&answer);
        return status;
    }
    put_sums(l);
    answer_text(&answer, "%.*s holds %llu files, %llu bytes unpacked.", SHOWN(path),
                (unsigned long long)l->files, (unsigned long long)l->size);
    return answer_end(&answer);
}

int32_t operation_list(const hexmcp_round *r, struct args *args)
{
    struct listing l = {0};
    const char *path = args_needed(args, "path", PATH_BYTES_MAX);
    l.offset = args_int(args, "offset", 0, ENTRIES_MAX, 0);
    l.limit = args_int(args, "limit", 1, LIMIT_MAX, LIMIT_MAX);
    l.inside = inside_read(args);
    int32_t status = args_status(args);
    if (status == HEXMCP_OK)
        status = inside_open(r, path, &l.inside, &l.reader);
    if (status != HEXMCP_OK)
        return status;
    zip_sizes_read(l.reader.fd, l.reader.packed, &l.packed);
    status = list(&l, r, path);
    reader_close(&l.reader);
    names_free(&l.names);
    names_free(&l.packed);
    alike_free(&l.alike);
    return status;
}
