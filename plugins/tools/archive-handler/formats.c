/*
 * SPDX-License-Identifier: MIT
 */
#include "formats.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

const char *const format_names[FORMAT_COUNT + 1] = {"zip",    "tar",     "tar.gz", "tar.zst",
                                                    "tar.xz", "tar.bz2", "7z",     NULL};

static const struct {
    const char *ending;
    enum format format;
} endings[] = {
    {".zip", FORMAT_ZIP},        {".jar", FORMAT_ZIP},     {".tar", FORMAT_TAR},
    {".tar.gz", FORMAT_TAR_GZ},  {".tgz", FORMAT_TAR_GZ},  {".tar.zst", FORMAT_TAR_ZST},
    {".tzst", FORMAT_TAR_ZST},   {".tar.xz", FORMAT_TAR_XZ}, {".txz", FORMAT_TAR_XZ},
    {".tar.bz2", FORMAT_TAR_BZ2}, {".tbz2", FORMAT_TAR_BZ2}, {".7z", FORMAT_7Z},
};

enum format format_of_name(const char *path)
{
    size_t len = strlen(path);
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        size_t tail = strlen(endings[i].ending);
        if (len > tail && strcasecmp(path + len - tail, endings[i].ending) == 0)
            return endings[i].format;
    }
    return FORMAT_COUNT;
}

static enum format format_of_tar(int filter)
{
    switch (filter) {
    case ARCHIVE_FILTER_NONE:
        return FORMAT_TAR;
    case ARCHIVE_FILTER_GZIP:
        return FORMAT_TAR_GZ;
    case ARCHIVE_FILTER_ZSTD:
        return FORMAT_TAR_ZST;
    case ARCHIVE_FILTER_XZ:
        return FORMAT_TAR_XZ;
    case ARCHIVE_FILTER_BZIP2:
        return FORMAT_TAR_BZ2;
    default:
        return FORMAT_COUNT;
    }
}

enum format format_of_archive(struct archive *a)
{
    switch (archive_format(a) & ARCHIVE_FORMAT_BASE_MASK) {
    case ARCHIVE_FORMAT_ZIP:
        return FORMAT_ZIP;
    case ARCHIVE_FORMAT_7ZIP:
        return FORMAT_7Z;
    case ARCHIVE_FORMAT_TAR:
        /* One filter and the file itself: no compressed file in a compressed file. */
        return archive_filter_count(a) <= 2 ? format_of_tar(archive_filter_code(a, 0)) : FORMAT_COUNT;
    default:
        return FORMAT_COUNT;
    }
}

void format_allow_reading(struct archive *a)
{
    archive_read_support_format_tar(a);
    archive_read_support_format_zip_seekable(a);
    archive_read_support_format_7zip(a);
    /* What was built without a library would be handed to a program; it cannot be started here. */
    archive_read_support_filter_gzip(a);
    archive_read_support_filter_zstd(a);
    archive_read_support_filter_xz(a);
    archive_read_support_filter_bzip2(a);
}

bool format_is_written(enum format format)
{
    return format <= FORMAT_TAR_ZST;
}

static int add_filter(struct archive *a, enum format format)
{
    switch (format) {
    case FORMAT_TAR_GZ:
        return archive_write_add_filter_gzip(a);
    case FORMAT_TAR_ZST:
        return archive_write_add_filter_zstd(a);
    default:
        return archive_write_add_filter_none(a);
    }
}

int format_set_writing(struct archive *a, enum format format, int level)
{
    char digit[2] = {(char)('0' + level), '\0'};
    int rc = format == FORMAT_ZIP ? archive_write_set_format_zip(a)
                                  : archive_write_set_format_pax_restricted(a);
    if (rc == ARCHIVE_OK)
        rc = add_filter(a, format);
    if (rc == ARCHIVE_OK && format == FORMAT_ZIP)
        rc = archive_write_set_format_option(a, "zip", "compression-level", digit);
    /* zstd has no level 0 that stores; 1 is its fastest. */
    if (rc == ARCHIVE_OK && format == FORMAT_TAR_ZST)
        rc = archive_write_set_filter_option(a, "zstd", "compression-level", level ? digit : "1");
    if (rc == ARCHIVE_OK && format == FORMAT_TAR_GZ)
        rc = archive_write_set_filter_option(a, "gzip", "compression-level", digit);
    if (rc == ARCHIVE_OK && format == FORMAT_TAR_GZ)
        rc = archive_write_set_filter_option(a, "gzip", "timestamp", NULL);
    return rc;
}
