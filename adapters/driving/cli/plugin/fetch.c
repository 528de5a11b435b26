#include "adapters/driving/cli/plugin/fetch.h"

#include <ctype.h>
#include <errno.h>
#include <unistd.h>

#include "adapters/driven/clock/clock.h"
#include "adapters/driven/http_client/http_client.h"
#include "adapters/driven/loop/loop.h"
#include "core/json/json.h"
#include "core/json/writer.h"

#define TIMEOUT_MS 600000

struct fetch {
    struct loop *loop;
    struct http_client *client;
    uint64_t id;
    int fd;
    bool over;
    int rc;
    struct error *err;
};

static int post(void *ctx, void (*fn)(void *arg), void *arg)
{
    return loop_post(ctx, fn, arg, NULL);
}

static void end(struct fetch *f, int rc)
{
    if (!f->over)
        f->rc = rc;
    f->over = true;
}

/* ---- the answer ---- */

static void on_head(struct fetch *f, struct str text)
{
    struct json_doc *doc;
    if (json_parse(text, &doc, f->err)) {
        end(f, f->err->code);
        return;
    }
    struct str status = json_text(json_get(json_root(doc), STR("status")));
    if (!str_eq(status, STR("200")))
        end(f, error_set(f->err, ST_NOT_FOUND, "the server answered with status %.*s",
                         STR_ARG(status)));
    json_free(doc);
}

static void on_body(struct fetch *f, struct str bytes)
{
    const struct service_port *port = http_client_port(f->client);
    struct buffer taken = BUFFER_INIT;
    buffer_add_u64(&taken, bytes.len);
    while (bytes.len && !f->over) {
        ssize_t n = write(f->fd, bytes.ptr, bytes.len);
        if (n < 0 && errno != EINTR)
            end(f, error_set(f->err, ST_UNAVAILABLE, "it cannot be kept: %s", strerror(errno)));
        bytes = n < 0 ? bytes : (struct str){bytes.ptr + n, bytes.len - (size_t)n};
    }
    if (!f->over)
        port->tell(port->ctx, f->id, HTTP_TELL_TAKEN, buffer_str(&taken), STR(""));
    buffer_clear(&taken);
}

static void on_failure(struct fetch *f, const struct service_event *event)
{
    struct json_doc *doc;
    struct buffer scratch = BUFFER_INIT;
    struct str message = STR("the request failed");
    if (json_parse(event->text, &doc, NULL) == ST_OK) {
        json_string(json_get(json_root(doc), STR("message")), &scratch, &message);
        end(f, error_set(f->err, event->status, "%.*s", STR_ARG(message)));
        json_free(doc);
    }
    end(f, event->status);
    buffer_clear(&scratch);
}

static void on_event(void *ctx, const struct service_event *event)
{
    struct fetch *f = ctx;
    if (f->over)
        return;
    if (event->kind == HTTP_EVENT_HEAD)
        on_head(f, event->text);
    else if (event->kind == HTTP_EVENT_BODY)
        on_body(f, event->bytes);
    else if (event->kind == HTTP_EVENT_COMPLETE)
        end(f, ST_OK);
    else if (event->last)
        on_failure(f, event);
}

/* ---- the request ---- */

/* The host that the person named, as a rule: it may be a private one. */
static int rule_of(const char *url, char rule[300], struct error *err)
{
    const char *host = strstr(url, "://") + 3;
    size_t len = strcspn(host, "/?#");
    if ((strncmp(url, "https://", 8) != 0 && strncmp(url, "http://", 7) != 0) || len == 0 ||
        len >= 300 || memchr(host, '@', len))
        return error_set(err, ST_INVALID,
                         "is no address that can be got; it begins with https:// and a host");
    for (size_t i = 0; i < len; i++)
        rule[i] = (char)tolower((unsigned char)host[i]);
    rule[len] = '\0';
    return ST_OK;
}

static void write_request(struct buffer *out, const char *url, uint64_t most)
{
    struct json_writer w = json_writer(out);
    json_begin_object(&w);
    json_key(&w, STR("request"));
    json_begin_object(&w);
    json_put_string(&w, STR("url"), str_from(url));
    json_put_i64(&w, STR("maxBytes"), (int64_t)most);
    json_put_i64(&w, STR("timeoutMs"), TIMEOUT_MS);
    json_put_bool(&w, STR("decompress"), false);
    json_end_object(&w);
    json_end_object(&w);
}

static int ask(struct fetch *f, const char *url, uint64_t most)
{
    char rule[300];
    int rc = rule_of(url, rule, f->err);
    if (rc)
        return rc;
    const struct str hosts[] = {str_from(rule), STR("*")};
    const struct plugin_grants grants = {.hosts = hosts, .host_count = 2};
    const struct service_port *port = http_client_port(f->client);
    const struct service_sink sink = {f, on_event};
    struct buffer text = BUFFER_INIT;
    write_request(&text, url, most);
    const struct service_request request = {.op = HTTP_OP_REQUEST, .plugin = STR("hexmcp"),
                                            .grants = &grants, .text = buffer_str(&text)};
    rc = port->open(port->ctx, &request, &sink, &f->id, f->err);
    buffer_clear(&text);
    if (rc)
        return rc;
    while (!f->over)
        loop_turn(f->loop);
    port->close(port->ctx, f->id);
    return f->rc;
}

int fetch_url(struct workshop *w, const char *url, int fd, uint64_t most, struct error *err)
{
    struct fetch f = {.fd = fd, .err = err};
    int rc = loop_new(1, &f.loop, err);
    if (rc)
        return rc;
    const struct http_client_config config = {
        .modules = places_modules(w->places),
        .version = HEXMCP_VERSION,
        .clock = system_clock_port(),
        .timer = loop_timers(f.loop),
        .post = post,
        .post_ctx = f.loop,
        .max_requests = 1,
        .max_per_plugin = 1,
        .proxy = STR(""),
        .ca_file = STR(""),
        .unverified = STR("[]"),
    };
    rc = http_client_new(&config, &f.client, err);
    if (!rc)
        rc = ask(&f, url, most);
    http_client_free(f.client);
    loop_end_workers(f.loop);
    loop_free(f.loop);
    return rc;
}
