/*
 * SPDX-License-Identifier: MIT
 */
#include "kit/results.h"

#include "kit/keep.h"

#define OTHERWISE "give target_path for a file, a smaller limit, or a query that picks less"

static int32_t write_line(struct results *s, hexmcp_str json)
{
    int32_t status = target_write(s->target, json.ptr, json.len);
    if (status == HEXMCP_OK)
        status = target_write(s->target, "\n", 1);
    s->bytes += json.len + 1;
    s->taken++;
    return status;
}

#define TEXT_OF(number) #number
#define AS_TEXT(number) TEXT_OF(number)

void results_check(struct args *args, const char *target_path, bool dry_run, const char *what)
{
    if (target_path && (args_says(args, "offset", "0") || args_says(args, "limit", AS_TEXT(RESULTS_LIMIT))))
        args_fail(args, HEXMCP_E_INVALID,
                  "offset and limit are for pages, but target_path takes all %s; leave them out", what);
    if (dry_run && !target_path)
        args_fail(args, HEXMCP_E_INVALID,
                  "dry_run is for target_path; without it nothing is written, so leave dry_run out");
}

int32_t results_add(struct results *s, hexmcp_str json, bool *more, hexmcp_error *err)
{
    s->seen++;
    if (s->target) {
        int32_t status = write_line(s, json);
        return status == HEXMCP_OK ? status : hexmcp_fail(err, status, "%s", s->target->r->err->text);
    }
    if (s->seen <= s->offset)
        return HEXMCP_OK;
    bool full = s->taken == s->limit ||
                (s->taken > 0 && s->page.len + json.len > RESULTS_PAGE_MOST);
    if (full) {
        s->more = true;
        *more = false;
        return HEXMCP_OK;
    }
    s->taken++;
    if ((s->taken > 1 && !bytes_add(&s->page, ",", 1)) ||
        !bytes_add(&s->page, json.ptr, json.len))
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory for the results; try again");
    return HEXMCP_OK;
}

static int32_t put_page(struct results *s, struct answer *a, const char *name, bool alone)
{
    struct bytes whole = {0};
    hexmcp_str json = bytes_str(&s->page);
    int32_t status = HEXMCP_OK;
    if (!alone) {
        if (!bytes_add(&whole, "[", 1) || !bytes_add(&whole, json.ptr, json.len) ||
            !bytes_add(&whole, "]", 1))
            status = hexmcp_fail(a->r->err, HEXMCP_E_NOMEM, "out of memory for the results; try again");
        json = bytes_str(&whole);
    }
    if (status == HEXMCP_OK && json.len > KEEP_ABOVE)
        status = keep_large(a, json, "result.json", "application/json", OTHERWISE);
    else if (status == HEXMCP_OK)
        hexmcp_json_put_raw(&a->json, name, json);
    bytes_free(&whole);
    return status;
}

int32_t results_put(struct results *s, struct answer *a, const char *name, bool single)
{
    hexmcp_json_writer *w = &a->json;
    int32_t status = HEXMCP_OK;
    if (s->target) {
        hexmcp_json_put_text(w, "target_path", s->target->path);
        hexmcp_json_put_bool(w, "dry_run", s->target->rehearsed);
        hexmcp_json_put_int64(w, "bytes", (int64_t)s->bytes);
    } else {
        status = put_page(s, a, name, single && s->taken == 1 && s->seen == 1 && !s->more);
    }
    hexmcp_json_put_int64(w, "count", (int64_t)s->taken);
    if (s->more)
        hexmcp_json_put_int64(w, "next_offset", (int64_t)(s->offset + s->taken));
    else
        hexmcp_json_put_int64(w, "total", (int64_t)s->seen);
    return status;
}

void results_free(struct results *s)
{
    bytes_free(&s->page);
}
