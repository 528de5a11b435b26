#include "core/state/place.h"

#define PART_MAX 128
#define SPACE_MAX 512

static const struct str names[STATE_SCOPES] = {
    [STATE_GLOBAL] = STR_INIT("global"),       [STATE_USER] = STR_INIT("user"),
    [STATE_SESSION] = STR_INIT("session"),     [STATE_WORKFLOW] = STR_INIT("workflow"),
    [STATE_COMPONENT] = STR_INIT("component"),
};

struct str state_scope_name(enum state_scope scope)
{
    return names[scope];
}

const char *state_scope_owner(enum state_scope scope)
{
    return scope == STATE_GLOBAL ? "tenant" : scope == STATE_USER ? "caller" : names[scope].ptr;
}

bool state_scope_from(struct str name, enum state_scope *out)
{
    for (int i = 0; i < STATE_SCOPES; i++)
        if (str_eq(names[i], name)) {
            *out = (enum state_scope)i;
            return true;
        }
    return false;
}

static bool plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '.' || c == '_' || c == '-';
}

static int add_part(struct buffer *out, struct str part, enum state_scope scope, const char *what,
                    struct error *err)
{
    static const char digits[] = "0123456789ABCDEF";
    if (part.len == 0)
        return error_set(err, ST_INVALID, "state of the scope %s needs %s", names[scope].ptr, what);
    if (part.len > PART_MAX)
        return error_set(err, ST_INVALID, "%s of %zu bytes is longer than %d", what, part.len,
                         PART_MAX);
    buffer_add_char(out, '/');
    for (size_t i = 0; i < part.len; i++) {
        unsigned char c = (unsigned char)part.ptr[i];
        if (plain((char)c)) {
            buffer_add_char(out, (char)c);
        } else {
            buffer_add_char(out, '%');
            buffer_add_char(out, digits[c >> 4]);
            buffer_add_char(out, digits[c & 15]);
        }
    }
    return ST_OK;
}

int state_space(const struct state_place *place, struct buffer *out, struct error *err)
{
    enum state_scope scope = place->scope;
    buffer_add_str(out, STR("state"));
    int rc = add_part(out, place->tenant, scope, "a tenant", err);
    if (!rc)
        rc = add_part(out, names[scope], scope, "a scope", err);
    if (!rc && scope != STATE_GLOBAL)
        rc = add_part(out, place->owner, scope, "a caller", err);
    if (!rc && scope == STATE_COMPONENT)
        rc = add_part(out, place->kind, scope, "a kind (agent, tool, hook)", err);
    if (!rc && scope > STATE_USER)
        rc = add_part(out, place->id, scope, "an id", err);
    if (!rc && buffer_failed(out))
        rc = error_set(err, ST_NOMEM, "out of memory");
    if (!rc && out->len > SPACE_MAX)
        rc = error_set(err, ST_INVALID, "the names of tenant, caller and id are too long together");
    return rc;
}

int state_key_check(struct str key, struct error *err)
{
    if (key.len == 0)
        return error_set(err, ST_INVALID, "a key of state cannot be empty");
    if (key.len > STATE_KEY_MAX)
        return error_set(err, ST_INVALID, "a key of state has at most %d bytes, this one %zu",
                         STATE_KEY_MAX, key.len);
    for (size_t i = 0; i < key.len; i++)
        if ((unsigned char)key.ptr[i] < 0x20 || key.ptr[i] == 0x7f)
            return error_set(err, ST_INVALID, "a key of state has no control characters");
    return ST_OK;
}
