/*
 * extract.c - the entries of an archive into a folder.
 *
 * All is read twice: the first time to see whether it is fit, so that of an archive that is not, nothing
 * is written.
 *
 * SPDX-License-Identifier: MIT
 */
#include <unistd.h>

#include "alike.h"
#include "inside.h"
#include "kit/answer.h"
#include "kit/source.h"
#include "names.h"
#include "operations.h"
#include "reader.h"
#include "tree.h"
#include "written.h"

#define SELECTION_MAX 1000
#define COPY_PIECE ((size_t)64 * 1024)

struct extraction {
    const hexmcp_round *r;
    const char *path, *target;
    struct inside inside;
    struct reader reader;
    struct tree tree;
    struct names names;
    struct alike alike;
    const char *const *wanted; /* clean names */
    bool *found;
    size_t wanted_count;
    bool writes; /* this time */
    uint32_t files, folders;
    uint64_t size;
    struct passed passed;
    hexmcp_json_writer shown;
};

static bool is_wanted(struct extraction *x, const char *name)
{
    bool wanted = x->wanted_count == 0;
    for (size_t i = 0; i < x->wanted_count; i++)
        if (name_is_beneath(name, x->wanted[i]))
            wanted = x->found[i] = true;
    return wanted;
}

static int32_t refuse(struct extraction *x, const struct item *item, const char *problem)
{
    return hexmcp_fail(x->r->err, HEXMCP_E_DENIED,
                       "%.*s is not extracted: its entry %.200s %s. Use list to see the others and name "
                       "those you want in entries",
                       SHOWN(x->path), item->name, problem);
}

/* On a file system that takes both for one, the second would replace the first unseen; without overwrite
 * it is an error there. */
static int32_t check_alike(struct extraction *x, const struct item *item)
{
    char problem[320];
    const char *other = item->kind == KIND_FOLDER ? NULL : alike_add(&x->alike, item->clean);
    if (!other || !x->tree.overwrite)
        return HEXMCP_OK;
    snprintf(problem, sizeof(problem),
             "differs from %.200s only by case or Unicode form, so overwrite could let it replace that",
             other);
    return refuse(x, item, problem);
}

static void show(struct extraction *x, const struct item *item, uint64_t size)
{
    x->size += size;
    if (x->files++ >= SHOWN_FILES_MAX)
        return;
    hexmcp_json_begin_object(&x->shown);
    hexmcp_json_put_text(&x->shown, "name", item->clean);
    hexmcp_json_put_int64(&x->shown, "size", (int64_t)size);
    hexmcp_json_end_object(&x->shown);
}

static int32_t take_bytes(void *arg, const void *data, size_t len, uint64_t offset)
{
    return tree_write(arg, data, len, offset);
}

static int32_t extract_file(struct extraction *x, const struct item *item)
{
    uint64_t size;
    int32_t status = x->writes ? tree_begin(&x->tree, item->clean)
                               : tree_look(&x->tree, item->clean, false);
    if (status == HEXMCP_OK)
        status = reader_data(&x->reader, item, x->writes ? take_bytes : NULL, &x->tree, &size);
    if (status == HEXMCP_OK && x->writes)
        status = tree_commit(&x->tree, item->clean, size);
    if (status != HEXMCP_OK) {
        tree_drop(&x->tree);
        return status;
    }
    names_find(&x->names, item->clean)->size = size;
    show(x, item, size);
    return HEXMCP_OK;
}

static int32_t copy_bytes(struct extraction *x, const struct item *item, int from, uint64_t size)
{
    char piece[COPY_PIECE];
    uint64_t at = 0;
    int32_t status = HEXMCP_OK;
    while (status == HEXMCP_OK && at < size) {
        size_t want = size - at < sizeof(piece) ? (size_t)(size - at) : sizeof(piece);
        ssize_t got = pread(from, piece, want, (off_t)at);
        if (got <= 0)
            return refuse(x, item, "is another name of a file that somebody changed meanwhile");
        status = tree_write(&x->tree, piece, (size_t)got, at);
        at += (uint64_t)got;
        if (status == HEXMCP_OK)
            status = pace_step(&x->reader.pace, (double)x->reader.total, 0, "bytes unpacked");
    }
    return status;
}

/* A second name becomes a second file: what has several names can be changed through each. */
static int32_t copy_file(struct extraction *x, const struct item *item, uint64_t size)
{
    int from;
    int32_t status = tree_read(&x->tree, item->target, &from);
    if (status != HEXMCP_OK)
        return status;
    status = tree_begin(&x->tree, item->clean);
    if (status == HEXMCP_OK)
        status = copy_bytes(x, item, from, size);
    if (status == HEXMCP_OK)
        status = tree_commit(&x->tree, item->clean, size);
    tree_drop(&x->tree);
    close(from);
    return status;
}

static int32_t extract_hard_link(struct extraction *x, const struct item *item)
{
    struct name_slot *target = names_find(&x->names, item->target);
    uint64_t size, body;
    if (!target || target->kind != NAME_FILE || strcmp(item->target, item->clean) == 0)
        return refuse(x, item, "is another name of a file that was not extracted before it");
    size = target->size;
    int32_t status = reader_data(&x->reader, item, NULL, NULL, &body);
    if (status == HEXMCP_OK)
        status = reader_count(&x->reader, item, size);
    if (status == HEXMCP_OK)
        status = x->writes ? copy_file(x, item, size) : tree_look(&x->tree, item->clean, false);
    if (status != HEXMCP_OK)
        return status;
    names_find(&x->names, item->clean)->size = size;
    show(x, item, size);
    return HEXMCP_OK;
}

static int32_t extract_folder(struct extraction *x, const struct item *item)
{
    bool made = true;
    int32_t status = x->writes ? tree_folder(&x->tree, item->clean, &made)
                               : tree_look(&x->tree, item->clean, true);
    x->folders += status == HEXMCP_OK && made;
    return status;
}

static int32_t extract_kind(struct extraction *x, const struct item *item)
{
    switch (item->kind) {
    case KIND_FILE:
        return extract_file(x, item);
    case KIND_HARD_LINK:
        return extract_hard_link(x, item);
    case KIND_FOLDER:
        return extract_folder(x, item);
    default:
        passed_add(&x->passed, item->name, "symbolic links are not made");
        return HEXMCP_OK;
    }
}

static int32_t extract_one(struct extraction *x, const struct item *item)
{
    const char *problem = item->problem;
    if (!is_wanted(x, problem ? item->name : item->clean))
        return reader_skip(&x->reader, item);
    if (!problem && item->clean[0] == '\0')
        return HEXMCP_OK;
    if (!problem)
        problem = names_add(&x->names, item->clean,
                            item->kind == KIND_FOLDER ? NAME_FOLDER
                            : item->kind == KIND_LINK ? NAME_LINK
                                                      : NAME_FILE);
    if (problem)
        return refuse(x, item, problem);
    int32_t status = check_alike(x, item);
    return status == HEXMCP_OK ? extract_kind(x, item) : status;
}

static void begin_pass(struct extraction *x, bool writes)
{
    x->writes = writes;
    x->files = x->folders = 0;
    x->size = 0;
    names_free(&x->names);
    alike_free(&x->alike);
    passed_begin(&x->passed);
    hexmcp_json_writer_init(&x->shown);
    hexmcp_json_begin_array(&x->shown);
}

static void drop_pass(struct extraction *x)
{
    passed_free(&x->passed);
    hexmcp_json_writer_free(&x->shown);
}

static int32_t check_found(struct extraction *x)
{
    if (x->reader.entries == 0)
        return written_empty(x->r, x->path);
    for (size_t i = 0; i < x->wanted_count; i++)
        if (!x->found[i])
            return hexmcp_fail(x->r->err, HEXMCP_E_NOT_FOUND,
                               "nothing in %.*s is named %.200s; use list to see the names",
                               SHOWN(x->path), x->wanted[i]);
    return HEXMCP_OK;
}

static int32_t pass(struct extraction *x, bool writes)
{
    struct item item;
    bool more = true;
    int32_t status = HEXMCP_OK;
    begin_pass(x, writes);
    while (status == HEXMCP_OK && more) {
        status = reader_next(&x->reader, &item, &more);
        if (status == HEXMCP_OK && more)
            status = extract_one(x, &item);
    }
    if (status == HEXMCP_OK)
        status = check_found(x);
    if (status != HEXMCP_OK)
        drop_pass(x);
    return status;
}

static int32_t write_all(struct extraction *x)
{
    char why[HEXMCP_ERROR_TEXT];
    drop_pass(x);
    int32_t status = reader_again(&x->reader);
    if (status != HEXMCP_OK)
        return status;
    status = pass(x, true);
    if (status == HEXMCP_OK || x->files == 0)
        return status;
    snprintf(why, sizeof(why), "%s", x->r->err->text);
    return hexmcp_fail(x->r->err, status, "%.400s; %u files were extracted before that", why,
                       x->files);
}

static int32_t complete(struct extraction *x, bool dry_run)
{
    struct answer answer;
    hexmcp_json_writer *w = answer_begin(&answer, x->r);
    hexmcp_json_put_text(w, "operation", "extract");
    hexmcp_json_put_text(w, "path", x->path);
    inside_put(w, &x->inside);
    hexmcp_json_put_text(w, "format", format_names[format_of_archive(x->reader.a)]);
    hexmcp_json_put_text(w, "output_dir", x->target);
    hexmcp_json_put_int64(w, "extracted_files", x->files);
    hexmcp_json_put_int64(w, "folders", x->folders);
    hexmcp_json_put_int64(w, "total_size", (int64_t)x->size);
    hexmcp_json_end_array(&x->shown);
    hexmcp_json_put_raw(w, "files", hexmcp_json_writer_text(&x->shown));
    hexmcp_json_put_bool(w, "truncated", x->files > SHOWN_FILES_MAX);
    hexmcp_json_put_bool(w, "dry_run", dry_run);
    answer_text(&answer, "%s %u files, %llu bytes, from %.*s to %.*s%s.",
                dry_run ? "Would extract" : "Extracted", x->files, (unsigned long long)x->size,
                SHOWN(x->path), SHOWN(x->target),
                x->passed.count ? "; symbolic links were left out" : "");
    passed_end(&x->passed, w);
    hexmcp_json_writer_free(&x->shown);
    return answer_end(&answer);
}

static int32_t extract(struct extraction *x, bool dry_run)
{
    int32_t status = pass(x, false);
    if (status != HEXMCP_OK || dry_run)
        return status != HEXMCP_OK ? status : complete(x, true);
    /* Only what is fit makes the folder. */
    bool overwrite = x->tree.overwrite;
    tree_close(&x->tree);
    status = tree_open(x->r, x->target, overwrite, true, &x->tree);
    if (status != HEXMCP_OK)
        drop_pass(x);
    else
        status = write_all(x);
    return status == HEXMCP_OK ? complete(x, false) : status;
}

static void read_wanted(struct extraction *x, struct args *args)
{
    const char *const *texts =
        args_texts(args, "entries", SELECTION_MAX, NAME_BYTES_MAX, &x->wanted_count);
    const char **clean = args_memory(args, (x->wanted_count + 1) * sizeof(*clean));
    x->found = args_memory(args, x->wanted_count + 1);
    for (size_t i = 0; i < x->wanted_count && clean && x->found; i++) {
        char *name = args_memory(args, NAME_BYTES_MAX + 1);
        x->found[i] = false;
        clean[i] = name;
        /* What cannot be made may be named all the same: the answer then says why not. */
        if (name && name_clean(texts[i], name) != NULL)
            snprintf(name, NAME_BYTES_MAX + 1, "%s", texts[i]);
    }
    x->wanted = clean;
}

int32_t operation_extract(const hexmcp_round *r, struct args *args)
{
    struct extraction x = {.r = r, .tree = {.top = -1, .file = -1, .folder = -1}};
    x.path = args_needed(args, "path", PATH_BYTES_MAX);
    if (!args_has(args, "target_path"))
        args_fail(args, HEXMCP_E_INVALID, "extract needs target_path: the folder to extract into");
    x.target = args_needed(args, "target_path", PATH_BYTES_MAX);
    bool overwrite = args_bool(args, "overwrite", false);
    bool dry_run = args_bool(args, "dry_run", false);
    read_wanted(&x, args);
    x.inside = inside_read(args);
    int32_t status = args_status(args);
    if (status == HEXMCP_OK)
        status = inside_open(r, x.path, &x.inside, &x.reader);
    if (status != HEXMCP_OK)
        return status;
    status = tree_open(r, x.target, overwrite, false, &x.tree);
    if (status == HEXMCP_OK) {
        status = extract(&x, dry_run);
        tree_close(&x.tree);
    }
    reader_close(&x.reader);
    names_free(&x.names);
    alike_free(&x.alike);
    return status;
}
