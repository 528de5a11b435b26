/*
 * SPDX-License-Identifier: MIT
 */
#include "formats.h"

#include <string.h>

#include "kit/suffix.h"

static const struct format formats[FORMAT_COUNT] = {
    {FORMAT_PNG, "png", "image/png", " .png ", "pngload_buffer", "pngsave_buffer", false, false},
    {FORMAT_JPEG, "jpeg", "image/jpeg", " .jpg .jpeg .jpe .jfif ", "jpegload_buffer",
     "jpegsave_buffer", false, false},
    {FORMAT_GIF, "gif", "image/gif", " .gif ", "gifload_buffer", "gifsave_buffer", true, false},
    {FORMAT_WEBP, "webp", "image/webp", " .webp ", "webpload_buffer", "webpsave_buffer", true,
     false},
    {FORMAT_TIFF, "tiff", "image/tiff", " .tif .tiff ", "tiffload_buffer", "tiffsave_buffer", true,
     false},
    {FORMAT_AVIF, "avif", "image/avif", " .avif ", "heifload_buffer", "heifsave_buffer", true, true},
    {FORMAT_HEIC, "heic", "image/heic", " .heic .heif ", "heifload_buffer", NULL, true, true},
};

static const struct {
    enum format_id id;
    size_t at, len;
    const char *bytes;
} marks[] = {
    {FORMAT_PNG, 0, 8, "\x89PNG\r\n\x1a\n"}, {FORMAT_JPEG, 0, 3, "\xff\xd8\xff"},
    {FORMAT_GIF, 0, 6, "GIF87a"},            {FORMAT_GIF, 0, 6, "GIF89a"},
    {FORMAT_WEBP, 8, 4, "WEBP"},             {FORMAT_TIFF, 0, 4, "II*\0"},
    {FORMAT_TIFF, 0, 4, "MM\0*"},            {FORMAT_TIFF, 0, 4, "II+\0"},
    {FORMAT_TIFF, 0, 4, "MM\0+"},            {FORMAT_AVIF, 4, 8, "ftypavif"},
    {FORMAT_AVIF, 4, 8, "ftypavis"},         {FORMAT_HEIC, 4, 8, "ftypheic"},
    {FORMAT_HEIC, 4, 8, "ftypheix"},         {FORMAT_HEIC, 4, 8, "ftyphevc"},
    {FORMAT_HEIC, 4, 8, "ftypmif1"},         {FORMAT_HEIC, 4, 8, "ftypmsf1"},
};

const struct format *format_by_id(enum format_id id)
{
    return &formats[id];
}

const struct format *format_of_bytes(hexmcp_str bytes)
{
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
        if (bytes.len >= marks[i].at + marks[i].len &&
            memcmp(bytes.ptr + marks[i].at, marks[i].bytes, marks[i].len) == 0)
            return &formats[marks[i].id];
    return NULL;
}

const struct format *format_of_name(const char *path)
{
    for (size_t i = 0; i < FORMAT_COUNT; i++)
        if (suffix_fits(path, formats[i].suffixes))
            return &formats[i];
    return NULL;
}
