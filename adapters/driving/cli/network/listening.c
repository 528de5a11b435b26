#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapters/driving/cli/network/parts.h"
#include "core/base/str.h"

bool network_wanted(const struct invocation *inv)
{
    return invocation_option(inv, "listen") || invocation_option(inv, "unix");
}

static int add_places(struct network *n, struct error *err)
{
    int rc = ST_OK;
    for (int i = 0; i < n->inv->given_count && !rc; i++) {
        const struct given *given = &n->inv->given[i];
        if (strcmp(given->name, "listen") == 0)
            rc = listener_add_tcp(n->listener, str_from(given->value), err);
        else if (strcmp(given->name, "unix") == 0)
            rc = listener_add_unix(n->listener, str_from(given->value), err);
    }
    return rc;
}

/* Whoever can reach the server could use it. */
static int check_reach(struct network *n, struct error *err)
{
    struct listener_place place;
    if (n->authenticator->needs_credentials(n->authenticator->ctx))
        return ST_OK;
    for (size_t i = 0; listener_place_at(n->listener, i, &place); i++)
        if (!place.loopback)
            return error_set(err, ST_CONFIG,
                             "%.*s can be reached from other machines and nobody would have to say who "
                             "they are; ask for credentials (setting auth.mode), or listen on "
                             "127.0.0.1",
                             STR_ARG(place.text));
    return ST_OK;
}

int listening_open(struct network *n, struct error *err)
{
    int rc = add_places(n, err);
    return rc ? rc : check_reach(n, err);
}

static void add_line(const struct network *n, const struct listener_place *place, struct buffer *out)
{
    if (place->local) {
        buffer_add_str(out, STR("unix:"));
        buffer_add_str(out, place->text);
    } else {
        buffer_add_str(out, n->tls.take ? STR("https://") : STR("http://"));
        buffer_add_str(out, place->text);
        buffer_add_str(out, STR("/mcp"));
    }
    buffer_add_char(out, '\n');
}

/* The option, or the variable that a program sets which starts servers for others. */
static const char *ready_text(const struct network *n)
{
    const char *given = invocation_option(n->inv, "ready-fd");
    return given ? given : secure_getenv("HEXMCP_READY_FD");
}

static int tell_ready(const struct network *n, struct str lines, struct error *err)
{
    const char *text = ready_text(n);
    char *end;
    if (!text)
        return ST_OK;
    errno = 0;
    long fd = strtol(text, &end, 10);
    if (errno || end == text || *end || fd < 0 || fd > 1000000 || fcntl((int)fd, F_GETFD) < 0)
        return error_set(err, ST_INVALID, "--ready-fd %s: there is no such open descriptor", text);
    ssize_t wrote = write((int)fd, lines.ptr, lines.len);
    close((int)fd);
    return wrote == (ssize_t)lines.len
               ? ST_OK
               : error_set(err, ST_UNAVAILABLE, "--ready-fd %s: cannot be written: %s", text,
                           wrote < 0 ? strerror(errno) : "it took only a part");
}

int listening_tell(struct network *n, struct error *err)
{
    struct buffer lines = BUFFER_INIT;
    struct listener_place place;
    for (size_t i = 0; listener_place_at(n->listener, i, &place); i++) {
        size_t begin = lines.len;
        add_line(n, &place, &lines);
        if (!buffer_failed(&lines))
            fprintf(stderr, "listening on %.*s", (int)(lines.len - begin), lines.data + begin);
    }
    int rc = buffer_failed(&lines) ? error_set(err, ST_NOMEM, "out of memory")
                                   : tell_ready(n, buffer_str(&lines), err);
    buffer_clear(&lines);
    return rc;
}
