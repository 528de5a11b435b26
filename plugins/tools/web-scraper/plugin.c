/*
 * plugin.c - the tool "web-scraper" behind the plugin ABI.
 *
 * SPDX-License-Identifier: MIT
 */
#include "hexmcp/plugin.h"

#include <string.h>

#include "kit/answer.h"
#include "report.h"
#include "web-kit/page.h"

static int32_t report(struct scrape *s, struct answer *a, const struct fetch_answer *page)
{
    const struct request *q = s->request;
    s->json = answer_begin(a, s->r);
    hexmcp_json_put_text(s->json, "operation", "scrape");
    hexmcp_json_put_text(s->json, "url", page->url);
    report_title(s);
    int32_t status = report_content(s);
    if (status == HEXMCP_OK && q->selector_count > 0)
        status = report_selections(s);
    if (status == HEXMCP_OK && q->links)
        status = report_links(s);
    if (status == HEXMCP_OK && q->images)
        status = report_images(s);
    if (status == HEXMCP_OK && q->meta)
        status = report_meta(s);
    if (status != HEXMCP_OK) {
        answer_drop(a);
        return status;
    }
    answer_text(a, "Read %.300s.", page->url);
    return answer_end(a);
}

static int32_t scrape_page(const hexmcp_round *r, const struct request *q)
{
    struct pace pace = pace_begin(r);
    struct visitor visitor = {.r = r,
                              .pace = &pace,
                              .ignore_robots = q->ignore_robots,
                              .timeout_ms = q->timeout_ms};
    struct scrape s = {.r = r, .pace = &pace, .request = q};
    struct fetch_answer page;
    struct answer a;
    int32_t status = page_get(&visitor, q->url, NULL, 0, &page);
    visitor_end(&visitor);
    if (status != HEXMCP_OK)
        return status;
    status = page_parse(&pace, &page, &s.html);
    if (status == HEXMCP_OK) {
        status = report(&s, &a, &page);
        html_free(&s.html);
    }
    fetch_free(&page);
    return status;
}

static int32_t scrape(const hexmcp_round *r)
{
    struct args args = args_begin(r->args, r->err);
    struct request request;
    int32_t status = request_read(&args, &request);
    if (status == HEXMCP_OK)
        status = scrape_page(r, &request);
    args_end(&args);
    return status;
}

static const hexmcp_simple_item tools[] = {HEXMCP_ITEM("web-scraper", scrape), HEXMCP_ITEM_END};

static const hexmcp_simple plugin = {.tools = tools};

HEXMCP_SIMPLE_PLUGIN("hexmcp.web-scraper", "0.1.0", plugin);
