/*
 * SPDX-License-Identifier: MIT
 */
#include "channel.h"

#include <poll.h>
#include <stdio.h>

struct opening {
    struct channel *channel;
    struct pace *pace;
    int32_t stopped;
};

static int on_step(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    struct opening *o = arg;
    (void)a;
    (void)b;
    (void)c;
    (void)d;
    o->stopped = pace_step(o->pace, pace_ms(o->pace), 0, "connecting");
    return o->stopped != HEXMCP_OK;
}

static int32_t connect_to(struct pace *pace, const struct place *place, uint32_t timeout_ms,
                          struct reached *to)
{
    const hexmcp_round *r = pace->r;
    const hexmcp_net_1 *net = hexmcp_round_service(r, HEXMCP_NET_1);
    if (!net)
        return hexmcp_fail(r->err, HEXMCP_E_DENIED,
                           "no host was granted to this tool; the operator allows one with "
                           "--allow-host NAME or \"grants.hosts\" of the configuration");
    int32_t status = reach(net, r->call, place->host, place->port, timeout_ms, to);
    if (status == HEXMCP_OK)
        return HEXMCP_OK;
    return hexmcp_fail(r->err, status, "%s", to->message[0] ? to->message
                                                            : "the connection was not begun; try again");
}

static void set_options(CURL *curl, struct opening *o, const struct place *place, const char *ca_file,
                        uint32_t timeout_ms)
{
    char url[320];
    snprintf(url, sizeof(url), "%s://%s:%u/", place->tls ? "https" : "http", place->host, place->port);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_CONNECT_ONLY, 1L);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(curl, CURLOPT_SSL_ENABLE_ALPN, 0L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_step);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, o);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)timeout_ms);
    if (*ca_file)
        curl_easy_setopt(curl, CURLOPT_CAINFO, ca_file);
}

static int32_t fail(const struct opening *o, const struct place *place, CURLcode code, uint32_t timeout_ms)
{
    hexmcp_error *err = o->pace->r->err;
    if (o->stopped != HEXMCP_OK)
        return o->stopped;
    if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE)
        return hexmcp_fail(err, HEXMCP_E_UNAVAILABLE,
                           "%s:%u: its certificate does not fit (%s); nothing was sent", place->host,
                           place->port, curl_easy_strerror(code));
    if (code == CURLE_OPERATION_TIMEDOUT)
        return hexmcp_fail(err, HEXMCP_E_TIMEOUT, "%s:%u: no TLS handshake within %u ms", place->host,
                           place->port, timeout_ms);
    return hexmcp_fail(err, HEXMCP_E_UNAVAILABLE, "%s:%u: the TLS handshake failed (%s); check scheme and port",
                       place->host, place->port, curl_easy_strerror(code));
}

static int32_t begin(struct opening *o, const struct place *place, const char *ca_file,
                     uint32_t timeout_ms, const struct reached *to)
{
    struct channel *c = o->channel;
    c->curl = curl_easy_init();
    if (!c->curl || !curl_connection_begin(&c->connection, c->curl, place->host, place->port, to))
        return hexmcp_fail(o->pace->r->err, HEXMCP_E_NOMEM, "out of memory for the connection; try again");
    set_options(c->curl, o, place, ca_file, timeout_ms);
    CURLcode code = curl_easy_perform(c->curl);
    curl_easy_setopt(c->curl, CURLOPT_XFERINFOFUNCTION, NULL); /* `o` ends here */
    curl_easy_setopt(c->curl, CURLOPT_NOPROGRESS, 1L);
    return code == CURLE_OK ? HEXMCP_OK : fail(o, place, code, timeout_ms);
}

int32_t channel_open(struct pace *pace, const struct place *place, const char *ca_file, uint32_t timeout_ms,
                     struct channel *out)
{
    struct reached to;
    struct opening o = {.channel = out, .pace = pace};
    *out = (struct channel){.fd = -1, .connection = {.fd = -1}};
    int32_t status = connect_to(pace, place, timeout_ms, &to);
    if (status != HEXMCP_OK)
        return status;
    out->fd = out->connection.fd = to.fd;
    status = begin(&o, place, ca_file, timeout_ms, &to);
    if (status != HEXMCP_OK)
        channel_close(out);
    return status;
}

void channel_close(struct channel *channel)
{
    curl_easy_cleanup(channel->curl);
    curl_connection_end(&channel->connection);
    *channel = (struct channel){.fd = -1, .connection = {.fd = -1}};
}

ssize_t channel_read(struct channel *channel, void *to, size_t room)
{
    size_t got = 0;
    CURLcode code = curl_easy_recv(channel->curl, to, room, &got);
    if (code == CURLE_AGAIN)
        return 0;
    return code == CURLE_OK && got > 0 ? (ssize_t)got : -1;
}

ssize_t channel_write(struct channel *channel, const void *from, size_t len)
{
    size_t sent = 0;
    CURLcode code = curl_easy_send(channel->curl, from, len, &sent);
    if (code == CURLE_AGAIN)
        return 0;
    return code == CURLE_OK ? (ssize_t)sent : -1;
}

void channel_wait(const struct channel *channel, bool writing, int ms)
{
    struct pollfd waits = {channel->fd, (short)(POLLIN | (writing ? POLLOUT : 0)), 0};
    poll(&waits, 1, ms);
}
