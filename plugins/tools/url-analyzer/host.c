/*
 * SPDX-License-Identifier: MIT
 */
#include "host.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <idn2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/encode.h"

static const char no_memory[] = "out of memory; try again";

/* ---- addresses of IPv4 ---- */

/* A number in decimal, octal (0...) or hexadecimal (0x...); false if it is none. A number beyond 2^32 is
 * cut to 2^32. */
static bool read_number(const char *part, size_t len, uint64_t *out, bool *odd)
{
    unsigned base = 10;
    if (len >= 2 && part[0] == '0') {
        bool hex = part[1] == 'x' || part[1] == 'X';
        base = hex ? 16 : 8;
        part += hex ? 2 : 1;
        len -= hex ? 2 : 1;
        *odd = true;
    }
    *out = 0;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)part[i];
        unsigned digit = isdigit(c) ? c - 48u : isxdigit(c) ? (c | 32u) - 'a' + 10 : 99;
        if (digit >= base)
            return false;
        *out = *out * base + digit;
        if (*out > UINT64_C(1) << 32)
            *out = UINT64_C(1) << 32;
    }
    return true;
}

/* Whether its last part is a number, so that the whole must be an address. */
static bool ends_in_number(const char *name, size_t len)
{
    uint64_t number;
    bool odd;
    if (len > 0 && name[len - 1] == '.')
        len--;
    size_t start = len;
    while (start > 0 && name[start - 1] != '.')
        start--;
    const char *last = name + start;
    size_t digits = 0;
    while (digits < len - start && isdigit((unsigned char)last[digits]))
        digits++;
    if (len == start)
        return false;
    return digits == len - start || (len - start >= 2 && read_number(last, len - start, &number, &odd) &&
                                     last[0] == '0' && (last[1] | 32) == 'x');
}

static const char bad_four[] = "the host ends in a number, so it must be an address of IPv4, but it is "
                               "none";

static const char *parse_four(const char *name, size_t len, struct host *host)
{
    uint64_t numbers[4], address;
    size_t count = 0, start = 0;
    if (name[len - 1] == '.') {
        len--;
        host->odd = true;
    }
    for (size_t i = 0; i <= len; i++) {
        if (i < len && name[i] != '.')
            continue;
        if (count == 4 || i == start || !read_number(name + start, i - start, &numbers[count], &host->odd))
            return bad_four;
        count++;
        start = i + 1;
    }
    host->odd = host->odd || count < 4;
    address = numbers[count - 1];
    if (address >= UINT64_C(1) << (8 * (5 - count)))
        return bad_four;
    for (size_t i = 0; i + 1 < count; i++) {
        if (numbers[i] > 255)
            return bad_four;
        address |= numbers[i] << (8 * (3 - i));
    }
    for (int i = 0; i < 4; i++)
        host->address[i] = (uint8_t)(address >> (8 * (3 - i)));
    host->kind = HOST_IPV4;
    return NULL;
}

/* ---- addresses of IPv6 ---- */

/* The longest run of zeros, of two at least, is "::" (RFC 5952). */
static bool write_six(const uint8_t address[16], struct bytes *out)
{
    char text[48];
    size_t at = 0, best = 8, best_len = 1;
    unsigned groups[8];
    for (size_t i = 0; i < 8; i++)
        groups[i] = (unsigned)address[2 * i] << 8 | address[2 * i + 1];
    for (size_t i = 0; i < 8; i++) {
        size_t len = 0;
        while (i + len < 8 && groups[i + len] == 0)
            len++;
        if (len > best_len) {
            best = i;
            best_len = len;
        }
    }
    text[at++] = '[';
    for (size_t i = 0; i < 8; i++) {
        if (i == best) {
            at += (size_t)snprintf(text + at, sizeof(text) - at, i == 0 ? "::" : ":");
            i += best_len - 1;
            continue;
        }
        at += (size_t)snprintf(text + at, sizeof(text) - at, "%x%s", groups[i], i < 7 ? ":" : "");
    }
    text[at++] = ']';
    return bytes_add(out, text, at);
}

static const char *parse_six(hexmcp_str text, struct host *host, struct bytes *out)
{
    char bare[64];
    if (text.len < 4 || text.ptr[text.len - 1] != ']')
        return "the host begins with \"[\" and does not end with \"]\"";
    if (memchr(text.ptr, '%', text.len))
        return "the host is an address of IPv6 with a zone (%), which is no part of a URL";
    if (text.len - 2 >= sizeof(bare) || memchr(text.ptr, 0, text.len))
        return "the host in brackets is no address of IPv6";
    memcpy(bare, text.ptr + 1, text.len - 2);
    bare[text.len - 2] = '\0';
    if (inet_pton(AF_INET6, bare, host->address) != 1)
        return "the host in brackets is no address of IPv6";
    host->kind = HOST_IPV6;
    return write_six(host->address, out) ? NULL : no_memory;
}

/* ---- names ---- */

static int hex_value(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                        : c >= 'A' && c <= 'F'   ? c - 'A' + 10
                                                                 : -1;
}

static bool decode(hexmcp_str text, struct bytes *out)
{
    bool good = bytes_add(out, "", 0);
    for (size_t i = 0; good && i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '%' && i + 2 < text.len && hex_value(text.ptr[i + 1]) >= 0 &&
            hex_value(text.ptr[i + 2]) >= 0) {
            c = (char)(hex_value(text.ptr[i + 1]) << 4 | hex_value(text.ptr[i + 2]));
            i += 2;
        }
        good = bytes_add(out, &c, 1);
    }
    return good;
}

static bool is_ascii(const struct bytes *b)
{
    for (size_t i = 0; i < b->len; i++)
        if ((unsigned char)b->ptr[i] >= 0x80)
            return false;
    return true;
}

static bool has_punycode(const char *name)
{
    for (const char *at = name; at; at = strchr(at, '.')) {
        at += *at == '.';
        if (strncasecmp(at, "xn--", 4) == 0)
            return true;
    }
    return false;
}

static const char *check_name(const char *name, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)name[i];
        if (c <= ' ' || c == 0x7f || strchr("#/:<>?@[\\]^|%", (char)c))
            return "the host holds a character that no host may hold";
    }
    return len > 0 ? NULL : "there is no host";
}

static int convert(const char *name, char **ascii)
{
    return idn2_to_ascii_8z(name, ascii,
                            IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL | IDN2_NO_ALABEL_ROUNDTRIP);
}

/* What comes of a name must be a name that stays as it is: libidn2 lets more pass than it takes back. */
static const char *international(const char *name, char **ascii)
{
    char *again = NULL;
    int right = convert(name, ascii);
    if (right == IDN2_OK)
        right = convert(*ascii, &again);
    if (right == IDN2_OK && strcasecmp(*ascii, again) != 0)
        right = IDN2_INVALID_ALABEL;
    idn2_free(again);
    if (right == IDN2_OK)
        return NULL;
    return right == IDN2_MALLOC ? no_memory : "the host is no international name that IDNA 2008 permits";
}

/* The name in ASCII and small letters (UTS 46, not transitional). */
static const char *to_ascii(struct bytes *name, struct bytes *out)
{
    char *ascii = NULL;
    bool plain = is_ascii(name) && !has_punycode(name->ptr);
    const char *wrong = plain ? NULL : international(name->ptr, &ascii);
    if (wrong) {
        idn2_free(ascii);
        return wrong;
    }
    const char *from = plain ? name->ptr : ascii;
    bool good = bytes_add(out, from, strlen(from));
    for (size_t i = 0; good && i < out->len; i++)
        out->ptr[i] = (char)tolower((unsigned char)out->ptr[i]);
    idn2_free(ascii);
    return good ? NULL : no_memory;
}

static const char *parse_name(hexmcp_str text, struct host *host, struct bytes *out)
{
    struct bytes name = {0};
    const char *wrong = decode(text, &name) ? NULL : no_memory;
    if (!wrong && (!is_utf8(bytes_str(&name)) || memchr(name.ptr, 0, name.len)))
        wrong = "the host is no UTF-8";
    if (!wrong && name.len == 0)
        wrong = "there is no host";
    if (!wrong)
        wrong = to_ascii(&name, out);
    bytes_free(&name);
    if (!wrong)
        wrong = check_name(out->ptr, out->len);
    if (wrong || !ends_in_number(out->ptr, out->len)) {
        host->kind = HOST_NAME;
        return wrong;
    }
    wrong = parse_four(out->ptr, out->len, host);
    if (wrong)
        return wrong;
    char four[20];
    int len = snprintf(four, sizeof(four), "%u.%u.%u.%u", host->address[0], host->address[1],
                       host->address[2], host->address[3]);
    out->len = 0;
    return bytes_add(out, four, (size_t)len) ? NULL : no_memory;
}

/* Of a scheme that is not special: as it is, what is no ASCII percent-encoded. */
static const char *parse_opaque(hexmcp_str text, struct host *host, struct bytes *out)
{
    host->kind = HOST_OPAQUE;
    bool good = bytes_add(out, "", 0);
    for (size_t i = 0; good && i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        char three[4];
        if (c == 0 || c == ' ' || strchr("#/:<>?@[\\]^|\t\n\r", (char)c))
            return "the host holds a character that no host may hold";
        snprintf(three, sizeof(three), "%%%02X", c);
        good = c < 0x20 || c > 0x7e ? bytes_add(out, three, 3) : bytes_add(out, text.ptr + i, 1);
    }
    return good ? NULL : no_memory;
}

const char *host_parse(hexmcp_str text, bool special, struct host *host, struct bytes *out)
{
    *host = (struct host){.kind = HOST_NONE};
    if (text.len > 0 && text.ptr[0] == '[')
        return parse_six(text, host, out);
    return special ? parse_name(text, host, out) : parse_opaque(text, host, out);
}

/* ---- kinds of addresses ---- */

static const char *four_kind(const uint8_t *a)
{
    if (a[0] == 127)
        return "loopback";
    if (a[0] == 10 || (a[0] == 172 && (a[1] & 0xF0) == 16) || (a[0] == 192 && a[1] == 168))
        return "private";
    if (a[0] == 169 && a[1] == 254)
        return "link-local";
    if (a[0] == 100 && (a[1] & 0xC0) == 64)
        return "carrier-grade NAT";
    if (a[0] == 0)
        return "unspecified";
    if ((a[0] == 192 && a[1] == 0 && a[2] == 2) || (a[0] == 198 && a[1] == 51 && a[2] == 100) ||
        (a[0] == 203 && a[1] == 0 && a[2] == 113))
        return "documentation";
    if ((a[0] & 0xF0) == 224)
        return "multicast";
    return a[0] >= 240 || (a[0] == 198 && (a[1] & 0xFE) == 18) ? "reserved" : "public";
}

static const char *six_kind(const uint8_t *a)
{
    static const uint8_t zeros[16], mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
    if (memcmp(a, mapped, 12) == 0)
        return four_kind(a + 12);
    if (memcmp(a, zeros, 15) == 0)
        return a[15] == 1 ? "loopback" : a[15] == 0 ? "unspecified" : "reserved";
    if ((a[0] & 0xFE) == 0xFC)
        return "private";
    if (a[0] == 0xFE && (a[1] & 0xC0) == 0x80)
        return "link-local";
    if (a[0] == 0xFF)
        return "multicast";
    if (a[0] == 0x20 && a[1] == 1 && a[2] == 0x0D && a[3] == 0xB8)
        return "documentation";
    return (a[0] & 0xE0) == 0x20 ? "public" : "reserved";
}

const char *host_address_kind(const struct host *host)
{
    return host->kind == HOST_IPV4 ? four_kind(host->address) : six_kind(host->address);
}
