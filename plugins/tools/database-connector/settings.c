/*
 * SPDX-License-Identifier: MIT
 */
#include "settings.h"

#include <stdio.h>
#include <sys/types.h>

#include "kit/args.h"

#define SYSTEM_AUTHORITIES "/etc/ssl/certs/ca-certificates.crt"

static const char *const engines[] = {"postgresql", "mariadb", "sqlite"};
static const char *const tls_names[] = {"verify", "require", "off", NULL};

const char *engine_name(enum engine engine)
{
    return engines[engine];
}

struct database *settings_find(struct settings *s, const char *name)
{
    for (size_t i = 0; i < s->count; i++)
        if (strcmp(s->databases[i].name, name) == 0)
            return &s->databases[i];
    return NULL;
}

/* ---- URLs ---- */

static int hex(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* Without percent coding; false if it does not fit, or holds NUL or a control character. */
static bool decode(const char *from, size_t len, char *to, size_t room)
{
    size_t at = 0;
    for (size_t i = 0; i < len; i++) {
        char c = from[i];
        if (c == '%') {
            if (i + 2 >= len || hex(from[i + 1]) < 0 || hex(from[i + 2]) < 0)
                return false;
            c = (char)(hex(from[i + 1]) << 4 | hex(from[i + 2]));
            i += 2;
        }
        if (at + 1 >= room || (unsigned char)c < ' ')
            return false;
        to[at++] = c;
    }
    to[at] = '\0';
    return true;
}

static const char *read_scheme(const char *url, struct database *db)
{
    static const struct {
        const char *name;
        enum engine engine;
        uint32_t port;
    } schemes[] = {{"postgresql://", ENGINE_POSTGRESQL, 5432},
                   {"postgres://", ENGINE_POSTGRESQL, 5432},
                   {"mariadb://", ENGINE_MARIADB, 3306},
                   {"mysql://", ENGINE_MARIADB, 3306}};
    for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++) {
        size_t len = strlen(schemes[i].name);
        if (strncmp(url, schemes[i].name, len) == 0) {
            db->engine = schemes[i].engine;
            db->port = schemes[i].port;
            return url + len;
        }
    }
    return NULL;
}

/* "host", "host:port", "[::1]:port" */
static bool read_place(const char *from, size_t len, struct database *db)
{
    const char *end = from + len, *colon;
    char *after;
    if (len > 0 && *from == '[') {
        const char *close = memchr(from, ']', len);
        if (!close || !decode(from + 1, (size_t)(close - from) - 1, db->host, sizeof(db->host)))
            return false;
        colon = close + 1;
    } else {
        colon = memchr(from, ':', len);
        colon = colon ? colon : end;
        if (!decode(from, (size_t)(colon - from), db->host, sizeof(db->host)))
            return false;
    }
    if (colon < end) {
        unsigned long port = *colon == ':' ? strtoul(colon + 1, &after, 10) : 0;
        if (port == 0 || port > 65535 || after != end || colon[1] == '-' || colon[1] == '+' ||
            colon[1] == ' ')
            return false;
        db->port = (uint32_t)port;
    }
    return db->host[0] != '\0' && db->host[0] != '/' && !strchr(db->host, ',');
}

static int32_t bad_url(hexmcp_error *err)
{
    return hexmcp_fail(err, HEXMCP_E_CONFIG,
                       "its url must be postgresql://USER@HOST:PORT/DATABASE or "
                       "mariadb://USER@HOST:PORT/DATABASE, without a query");
}

int32_t settings_read_url(const char *url, struct database *db, hexmcp_error *err)
{
    const char *rest = read_scheme(url, db);
    const char *slash = rest ? strchr(rest, '/') : NULL;
    const char *at = rest && slash ? memchr(rest, '@', (size_t)(slash - rest)) : NULL;
    if (!at || strchr(slash + 1, '?') || strchr(slash + 1, '/'))
        return bad_url(err);
    if (memchr(rest, ':', (size_t)(at - rest)))
        return hexmcp_fail(err, HEXMCP_E_CONFIG,
                           "its url has a password; write \"password\": {\"secret\": "
                           "\"database-password\"} in its place");
    if (!decode(rest, (size_t)(at - rest), db->user, sizeof(db->user)) || !db->user[0] ||
        !decode(slash + 1, strlen(slash + 1), db->base, sizeof(db->base)) || !db->base[0] ||
        !read_place(at + 1, (size_t)(slash - at) - 1, db))
        return bad_url(err);
    return HEXMCP_OK;
}

/* ---- members ---- */

static bool is_this_machine(const char *host)
{
    return strcmp(host, "localhost") == 0 || strncmp(host, "127.", 4) == 0 ||
           strcmp(host, "::1") == 0;
}

/* The host puts the handle {{secret:NAME}} where the settings name a secret. */
static void read_password(struct args *args, struct database *db)
{
    static const char open[] = "{{secret:";
    const char *handle = args_text(args, "password", 100, NULL);
    size_t len = handle ? strlen(handle) : 0, prefix = sizeof(open) - 1;
    if (!handle)
        return;
    if (len < prefix + 3 || len - prefix - 2 >= sizeof(db->secret) ||
        strncmp(handle, open, prefix) != 0) {
        args_fail(args, HEXMCP_E_CONFIG,
                  "its password must be {\"secret\": NAME}, the name of a secret in secrets.sources");
        return;
    }
    snprintf(db->secret, sizeof(db->secret), "%.*s", (int)(len - prefix - 2), handle + prefix);
}

static int32_t read_database(struct args *args, struct database *db, hexmcp_error *err)
{
    const char *url = args_needed(args, "url", 1000);
    if (args_status(args) == HEXMCP_OK && settings_read_url(url, db, err) != HEXMCP_OK) {
        char text[300];
        snprintf(text, sizeof(text), "%.299s", err->text);
        return args_fail(args, HEXMCP_E_CONFIG, "%s", text);
    }
    db->tls = (enum tls)args_choice(args, "tls", tls_names,
                                    is_this_machine(db->host) ? TLS_OFF : TLS_VERIFY);
    db->read_only = args_bool(args, "readOnly", true);
    db->pool = (int)args_int(args, "pool", 1, POOL_MOST, 4);
    snprintf(db->ca_file, sizeof(db->ca_file), "%s",
             args_text(args, "caFile", sizeof(db->ca_file) - 1, SYSTEM_AUTHORITIES));
    if (db->ca_file[0] != '/')
        args_fail(args, HEXMCP_E_CONFIG, "its caFile must be an absolute path");
    read_password(args, db);
    return args_status(args);
}

static int32_t read_named(struct settings *s, hexmcp_str key, hexmcp_str value, hexmcp_error *err)
{
    struct database *db = &s->databases[s->count];
    char name[sizeof(db->name)] = "?";
    if (s->count == DATABASES_MOST)
        return hexmcp_fail(err, HEXMCP_E_CONFIG, "there are more than %d databases", DATABASES_MOST);
    *db = (struct database){.engine = ENGINE_POSTGRESQL};
    struct args args = args_begin(value, err);
    if (hexmcp_json_string(key, name, sizeof(name), NULL) != HEXMCP_OK || !name[0])
        args_fail(&args, HEXMCP_E_CONFIG, "the name of a database has 1 to 100 bytes");
    else if (hexmcp_json_type(value) != HEXMCP_JSON_OBJECT)
        args_fail(&args, HEXMCP_E_CONFIG, "it must be an object with a url");
    int32_t status = args_status(&args);
    if (status == HEXMCP_OK)
        status = read_database(&args, db, err);
    args_end(&args);
    if (status != HEXMCP_OK) {
        char text[300];
        snprintf(text, sizeof(text), "%.299s", err->text);
        return hexmcp_fail(err, HEXMCP_E_CONFIG, "the database \"%s\" in the settings: %s", name, text);
    }
    strcpy(db->name, name);
    s->count++;
    return HEXMCP_OK;
}

int32_t settings_read(struct settings *s, hexmcp_str json, hexmcp_error *err)
{
    hexmcp_str list, key, value;
    int32_t status = HEXMCP_OK;
    s->count = 0;
    if (hexmcp_json_get(json, "databases", &list) != HEXMCP_OK)
        return HEXMCP_OK;
    if (hexmcp_json_type(list) != HEXMCP_JSON_OBJECT)
        return hexmcp_fail(err, HEXMCP_E_CONFIG, "\"databases\" in the settings must be an object");
    hexmcp_json_iter it = hexmcp_json_iter_begin(list);
    while (status == HEXMCP_OK && hexmcp_json_next(&it, &key, &value))
        status = read_named(s, key, value, err);
    return status;
}
