/*
 * SPDX-License-Identifier: MIT
 */
#include "formats.h"

#include <sndfile.h>
#include <string.h>

#include "kit/suffix.h"

enum { WAV, FLAC, OGG, MP3, OPUS, AIFF, AU, CAF, COUNT };

/* The ones that are written come first, as in the input schema. */
static const struct format formats[COUNT] = {
    [WAV] = {"wav", "audio/wav", " .wav .wave ", SF_FORMAT_WAV, 0, true, false},
    [FLAC] = {"flac", "audio/flac", " .flac ", SF_FORMAT_FLAC, 0, true, false},
    [OGG] = {"ogg", "audio/ogg", " .ogg .oga ", SF_FORMAT_OGG, SF_FORMAT_VORBIS, true, true},
    [MP3] = {"mp3", "audio/mpeg", " .mp3 ", SF_FORMAT_MPEG, SF_FORMAT_MPEG_LAYER_III, true, true},
    [OPUS] = {"opus", "audio/ogg", " .opus .ogg .oga ", SF_FORMAT_OGG, SF_FORMAT_OPUS, true, true},
    [AIFF] = {"aiff", "audio/aiff", " .aiff .aif .aifc ", SF_FORMAT_AIFF, 0, false, false},
    [AU] = {"au", "audio/basic", " .au .snd ", SF_FORMAT_AU, 0, false, false},
    [CAF] = {"caf", "audio/x-caf", " .caf ", SF_FORMAT_CAF, 0, false, false},
};

static const struct {
    size_t format, at;
    const char *bytes;
} marks[] = {{WAV, 8, "WAVE"},      {FLAC, 0, "fLaC"},  {OPUS, 28, "OpusHead"},
             {OGG, 0, "OggS"},      {MP3, 0, "ID3"},    {AIFF, 8, "AIFF"},
             {AIFF, 8, "AIFC"},     {AU, 0, ".snd"},    {CAF, 0, "caff"}};

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
    for (size_t i = 0; i < COUNT; i++)
        if (suffix_fits(path, formats[i].suffixes))
            return &formats[i];
    return NULL;
}

int format_rate(const struct format *format, int rate)
{
    static const int mp3[] = {8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 0};
    static const int opus[] = {8000, 12000, 16000, 24000, 48000, 0};
    const int *taken = format == &formats[MP3] ? mp3 : format == &formats[OPUS] ? opus : NULL;
    if (!taken)
        return rate;
    while (*taken && *taken != rate)
        taken++;
    return *taken ? rate : 48000;
}
