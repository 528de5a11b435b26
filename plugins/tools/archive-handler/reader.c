/*
 * SPDX-License-Identifier: MIT
 */
#include "reader.h"

#include <archive_entry.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kit/source.h"
#include "names.h"

#define BLOCK ((size_t)64 * 1024)

const char *const kind_names[] = {"file", "folder", "link", "hard_link", "other"};

static int32_t fail_read(struct reader *reader)
{
    const char *why = archive_error_string(reader->a);
    return hexmcp_fail(reader->r->err, HEXMCP_E_INVALID,
                       "%.*s cannot be read as an archive (zip, tar, tar.gz, tar.zst, tar.xz, tar.bz2, "
                       "7z): %.120s; give another file",
                       SHOWN(reader->path), why ? why : "it is broken");
}

static int32_t begin(struct reader *reader)
{
    reader->total = 0;
    reader->entries = 0;
    reader->a = archive_read_new();
    if (!reader->a || lseek(reader->fd, 0, SEEK_SET) != 0)
        return hexmcp_fail(reader->r->err, HEXMCP_E_NOMEM, "%.*s cannot be opened: %s; try again",
                           SHOWN(reader->path), strerror(errno));
    format_allow_reading(reader->a);
    if (archive_read_open_fd(reader->a, reader->fd, BLOCK) != ARCHIVE_OK)
        return fail_read(reader);
    return HEXMCP_OK;
}

static int32_t look(struct reader *reader)
{
    struct stat about;
    if (fstat(reader->fd, &about) != 0 || !S_ISREG(about.st_mode))
        return hexmcp_fail(reader->r->err, HEXMCP_E_INVALID,
                           "%.*s is no file; give the path of an archive", SHOWN(reader->path));
    reader->packed = reader->measure = (uint64_t)about.st_size;
    if (reader->packed > TOTAL_BYTES_MAX)
        return hexmcp_fail(reader->r->err, HEXMCP_E_TOO_LARGE,
                           "%.*s has more than 1 GiB, the most that is taken; give a smaller archive",
                           SHOWN(reader->path));
    return HEXMCP_OK;
}

int32_t reader_open(const hexmcp_round *r, const char *path, int fd, struct reader *reader)
{
    *reader = (struct reader){.r = r, .path = path, .fd = fd, .pace = pace_begin(r)};
    /* Without it libarchive takes names that are not ASCII for broken ones. */
    reader->locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    if (reader->locale)
        reader->before = uselocale(reader->locale);
    int32_t status = look(reader);
    if (status == HEXMCP_OK)
        status = begin(reader);
    if (status != HEXMCP_OK)
        reader_close(reader);
    return status;
}

int32_t reader_again(struct reader *reader)
{
    archive_read_free(reader->a);
    return begin(reader);
}

void reader_close(struct reader *reader)
{
    archive_read_free(reader->a);
    close(reader->fd);
    if (reader->locale) {
        uselocale(reader->before);
        freelocale(reader->locale);
    }
    reader->a = NULL;
}

static enum kind kind_of(struct archive_entry *entry)
{
    if (archive_entry_hardlink(entry))
        return KIND_HARD_LINK;
    switch (archive_entry_filetype(entry)) {
    case AE_IFREG:
        return KIND_FILE;
    case AE_IFDIR:
        return KIND_FOLDER;
    case AE_IFLNK:
        return KIND_LINK;
    default:
        return KIND_OTHER;
    }
}

static const char *link_problem(struct archive_entry *entry, struct item *item)
{
    const char *target = archive_entry_symlink(entry);
    if (!target || strlen(target) > NAME_BYTES_MAX)
        return "is a link without a readable target";
    snprintf(item->target, sizeof(item->target), "%s", target);
    return name_link_stays(item->clean, target) ? NULL : "is a link that leads out of the folder";
}

static const char *hard_link_problem(struct archive_entry *entry, struct item *item)
{
    const char *target = archive_entry_hardlink(entry);
    return name_clean(target, item->target) ? "is a hard link that leads out of the folder" : NULL;
}

static const char *problem_of(struct archive_entry *entry, struct item *item)
{
    const char *problem = name_clean(item->name, item->clean);
    if (problem)
        return problem;
    if (item->clean[0] == '\0' && item->kind != KIND_FOLDER)
        return "has no name";
    if (item->kind == KIND_OTHER)
        return "is a device, a pipe or a socket";
    if (item->kind == KIND_LINK)
        return link_problem(entry, item);
    return item->kind == KIND_HARD_LINK ? hard_link_problem(entry, item) : NULL;
}

static void describe(struct archive_entry *entry, struct item *item)
{
    const char *name = archive_entry_pathname(entry);
    *item = (struct item){.name = name ? name : "", .kind = kind_of(entry)};
    item->problem = problem_of(entry, item);
    if (archive_entry_size_is_set(entry) && archive_entry_size(entry) > 0)
        item->size = (uint64_t)archive_entry_size(entry);
    if (archive_entry_mtime_is_set(entry))
        item->modified = (int64_t)archive_entry_mtime(entry);
    item->encrypted = archive_entry_is_encrypted(entry) != 0;
}

int32_t reader_next(struct reader *reader, struct item *item, bool *more)
{
    int rc = archive_read_next_header(reader->a, &reader->entry);
    *more = rc == ARCHIVE_OK || rc == ARCHIVE_WARN;
    if (rc == ARCHIVE_EOF)
        return HEXMCP_OK;
    if (!*more || format_of_archive(reader->a) == FORMAT_COUNT)
        return fail_read(reader);
    if (++reader->entries > ENTRIES_MAX)
        return hexmcp_fail(reader->r->err, HEXMCP_E_TOO_LARGE,
                           "%.*s has more than %u entries, the most that are taken; give a smaller "
                           "archive",
                           SHOWN(reader->path), ENTRIES_MAX);
    describe(reader->entry, item);
    return pace_step(&reader->pace, reader->entries, 0, "entries");
}

static int32_t check_limits(struct reader *reader, const struct item *item, uint64_t size)
{
    const char *rule = NULL;
    if (size > ENTRY_BYTES_MAX)
        rule = "one entry has more than 100 MiB";
    else if (reader->total > TOTAL_BYTES_MAX)
        rule = "its entries have more than 1 GiB together";
    else if (reader->total > RATIO_FREE_BYTES && reader->total / RATIO_MAX > reader->measure)
        rule = "its entries are more than 100 times as large as itself";
    if (!rule)
        return HEXMCP_OK;
    return hexmcp_fail(reader->r->err, HEXMCP_E_TOO_LARGE,
                       "%.*s is not unpacked: %s (at %.200s); take another archive, or other entries "
                       "of it",
                       SHOWN(reader->path), rule, item->name);
}

int32_t reader_count(struct reader *reader, const struct item *item, uint64_t size)
{
    reader->total += size < TOTAL_BYTES_MAX ? size : TOTAL_BYTES_MAX + 1;
    return check_limits(reader, item, size);
}

/* Counts up to `end`, the place behind the last byte or hole. */
static int32_t count(struct reader *reader, const struct item *item, uint64_t end, uint64_t *size)
{
    uint64_t more = end > *size ? end - *size : 0;
    *size += more;
    int32_t status = reader_count(reader, item, more);
    return status == HEXMCP_OK ? check_limits(reader, item, *size) : status;
}

static int32_t fail_data(struct reader *reader, const struct item *item)
{
    const char *why = archive_error_string(reader->a);
    if (item->encrypted)
        return hexmcp_fail(reader->r->err, HEXMCP_E_UNSUPPORTED,
                           "%.200s in %.*s is encrypted; entries with a password cannot be unpacked "
                           "here",
                           item->name, SHOWN(reader->path));
    return hexmcp_fail(reader->r->err, HEXMCP_E_INVALID, "%.200s in %.*s cannot be unpacked: %.120s",
                       item->name, SHOWN(reader->path), why ? why : "it is broken");
}

int32_t reader_data(struct reader *reader, const struct item *item, reader_take *take, void *arg,
                    uint64_t *size)
{
    int32_t status = HEXMCP_OK;
    *size = 0;
    while (status == HEXMCP_OK) {
        const void *data;
        size_t len;
        int64_t offset;
        int rc = archive_read_data_block(reader->a, &data, &len, &offset);
        if (rc == ARCHIVE_EOF)
            break;
        if ((rc != ARCHIVE_OK && rc != ARCHIVE_WARN) || offset < 0 || (uint64_t)offset < *size)
            return fail_data(reader, item);
        status = count(reader, item, (uint64_t)offset + len, size);
        if (status == HEXMCP_OK && take && len > 0)
            status = take(arg, data, len, (uint64_t)offset);
        if (status == HEXMCP_OK)
            status = pace_step(&reader->pace, (double)reader->total, 0, "bytes unpacked");
    }
    /* A file that ends with a hole. */
    if (status == HEXMCP_OK && archive_entry_sparse_count(reader->entry) > 0)
        status = count(reader, item, item->size, size);
    return status;
}

int32_t reader_skip(struct reader *reader, const struct item *item)
{
    uint64_t size;
    /* A zip has a list of its entries; all others are unpacked to get at the next one. */
    if (format_of_archive(reader->a) != FORMAT_ZIP)
        return reader_data(reader, item, NULL, NULL, &size);
    int rc = archive_read_data_skip(reader->a);
    return rc == ARCHIVE_OK || rc == ARCHIVE_WARN || rc == ARCHIVE_EOF ? HEXMCP_OK
                                                                       : fail_data(reader, item);
}
