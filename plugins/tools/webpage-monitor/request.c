/*
 * SPDX-License-Identifier: MIT
 */
#include "request.h"

#include <stdio.h>

#include "web-kit/visit.h"

static void name_it(struct args *args, struct request *q)
{
    const char *selector = q->selector ? q->selector : "";
    size_t room = strlen(q->url) + strlen(selector) + 2;
    char *name = args_memory(args, room);
    if (!name)
        return;
    snprintf(name, room, "%s%s%s", q->url, *selector ? " " : "", selector);
    q->name = name;
    if (strlen(name) > NAME_LONGEST)
        args_fail(args, HEXMCP_E_INVALID,
                  "the address (with the selector) is too long to be a name of its own; give name, at "
                  "most %d bytes",
                  NAME_LONGEST);
}

static void check_operation(struct args *args, const struct request *q)
{
    bool has_input = args_has(args, "input"), has_name = args_has(args, "name");
    if (q->operation == CHECK && !has_input)
        args_fail(args, HEXMCP_E_INVALID, "input is missing: give the address of the page to check");
    if (q->operation == FORGET && !has_input && !has_name)
        args_fail(args, HEXMCP_E_INVALID,
                  "name is missing: give the name of what to forget; list says what is kept");
}

static void read_limit(struct args *args, struct request *q)
{
    if (q->operation != LIST) {
        q->limit = (size_t)args_int(args, "limit", 0, 200000, 20000);
        return;
    }
    q->limit = (size_t)args_int(args, "limit", 0, 200000, 50);
    if (q->limit < 1 || q->limit > LIST_MOST)
        args_fail(args, HEXMCP_E_INVALID, "limit must be from 1 to %d for list, and is %zu", LIST_MOST, q->limit);
}

int32_t request_read(struct args *args, struct request *q)
{
    static const char *const operations[] = {"check", "list", "forget", NULL};
    *q = (struct request){.url = "", .name = ""};
    q->operation = (enum operation)args_choice(args, "operation", operations, CHECK);
    check_operation(args, q);
    if (args_has(args, "input"))
        q->url = visit_address(args, "input");
    q->previous = args_text(args, "previous_content", 2 * 1024 * 1024, NULL);
    q->selector = args_text(args, "selector", 500, NULL);
    q->ignore_whitespace = args_bool(args, "ignore_whitespace", true);
    q->main_only = args_bool(args, "main_only", true);
    q->dry_run = args_bool(args, "dry_run", false);
    q->ignore_robots = args_bool(args, "ignore_robots", false);
    q->offset = (size_t)args_int(args, "offset", 0, 100000000, 0);
    read_limit(args, q);
    q->max_changes = (size_t)args_int(args, "max_changes", 1, 500, 50);
    q->timeout_ms = (uint32_t)args_int(args, "timeout_ms", 100, 120000, 30000);
    q->name = args_text(args, "name", NAME_LONGEST, "");
    if (args_status(args) == HEXMCP_OK && *q->name == '\0' && *q->url)
        name_it(args, q);
    return args_status(args);
}
