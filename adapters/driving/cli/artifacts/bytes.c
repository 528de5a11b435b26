/* The bytes of artifacts, out of files and into them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapters/driving/cli/artifacts/artifacts.h"

#define PIECE ((size_t)4 << 20)

/* ---- out ---- */

struct sink {
    FILE *file;
    int error;
};

static void take(void *arg, struct str json, struct str bytes)
{
    struct sink *sink = arg;
    (void)json;
    if (!sink->error && fwrite(bytes.ptr, 1, bytes.len, sink->file) != bytes.len)
        sink->error = errno;
}

static int put_range(struct buffer *arguments, const struct invocation *inv, struct error *err)
{
    struct json_writer w = json_writer(arguments);
    json_begin_object(&w);
    artifacts_target(&w, inv);
    int rc = artifacts_number(&w, inv, "version", "version", err);
    if (!rc)
        rc = artifacts_number(&w, inv, "offset", "offset", err);
    if (!rc)
        rc = artifacts_number(&w, inv, "length", "length", err);
    json_end_object(&w);
    return rc;
}

static int fetch(struct app *app, struct sink *sink, struct str arguments, const char *path,
                 struct error *err)
{
    struct json_doc *answer;
    const struct operation_run run = {
        .name = "artifact.get", .arguments = arguments, .piece = take, .arg = sink};
    int rc = operation_run(app, &run, &answer, err);
    if (rc)
        return rc;
    json_free(answer);
    if (!sink->error && fflush(sink->file) != 0)
        sink->error = errno;
    return sink->error ? error_set(err, ST_UNAVAILABLE, "%s cannot be written: %s", path,
                                   strerror(sink->error))
                       : ST_OK;
}

static int get(struct app *app, const struct invocation *inv)
{
    const char *path = invocation_option(inv, "output");
    struct sink sink = {stdout, 0};
    struct buffer arguments = BUFFER_INIT;
    struct error err;
    int rc = put_range(&arguments, inv, &err);
    if (!rc && path)
        sink.file = fopen(path, "wbe");
    if (!rc && !sink.file)
        rc = error_set(&err, ST_UNAVAILABLE, "%s cannot be written: %s", path, strerror(errno));
    if (!rc)
        rc = fetch(app, &sink, buffer_str(&arguments), path ? path : "the output", &err);
    if (path && sink.file && sink.file != stdout && fclose(sink.file) != 0 && !rc)
        rc = error_set(&err, ST_UNAVAILABLE, "%s cannot be written: %s", path, strerror(errno));
    if (rc && path && sink.file)
        unlink(path);
    buffer_clear(&arguments);
    return rc ? report_error(&err) : EXIT_DONE;
}

static int run_get(struct invocation *inv)
{
    return app_run(inv, get);
}

/* ---- in ---- */

/* Runs an operation on an upload; *out may be NULL. */
static int step(struct app *app, const char *operation, const char *upload, struct str bytes,
                struct json_doc **out, struct error *err)
{
    struct buffer arguments = BUFFER_INIT;
    struct json_writer w = json_writer(&arguments);
    struct json_doc *answer = NULL;
    json_begin_object(&w);
    json_put_string(&w, STR("upload"), str_from(upload));
    json_end_object(&w);
    const struct operation_run run = {
        .name = operation, .arguments = buffer_str(&arguments), .bytes = bytes};
    int rc = operation_run(app, &run, &answer, err);
    buffer_clear(&arguments);
    if (!rc && out)
        *out = answer;
    else if (!rc)
        json_free(answer);
    return rc;
}

static int begin(struct app *app, const struct invocation *inv, char upload[64], struct error *err)
{
    struct buffer arguments = BUFFER_INIT;
    struct json_writer w = json_writer(&arguments);
    struct json_doc *answer;
    struct str id = {"", 0};
    const char *name = invocation_option(inv, "name");
    const char *slash = strrchr(inv->operands[0], '/');
    json_begin_object(&w);
    json_put_string(&w, STR("name"), str_from(name ? name : slash ? slash + 1 : inv->operands[0]));
    artifacts_text(&w, inv, "mime", "mimeType");
    artifacts_text(&w, inv, "kind", "kind");
    artifacts_text(&w, inv, "session", "session");
    artifacts_list_of(&w, inv, "tag", "tags");
    json_end_object(&w);
    const struct operation_run run = {.name = "artifact.begin", .arguments = buffer_str(&arguments)};
    int rc = operation_run(app, &run, &answer, err);
    buffer_clear(&arguments);
    if (rc)
        return rc;
    json_plain(json_get(json_root(answer), STR("upload")), &id);
    snprintf(upload, 64, "%.*s", STR_ARG(id));
    json_free(answer);
    return ST_OK;
}

static int send_all(struct app *app, FILE *file, const char *path, const char *upload,
                    struct error *err)
{
    char *piece = malloc(PIECE);
    size_t got;
    int rc = piece ? ST_OK : error_set(err, ST_NOMEM, "out of memory");
    while (!rc && (got = fread(piece, 1, PIECE, file)) > 0)
        rc = step(app, "artifact.write", upload, (struct str){piece, got}, NULL, err);
    if (!rc && ferror(file))
        rc = error_set(err, ST_UNAVAILABLE, "%s cannot be read: %s", path, strerror(errno));
    free(piece);
    return rc;
}

static int put(struct app *app, const struct invocation *inv)
{
    const char *path = inv->operands[0];
    bool standard = strcmp(path, "-") == 0;
    FILE *file = standard ? stdin : fopen(path, "rbe");
    struct json_doc *answer;
    struct error err;
    char upload[64];
    int rc = file ? begin(app, inv, upload, &err)
                  : error_set(&err, ST_NOT_FOUND, "%s cannot be read: %s", path, strerror(errno));
    if (!rc)
        rc = send_all(app, file, path, upload, &err);
    if (!rc)
        rc = step(app, "artifact.finish", upload, STR(""), &answer, &err);
    if (file && !standard)
        fclose(file);
    if (rc)
        return report_error(&err);
    operation_print_json(answer);
    json_free(answer);
    return EXIT_DONE;
}

static int run_put(struct invocation *inv)
{
    return app_run(inv, put);
}

static const struct option_spec get_options[] = {
    {"output", "FILE", "write to this file instead of the standard output"},
    {"offset", "N", "begin at this byte"},
    {"length", "N", "at most so many bytes"},
    {"session", "ID", "the one of this session"},
    {"version", "N", "this version of the name"},
    {NULL, NULL, NULL},
};

const struct command command_artifacts_get = {
    .name = "artifacts get",
    .operands = "ID|NAME",
    .summary = "print the bytes of an artifact, or a part of them",
    .options = get_options,
    .min_operands = 1,
    .max_operands = 1,
    .run = run_get,
};

static const struct option_spec put_options[] = {
    {"name", "NAME", "its name; otherwise that of the file"},
    {"mime", "TYPE", "its type, e.g. text/plain"},
    {"kind", "KIND", "agent_output, tool_result, user_input, system_generated or custom"},
    {"tag", "TAG", "a tag; may be given more than once"},
    {"session", "ID", "the session that it belongs to"},
    {NULL, NULL, NULL},
};

const struct command command_artifacts_put = {
    .name = "artifacts put",
    .operands = "FILE",
    .summary = "store a file, or - for the standard input, as an artifact",
    .options = put_options,
    .min_operands = 1,
    .max_operands = 1,
    .run = run_put,
};
