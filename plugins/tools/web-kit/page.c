/*
 * SPDX-License-Identifier: MIT
 */
#include "web-kit/page.h"

#include <string.h>
#include <strings.h>

static bool is_type(const char *type, const char *name)
{
    size_t len = strlen(name);
    return strncasecmp(type, name, len) == 0 && strchr("; \t", type[len]);
}

/* What has no type is taken for HTML. */
static bool is_page(const char *type)
{
    return !type || *type == '\0' || is_type(type, "text/html") ||
           is_type(type, "application/xhtml+xml") || is_type(type, "text/plain");
}

static int32_t check(const hexmcp_round *r, const struct fetch_answer *page)
{
    if (page->status == 304)
        return HEXMCP_OK;
    int32_t status = visit_status(r, page);
    if (status != HEXMCP_OK)
        return status;
    char *type = visit_header(page, "content-type");
    if (!is_page(type))
        status = hexmcp_fail(r->err, HEXMCP_E_UNSUPPORTED,
                             "%.300s is of the type %.100s and no page; fetch it by http-request",
                             page->url, type);
    free(type);
    return status;
}

int32_t page_get(struct visitor *visitor, const char *url, const char *const (*headers)[2],
                 size_t header_count, struct fetch_answer *page)
{
    struct visit visit = {.url = url,
                          .accept = "text/html, application/xhtml+xml, text/plain;q=0.8",
                          .max_bytes = PAGE_BYTES,
                          .headers = headers,
                          .header_count = header_count};
    int32_t status = visitor_get(visitor, &visit, page);
    if (status != HEXMCP_OK)
        return status;
    status = check(visitor->r, page);
    if (status != HEXMCP_OK)
        fetch_free(page);
    return status;
}

/* Plain text becomes a page whose one element holds it all. */
static int32_t parse_plain(struct pace *pace, const struct fetch_answer *page, const char *type,
                           struct html *html)
{
    static const char begin[] = "<plaintext>";
    struct bytes whole = {0};
    int32_t status = HEXMCP_E_NOMEM;
    if (bytes_add(&whole, begin, sizeof(begin) - 1) &&
        bytes_add(&whole, page->body.ptr, page->body.len))
        status = html_parse(pace, page->url, type, bytes_str(&whole), html);
    else
        hexmcp_fail(pace->r->err, status, "out of memory for the page; try a smaller one");
    bytes_free(&whole);
    return status;
}

int32_t page_parse(struct pace *pace, const struct fetch_answer *page, struct html *html)
{
    char *type = visit_header(page, "content-type");
    hexmcp_str body = page->body.ptr ? bytes_str(&page->body) : hexmcp_str_from("");
    int32_t status = type && is_type(type, "text/plain")
                         ? parse_plain(pace, page, type, html)
                         : html_parse(pace, page->url, type, body, html);
    free(type);
    return status;
}
