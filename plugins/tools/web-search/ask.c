/*
 * SPDX-License-Identifier: MIT
 */
#include "ask.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "kit/fetch.h"
#include "kit/retry.h"

#define ANSWER_MOST ((uint64_t)4 * 1024 * 1024)

/* One search, which may take several requests. */
struct search {
    const struct asking *a;
    const struct ability *can;
    struct query query;
    struct results results;
    size_t taken; /* items of the last answer */
};

static bool says(const struct fetch_answer *got, const char *words)
{
    return words && got->body.ptr && memmem(got->body.ptr, got->body.len, words, strlen(words));
}

/* Seconds that the answer asks to wait; 0 if it says nothing. */
static unsigned wait_of(const struct fetch_answer *got)
{
    char text[64];
    hexmcp_str value = fetch_header(got, "retry-after");
    struct timespec now;
    if (value.len == 0 || hexmcp_json_string(value, text, sizeof(text), NULL) != HEXMCP_OK)
        return 0;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t seconds = retry_after(text, now.tv_sec);
    return seconds > 0 && seconds < 1000000 ? (unsigned)seconds : 0;
}

static int32_t fail_spent(const struct search *s, const struct fetch_answer *got)
{
    char wait[32] = "wait";
    unsigned seconds = wait_of(got);
    if (seconds > 0)
        snprintf(wait, sizeof(wait), "wait %u s", seconds);
    return hexmcp_fail(s->a->r->err, HEXMCP_E_UNAVAILABLE,
                       "%s answers no more searches for now (%d); %s, or take another provider",
                       s->a->provider->name, got->status, wait);
}

static int32_t fail_status(const struct search *s, const struct fetch_answer *got)
{
    const struct provider *p = s->a->provider;
    hexmcp_error *err = s->a->r->err;
    int status = got->status;
    if (status == 402 || status == 429 || status == 432 || status == 433 || says(got, p->spent))
        return fail_spent(s, got);
    if (status == 403 && p->help)
        return hexmcp_fail(err, HEXMCP_E_UNAVAILABLE, "%s answered 403; %s", p->name, p->help);
    if (status == 401 || status == 403 || says(got, p->refused))
        return hexmcp_fail(err, HEXMCP_E_UNAVAILABLE,
                           "%s refused the key (%d); the operator has to look at its secret", p->name,
                           status);
    return hexmcp_fail(err, HEXMCP_E_UNAVAILABLE, "%s answered %d; %s", p->name, status,
                       status == 400 || status == 422 ? "ask in other words, or take another provider"
                                                      : "try again later");
}

static int32_t read_answer(struct search *s, const struct fetch_answer *got)
{
    const struct provider *p = s->a->provider;
    hexmcp_str json = got->body.ptr ? bytes_str(&got->body) : hexmcp_str_from("");
    if (got->status != 200)
        return fail_status(s, got);
    if (hexmcp_json_type(json) != HEXMCP_JSON_OBJECT)
        return hexmcp_fail(s->a->r->err, HEXMCP_E_UNAVAILABLE,
                           "%s answered something that is no JSON; try again later", p->name);
    if (p->read)
        p->read(json, &s->results);
    else
        s->taken = read_items(&s->results, json, s->can->path, s->can->fields);
    return HEXMCP_OK;
}

static int32_t send(struct search *s, struct wire *w, uint32_t timeout_ms)
{
    struct fetch_answer got;
    struct fetch_request request = {.url = w->url.ptr,
                                    .method = w->post ? "POST" : "GET",
                                    .headers = (const char *const(*)[2])w->headers,
                                    .header_count = w->header_count,
                                    .timeout_ms = timeout_ms,
                                    .max_redirects = -1,
                                    .max_bytes = ANSWER_MOST};
    if (w->short_of_memory || (w->post && hexmcp_json_writer_status(&w->body) != HEXMCP_OK))
        return hexmcp_fail(s->a->r->err, HEXMCP_E_NOMEM, "out of memory for the search; try again");
    if (w->post)
        request.body = hexmcp_json_writer_text(&w->body);
    int32_t status = fetch(s->a->r, &request, &got);
    if (status != HEXMCP_OK)
        return status;
    status = read_answer(s, &got);
    fetch_free(&got);
    return status;
}

static int32_t ask_once(struct search *s, uint32_t timeout_ms)
{
    const struct asking *a = s->a;
    struct wire w;
    a->provider->ask(a->setup, a->setup->url ? a->setup->url : a->provider->url, &s->query, &w);
    int32_t status = send(s, &w, timeout_ms);
    wire_end(&w);
    return status;
}

/* Page after page until there are as many as are wanted, or a page has nothing new. */
static int32_t walk(struct search *s)
{
    const struct asking *a = s->a;
    double began = pace_ms(a->pace);
    for (;;) {
        double spent = pace_ms(a->pace) - began;
        int32_t status =
            spent < a->timeout_ms
                ? ask_once(s, a->timeout_ms - (uint32_t)spent)
                : hexmcp_fail(a->r->err, HEXMCP_E_TIMEOUT,
                              "the time of %u ms is over before %s gave results at offset %zu; give a longer "
                              "timeout_ms or a smaller offset",
                              a->timeout_ms, a->provider->name, a->offset);
        bool some = s->results.count > 0 && status != HEXMCP_E_CANCELLED;
        if (status != HEXMCP_OK)
            return some ? HEXMCP_OK : status;
        if (s->results.count == s->results.most || s->taken == 0 ||
            ++s->query.page == a->provider->most_pages)
            return HEXMCP_OK;
        status = pace_step(a->pace, (double)s->query.page, 0, a->provider->name);
        if (status != HEXMCP_OK)
            return status;
    }
}

static int32_t no_more(const struct search *s)
{
    return hexmcp_fail(s->a->r->err, HEXMCP_E_UNSUPPORTED,
                       "%s gives no results at offset %zu; ask for something narrower in place of going on",
                       s->a->provider->name, s->a->offset);
}

/* Puts the offset into the query as this back end wants it. */
static int32_t place(struct search *s)
{
    const struct provider *p = s->a->provider;
    size_t offset = s->a->offset, most = p->most_results;
    switch (s->can->paging) {
    case PAGING_START:
        if (most > 0 && offset >= most)
            return no_more(s);
        if (most > 0 && s->query.count > most - offset)
            s->query.count = most - offset;
        s->query.start = offset;
        break;
    case PAGING_NUMBER:
        if (offset % s->query.count != 0)
            return hexmcp_fail(s->a->r->err, HEXMCP_E_INVALID,
                               "%s has pages: give an offset that is a multiple of %zu, such as next_offset of "
                               "the call before, and the same max_results",
                               p->name, s->query.count);
        s->query.page = offset / s->query.count;
        if (p->most_pages > 0 && s->query.page >= p->most_pages)
            return no_more(s);
        break;
    case PAGING_FIXED:
        s->query.page = offset / s->can->cap;
        s->results.skip = offset % s->can->cap;
        break;
    case PAGING_WALK:
        s->results.skip = offset;
        s->results.unique = true;
        break;
    case PAGING_NONE:
        break;
    }
    return HEXMCP_OK;
}

static size_t next_of(const struct search *s)
{
    const struct provider *p = s->a->provider;
    size_t next = s->a->offset + s->results.count;
    if (s->results.count == 0)
        return 0;
    switch (s->can->paging) {
    case PAGING_START:
        next = s->a->offset + s->taken;
        return p->most_results > 0 && next >= p->most_results ? 0 : next;
    case PAGING_NUMBER:
        next = s->a->offset + s->query.count;
        return p->most_pages > 0 && s->query.page + 1 >= p->most_pages ? 0 : next;
    case PAGING_WALK:
        return s->results.count == s->results.most ? next : 0;
    case PAGING_FIXED:
        return next;
    default:
        return 0;
    }
}

bool ask_can_page(const struct provider *provider, enum search_type type)
{
    return provider->abilities[type].paging != PAGING_NONE;
}

int32_t ask_provider(const struct asking *a, struct asked *asked)
{
    struct search s = {.a = a, .can = &a->provider->abilities[a->query.type], .query = a->query};
    if (s.query.count > s.can->cap)
        s.query.count = s.can->cap;
    s.results = (struct results){.json = a->json, .provider = a->provider->name, .rank = a->offset};
    int32_t status = place(&s);
    s.results.most = s.query.count;
    if (status == HEXMCP_OK)
        status = s.can->paging == PAGING_WALK ? walk(&s) : ask_once(&s, a->timeout_ms);
    results_forget(&s.results);
    if (status != HEXMCP_OK)
        return status;
    *asked = (struct asked){s.results.count, next_of(&s)};
    return HEXMCP_OK;
}
