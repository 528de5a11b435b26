#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/driven/plugin_host/index_format.h"
#include "core/base/buffer.h"
#include "plugin_index_build_id.h"

_Static_assert(sizeof(PLUGIN_INDEX_BUILD_ID) == INDEX_BUILD_ID_BYTES + 1, "length of the build id");

static int compare(const void *a, const void *b)
{
    const struct record *x = *(const struct record *const *)a;
    const struct record *y = *(const struct record *const *)b;
    return index_order(record_text(x, TEXT_PLACE), record_text(x, TEXT_FOLDER), y);
}

/* What is never compared in a relocatable index depends on the disk: without it the same plugins give
 * the same bytes, and packages can be built again and compared. */
static void forget_disk(struct file_key *key)
{
    *key = (struct file_key){.size = key->size, .mtime_s = key->mtime_s};
}

static void add_record(struct buffer *out, bool relocatable, const struct record *r)
{
    size_t at = out->len;
    buffer_add(out, r, r->size);
    if (!relocatable || buffer_failed(out))
        return;
    struct record *copy = (void *)(out->data + at);
    forget_disk(&copy->manifest);
    forget_disk(&copy->binary);
}

/* The whole file as it will lie on disk. */
static void compose(struct buffer *out, bool relocatable, const struct record **sorted,
                    size_t count)
{
    struct index_head head = {.relocatable = relocatable, .count = (uint32_t)count};
    size_t at = sizeof(head) + count * sizeof(struct index_slot);
    memcpy(head.magic, INDEX_MAGIC, sizeof(head.magic));
    memcpy(head.build_id, PLUGIN_INDEX_BUILD_ID, sizeof(head.build_id));
    buffer_add(out, &head, sizeof(head));
    for (size_t i = 0; i < count; i++) {
        struct index_slot slot = {(uint32_t)at, sorted[i]->size};
        buffer_add(out, &slot, sizeof(slot));
        at += slot.size;
    }
    for (size_t i = 0; i < count; i++)
        add_record(out, relocatable, sorted[i]);
    if (buffer_failed(out))
        return;
    struct index_head *placed = (void *)out->data;
    placed->file_size = out->len;
    placed->checksum = index_checksum(placed, (const void *)(placed + 1));
}

static int write_all(int fd, struct str bytes)
{
    for (size_t done = 0; done < bytes.len;) {
        ssize_t n = write(fd, bytes.ptr + done, bytes.len - done);
        if (n < 0 && errno != EINTR)
            return -1;
        done += n > 0 ? (size_t)n : 0;
    }
    return fsync(fd);
}

static void make_folders(const char *path)
{
    char copy[PATH_MAX];
    if ((size_t)snprintf(copy, sizeof(copy), "%s", path) >= sizeof(copy))
        return;
    for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(copy, 0700);
        *slash = '/';
    }
}

static int replace(const char *path, bool relocatable, struct str bytes, struct error *err)
{
    char temp[PATH_MAX];
    if ((size_t)snprintf(temp, sizeof(temp), "%s.XXXXXX", path) >= sizeof(temp))
        return error_set(err, ST_INVALID, "%s: the path is too long", path);
    make_folders(path);
    int fd = mkostemp(temp, O_CLOEXEC);
    if (fd < 0)
        return error_set(err, ST_GENERIC, "%s: %s", temp, strerror(errno));
    /* The bundled one is for every user. */
    bool good = write_all(fd, bytes) == 0 && (!relocatable || fchmod(fd, 0644) == 0);
    good = close(fd) == 0 && good;
    if (good && rename(temp, path) == 0)
        return ST_OK;
    int rc = error_set(err, ST_GENERIC, "%s: %s", path, strerror(errno));
    unlink(temp);
    return rc;
}

int index_write(const char *path, bool relocatable, const struct record *const *records,
                size_t count, struct error *err)
{
    struct buffer bytes = BUFFER_INIT;
    const struct record **sorted = calloc(count + 1, sizeof(*sorted));
    if (!sorted)
        return error_set(err, ST_NOMEM, "out of memory");
    for (size_t i = 0; i < count; i++)
        sorted[i] = records[i];
    qsort(sorted, count, sizeof(*sorted), compare);
    compose(&bytes, relocatable, sorted, count);
    int rc = buffer_failed(&bytes) ? error_set(err, ST_NOMEM, "out of memory") : ST_OK;
    if (!rc && bytes.len > INDEX_MAX_BYTES)
        rc = error_set(err, ST_TOO_LARGE, "%s: the index would be too large", path);
    if (!rc)
        rc = replace(path, relocatable, buffer_str(&bytes), err);
    buffer_clear(&bytes);
    free(sorted);
    return rc;
}
