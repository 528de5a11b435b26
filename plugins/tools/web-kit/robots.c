/*
 * SPDX-License-Identifier: MIT
 */
#include "web-kit/robots.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "web-kit/list.h"

/* Longer ones are left out, so that matching stays cheap. */
#define PATTERN_MAX ((size_t)2048)

struct rule {
    bool allow;
    char *pattern; /* normal form */
};

struct group {
    struct rule *rules;
    size_t count, room;
    bool there; /* someone named it */
    double delay;
};

struct robots {
    struct group named, others;
    char **sitemaps;
    size_t sitemap_count, sitemap_room;
};

/* Where the lines after a user-agent line go. */
struct reading {
    struct robots *robots;
    const char *agent;
    bool to_named, to_others;
    bool in_rules; /* the next user-agent line begins another group */
    bool short_of_memory;
};

struct part {
    const char *at;
    size_t len;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static struct part trim(const char *at, const char *end)
{
    while (at < end && is_blank(*at))
        at++;
    while (end > at && is_blank(end[-1]))
        end--;
    return (struct part){at, (size_t)(end - at)};
}

static bool is_key(struct part p, const char *key)
{
    return p.len == strlen(key) && strncasecmp(p.at, key, p.len) == 0;
}

static bool is_unreserved(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           memchr("-._~", c, 4) != NULL;
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static char *put_percent(char *out, unsigned char c)
{
    static const char digits[] = "0123456789ABCDEF";
    *out++ = '%';
    *out++ = digits[c >> 4];
    *out++ = digits[c & 15];
    return out;
}

/* RFC 9309, 2.2.2 and 2.2.3: octets outside of ASCII are percent-encoded, unreserved ones are not; and "*" and
 * "$" are where they stand for themselves, everywhere in a path. `out` has room for 3 * len + 1 bytes. */
static void normalise(const char *in, size_t len, bool path, char *out)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)in[i];
        if (c == '%' && len - i > 2 && hex(in[i + 1]) >= 0 && hex(in[i + 2]) >= 0) {
            c = (unsigned char)(hex(in[i + 1]) << 4 | hex(in[i + 2]));
            i += 2;
            if (is_unreserved(c))
                *out++ = (char)c;
            else
                out = put_percent(out, c);
        } else if (c >= 0x80 || c <= ' ' || (c == '*' && path) || (c == '$' && (path || i + 1 < len))) {
            out = put_percent(out, c);
        } else {
            *out++ = (char)c;
        }
    }
    *out = '\0';
}

static char *normal_form(const char *in, size_t len, bool path)
{
    char *out = malloc(3 * len + 1);
    if (out)
        normalise(in, len, path, out);
    return out;
}

static bool add_rule(struct group *g, bool allow, struct part value)
{
    char *pattern;
    if (value.len == 0 || value.len > PATTERN_MAX)
        return true;
    pattern = normal_form(value.at, value.len, false);
    if (!pattern || !LIST_ROOM(g->rules, g->count, g->room)) {
        free(pattern);
        return false;
    }
    g->rules[g->count++] = (struct rule){allow, pattern};
    return true;
}

static bool add_sitemap(struct robots *r, struct part value)
{
    if (value.len == 0 || value.len > PATTERN_MAX || r->sitemap_count == 1000)
        return true;
    char *address = strndup(value.at, value.len);
    if (!address || !LIST_ROOM(r->sitemaps, r->sitemap_count, r->sitemap_room)) {
        free(address);
        return false;
    }
    r->sitemaps[r->sitemap_count++] = address;
    return true;
}

/* A line may say "hexmcp/1.0": the token ends at the first character that cannot be in one. */
static void take_agent(struct reading *now, struct part value)
{
    size_t len = 0;
    while (len < value.len && (is_unreserved((unsigned char)value.at[len]) && value.at[len] != '.' &&
                               value.at[len] != '~'))
        len++;
    if (now->in_rules)
        now->to_named = now->to_others = now->in_rules = false;
    if (value.len > 0 && value.at[0] == '*' && (value.len == 1 || is_blank(value.at[1])))
        now->to_others = now->robots->others.there = true;
    else if (len == strlen(now->agent) && strncasecmp(value.at, now->agent, len) == 0)
        now->to_named = now->robots->named.there = true;
}

static void take_rule(struct reading *now, bool allow, struct part value)
{
    now->in_rules = true;
    if (now->to_named && !add_rule(&now->robots->named, allow, value))
        now->short_of_memory = true;
    if (now->to_others && !add_rule(&now->robots->others, allow, value))
        now->short_of_memory = true;
}

static void take_delay(struct reading *now, struct part value)
{
    char text[32] = "";
    memcpy(text, value.at, value.len < sizeof(text) ? value.len : sizeof(text) - 1);
    double delay = strtod(text, NULL);
    if (!(delay > 0 && delay < 86400))
        return;
    if (now->to_named)
        now->robots->named.delay = delay;
    if (now->to_others)
        now->robots->others.delay = delay;
}

static void take_line(struct reading *now, const char *at, const char *end)
{
    const char *comment = memchr(at, '#', (size_t)(end - at));
    const char *stop = comment ? comment : end;
    const char *colon = memchr(at, ':', (size_t)(stop - at));
    if (!colon)
        return;
    struct part key = trim(at, colon), value = trim(colon + 1, stop);
    if (is_key(key, "user-agent"))
        take_agent(now, value);
    else if (is_key(key, "allow") || is_key(key, "disallow"))
        take_rule(now, key.len == 5, value);
    else if (is_key(key, "crawl-delay"))
        take_delay(now, value);
    else if (is_key(key, "sitemap") && !add_sitemap(now->robots, trim(colon + 1, end)))
        now->short_of_memory = true;
}

struct robots *robots_new(const char *text, size_t len, const char *agent)
{
    struct reading now = {.robots = calloc(1, sizeof(*now.robots)), .agent = agent};
    const char *at = text, *end = text + (len < ROBOTS_BYTES ? len : ROBOTS_BYTES);
    if (!now.robots)
        return NULL;
    if (len >= 3 && memcmp(at, "\xEF\xBB\xBF", 3) == 0)
        at += 3;
    while (at < end && !now.short_of_memory) {
        const char *stop = at;
        while (stop < end && *stop != '\n' && *stop != '\r')
            stop++;
        take_line(&now, at, stop);
        at = stop + 1;
    }
    if (!now.short_of_memory)
        return now.robots;
    robots_free(now.robots);
    return NULL;
}

static void free_group(struct group *g)
{
    for (size_t i = 0; i < g->count; i++)
        free(g->rules[i].pattern);
    free(g->rules);
}

void robots_free(struct robots *robots)
{
    if (!robots)
        return;
    free_group(&robots->named);
    free_group(&robots->others);
    for (size_t i = 0; i < robots->sitemap_count; i++)
        free(robots->sitemaps[i]);
    free(robots->sitemaps);
    free(robots);
}

/* "*" is any text, "$" at the end is the end; else the pattern is a beginning of the path. The text of
 * the last "*" alone has to be tried again, so this takes at most the product of both lengths. */
static bool fits(const char *pattern, const char *path)
{
    const char *star = NULL, *again = NULL;
    for (;;) {
        if (*pattern == '*') {
            star = ++pattern;
            again = path;
        } else if (*pattern == '\0' || (*pattern == '$' && pattern[1] == '\0' && *path == '\0')) {
            return true;
        } else if (*path != '\0' && *pattern == *path) {
            pattern++;
            path++;
        } else if (star && *again != '\0') {
            pattern = star;
            path = ++again;
        } else {
            return false;
        }
    }
}

static const struct group *group_of(const struct robots *robots)
{
    return robots->named.there ? &robots->named : &robots->others;
}

bool robots_allow(const struct robots *robots, const char *path)
{
    const struct group *g = group_of(robots);
    size_t longest = 0;
    bool allow = true;
    char *normal;
    if (strcmp(path, "/robots.txt") == 0)
        return true;
    normal = normal_form(path, strlen(path), true);
    if (!normal)
        return false;
    for (size_t i = 0; i < g->count; i++) {
        size_t len = strlen(g->rules[i].pattern);
        if (longest > 0 && (len < longest || (len == longest && !g->rules[i].allow)))
            continue;
        if (fits(g->rules[i].pattern, normal)) {
            longest = len;
            allow = g->rules[i].allow;
        }
    }
    free(normal);
    return allow;
}

double robots_delay(const struct robots *robots)
{
    return group_of(robots)->delay;
}

const char *robots_sitemap(const struct robots *robots, size_t i)
{
    return i < robots->sitemap_count ? robots->sitemaps[i] : NULL;
}
