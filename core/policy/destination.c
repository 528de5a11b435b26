#include "core/policy/destination.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/policy/address.h"
#include "core/policy/host_rule.h"

#define ADDRESS_TEXT 48

int destinations_copy(const struct str *rules, size_t count, struct destinations *out,
                      struct error *err)
{
    size_t bytes = 1;
    for (size_t i = 0; i < count; i++)
        bytes += rules[i].len;
    struct destinations d = {.rules = calloc(count + 1, sizeof(*d.rules)), .text = malloc(bytes)};
    if (!d.rules || !d.text) {
        destinations_clear(&d);
        return error_set(err, ST_NOMEM, "out of memory");
    }
    char *at = d.text;
    for (; d.count < count; d.count++) {
        d.rules[d.count] = (struct str){at, rules[d.count].len};
        if (rules[d.count].len)
            memcpy(at, rules[d.count].ptr, rules[d.count].len);
        at += rules[d.count].len;
    }
    *out = d;
    return ST_OK;
}

void destinations_clear(struct destinations *d)
{
    free(d->rules);
    free(d->text);
    *d = (struct destinations){.count = 0};
}

/* A rule for exactly this place. */
static void rule_for(struct str host, uint16_t port, char out[300])
{
    bool bare = memchr(host.ptr, ':', host.len) && host.ptr[0] != '[';
    snprintf(out, 300, "%s%.*s%s:%u", bare ? "[" : "", (int)(host.len > 256 ? 256 : host.len), host.ptr,
             bare ? "]" : "", port);
}

int destinations_allow(const struct destinations *d, struct str host, uint16_t port,
                       struct error *err)
{
    char rule[300];
    for (size_t i = 0; i < d->count; i++)
        if (host_rule_allows(d->rules[i], host, port))
            return ST_OK;
    if (host.len == 0)
        return error_set(err, ST_DENIED, "there is no host");
    rule_for(host, port, rule);
    return error_set(err, ST_DENIED,
                     "%s is not granted; the operator grants it with --allow-host %s or "
                     "\"grants.hosts\", and plugin.json has to ask for it",
                     rule, rule);
}

static void address_text(const unsigned char *bytes, size_t len, char out[ADDRESS_TEXT])
{
    int at = 0;
    if (len == 4) {
        snprintf(out, ADDRESS_TEXT, "%u.%u.%u.%u", bytes[0], bytes[1], bytes[2], bytes[3]);
        return;
    }
    /* The longest run of zero groups, if it has more than one, becomes "::". */
    unsigned groups[8], best = 8, best_len = 1;
    for (unsigned i = 0; i < 8; i++)
        groups[i] = (unsigned)bytes[2 * i] << 8 | bytes[2 * i + 1];
    for (unsigned i = 0, run = 0; i < 8; i++) {
        run = groups[i] ? 0 : run + 1;
        if (run > best_len) {
            best_len = run;
            best = i + 1 - run;
        }
    }
    for (unsigned i = 0; i < 8; i++) {
        if (i == best) {
            at += snprintf(out + at, (size_t)(ADDRESS_TEXT - at), "::");
            i += best_len - 1;
            continue;
        }
        bool colon = i && i != best + best_len;
        at += snprintf(out + at, (size_t)(ADDRESS_TEXT - at), "%s%x", colon ? ":" : "", groups[i]);
    }
}

int destinations_reach(const struct destinations *d, struct str host, uint16_t port,
                       const unsigned char *bytes, size_t len, struct error *err)
{
    char address[ADDRESS_TEXT];
    if (len != 4 && len != 16)
        return error_set(err, ST_DENIED, "the host has an address of another kind than IP");
    for (size_t i = 0; i < d->count; i++)
        if (host_rule_reaches(d->rules[i], host, port, bytes, len))
            return ST_OK;
    /* Another rule may name the address itself. */
    address_text(bytes, len, address);
    for (size_t i = 0; i < d->count; i++)
        if (host_rule_reaches(d->rules[i], str_from(address), port, bytes, len))
            return ST_OK;
    return error_set(err, ST_DENIED,
                     "%.*s has the address %s, %s, which a rule must name to permit it: \"%s%s%s:%u\"",
                     (int)(host.len > 256 ? 256 : host.len), host.ptr ? host.ptr : "", address,
                     address_kind_name(address_kind(bytes, len)), len == 16 ? "[" : "", address,
                     len == 16 ? "]" : "", port);
}
