/*
 * SPDX-License-Identifier: MIT
 */
#include "zip_sizes.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The record at the very end, and the comment that may follow it. */
#define END_BYTES 22u
#define END_ROOM (END_BYTES + 65535u)
#define ENTRY_HEAD_BYTES 46u
#define LIST_BYTES_MAX ((uint64_t)16 * 1024 * 1024)
#define IN_ZIP64 0xffffffffu

static uint64_t number(const unsigned char *at, int bytes)
{
    uint64_t value = 0;
    while (bytes-- > 0)
        value = value << 8 | at[bytes];
    return value;
}

static bool read_at(int fd, void *out, size_t len, uint64_t offset)
{
    return pread(fd, out, len, (off_t)offset) == (ssize_t)len;
}

/* Where the list is: *offset and *len. */
static bool find_list(int fd, uint64_t bytes, uint64_t *offset, uint64_t *len)
{
    size_t room = bytes < END_ROOM ? (size_t)bytes : END_ROOM;
    unsigned char *end = malloc(room + 1);
    bool found = false;
    if (end && room >= END_BYTES && read_at(fd, end, room, bytes - room)) {
        size_t at = room - END_BYTES;
        while (at > 0 && memcmp(end + at, "PK\5\6", 4) != 0)
            at--;
        found = memcmp(end + at, "PK\5\6", 4) == 0;
        *len = number(end + at + 12, 4);
        *offset = number(end + at + 16, 4);
    }
    free(end);
    return found && *len <= LIST_BYTES_MAX && *offset <= bytes && *len <= bytes - *offset;
}

/* In the extra field of large files: the packed size comes behind the other, if that is there, too. */
static uint64_t size_in_extra(const unsigned char *extra, size_t len, bool size_is_there)
{
    size_t skip = size_is_there ? 8 : 0;
    while (len >= 4) {
        size_t part = (size_t)number(extra + 2, 2);
        if (part > len - 4)
            break;
        if (number(extra, 2) == 1 && part >= skip + 8)
            return number(extra + 4 + skip, 8);
        extra += part + 4;
        len -= part + 4;
    }
    return IN_ZIP64;
}

/* The entry at `at`; how many bytes it takes, 0 if it is none. */
static size_t take_entry(const unsigned char *at, size_t left, struct names *sizes)
{
    char name[NAME_BYTES_MAX + 1];
    if (left < ENTRY_HEAD_BYTES || memcmp(at, "PK\1\2", 4) != 0)
        return 0;
    size_t name_len = (size_t)number(at + 28, 2), extra_len = (size_t)number(at + 30, 2);
    size_t whole = ENTRY_HEAD_BYTES + name_len + extra_len + (size_t)number(at + 32, 2);
    uint64_t packed = number(at + 20, 4);
    if (whole > left)
        return 0;
    if (packed == IN_ZIP64)
        packed = size_in_extra(at + ENTRY_HEAD_BYTES + name_len, extra_len,
                               number(at + 24, 4) == IN_ZIP64);
    if (name_len == 0 || name_len > NAME_BYTES_MAX)
        return whole;
    memcpy(name, at + ENTRY_HEAD_BYTES, name_len);
    name[name_len] = '\0';
    if (names_add(sizes, name, NAME_FILE) == NULL)
        names_find(sizes, name)->size = packed;
    return whole;
}

void zip_sizes_read(int fd, uint64_t bytes, struct names *sizes)
{
    uint64_t offset, len;
    if (!find_list(fd, bytes, &offset, &len))
        return;
    unsigned char *list = malloc((size_t)len + 1);
    if (list && read_at(fd, list, (size_t)len, offset)) {
        size_t at = 0, step;
        while ((step = take_entry(list + at, (size_t)len - at, sizes)) > 0)
            at += step;
    }
    free(list);
}
