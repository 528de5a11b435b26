/* The files of the page. They hold no data, so they need no credentials. */
#include "adapters/driving/console/parts.h"

/* Nothing from elsewhere, no script but the page's own files, and no page around it. */
#define POLICY                                                                                     \
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "                \
    "img-src 'self' data: blob:; media-src data: blob:; base-uri 'none'; form-action 'none'; "     \
    "frame-ancestors 'none'"

static const struct asset *find(struct str path)
{
    const struct str root = STR("/console");
    struct str name = {path.ptr + root.len, path.len - root.len};
    if (name.len && name.ptr[0] == '/')
        name = (struct str){name.ptr + 1, name.len - 1};
    for (size_t i = 0; i < asset_count; i++)
        if (str_eq(assets[i].name, name))
            return &assets[i];
    return NULL;
}

/* One of the tags in the list of the header; weak ones are as good here. */
static bool has_it(struct str if_none_match, struct str etag)
{
    for (size_t at = 0; at + etag.len <= if_none_match.len; at++)
        if (memcmp(if_none_match.ptr + at, etag.ptr, etag.len) == 0)
            return true;
    return false;
}

void page_handle(void *ctx, struct http_request *request)
{
    (void)ctx;
    if (!reply_is_get(request))
        return;
    const struct asset *asset = find(request->path);
    if (!asset) {
        reply_error(request, 404, STR("the console has no such file"));
        return;
    }
    const struct http_header headers[] = {
        {STR("Content-Type"), asset->type},
        {STR("ETag"), asset->etag},
        {STR("Cache-Control"), STR("no-cache")},
        {STR("Content-Security-Policy"), STR(POLICY)},
        {STR("X-Content-Type-Options"), STR("nosniff")},
        {STR("Referrer-Policy"), STR("no-referrer")},
        {STR("Cross-Origin-Opener-Policy"), STR("same-origin")},
        {STR("Cross-Origin-Resource-Policy"), STR("same-origin")},
    };
    size_t count = sizeof(headers) / sizeof(headers[0]);
    bool kept = has_it(http_header_value(request, STR("If-None-Match")), asset->etag);
    request->answer->respond(request->exchange, kept ? 304 : 200, headers, count,
                             kept ? STR("") : asset->content);
}
