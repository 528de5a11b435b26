/* Drives the ports "hexmcp.http/1" and "hexmcp.net/1" by lines of JSON, see drive.py.
 *
 * usage: driver MODULES [name=value]...
 *
 * It resolves names itself: libcurl and net call the getaddrinfo() of this program. */
#include <arpa/inet.h>
#include <dirent.h>
#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>
#include <zlib.h>

#include "adapters/driven/clock/clock.h"
#include "adapters/driven/crypto/crypto.h"
#include "adapters/driven/http_client/http_client.h"
#include "adapters/driven/loop/loop.h"
#include "adapters/driven/net/net.h"
#include "adapters/driven/secret_store/secret_store.h"
#include "core/json/json.h"
#include "core/json/writer.h"

#define RULES_MAX 16
#define SHOWN_MAX 4096

struct task {
    struct task *next;
    const struct service_port *port;
    int64_t id;
    uint64_t port_id;
    uint64_t bytes, pause_at;
    size_t untaken, most;
    unsigned long crc;
    bool paused, over;
    struct buffer shown;
};

static struct loop *loop;
static struct http_client *http;
static struct net *net;
static struct secret_store *store;
static struct crypto_module *crypto;
static struct task *tasks;
static struct buffer input;
static uv_pipe_t in;
static bool ended;

/* ---- names ---- */

static pthread_mutex_t names_lock = PTHREAD_MUTEX_INITIALIZER;
static struct json_doc *names; /* {"name": [["address"...]...], ...}: one list an answer */
static unsigned asked[64];     /* how often each was asked */
static unsigned lookups;

#define SEEN __attribute__((visibility("default")))
SEEN int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                     struct addrinfo **out);
SEEN void freeaddrinfo(struct addrinfo *list);

static struct addrinfo *one(struct str address, int port)
{
    struct addrinfo *info = calloc(1, sizeof(*info) + sizeof(struct sockaddr_in6));
    char text[64];
    struct sockaddr_in6 *six = (void *)(info + 1);
    struct sockaddr_in *four = (void *)(info + 1);
    snprintf(text, sizeof(text), "%.*s", STR_ARG(address));
    info->ai_socktype = SOCK_STREAM;
    info->ai_protocol = IPPROTO_TCP;
    info->ai_addr = (void *)(info + 1);
    if (inet_pton(AF_INET, text, &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
        four->sin_port = htons((uint16_t)port);
        info->ai_addrlen = sizeof(*four);
    } else {
        inet_pton(AF_INET6, text, &six->sin6_addr);
        six->sin6_family = AF_INET6;
        six->sin6_port = htons((uint16_t)port);
        info->ai_addrlen = sizeof(*six);
    }
    info->ai_family = info->ai_addr->sa_family;
    return info;
}

/* The answer to this question: the list whose turn it is, the last one for ever. */
static struct json answer_for(const char *node)
{
    struct json_iter it = json_iter(json_root(names));
    for (unsigned i = 0; json_next(&it) && i < 64; i++) {
        uint32_t turn = asked[i];
        if (!json_is(it.key, str_from(node)))
            continue;
        asked[i]++;
        uint32_t last = json_count(it.value) - 1;
        return json_at(it.value, turn < last ? turn : last);
    }
    return json_none();
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **out)
{
    struct addrinfo *list = NULL, **end = &list;
    struct str address;
    int port = service ? atoi(service) : 0;
    int64_t sleep_ms = 0;
    pthread_mutex_lock(&names_lock);
    lookups++;
    struct json answer = names ? answer_for(node) : json_none();
    struct json_iter it = json_iter(answer);
    while (json_next(&it)) {
        if (json_int64(it.value, &sleep_ms) || !json_plain(it.value, &address))
            continue;
        struct addrinfo *info = one(address, port);
        if (hints && hints->ai_family != AF_UNSPEC && hints->ai_family != info->ai_family) {
            free(info);
            continue;
        }
        *end = info;
        end = &info->ai_next;
    }
    pthread_mutex_unlock(&names_lock);
    usleep((useconds_t)sleep_ms * 1000);
    *out = list;
    return list ? 0 : EAI_NONAME;
}

void freeaddrinfo(struct addrinfo *list)
{
    while (list) {
        struct addrinfo *next = list->ai_next;
        free(list);
        list = next;
    }
}

/* ---- output ---- */

static void put_line(struct buffer *line)
{
    buffer_add_char(line, '\n');
    fwrite(line->data, 1, line->len, stdout);
    fflush(stdout);
    buffer_clear(line);
}

static void say_number(const char *key, int64_t value)
{
    struct buffer line = BUFFER_INIT;
    struct json_writer w = json_writer(&line);
    json_begin_object(&w);
    json_put_i64(&w, str_from(key), value);
    json_end_object(&w);
    put_line(&line);
}

static void say_head(const struct task *t, struct str json)
{
    struct buffer line = BUFFER_INIT;
    struct json_writer w = json_writer(&line);
    json_begin_object(&w);
    json_put_i64(&w, STR("id"), t->id);
    json_put_raw(&w, STR("head"), json);
    json_end_object(&w);
    put_line(&line);
}

static void say_end(struct task *t, int status, struct str json, int fd)
{
    struct buffer line = BUFFER_INIT;
    struct json_writer w = json_writer(&line);
    json_begin_object(&w);
    json_put_i64(&w, STR("id"), t->id);
    json_put_i64(&w, STR("end"), status);
    json_put_raw(&w, STR("json"), json.len ? json : STR("null"));
    json_put_i64(&w, STR("bytes"), (int64_t)t->bytes);
    json_put_i64(&w, STR("crc"), (int64_t)t->crc);
    json_put_i64(&w, STR("most"), (int64_t)t->most);
    json_put_string(&w, STR("text"), buffer_str(&t->shown));
    json_put_i64(&w, STR("fd"), fd);
    json_end_object(&w);
    put_line(&line);
    t->over = true;
}

/* ---- events ---- */

static void take(struct task *t, size_t bytes)
{
    struct buffer text = BUFFER_INIT;
    buffer_add_u64(&text, bytes);
    t->port->tell(t->port->ctx, t->port_id, HTTP_TELL_TAKEN, buffer_str(&text), STR(""));
    t->untaken -= bytes;
    buffer_clear(&text);
}

static void on_body(struct task *t, struct str piece)
{
    size_t room = SHOWN_MAX - t->shown.len;
    t->bytes += piece.len;
    t->untaken += piece.len;
    t->most = t->untaken > t->most ? t->untaken : t->most;
    t->crc = crc32(t->crc, (const unsigned char *)piece.ptr, (unsigned)piece.len);
    buffer_add(&t->shown, piece.ptr, piece.len < room ? piece.len : room);
    if (t->pause_at && t->bytes >= t->pause_at)
        t->paused = true;
    if (!t->paused)
        take(t, t->untaken);
}

static void on_event(void *ctx, const struct service_event *event)
{
    struct task *t = ctx;
    if (event->last)
        say_end(t, event->status, event->text, event->fd);
    else if (event->kind == HTTP_EVENT_HEAD)
        say_head(t, event->text);
    else if (event->kind == HTTP_EVENT_BODY)
        on_body(t, event->bytes);
    else if (event->kind == HTTP_EVENT_COMPLETE) {
        say_end(t, 0, event->text, -1);
        t->port->close(t->port->ctx, t->port_id);
    } else if (event->kind == HTTP_EVENT_SENT) {
        say_number("sent", atoll(event->text.ptr));
    } else if (event->kind == HTTP_EVENT_RESUMED) {
        t->paused = false;
        t->pause_at = 0;
        take(t, t->untaken);
    }
}

/* ---- commands ---- */

static size_t read_list(struct json list, struct str out[RULES_MAX])
{
    struct json_iter it = json_iter(list);
    size_t count = 0;
    while (json_next(&it) && count < RULES_MAX)
        count += json_plain(it.value, &out[count]);
    return count;
}

static int64_t number(struct json from, const char *key)
{
    int64_t value = 0;
    json_int64(json_get(from, str_from(key)), &value);
    return value;
}

static struct str text_of(struct json from, const char *key, struct buffer *scratch)
{
    struct str text = {NULL, 0};
    json_string(json_get(from, str_from(key)), scratch, &text);
    return text;
}

/* Bytes that anybody can make again: 0, 1, 2 ... 250, 0 ... */
static void pattern(struct buffer *out, int64_t len)
{
    buffer_reserve(out, (size_t)len);
    for (int64_t i = 0; i < len; i++)
        out->data[out->len++] = (char)(i % 251);
}

static void body_of(struct json from, struct buffer *out)
{
    struct buffer scratch = BUFFER_INIT;
    buffer_add_str(out, text_of(from, "body", &scratch));
    pattern(out, number(from, "bodyBytes"));
    buffer_clear(&scratch);
}

static void open_task(struct json command, const struct service_port *port, struct str text)
{
    struct str hosts[RULES_MAX], secrets[RULES_MAX];
    struct buffer scratch = BUFFER_INIT, body = BUFFER_INIT;
    struct plugin_grants grants = {.hosts = hosts, .secrets = secrets};
    struct task *t = calloc(1, sizeof(*t));
    struct error err = {.code = 0};
    grants.host_count = read_list(json_get(command, STR("hosts")), hosts);
    grants.secret_count = read_list(json_get(command, STR("secrets")), secrets);
    body_of(command, &body);
    struct service_request request = {.op = 1, .grants = &grants, .text = text};
    request.plugin = text_of(command, "plugin", &scratch);
    request.bytes = buffer_str(&body);
    if (number(command, "deadlineMs"))
        request.deadline_ns = system_clock_port()->monotonic_ns(NULL) +
                              (uint64_t)number(command, "deadlineMs") * 1000000;
    t->port = port;
    t->id = number(command, "id");
    t->pause_at = (uint64_t)number(command, "pauseAt");
    t->next = tasks;
    tasks = t;
    const struct service_sink sink = {t, on_event};
    if (port->open(port->ctx, &request, &sink, &t->port_id, &err)) {
        struct buffer json = BUFFER_INIT;
        struct json_writer w = json_writer(&json);
        json_begin_object(&w);
        json_put_string(&w, STR("message"), str_from(err.text));
        json_end_object(&w);
        say_end(t, err.code, buffer_str(&json), -1);
        buffer_clear(&json);
    }
    buffer_clear(&body);
    buffer_clear(&scratch);
}

static void tell_task(struct json command, struct task *t, struct str verb)
{
    struct buffer body = BUFFER_INIT;
    body_of(command, &body);
    if (str_eq(verb, STR("close"))) {
        t->port->close(t->port->ctx, t->port_id);
        say_end(t, ST_CANCELLED, STR(""), -1);
    } else if (str_eq(verb, STR("resume"))) {
        t->port->tell(t->port->ctx, t->port_id, HTTP_TELL_RESUME, STR(""), STR(""));
    } else if (str_eq(verb, STR("write"))) {
        t->port->tell(t->port->ctx, t->port_id, HTTP_TELL_WRITE, STR(""), buffer_str(&body));
    } else if (str_eq(verb, STR("finish"))) {
        t->port->tell(t->port->ctx, t->port_id, HTTP_TELL_FINISH, STR(""), STR(""));
    } else if (str_eq(verb, STR("progress"))) {
        say_number("progress", (int64_t)t->bytes);
    }
    buffer_clear(&body);
}

static void count_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    int64_t count = -1; /* the folder's own */
    while (readdir(folder))
        count++;
    closedir(folder);
    say_number("fds", count - 2);
}

static int64_t count_lookups(void)
{
    pthread_mutex_lock(&names_lock);
    int64_t count = lookups;
    pthread_mutex_unlock(&names_lock);
    return count;
}

static void set_names(struct json command)
{
    struct str text = json_text(json_get(command, STR("names")));
    char *copy = strndup(text.ptr, text.len);
    struct error err;
    pthread_mutex_lock(&names_lock);
    json_free(names);
    names = NULL;
    memset(asked, 0, sizeof(asked));
    lookups = 0;
    if (json_parse_take(copy, text.len, &names, &err))
        abort();
    pthread_mutex_unlock(&names_lock);
}

static void obey(struct str line)
{
    struct json_doc *doc;
    struct buffer scratch = BUFFER_INIT;
    struct error err;
    if (json_parse(line, &doc, &err))
        abort();
    struct json command = json_root(doc);
    struct str verb = text_of(command, "do", &scratch);
    struct task *t = tasks;
    while (t && t->id != number(command, "id"))
        t = t->next;
    if (str_eq(verb, STR("http")))
        open_task(command, http_client_port(http), json_text(json_get(command, STR("text"))));
    else if (str_eq(verb, STR("net")))
        open_task(command, net_port(net), json_text(json_get(command, STR("text"))));
    else if (str_eq(verb, STR("fds")))
        count_descriptors();
    else if (str_eq(verb, STR("names")))
        set_names(command);
    else if (str_eq(verb, STR("lookups")))
        say_number("lookups", count_lookups());
    else if (str_eq(verb, STR("close-fd")))
        close((int)number(command, "fd"));
    else if (str_eq(verb, STR("use-fd")))
        say_number("used", write((int)number(command, "fd"), "hello\n", 6));
    else if (t && !t->over)
        tell_task(command, t, verb);
    json_free(doc);
    buffer_clear(&scratch);
}

/* ---- the program ---- */

static void give_space(uv_handle_t *handle, size_t suggested, uv_buf_t *out)
{
    (void)handle;
    out->base = malloc(suggested);
    out->len = suggested;
}

static void on_input(uv_stream_t *stream, ssize_t len, const uv_buf_t *piece)
{
    const char *end;
    if (len < 0) {
        ended = true;
        uv_close((uv_handle_t *)stream, NULL);
        loop_stop(loop);
    } else {
        buffer_add(&input, piece->base, (size_t)len);
    }
    free(piece->base);
    while (!ended && (end = memchr(input.data, '\n', input.len))) {
        size_t line = (size_t)(end - input.data);
        obey((struct str){input.data, line});
        buffer_drop_front(&input, line + 1);
    }
}

static int post(void *ctx, void (*fn)(void *arg), void *arg)
{
    return loop_post(ctx, fn, arg, NULL);
}

static struct str option(int argc, char **argv, const char *name)
{
    size_t len = strlen(name);
    for (int i = 2; i < argc; i++)
        if (strncmp(argv[i], name, len) == 0 && argv[i][len] == '=')
            return str_from(argv[i] + len + 1);
    return STR("");
}

static size_t size_option(int argc, char **argv, const char *name, size_t usual)
{
    struct str text = option(argc, argv, name);
    return text.len ? (size_t)atoll(text.ptr) : usual;
}

static void make(int argc, char **argv)
{
    struct error err;
    struct str sources = option(argc, argv, "secrets");
    if (secret_store_new(sources.len ? sources : STR("{}"), &store, &err)) {
        fprintf(stderr, "%s\n", err.text);
        exit(2);
    }
    if (crypto_module_new(argv[1], &crypto, &err)) {
        fprintf(stderr, "%s\n", err.text);
        exit(2);
    }
    struct http_client_config http_config = {
        .modules = argv[1],
        .version = "9.8.7",
        .clock = system_clock_port(),
        .timer = loop_timers(loop),
        .post = post,
        .post_ctx = loop,
        .secrets = secret_store_port(store),
        .crypto = crypto_module_port(crypto),
        .max_requests = size_option(argc, argv, "max", 8),
        .max_per_plugin = size_option(argc, argv, "own", 6),
        .idle_ms = (unsigned)size_option(argc, argv, "idle", 0),
        .traces = option(argc, argv, "traces").len == 0,
        .may_lose_tls = option(argc, argv, "downgrade").len > 0,
        .proxy = option(argc, argv, "proxy"),
        .ca_file = option(argc, argv, "ca"),
        .unverified = option(argc, argv, "unverified"),
    };
    struct net_config net_config = {
        .clock = system_clock_port(),
        .timer = loop_timers(loop),
        .executor = loop_executor(loop),
        .uv = loop_uv(loop),
        .max_attempts = size_option(argc, argv, "max", 8),
        .max_per_plugin = size_option(argc, argv, "own", 6),
    };
    if (http_client_new(&http_config, &http, &err) || net_new(&net_config, &net, &err)) {
        fprintf(stderr, "%s\n", err.text);
        exit(2);
    }
}

int main(int argc, char **argv)
{
    struct error err;
    if (argc < 2 || loop_new(4, &loop, &err))
        return 2;
    make(argc, argv);
    uv_pipe_init(loop_uv(loop), &in, 0);
    uv_pipe_open(&in, 0);
    uv_read_start((uv_stream_t *)&in, give_space, on_input);
    loop_run(loop);
    for (struct task *t = tasks; t; t = t->next)
        if (!t->over)
            t->port->close(t->port->ctx, t->port_id);
    bool clean = loop_end_workers(loop);
    http_client_free(http);
    secret_store_free(store);
    crypto_module_free(crypto);
    if (!clean)
        _exit(0);
    net_free(net);
    loop_free(loop);
    while (tasks) {
        struct task *t = tasks;
        tasks = t->next;
        buffer_clear(&t->shown);
        free(t);
    }
    buffer_clear(&input);
    pthread_mutex_lock(&names_lock);
    json_free(names);
    names = NULL;
    pthread_mutex_unlock(&names_lock);
    return 0;
}
