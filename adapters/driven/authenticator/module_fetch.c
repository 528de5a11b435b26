#include <curl/curl.h>
#include <string.h>
#include <strings.h>

#include "adapters/driven/authenticator/module_parts.h"

#define POLL_MS 100
#define CONNECT_MS 3000L
#define MAX_AGE_MOST 31536000

struct transfer {
    const struct fetch *fetch;
    struct buffer *out;
    size_t had;
    int64_t max_age_s;
    bool too_long;
};

static size_t take_body(char *data, size_t size, size_t count, void *arg)
{
    struct transfer *t = arg;
    size_t len = size * count;
    if (t->out->len - t->had + len > t->fetch->most_bytes) {
        t->too_long = true;
        return 0;
    }
    buffer_add(t->out, data, len);
    return buffer_failed(t->out) ? 0 : len;
}

static bool starts_with(struct str text, const char *word)
{
    size_t len = strlen(word);
    return text.len >= len && strncasecmp(text.ptr, word, len) == 0;
}

/* The number behind "max-age=", where it stands as a directive of its own. */
static void read_directive(struct str text, int64_t *out)
{
    int64_t value = 0;
    while (text.len && (text.ptr[0] == ' ' || text.ptr[0] == '\t'))
        text = (struct str){text.ptr + 1, text.len - 1};
    if (starts_with(text, "no-store") || starts_with(text, "no-cache"))
        *out = 0;
    if (!starts_with(text, "max-age=") || *out == 0)
        return;
    size_t at = 8;
    for (; at < text.len && text.ptr[at] >= '0' && text.ptr[at] <= '9'; at++)
        value = value >= MAX_AGE_MOST ? MAX_AGE_MOST : value * 10 + (text.ptr[at] - '0');
    if (at > 8)
        *out = value;
}

static size_t take_header(char *data, size_t size, size_t count, void *arg)
{
    static const char name[] = "cache-control:";
    struct transfer *t = arg;
    struct str line = {data, size * count};
    if (!starts_with(line, name))
        return line.len;
    const char *at = data + sizeof(name) - 1, *end = data + line.len;
    while (at < end) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        const char *stop = comma ? comma : end;
        read_directive((struct str){at, (size_t)(stop - at)}, &t->max_age_s);
        at = comma ? comma + 1 : end;
    }
    return line.len;
}

static void set_options(CURL *easy, struct transfer *t)
{
    const struct str url = {t->fetch->url, strlen(t->fetch->url)};
    const bool plain = starts_with(url, "http:");
    curl_easy_setopt(easy, CURLOPT_URL, t->fetch->url);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, plain ? "http" : "https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)t->fetch->timeout_ms);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, t);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, t);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "hexmcp");
    /* Plain HTTP is for loopback alone, and no proxy stands between. */
    if (plain)
        curl_easy_setopt(easy, CURLOPT_PROXY, "");
}

/* Not curl_easy_perform, which looks up only once a second. */
static int run(CURLM *multi, const struct transfer *t, CURLcode *result, struct error *err)
{
    int running = 1;
    while (running) {
        CURLMcode failed = curl_multi_perform(multi, &running);
        if (!failed && running)
            failed = curl_multi_poll(multi, NULL, 0, POLL_MS, NULL);
        if (failed)
            return error_set(err, ST_UNAVAILABLE, "%s: %s", t->fetch->url,
                             curl_multi_strerror(failed));
        if (t->fetch->stopped && t->fetch->stopped(t->fetch->ctx))
            return error_set(err, ST_UNAVAILABLE, "%s: the server ends", t->fetch->url);
    }
    CURLMsg *message = curl_multi_info_read(multi, &running);
    *result = message && message->msg == CURLMSG_DONE ? message->data.result : CURLE_RECV_ERROR;
    return ST_OK;
}

static int judge(CURL *easy, const struct transfer *t, CURLcode result, struct error *err)
{
    long status = 0;
    const char *url = t->fetch->url;
    if (t->too_long)
        return error_set(err, ST_UNAVAILABLE, "%s: the answer is longer than %zu bytes", url,
                         t->fetch->most_bytes);
    if (result)
        return error_set(err, ST_UNAVAILABLE, "%s: %s", url, curl_easy_strerror(result));
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    if (status >= 300 && status < 400)
        return error_set(err, ST_UNAVAILABLE,
                         "%s: answered with a redirect (%ld), which is not followed", url, status);
    if (status != 200)
        return error_set(err, ST_UNAVAILABLE, "%s: answered with status %ld", url, status);
    return ST_OK;
}

static int get(const struct fetch *fetch, struct buffer *out, int64_t *max_age_s, struct error *err)
{
    struct transfer transfer = {.fetch = fetch, .out = out, .had = out->len, .max_age_s = -1};
    CURL *easy = curl_easy_init();
    CURLM *multi = curl_multi_init();
    CURLcode result = CURLE_OK;
    int rc = ST_OK;
    if (easy && multi) {
        set_options(easy, &transfer);
        curl_multi_add_handle(multi, easy);
        rc = run(multi, &transfer, &result, err);
        if (!rc)
            rc = judge(easy, &transfer, result, err);
        curl_multi_remove_handle(multi, easy);
    } else {
        rc = error_set(err, ST_NOMEM, "out of memory");
    }
    curl_multi_cleanup(multi);
    curl_easy_cleanup(easy);
    if (!rc)
        *max_age_s = transfer.max_age_s;
    return rc;
}

int module_fill_fetch(struct auth_module *out, struct error *err)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT))
        return error_set(err, ST_UNAVAILABLE, "libcurl cannot be initialised");
    out->get = get;
    return ST_OK;
}
