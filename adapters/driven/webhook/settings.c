/* The setting events.webhooks. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "adapters/driven/webhook/inside.h"
#include "core/events/topic.h"
#include "core/policy/address.h"
#include "core/policy/host_rule.h"
#include "core/uri/parts.h"
#include "core/uri/uri.h"

#define PATTERNS_MAX 100u

static bool is_name(struct str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.'))
            return false;
    }
    return name.len >= 1 && name.len <= WEBHOOK_NAME_MAX;
}

static bool read_text(struct json from, struct arena *arena, struct str *out)
{
    struct buffer scratch = BUFFER_INIT;
    struct str text;
    bool is = json_string(from, &scratch, &text);
    if (is)
        *out = arena_copy(arena, text);
    buffer_clear(&scratch);
    return is;
}

static int read_number(struct json from, struct str name, int64_t least, int64_t most, uint32_t *out,
                       struct error *err)
{
    struct json value = json_get(from, name);
    int64_t number;
    if (!json_exists(value))
        return ST_OK;
    if (!json_int64(value, &number) || number < least || number > most)
        return error_set(err, ST_CONFIG, "\"%.*s\" is not a number from %lld to %lld", STR_ARG(name),
                         (long long)least, (long long)most);
    *out = (uint32_t)number;
    return ST_OK;
}

static int read_patterns(struct json list, struct arena *arena, struct webhook_settings *s,
                         struct error *err)
{
    struct json_iter it = json_iter(list);
    if (json_type(list) != JSON_ARRAY || json_count(list) < 1 || json_count(list) > PATTERNS_MAX)
        return error_set(err, ST_CONFIG, "\"events\" is not a list of 1 to %u patterns of topics",
                         PATTERNS_MAX);
    s->patterns = arena_alloc(arena, json_count(list) * sizeof(*s->patterns));
    while (!arena->failed && json_next(&it)) {
        struct str *pattern = &s->patterns[s->pattern_count++];
        if (!read_text(it.value, arena, pattern) || !topic_pattern_valid(*pattern))
            return error_set(err, ST_CONFIG,
                             "\"events\": %.*s is no pattern of topics; write \"store.session.**\" or "
                             "\"store.*.*.MessageSent\"",
                             STR_ARG(json_text(it.value)));
    }
    return ST_OK;
}

static bool is_localhost(struct str host)
{
    static const char below[] = ".localhost";
    size_t len = sizeof(below) - 1;
    return (host.len == len - 1 && strncasecmp(host.ptr, below + 1, host.len) == 0) ||
           (host.len > len && strncasecmp(host.ptr + host.len - len, below, len) == 0);
}

static bool is_address(struct str host)
{
    unsigned char bytes[16];
    size_t len;
    bool brackets = host.len > 2 && host.ptr[0] == '[';
    return address_read(brackets ? (struct str){host.ptr + 1, host.len - 2} : host, bytes, &len);
}

/* A private address only if the URL is written with it: a name may lead anywhere tomorrow. */
static int make_rule(struct str host, struct str port, struct arena *arena, struct webhook_settings *s,
                     struct error *err)
{
    char rule[HOST_RULE_MAX + 1];
    bool named = is_address(host) || is_localhost(host);
    int len = snprintf(rule, sizeof(rule), "%s%.*s:%.*s", named ? "" : "~", STR_ARG(host), STR_ARG(port));
    if (len > HOST_RULE_MAX || memchr(host.ptr, '*', host.len) || memchr(host.ptr, '~', host.len) ||
        str_eq(port, STR("*")) || !host_rule_valid(str_from(rule), NULL))
        return error_set(err, ST_CONFIG,
                         "\"url\": \"%.*s:%.*s\" is no public name and no address with a port; a private "
                         "host is written as its address, or as localhost",
                         STR_ARG(host), STR_ARG(port));
    s->rule = arena_copy(arena, str_from(rule));
    return ST_OK;
}

static int read_place(struct arena *arena, struct webhook_settings *s, struct error *err)
{
    struct uri_parts parts = uri_parts(s->url);
    bool tls = parts.scheme.len == 6 && strncasecmp(parts.scheme.ptr, "https:", 6) == 0;
    bool plain = parts.scheme.len == 5 && strncasecmp(parts.scheme.ptr, "http:", 5) == 0;
    if (!uri_is_valid(s->url) || (!tls && !plain) || parts.authority.len < 3)
        return error_set(err, ST_CONFIG, "\"url\" is no URL that begins with https:// or http://");
    if (memchr(parts.authority.ptr, '@', parts.authority.len) || parts.fragment.len)
        return error_set(err, ST_CONFIG, "\"url\" has a user or a fragment; leave it out");
    struct str host = {parts.authority.ptr + 2, parts.authority.len - 2};
    struct str port = tls ? STR("443") : STR("80");
    s->place = arena_copy(arena, (struct str){s->url.ptr, parts.scheme.len + parts.authority.len});
    const char *end = host.ptr[0] == '[' ? memchr(host.ptr, ']', host.len) : host.ptr;
    const char *colon = end ? memchr(end, ':', host.len - (size_t)(end - host.ptr)) : NULL;
    if (colon) {
        port = (struct str){colon + 1, host.len - (size_t)(colon + 1 - host.ptr)};
        host.len = (size_t)(colon - host.ptr);
    }
    return make_rule(host, port, arena, s, err);
}

static int check_members(struct json value, struct error *err)
{
    static const char *const known[] = {"url", "events", "secret", "timeoutMs", "attempts", "maxQueue"};
    struct json_iter it = json_iter(value);
    if (json_type(value) != JSON_OBJECT)
        return error_set(err, ST_CONFIG, "is not an object");
    while (json_next(&it)) {
        size_t i = 0, count = sizeof(known) / sizeof(known[0]);
        while (i < count && !json_is(it.key, str_from(known[i])))
            i++;
        if (i == count)
            return error_set(err, ST_CONFIG,
                             "has the unknown member %.*s; there are url, events, secret, timeoutMs, "
                             "attempts and maxQueue",
                             STR_ARG(json_text(it.key)));
    }
    return ST_OK;
}

static int read_all(struct json value, struct arena *arena, struct webhook_settings *s,
                    struct error *err)
{
    int rc = check_members(value, err);
    if (!rc && !read_text(json_get(value, STR("url")), arena, &s->url))
        rc = error_set(err, ST_CONFIG, "\"url\" is missing");
    if (!rc)
        rc = read_place(arena, s, err);
    if (!rc)
        rc = read_patterns(json_get(value, STR("events")), arena, s, err);
    if (!rc && (!read_text(json_get(value, STR("secret")), arena, &s->secret) ||
                !secret_name_valid(s->secret)))
        rc = error_set(err, ST_CONFIG, "\"secret\" is not the name of a secret of secrets.sources");
    if (!rc)
        rc = read_number(value, STR("timeoutMs"), 100, 600000, &s->timeout_ms, err);
    if (!rc)
        rc = read_number(value, STR("attempts"), 1, 100, &s->attempts, err);
    if (!rc)
        rc = read_number(value, STR("maxQueue"), 1, 1000, &s->max_queue, err);
    return rc;
}

int webhook_settings_read(struct json name, struct json value, struct arena *arena,
                          struct webhook_settings *out, struct error *err)
{
    struct webhook_settings s = {.timeout_ms = 10000, .attempts = 5, .max_queue = 1000};
    if (!read_text(name, arena, &s.name) || !is_name(s.name))
        return error_set(err, ST_CONFIG,
                         "events.webhooks: %.*s is no name of a webhook: 1 to %u small letters, digits, "
                         "'-' and '.'",
                         STR_ARG(json_text(name)), WEBHOOK_NAME_MAX);
    int rc = read_all(value, arena, &s, err);
    if (rc)
        return error_prefix(err, "events.webhooks: \"%.*s\": ", STR_ARG(s.name));
    if (arena->failed)
        return error_set(err, ST_NOMEM, "out of memory");
    *out = s;
    return ST_OK;
}
