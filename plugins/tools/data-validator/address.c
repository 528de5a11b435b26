/*
 * SPDX-License-Identifier: MIT
 */
#include "address.h"

#include <ctype.h>
#include <idn2.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <uriparser/Uri.h>

#define EMAIL_BYTES_MAX 254
#define LOCAL_BYTES_MAX 64
#define PORT_MAX 65535

static int is_atom(unsigned char c)
{
    return c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

/* Dot-string: atoms with single dots between them. */
static int is_dot_string(hexmcp_str local)
{
    int after_dot = 1;
    for (size_t i = 0; i < local.len; i++) {
        if (local.ptr[i] == '.' ? after_dot : !is_atom((unsigned char)local.ptr[i]))
            return 0;
        after_dot = local.ptr[i] == '.';
    }
    return !after_dot;
}

/* Quoted-string: printable characters, of which " and \ need a \ in front. */
static int is_quoted(hexmcp_str local)
{
    size_t i = 1;
    if (local.len < 2 || local.ptr[0] != '"')
        return 0;
    for (; i + 1 < local.len && local.ptr[i] != '"'; i++) {
        unsigned char c = (unsigned char)local.ptr[i];
        if (c == '\\')
            c = (unsigned char)local.ptr[++i];
        if (c < ' ' || c == 0x7F)
            return 0;
    }
    return i + 1 == local.len && local.ptr[i] == '"';
}

/* At least two labels of letters, digits and inner hyphens, the last one not of digits alone: that
 * would be an address of IPv4. libidn2 has seen to the lengths. */
static int is_host_name(const char *ascii)
{
    const char *last = strrchr(ascii, '.');
    char before = '.';
    for (const char *at = ascii; *at; before = *at++) {
        int edge = before == '.' || at[1] == '\0' || at[1] == '.';
        if (*at == '.' ? before == '.' : !isalnum((unsigned char)*at) && (*at != '-' || edge))
            return 0;
    }
    return last && before != '.' && last[1 + strspn(last + 1, "0123456789")] != '\0';
}

static int is_domain(const char *domain)
{
    uint8_t *ascii = NULL;
    int right = idn2_lookup_u8((const uint8_t *)domain, &ascii,
                               IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) == IDN2_OK &&
                is_host_name((const char *)ascii);
    idn2_free(ascii);
    return right;
}

const char *address_email(hexmcp_str text)
{
    const char *at = text.len ? memrchr(text.ptr, '@', text.len) : NULL;
    if (!at)
        return "must be an e-mail address: there is no @";
    hexmcp_str local = {text.ptr, (size_t)(at - text.ptr)};
    if (text.len > EMAIL_BYTES_MAX || local.len > LOCAL_BYTES_MAX)
        return "must be an e-mail address: at most 64 bytes in front of @ and 254 in all";
    if (memchr(text.ptr, '\0', text.len) || !(is_dot_string(local) || is_quoted(local)))
        return "must be an e-mail address: what is in front of @ is wrong";
    return is_domain(at + 1) ? NULL : "must be an e-mail address: the domain behind @ is wrong";
}

static int range_is(const UriTextRangeA *range, const char *text)
{
    size_t len = range->first ? (size_t)(range->afterLast - range->first) : 0;
    return len == strlen(text) && strncasecmp(range->first, text, len) == 0;
}

static int is_port(const UriTextRangeA *range)
{
    long port = 0;
    for (const char *at = range->first; at && at < range->afterLast && port <= PORT_MAX; at++)
        port = port * 10 + (*at - '0');
    return port <= PORT_MAX;
}

static const char *check_parts(const UriUriA *uri)
{
    if (!uri->scheme.first)
        return "must be a URL: it does not begin with http:// or https://";
    if (!range_is(&uri->scheme, "http") && !range_is(&uri->scheme, "https"))
        return "must be a URL that begins with http:// or https://";
    if (!uri->hostText.first || uri->hostText.first == uri->hostText.afterLast)
        return "must be a URL: the host is missing";
    return is_port(&uri->portText) ? NULL : "must be a URL: the port is above 65535";
}

const char *address_url(hexmcp_str text)
{
    UriUriA uri;
    const char *wrong_at;
    if (uriParseSingleUriExA(&uri, text.ptr, text.ptr + text.len, &wrong_at) != URI_SUCCESS)
        return "must be a URL: a character stands where none may; write those that are not ASCII "
               "as %XX, and hosts as xn--";
    const char *wrong = check_parts(&uri);
    uriFreeUriMembersA(&uri);
    return wrong;
}
