/*
 * SPDX-License-Identifier: MIT
 */
#include "web-kit/charset.h"

#include <errno.h>
#include <iconv.h>
#include <myencoding/encoding.h>
#include <string.h>
#include <strings.h>

#define REPLACEMENT "\xEF\xBF\xBD"

/* Names of the WHATWG for which iconv has another name, or something wider that browsers mean. */
static const char *const other_names[][2] = {
    {"windows-1250", "CP1250"},     {"windows-1251", "CP1251"},    {"windows-1252", "CP1252"},
    {"windows-1253", "CP1253"},     {"windows-1254", "CP1254"},    {"windows-1255", "CP1255"},
    {"windows-1256", "CP1256"},     {"windows-1257", "CP1257"},    {"windows-1258", "CP1258"},
    {"windows-874", "CP874"},       {"SHIFT-JIS", "CP932"},        {"SHIFT_JIS", "CP932"},
    {"EUC-KR", "UHC"},              {"GBK", "GB18030"},            {"BIG5", "BIG5-HKSCS"},
    {"ISO-8859-8-I", "ISO-8859-8"}, {"x-mac-cyrillic", "MAC-UK"},  {"IBM866", "CP866"},
};

static bool is_utf8(hexmcp_str s)
{
    for (size_t i = 0, n; i < s.len; i += n) {
        n = hexmcp_json_utf8_((const unsigned char *)s.ptr + i, s.len - i);
        if (n == 0)
            return false;
    }
    return true;
}

static myencoding_t cut_mark(hexmcp_str *page)
{
    const unsigned char *b = (const unsigned char *)page->ptr;
    myencoding_t found = MyENCODING_NOT_DETERMINED;
    size_t mark = 2;
    if (page->len >= 3 && b[0] == 0xEF && b[1] == 0xBB && b[2] == 0xBF) {
        found = MyENCODING_UTF_8;
        mark = 3;
    } else if (page->len >= 2 && b[0] == 0xFE && b[1] == 0xFF) {
        found = MyENCODING_UTF_16BE;
    } else if (page->len >= 2 && b[0] == 0xFF && b[1] == 0xFE) {
        found = MyENCODING_UTF_16LE;
    }
    if (found != MyENCODING_NOT_DETERMINED) {
        page->ptr += mark;
        page->len -= mark;
    }
    return found;
}

static myencoding_t choose(const char *content_type, hexmcp_str *page)
{
    size_t begin = page->len < 1024 ? page->len : 1024;
    myencoding_t found = cut_mark(page);
    if (found != MyENCODING_NOT_DETERMINED)
        return found;
    if (content_type && myencoding_extracting_character_encoding_from_charset(
                            content_type, strlen(content_type), &found))
        return found;
    found = myencoding_prescan_stream_to_determine_encoding(page->ptr, begin);
    if (found == MyENCODING_UTF_16LE || found == MyENCODING_UTF_16BE)
        return MyENCODING_UTF_8; /* it was read byte by byte */
    if (found != MyENCODING_NOT_DETERMINED)
        return found;
    return is_utf8(*page) ? MyENCODING_UTF_8 : MyENCODING_WINDOWS_1252;
}

static bool copy_utf8(hexmcp_str page, struct bytes *to)
{
    bool good = bytes_add(to, "", 0);
    size_t from = 0, i = 0;
    while (good && i < page.len) {
        size_t n = hexmcp_json_utf8_((const unsigned char *)page.ptr + i, page.len - i);
        if (n == 0) {
            good = bytes_add(to, page.ptr + from, i - from) && bytes_add(to, REPLACEMENT, 3);
            from = i + 1;
        }
        i += n ? n : 1;
    }
    return good && bytes_add(to, page.ptr + from, page.len - from);
}

static bool convert(iconv_t cd, hexmcp_str page, struct bytes *to)
{
    char *in = (char *)page.ptr, piece[4096];
    size_t left = page.len;
    bool good = bytes_add(to, "", 0);
    while (good && left > 0) {
        char *out = piece;
        size_t room = sizeof(piece);
        size_t rc = iconv(cd, &in, &left, &out, &room);
        int failure = errno;
        good = bytes_add(to, piece, sizeof(piece) - room);
        if (rc != (size_t)-1 || failure == E2BIG)
            continue;
        good = good && bytes_add(to, REPLACEMENT, 3);
        in++;
        left--;
    }
    return good;
}

static iconv_t open_named(const char *name)
{
    for (size_t i = 0; i < sizeof(other_names) / sizeof(other_names[0]); i++)
        if (strcasecmp(name, other_names[i][0]) == 0)
            return iconv_open("UTF-8", other_names[i][1]);
    return iconv_open("UTF-8", name);
}

bool charset_to_utf8(const char *content_type, hexmcp_str page, struct bytes *utf8, const char **name)
{
    myencoding_t encoding = choose(content_type, &page);
    const char *found = myencoding_name_by_id(encoding, NULL);
    iconv_t cd = (iconv_t)-1;
    *name = found && encoding != MyENCODING_UTF_8 ? found : "UTF-8";
    if (strcmp(*name, "UTF-8") != 0)
        cd = open_named(*name);
    if (cd == (iconv_t)-1) {
        *name = "UTF-8";
        return copy_utf8(page, utf8);
    }
    bool good = convert(cd, page, utf8);
    iconv_close(cd);
    return good;
}
