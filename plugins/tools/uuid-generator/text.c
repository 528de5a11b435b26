#include "text.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char *const format_names[] = {"standard", "simple", "urn", "braced"};

const char *uuid_format_name(enum uuid_format format)
{
    return format_names[format];
}

bool uuid_format_find(const char *name, enum uuid_format *ret_format)
{
    for (unsigned i = 0; i < sizeof(format_names) / sizeof(format_names[0]); i++)
        if (strcmp(name, format_names[i]) == 0) {
            *ret_format = (enum uuid_format)i;
            return true;
        }
    return false;
}

void uuid_to_text(const uuid_t uuid, enum uuid_format format, char out[UUID_TEXT_CAPACITY])
{
    char text[UUID_STR_LEN];
    uuid_unparse_lower(uuid, text);
    switch (format) {
    case UUID_STANDARD:
        memcpy(out, text, UUID_STR_LEN);
        break;
    case UUID_SIMPLE:
        snprintf(out, UUID_TEXT_CAPACITY, "%.8s%.4s%.4s%.4s%s", text, text + 9, text + 14,
                 text + 19, text + 24);
        break;
    case UUID_URN:
        snprintf(out, UUID_TEXT_CAPACITY, "urn:uuid:%s", text);
        break;
    case UUID_BRACED:
        snprintf(out, UUID_TEXT_CAPACITY, "{%s}", text);
        break;
    }
}

static bool parse_standard(const char *text, size_t len, uuid_t out)
{
    char copy[UUID_STR_LEN];
    if (len != UUID_STR_LEN - 1)
        return false;
    memcpy(copy, text, len);
    copy[len] = '\0';
    return uuid_parse(copy, out) == 0;
}

static bool parse_simple(const char *text, uuid_t out)
{
    char copy[UUID_STR_LEN];
    snprintf(copy, sizeof(copy), "%.8s-%.4s-%.4s-%.4s-%.12s", text, text + 8, text + 12, text + 16,
             text + 20);
    return uuid_parse(copy, out) == 0;
}

bool uuid_from_text(const char *text, size_t len, uuid_t out, enum uuid_format *ret_format)
{
    *ret_format = UUID_STANDARD;
    if (len == 32 && !memchr(text, '-', len)) {
        *ret_format = UUID_SIMPLE;
        return parse_simple(text, out);
    }
    if (len == 38 && text[0] == '{' && text[37] == '}') {
        *ret_format = UUID_BRACED;
        return parse_standard(text + 1, 36, out);
    }
    if (len == 45 && strncasecmp(text, "urn:uuid:", 9) == 0) {
        *ret_format = UUID_URN;
        return parse_standard(text + 9, 36, out);
    }
    return parse_standard(text, len, out);
}

bool uuid_namespace(const char *text, size_t len, uuid_t out)
{
    static const char *const standard[] = {"dns", "url", "oid", "x500"};
    static const char *const ours[] = {"agent", "tool", "workflow"};
    enum uuid_format format;
    for (size_t i = 0; i < sizeof(standard) / sizeof(standard[0]); i++)
        if (strcmp(text, standard[i]) == 0) {
            uuid_copy(out, *uuid_get_template(text));
            return true;
        }
    for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
        if (strcmp(text, ours[i]) == 0) {
            char name[64];
            int name_len = snprintf(name, sizeof(name), "urn:hexmcp:namespace:%s", text);
            uuid_generate_sha1(out, *uuid_get_template("url"), name, (size_t)name_len);
            return true;
        }
    return uuid_from_text(text, len, out, &format);
}
