/*
 * smtp.c - SMTP by libcurl, on a connection that the host has made.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <strings.h>

#include "kit/curl_connection.h"
#include "kit/pace.h"
#include "kit/secret.h"
#include "send.h"

struct sending {
    hexmcp_str left;
    size_t whole;
    struct pace pace;
    int32_t stopped;
    bool needs_utf8;
    int greetings;  /* answers to EHLO that are to come before MAIL */
    bool offers_utf8;
    bool lacks_utf8; /* it was given up for that */
    struct sent *sent;
};

/* ---- the connection ---- */

static int32_t reach_server(const hexmcp_round *r, const struct settings *s, uint32_t timeout_ms,
                            struct reached *to)
{
    const hexmcp_net_1 *net = hexmcp_round_service(r, HEXMCP_NET_1);
    if (!net)
        return hexmcp_fail(r->err, HEXMCP_E_DENIED,
                           "no host was granted to this tool; the operator grants the mail server with "
                           "--allow-host %s:%u",
                           s->host, s->port);
    int32_t status = reach(net, r->call, s->host, s->port, timeout_ms, to);
    if (status == HEXMCP_OK)
        return HEXMCP_OK;
    return hexmcp_fail(r->err, status, "the mail server %s: %s", s->host,
                       to->message[0] ? to->message : "it cannot be reached");
}

/* ---- the transfer ---- */

static size_t give_bytes(char *to, size_t size, size_t count, void *arg)
{
    struct sending *q = arg;
    size_t len = size * count < q->left.len ? size * count : q->left.len;
    memcpy(to, q->left.ptr, len);
    q->left.ptr += len;
    q->left.len -= len;
    return len;
}

/* What counts is the answer to the last EHLO: behind STARTTLS. False: the server cannot take it. */
static bool watch_greeting(struct sending *q, const char *line, size_t len)
{
    static const char name[] = "SMTPUTF8";
    size_t room = sizeof(name) - 1;
    if (q->greetings == 0 || len < 4 || memcmp(line, "250", 3) != 0)
        return true;
    if (len >= 4 + room && strncasecmp(line + 4, name, room) == 0)
        q->offers_utf8 = true;
    if (line[3] != ' ')
        return true;
    if (--q->greetings == 0)
        q->lacks_utf8 = q->needs_utf8 && !q->offers_utf8;
    else
        q->offers_utf8 = false;
    return !q->lacks_utf8;
}

/* The answer to QUIT is not what matters. */
static size_t take_line(char *line, size_t size, size_t count, void *arg)
{
    struct sending *q = arg;
    size_t len = size * count, at = 0;
    if (!watch_greeting(q, line, len))
        return 0;
    if (len >= 3 && memcmp(line, "221", 3) == 0)
        return len;
    for (; at < len && at + 1 < sizeof(q->sent->response) && line[at] != '\r' && line[at] != '\n'; at++)
        q->sent->response[at] = line[at] >= ' ' && line[at] < 0x7f ? line[at] : '?';
    q->sent->response[at] = '\0';
    return len;
}

static int on_step(void *arg, curl_off_t a, curl_off_t b, curl_off_t all, curl_off_t done)
{
    struct sending *q = arg;
    (void)a;
    (void)b;
    (void)all;
    (void)done;
    q->stopped = pace_step(&q->pace, (double)(q->whole - q->left.len), (double)q->whole, "sending");
    return q->stopped != HEXMCP_OK;
}

static struct curl_slist *recipients(const struct request *q)
{
    struct curl_slist *list = NULL;
    const char *mail;
    for (size_t i = 0; (mail = request_recipient(q, i)); i++) {
        struct curl_slist *longer = curl_slist_append(list, mail);
        if (!longer) {
            curl_slist_free_all(list);
            return NULL;
        }
        list = longer;
    }
    return list;
}

/* The name in EHLO is the domain of the sender. */
static void set_connection(CURL *curl, const struct settings *s, const char *name)
{
    char url[700];
    bool number = strchr(s->host, ':') != NULL;
    snprintf(url, sizeof(url), "%s://%s%s%s:%u/%s", s->tls == TLS_IMPLICIT ? "smtps" : "smtp", number ? "[" : "",
             s->host, number ? "]" : "", s->port, name);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
    if (s->tls == TLS_STARTTLS)
        curl_easy_setopt(curl, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
    if (s->ca_file[0])
        curl_easy_setopt(curl, CURLOPT_CAINFO, s->ca_file);
}

static void set_transfer(CURL *curl, struct sending *q, const struct request *request)
{
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, request->from.mail);
    curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)q->whole);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, give_bytes);
    curl_easy_setopt(curl, CURLOPT_READDATA, q);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_line);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, q);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_step);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, q);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)request->timeout_ms);
}

/* ---- how it ended ---- */

static int32_t failed(const hexmcp_round *r, const struct settings *s, const struct sending *q, CURLcode code)
{
    bool unsure = q->left.len == 0 && code != CURLE_WEIRD_SERVER_REPLY;
    const char *after = unsure ? "the message was handed over but not confirmed: it may have been sent"
                               : "nothing was sent";
    if (q->stopped != HEXMCP_OK)
        return hexmcp_fail(r->err, q->stopped, "stopped: the call was cancelled or its time was over; %s", after);
    if (q->lacks_utf8)
        return hexmcp_fail(r->err, HEXMCP_E_UNSUPPORTED,
                           "the mail server %s does not take addresses that are not ASCII before the @ (it "
                           "offers no SMTPUTF8); nothing was sent", s->host);
    if (code == CURLE_LOGIN_DENIED)
        return hexmcp_fail(r->err, HEXMCP_E_DENIED,
                           "the mail server %s refuses user and password (%.150s); the operator corrects "
                           "them in the settings of hexmcp.email-sender", s->host, q->sent->response);
    if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE)
        return hexmcp_fail(r->err, HEXMCP_E_DENIED,
                           "the certificate of the mail server %s does not fit; nothing was sent", s->host);
    if (code == CURLE_USE_SSL_FAILED)
        return hexmcp_fail(r->err, HEXMCP_E_DENIED,
                           "the mail server %s offers no TLS (STARTTLS), which is demanded; nothing was sent",
                           s->host);
    if (code == CURLE_OPERATION_TIMEDOUT)
        return hexmcp_fail(r->err, HEXMCP_E_TIMEOUT, "the mail server %s did not answer in time; %s", s->host,
                           after);
    return hexmcp_fail(r->err, HEXMCP_E_UNAVAILABLE, "the mail server %s: %.150s (%s); %s", s->host,
                       q->sent->response[0] ? q->sent->response : "no answer", curl_easy_strerror(code), after);
}

static int32_t transfer(const hexmcp_round *r, const struct settings *s, const struct request *request,
                        struct sending *q, const struct reached *server, const char *password)
{
    CURL *curl = curl_easy_init();
    struct curl_slist *to = recipients(request);
    struct curl_connection connection = {.fd = server->fd};
    int32_t status = hexmcp_fail(r->err, HEXMCP_E_NOMEM, "out of memory for the message; try again");
    if (curl && to && curl_connection_begin(&connection, curl, s->host, s->port, server)) {
        set_connection(curl, s, strrchr(request->from.mail, '@') + 1);
        set_transfer(curl, q, request);
        curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, to);
        if (s->user[0]) {
            curl_easy_setopt(curl, CURLOPT_USERNAME, s->user);
            curl_easy_setopt(curl, CURLOPT_PASSWORD, password);
        }
        CURLcode code = curl_easy_perform(curl);
        status = code == CURLE_OK ? HEXMCP_OK : failed(r, s, q, code);
    }
    curl_slist_free_all(to);
    curl_easy_cleanup(curl);
    curl_connection_end(&connection);
    return status;
}

int32_t smtp_send(const hexmcp_round *r, struct settings *s, const struct request *request, hexmcp_str mail,
                  struct sent *sent)
{
    char password[1025] = "";
    struct reached to;
    struct sending q = {.left = mail, .whole = mail.len, .pace = pace_begin(r), .sent = sent,
                        .needs_utf8 = request->needs_utf8,
                        .greetings = s->tls == TLS_STARTTLS ? 2 : 1};
    int32_t status = s->password[0] ? secret_reveal(r, s->password, password, sizeof(password)) : HEXMCP_OK;
    if (status == HEXMCP_OK)
        status = reach_server(r, s, request->timeout_ms, &to);
    if (status == HEXMCP_OK)
        status = transfer(r, s, request, &q, &to, password);
    secret_forget(password, sizeof(password));
    snprintf(sent->id, sizeof(sent->id), "%s", request->id);
    return status;
}
