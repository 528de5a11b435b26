/* "plugin reload": asks a running server for it, over its Unix socket. */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "adapters/driving/cli/commands.h"
#include "adapters/driving/cli/places.h"
#include "adapters/driving/local/local.h"
#include "core/base/buffer.h"
#include "core/json/json.h"
#include "core/json/writer.h"

/* A helper starts, a self-test may take ten seconds. */
#define ANSWER_MS 60000
#define ANSWER_MAX ((size_t)64 << 10)

static int reach(const struct sockaddr_un *address, int *fd, struct error *err)
{
    *fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (*fd < 0)
        return error_set(err, ST_GENERIC, "no socket: %s", strerror(errno));
    if (connect(*fd, (const struct sockaddr *)address, sizeof(*address)) == 0)
        return ST_OK;
    int rc = error_set(err, ST_UNAVAILABLE,
                       "no server on %s: %s; start one with: hexmcp serve --unix %s",
                       address->sun_path, strerror(errno), address->sun_path);
    close(*fd);
    return rc;
}

static int ask(int fd, const char *plugin, struct error *err)
{
    struct buffer line = BUFFER_INIT;
    buffer_add_str(&line, STR(LOCAL_WORD));
    struct json_writer w = json_writer(&line);
    json_begin_object(&w);
    json_put_string(&w, STR("version"), STR(HEXMCP_VERSION));
    json_put_string(&w, STR("reload"), str_from(plugin));
    json_end_object(&w);
    buffer_add_char(&line, '\n');
    bool sent = !buffer_failed(&line) &&
                send(fd, line.data, line.len, MSG_NOSIGNAL) == (ssize_t)line.len;
    buffer_clear(&line);
    return sent ? ST_OK : error_set(err, ST_UNAVAILABLE, "the server does not listen");
}

/* Up to the end of what the server says. */
static int hear(int fd, struct buffer *out, struct error *err)
{
    char bytes[4096];
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    while (out->len < ANSWER_MAX) {
        if (poll(&ready, 1, ANSWER_MS) <= 0)
            return error_set(err, ST_TIMEOUT, "the server did not answer within %d s",
                             ANSWER_MS / 1000);
        ssize_t got = recv(fd, bytes, sizeof(bytes), 0);
        if (got <= 0)
            break;
        buffer_add(out, bytes, (size_t)got);
    }
    return out->len ? ST_OK : error_set(err, ST_UNAVAILABLE, "the server ended the connection");
}

static int understand(struct str line, struct error *err)
{
    const struct str word = STR(LOCAL_WORD);
    struct json_doc *doc;
    struct buffer scratch = BUFFER_INIT;
    struct str text;
    if (!str_starts(line, word))
        return error_set(err, ST_PROTOCOL, "what answers is no hexmcp server of this version");
    if (json_parse((struct str){line.ptr + word.len, line.len - word.len}, &doc, err))
        return error_prefix(err, "the server's answer: ");
    int rc = ST_OK;
    if (json_string(json_get(json_root(doc), STR("error")), &scratch, &text))
        rc = error_set(err, ST_UNAVAILABLE, "%.*s", STR_ARG(text));
    else if (!json_exists(json_get(json_root(doc), STR("reloaded"))))
        rc = error_set(err, ST_UNSUPPORTED, "the server is of another version of hexmcp and does "
                                            "not reload plugins");
    buffer_clear(&scratch);
    json_free(doc);
    return rc;
}

static int reload(const struct invocation *inv, const char *plugin, struct error *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct buffer answer = BUFFER_INIT;
    int fd;
    int rc = places_server_socket(inv, address.sun_path, sizeof(address.sun_path), err);
    if (!rc)
        rc = reach(&address, &fd, err);
    if (rc)
        return rc;
    rc = ask(fd, plugin, err);
    if (!rc)
        rc = hear(fd, &answer, err);
    if (!rc)
        rc = understand(buffer_str(&answer), err);
    close(fd);
    buffer_clear(&answer);
    return rc;
}

static int run(struct invocation *inv)
{
    struct error err;
    if (reload(inv, inv->operands[0], &err))
        return report_error(&err);
    printf("Reloaded %s.\n", inv->operands[0]);
    return EXIT_DONE;
}

static const struct option_spec options[] = {
    {"unix", "PATH", "the server's socket (default: as for hexmcp connect)"},
    {NULL, NULL, NULL},
};

const struct command command_plugin_reload = {
    .name = "plugin reload",
    .operands = "ID",
    .summary = "Have a running server take the new version of a plugin.",
    .details = "The server that listens on the Unix socket (hexmcp serve --unix) verifies what lies on\n"
               "the disk now, loads it beside the version that runs, hands its state over, tests it and\n"
               "gives it new calls; running calls end where they are. What fails leaves the old version.\n"
               "A server with the setting plugins.watch does this by itself when the files change.",
    .options = options,
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
