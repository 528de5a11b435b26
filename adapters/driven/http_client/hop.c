/* Where a URL leads and where a redirect does. libcurl reads both, so that what was checked is what
 * is connected to. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/driven/http_client/exchange.h"

/* ---- places ---- */

static bool has_part(CURLU *url, CURLUPart part)
{
    char *text = NULL;
    bool has = curl_url_get(url, part, &text, 0) == CURLUE_OK;
    curl_free(text);
    return has;
}

static bool is_host_char(char c)
{
    return isalnum((unsigned char)c) || c == '-' || c == '.' || c == '_' || c == ':' || c == '[' ||
           c == ']';
}

static int take_host(CURLU *url, struct http_place *out, struct error *err)
{
    char *host = NULL;
    int rc = ST_OK;
    if (curl_url_get(url, CURLUPART_HOST, &host, 0) || !host[0])
        rc = error_set(err, ST_INVALID, "the URL has no host");
    else if (strlen(host) >= sizeof(out->host))
        rc = error_set(err, ST_INVALID, "the host of the URL is longer than %zu bytes",
                       sizeof(out->host) - 1);
    for (size_t i = 0; !rc && host[i]; i++)
        rc = is_host_char(host[i])
                 ? ST_OK
                 : error_set(err, ST_INVALID,
                             "the host of the URL holds a character that no host has; write names "
                             "beyond ASCII as xn--");
    for (size_t i = 0; !rc && (i == 0 || host[i - 1]); i++)
        out->host[i] = (char)tolower((unsigned char)host[i]);
    curl_free(host);
    return rc;
}

static int take_scheme(CURLU *url, struct http_place *out, struct error *err)
{
    char *scheme = NULL;
    int rc = ST_OK;
    if (curl_url_get(url, CURLUPART_SCHEME, &scheme, 0))
        return error_set(err, ST_INVALID, "the URL has no scheme; write http:// or https://");
    out->tls = strcmp(scheme, "https") == 0;
    if (!out->tls && strcmp(scheme, "http") != 0)
        rc = error_set(err, ST_DENIED, "the URL begins with %.16s:, only http: and https: are allowed",
                       scheme);
    curl_free(scheme);
    return rc;
}

static int take_port(CURLU *url, struct http_place *out, struct error *err)
{
    char *port = NULL;
    long number = 0;
    if (curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK)
        number = strtol(port, NULL, 10);
    curl_free(port);
    if (number < 1 || number > 65535)
        return error_set(err, ST_INVALID, "the port of the URL is not between 1 and 65535");
    out->port = (uint16_t)number;
    return ST_OK;
}

int url_place(CURLU *url, struct http_place *out, struct error *err)
{
    int rc = take_scheme(url, out, err);
    if (!rc && (has_part(url, CURLUPART_USER) || has_part(url, CURLUPART_PASSWORD)))
        rc = error_set(err, ST_INVALID, "the URL names a user; send an Authorization header instead");
    if (!rc && has_part(url, CURLUPART_ZONEID))
        rc = error_set(err, ST_INVALID, "the URL names the zone of an address, which is not allowed");
    if (!rc)
        rc = take_host(url, out, err);
    return rc ? rc : take_port(url, out, err);
}

static int set_url(CURLU *url, const char *text, unsigned flags, struct error *err)
{
    CURLUcode code = curl_url_set(url, CURLUPART_URL, text, flags);
    if (code == CURLUE_OUT_OF_MEMORY)
        return error_set(err, ST_NOMEM, "out of memory");
    if (code == CURLUE_UNSUPPORTED_SCHEME)
        return error_set(err, ST_DENIED,
                         "the URL has another scheme than http: and https:, which alone are allowed");
    return code ? error_set(err, ST_INVALID, "the URL cannot be read: %s", curl_url_strerror(code))
                : ST_OK;
}

int url_parse(const char *text, CURLU **out, struct error *err)
{
    CURLU *url = curl_url();
    int rc = url ? set_url(url, text, 0, err) : error_set(err, ST_NOMEM, "out of memory");
    if (rc)
        curl_url_cleanup(url);
    else
        *out = url;
    return rc;
}

int url_look(const char *text, struct http_place *out, struct error *err)
{
    CURLU *url;
    struct http_place place = {.port = 0};
    int rc = url_parse(text, &url, err);
    if (rc)
        return rc;
    rc = url_place(url, &place, err);
    curl_url_cleanup(url);
    if (!rc)
        *out = place;
    return rc;
}

void place_text(const struct http_place *place, char out[300])
{
    const unsigned usual = place->tls ? 443 : 80;
    const char *scheme = place->tls ? "https" : "http";
    if (place->port == usual)
        snprintf(out, 300, "%s://%s", scheme, place->host);
    else
        snprintf(out, 300, "%s://%s:%u", scheme, place->host, place->port);
}

/* ---- redirects ---- */

bool exchange_follows(const struct http_exchange *x, unsigned status)
{
    bool redirect = status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
    return redirect && x->request.max_redirects > 0;
}

static bool same_origin(const struct http_place *a, const struct http_place *b)
{
    return a->tls == b->tls && a->port == b->port && strcmp(a->host, b->host) == 0;
}

/* The method of the next hop, and whether the body goes along. */
static int turn_method(struct http_exchange *x, struct error *err)
{
    long status = 0;
    curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &status);
    bool head = strcmp(x->method, "HEAD") == 0;
    bool post = strcmp(x->method, "POST") == 0;
    if ((status == 303 && !head) || (status <= 302 && post)) {
        memcpy(x->method, "GET", sizeof("GET"));
        x->sends_body = false;
    }
    if (x->sends_body && x->request.streams)
        return error_set(err, ST_UNAVAILABLE,
                         "it redirects, and a body that was written cannot be sent again");
    x->body_at = 0;
    return ST_OK;
}

static int turn_url(struct http_exchange *x, struct error *err)
{
    struct http_place place = {.port = 0};
    int rc = set_url(x->url, x->location, CURLU_URLENCODE, err);
    if (!rc)
        rc = url_place(x->url, &place, err);
    if (rc)
        return error_prefix(err, "it redirects to a place that is refused: ");
    if (x->place.tls && !place.tls && !exchange_config(x)->may_lose_tls)
        return error_set(err, ST_DENIED,
                         "it redirects from https to http, which http_client.allow_downgrade would "
                         "permit");
    x->crossed = x->crossed || !same_origin(&x->place, &place);
    x->place = place;
    return ST_OK;
}

int exchange_turn(struct http_exchange *x, struct error *err)
{
    if (x->redirects >= x->request.max_redirects)
        return error_set(err, ST_UNAVAILABLE, "it redirects for more than %u times",
                         x->request.max_redirects);
    x->redirects++;
    int rc = turn_method(x, err);
    if (!rc)
        rc = turn_url(x, err);
    free(x->location);
    x->location = NULL;
    return rc;
}
