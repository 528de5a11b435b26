/* Putting values in the place of their handles. */
#include "adapters/driven/secret_store/inside.h"
#include "core/policy/host_rule.h"

struct handle {
    struct str before; /* text that is copied */
    struct str name;
};

/* The next handle of `text`, which moves on behind it. ST_NOT_FOUND: there is none. */
static int next_handle(struct str *text, struct handle *out, struct error *err)
{
    const struct str open = STR(SECRET_HANDLE_OPEN), end = STR(SECRET_HANDLE_CLOSE);
    const char *at = text->len ? memmem(text->ptr, text->len, open.ptr, open.len) : NULL;
    if (!at)
        return ST_NOT_FOUND;
    size_t before = (size_t)(at - text->ptr);
    struct str rest = {at + open.len, text->len - before - open.len};
    const char *stop = rest.len ? memmem(rest.ptr, rest.len, end.ptr, end.len) : NULL;
    struct str name = {rest.ptr, stop ? (size_t)(stop - rest.ptr) : 0};
    if (!secret_name_valid(name))
        return error_set(err, ST_INVALID,
                         "the handle of a secret is not \"{{secret:NAME}}\"; take it from "
                         "hexmcp.secrets/1");
    out->before = (struct str){text->ptr, before};
    out->name = name;
    size_t used = (size_t)(stop - text->ptr) + end.len;
    *text = (struct str){text->ptr + used, text->len - used};
    return ST_OK;
}

bool secret_granted(const struct str *names, size_t count, struct str name)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq(names[i], name))
            return true;
    return false;
}

static bool allowed_host(const struct secret *s, const struct secret_use *use)
{
    for (size_t i = 0; i < s->host_count; i++)
        if (host_rule_allows(str_from(s->hosts[i]), use->host, use->port))
            return true;
    return false;
}

static int check_use(const struct secret_store *store, const struct secret_use *use,
                     struct str name, struct secret **out, struct error *err)
{
    if (!secret_granted(use->grants->secrets, use->grants->secret_count, name))
        return error_set(err, ST_DENIED,
                         "the plugin was not granted the secret %.*s; the operator names it in "
                         "grants.secrets, and plugin.json in \"grants\": {\"secrets\": [...]}",
                         STR_ARG(name));
    struct secret *s;
    int rc = secret_need(store, name, &s, err);
    if (rc)
        return rc;
    if (!allowed_host(s, use))
        return error_set(err, ST_DENIED,
                         "the secret %s may not be sent to %.*s, port %u; add a rule to \"hosts\" of "
                         "it in secrets.sources",
                         s->name, STR_ARG(use->host), use->port);
    *out = s;
    return ST_OK;
}

static int check_value(const struct secret *s, enum secret_coding coding, struct error *err)
{
    struct str value = buffer_str(&s->values[0]);
    for (size_t i = 0; coding == SECRET_PLAIN && i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];
        if ((c < 0x20 && c != '\t') || c == 0x7F)
            return error_set(err, ST_INVALID,
                             "the secret %s has a control character, which cannot be sent there",
                             s->name);
    }
    return ST_OK;
}

/* Checks every handle and reads its value; *room is what the filled text takes at most. */
static int prepare(struct secret_store *store, const struct secret_use *use,
                   enum secret_coding coding, struct str text, size_t *room, struct error *err)
{
    struct handle h;
    int rc;
    *room = text.len + 1;
    while (!(rc = next_handle(&text, &h, err))) {
        struct secret *s = NULL;
        rc = check_use(store, use, h.name, &s, err);
        if (!rc)
            rc = secret_refresh(store, s, err);
        if (!rc)
            rc = check_value(s, coding, err);
        if (rc)
            return rc;
        *room += s->values[0].len * (coding == SECRET_PERCENT ? 3 : 1);
    }
    return rc == ST_NOT_FOUND ? ST_OK : rc;
}

static void put_value(struct buffer *out, const struct secret *s, enum secret_coding coding)
{
    struct str value = buffer_str(&s->values[0]);
    if (coding == SECRET_PERCENT)
        secret_put_percent(out, value);
    else
        buffer_add_str(out, value);
}

/* The values cannot change meanwhile: only the loop refreshes them. */
int store_fill(void *ctx, const struct secret_use *use, enum secret_coding coding, struct str text,
               struct buffer *out, struct error *err)
{
    struct secret_store *store = ctx;
    struct handle h;
    size_t room;
    int rc = prepare(store, use, coding, text, &room, err);
    if (rc)
        return rc;
    if (!buffer_reserve(out, room))
        return error_set(err, ST_NOMEM, "out of memory");
    while (next_handle(&text, &h, NULL) == ST_OK) {
        buffer_add_str(out, h.before);
        put_value(out, secret_find(store, h.name), coding);
    }
    buffer_add_str(out, text);
    return ST_OK;
}
