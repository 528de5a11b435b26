/*
 * SPDX-License-Identifier: MIT
 */
#include "tool.h"

#include <stdio.h>

#include "ask.h"
#include "kit/answer.h"
#include "kit/args.h"

struct request {
    struct query query;
    int provider; /* -1: whichever answers */
    size_t max_results, offset;
    uint32_t timeout_ms;
};

struct searching {
    const hexmcp_round *r;
    struct state *state;
    const struct request *request;
    struct pace pace;
    struct answer answer;
    hexmcp_json_writer results, failures;
    size_t failed;
};

/* ---- one after the other ---- */

static bool ends_all(int32_t status)
{
    return status == HEXMCP_E_CANCELLED || status == HEXMCP_E_NOMEM;
}

static void note_failure(struct searching *s, const struct provider *p)
{
    hexmcp_json_begin_object(&s->failures);
    hexmcp_json_put_text(&s->failures, "provider", p->name);
    hexmcp_json_put_text(&s->failures, "message", s->r->err->text);
    hexmcp_json_end_object(&s->failures);
    s->failed++;
}

static int32_t report(struct searching *s, const struct provider *p, const struct asked *asked)
{
    const struct query *q = &s->request->query;
    hexmcp_json_writer *w = answer_begin(&s->answer, s->r);
    hexmcp_json_put_text(w, "operation", "search");
    hexmcp_json_put_text(w, "query", q->text);
    hexmcp_json_put_text(w, "provider", p->name);
    hexmcp_json_put_int64(w, "count", (int64_t)asked->count);
    if (asked->next > 0)
        hexmcp_json_put_int64(w, "next_offset", (int64_t)asked->next);
    hexmcp_json_put_bool(w, "capped", s->request->max_results > p->abilities[q->type].cap);
    hexmcp_json_put_bool(w, "safe_search", q->safe && p->safe);
    hexmcp_json_end_array(&s->results);
    hexmcp_json_put_raw(w, "results", hexmcp_json_writer_text(&s->results));
    hexmcp_json_end_array(&s->failures);
    hexmcp_json_put_raw(w, "failures", hexmcp_json_writer_text(&s->failures));
    answer_text(&s->answer, "%s found %zu results for \"%.200s\".", p->name, asked->count, q->text);
    return answer_end(&s->answer);
}

static int32_t try_one(struct searching *s, int which)
{
    const struct provider *p = providers[which];
    struct asked asked;
    struct asking asking = {.r = s->r,
                            .pace = &s->pace,
                            .provider = p,
                            .setup = &s->state->settings.setups[which],
                            .query = s->request->query,
                            .offset = s->request->offset,
                            .timeout_ms = s->request->timeout_ms,
                            .json = &s->results};
    asking.query.count = s->request->max_results;
    int32_t status = pace_step(&s->pace, (double)s->failed, 0, p->name);
    if (status == HEXMCP_OK)
        status = ask_provider(&asking, &asked);
    if (status == HEXMCP_OK)
        return report(s, p, &asked);
    if (!ends_all(status))
        note_failure(s, p);
    return status;
}

static int32_t none_for(const struct searching *s)
{
    static const char *const names[] = {"the web", "news", "images"};
    const struct request *q = s->request;
    if (q->provider >= 0 && providers[q->provider]->abilities[q->query.type].cap > 0)
        return hexmcp_fail(s->r->err, HEXMCP_E_UNSUPPORTED,
                           "%s cannot go on at an offset; leave offset out, and give a larger max_results",
                           providers[q->provider]->name);
    if (q->offset > 0)
        return hexmcp_fail(s->r->err, HEXMCP_E_UNSUPPORTED,
                           "none of the providers that the operator has set can search for %s at an offset; "
                           "leave offset out, and give a larger max_results",
                           names[q->query.type]);
    return hexmcp_fail(s->r->err, HEXMCP_E_UNSUPPORTED,
                       "none of the providers that the operator has set can search for %s; search the "
                       "web instead",
                       names[q->query.type]);
}

static bool can_answer(const struct request *q, int which)
{
    const struct provider *p = providers[which];
    if (q->provider >= 0 && q->provider != which)
        return false;
    return p->abilities[q->query.type].cap > 0 &&
           (q->offset == 0 || ask_can_page(p, q->query.type));
}

static int32_t none_at_all(const struct searching *s)
{
    return hexmcp_fail(s->r->err, HEXMCP_E_UNAVAILABLE,
                       "no search provider is set; the operator sets one with \"plugins.settings\": "
                       "{\"hexmcp.web-search\": {\"providers\": {\"brave\": {\"key\": {\"secret\": "
                       "\"NAME\"}}}}} and grants its host (also tavily, serper, exa, google, serpapi, "
                       "searxng, duckduckgo)");
}

static int32_t try_all(struct searching *s)
{
    const struct settings *all = &s->state->settings;
    int32_t status = HEXMCP_E_UNSUPPORTED;
    bool asked = false;
    for (const int *which = all->order; *which >= 0; which++) {
        if (!can_answer(s->request, *which))
            continue;
        asked = true;
        status = try_one(s, *which);
        if (status == HEXMCP_OK || ends_all(status))
            return status;
    }
    if (!asked)
        return none_for(s);
    if (s->failed > 1) {
        char last[300];
        snprintf(last, sizeof(last), "%.299s", s->r->err->text);
        return hexmcp_fail(s->r->err, status, "all %zu providers failed; the last one: %s", s->failed,
                           last);
    }
    return status;
}

/* ---- arguments ---- */

static bool is_language(const char *text)
{
    size_t letters = strspn(text, "abcdefghijklmnopqrstuvwxyz");
    if (letters < 2 || letters > 3)
        return false;
    text += letters;
    return *text == '\0' ||
           (*text == '-' && strlen(text) <= 5 && strlen(text) >= 3 &&
            strspn(text + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") ==
                strlen(text + 1));
}

static void read_provider(struct args *args, const struct settings *settings, struct request *q)
{
    const char *name = args_text(args, "provider", 32, NULL);
    q->provider = name ? provider_find(name) : -1;
    if (!name || args_status(args) != HEXMCP_OK)
        return;
    if (strcmp(name, "bing") == 0)
        args_fail(args, HEXMCP_E_UNSUPPORTED,
                  "bing was retired by its owner in August 2025; leave provider out");
    else if (q->provider < 0 || !settings->usable[q->provider])
        args_fail(args, HEXMCP_E_INVALID,
                  "the provider %s is not set here; leave provider out, and one that is set answers",
                  name);
}

static int32_t read_request(struct args *args, const struct settings *settings, struct request *q)
{
    static const char *const types[] = {"web", "news", "images", NULL};
    *q = (struct request){.query.text = args_needed(args, "input", 1000)};
    q->query.type = (enum search_type)args_choice(args, "search_type", types, SEARCH_WEB);
    q->query.safe = args_bool(args, "safe_search", true);
    q->query.language = args_text(args, "language", 10, "en");
    q->max_results = (size_t)args_int(args, "max_results", 1, 100, 10);
    q->offset = (size_t)args_int(args, "offset", 0, 10000, 0);
    q->timeout_ms = (uint32_t)args_int(args, "timeout_ms", 100, 60000, 15000);
    read_provider(args, settings, q);
    if (args_status(args) == HEXMCP_OK && !is_language(q->query.language))
        args_fail(args, HEXMCP_E_INVALID, "language is no language: \"%s\"; give one such as en or pt-BR",
                  q->query.language);
    return args_status(args);
}

static int32_t check_limit(const struct searching *s)
{
    unsigned most = s->state->settings.per_minute;
    uint64_t wait = limit_take(&s->state->limit, most);
    if (wait == 0)
        return HEXMCP_OK;
    return hexmcp_fail(s->r->err, HEXMCP_E_BUSY,
                       "there were %u searches within a minute, which is the most; try again in %llu s",
                       most, (unsigned long long)(wait / 1000 + 1));
}

static int32_t run(struct searching *s)
{
    if (s->state->settings.order[0] < 0)
        return none_at_all(s);
    int32_t status = check_limit(s);
    return status == HEXMCP_OK ? try_all(s) : status;
}

int32_t search(const hexmcp_round *r)
{
    struct args args = args_begin(r->args, r->err);
    struct request request;
    struct searching s = {.r = r, .state = r->self, .request = &request, .pace = pace_begin(r)};
    hexmcp_json_writer_init(&s.results);
    hexmcp_json_writer_init(&s.failures);
    hexmcp_json_begin_array(&s.results);
    hexmcp_json_begin_array(&s.failures);
    int32_t status = read_request(&args, &s.state->settings, &request);
    if (status == HEXMCP_OK)
        status = run(&s);
    hexmcp_json_writer_free(&s.results);
    hexmcp_json_writer_free(&s.failures);
    args_end(&args);
    return status;
}
