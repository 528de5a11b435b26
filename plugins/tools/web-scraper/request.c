/*
 * SPDX-License-Identifier: MIT
 */
#include "request.h"

#include <string.h>

#include "web-kit/visit.h"

#define CSS_MOST 500
#define NAME_MOST 100

static void add(struct args *args, struct request *q, const char *name, const char *css)
{
    if (args_status(args) != HEXMCP_OK)
        return;
    if (q->selector_count > REQUEST_SELECTORS) {
        args_fail(args, HEXMCP_E_TOO_LARGE, "selectors has more than %d members; ask in two calls",
                  REQUEST_SELECTORS);
        return;
    }
    for (size_t i = 0; i < q->selector_count; i++)
        if (strcmp(q->selectors[i].name, name) == 0)
            args_fail(args, HEXMCP_E_INVALID,
                      "selectors has a member \"%s\", and selector is given too; give it another name",
                      name);
    q->selectors[q->selector_count++] = (struct named_selector){name, css};
}

static void read_selectors(struct args *args, struct request *q)
{
    const char *alone = args_text(args, "selector", CSS_MOST, NULL);
    struct args all = args_object(args, "selectors");
    hexmcp_json_iter it = hexmcp_json_iter_begin(all.json);
    hexmcp_str key, value;
    if (alone)
        add(args, q, "selector", alone);
    while (all.json.len > 0 && args_status(args) == HEXMCP_OK &&
           hexmcp_json_next(&it, &key, &value)) {
        const char *name = args_string(args, key, "selectors", NAME_MOST);
        add(args, q, name, args_string(&all, value, name, CSS_MOST));
    }
}

int32_t request_read(struct args *args, struct request *q)
{
    static const char *const formats[] = {"markdown", "text", NULL};
    *q = (struct request){.url = visit_address(args, "input")};
    read_selectors(args, q);
    q->markdown = args_choice(args, "format", formats, 0) == 0;
    q->main_only = args_bool(args, "main_only", true);
    q->include_hidden = args_bool(args, "include_hidden", false);
    q->links = args_bool(args, "extract_links", false);
    q->images = args_bool(args, "extract_images", false);
    q->meta = args_bool(args, "extract_meta", false);
    q->ignore_robots = args_bool(args, "ignore_robots", false);
    q->offset = (size_t)args_int(args, "offset", 0, 100000000, 0);
    q->limit = (size_t)args_int(args, "limit", 0, 200000, 20000);
    q->max_items = (size_t)args_int(args, "max_items", 1, 1000, 100);
    q->timeout_ms = (uint32_t)args_int(args, "timeout_ms", 100, 120000, 30000);
    if (args_bool(args, "wait_for_js", false))
        args_fail(args, HEXMCP_E_UNSUPPORTED,
                  "wait_for_js is not possible: pages are read as the server sends them, and no script "
                  "runs; leave it out, and look for an API or feed of the site if the content is "
                  "missing");
    return args_status(args);
}
