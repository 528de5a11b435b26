/*
 * SPDX-License-Identifier: MIT
 */
#include "encoding.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>
#include <strings.h>

#define NAME_MOST 40

/* The declaration has to be at the beginning, and is short. */
#define DECLARATION_MOST ((size_t)200)

static bool begins(hexmcp_str s, const char *bytes, size_t len)
{
    return s.len >= len && memcmp(s.ptr, bytes, len) == 0;
}

/* What a mark, or "<" in two bytes, says; "" if nothing does. */
static const char *by_mark(hexmcp_str file, size_t *mark)
{
    *mark = 0;
    if (begins(file, "\xEF\xBB\xBF", 3)) {
        *mark = 3;
        return "UTF-8";
    }
    if (begins(file, "\xFF\xFE", 2) || begins(file, "\xFE\xFF", 2))
        *mark = 2;
    if (begins(file, "\xFF\xFE", 2) || begins(file, "<\0", 2))
        return "UTF-16LE";
    return *mark || begins(file, "\0<", 2) ? "UTF-16BE" : "";
}

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
}

/* The name in <?xml encoding="name"?>; "" if there is none. */
static void by_declaration(hexmcp_str file, char name[NAME_MOST + 1])
{
    size_t len = 0, most = file.len < DECLARATION_MOST ? file.len : DECLARATION_MOST;
    const char *end, *at;
    name[0] = '\0';
    if (!begins(file, "<?xml", 5) || !(end = memmem(file.ptr, most, "?>", 2)) ||
        !(at = memmem(file.ptr, (size_t)(end - file.ptr), "encoding", 8)))
        return;
    at += 8;
    while (at < end && (*at == ' ' || *at == '\t' || *at == '=' || *at == '"' || *at == '\''))
        at++;
    while (at < end && len < NAME_MOST && is_name(*at))
        name[len++] = *at++;
    name[len] = '\0';
}

static int32_t fail(const hexmcp_round *r, int failure, const char *name)
{
    if (failure == ENOMEM)
        return hexmcp_fail(r->err, HEXMCP_E_NOMEM, "out of memory for the sitemap; try again");
    if (failure == EFBIG)
        return hexmcp_fail(r->err, HEXMCP_E_TOO_LARGE, "it has more than 50 MiB as UTF-8");
    return hexmcp_fail(r->err, HEXMCP_E_INVALID, "it is not the %s that it says to be", name);
}

/* 0, or why not. */
static int convert(iconv_t cd, hexmcp_str from, size_t most, struct bytes *to)
{
    char *in = (char *)from.ptr, piece[16384];
    size_t left = from.len;
    while (left > 0) {
        char *out = piece;
        size_t room = sizeof(piece);
        int failure = iconv(cd, &in, &left, &out, &room) == (size_t)-1 ? errno : 0;
        if (failure != 0 && failure != E2BIG)
            return failure;
        if (to->len + (sizeof(piece) - room) > most)
            return EFBIG;
        if (!bytes_add(to, piece, sizeof(piece) - room))
            return ENOMEM;
    }
    return 0;
}

int32_t encoding_to_utf8(const hexmcp_round *r, hexmcp_str file, size_t most, struct bytes *held,
                         hexmcp_str *text)
{
    char declared[NAME_MOST + 1];
    size_t mark;
    const char *name = by_mark(file, &mark);
    hexmcp_str rest = {file.ptr + mark, file.len - mark};
    *text = rest;
    if (!*name) {
        by_declaration(rest, declared);
        name = declared;
    }
    if (!*name || strcasecmp(name, "UTF-8") == 0 || strcasecmp(name, "UTF8") == 0)
        return HEXMCP_OK;
    iconv_t cd = iconv_open("UTF-8", name);
    if (cd == (iconv_t)-1)
        return hexmcp_fail(r->err, HEXMCP_E_UNSUPPORTED,
                           "its encoding \"%s\" is not known here; sitemaps have to be UTF-8", name);
    int failure = convert(cd, rest, most, held);
    iconv_close(cd);
    if (failure != 0) {
        bytes_free(held);
        return fail(r, failure, name);
    }
    *text = held->ptr ? bytes_str(held) : hexmcp_str_from("");
    return HEXMCP_OK;
}
