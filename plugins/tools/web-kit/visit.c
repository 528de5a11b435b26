/*
 * SPDX-License-Identifier: MIT
 */
#include "web-kit/visit.h"

#include <stdio.h>
#include <string.h>

#include "kit/args.h"
#include "web-kit/link.h"

/* robots.txt files above this are not read at all; above ROBOTS_BYTES they are not read to the end. */
#define ROBOTS_MOST ((uint64_t)4 * 1024 * 1024)
#define ROBOTS_TIMEOUT_MS 15000u

struct visited_site {
    struct visited_site *next;
    char *origin;
    struct robots *robots;
    bool closed;  /* its robots.txt cannot be had now, which means that nothing may be fetched */
    char why[200];
};

static int32_t no_memory(const hexmcp_round *r)
{
    return hexmcp_fail(r->err, HEXMCP_E_NOMEM, "out of memory for the request; try again");
}

char *visit_header(const struct fetch_answer *answer, const char *name)
{
    hexmcp_str value = fetch_header(answer, name);
    char *text;
    size_t len;
    return value.len > 0 && hexmcp_json_string_dup(value, &text, &len) == HEXMCP_OK ? text : NULL;
}

/* What is left of the time; 0: none. */
static uint32_t left_ms(const struct visitor *v)
{
    double spent = pace_ms(v->pace);
    return spent < v->timeout_ms ? v->timeout_ms - (uint32_t)spent : 0;
}

static int32_t ask(struct visitor *v, const struct visit *visit, const char *url, int redirects,
                   struct fetch_answer *answer)
{
    const char *headers[8][2] = {{"User-Agent", VISIT_AGENT}, {"Accept", visit->accept}};
    size_t count = 2;
    uint32_t left = left_ms(v);
    for (size_t i = 0; i < visit->header_count && count < 8; i++, count++) {
        headers[count][0] = visit->headers[i][0];
        headers[count][1] = visit->headers[i][1];
    }
    if (left == 0)
        return hexmcp_fail(v->r->err, HEXMCP_E_TIMEOUT,
                           "the time of %u ms is over before %.200s was fetched; give a longer timeout_ms",
                           v->timeout_ms, url);
    struct fetch_request q = {.url = url,
                              .headers = (const char *const(*)[2])headers,
                              .header_count = count,
                              .timeout_ms = left,
                              .max_redirects = redirects,
                              .max_bytes = visit->max_bytes};
    return fetch(v->r, &q, answer);
}

/* ---- robots.txt ---- */

static void read_robots(struct visited_site *site, const struct fetch_answer *answer)
{
    const char *text = answer->body.ptr ? answer->body.ptr : "";
    size_t len = answer->body.len;
    /* 4xx: there are no rules. Anything else that is no success: nobody knows, so nothing goes. */
    if (answer->status < 200 || answer->status >= 500 ||
        (answer->status >= 300 && answer->status < 400)) {
        site->closed = true;
        snprintf(site->why, sizeof(site->why), "the server answers %d", answer->status);
        return;
    }
    if (answer->status >= 400)
        len = 0;
    site->robots = robots_new(text, len, VISIT_TOKEN);
}

static int32_t fetch_robots(struct visitor *v, struct visited_site *site)
{
    struct visit visit = {.accept = "text/plain", .max_bytes = ROBOTS_MOST};
    struct fetch_answer answer;
    size_t room = strlen(site->origin) + 16;
    char *url = malloc(room);
    if (!url)
        return no_memory(v->r);
    snprintf(url, room, "%s/robots.txt", site->origin);
    int32_t status = ask(v, &visit, url, VISIT_REDIRECTS, &answer);
    free(url);
    if (status == HEXMCP_OK) {
        read_robots(site, &answer);
        fetch_free(&answer);
        return site->robots || site->closed ? HEXMCP_OK : no_memory(v->r);
    }
    if (status != HEXMCP_E_UNAVAILABLE && status != HEXMCP_E_TOO_LARGE && status != HEXMCP_E_PROTOCOL)
        return status;
    site->closed = true;
    snprintf(site->why, sizeof(site->why), "%.199s", v->r->err->text);
    return HEXMCP_OK;
}

static void free_site(struct visited_site *site)
{
    robots_free(site->robots);
    free(site->origin);
    free(site);
}

static int32_t know(struct visitor *v, const char *url, const struct visited_site **known)
{
    char *origin = link_origin(url);
    struct visited_site *site = v->sites;
    if (!origin)
        return no_memory(v->r);
    while (site && strcmp(site->origin, origin) != 0)
        site = site->next;
    if (site) {
        free(origin);
        *known = site;
        return HEXMCP_OK;
    }
    site = calloc(1, sizeof(*site));
    if (!site) {
        free(origin);
        return no_memory(v->r);
    }
    site->origin = origin;
    int32_t status = fetch_robots(v, site);
    if (status != HEXMCP_OK) {
        free_site(site);
        return status;
    }
    site->next = v->sites;
    v->sites = site;
    *known = site;
    return HEXMCP_OK;
}

int32_t visitor_robots(struct visitor *v, const char *url, const struct robots **robots)
{
    const struct visited_site *site;
    *robots = NULL;
    if (v->ignore_robots)
        return HEXMCP_OK;
    int32_t status = know(v, url, &site);
    if (status == HEXMCP_OK)
        *robots = site->robots;
    return status;
}

static int32_t may(struct visitor *v, const char *url)
{
    const struct visited_site *site;
    if (v->ignore_robots)
        return HEXMCP_OK;
    int32_t status = know(v, url, &site);
    if (status != HEXMCP_OK)
        return status;
    if (site->closed)
        return hexmcp_fail(v->r->err, HEXMCP_E_UNAVAILABLE,
                           "%s/robots.txt cannot be read (%s), so nothing of this site is fetched; try "
                           "later, or give ignore_robots true if its owner allows you to",
                           site->origin, site->why);
    char *path = link_path(url);
    bool allow = path && robots_allow(site->robots, path);
    if (!path)
        return no_memory(v->r);
    if (!allow)
        hexmcp_fail(v->r->err, HEXMCP_E_DENIED,
                    "%.100s/robots.txt does not let robots fetch %.150s; give ignore_robots true only "
                    "if its owner allows you to",
                    site->origin, path);
    free(path);
    return allow ? HEXMCP_OK : HEXMCP_E_DENIED;
}

/* ---- pages ---- */

static bool is_redirect(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

static bool is_downgrade(const char *from, const char *to)
{
    return strncmp(from, "https:", 6) == 0 && strncmp(to, "http:", 5) == 0;
}

static int32_t next_url(struct visitor *v, const char *url, const char *location, char **next)
{
    char *to = link_resolve(url, location, strlen(location));
    if (to && link_is_web(to) && !is_downgrade(url, to)) {
        link_drop_fragment(to);
        *next = to;
        return HEXMCP_OK;
    }
    free(to);
    return hexmcp_fail(v->r->err, HEXMCP_E_DENIED,
                       "%.200s redirects to %.150s, which is not followed: only http and https, never "
                       "from https to http",
                       url, location);
}

/* One request. *next is where a redirect leads, or NULL. */
static int32_t step(struct visitor *v, const struct visit *visit, const char *url, char **next,
                    struct fetch_answer *answer)
{
    *next = NULL;
    int32_t status = may(v, url);
    if (status == HEXMCP_OK)
        status = ask(v, visit, url, -1, answer);
    if (status != HEXMCP_OK || !is_redirect(answer->status))
        return status;
    char *location = visit_header(answer, "location");
    if (location)
        status = next_url(v, url, location, next);
    free(location);
    if (status != HEXMCP_OK || *next)
        fetch_free(answer);
    return status;
}

int32_t visitor_get(struct visitor *v, const struct visit *visit, struct fetch_answer *answer)
{
    char *url = strdup(visit->url), *next;
    int32_t status = url ? HEXMCP_OK : no_memory(v->r);
    for (int hops = 0; status == HEXMCP_OK; hops++) {
        if (hops > VISIT_REDIRECTS) {
            status = hexmcp_fail(v->r->err, HEXMCP_E_UNAVAILABLE,
                                 "%.200s redirects more than %d times; give the address where it ends",
                                 visit->url, VISIT_REDIRECTS);
            break;
        }
        status = step(v, visit, url, &next, answer);
        if (status != HEXMCP_OK || !next) {
            if (status == HEXMCP_OK)
                answer->redirects = hops;
            break;
        }
        free(url);
        url = next;
        status = pace_step(v->pace, hops + 1, 0, "following a redirect");
    }
    free(url);
    return status;
}

void visitor_end(struct visitor *v)
{
    while (v->sites) {
        struct visited_site *next = v->sites->next;
        free_site(v->sites);
        v->sites = next;
    }
}

int32_t visit_status(const hexmcp_round *r, const struct fetch_answer *answer)
{
    if (answer->status >= 200 && answer->status < 300)
        return HEXMCP_OK;
    const char *next = answer->status == 404 || answer->status == 410 ? "check the address"
                       : answer->status == 401 || answer->status == 403
                           ? "the page is not for everybody"
                           : "try again later";
    return hexmcp_fail(r->err, HEXMCP_E_UNAVAILABLE, "%.300s: the server answered %d; %s", answer->url,
                       answer->status, next);
}

const char *visit_address(struct args *args, const char *key)
{
    const char *text = args_needed(args, key, LINK_MAX);
    char *copy = NULL;
    if (args_status(args) != HEXMCP_OK)
        return "";
    char *url = link_clean(text);
    if (url && link_is_web(url)) {
        link_drop_fragment(url);
        copy = args_memory(args, strlen(url) + 1);
        if (copy)
            memcpy(copy, url, strlen(url) + 1);
    } else {
        args_fail(args, HEXMCP_E_INVALID,
                  "%s is no address of the web: \"%.200s\"; give one such as https://example.org/page, "
                  "without user and password",
                  key, text);
    }
    free(url);
    return copy ? copy : "";
}
