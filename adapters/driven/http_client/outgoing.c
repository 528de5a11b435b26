#include "adapters/driven/http_client/outgoing.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define METHOD_BYTES_MAX 32u
#define TIMEOUT_MS_MAX 3600000
#define CONNECT_MS_MAX 600000
#define REDIRECTS_MAX 10
#define BYTES_MAX ((int64_t)1 << 40)

/* ---- values ---- */

/* A member that is a string, decoded; *out stays what it is if there is none. */
static int read_text(struct outgoing *o, struct json from, struct str name, struct str *out,
                     struct error *err)
{
    struct buffer scratch = BUFFER_INIT;
    struct json value = json_get(from, name);
    struct str text;
    if (!json_exists(value))
        return ST_OK;
    if (!json_string(value, &scratch, &text)) {
        buffer_clear(&scratch);
        return error_set(err, ST_INVALID, "\"%.*s\" is not a string", STR_ARG(name));
    }
    *out = arena_copy(&o->arena, text);
    buffer_clear(&scratch);
    return out->ptr ? ST_OK : error_set(err, ST_NOMEM, "out of memory");
}

static int read_number(struct json from, struct str name, int64_t least, int64_t most, uint64_t *out,
                       struct error *err)
{
    struct json value = json_get(from, name);
    int64_t number;
    if (!json_exists(value))
        return ST_OK;
    if (!json_int64(value, &number) || number < least || number > most)
        return error_set(err, ST_INVALID, "\"%.*s\" is not a number from %lld to %lld", STR_ARG(name),
                         (long long)least, (long long)most);
    *out = (uint64_t)number;
    return ST_OK;
}

static int read_bool(struct json from, struct str name, bool *out, struct error *err)
{
    struct json value = json_get(from, name);
    if (!json_exists(value) || json_bool(value, out))
        return ST_OK;
    return error_set(err, ST_INVALID, "\"%.*s\" is neither true nor false", STR_ARG(name));
}

/* ---- words of HTTP ---- */

static bool is_token(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!isalnum((unsigned char)text.ptr[i]) && !memchr("!#$%&'*+-.^_`|~", text.ptr[i], 15))
            return false;
    return text.len > 0;
}

static bool is_clean(struct str value)
{
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

static bool is_word(struct str text, const char *word)
{
    return text.len == strlen(word) && strncasecmp(text.ptr, word, text.len) == 0;
}

static bool starts_with(struct str text, const char *word)
{
    size_t len = strlen(word);
    return text.len >= len && strncasecmp(text.ptr, word, len) == 0;
}

static bool ends_with(struct str text, const char *word)
{
    size_t len = strlen(word);
    return text.len >= len && strncasecmp(text.ptr + text.len - len, word, len) == 0;
}

/* Who sets these says something about the connection, which is the host's. */
static bool is_reserved(struct str name)
{
    static const char *const names[] = {"host",    "content-length", "transfer-encoding",
                                        "connection", "keep-alive",  "upgrade",
                                        "te",      "trailer",        "expect"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (is_word(name, names[i]))
            return true;
    return starts_with(name, "proxy-");
}

static bool is_confidential(struct str name, struct str value)
{
    static const char *const ends[] = {"-key", "-token", "-secret"};
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        if (ends_with(name, ends[i]))
            return true;
    return is_word(name, "authorization") || is_word(name, "cookie") ||
           memmem(value.ptr, value.len, "{{secret:", 9);
}

/* ---- headers ---- */

static int add_field(struct outgoing *o, struct str name, struct str value, struct error *err)
{
    struct http_field field = {
        .name = arena_copy(&o->arena, name),
        .value = arena_copy(&o->arena, value),
        .secret = is_confidential(name, value),
    };
    if (o->arena.failed)
        return error_set(err, ST_NOMEM, "out of memory");
    o->computed[o->field_count] = (struct computed){.kind = COMPUTED_NOTHING};
    o->fields[o->field_count++] = field;
    return ST_OK;
}

static int check_field(struct str name, struct str value, struct error *err)
{
    if (!is_token(name))
        return error_set(err, ST_INVALID, "\"headers\": \"%.*s\" is no name of a header",
                         is_clean(name) ? (int)(name.len > 64 ? 64 : name.len) : 0, name.ptr);
    if (is_reserved(name))
        return error_set(err, ST_INVALID, "\"headers\": %.*s belongs to the connection, which is the "
                         "host's; leave it out", STR_ARG(name));
    if (!is_clean(value))
        return error_set(err, ST_INVALID, "\"headers\": the value of %.*s holds a line break or "
                         "another control character", STR_ARG(name));
    return ST_OK;
}

/* What the host puts behind the value of the last field. */
static int read_computed(struct outgoing *o, struct json value, size_t *bytes, struct error *err)
{
    struct computed *computed = &o->computed[o->field_count - 1];
    int rc = computed_read(value, &o->arena, computed, err);
    if (rc)
        return rc;
    if (computed->kind == COMPUTED_HMAC && o->streams)
        return error_set(err, ST_INVALID, "\"headers\": what is signed comes in one piece, not by "
                         "\"stream\"");
    o->fields[o->field_count - 1].secret = true;
    *bytes += computed->text.len;
    return ST_OK;
}

static int read_field(struct outgoing *o, struct json pair, size_t *bytes, struct error *err)
{
    struct buffer names = BUFFER_INIT, values = BUFFER_INIT;
    struct str name, value;
    uint32_t count = json_count(pair);
    int rc;
    if (count < 2 || count > 3 || !json_string(json_at(pair, 0), &names, &name) ||
        !json_string(json_at(pair, 1), &values, &value))
        rc = error_set(err, ST_INVALID, "\"headers\" is not a list of [name, value]");
    else
        rc = check_field(name, value, err);
    if (!rc) {
        *bytes += name.len + value.len + 4;
        rc = *bytes > FIELD_BYTES_MAX
                 ? error_set(err, ST_INVALID, "\"headers\" has more than %zu bytes", FIELD_BYTES_MAX)
                 : add_field(o, name, value, err);
    }
    if (!rc && count == 3)
        rc = read_computed(o, json_at(pair, 2), bytes, err);
    buffer_clear(&names);
    buffer_clear(&values);
    return rc;
}

static int read_fields(struct outgoing *o, struct json list, struct error *err)
{
    struct json_iter it = json_iter(list);
    size_t bytes = 0;
    int rc = ST_OK;
    if (json_exists(list) && json_type(list) != JSON_ARRAY)
        return error_set(err, ST_INVALID, "\"headers\" is not a list of [name, value]");
    if (json_count(list) > FIELDS_MAX)
        return error_set(err, ST_INVALID, "\"headers\" has more than %u entries", FIELDS_MAX);
    /* Three more: of the host. */
    o->fields = arena_alloc(&o->arena, (json_count(list) + 3) * sizeof(*o->fields));
    o->computed = arena_alloc(&o->arena, (json_count(list) + 3) * sizeof(*o->computed));
    if (!o->fields || !o->computed)
        return error_set(err, ST_NOMEM, "out of memory");
    while (!rc && json_next(&it))
        rc = read_field(o, it.value, &bytes, err);
    return rc;
}

static bool has_field(const struct outgoing *o, const char *name)
{
    for (size_t i = 0; i < o->field_count; i++)
        if (is_word(o->fields[i].name, name))
            return true;
    return false;
}

/* What the host adds unless the plugin says it. */
static int add_ours(struct outgoing *o, struct json root, bool traces, const char *version,
                    struct error *err)
{
    static const char *const names[] = {"traceparent", "tracestate"};
    char agent[80];
    int rc = ST_OK;
    snprintf(agent, sizeof(agent), "hexmcp/%s", version);
    if (!has_field(o, "user-agent"))
        rc = add_field(o, STR("User-Agent"), str_from(agent), err);
    for (size_t i = 0; !rc && traces && i < 2 && !has_field(o, names[i]); i++) {
        struct str value = {NULL, 0};
        rc = read_text(o, root, str_from(names[i]), &value, err);
        if (!rc && value.len && is_clean(value))
            rc = add_field(o, str_from(names[i]), value, err);
    }
    return rc;
}

/* ---- the request ---- */

static int read_method(struct outgoing *o, struct json from, struct error *err)
{
    struct str method = STR("GET");
    int rc = read_text(o, from, STR("method"), &method, err);
    if (rc)
        return rc;
    if (!is_token(method) || method.len > METHOD_BYTES_MAX)
        return error_set(err, ST_INVALID, "\"method\" is no method of HTTP");
    if (is_word(method, "CONNECT") || is_word(method, "TRACE"))
        return error_set(err, ST_INVALID, "\"method\": %.*s is not for plugins", STR_ARG(method));
    o->method = method.ptr;
    return ST_OK;
}

static int read_url(struct outgoing *o, struct json from, struct error *err)
{
    struct str url = {NULL, 0};
    int rc = read_text(o, from, STR("url"), &url, err);
    if (rc)
        return rc;
    if (url.len == 0)
        return error_set(err, ST_INVALID, "\"url\" is missing");
    if (url.len > URL_BYTES_MAX)
        return error_set(err, ST_INVALID, "\"url\" has more than %u bytes", URL_BYTES_MAX);
    for (size_t i = 0; i < url.len; i++)
        if ((unsigned char)url.ptr[i] <= 0x20 || (unsigned char)url.ptr[i] == 0x7f)
            return error_set(err, ST_INVALID, "\"url\" holds a space or a control character");
    o->url = url.ptr;
    return ST_OK;
}

static int read_limits(struct outgoing *o, struct json from, struct error *err)
{
    uint64_t redirects = 5;
    int rc = read_number(from, STR("timeoutMs"), 1, TIMEOUT_MS_MAX, &o->timeout_ms, err);
    if (!rc)
        rc = read_number(from, STR("connectTimeoutMs"), 1, CONNECT_MS_MAX, &o->connect_ms, err);
    if (!rc)
        rc = read_number(from, STR("maxRedirects"), 0, REDIRECTS_MAX, &redirects, err);
    if (!rc)
        rc = read_number(from, STR("maxBytes"), 0, BYTES_MAX, &o->max_bytes, err);
    if (!rc)
        rc = read_bool(from, STR("decompress"), &o->unpacks, err);
    if (!rc)
        rc = read_bool(from, STR("stream"), &o->streams, err);
    o->max_redirects = (unsigned)redirects;
    return rc;
}

/* A word that is misspelt would silently be the default. */
static int check_members(struct json from, struct error *err)
{
    static const char *const known[] = {"url", "method", "headers", "timeoutMs", "connectTimeoutMs",
                                        "maxRedirects", "maxBytes", "decompress", "stream"};
    struct json_iter it = json_iter(from);
    if (json_type(from) != JSON_OBJECT)
        return error_set(err, ST_INVALID, "the request is not a JSON object");
    while (json_next(&it)) {
        size_t i = 0, count = sizeof(known) / sizeof(known[0]);
        while (i < count && !json_is(it.key, str_from(known[i])))
            i++;
        if (i == count)
            return error_set(err, ST_INVALID, "the request has the unknown member %.*s",
                             STR_ARG(json_text(it.key)));
    }
    return ST_OK;
}

int outgoing_read(struct str text, bool traces, const char *version, struct outgoing *out,
                  struct error *err)
{
    struct json_doc *doc;
    struct error fault;
    *out = (struct outgoing){.unpacks = true, .timeout_ms = 60000, .connect_ms = 10000,
                             .max_bytes = (uint64_t)64 << 20};
    if (json_parse(text, &doc, &fault))
        return error_set(err, ST_INVALID, "the request is no JSON: %s", fault.text);
    struct json from = json_get(json_root(doc), STR("request"));
    int rc = check_members(from, err);
    if (!rc)
        rc = read_url(out, from, err);
    if (!rc)
        rc = read_method(out, from, err);
    if (!rc)
        rc = read_limits(out, from, err);
    if (!rc)
        rc = read_fields(out, json_get(from, STR("headers")), err);
    if (!rc)
        rc = add_ours(out, json_root(doc), traces, version, err);
    json_free(doc);
    return rc;
}

void outgoing_clear(struct outgoing *out)
{
    for (size_t i = 0; i < out->field_count; i++)
        if (out->fields[i].secret)
            explicit_bzero((char *)(uintptr_t)out->fields[i].value.ptr, out->fields[i].value.len);
    arena_clear(&out->arena);
}
