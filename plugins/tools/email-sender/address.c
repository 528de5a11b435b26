/*
 * SPDX-License-Identifier: MIT
 */
#include "address.h"

#include "hexmcp/json.h"
#include "kit/encode.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define LOCAL_MOST 64
#define LABEL_MOST 63

static bool is_alphanumeric(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_local(const char *text, size_t len)
{
    if (len == 0 || len > LOCAL_MOST || text[0] == '.' || text[len - 1] == '.')
        return false;
    for (size_t i = 0; i < len; i++)
        if (!is_alphanumeric(text[i]) && !strchr("!#$%&'*+-/=?^_`{|}~.", text[i]))
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

static bool is_domain(const char *text)
{
    for (;;) {
        size_t len = strcspn(text, ".");
        if (!is_label(text, len))
            return false;
        if (text[len] == '\0')
            return true;
        text += len + 1;
    }
}

static const char *check_name(const char *name)
{
    for (const char *at = name; *at; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            return "its name holds a control character";
    return is_utf8(hexmcp_str_from(name)) ? NULL : "its name is no UTF-8";
}

/* Splits "name <mail>"; the quotes around a name go. */
static const char *split(const char *text, struct address *a)
{
    const char *open = strrchr(text, '<');
    size_t len = strlen(text), name = open ? (size_t)(open - text) : 0;
    if (open) {
        if (text[len - 1] != '>')
            return "it has a \"<\" without a \">\" at its end";
        while (name > 0 && text[name - 1] == ' ')
            name--;
        if (name > 1 && text[0] == '"' && text[name - 1] == '"') {
            text++;
            name -= 2;
        }
        len = strlen(open) - 2;
        open++;
    } else {
        open = text;
    }
    if (name > ADDRESS_NAME_MOST || len > ADDRESS_MOST)
        return "it is too long";
    snprintf(a->name, sizeof(a->name), "%.*s", (int)name, text);
    snprintf(a->mail, sizeof(a->mail), "%.*s", (int)len, open);
    return NULL;
}

const char *address_read(const char *text, struct address *a)
{
    struct address read;
    const char *wrong = *text ? split(text, &read) : "it is empty";
    if (!wrong)
        wrong = check_name(read.name);
    if (wrong)
        return wrong;
    char *at = strrchr(read.mail, '@');
    if (!at || !is_local(read.mail, (size_t)(at - read.mail)) || !is_domain(at + 1))
        return "write it as name@example.org or Name <name@example.org>, in ASCII before and behind the @";
    for (char *c = at; *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c | 0x20);
    *a = read;
    return NULL;
}

bool address_rule_valid(const char *rule)
{
    struct address ignored;
    if (strcmp(rule, "*") == 0)
        return true;
    if (rule[0] == '@')
        return is_domain(rule + 1);
    if (strncmp(rule, "*.", 2) == 0)
        return is_domain(rule + 2);
    return !strchr(rule, '<') && address_read(rule, &ignored) == NULL;
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
