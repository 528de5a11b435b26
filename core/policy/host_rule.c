#include "core/policy/host_rule.h"

#include <stdio.h>

#include "core/policy/address.h"
#include "core/uri/characters.h"

#define NAME_MAX_LENGTH 253
#define LABEL_MAX_LENGTH 63

enum form { FORM_NAME, FORM_BELOW, FORM_EVERY, FORM_ADDRESS };

enum { PORTS_WEB = -1, PORTS_ALL = -2 };

struct rule {
    enum form form;
    bool only_public;          /* "~"                                                             */
    struct str name;           /* of FORM_NAME; of FORM_BELOW what the names are below            */
    unsigned char address[16]; /* of FORM_ADDRESS                                                 */
    size_t address_len;
    int32_t port; /* PORTS_*, or one */
};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static bool same_name(struct str a, struct str b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.ptr[i]) != lower(b.ptr[i]))
            return false;
    return true;
}

static bool is_below(struct str name, struct str above)
{
    if (name.len < above.len + 2 || name.ptr[name.len - above.len - 1] != '.')
        return false;
    return same_name((struct str){name.ptr + name.len - above.len, above.len}, above);
}

static bool is_label(struct str label)
{
    if (label.len == 0 || label.len > LABEL_MAX_LENGTH || label.ptr[0] == '-' ||
        label.ptr[label.len - 1] == '-')
        return false;
    for (size_t i = 0; i < label.len; i++) {
        char c = label.ptr[i];
        if (!uri_is_letter(c) && !uri_is_digit(c) && c != '-' && c != '_')
            return false;
    }
    return true;
}

/* What makes a resolver take the whole name for an IPv4 address: 1, 0x7f, 0x. */
static bool is_number(struct str label)
{
    bool hex = label.len >= 2 && label.ptr[0] == '0' && lower(label.ptr[1]) == 'x';
    for (size_t i = hex ? 2 : 0; i < label.len; i++)
        if (hex ? hex_digit(label.ptr[i]) < 0 : !uri_is_digit(label.ptr[i]))
            return false;
    return true;
}

static bool is_name(struct str name)
{
    size_t start = 0;
    if (name.len == 0 || name.len > NAME_MAX_LENGTH)
        return false;
    for (size_t i = 0; i <= name.len; i++) {
        if (i < name.len && name.ptr[i] != '.')
            continue;
        struct str label = {name.ptr + start, i - start};
        if (!is_label(label) || (i == name.len && is_number(label)))
            return false;
        start = i + 1;
    }
    return true;
}

/* Names that only mean something in a local network, or on this machine. */
static bool is_public_name(struct str name)
{
    static const struct str local[] = {STR_INIT("localhost"), STR_INIT("local"),
                                       STR_INIT("localdomain"), STR_INIT("internal"),
                                       STR_INIT("lan"), STR_INIT("home.arpa")};
    if (!memchr(name.ptr, '.', name.len))
        return false;
    for (size_t i = 0; i < sizeof(local) / sizeof(local[0]); i++)
        if (same_name(name, local[i]) || is_below(name, local[i]))
            return false;
    return true;
}

static bool is_localhost(struct str name)
{
    return same_name(name, STR("localhost")) || is_below(name, STR("localhost"));
}

static bool read_port(struct str text, int32_t *port)
{
    int32_t number = 0;
    if (str_eq(text, STR("*"))) {
        *port = PORTS_ALL;
        return true;
    }
    if (text.len == 0 || text.len > 5 || text.ptr[0] == '0')
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (!uri_is_digit(text.ptr[i]))
            return false;
        number = number * 10 + (text.ptr[i] - '0');
    }
    *port = number;
    return number <= UINT16_MAX;
}

static bool has_brackets(struct str text)
{
    return text.len > 2 && text.ptr[0] == '[' && text.ptr[text.len - 1] == ']';
}

/* A name or an address, as a rule writes it: IPv6 in brackets. */
static bool read_host(struct str text, struct rule *out)
{
    bool brackets = has_brackets(text);
    struct str inside = brackets ? (struct str){text.ptr + 1, text.len - 2} : text;
    if (address_read(inside, out->address, &out->address_len)) {
        out->form = FORM_ADDRESS;
        return brackets == (out->address_len == 16);
    }
    out->form = FORM_NAME;
    out->name = text;
    return is_name(text);
}

static bool read_rule(struct str text, struct rule *out)
{
    struct rule rule = {.port = PORTS_WEB};
    size_t end = text.len;
    if (text.len == 0 || text.len > HOST_RULE_MAX)
        return false;
    while (end > 0 && text.ptr[end - 1] != ':' && text.ptr[end - 1] != ']')
        end--;
    if (end > 0 && text.ptr[end - 1] == ':') {
        if (!read_port((struct str){text.ptr + end, text.len - end}, &rule.port))
            return false;
        text.len = end - 1;
    }
    if (str_eq(text, STR("*"))) {
        rule.form = FORM_EVERY;
    } else if (str_starts(text, STR("*."))) {
        rule.form = FORM_BELOW;
        rule.name = (struct str){text.ptr + 2, text.len - 2};
        if (!is_name(rule.name))
            return false;
    } else {
        rule.only_public = str_starts(text, STR("~"));
        if (!read_host(uri_behind(text, rule.only_public), &rule) ||
            (rule.only_public && rule.form != FORM_NAME))
            return false;
    }
    *out = rule;
    return true;
}

/* The reason why read_rule() refuses `rule`, as far as a mistake of it is a usual one. */
static const char *mistake(struct str rule)
{
    unsigned char bytes[16];
    size_t len;
    bool ascii = true;
    for (size_t i = 0; i < rule.len; i++)
        ascii = ascii && (unsigned char)rule.ptr[i] < 0x80;
    if (!ascii)
        return "write an international name in its ASCII form, xn--...";
    if (memchr(rule.ptr, '/', rule.len))
        return "write the host alone, without a scheme, a path or a mask";
    if (memchr(rule.ptr, '@', rule.len))
        return "write the host alone, without a user";
    if (address_read(rule, bytes, &len))
        return "write an IPv6 address in brackets: [::1]";
    if (rule.ptr[rule.len - 1] == '.')
        return "leave out the dot at the end";
    if (memchr(rule.ptr, '*', rule.len))
        return "\"*\" stands alone, or as \"*.\" before a name, or as \":*\" for every port";
    return "write a name, an IPv4 address of four decimal numbers, or an IPv6 address in brackets, "
           "with :PORT if it is another than 80 and 443";
}

bool host_rule_valid(struct str rule, struct error *err)
{
    struct rule parsed;
    if (read_rule(rule, &parsed))
        return true;
    if (rule.len == 0)
        error_set(err, ST_INVALID, "a rule for hosts is empty; \"*\" is every public host");
    else if (rule.len > HOST_RULE_MAX)
        error_set(err, ST_INVALID, "a rule for hosts has %zu bytes; the limit is %d", rule.len,
                  HOST_RULE_MAX);
    else
        error_set(err, ST_INVALID, "\"%.*s\" is no rule for hosts; %s", STR_ARG(rule),
                  mistake(rule));
    return false;
}

static bool port_allowed(const struct rule *rule, uint16_t port)
{
    if (rule->port == PORTS_ALL)
        return port != 0;
    return rule->port == PORTS_WEB ? port == 80 || port == 443 : port == rule->port;
}

/* A host as somebody wants to connect to it. */
static bool read_target(struct str text, struct rule *out)
{
    bool brackets = has_brackets(text);
    struct str inside = brackets ? (struct str){text.ptr + 1, text.len - 2} : text;
    if (address_read(inside, out->address, &out->address_len)) {
        out->form = FORM_ADDRESS;
        return !brackets || out->address_len == 16;
    }
    if (text.len > 1 && text.ptr[text.len - 1] == '.')
        text.len--;
    out->form = FORM_NAME;
    out->name = text;
    return is_name(text);
}

static bool host_matches(const struct rule *rule, const struct rule *host)
{
    bool is_address = host->form == FORM_ADDRESS;
    switch (rule->form) {
    case FORM_EVERY:
        return is_address ? address_is_public(host->address, host->address_len)
                          : is_public_name(host->name);
    case FORM_BELOW:
        return !is_address && is_below(host->name, rule->name);
    case FORM_NAME:
        return !is_address && same_name(host->name, rule->name);
    default:
        return is_address && host->address_len == rule->address_len &&
               memcmp(host->address, rule->address, rule->address_len) == 0;
    }
}

static bool allows(const struct rule *rule, struct str host, uint16_t port)
{
    struct rule target;
    return port_allowed(rule, port) && read_target(host, &target) && host_matches(rule, &target);
}

bool host_rule_allows(struct str text, struct str host, uint16_t port)
{
    struct rule rule;
    return read_rule(text, &rule) && allows(&rule, host, port);
}

bool host_rule_reaches(struct str text, struct str host, uint16_t port, const unsigned char *bytes,
                       size_t len)
{
    struct rule rule;
    if (!read_rule(text, &rule) || !allows(&rule, host, port))
        return false;
    if (rule.form == FORM_ADDRESS)
        return len == rule.address_len && memcmp(bytes, rule.address, len) == 0;
    enum address_kind kind = address_kind(bytes, len);
    if (kind == ADDRESS_PUBLIC)
        return true;
    if (rule.form != FORM_NAME || rule.only_public)
        return false;
    return kind == ADDRESS_PRIVATE || (kind == ADDRESS_LOOPBACK && is_localhost(rule.name));
}

static bool ports_meet(int32_t a, int32_t b, int32_t *out)
{
    if (a == PORTS_ALL || a == b)
        *out = b;
    else if (b == PORTS_ALL)
        *out = a;
    else if (a == PORTS_WEB && (b == 80 || b == 443))
        *out = b;
    else if (b == PORTS_WEB && (a == 80 || a == 443))
        *out = a;
    else
        return false;
    return true;
}

/* What both allow, if it is a part of what `b` says; else the other order finds it. */
static bool hosts_meet(const struct rule *a, const struct rule *b, struct rule *out)
{
    struct rule met = *b;
    bool found;
    switch (b->form) {
    case FORM_EVERY:
        found = a->form == FORM_EVERY;
        break;
    case FORM_BELOW:
        found = (a->form == FORM_EVERY && is_public_name(b->name)) ||
                (a->form == FORM_BELOW &&
                 (same_name(a->name, b->name) || is_below(b->name, a->name)));
        break;
    default:
        found = host_matches(a, b);
        met.only_public = b->form == FORM_NAME &&
                          (b->only_public || a->form != FORM_NAME || a->only_public);
    }
    if (found)
        *out = met;
    return found;
}

static bool meet(struct str a, struct str b, struct rule *out)
{
    struct rule x, y;
    int32_t port;
    if (!read_rule(a, &x) || !read_rule(b, &y) || !ports_meet(x.port, y.port, &port) ||
        (!hosts_meet(&x, &y, out) && !hosts_meet(&y, &x, out)))
        return false;
    out->port = port;
    return true;
}

static void write_address(const struct rule *rule, struct buffer *out)
{
    const unsigned char *bytes = rule->address;
    char text[8];
    if (rule->address_len == 4) {
        for (int i = 0; i < 4; i++) {
            snprintf(text, sizeof(text), i ? ".%d" : "%d", bytes[i]);
            buffer_add_str(out, str_from(text));
        }
        return;
    }
    for (int i = 0; i < 16; i += 2) {
        snprintf(text, sizeof(text), i ? ":%x" : "[%x", (unsigned)(bytes[i] << 8 | bytes[i + 1]));
        buffer_add_str(out, str_from(text));
    }
    buffer_add_char(out, ']');
}

bool host_rule_meet(struct str a, struct str b, struct buffer *out)
{
    struct rule both;
    if (!meet(a, b, &both))
        return false;
    if (both.form == FORM_EVERY)
        buffer_add_char(out, '*');
    else if (both.form == FORM_ADDRESS)
        write_address(&both, out);
    else {
        buffer_add_str(out, str_from(both.form == FORM_BELOW ? "*." : both.only_public ? "~" : ""));
        for (size_t i = 0; i < both.name.len; i++)
            buffer_add_char(out, lower(both.name.ptr[i]));
    }
    if (both.port != PORTS_WEB)
        buffer_add_char(out, ':');
    if (both.port == PORTS_ALL)
        buffer_add_char(out, '*');
    else if (both.port != PORTS_WEB)
        buffer_add_u64(out, (uint64_t)both.port);
    return true;
}
