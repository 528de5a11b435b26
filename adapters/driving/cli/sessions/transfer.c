#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "adapters/driving/cli/operation/operation.h"
#include "adapters/driving/cli/sessions/sessions.h"
#include "core/base/buffer.h"
#include "core/json/writer.h"

#define PIECE ((size_t)1 << 20)

/* ---- out ---- */

struct sink {
    int fd;
    int error; /* errno of the first write that failed */
};

static void piece(void *arg, struct str json, struct str bytes)
{
    struct sink *sink = arg;
    (void)json;
    while (bytes.len && !sink->error) {
        ssize_t n = write(sink->fd, bytes.ptr, bytes.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            sink->error = errno;
            return;
        }
        bytes.ptr += n;
        bytes.len -= (size_t)n;
    }
}

static void put_id(struct buffer *out, const char *name, struct str id)
{
    struct json_writer w = json_writer(out);
    json_begin_object(&w);
    json_put_string(&w, str_from(name), id);
    json_end_object(&w);
}

static int export_to(struct app *app, const struct invocation *inv, struct sink *sink,
                     struct json_doc **answer, struct error *err)
{
    struct buffer arguments = BUFFER_INIT;
    struct json_writer w = json_writer(&arguments);
    json_begin_object(&w);
    json_put_string(&w, STR("id"), str_from(inv->operands[0]));
    json_put_bool(&w, STR("artifacts"), !invocation_option(inv, "without-artifacts"));
    json_end_object(&w);
    const struct operation_run run = {.name = "session.export",
                                      .arguments = buffer_str(&arguments),
                                      .piece = piece,
                                      .arg = sink};
    int rc = operation_run(app, &run, answer, err);
    buffer_clear(&arguments);
    return rc;
}

/* The file appears with all of the session, or not at all. */
int sessions_export(struct app *app, const struct invocation *inv)
{
    const char *path = inv->operands[1];
    struct buffer part = BUFFER_INIT;
    struct json_doc *answer = NULL;
    struct error err;
    buffer_add_str(&part, str_from(path));
    buffer_add(&part, ".part", sizeof(".part"));
    if (buffer_failed(&part)) {
        error_set(&err, ST_NOMEM, "out of memory");
        return report_error(&err);
    }
    struct sink sink = {.fd = open(part.data, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
    int rc = ST_OK;
    if (sink.fd < 0)
        rc = error_set(&err, ST_GENERIC, "%s: %s; name a file in a folder that you may write to",
                       part.data, strerror(errno));
    if (!rc)
        rc = export_to(app, inv, &sink, &answer, &err);
    if (!rc && !sink.error && (fsync(sink.fd) || rename(part.data, path)))
        sink.error = errno;
    if (!rc && sink.error)
        rc = error_set(&err, ST_GENERIC, "%s: %s", path, strerror(sink.error));
    if (sink.fd >= 0) {
        close(sink.fd);
        if (rc)
            unlink(part.data);
    }
    buffer_clear(&part);
    if (rc) {
        json_free(answer);
        return report_error(&err);
    }
    operation_print_json(answer);
    json_free(answer);
    return EXIT_DONE;
}

/* ---- in ---- */

static int step(struct app *app, const char *operation, struct str arguments, struct str bytes,
                struct json_doc **answer, struct error *err)
{
    const struct operation_run run = {.name = operation, .arguments = arguments, .bytes = bytes};
    return operation_run(app, &run, answer, err);
}

static int feed(struct app *app, FILE *file, struct str arguments, struct error *err)
{
    static char bytes[PIECE];
    int rc = ST_OK;
    for (;;) {
        struct json_doc *answer = NULL;
        size_t len = fread(bytes, 1, sizeof(bytes), file);
        if (len == 0)
            break;
        rc = step(app, "session.import_write", arguments, (struct str){bytes, len}, &answer, err);
        json_free(answer);
        if (rc)
            return rc;
    }
    return ferror(file) ? error_set(err, ST_GENERIC, "cannot read the file: %s", strerror(errno))
                        : ST_OK;
}

static int import_from(struct app *app, FILE *file, struct json_doc **answer, struct error *err)
{
    struct json_doc *begun;
    struct buffer arguments = BUFFER_INIT, scratch = BUFFER_INIT;
    struct str id = {"", 0};
    int rc = step(app, "session.import_begin", STR("{}"), STR(""), &begun, err);
    if (rc)
        return rc;
    json_string(json_get(json_root(begun), STR("import")), &scratch, &id);
    put_id(&arguments, "import", id);
    rc = feed(app, file, buffer_str(&arguments), err);
    if (!rc)
        rc = step(app, "session.import_finish", buffer_str(&arguments), STR(""), answer, err);
    json_free(begun);
    buffer_clear(&scratch);
    buffer_clear(&arguments);
    return rc;
}

int sessions_import(struct app *app, const struct invocation *inv)
{
    const char *path = inv->operands[0];
    struct json_doc *answer = NULL;
    struct error err;
    FILE *file = fopen(path, "rbe");
    int rc = file ? import_from(app, file, &answer, &err)
                  : error_set(&err, ST_NOT_FOUND, "%s: %s", path, strerror(errno));
    if (file)
        fclose(file);
    if (rc)
        return report_error(&err);
    operation_print_json(answer);
    json_free(answer);
    return EXIT_DONE;
}
