/*
 * SPDX-License-Identifier: MIT
 */
#include "formats.h"

#include <stdbool.h>
#include <string.h>

#include "kit/suffix.h"

enum { MP4, MOV, M4A, MKV, WEBM, AVI, COUNT };

static const struct format formats[COUNT] = {
    [MP4] = {"mp4", "video/mp4", " .mp4 .m4v .3gp ", "mov"},
    [MOV] = {"mov", "video/quicktime", " .mov .qt ", "mov"},
    [M4A] = {"m4a", "audio/mp4", " .m4a .m4b ", "mov"},
    [MKV] = {"mkv", "video/x-matroska", " .mkv .mka ", "matroska"},
    [WEBM] = {"webm", "video/webm", " .webm ", "matroska"},
    [AVI] = {"avi", "video/x-msvideo", " .avi ", "avi"},
};

static bool has(hexmcp_str bytes, size_t at, const char *mark)
{
    size_t len = strlen(mark);
    return bytes.len >= at + len && memcmp(bytes.ptr + at, mark, len) == 0;
}

/* Its boxes are named; old files of QuickTime begin with others than ftyp. */
static const struct format *mp4_or_mov(hexmcp_str bytes)
{
    if (has(bytes, 4, "ftypqt"))
        return &formats[MOV];
    if (has(bytes, 4, "ftypM4A") || has(bytes, 4, "ftypM4B"))
        return &formats[M4A];
    if (has(bytes, 4, "ftyp"))
        return &formats[MP4];
    if (has(bytes, 4, "moov") || has(bytes, 4, "wide") || has(bytes, 4, "mdat"))
        return &formats[MOV];
    return NULL;
}

const struct format *format_of_bytes(hexmcp_str bytes)
{
    if (has(bytes, 0, "\x1a\x45\xdf\xa3"))
        return &formats[memmem(bytes.ptr, bytes.len, "webm", 4) ? WEBM : MKV];
    if (has(bytes, 0, "RIFF") && has(bytes, 8, "AVI "))
        return &formats[AVI];
    return mp4_or_mov(bytes);
}

const struct format *format_of_name(const char *path)
{
    for (size_t i = 0; i < COUNT; i++)
        if (suffix_fits(path, formats[i].suffixes))
            return &formats[i];
    return NULL;
}
