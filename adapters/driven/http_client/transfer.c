/* One hop as libcurl is told to make it. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "adapters/driven/http_client/exchange.h"

/* More than a request may take. */
#define CONNECT_MS (2L * 3600 * 1000)

/* ---- where it connects to ---- */

static bool by_proxy(const struct http_exchange *x)
{
    return exchange_config(x)->proxy[0] != '\0';
}

/* A proxy is the operator's choice; it alone knows the address of the host. */
static bool may_connect(struct http_exchange *x, const struct sockaddr *address)
{
    struct error err;
    const struct http_events *events = exchange_events(x);
    if (by_proxy(x) || !events->may_connect(x->request.arg, &x->place, address, &err))
        return true;
    if (!x->refused.code)
        x->refused = err;
    return false;
}

static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct http_exchange *x = arg;
    (void)purpose;
    x->resolving = false;
    if (x->cancelled || !may_connect(x, &address->addr))
        return CURL_SOCKET_BAD;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* Connections are kept, and one that is used again may have been made for other rules. */
static int before_request(void *arg, char *to, char *from, int to_port, int from_port)
{
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)to_port)};
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons((uint16_t)to_port)};
    struct http_exchange *x = arg;
    bool allowed = by_proxy(x);
    (void)from;
    (void)from_port;
    x->resolving = false;
    exchange_events(x)->connected(x->request.arg);
    if (!allowed && inet_pton(AF_INET, to, &four.sin_addr) == 1)
        allowed = may_connect(x, (const struct sockaddr *)&four);
    else if (!allowed && inet_pton(AF_INET6, to, &six.sin6_addr) == 1)
        allowed = may_connect(x, (const struct sockaddr *)&six);
    return allowed && !x->cancelled ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

static void set_connection(struct http_exchange *x)
{
    const struct http_engine_config *config = exchange_config(x);
    const bool verifies = exchange_events(x)->verifies(x->request.arg, &x->place);
    CURL *easy = x->easy;
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, x);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, before_request);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, x);
    /* The program counts the time: libcurl would leave the thread that resolves a name to itself, and
     * there would be no bound to their number. */
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); /* nor does the end wait for such threads */
    curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, 0L); /* the system knows how long names last */
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, verifies ? 1L : 0L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, verifies ? 2L : 0L);
    if (config->ca_file[0])
        curl_easy_setopt(easy, CURLOPT_CAINFO, config->ca_file);
    if (!by_proxy(x))
        curl_easy_setopt(easy, CURLOPT_PROXY, "");
    else if (strcmp(config->proxy, "environment") != 0)
        curl_easy_setopt(easy, CURLOPT_PROXY, config->proxy);
}

/* ---- what it sends ---- */

static bool add_line(struct http_exchange *x, const char *text)
{
    struct curl_slist *longer = curl_slist_append(x->lines, text);
    if (longer)
        x->lines = longer;
    return longer != NULL;
}

static bool add_field(struct http_exchange *x, const struct http_field *field)
{
    struct buffer line = BUFFER_INIT;
    buffer_add_str(&line, field->name);
    if (field->value.len) {
        buffer_add_str(&line, STR(": "));
        buffer_add_str(&line, field->value);
    } else {
        buffer_add_char(&line, ';'); /* libcurl's way to send an empty one */
    }
    buffer_add_char(&line, '\0');
    bool added = !buffer_failed(&line) && add_line(x, line.data);
    buffer_clear(&line);
    return added;
}

static bool is_name(const struct http_field *field, const char *name)
{
    return field->name.len == strlen(name) &&
           strncasecmp(field->name.ptr, name, field->name.len) == 0;
}

static int set_lines(struct http_exchange *x, struct error *err)
{
    bool added = true, chooses = false, accepts = false;
    curl_slist_free_all(x->lines);
    x->lines = NULL;
    for (size_t i = 0; added && i < x->request.field_count; i++) {
        const struct http_field *field = &x->request.fields[i];
        if (field->secret && x->crossed)
            continue;
        /* What describes a body stays with it. */
        if (!x->sends_body && x->redirects && is_name(field, "content-type"))
            continue;
        chooses = chooses || is_name(field, "accept-encoding");
        accepts = accepts || is_name(field, "accept");
        added = add_field(x, field);
    }
    added = added && add_line(x, "Expect:") && (accepts || add_line(x, "Accept: */*"));
    if (added && x->request.unpacks && !chooses)
        added = add_line(x, "Accept-Encoding: gzip, deflate");
    curl_easy_setopt(x->easy, CURLOPT_HTTPHEADER, x->lines);
    return added ? ST_OK : error_set(err, ST_NOMEM, "out of memory");
}

/* Methods that mean a body, even an empty one. */
static bool wants_body(const char *method)
{
    return strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0 || strcmp(method, "PATCH") == 0;
}

static void set_method(struct http_exchange *x)
{
    CURL *easy = x->easy;
    if (strcmp(x->method, "HEAD") == 0) {
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
        /* A server that sends a body all the same would answer the next request with it. */
        curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
        return;
    }
    if (x->sends_body || wants_body(x->method)) {
        curl_off_t len = x->request.streams && x->sends_body ? -1
                         : x->sends_body                     ? (curl_off_t)x->request.body.len
                                                             : 0;
        curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, len);
        curl_easy_setopt(easy, CURLOPT_READFUNCTION, exchange_give_body);
        curl_easy_setopt(easy, CURLOPT_READDATA, x);
        curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, exchange_seek_body);
        curl_easy_setopt(easy, CURLOPT_SEEKDATA, x);
    }
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, x->method);
}

static void set_callbacks(struct http_exchange *x)
{
    CURL *easy = x->easy;
    curl_easy_setopt(easy, CURLOPT_PRIVATE, x);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, x->said);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, exchange_take_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, x);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, exchange_take_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, x);
    curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
}

int exchange_prepare(struct http_exchange *x, struct error *err)
{
    const struct http_events *events = exchange_events(x);
    int rc = events->may_go(x->request.arg, &x->place, err);
    if (rc)
        return x->redirects ? error_prefix(err, "a redirect leads here, and ") : rc;
    curl_easy_reset(x->easy);
    exchange_head_reset(x);
    x->head.bytes = x->swallowed = 0;
    x->said[0] = '\0';
    x->refused.code = ST_OK;
    x->resolving = true;
    curl_easy_setopt(x->easy, CURLOPT_CURLU, x->url);
    curl_easy_setopt(x->easy, CURLOPT_PROTOCOLS_STR, x->place.tls ? "https" : "http");
    curl_easy_setopt(x->easy, CURLOPT_FOLLOWLOCATION, 0L);
    /* One stream of HTTP/2 that waits for its reader would hold up the others of its connection. */
    curl_easy_setopt(x->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    set_callbacks(x);
    set_connection(x);
    set_method(x);
    return set_lines(x, err);
}
