/*
 * SPDX-License-Identifier: MIT
 */
#include "address.h"

#include "hexmcp/json.h"
#include "kit/encode.h"

#include <idn2.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define LOCAL_MOST 64
#define LABEL_MOST 63

static bool is_alphanumeric(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_ascii(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text >= 0x80)
            return false;
    return true;
}

/* C1 controls are U+0080 to U+009F. */
static bool has_control(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f ||
            ((unsigned char)text[0] == 0xc2 && (unsigned char)text[1] < 0xa0))
            return true;
    return false;
}

/* Letters of all scripts, as in RFC 6532. */
static bool is_local(const char *text, size_t len)
{
    if (len == 0 || len > LOCAL_MOST || text[0] == '.' || text[len - 1] == '.')
        return false;
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] < 0x80 && !is_alphanumeric(text[i]) && !strchr("!#$%&'*+-/=?^_`{|}~.", text[i]))
            return false;
    return !memmem(text, len, "..", 2);
}

static bool is_label(const char *text, size_t len)
{
    if (len == 0 || len > LABEL_MOST || text[0] == '-' || text[len - 1] == '-')
        return false;
    for (size_t i = 0; i < len; i++)
        if (!is_alphanumeric(text[i]) && text[i] != '-')
            return false;
    return true;
}

/* The last label of a name is no number: that would be an address of IPv4. */
static bool is_domain(const char *text)
{
    for (;;) {
        size_t len = strcspn(text, ".");
        if (!is_label(text, len))
            return false;
        if (text[len] == '\0')
            return text[strspn(text, "0123456789")] != '\0';
        text += len + 1;
    }
}

/* In small letters and, if it is not ASCII, as xn--... */
static bool read_domain(const char *text, char *out, size_t room)
{
    uint8_t *ascii = NULL;
    int rc = idn2_lookup_u8((const uint8_t *)text, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
    const char *from = rc == IDN2_OK ? (const char *)ascii : text;
    bool good = (rc == IDN2_OK || is_ascii(text)) && strlen(from) < room && is_domain(from);
    if (good) {
        snprintf(out, room, "%s", from);
        for (char *c = out; *c; c++)
            if (*c >= 'A' && *c <= 'Z')
                *c = (char)(*c | 0x20);
    }
    idn2_free(ascii);
    return good;
}

/* The name without its quotes and their backslashes. */
static void copy_name(const char *text, size_t len, char *out)
{
    bool quoted = len > 1 && text[0] == '"' && text[len - 1] == '"';
    for (size_t i = quoted; i < len - quoted; i++) {
        if (quoted && text[i] == '\\' && i + 1 < len - quoted)
            i++;
        *out++ = text[i];
    }
    *out = '\0';
}

/* Splits "name <mail>". */
static const char *split(const char *text, size_t len, struct address *a, char *mail, size_t room)
{
    const char *open = len && text[len - 1] == '>' ? memrchr(text, '<', len) : NULL;
    size_t name = open ? (size_t)(open - text) : 0, from = open ? name + 1 : 0;
    if (!open && memchr(text, '<', len))
        return "it has a \"<\" without a \">\" at its end";
    while (name > 0 && text[name - 1] == ' ')
        name--;
    size_t left = open ? len - from - 1 : len;
    if (name > ADDRESS_NAME_MOST || left >= room)
        return "it is too long";
    copy_name(text, name, a->name);
    snprintf(mail, room, "%.*s", (int)left, text + from);
    return NULL;
}

const char *address_read(const char *text, struct address *a)
{
    struct address read = {0};
    char mail[ADDRESS_MOST + 1], *at;
    text += strspn(text, " ");
    size_t len = strlen(text);
    while (len > 0 && text[len - 1] == ' ')
        len--;
    const char *wrong = len ? split(text, len, &read, mail, sizeof(mail)) : "it is empty";
    if (wrong)
        return wrong;
    if (!is_utf8(hexmcp_str_from(read.name)) || !is_utf8(hexmcp_str_from(mail)))
        return "it is no UTF-8";
    if (has_control(read.name))
        return "its name holds a control character";
    at = strrchr(mail, '@');
    size_t local = at ? (size_t)(at - mail) : 0;
    if (!at || has_control(mail) || !is_local(mail, local) ||
        !read_domain(at + 1, read.mail + local + 1, sizeof(read.mail) - local - 1))
        return "write it as name@example.org or Name <name@example.org>, one address alone";
    memcpy(read.mail, mail, local + 1);
    *a = read;
    return NULL;
}

bool address_is_ascii(const struct address *a)
{
    return is_ascii(a->mail);
}

bool address_rule_read(const char *rule, char out[ADDRESS_MOST + 1])
{
    struct address read = {.mail = "*"};
    size_t mark = rule[0] == '@' ? 1 : strncmp(rule, "*.", 2) == 0 ? 2 : 0;
    if (mark) {
        memcpy(out, rule, mark);
        return read_domain(rule + mark, out + mark, ADDRESS_MOST + 1 - mark);
    }
    if (strcmp(rule, "*") != 0 && (strchr(rule, '<') || address_read(rule, &read) != NULL))
        return false;
    memcpy(out, read.mail, sizeof(read.mail));
    return true;
}

bool address_allowed(const char *rule, const char *mail)
{
    const char *domain = strrchr(mail, '@') + 1;
    size_t all = strlen(domain), below = strlen(rule);
    if (strcmp(rule, "*") == 0)
        return true;
    if (rule[0] == '@')
        return strcasecmp(rule + 1, domain) == 0;
    if (strncmp(rule, "*.", 2) == 0) /* the point counts: notexample.org is not below example.org */
        return all > below - 1 && strcasecmp(domain + all - (below - 1), rule + 1) == 0;
    return strcasecmp(rule, mail) == 0;
}
