/*
 * SPDX-License-Identifier: MIT
 */
#include "inside.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kit/source.h"
#include "names.h"

struct inside inside_read(struct args *args)
{
    struct inside inside;
    inside.names = args_texts(args, "inside", INSIDE_MAX, NAME_BYTES_MAX, &inside.count);
    return inside;
}

static int32_t fail_memory(struct reader *reader, const char *name)
{
    return hexmcp_fail(reader->r->err, HEXMCP_E_NOMEM,
                       "%.200s in %.*s cannot be unpacked into memory: %s; extract it to a file first",
                       name, SHOWN(reader->path), strerror(errno));
}

/* Where an entry goes. */
struct memory {
    struct reader *reader;
    const char *name;
    int fd;
};

static int32_t put(void *arg, const void *data, size_t len, uint64_t offset)
{
    const struct memory *memory = arg;
    const char *at = data;
    while (len > 0) {
        ssize_t put = pwrite(memory->fd, at, len, (off_t)offset);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return fail_memory(memory->reader, memory->name);
        at += put;
        len -= (size_t)put;
        offset += (uint64_t)put;
    }
    return HEXMCP_OK;
}

/* Goes on to the file of that name and unpacks it. */
static int32_t unpack_entry(struct reader *reader, const char *wanted, struct memory *memory)
{
    struct item item;
    uint64_t size;
    bool more = true;
    int32_t status = HEXMCP_OK;
    while (status == HEXMCP_OK) {
        status = reader_next(reader, &item, &more);
        if (status != HEXMCP_OK || !more)
            break;
        if (!item.problem && item.kind == KIND_FILE && strcmp(item.clean, wanted) == 0) {
            status = reader_data(reader, &item, put, memory, &size);
            return status == HEXMCP_OK && ftruncate(memory->fd, (off_t)size) != 0
                       ? fail_memory(reader, wanted)
                       : status;
        }
        status = reader_skip(reader, &item);
    }
    return status != HEXMCP_OK ? status
                               : hexmcp_fail(reader->r->err, HEXMCP_E_NOT_FOUND,
                                             "no file in %.*s is named %.200s; use list to see the names",
                                             SHOWN(reader->path), wanted);
}

static int32_t unpack(struct reader *reader, const char *name, int *fd)
{
    char wanted[NAME_BYTES_MAX + 1];
    struct memory memory = {reader, name, memfd_create("archive", MFD_CLOEXEC)};
    if (memory.fd < 0)
        return fail_memory(reader, name);
    const char *problem = name_clean(name, wanted);
    int32_t status = problem ? hexmcp_fail(reader->r->err, HEXMCP_E_INVALID,
                                           "%.200s in inside %s; give a name that list shows", name,
                                           problem)
                             : unpack_entry(reader, wanted, &memory);
    if (status == HEXMCP_OK)
        *fd = memory.fd;
    else
        close(memory.fd);
    return status;
}

int32_t inside_open(const hexmcp_round *r, const char *path, const struct inside *inside,
                    struct reader *reader)
{
    int fd;
    int32_t status = source_open(r, path, &fd);
    if (status == HEXMCP_OK)
        status = reader_open(r, path, fd, reader);
    for (size_t i = 0; i < inside->count && status == HEXMCP_OK; i++) {
        uint64_t measure = reader->measure;
        status = unpack(reader, inside->names[i], &fd);
        reader_close(reader);
        if (status == HEXMCP_OK)
            status = reader_open(r, inside->names[i], fd, reader);
        if (status == HEXMCP_OK)
            reader->measure = measure;
    }
    return status;
}

void inside_put(hexmcp_json_writer *w, const struct inside *inside)
{
    if (inside->count == 0)
        return;
    hexmcp_json_key(w, "inside");
    hexmcp_json_begin_array(w);
    for (size_t i = 0; i < inside->count; i++)
        hexmcp_json_write_string(w, hexmcp_str_from(inside->names[i]));
    hexmcp_json_end_array(w);
}
