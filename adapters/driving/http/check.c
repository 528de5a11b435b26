/* The checks of a request's head, each the same for every route, in the order in which they are
 * made. */
#include <stdio.h>
#include <stdlib.h>

#include "adapters/driving/http/server.h"

static bool same_text(struct str a, struct str b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++) {
        char x = a.ptr[i], y = b.ptr[i];
        x = x >= 'A' && x <= 'Z' ? (char)(x | 0x20) : x;
        y = y >= 'A' && y <= 'Z' ? (char)(y | 0x20) : y;
        if (x != y)
            return false;
    }
    return true;
}

/* How often a header of this name came; *value is that of the first. */
static unsigned count_header(const struct http_exchange *x, struct str name, struct str *value)
{
    unsigned count = 0;
    for (size_t i = 0; i < x->header_count; i++)
        if (same_text(x->headers[i].name, name) && count++ == 0)
            *value = x->headers[i].value;
    return count;
}

struct str check_header(const struct http_exchange *x, struct str name)
{
    struct str value = {NULL, 0};
    count_header(x, name, &value);
    return value;
}

/* ---- syntax ---- */

static bool is_token(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool letter = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
        if (!letter && (c <= ' ' || !strchr("!#$%&'*+-.^_`|~", c)))
            return false;
    }
    return text.len > 0;
}

/* Bytes above 127 may be there; who reads the header decides. */
static bool is_field_value(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (((unsigned char)text.ptr[i] < ' ' && text.ptr[i] != '\t') || text.ptr[i] == 0x7f)
            return false;
    return true;
}

static bool check_syntax(struct http_exchange *x, const char *method)
{
    if (x->bad_target)
        return refuse(&x->refusal, 400, "The request target is malformed; ask for a path such as /mcp.");
    if (!is_token(str_from(method)))
        return refuse(&x->refusal, 400, "The method of the request is no token.");
    for (size_t i = 0; i < x->header_count; i++)
        if (!is_token(x->headers[i].name) || !is_field_value(x->headers[i].value))
            return refuse(&x->refusal, 400, "Header %.*s is malformed.",
                               (int)(x->headers[i].name.len > 60 ? 60 : x->headers[i].name.len),
                               x->headers[i].name.ptr);
    return true;
}

/* ---- Host and Origin ---- */

static bool check_host(const struct connection *c, struct http_exchange *x)
{
    struct str host = {NULL, 0};
    unsigned count = count_header(x, STR("Host"), &host);
    if (count > 1)
        return refuse(&x->refusal, 400, "The request has several Host headers.");
    if (c->local)
        return true;
    if (count == 0)
        return refuse(&x->refusal, 400, "The request has no Host header.");
    if (!origin_host_allowed(c->server->parts.origins, host))
        return refuse(&x->refusal, 403,
                           "This server is not reached as \"%.*s\"; if it should be, add the name "
                           "to the setting http.allowed_hosts.",
                           (int)(host.len > 100 ? 100 : host.len), host.len ? host.ptr : "");
    if (x->authority.ptr && !origin_host_allowed(c->server->parts.origins, x->authority))
        return refuse(&x->refusal, 403, "The request target names a host that this server is not.");
    return true;
}

/* Listed among those that pages may read answers from. */
static bool is_cors_origin(const struct server *s, struct str origin)
{
    for (size_t i = 0; i < s->options.cors_origin_count; i++)
        if (same_text(origin, s->options.cors_origins[i]))
            return true;
    return false;
}

static bool check_origin(const struct connection *c, struct http_exchange *x)
{
    struct str origin = {NULL, 0}, host = {NULL, 0};
    unsigned count = count_header(x, STR("Origin"), &origin);
    if (count == 0)
        return true;
    if (count == 1 && is_cors_origin(c->server, origin)) {
        x->cors_origin = origin;
        return true;
    }
    count_header(x, STR("Host"), &host);
    if (count == 1 && origin_allowed(c->server->parts.origins, origin, host))
        return true;
    return refuse(&x->refusal, 403,
                       "Pages from \"%.*s\" may not use this server; if they should, add the origin "
                       "to the setting http.allowed_origins.",
                       (int)(origin.len > 100 ? 100 : origin.len), origin.len ? origin.ptr : "");
}

/* ---- route and method ---- */

static bool fits(const struct http_route *route, struct str path)
{
    if (str_eq(route->path, path))
        return true;
    return route->beneath && path.len > route->path.len && str_starts(path, route->path) &&
           path.ptr[route->path.len] == '/';
}

static const struct http_route *find_route(const struct http_route *routes, size_t count,
                                           struct str path)
{
    for (size_t i = 0; i < count; i++)
        if (fits(&routes[i], path))
            return &routes[i];
    return NULL;
}

static bool check_route(const struct server *s, struct http_exchange *x)
{
    x->route = find_route(s->parts.routes, s->parts.route_count, x->path);
    if (!x->route)
        x->route = find_route(s->own_routes, sizeof(s->own_routes) / sizeof(s->own_routes[0]),
                              x->path);
    return x->route || refuse(&x->refusal, 404, "There is nothing at this path; MCP is at /mcp.");
}

static bool check_method(struct http_exchange *x)
{
    return x->method ||
           refuse(&x->refusal, 501, "This server does not know the method of the request.");
}

/* ---- body ---- */

static bool parse_length(struct str text, uint64_t *out)
{
    *out = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9' || *out > (UINT64_MAX - 9) / 10)
            return false;
        *out = *out * 10 + (uint64_t)(text.ptr[i] - '0');
    }
    return text.len > 0;
}

void check_framing(struct http_exchange *x, const char *version)
{
    struct str length = {NULL, 0}, coding = {NULL, 0}, expect = {NULL, 0};
    unsigned lengths = count_header(x, STR("Content-Length"), &length);
    unsigned codings = count_header(x, STR("Transfer-Encoding"), &coding);
    x->expects = count_header(x, STR("Expect"), &expect) > 0;
    x->content_length = 0;
    if (codings == 0 && lengths == 0)
        x->framing = FRAMING_NONE;
    else if (codings == 0 && lengths == 1 && parse_length(length, &x->content_length))
        x->framing = x->content_length ? FRAMING_LENGTH : FRAMING_NONE;
    else if (codings == 1 && lengths == 0 && same_text(coding, STR("chunked")) &&
             strcmp(version, "HTTP/1.1") == 0)
        x->framing = FRAMING_CHUNKED;
    else
        x->framing = FRAMING_BAD;
}

static bool check_body(const struct server *s, struct http_exchange *x)
{
    size_t max = s->options.limits.max_body_bytes;
    if (x->framing == FRAMING_BAD)
        return refuse(&x->refusal, 400,
                      "The request does not say clearly where its body ends: send one "
                      "Content-Length, or \"Transfer-Encoding: chunked\" alone.");
    if (x->framing == FRAMING_LENGTH && x->content_length > max)
        return refuse(&x->refusal, 413, BODY_TOO_LARGE, max);
    return true;
}

static bool check_budget(const struct server *s, struct http_exchange *x)
{
    if (x->framing != FRAMING_LENGTH ||
        s->held_bytes + x->content_length <= s->options.limits.max_held_bytes)
        return true;
    x->refusal.retry_s = 1;
    return refuse(&x->refusal, 503, RECEIVING_TOO_MUCH);
}

static bool check_draining(const struct server *s, struct http_exchange *x)
{
    if (!s->draining || x->route->ctx == s)
        return true;
    x->refusal.retry_s = 5;
    return refuse(&x->refusal, 503, "The server is going away; ask again soon.");
}

bool check_head(struct http_exchange *x, const char *method)
{
    const struct connection *c = connection_of(x);
    const struct server *s = c->server;
    return check_syntax(x, method) && check_host(c, x) && check_origin(c, x) && check_route(s, x) &&
           check_method(x) && check_body(s, x) && check_budget(s, x) && check_draining(s, x);
}

/* ---- credentials ---- */

bool check_authorization(const struct http_exchange *x, struct str *value)
{
    *value = (struct str){NULL, 0};
    return count_header(x, STR("Authorization"), value) <= 1;
}

static void add_challenge(struct refusal *r, struct str challenge, const char *error,
                          struct str scope)
{
    int len = snprintf(r->challenge, sizeof(r->challenge), "Bearer");
    const char *comma = " ";
    if (error) {
        len += snprintf(r->challenge + len, sizeof(r->challenge) - (size_t)len, "%serror=\"%s\"",
                        comma, error);
        comma = ", ";
    }
    if (scope.len && scope.len < 300) {
        len += snprintf(r->challenge + len, sizeof(r->challenge) - (size_t)len, "%sscope=\"%.*s\"",
                        comma, (int)scope.len, scope.ptr);
        comma = ", ";
    }
    if (challenge.len && challenge.len < 600)
        snprintf(r->challenge + len, sizeof(r->challenge) - (size_t)len, "%s%.*s", comma,
                 (int)challenge.len, challenge.ptr);
}

bool check_credentials(const struct authenticator *authenticator,
                       const struct credential_answer *answer, struct refusal *r)
{
    static const struct {
        int status;
        const char *error;
    } rows[] = {
        [CREDENTIALS_MISSING] = {401, NULL},
        [CREDENTIALS_MALFORMED] = {400, "invalid_request"},
        [CREDENTIALS_INVALID] = {401, "invalid_token"},
        [CREDENTIALS_INSUFFICIENT] = {403, "insufficient_scope"},
        [CREDENTIALS_UNAVAILABLE] = {503, NULL},
    };
    if (answer->verdict == CREDENTIALS_OK)
        return true;
    int status = rows[answer->verdict].status;
    if (status == 503)
        r->retry_s = 5;
    else
        add_challenge(r, authenticator->challenge(authenticator->ctx), rows[answer->verdict].error,
                      answer->scope);
    return refuse(r, status, "%.*s", STR_ARG(answer->why));
}
