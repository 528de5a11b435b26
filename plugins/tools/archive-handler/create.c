/*
 * create.c - a new archive of files and folders.
 *
 * SPDX-License-Identifier: MIT
 */
#include <archive_entry.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collect.h"
#include "formats.h"
#include "kit/answer.h"
#include "kit/pace.h"
#include "kit/source.h"
#include "kit/target.h"
#include "operations.h"
#include "written.h"

#define INPUTS_MAX 1000
#define PIECE ((size_t)64 * 1024)

struct creation {
    const hexmcp_round *r;
    const char *path;
    enum format format;
    int level;
    bool dry_run;
    struct target target;
    struct archive *a; /* NULL: dry run */
    struct pace pace;
    uint32_t files;
    uint64_t total, packed;
    int32_t status; /* of the target */
    hexmcp_json_writer shown;
};

static la_ssize_t put_bytes(struct archive *a, void *arg, const void *data, size_t len)
{
    struct creation *c = arg;
    c->status = target_write(&c->target, data, len);
    c->packed += len;
    if (c->status == HEXMCP_OK)
        return (la_ssize_t)len;
    archive_set_error(a, EIO, "the file cannot be written");
    return -1;
}

static int32_t fail(struct creation *c, const char *name)
{
    const char *why = archive_error_string(c->a);
    if (c->status != HEXMCP_OK)
        return c->status;
    return hexmcp_fail(c->r->err, HEXMCP_E_GENERIC, "%.200s cannot be put into %.*s: %.120s", name,
                       SHOWN(c->path), why ? why : "libarchive does not say why");
}

static bool went_well(int rc)
{
    return rc == ARCHIVE_OK || rc == ARCHIVE_WARN;
}

static int32_t put_header(struct creation *c, const struct found *found)
{
    struct archive_entry *entry = archive_entry_new();
    bool is_folder = S_ISDIR(found->about->st_mode);
    if (!entry)
        return hexmcp_fail(c->r->err, HEXMCP_E_NOMEM, "out of memory for %.200s; try again",
                           found->name);
    archive_entry_set_pathname(entry, found->name);
    archive_entry_set_filetype(entry, is_folder ? AE_IFDIR : AE_IFREG);
    archive_entry_set_perm(entry, found->about->st_mode & 0777);
    archive_entry_set_mtime(entry, found->about->st_mtim.tv_sec, 0);
    archive_entry_set_size(entry, is_folder ? 0 : found->about->st_size);
    int rc = archive_write_header(c->a, entry);
    archive_entry_free(entry);
    return went_well(rc) ? HEXMCP_OK : fail(c, found->name);
}

static int32_t put_data(struct creation *c, const struct found *found)
{
    char piece[PIECE];
    uint64_t left = (uint64_t)found->about->st_size;
    int32_t status = HEXMCP_OK;
    while (status == HEXMCP_OK && left > 0) {
        ssize_t got = read(found->fd, piece, left < sizeof(piece) ? (size_t)left : sizeof(piece));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return hexmcp_fail(c->r->err, HEXMCP_E_BUSY,
                               "%.200s was changed while it was read; try again", found->name);
        if (archive_write_data(c->a, piece, (size_t)got) != got)
            return fail(c, found->name);
        left -= (uint64_t)got;
        c->total += (uint64_t)got;
        status = pace_step(&c->pace, (double)c->total, 0, "bytes packed");
    }
    return status;
}

static int32_t add(void *arg, const struct found *found)
{
    struct creation *c = arg;
    bool is_file = S_ISREG(found->about->st_mode);
    int32_t status = c->a ? put_header(c, found) : HEXMCP_OK;
    if (status == HEXMCP_OK && is_file && c->a)
        status = put_data(c, found);
    else if (is_file)
        c->total += (uint64_t)found->about->st_size;
    if (status == HEXMCP_OK && is_file && c->files++ < SHOWN_FILES_MAX) {
        hexmcp_json_begin_object(&c->shown);
        hexmcp_json_put_text(&c->shown, "name", found->name);
        hexmcp_json_put_int64(&c->shown, "size", found->about->st_size);
        hexmcp_json_end_object(&c->shown);
    }
    return status;
}

static int32_t complete(struct creation *c, struct collection *found)
{
    struct answer answer;
    hexmcp_json_writer *w = answer_begin(&answer, c->r);
    hexmcp_json_put_text(w, "operation", "create");
    hexmcp_json_put_text(w, "path", c->path);
    hexmcp_json_put_text(w, "format", format_names[c->format]);
    hexmcp_json_put_int64(w, "file_count", c->files);
    hexmcp_json_put_int64(w, "folders", found->entries - c->files);
    hexmcp_json_put_int64(w, "total_size", (int64_t)c->total);
    if (!c->dry_run)
        hexmcp_json_put_int64(w, "archive_size", (int64_t)c->packed);
    hexmcp_json_end_array(&c->shown);
    hexmcp_json_put_raw(w, "files", hexmcp_json_writer_text(&c->shown));
    hexmcp_json_put_bool(w, "truncated", c->files > SHOWN_FILES_MAX);
    hexmcp_json_put_bool(w, "dry_run", c->dry_run);
    answer_text(&answer, "%s %.*s of %u files, %llu bytes%s.", c->dry_run ? "Would make" : "Made",
                SHOWN(c->path), c->files, (unsigned long long)c->total,
                found->passed.count ? "; some were left out, see skipped" : "");
    passed_end(&found->passed, w);
    return answer_end(&answer);
}

static int32_t end_archive(struct creation *c)
{
    int32_t status = went_well(archive_write_close(c->a)) ? HEXMCP_OK : fail(c, "the end");
    archive_write_free(c->a);
    c->a = NULL;
    if (status == HEXMCP_OK)
        return target_commit(&c->target);
    target_drop(&c->target);
    return status;
}

static int32_t collect_all(struct creation *c, const char *const *inputs, size_t count)
{
    struct collection found;
    int32_t status = collect_begin(&found, c->r, add, c);
    if (!c->dry_run)
        collect_leave_out(&found, &c->target);
    for (size_t i = 0; i < count && status == HEXMCP_OK; i++)
        status = collect(&found, inputs[i]);
    if (status == HEXMCP_OK && found.entries == 0)
        status = hexmcp_fail(c->r->err, HEXMCP_E_INVALID,
                             "there is nothing to put into %.*s; give files or folders in input",
                             SHOWN(c->path));
    if (status == HEXMCP_OK && c->a)
        status = end_archive(c);
    if (status == HEXMCP_OK)
        status = complete(c, &found);
    collect_end(&found);
    return status;
}

static int32_t begin_archive(struct creation *c, bool overwrite)
{
    int32_t status = target_begin(c->r, c->path, overwrite, &c->target);
    if (status != HEXMCP_OK)
        return status;
    c->a = archive_write_new();
    if (c->a && went_well(format_set_writing(c->a, c->format, c->level)) &&
        went_well(archive_write_set_bytes_in_last_block(c->a, 1)) &&
        went_well(archive_write_open(c->a, c, NULL, put_bytes, NULL)))
        return HEXMCP_OK;
    return hexmcp_fail(c->r->err, HEXMCP_E_UNSUPPORTED,
                       "%s cannot be written here: %.120s; give another format",
                       format_names[c->format],
                       c->a && archive_error_string(c->a) ? archive_error_string(c->a)
                                                          : "libarchive was built without it");
}

static int32_t create(struct creation *c, const char *const *inputs, size_t count, bool overwrite)
{
    bool there;
    int32_t status = c->dry_run ? target_check(c->r, c->path, overwrite, &there)
                                : begin_archive(c, overwrite);
    if (status == HEXMCP_OK)
        status = collect_all(c, inputs, count);
    if (c->a)
        archive_write_free(c->a);
    if (!c->dry_run)
        target_drop(&c->target);
    return status;
}

static void read_format(struct creation *c, struct args *args)
{
    enum format named = format_of_name(c->path);
    c->format = (enum format)args_choice(args, "format", format_names, named);
    c->level = (int)args_int(args, "level", 0, 9, 6);
    if (c->format == FORMAT_COUNT)
        args_fail(args, HEXMCP_E_INVALID,
                  "the name of path tells no format; end it with .zip, .tar, .tar.gz or .tar.zst, or "
                  "give format");
    else if (!format_is_written(c->format))
        args_fail(args, HEXMCP_E_UNSUPPORTED,
                  "%s is only read; make a zip, tar, tar.gz or tar.zst", format_names[c->format]);
}

int32_t operation_create(const hexmcp_round *r, struct args *args)
{
    struct creation c = {.r = r,
                         .pace = pace_begin(r),
                         .target = {.folder = -1, .fd = -1}};
    size_t count = 0;
    c.path = args_needed(args, "path", PATH_BYTES_MAX);
    read_format(&c, args);
    const char *const *inputs = args_texts(args, "input", INPUTS_MAX, PATH_BYTES_MAX, &count);
    bool overwrite = args_bool(args, "overwrite", false);
    c.dry_run = args_bool(args, "dry_run", false);
    if (args_has(args, "inside"))
        args_fail(args, HEXMCP_E_INVALID, "inside is for list and extract; leave it out");
    if (count == 0)
        args_fail(args, HEXMCP_E_INVALID, "create needs input: the files and folders to put in");
    int32_t status = args_status(args);
    if (status != HEXMCP_OK)
        return status;
    hexmcp_json_writer_init(&c.shown);
    hexmcp_json_begin_array(&c.shown);
    status = create(&c, inputs, count, overwrite);
    hexmcp_json_writer_free(&c.shown);
    return status;
}
