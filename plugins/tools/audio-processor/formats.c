/*
 * SPDX-License-Identifier: MIT
 */
#include "formats.h"

#include <sndfile.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { WAV, FLAC, OGG, MP3, AIFF, AU, CAF, COUNT };

/* The ones that are written come first, as in the input schema. */
static const struct format formats[COUNT] = {
    [WAV] = {"wav", "audio/wav", " .wav .wave ", SF_FORMAT_WAV, true, false},
    [FLAC] = {"flac", "audio/flac", " .flac ", SF_FORMAT_FLAC, true, false},
    [OGG] = {"ogg", "audio/ogg", " .ogg .oga .opus ", SF_FORMAT_OGG, true, true},
    [MP3] = {"mp3", "audio/mpeg", " .mp3 ", SF_FORMAT_MPEG, true, true},
    [AIFF] = {"aiff", "audio/aiff", " .aiff .aif .aifc ", SF_FORMAT_AIFF, false, false},
    [AU] = {"au", "audio/basic", " .au .snd ", SF_FORMAT_AU, false, false},
    [CAF] = {"caf", "audio/x-caf", " .caf ", SF_FORMAT_CAF, false, false},
};

static const struct {
    size_t format, at;
    const char *bytes;
} marks[] = {{WAV, 8, "WAVE"}, {FLAC, 0, "fLaC"}, {OGG, 0, "OggS"},  {MP3, 0, "ID3"},
             {AIFF, 8, "AIFF"}, {AIFF, 8, "AIFC"}, {AU, 0, ".snd"}, {CAF, 0, "caff"}};

const struct format *format_at(size_t place)
{
    return place < COUNT ? &formats[place] : NULL;
}

/* The head of a frame of layer III: eleven bits set, a version and a layer that exist. */
static bool begins_as_mp3(const unsigned char *b)
{
    return b[0] == 0xff && (b[1] & 0xe0) == 0xe0 && (b[1] & 0x18) != 0x08 && (b[1] & 0x06) == 0x02 &&
           (b[2] & 0xf0) != 0xf0 && (b[2] & 0x0c) != 0x0c;
}

const struct format *format_of_bytes(hexmcp_str bytes)
{
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        size_t len = strlen(marks[i].bytes);
        if (bytes.len >= marks[i].at + len && memcmp(bytes.ptr + marks[i].at, marks[i].bytes, len) == 0)
            return &formats[marks[i].format];
    }
    if (bytes.len >= 3 && begins_as_mp3((const unsigned char *)bytes.ptr))
        return &formats[MP3];
    return NULL;
}

const struct format *format_of_name(const char *path)
{
    const char *dot = strrchr(path, '.');
    char wanted[10];
    if (!dot || snprintf(wanted, sizeof(wanted), " %s ", dot) >= (int)sizeof(wanted))
        return NULL;
    for (size_t i = 0; i < COUNT; i++)
        if (strcasestr(formats[i].suffixes, wanted))
            return &formats[i];
    return NULL;
}

const char *format_suffix(const struct format *format, char out[8])
{
    sscanf(format->suffixes, "%7s", out);
    return out;
}
