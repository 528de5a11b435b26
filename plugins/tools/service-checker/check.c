/*
 * SPDX-License-Identifier: MIT
 */
#include "check.h"

#include "connection.h"
#include "kit/fetch.h"
#include "kit/pace.h"

#include <time.h>
#include <unistd.h>

#define PAUSE_MS 200

/* What is left of the time of this attempt, at least 1 ms: what begins then fails by itself. */
static uint32_t left_ms(const struct check *c)
{
    double spent = pace_ms(&c->pace), most = c->request->timeout_ms;
    if (spent < 1)
        return c->request->timeout_ms;
    return spent + 1 < most ? (uint32_t)(most - spent) : 1;
}

static int32_t check_tcp(const hexmcp_round *r, struct check *c)
{
    struct connection connection;
    int32_t status = connection_open(r, c->target->host, c->target->port, left_ms(c), &connection);
    c->ms = connection.ms;
    if (status != HEXMCP_OK)
        return status;
    memcpy(c->address, connection.address, sizeof(c->address));
    close(connection.fd);
    return HEXMCP_OK;
}

/* The host resolves a name only to connect. A name is resolved if that went as far as the connection,
 * whether somebody answered there or not. */
static int32_t check_dns(const hexmcp_round *r, struct check *c)
{
    int32_t status = check_tcp(r, c);
    bool nobody = status == HEXMCP_E_UNAVAILABLE && strstr(r->err->text, ": no connection: ");
    bool silent = status == HEXMCP_E_TIMEOUT && strstr(r->err->text, ": no connection within ");
    return nobody || silent ? HEXMCP_OK : status;
}

static int32_t look_at_certificate(const hexmcp_round *r, struct check *c)
{
    struct connection connection;
    const struct target_of_check *t = c->target;
    int32_t status = connection_open(r, t->host, t->port, left_ms(c), &connection);
    c->ms = connection.ms;
    if (status != HEXMCP_OK)
        return status;
    memcpy(c->address, connection.address, sizeof(c->address));
    status = tls_look(&c->pace, connection.fd, t->host, c->request->timeout_ms, &c->tls);
    c->has_tls = status == HEXMCP_OK;
    close(connection.fd);
    return status;
}

static int32_t ask(const hexmcp_round *r, struct check *c, const char *method)
{
    const struct fetch_request request = {.url = c->target->url,
                                          .method = method,
                                          .timeout_ms = left_ms(c),
                                          .max_redirects = -1,
                                          .max_bytes = 1 << 20};
    struct fetch_answer answer;
    int32_t status = fetch(r, &request, &answer);
    c->ms = answer.ms;
    if (status != HEXMCP_OK)
        return status;
    c->http_status = answer.status;
    fetch_free(&answer);
    return HEXMCP_OK;
}

static int32_t check_http(const hexmcp_round *r, struct check *c)
{
    int expected = c->request->expected_status;
    int32_t status = ask(r, c, "HEAD");
    if (status == HEXMCP_OK && (c->http_status == 405 || c->http_status == 501) && expected != c->http_status)
        status = ask(r, c, "GET");
    if (status != HEXMCP_OK)
        return status;
    if (expected ? c->http_status == expected : c->http_status >= 200 && c->http_status < 400)
        return HEXMCP_OK;
    return hexmcp_fail(r->err, HEXMCP_E_GENERIC, "%.200s answered with status %d", c->target->url,
                       c->http_status);
}

static int32_t check_https(const hexmcp_round *r, struct check *c)
{
    int32_t status = look_at_certificate(r, c);
    if (status == HEXMCP_OK)
        status = check_http(r, c);
    c->trusted = c->http_status != 0;
    return status;
}

static int32_t attempt(const hexmcp_round *r, struct check *c)
{
    static int32_t (*const checks[])(const hexmcp_round *r, struct check *c) = {
        [CHECK_TCP] = check_tcp, [CHECK_HTTP] = check_http, [CHECK_HTTPS] = check_https, [CHECK_DNS] = check_dns};
    c->attempts++;
    c->pace = pace_begin(r);
    c->http_status = 0;
    return checks[c->request->type](r, c);
}

/* What another try could change. */
static bool is_passing(int32_t status)
{
    return status == HEXMCP_E_UNAVAILABLE || status == HEXMCP_E_TIMEOUT || status == HEXMCP_E_BUSY ||
           status == HEXMCP_E_GENERIC;
}

void check_run(const hexmcp_round *r, struct check *c)
{
    hexmcp_round own = *r;
    const struct timespec pause = {0, PAUSE_MS * 1000000L};
    own.err = &c->error;
    c->error = *r->err;
    c->status = attempt(&own, c);
    for (int i = 0; i < c->request->retries && is_passing(c->status); i++) {
        if (own.calls && own.calls->cancelled(own.calls->ctx, own.call))
            break;
        nanosleep(&pause, NULL);
        c->status = attempt(&own, c);
    }
    c->available = c->status == HEXMCP_OK;
}
