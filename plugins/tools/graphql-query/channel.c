/*
 * SPDX-License-Identifier: MIT
 *
 * libcurl is told the address in numbers, so that it asks no resolver, and is given the connected
 * descriptor in place of a socket. The name is for the certificate.
 */
#include "channel.h"

#include "kit/reach.h"

#include <poll.h>
#include <stdio.h>
#include <unistd.h>

struct opening {
    struct channel *channel;
    struct pace *pace;
    int32_t stopped;
};

static curl_socket_t give_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct channel *c = arg;
    (void)purpose;
    (void)address;
    if (c->given)
        return CURL_SOCKET_BAD;
    c->given = true;
    return c->fd;
}

static int is_connected(void *arg, curl_socket_t fd, curlsocktype purpose)
{
    (void)arg;
    (void)fd;
    (void)purpose;
    return CURL_SOCKOPT_ALREADY_CONNECTED;
}

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

/* No names for a host that is an address in brackets. */
static bool name_address(struct channel *c, const struct place *place, const char *address)
{
    char text[400];
    if (place->host[0] == '[')
        return true;
    snprintf(text, sizeof(text), strchr(address, ':') ? "%s:%u:[%s]" : "%s:%u:%s", place->host, place->port,
             address);
    c->names = curl_slist_append(NULL, text);
    return c->names != NULL;
}

static void set_options(CURL *curl, struct opening *o, const struct place *place, const char *ca_file,
                        uint32_t timeout_ms)
{
    char url[320];
    snprintf(url, sizeof(url), "%s://%s:%u/", place->tls ? "https" : "http", place->host, place->port);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_CONNECT_ONLY, 1L);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(curl, CURLOPT_SSL_ENABLE_ALPN, 0L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(curl, CURLOPT_RESOLVE, o->channel->names);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, give_socket);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, o->channel);
    curl_easy_setopt(curl, CURLOPT_SOCKOPTFUNCTION, is_connected);
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
                     uint32_t timeout_ms, const char *address)
{
    struct channel *c = o->channel;
    c->curl = curl_easy_init();
    if (!c->curl || !name_address(c, place, address))
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
    *out = (struct channel){.fd = -1};
    int32_t status = connect_to(pace, place, timeout_ms, &to);
    if (status != HEXMCP_OK)
        return status;
    out->fd = to.fd;
    status = begin(&o, place, ca_file, timeout_ms, to.address);
    if (status != HEXMCP_OK)
        channel_close(out);
    return status;
}

void channel_close(struct channel *channel)
{
    curl_easy_cleanup(channel->curl);
    curl_slist_free_all(channel->names);
    if (!channel->given && channel->fd >= 0)
        close(channel->fd);
    *channel = (struct channel){.fd = -1};
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
