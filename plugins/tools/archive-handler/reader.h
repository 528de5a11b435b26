/*
 * reader.h - an archive, entry by entry, within the limits.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <locale.h>

#include "formats.h"
#include "hexmcp/simple.h"
#include "kit/pace.h"
#include "limits.h"

enum kind { KIND_FILE, KIND_FOLDER, KIND_LINK, KIND_HARD_LINK, KIND_OTHER };

/* "file", "folder", "link", "hard_link", "other" */
extern const char *const kind_names[];

/* An entry. Texts live until the next one is read. */
struct item {
    const char *name;                /* as it stands in the archive */
    char clean[NAME_BYTES_MAX + 1];  /* as it is made; "" is the folder itself */
    char target[NAME_BYTES_MAX + 1]; /* of links: where to. Of hard links: the clean name */
    const char *problem;             /* NULL, or why it is never made: "is a device" */
    enum kind kind;
    uint64_t size;
    int64_t modified; /* seconds since 1970; 0 if not known */
    bool encrypted;
};

struct reader {
    const hexmcp_round *r;
    const char *path; /* borrowed, for messages */
    int fd;
    struct archive *a;
    struct archive_entry *entry;
    uint64_t packed;  /* bytes of the file */
    uint64_t measure; /* what the unpacked is compared with: of the outermost file */
    uint64_t total;   /* bytes of all data read so far */
    uint32_t entries; /* read so far */
    struct pace pace;
    locale_t locale, before;
};

/* [worker] Takes `fd`, also on failure. reader_close() is due after success. */
int32_t reader_open(const hexmcp_round *r, const char *path, int fd, struct reader *reader);
void reader_close(struct reader *reader);

/* From the beginning again. */
int32_t reader_again(struct reader *reader);

/* The next entry; *more is false at the end. */
int32_t reader_next(struct reader *reader, struct item *item, bool *more);

/* Gets the data of the entry in pieces, in order, with gaps where the file has holes. */
typedef int32_t reader_take(void *arg, const void *data, size_t len, uint64_t offset);

/* Reads the data of the entry that came last; `take` may be NULL. *size is its length. */
int32_t reader_data(struct reader *reader, const struct item *item, reader_take *take, void *arg,
                    uint64_t *size);

/* Counts `size` more bytes for the entry, of a copy; HEXMCP_E_TOO_LARGE past a limit. */
int32_t reader_count(struct reader *reader, const struct item *item, uint64_t size);

/* Passes over the data, without unpacking it where the format allows. */
int32_t reader_skip(struct reader *reader, const struct item *item);
