/*
 * SPDX-License-Identifier: MIT
 */
#include "place.h"

#include <curl/curl.h>
#include <stdio.h>
#include <strings.h>

/* In the place of ws and wss, which not every build of libcurl knows. */
static const char *as_http(const char *url, bool *tls, struct bytes *out)
{
    const char *rest = strstr(url, "://");
    *tls = strncasecmp(url, "wss:", 4) == 0 || strncasecmp(url, "https:", 6) == 0;
    const char *scheme = *tls ? "https" : "http";
    bool good = rest && bytes_add(out, scheme, strlen(scheme)) && bytes_add(out, rest, strlen(rest));
    return good ? out->ptr : NULL;
}

static bool part(CURLU *url, CURLUPart which, unsigned flags, struct bytes *out)
{
    char *text = NULL;
    CURLUcode code = curl_url_get(url, which, &text, flags);
    if (which == CURLUPART_QUERY && code == CURLUE_NO_QUERY)
        return true;
    bool good = code == CURLUE_OK && (which != CURLUPART_QUERY || bytes_add(out, "?", 1)) &&
                bytes_add(out, text, strlen(text));
    curl_free(text);
    return good;
}

static bool take(CURLU *url, struct place *out)
{
    struct bytes host = {0}, port = {0};
    bool good = part(url, CURLUPART_HOST, CURLU_PUNYCODE, &host) &&
                part(url, CURLUPART_PORT, CURLU_DEFAULT_PORT, &port) &&
                part(url, CURLUPART_PATH, 0, &out->target) && part(url, CURLUPART_QUERY, 0, &out->target) &&
                host.len < sizeof(out->host);
    if (good) {
        snprintf(out->host, sizeof(out->host), "%s", host.ptr);
        out->port = (uint32_t)strtoul(port.ptr, NULL, 10);
    }
    bytes_free(&host);
    bytes_free(&port);
    return good && out->port > 0;
}

int32_t place_read(const hexmcp_round *r, const char *url, struct place *out)
{
    struct bytes text = {0};
    CURLU *parsed = curl_url();
    *out = (struct place){.port = 0};
    const char *http = as_http(url, &out->tls, &text);
    CURLUcode code = http && parsed ? curl_url_set(parsed, CURLUPART_URL, http, 0) : CURLUE_OUT_OF_MEMORY;
    bool good = code == CURLUE_OK && take(parsed, out);
    curl_url_cleanup(parsed);
    bytes_free(&text);
    if (good)
        return HEXMCP_OK;
    place_free(out);
    return hexmcp_fail(r->err, HEXMCP_E_INVALID, "endpoint: %.200s is no URL (%s); correct it", url,
                       code ? curl_url_strerror(code) : "its host or port");
}

void place_free(struct place *place)
{
    bytes_free(&place->target);
}

bool place_is_here(const struct place *place)
{
    return strcasecmp(place->host, "localhost") == 0 || strncmp(place->host, "127.", 4) == 0 ||
           strcmp(place->host, "[::1]") == 0;
}
