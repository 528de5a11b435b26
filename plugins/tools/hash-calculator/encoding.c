/*
 * SPDX-License-Identifier: MIT
 */
#include "encoding.h"

#include <ctype.h>
#include <sodium.h>
#include <string.h>

const char *const encoding_names[] = {"utf-8", "hex", "base64", NULL};

void encoding_write(enum encoding encoding, const uint8_t *data, size_t len, char *text)
{
    if (encoding == ENCODING_HEX)
        sodium_bin2hex(text, ENCODING_ROOM(len), data, len);
    else
        sodium_bin2base64(text, ENCODING_ROOM(len), data, len, sodium_base64_VARIANT_ORIGINAL);
}

/* libsodium stops at a byte and not at a digit, so the place is found here. */
static int read_hex(const char *text, size_t text_len, uint8_t *data, size_t *len, size_t *bad)
{
    size_t digits = 0;
    while (digits < text_len && isxdigit((unsigned char)text[digits]))
        digits++;
    *bad = digits;
    if (digits < text_len || digits % 2 != 0)
        return 0;
    return sodium_hex2bin(data, text_len, text, text_len, NULL, len, NULL) == 0;
}

static int read_base64(const char *text, size_t text_len, uint8_t *data, size_t *len, size_t *bad)
{
    const char *end = text;
    int status = sodium_base642bin(data, text_len, text, text_len, NULL, len, &end,
                                   sodium_base64_VARIANT_ORIGINAL);
    *bad = (size_t)(end - text);
    return status == 0 && *bad == text_len;
}

int encoding_read(enum encoding encoding, const char *text, size_t text_len, uint8_t *data,
                  size_t *len, size_t *bad)
{
    if (encoding == ENCODING_HEX)
        return read_hex(text, text_len, data, len, bad);
    if (encoding == ENCODING_BASE64)
        return read_base64(text, text_len, data, len, bad);
    if (text_len > 0)
        memcpy(data, text, text_len);
    *len = text_len;
    return 1;
}
