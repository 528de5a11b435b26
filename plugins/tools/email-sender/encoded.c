/*
 * SPDX-License-Identifier: MIT
 */
#include "encoded.h"

#include <stdio.h>
#include <string.h>

#include "kit/encode.h"

#define LINE 76
/* 45 bytes are 60 characters of base64: with what stands around them a word of at most 72. */
#define WORD_BYTES 45

static bool put(struct bytes *out, const char *text)
{
    return bytes_add(out, text, strlen(text));
}

static bool is_ascii(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text >= 0x80)
            return false;
    return true;
}

/* ASCII, broken at spaces where a line would be too long. A word that looks encoded would be decoded. */
static bool put_folded(struct bytes *out, const char *text, size_t column)
{
    bool good = true;
    while (good && *text) {
        size_t word = strcspn(text + 1, " ") + 1; /* with the space before it */
        if (column + word > LINE && column > 1 && *text == ' ') {
            good = put(out, "\r\n");
            column = 0;
        }
        good = good && bytes_add(out, text, word);
        column += word;
        text += word;
    }
    return good;
}

static bool put_encoded(struct bytes *out, const char *text, size_t column)
{
    size_t left = strlen(text), most = column < 30 ? 30 : WORD_BYTES;
    bool good = true;
    while (good && left > 0) {
        size_t len = utf8_cut((hexmcp_str){text, left}, most);
        good = put(out, "=?utf-8?B?") && encode_base64(out, text, len) && put(out, "?=");
        text += len;
        left -= len;
        most = WORD_BYTES;
        if (good && left > 0)
            good = put(out, "\r\n ");
    }
    return good;
}

/* Too long a word cannot be folded. */
static bool needs_encoding(const char *text)
{
    if (!is_ascii(text) || strstr(text, "=?"))
        return true;
    while (*text) {
        size_t word = strcspn(text, " ");
        if (word > 200)
            return true;
        text += word + (text[word] == ' ');
    }
    return false;
}

bool encoded_words(struct bytes *out, const char *text, size_t column)
{
    return needs_encoding(text) ? put_encoded(out, text, column) : put_folded(out, text, column);
}

bool encoded_phrase(struct bytes *out, const char *text, size_t column)
{
    if (needs_encoding(text))
        return put_encoded(out, text, column);
    bool good = put(out, "\"");
    for (; good && *text; text++)
        good = (*text != '"' && *text != '\\') || put(out, "\\") ? bytes_add(out, text, 1) : false;
    return good && put(out, "\"");
}

bool encoded_parameter(struct bytes *out, const char *name, const char *value)
{
    char part[40], percent[4];
    size_t used = 0, number = 0;
    if (is_ascii(value) && strlen(value) < 60 && !strpbrk(value, "\"\\"))
        return put(out, "\r\n ") && put(out, name) && put(out, "=\"") && put(out, value) && put(out, "\"");
    snprintf(part, sizeof(part), "\r\n %s*0*=utf-8''", name);
    bool good = put(out, part);
    for (; good && *value; value++) {
        if (used > 48) {
            snprintf(part, sizeof(part), ";\r\n %s*%zu*=", name, ++number);
            good = put(out, part);
            used = 0;
        }
        bool plain = (*value >= 'a' && *value <= 'z') || (*value >= 'A' && *value <= 'Z') ||
                     (*value >= '0' && *value <= '9') || *value == '.' || *value == '-' || *value == '_';
        snprintf(percent, sizeof(percent), "%%%02X", (unsigned char)*value);
        good = good && (plain ? bytes_add(out, value, 1) : put(out, percent));
        used += plain ? 1 : 3;
    }
    return good;
}

/* ---- quoted-printable ---- */

static bool must_escape(const char *at)
{
    unsigned char c = (unsigned char)*at;
    if (c == ' ' || c == '\t') /* at the end of a line it would be lost on the way */
        return at[1] == '\r' || at[1] == '\n' || at[1] == '\0';
    return c < ' ' || c >= 0x7f || c == '=';
}

bool encoded_printable(struct bytes *out, const char *text)
{
    char escaped[4];
    size_t column = 0;
    bool good = true;
    for (; good && *text; text++) {
        if (*text == '\n' || *text == '\r') {
            good = put(out, "\r\n");
            column = 0;
            text += *text == '\r' && text[1] == '\n';
            continue;
        }
        bool escape = must_escape(text);
        if (column + (escape ? 3 : 1) > LINE - 1) {
            good = put(out, "=\r\n");
            column = 0;
        }
        snprintf(escaped, sizeof(escaped), "=%02X", (unsigned char)*text);
        good = good && (escape ? put(out, escaped) : bytes_add(out, text, 1));
        column += escape ? 3 : 1;
    }
    return good;
}

bool encoded_base64(struct bytes *out, hexmcp_str data)
{
    bool good = true;
    for (size_t at = 0; good && at < data.len; at += 57) {
        size_t len = data.len - at < 57 ? data.len - at : 57;
        good = encode_base64(out, data.ptr + at, len) && put(out, "\r\n");
    }
    return good;
}
