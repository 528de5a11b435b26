/*
 * SPDX-License-Identifier: MIT
 */
#include "detect.h"

#include <string.h>
#include <uchardet/uchardet.h>

/* A guess looks at so much; more does not make it better. */
#define GUESS_BYTES ((size_t)256 * 1024)

const char *const detected_names[DETECTED_COUNT + 1] = {"given", "mark", "content", "guess", NULL};

static int detect_mark(hexmcp_str text)
{
    int found = -1;
    size_t longest = 0;
    for (int i = 0; encoding_names[i]; i++) {
        hexmcp_str mark = encoding_mark(i);
        if (mark.len > longest && text.len >= mark.len && memcmp(text.ptr, mark.ptr, mark.len) == 0) {
            found = i;
            longest = mark.len;
        }
    }
    return found;
}

static bool is_utf8(hexmcp_str text, bool *is_ascii)
{
    uint32_t character;
    size_t len;
    *is_ascii = true;
    while ((len = utf8_next(text, &character)) > 0) {
        *is_ascii = *is_ascii && len == 1;
        text.ptr += len;
        text.len -= len;
    }
    return text.len == 0;
}

/* Text of European languages in UTF-16 has a zero in nearly every second byte. */
static int detect_zeros(hexmcp_str text)
{
    size_t zeros[2] = {0, 0}, half = text.len / 2;
    for (size_t i = 0; i < text.len; i++)
        zeros[i % 2] += text.ptr[i] == '\0';
    if (text.len % 2 != 0 || half == 0)
        return -1;
    if (zeros[1] > half / 2 && zeros[0] < half / 20 + 1)
        return ENCODING_UTF16LE;
    return zeros[0] > half / 2 && zeros[1] < half / 20 + 1 ? ENCODING_UTF16BE : -1;
}

static int guess(hexmcp_str text)
{
    uchardet_t detector = uchardet_new();
    int found = -1;
    if (!detector)
        return -1;
    if (uchardet_handle_data(detector, text.ptr, text.len < GUESS_BYTES ? text.len : GUESS_BYTES) == 0) {
        uchardet_data_end(detector);
        const char *name = uchardet_get_charset(detector);
        /* The same with other names. */
        if (strcmp(name, "MAC-CYRILLIC") == 0)
            name = "mac-cyrillic";
        found = encoding_find(name);
    }
    uchardet_delete(detector);
    return found;
}

int detect(hexmcp_str text, enum detected_by *by)
{
    bool ascii;
    int found = detect_mark(text);
    *by = DETECTED_MARK;
    if (found >= 0)
        return found;
    *by = DETECTED_CONTENT;
    if (text.len == 0)
        return ENCODING_UTF8;
    if (memchr(text.ptr, '\0', text.len))
        return detect_zeros(text);
    if (is_utf8(text, &ascii))
        return ascii ? ENCODING_ASCII : ENCODING_UTF8;
    *by = DETECTED_GUESS;
    return guess(text);
}
