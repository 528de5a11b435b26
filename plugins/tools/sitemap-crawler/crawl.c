/*
 * SPDX-License-Identifier: MIT
 */
#include "crawl.h"

#include <search.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "kit/answer.h"
#include "queue.h"
#include "sitemap.h"
#include "unpack.h"
#include "web-kit/link.h"

#define QUEUE_MOST 1000
#define PROBLEMS_MOST 20

struct crawl {
    const hexmcp_round *r;
    const struct request *request;
    struct pace pace;
    struct visitor visitor;
    struct queue queue;
    const struct queued *now;
    struct answer answer;
    hexmcp_json_writer *json, problems;
    void *seen; /* addresses */
    bool full;  /* there are more than are wanted */
    bool guessed; /* nobody said where the sitemap is */
    bool about_file; /* the last error is about what is in the file, and does not name it */
    char stopped[HEXMCP_ERROR_TEXT]; /* why it ended early; "" if it did not */
    struct {
        int64_t sitemaps, indexes, urls, with_metadata, other_host, invalid, failed;
    } count;
};

static int32_t no_memory(const struct crawl *c)
{
    return hexmcp_fail(c->r->err, HEXMCP_E_NOMEM, "out of memory for the sitemaps; try again");
}

static int compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* ---- entries ---- */

static void put_url(struct crawl *c, const char *url, const struct sitemap_entry *e)
{
    hexmcp_json_begin_object(c->json);
    hexmcp_json_put_text(c->json, "url", url);
    if (*e->lastmod)
        hexmcp_json_put_text(c->json, "lastmod", e->lastmod);
    if (*e->changefreq)
        hexmcp_json_put_text(c->json, "changefreq", e->changefreq);
    char *end;
    double priority = strtod(e->priority, &end);
    if (end != e->priority && priority >= 0 && priority <= 1) {
        hexmcp_json_key(c->json, "priority");
        hexmcp_json_write_double(c->json, priority);
    }
    hexmcp_json_end_object(c->json);
}

/* Takes `url`. */
static int32_t found_page(struct crawl *c, char *url, const struct sitemap_entry *e)
{
    const struct request *q = c->request;
    size_t most = q->offset + q->max_urls;
    char **known = tfind(url, &c->seen, compare);
    if (known) {
        free(url);
        return HEXMCP_OK;
    }
    if ((size_t)c->count.urls == most) {
        free(url);
        c->full = true;
        return HEXMCP_PENDING;
    }
    if (!tsearch(url, &c->seen, compare)) {
        free(url);
        return no_memory(c);
    }
    c->count.urls++;
    c->count.with_metadata += *e->lastmod || *e->changefreq || *e->priority;
    if ((size_t)c->count.urls > q->offset)
        put_url(c, url, e);
    return HEXMCP_OK;
}

static int32_t found_sitemap(struct crawl *c, char *url)
{
    bool follow = c->request->follow && c->now->depth < CRAWL_DEEPEST && c->queue.count < QUEUE_MOST;
    int depth = c->now->depth + 1;
    if (!follow) {
        free(url);
        return HEXMCP_OK;
    }
    if (!queue_add(&c->queue, url, depth))
        return no_memory(c);
    /* The array may have moved. */
    c->now = &c->queue.items[c->queue.next - 1];
    return HEXMCP_OK;
}

static int32_t found(void *arg, enum sitemap_kind kind, const struct sitemap_entry *e)
{
    struct crawl *c = arg;
    char *url = link_clean(e->loc); /* the protocol wants them absolute */
    if (!url || !link_is_web(url)) {
        free(url);
        c->count.invalid++;
        return HEXMCP_OK;
    }
    link_drop_fragment(url);
    if (c->request->same_host && !link_same_host(url, c->request->url) &&
        !(kind == SITEMAP_INDEX && link_same_host(url, c->now->url))) {
        free(url);
        c->count.other_host++;
        return HEXMCP_OK;
    }
    return kind == SITEMAP_INDEX ? found_sitemap(c, url) : found_page(c, url, e);
}

/* ---- files ---- */

static int32_t wait_a_while(struct crawl *c, const char *url)
{
    const struct robots *robots;
    int32_t status = visitor_robots(&c->visitor, url, &robots);
    double delay = robots ? robots_delay(robots) * 1e3 : 0;
    if (delay < c->request->delay_ms)
        delay = c->request->delay_ms;
    double until = pace_ms(&c->pace) + delay;
    while (status == HEXMCP_OK && pace_ms(&c->pace) < until) {
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
        status = pace_step(&c->pace, (double)c->count.sitemaps, (double)c->queue.count,
                           "waiting between two requests");
        if (status == HEXMCP_OK && pace_ms(&c->pace) > c->request->timeout_ms)
            status = hexmcp_fail(c->r->err, HEXMCP_E_TIMEOUT,
                                 "the time of %u ms is over; give a longer timeout_ms, or go on with offset",
                                 c->request->timeout_ms);
    }
    return status;
}

static int32_t read_file(struct crawl *c, hexmcp_str file)
{
    struct bytes unpacked = {0};
    enum sitemap_kind kind = SITEMAP_URLS;
    int32_t status = HEXMCP_OK;
    if (unpack_is_gzip(file)) {
        status = unpack(c->r, file, SITEMAP_BYTES, &unpacked);
        file = bytes_str(&unpacked);
    }
    if (status == HEXMCP_OK)
        status = sitemap_read(&c->pace, file, found, c, &kind);
    if (status == HEXMCP_OK || status == HEXMCP_PENDING) {
        c->count.sitemaps++;
        c->count.indexes += kind == SITEMAP_INDEX;
    }
    bytes_free(&unpacked);
    return status;
}

static int32_t fetch_file(struct crawl *c)
{
    struct visit visit = {.url = c->now->url,
                          .accept = "application/xml, text/xml, text/plain, application/gzip",
                          .max_bytes = SITEMAP_BYTES};
    struct fetch_answer answer;
    int32_t status = visitor_get(&c->visitor, &visit, &answer);
    c->about_file = false;
    if (status != HEXMCP_OK)
        return status;
    if (c->guessed && (answer.status == 404 || answer.status == 410))
        status = hexmcp_fail(c->r->err, HEXMCP_E_NOT_FOUND,
                             "%.200s has no sitemap: robots.txt names none, and there is none at /sitemap.xml; "
                             "follow the links of its pages by web-scraper with extract_links",
                             c->request->url);
    else
        status = visit_status(c->r, &answer);
    if (status == HEXMCP_OK) {
        status = read_file(c, answer.body.ptr ? bytes_str(&answer.body) : hexmcp_str_from(""));
        c->about_file = status == HEXMCP_E_INVALID || status == HEXMCP_E_TOO_LARGE || status == HEXMCP_E_UNSUPPORTED;
    }
    fetch_free(&answer);
    return status;
}

/* The one file that there was is the error of the call, which has to say what it is about. */
static int32_t fail_alone(const struct crawl *c, int32_t status)
{
    char text[HEXMCP_ERROR_TEXT];
    if (!c->about_file)
        return status;
    snprintf(text, sizeof(text), "%s", c->r->err->text);
    return hexmcp_fail(c->r->err, status, "%.200s: %.250s", c->now->url, text);
}

/* A file that cannot be read is a note, unless it was all there is. */
static void note_problem(struct crawl *c)
{
    if (c->count.failed++ >= PROBLEMS_MOST)
        return;
    hexmcp_json_begin_object(&c->problems);
    hexmcp_json_put_text(&c->problems, "sitemap", c->now->url);
    hexmcp_json_put_text(&c->problems, "message", c->r->err->text);
    hexmcp_json_end_object(&c->problems);
}

static bool ends_all(int32_t status)
{
    return status == HEXMCP_E_CANCELLED || status == HEXMCP_E_NOMEM;
}

static int32_t crawl_all(struct crawl *c)
{
    for (int fetched = 0; (c->now = queue_next(&c->queue)) != NULL; fetched++) {
        int32_t status = HEXMCP_OK;
        if (fetched == CRAWL_SITEMAPS) {
            snprintf(c->stopped, sizeof(c->stopped), "%d sitemaps were read, which is the most",
                     CRAWL_SITEMAPS);
            return HEXMCP_OK;
        }
        if (fetched > 0)
            status = wait_a_while(c, c->now->url);
        if (status == HEXMCP_OK)
            status = fetch_file(c);
        if (status == HEXMCP_PENDING)
            return HEXMCP_OK;
        if (ends_all(status))
            return status;
        if (status == HEXMCP_E_TIMEOUT && c->count.sitemaps > 0) {
            snprintf(c->stopped, sizeof(c->stopped), "%s", c->r->err->text);
            return HEXMCP_OK;
        }
        if (status != HEXMCP_OK)
            note_problem(c);
        if (status != HEXMCP_OK && c->queue.count == 1)
            return fail_alone(c, status);
        status = pace_step(&c->pace, (double)c->count.sitemaps, (double)c->queue.count,
                           "reading sitemaps");
        if (status != HEXMCP_OK)
            return status;
    }
    return HEXMCP_OK;
}

/* ---- where to begin ---- */

static int32_t add(struct crawl *c, const char *base, const char *ref)
{
    char *url = link_resolve(base, ref, strlen(ref));
    if (!url || !link_is_web(url)) {
        free(url);
        return HEXMCP_OK;
    }
    link_drop_fragment(url);
    return queue_add(&c->queue, url, 0) ? HEXMCP_OK : no_memory(c);
}

/* A site without the name of a file: robots.txt says where its sitemaps are, else they have a usual name. */
static int32_t discover(struct crawl *c)
{
    const char *url = c->request->url, *sitemap;
    char *path = link_path(url);
    bool site = path && strcmp(path, "/") == 0;
    int32_t status = path ? HEXMCP_OK : no_memory(c);
    const struct robots *robots = NULL;
    free(path);
    if (status == HEXMCP_OK && !site)
        return add(c, url, url);
    if (status == HEXMCP_OK)
        status = visitor_robots(&c->visitor, url, &robots);
    for (size_t i = 0; status == HEXMCP_OK && robots && i < CRAWL_SITEMAPS &&
                       (sitemap = robots_sitemap(robots, i)) != NULL;
         i++)
        status = add(c, url, sitemap);
    c->guessed = status == HEXMCP_OK && c->queue.count == 0;
    return c->guessed ? add(c, url, "/sitemap.xml") : status;
}

/* ---- the result ---- */

static void put_stats(struct crawl *c)
{
    hexmcp_json_writer *w = c->json;
    hexmcp_json_key(w, "stats");
    hexmcp_json_begin_object(w);
    hexmcp_json_put_int64(w, "sitemaps_processed", c->count.sitemaps);
    hexmcp_json_put_int64(w, "index_files_found", c->count.indexes);
    hexmcp_json_put_int64(w, "total_urls_discovered", c->count.urls);
    hexmcp_json_put_int64(w, "urls_with_metadata", c->count.with_metadata);
    hexmcp_json_put_int64(w, "other_hosts", c->count.other_host);
    hexmcp_json_put_int64(w, "invalid", c->count.invalid);
    hexmcp_json_put_int64(w, "sitemaps_failed", c->count.failed);
    hexmcp_json_end_object(w);
}

static int32_t complete(struct crawl *c)
{
    hexmcp_json_end_array(c->json);
    hexmcp_json_put_bool(c->json, "truncated", c->full);
    if (c->full)
        hexmcp_json_put_int64(c->json, "next_offset", c->count.urls);
    hexmcp_json_put_bool(c->json, "complete", !c->full && !c->stopped[0] && c->count.failed == 0);
    if (c->stopped[0])
        hexmcp_json_put_text(c->json, "stopped", c->stopped);
    hexmcp_json_end_array(&c->problems);
    hexmcp_json_put_raw(c->json, "problems", hexmcp_json_writer_text(&c->problems));
    put_stats(c);
    answer_text(&c->answer, "Found %lld addresses in %lld sitemaps of %.200s.", (long long)c->count.urls,
                (long long)c->count.sitemaps, c->request->url);
    return answer_end(&c->answer);
}

int32_t crawl(const hexmcp_round *r, const struct request *q)
{
    struct crawl c = {.r = r, .request = q, .pace = pace_begin(r)};
    c.visitor = (struct visitor){.r = r,
                                 .pace = &c.pace,
                                 .ignore_robots = q->ignore_robots,
                                 .timeout_ms = q->timeout_ms};
    c.json = answer_begin(&c.answer, r);
    hexmcp_json_writer_init(&c.problems);
    hexmcp_json_begin_array(&c.problems);
    hexmcp_json_put_text(c.json, "operation", "crawl");
    hexmcp_json_key(c.json, "urls");
    hexmcp_json_begin_array(c.json);
    int32_t status = discover(&c);
    if (status == HEXMCP_OK)
        status = crawl_all(&c);
    status = status == HEXMCP_OK ? complete(&c) : (answer_drop(&c.answer), status);
    hexmcp_json_writer_free(&c.problems);
    visitor_end(&c.visitor);
    queue_free(&c.queue);
    tdestroy(c.seen, free);
    return status;
}
