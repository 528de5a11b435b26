#include "core/origin/origin.h"

#include "core/uri/address.h"
#include "core/uri/characters.h"

struct authority {
    struct str name;
    struct str port; /* without ':'; NULL without a port */
};

static bool equal_without_case(struct str a, struct str b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++) {
        char x = a.ptr[i], y = b.ptr[i];
        if (x != y && !(uri_is_letter(x) && uri_is_letter(y) && (x | 0x20) == (y | 0x20)))
            return false;
    }
    return true;
}

/* 1 to 65535 without a leading zero; 0 if it is no port. */
static uint16_t port_number(struct str text)
{
    uint32_t number = 0;
    if (text.len == 0 || text.len > 5 || text.ptr[0] == '0')
        return 0;
    for (size_t i = 0; i < text.len; i++) {
        if (!uri_is_digit(text.ptr[i]))
            return 0;
        number = number * 10 + (uint32_t)(text.ptr[i] - '0');
    }
    return number > UINT16_MAX ? 0 : (uint16_t)number;
}

static bool is_name(struct str text)
{
    if (text.len > 2 && text.ptr[0] == '[' && text.ptr[text.len - 1] == ']')
        return address_is_ipv6((struct str){text.ptr + 1, text.len - 2});
    if (text.len == 0 || text.len > 255)
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (!uri_is_unreserved(text.ptr[i]))
            return false;
    return true;
}

/* NAME or NAME:PORT. */
static bool read_authority(struct str text, struct authority *out)
{
    size_t end = text.len;
    while (end > 0 && uri_is_digit(text.ptr[end - 1]))
        end--;
    bool has_port = end > 0 && text.ptr[end - 1] == ':';
    struct str name = {text.ptr, has_port ? end - 1 : text.len};
    struct str port = {has_port ? text.ptr + end : NULL, has_port ? text.len - end : 0};
    if (!is_name(name) || (has_port && !port_number(port)))
        return false;
    *out = (struct authority){name, port};
    return true;
}

static bool is_loopback_name(struct str name)
{
    return equal_without_case(name, STR("localhost")) || str_eq(name, STR("127.0.0.1")) ||
           str_eq(name, STR("[::1]"));
}

/* A loopback name with a port of ours; `usual` is the port that is meant when none is written. */
static bool is_us(const struct origin_rules *rules, const struct authority *a, uint16_t usual)
{
    uint16_t port = a->port.ptr ? port_number(a->port) : usual;
    if (!is_loopback_name(a->name))
        return false;
    for (size_t i = 0; i < rules->port_count; i++)
        if (rules->ports[i] == port)
            return true;
    return false;
}

static bool host_matches(struct str entry, const struct authority *host)
{
    struct authority allowed;
    return read_authority(entry, &allowed) && equal_without_case(allowed.name, host->name) &&
           (!allowed.port.ptr || (host->port.ptr && str_eq(allowed.port, host->port)));
}

bool origin_host_allowed(const struct origin_rules *rules, struct str host)
{
    struct authority a;
    if (!read_authority(host, &a))
        return false;
    if (is_us(rules, &a, 80) || is_us(rules, &a, 443))
        return true;
    for (size_t i = 0; i < rules->host_count; i++)
        if (host_matches(rules->hosts[i], &a))
            return true;
    return false;
}

struct parts {
    struct str scheme;
    struct authority authority;
};

static bool read_origin(struct str text, struct parts *out)
{
    size_t len = 0;
    while (len < text.len && (uri_is_letter(text.ptr[len]) ||
                              (len > 0 && (uri_is_digit(text.ptr[len]) ||
                                           uri_is_one_of(text.ptr[len], "+-.")))))
        len++;
    struct str rest = {text.ptr + len, text.len - len};
    if (len == 0 || !str_starts(rest, STR("://")))
        return false;
    out->scheme = (struct str){text.ptr, len};
    return read_authority((struct str){rest.ptr + 3, rest.len - 3}, &out->authority);
}

/* The port that a browser leaves out; 0 if there is none for the scheme. */
static uint16_t usual_port(struct str scheme)
{
    if (equal_without_case(scheme, STR("http")))
        return 80;
    return equal_without_case(scheme, STR("https")) ? 443 : 0;
}

static uint16_t port_of(const struct authority *a, uint16_t usual)
{
    return a->port.ptr ? port_number(a->port) : usual;
}

static bool same_authority(const struct parts *origin, struct str host)
{
    struct authority a;
    uint16_t usual = usual_port(origin->scheme);
    return read_authority(host, &a) && equal_without_case(a.name, origin->authority.name) &&
           port_of(&a, usual) == port_of(&origin->authority, usual);
}

static bool origin_matches(struct str entry, const struct parts *origin)
{
    struct parts allowed;
    uint16_t usual = usual_port(origin->scheme);
    return read_origin(entry, &allowed) && equal_without_case(allowed.scheme, origin->scheme) &&
           equal_without_case(allowed.authority.name, origin->authority.name) &&
           port_of(&allowed.authority, usual) == port_of(&origin->authority, usual);
}

static bool is_named(const struct origin_rules *rules, struct str text, const struct parts *origin)
{
    for (size_t i = 0; i < rules->origin_count; i++)
        if (origin ? origin_matches(rules->origins[i], origin) : str_eq(rules->origins[i], text))
            return true;
    return false;
}

bool origin_allowed(const struct origin_rules *rules, struct str origin, struct str host)
{
    struct parts parts;
    if (str_eq(origin, STR("null")))
        return is_named(rules, origin, NULL);
    if (!read_origin(origin, &parts))
        return false;
    if (is_named(rules, origin, &parts))
        return true;
    uint16_t usual = usual_port(parts.scheme);
    return usual && (same_authority(&parts, host) || is_us(rules, &parts.authority, usual));
}

int origin_rules_check(const struct origin_rules *rules, struct error *err)
{
    struct parts parts;
    for (size_t i = 0; i < rules->host_count; i++)
        if (!read_authority(rules->hosts[i], &parts.authority))
            return error_set(err, ST_CONFIG,
                             "\"%.*s\" is no host; write a name or an address (IPv6 in brackets), "
                             "with :PORT if only that port is meant",
                             STR_ARG(rules->hosts[i]));
    for (size_t i = 0; i < rules->origin_count; i++)
        if (!str_eq(rules->origins[i], STR("null")) && !read_origin(rules->origins[i], &parts))
            return error_set(err, ST_CONFIG,
                             "\"%.*s\" is no origin; write it as browsers do, e.g. "
                             "https://tools.example or http://tools.example:8080",
                             STR_ARG(rules->origins[i]));
    return ST_OK;
}
