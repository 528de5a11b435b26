/*
 * SPDX-License-Identifier: MIT
 */
#include "request.h"

#include "hexmcp/host/secrets.h"

static const char *const operations[] = {"extract_text", "extract_metadata", "extract_pages", "render",
                                         "outline",      "links",            "search",        NULL};

const char *operation_name(enum operation operation)
{
    return operations[operation];
}

static void read_pages(struct args *args, struct request *request)
{
    int page = (int)args_int(args, "page", 1, 1000000, 0);
    request->start_page = (int)args_int(args, "start_page", 1, 1000000, page);
    request->end_page = (int)args_int(args, "end_page", 1, 1000000, page);
    if (page && (request->start_page != page || request->end_page != page))
        args_fail(args, HEXMCP_E_INVALID,
                  "page is given together with start_page or end_page; give one page or a range");
    if (request->end_page && request->start_page > request->end_page)
        args_fail(args, HEXMCP_E_INVALID, "start_page %d is behind end_page %d", request->start_page,
                  request->end_page);
}

static void read_password(struct args *args, struct request *request)
{
    struct args password = args_object(args, "password");
    if (args_has(args, "password"))
        request->secret = args_needed(&password, "secret", HEXMCP_SECRET_NAME_MAX);
}

static void check_target(struct args *args, const struct request *request)
{
    bool writes = request->operation == OPERATION_TEXT || request->operation == OPERATION_PAGES ||
                  request->operation == OPERATION_RENDER;
    if (request->target_path && !writes)
        args_fail(args, HEXMCP_E_INVALID,
                  "%s writes no file; leave target_path out, or take extract_text, extract_pages or render",
                  operations[request->operation]);
}

int32_t request_read(struct args *args, struct request *request)
{
    *request = (struct request){0};
    request->operation = (enum operation)args_choice(args, "operation", operations, OPERATION_TEXT);
    request->path = args_needed(args, "path", 4096);
    request->target_path = args_text(args, "target_path", 4096, NULL);
    check_target(args, request);
    read_pages(args, request);
    read_password(args, request);
    request->dpi = (int)args_int(args, "dpi", 18, 600, 96);
    request->offset = args_int(args, "offset", 0, 1000000, 0);
    request->limit = args_int(args, "limit", 1, 1000, 100);
    request->layout = args_bool(args, "layout", true);
    request->case_sensitive = args_bool(args, "case_sensitive", false);
    request->whole_words = args_bool(args, "whole_words", false);
    request->overwrite = args_bool(args, "overwrite", false);
    request->dry_run = args_bool(args, "dry_run", false);
    if (request->operation == OPERATION_SEARCH)
        request->query = args_needed(args, "query", 1000);
    return args_status(args);
}
