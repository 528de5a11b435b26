/*
 * plugin.c - the tool "sitemap-crawler" behind the plugin ABI.
 *
 * SPDX-License-Identifier: MIT
 */
#include "hexmcp/plugin.h"

#include "crawl.h"
#include "kit/args.h"

#include <libxml/parser.h>

static int32_t read_request(struct args *args, struct request *q)
{
    *q = (struct request){.url = visit_address(args, "input")};
    q->follow = args_bool(args, "follow_sitemaps", true);
    q->same_host = args_bool(args, "same_host", true);
    q->ignore_robots = args_bool(args, "ignore_robots", false);
    q->offset = (size_t)args_int(args, "offset", 0, 1000000, 0);
    q->max_urls = (size_t)args_int(args, "max_urls", 1, 5000, 1000);
    q->delay_ms = (unsigned)args_int(args, "delay_ms", 0, 60000, 200);
    q->timeout_ms = (uint32_t)args_int(args, "timeout_ms", 100, 600000, 30000);
    return args_status(args);
}

static int32_t run(const hexmcp_round *r)
{
    struct args args = args_begin(r->args, r->err);
    struct request request;
    int32_t status = read_request(&args, &request);
    if (status == HEXMCP_OK)
        status = crawl(r, &request);
    args_end(&args);
    return status;
}

static int32_t init(void *self, const hexmcp_host *host, hexmcp_str config, hexmcp_error *err)
{
    (void)self;
    (void)host;
    (void)config;
    (void)err;
    xmlInitParser();
    return HEXMCP_OK;
}

static const hexmcp_simple_item tools[] = {HEXMCP_ITEM("sitemap-crawler", run), HEXMCP_ITEM_END};

static const hexmcp_simple plugin = {.init = init, .tools = tools};

HEXMCP_SIMPLE_PLUGIN("hexmcp.sitemap-crawler", "0.1.0", plugin);
