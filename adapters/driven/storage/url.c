/* The setting storage.url: which plugin it names, and what the plugin gets of it. */
#include "adapters/driven/storage/inside.h"

#define PLUGIN "hexmcp.storage-"
#define SCHEME_MAX 32

/* Unlike the scheme the rest may be a password. */
static int no_scheme(struct error *err)
{
    return error_set(err, ST_CONFIG,
                     "storage.url names no store; write \"sqlite:\", \"sqlite:/path/of/file\", "
                     "\"memory:\", \"postgresql://...\" or \"redis://...\"");
}

static size_t scheme_of(struct str url)
{
    size_t len = 0;
    while (len < url.len && ((url.ptr[len] >= 'a' && url.ptr[len] <= 'z') ||
                             (len && ((url.ptr[len] >= '0' && url.ptr[len] <= '9') ||
                                      url.ptr[len] == '-'))))
        len++;
    return len && len <= SCHEME_MAX && len < url.len && url.ptr[len] == ':' ? len : 0;
}

int storage_plugin_id(struct str url, struct buffer *out, struct error *err)
{
    static const struct {
        struct str scheme, kind;
    } others[] = {
        {STR_INIT("postgres"), STR_INIT("postgresql")},
        {STR_INIT("rediss"), STR_INIT("redis")},
        {STR_INIT("unix"), STR_INIT("redis")},
    };
    struct str kind = {url.ptr, scheme_of(url)};
    if (!kind.len)
        return no_scheme(err);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (str_eq(kind, others[i].scheme))
            kind = others[i].kind;
    buffer_add_str(out, STR(PLUGIN));
    buffer_add_str(out, kind);
    buffer_add_char(out, '\0');
    return buffer_failed(out) ? error_set(err, ST_NOMEM, "out of memory") : ST_OK;
}

/* ---- secrets ---------------------------------------------------------------------------------- */

static bool is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '-' || c == '.' || c == '_' || c == '~';
}

static void add_encoded(struct buffer *out, struct str value)
{
    static const char digits[] = "0123456789ABCDEF";
    buffer_reserve(out, 3 * value.len);
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];
        if (is_unreserved((char)c)) {
            buffer_add_char(out, (char)c);
            continue;
        }
        buffer_add_char(out, '%');
        buffer_add_char(out, digits[c >> 4]);
        buffer_add_char(out, digits[c & 15]);
    }
}

/* The operator wrote the URL, and may use every secret there. */
static int add_secret(struct str name, const struct secret_store_port *secrets, struct buffer *out,
                      struct error *err)
{
    const struct plugin_grants grants = {
        .secrets = &name, .secret_count = 1, .revealed = &name, .revealed_count = 1};
    struct buffer value = BUFFER_INIT;
    int rc = secrets->reveal(secrets->ctx, &grants, name, &value, err);
    if (!rc)
        add_encoded(out, buffer_str(&value));
    else
        error_prefix(err, "storage.url: ");
    buffer_wipe(&value);
    return rc;
}

static size_t find(struct str text, size_t from, const char *what)
{
    struct str word = str_from(what);
    for (size_t i = from; i + word.len <= text.len; i++)
        if (memcmp(text.ptr + i, word.ptr, word.len) == 0)
            return i;
    return text.len;
}

static int fill(struct str url, const struct secret_store_port *secrets, struct buffer *out,
                struct error *err)
{
    size_t open_len = sizeof(SECRET_HANDLE_OPEN) - 1, close_len = sizeof(SECRET_HANDLE_CLOSE) - 1;
    int rc = ST_OK;
    for (size_t at = 0; !rc && at < url.len;) {
        size_t open = find(url, at, SECRET_HANDLE_OPEN);
        buffer_add_str(out, (struct str){url.ptr + at, open - at});
        if (open == url.len)
            break;
        size_t close = find(url, open + open_len, SECRET_HANDLE_CLOSE);
        if (close == url.len)
            return error_set(err, ST_CONFIG,
                             "storage.url: {{secret: without }}; write {{secret:NAME}}");
        struct str name = {url.ptr + open + open_len, close - open - open_len};
        rc = add_secret(name, secrets, out, err);
        at = close + close_len;
    }
    return rc;
}

/* ---- settings --------------------------------------------------------------------------------- */

static int add_more(struct json_writer *w, struct str more, struct error *err)
{
    struct json_doc *doc;
    int rc = json_parse(more.len ? more : STR("{}"), &doc, err);
    if (rc)
        return rc;
    struct json_iter it = json_iter(json_root(doc));
    while (json_next(&it))
        if (!json_is(it.key, STR("url")) && !json_is(it.key, STR("folder")))
            json_put_member(w, it.key, it.value);
    json_free(doc);
    return ST_OK;
}

int storage_settings(struct str url, struct str folder, struct str more,
                     const struct secret_store_port *secrets, struct buffer *out,
                     struct error *err)
{
    struct buffer filled = BUFFER_INIT;
    struct json_writer w = json_writer(out);
    int rc = fill(url, secrets, &filled, err);
    if (!rc && buffer_failed(&filled))
        rc = error_set(err, ST_NOMEM, "out of memory");
    if (!rc) {
        buffer_reserve(out, 6 * filled.len + folder.len + more.len + 64);
        json_begin_object(&w);
        json_put_string(&w, STR("url"), buffer_str(&filled));
        if (folder.len)
            json_put_string(&w, STR("folder"), folder);
        rc = add_more(&w, more, err);
        json_end_object(&w);
    }
    buffer_wipe(&filled);
    return rc;
}
