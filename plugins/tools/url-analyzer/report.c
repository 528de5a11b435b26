/*
 * SPDX-License-Identifier: MIT
 */
#include "report.h"
#include "names.h"
#include "strict.h"

#include "kit/encode.h"

#define PARAMS_MOST 500

/* ---- parts ---- */

static void put_part(hexmcp_json_writer *w, const char *key, bool there, const struct bytes *part)
{
    if (there)
        hexmcp_json_put_string(w, key, part->ptr ? bytes_str(part) : hexmcp_str_from(""));
}

static void put_parts(const struct report *r)
{
    const struct url *u = r->url;
    hexmcp_json_writer *w = r->w;
    put_part(w, "scheme", true, &u->scheme);
    put_part(w, "username", u->has_username, &u->username);
    if (u->has_password)
        hexmcp_json_put_bool(w, "has_password", 1);
    put_part(w, "host", u->has_host, &u->host_text);
    int usual = url_default_port(u->scheme.ptr);
    if (u->port >= 0 || usual > 0)
        hexmcp_json_put_int64(w, "port", u->port >= 0 ? u->port : usual);
    if (u->has_host)
        hexmcp_json_put_bool(w, "is_default_port", u->port < 0);
    put_part(w, "path", true, &u->path);
    put_part(w, "query", u->has_query, &u->query);
    put_part(w, "fragment", u->has_fragment, &u->fragment);
}

/* ---- the query ---- */

static int hex_value(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

/* As forms are encoded: "+" is a space. What is no UTF-8 then stays as it is. */
static bool put_decoded(hexmcp_json_writer *w, const char *key, hexmcp_str text, bool decode)
{
    struct bytes out = {0};
    bool good = bytes_add(&out, "", 0);
    for (size_t i = 0; good && i < text.len; i++) {
        char c = text.ptr[i];
        if (decode && c == '+') {
            c = ' ';
        } else if (decode && c == '%' && i + 2 < text.len && hex_value(text.ptr[i + 1]) >= 0 &&
                   hex_value(text.ptr[i + 2]) >= 0) {
            c = (char)(hex_value(text.ptr[i + 1]) << 4 | hex_value(text.ptr[i + 2]));
            i += 2;
        }
        good = bytes_add(&out, &c, 1);
    }
    if (good)
        hexmcp_json_put_string(w, key, is_utf8(bytes_str(&out)) ? bytes_str(&out) : text);
    bytes_free(&out);
    return good;
}

static bool put_param(const struct report *r, hexmcp_str part)
{
    const char *equals = memchr(part.ptr, '=', part.len);
    size_t name = equals ? (size_t)(equals - part.ptr) : part.len;
    hexmcp_str value = {equals ? equals + 1 : part.ptr + part.len, equals ? part.len - name - 1 : 0};
    hexmcp_json_begin_object(r->w);
    bool good = put_decoded(r->w, "name", (hexmcp_str){part.ptr, name}, r->decode_params) &&
                put_decoded(r->w, "value", value, r->decode_params);
    hexmcp_json_end_object(r->w);
    return good;
}

static bool put_params(const struct report *r)
{
    hexmcp_str rest = bytes_str(&r->url->query);
    size_t count = 0;
    bool good = true;
    hexmcp_json_key(r->w, "query_params");
    hexmcp_json_begin_array(r->w);
    while (good && r->url->has_query && rest.len > 0 && count < PARAMS_MOST) {
        const char *end = memchr(rest.ptr, '&', rest.len);
        hexmcp_str part = {rest.ptr, end ? (size_t)(end - rest.ptr) : rest.len};
        size_t used = part.len + (end != NULL);
        if (part.len > 0) {
            good = put_param(r, part);
            count++;
        }
        rest = (hexmcp_str){rest.ptr + used, rest.len - used};
    }
    hexmcp_json_end_array(r->w);
    if (rest.len > 0)
        hexmcp_json_put_bool(r->w, "truncated", 1);
    return good;
}

/* ---- the host ---- */

static void put_host(const struct report *r)
{
    const struct host *host = &r->url->host;
    const char *suffix = NULL, *registrable = NULL;
    bool ip = host->kind == HOST_IPV4 || host->kind == HOST_IPV6;
    hexmcp_json_put_bool(r->w, "is_ip", ip);
    if (ip) {
        hexmcp_json_put_int64(r->w, "ip_version", host->kind == HOST_IPV4 ? 4 : 6);
        hexmcp_json_put_text(r->w, "ip_kind", host_address_kind(host));
    }
    if (host->kind != HOST_NAME)
        return;
    struct bytes unicode = {0};
    if (names_unicode(r->url->host_text.ptr, &unicode))
        hexmcp_json_put_string(r->w, "host_unicode", bytes_str(&unicode));
    bytes_free(&unicode);
    if (!names_suffix(r->url->host_text.ptr, &suffix, &registrable))
        return;
    if (suffix)
        hexmcp_json_put_text(r->w, "public_suffix", suffix);
    if (registrable)
        hexmcp_json_put_text(r->w, "registrable_domain", registrable);
}

/* ---- where the standards differ ---- */

static void say(const struct report *r, const char *text)
{
    hexmcp_json_write_text(r->w, text);
}

static bool is_ascii(hexmcp_str text)
{
    size_t at = 0;
    while (at < text.len && (unsigned char)text.ptr[at] < 0x80)
        at++;
    return at == text.len;
}

static void put_differences(const struct report *r)
{
    static const struct {
        unsigned note;
        const char *text;
    } notes[] = {
        {NOTE_TRIMMED, "WHATWG drops spaces and control characters around it; RFC 3986 does not permit "
                       "them"},
        {NOTE_BREAKS, "WHATWG drops tabs and line breaks in it; RFC 3986 does not permit them"},
        {NOTE_BACKSLASH, "WHATWG reads \\ as /; in RFC 3986 it is no character of a URI"},
        {NOTE_SLASHES, "WHATWG bears another number of slashes behind the scheme and reads what follows "
                       "as the host; RFC 3986 reads it as a path"},
        {NOTE_ENCODED, "WHATWG percent-encodes characters that RFC 3986 does not permit as they are, or "
                       "permits and WHATWG does not"},
        {NOTE_DOTS, "WHATWG resolves . and .. and their form %2e at once; RFC 3986 keeps them until it is "
                    "normalized, and %2e also then"},
        {NOTE_AT, "WHATWG takes the last @ as the end of the user; RFC 3986 permits but one"},
        {NOTE_PERCENT, "WHATWG keeps a % without two hexadecimal digits; RFC 3986 does not permit it"},
        {NOTE_DEFAULT_PORT, "WHATWG drops the default port; RFC 3986 keeps it until it is normalized"}};
    hexmcp_json_key(r->w, "differences");
    hexmcp_json_begin_array(r->w);
    for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++)
        if (r->url->notes & notes[i].note)
            say(r, notes[i].text);
    if (r->url->host.odd)
        say(r, "WHATWG reads the host as an address of IPv4; in RFC 3986 it is a name");
    if (!is_ascii(r->original))
        say(r, "WHATWG takes characters beyond ASCII and encodes them; RFC 3986 permits ASCII alone");
    hexmcp_json_end_array(r->w);
}

/* ---- what to beware of ---- */

static void warn_of_letters(const struct report *r)
{
    struct bytes unicode = {0}, latin = {0};
    if (r->url->host.kind == HOST_NAME && names_unicode(r->url->host_text.ptr, &unicode)) {
        enum lookalike how = names_resemble(unicode.ptr, &latin);
        char text[400];
        snprintf(text, sizeof(text), "the host %.120s %s and looks like %.120s, which is another host",
                 unicode.ptr,
                 how == LOOKS_MIXED ? "mixes Latin letters with similar ones of other scripts"
                                    : "is written in letters of another script",
                 latin.ptr ? latin.ptr : "");
        if (how != LOOKS_PLAIN)
            say(r, text);
    }
    bytes_free(&unicode);
    bytes_free(&latin);
}

/* A resolver takes labels of 63 bytes and names of 253. */
static bool is_too_long(const struct url *u)
{
    const char *name = u->host_text.ptr;
    if (u->host.kind != HOST_NAME || u->host_text.len == 0)
        return false;
    for (const char *label = name; *label; label += strcspn(label, ".") + (strchr(label, '.') != NULL))
        if (strcspn(label, ".") > 63)
            return true;
    return u->host_text.len > 253 + (size_t)(name[u->host_text.len - 1] == '.');
}

static bool holds_encoded_percent(const struct url *u)
{
    return (u->path.ptr && strstr(u->path.ptr, "%25")) || (u->query.ptr && strstr(u->query.ptr, "%25"));
}

static void put_warnings(const struct report *r)
{
    const struct url *u = r->url;
    bool ip = u->host.kind == HOST_IPV4 || u->host.kind == HOST_IPV6;
    char text[200];
    hexmcp_json_key(r->w, "warnings");
    hexmcp_json_begin_array(r->w);
    if (u->has_password)
        say(r, "it holds a password, which is seen in logs and histories");
    if (u->has_username || u->has_password) {
        snprintf(text, sizeof(text), "what stands before @ is a user, not the host; the host is %.120s",
                 u->host_text.ptr ? u->host_text.ptr : "");
        say(r, text);
    }
    if (u->host.odd) {
        snprintf(text, sizeof(text), "the host is the address %s, written so that it does not look like it",
                 u->host_text.ptr);
        say(r, text);
    }
    if (ip && strcmp(host_address_kind(&u->host), "public") != 0) {
        snprintf(text, sizeof(text), "the address is %s, not a public one", host_address_kind(&u->host));
        say(r, text);
    }
    warn_of_letters(r);
    if (is_too_long(u))
        say(r, "the host is longer than names of DNS are: 63 characters between dots, 253 in all");
    if (u->notes & NOTE_BREAKS)
        say(r, "it holds tabs or line breaks, by which filters are deceived");
    if (u->notes & NOTE_BACKSLASH)
        say(r, "it holds \\, which some programs read as / and others not: they may see another host");
    if (holds_encoded_percent(u))
        say(r, "it holds %25, an encoded %: it may have been encoded twice");
    if (strcmp(u->scheme.ptr, "javascript") == 0 || strcmp(u->scheme.ptr, "data") == 0)
        say(r, "it holds code or data itself and leads nowhere");
    hexmcp_json_end_array(r->w);
}

bool report_put(const struct report *r)
{
    struct bytes whole = {0};
    bool good = url_write(r->url, &whole);
    if (good)
        hexmcp_json_put_string(r->w, "normalized", bytes_str(&whole));
    bytes_free(&whole);
    put_parts(r);
    put_host(r);
    good = good && put_params(r);
    put_differences(r);
    put_warnings(r);
    return good;
}
