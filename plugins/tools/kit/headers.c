/*
 * SPDX-License-Identifier: MIT
 */
#include "kit/headers.h"

#include <ctype.h>
#include <strings.h>

#include "kit/secret.h"

#define HEADERS_MOST 90
#define VALUE_MOST 8192

void headers_begin(struct headers *h)
{
    memset(h, 0, sizeof(*h));
    hexmcp_json_writer_init(&h->sent);
    hexmcp_json_writer_init(&h->shown);
    hexmcp_json_begin_array(&h->sent);
    hexmcp_json_begin_object(&h->shown);
}

void headers_end(struct headers *h)
{
    hexmcp_json_writer_free(&h->sent);
    hexmcp_json_writer_free(&h->shown);
    bytes_free(&h->names);
}

hexmcp_str headers_sent(struct headers *h)
{
    hexmcp_json_end_array(&h->sent);
    return hexmcp_json_writer_text(&h->sent);
}

hexmcp_str headers_shown(struct headers *h)
{
    hexmcp_json_end_object(&h->shown);
    return hexmcp_json_writer_text(&h->shown);
}

bool headers_have(const struct headers *h, const char *name)
{
    for (size_t at = 0; at < h->names.len; at += strlen(h->names.ptr + at) + 1)
        if (strcasecmp(h->names.ptr + at, name) == 0)
            return true;
    return false;
}

/* ---- what the tool puts ---- */

/* false if there is one of this name. */
static bool begin_one(struct headers *h, const char *name, const char *value)
{
    if (headers_have(h, name))
        return false;
    if (!bytes_add(&h->names, name, strlen(name) + 1))
        return false;
    hexmcp_json_begin_array(&h->sent);
    hexmcp_json_write_text(&h->sent, name);
    hexmcp_json_write_text(&h->sent, value);
    return true;
}

/* As the answer shows it where the server repeats it. */
static void show(struct headers *h, const char *name, const char *prefix, const char *kind,
                 const char *text)
{
    struct bytes b = {0};
    bool good = bytes_add(&b, prefix, strlen(prefix)) && bytes_add(&b, kind, strlen(kind)) &&
                bytes_add(&b, text, strlen(text)) && bytes_add(&b, "}}", *kind ? 2 : 0);
    hexmcp_json_put_text(&h->shown, name, good ? b.ptr : "");
    bytes_free(&b);
}

void headers_put(struct headers *h, const char *name, const char *value)
{
    if (!begin_one(h, name, value))
        return;
    hexmcp_json_end_array(&h->sent);
    show(h, name, "", "", value);
}

void headers_put_base64(struct headers *h, const char *name, const char *prefix, const char *text)
{
    if (!begin_one(h, name, prefix))
        return;
    hexmcp_json_begin_object(&h->sent);
    hexmcp_json_put_text(&h->sent, "base64", text);
    hexmcp_json_end_object(&h->sent);
    hexmcp_json_end_array(&h->sent);
    show(h, name, prefix, "{{base64:", text);
}

void headers_put_hmac(struct headers *h, const char *name, const char *prefix, const char *key,
                      const char *text, bool hex)
{
    if (!begin_one(h, name, prefix))
        return;
    hexmcp_json_begin_object(&h->sent);
    hexmcp_json_put_text(&h->sent, "hmacSha256", key);
    hexmcp_json_put_text(&h->sent, "of", text);
    hexmcp_json_put_text(&h->sent, "as", hex ? "hex" : "base64");
    hexmcp_json_end_object(&h->sent);
    hexmcp_json_end_array(&h->sent);
    show(h, name, prefix, "{{hmac-sha256:", key);
}

/* ---- what the arguments say ---- */

static bool ends_with(const char *name, const char *end)
{
    size_t len = strlen(name), most = strlen(end);
    return len >= most && strcasecmp(name + len - most, end) == 0;
}

static bool is_credential(const char *name)
{
    if (strcasecmp(name, "Idempotency-Key") == 0)
        return false;
    return strcasecmp(name, "Authorization") == 0 || strcasecmp(name, "Cookie") == 0 ||
           ends_with(name, "-key") || ends_with(name, "-token") || ends_with(name, "-secret") ||
           ends_with(name, "apikey") || ends_with(name, "-password");
}

static bool is_name(const char *name)
{
    for (const char *c = name; *c; c++)
        if (!isalnum((unsigned char)*c) && !strchr("!#$%&'*+-.^_`|~", *c))
            return false;
    return *name && strlen(name) <= 100;
}

static bool is_value(const char *value)
{
    for (const char *c = value; *c; c++)
        if (((unsigned char)*c < 0x20 && *c != '\t') || *c == 0x7f)
            return false;
    return true;
}

/* For whoever gives a value in the place of a secret. */
static void fail_literal(struct args *args, const char *what)
{
    args_fail(args, HEXMCP_E_INVALID,
              "%s%.100s is a credential, and those are not taken as text: the operator sets it with "
              "\"secrets.sources\" and \"grants.secrets\" of the configuration; then give {\"secret\": "
              "\"NAME\"} in its place, or {{secret:NAME}} in a text",
              args->name, what);
}

static const char *value_of(const hexmcp_round *r, struct args *args, const char *name,
                            hexmcp_str value)
{
    if (hexmcp_json_type(value) == HEXMCP_JSON_OBJECT)
        return secret_argument(r, args, name);
    const char *text = args_string(args, value, name, VALUE_MOST);
    if (!is_value(text))
        args_fail(args, HEXMCP_E_INVALID,
                  "%s%.100s holds a line break or another control character; leave it out", args->name,
                  name);
    else if (is_credential(name) && !strstr(text, "{{secret:"))
        fail_literal(args, name);
    return text;
}

static void read_one(const hexmcp_round *r, struct args *part, hexmcp_str key, hexmcp_str value,
                     struct headers *h)
{
    const char *name = args_string(part, key, "a name", 100);
    if (args_status(part) != HEXMCP_OK)
        return;
    if (!is_name(name)) {
        args_fail(part, HEXMCP_E_INVALID,
                  "%s has a member that is no name of a header: letters, digits and \"-\", at most 100",
                  part->name);
        return;
    }
    if (headers_have(h, name)) {
        args_fail(part, HEXMCP_E_INVALID, "%s%.100s is given twice; give it once", part->name, name);
        return;
    }
    const char *text = value_of(r, part, name, value);
    if (args_status(part) == HEXMCP_OK)
        headers_put(h, name, text);
}

void headers_read(const hexmcp_round *r, struct args *args, const char *key, struct headers *h)
{
    struct args part = args_object(args, key);
    hexmcp_json_iter it = hexmcp_json_iter_begin(part.json);
    hexmcp_str name, value;
    unsigned count = 0;
    while (args_status(args) == HEXMCP_OK && hexmcp_json_next(&it, &name, &value)) {
        if (++count > HEADERS_MOST)
            args_fail(args, HEXMCP_E_TOO_LARGE, "%s%s has more than %d members; give fewer", args->name,
                      key, HEADERS_MOST);
        else
            read_one(r, &part, name, value, h);
    }
}

/* ---- authentication ---- */

static const char *secret_needed(const hexmcp_round *r, struct args *auth, const char *key)
{
    hexmcp_str value = args_raw(auth, key);
    if (value.len == 0)
        args_fail(auth, HEXMCP_E_INVALID,
                  "%s%s is missing; give {\"secret\": \"NAME\"}, a secret that the operator has set",
                  auth->name, key);
    else if (hexmcp_json_type(value) != HEXMCP_JSON_OBJECT)
        fail_literal(auth, key);
    const char *handle = secret_argument(r, auth, key);
    return handle ? handle : "";
}

static char *joined(struct args *args, const char *a, const char *b)
{
    size_t room = strlen(a) + strlen(b) + 1;
    char *text = args_memory(args, room);
    if (text)
        snprintf(text, room, "%s%s", a, b);
    return text;
}

static void read_basic(const hexmcp_round *r, struct args *auth, struct headers *h)
{
    const char *user = args_needed(auth, "username", 256);
    const char *handle = secret_needed(r, auth, "password");
    if (strchr(user, ':'))
        args_fail(auth, HEXMCP_E_INVALID, "%susername holds \":\", which it cannot; correct it",
                  auth->name);
    char *first = joined(auth, user, ":"), *pair = first ? joined(auth, first, handle) : NULL;
    if (args_status(auth) == HEXMCP_OK)
        headers_put_base64(h, "Authorization", "Basic ", pair);
}

static void read_bearer(const hexmcp_round *r, struct args *auth, struct headers *h)
{
    char *value = joined(auth, "Bearer ", secret_needed(r, auth, "token"));
    if (args_status(auth) == HEXMCP_OK)
        headers_put(h, "Authorization", value);
}

static void add_parameter(struct args *auth, const char *name, const char *handle, struct bytes *url)
{
    bool has_query = memchr(url->ptr, '?', url->len) != NULL;
    if (memchr(url->ptr, '#', url->len)) {
        args_fail(auth, HEXMCP_E_INVALID,
                  "the URL has a fragment (#...), which is not sent; leave it out");
        return;
    }
    if (!bytes_add(url, has_query ? "&" : "?", 1) || !bytes_add(url, name, strlen(name)) ||
        !bytes_add(url, "=", 1) || !bytes_add(url, handle, strlen(handle)))
        args_fail(auth, HEXMCP_E_NOMEM, "out of memory for the URL; try again");
}

static void read_api_key(const hexmcp_round *r, struct args *auth, struct headers *h,
                         struct bytes *url)
{
    const char *parameter = args_text(auth, "query_name", 100, NULL);
    const char *name = args_text(auth, "header_name", 100, "X-API-Key");
    const char *handle = secret_needed(r, auth, "key");
    if (!is_name(parameter ? parameter : name))
        args_fail(auth, HEXMCP_E_INVALID, "%s%s is no name: letters, digits and \"-\"; correct it",
                  auth->name, parameter ? "query_name" : "header_name");
    if (args_status(auth) != HEXMCP_OK)
        return;
    if (parameter)
        add_parameter(auth, parameter, handle, url);
    else
        headers_put(h, name, handle);
}

void headers_read_auth(const hexmcp_round *r, struct args *args, const char *key, struct headers *h,
                       struct bytes *url)
{
    static const char *const types[] = {"none", "basic", "bearer", "api_key", "custom", NULL};
    struct args auth = args_object(args, key);
    if (args_status(args) != HEXMCP_OK || auth.json.len == 0)
        return;
    if (!args_has(&auth, "type"))
        args_fail(&auth, HEXMCP_E_INVALID,
                  "%stype is missing; give one of none, basic, bearer, api_key, custom", auth.name);
    size_t type = args_choice(&auth, "type", types, 0);
    if ((type == 1 || type == 2) && headers_have(h, "Authorization"))
        args_fail(&auth, HEXMCP_E_INVALID,
                  "headers has an Authorization, and auth makes one; leave one of them out");
    if (type == 1)
        read_basic(r, &auth, h);
    else if (type == 2)
        read_bearer(r, &auth, h);
    else if (type == 3)
        read_api_key(r, &auth, h, url);
    else if (type == 4)
        headers_read(r, &auth, "headers", h);
}

/* ---- the URL ---- */

static bool is_secret_parameter(const char *name, size_t len)
{
    static const char *const names[] = {"api_key",    "apikey",   "api-key", "access_token",
                                        "auth_token", "password", "passwd",  "client_secret"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strlen(names[i]) == len && strncasecmp(names[i], name, len) == 0)
            return true;
    return false;
}

static void check_query(struct args *args, const char *key, const char *query)
{
    while (query) {
        const char *name = query + 1;
        size_t len = strcspn(name, "=&#");
        const char *value = name + len;
        if (*value == '=' && value[1] && value[1] != '&' && is_secret_parameter(name, len) &&
            strncmp(value + 1, "{{secret:", 9) != 0) {
            char what[140];
            snprintf(what, sizeof(what), "%.30s: the parameter %.*s", key, (int)len, name);
            fail_literal(args, what);
        }
        query = strpbrk(name + len, "&");
    }
}

static bool has_scheme(const char *url, const char *plain, const char *tls)
{
    return strncasecmp(url, plain, strlen(plain)) == 0 || strncasecmp(url, tls, strlen(tls)) == 0;
}

static const char *read_url(struct args *args, const char *key, bool sockets)
{
    const char *url = args_needed(args, key, 8000);
    const char *rest = strstr(url, "://");
    if (args_status(args) != HEXMCP_OK)
        return "";
    if (!has_scheme(url, "http://", "https://") && !(sockets && has_scheme(url, "ws://", "wss://"))) {
        args_fail(args, HEXMCP_E_INVALID, "%s%s does not begin with %s; give the whole URL", args->name, key,
                  sockets ? "http://, https://, ws:// or wss://" : "http:// or https://");
        return "";
    }
    if (strpbrk(url, " \t") || !is_value(url)) {
        args_fail(args, HEXMCP_E_INVALID,
                  "%s%s holds a space or a control character; write it percent-encoded (a space is %%20)",
                  args->name, key);
        return "";
    }
    size_t host = strcspn(rest + 3, "/?#");
    if (memchr(rest + 3, '@', host))
        args_fail(args, HEXMCP_E_INVALID,
                  "%s%s has a user or password in it; leave them out and give auth, whose secrets the "
                  "operator sets with \"secrets.sources\" of the configuration",
                  args->name, key);
    check_query(args, key, strchr(url, '?'));
    return url;
}

const char *url_argument(struct args *args, const char *key)
{
    return read_url(args, key, false);
}

const char *url_or_socket_argument(struct args *args, const char *key)
{
    return read_url(args, key, true);
}
