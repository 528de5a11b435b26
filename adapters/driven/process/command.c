/* Reading a request. */
#include "adapters/driven/process/inside.h"

#define ARGUMENTS_COUNT_MAX 1024
#define TIMEOUT_DEFAULT_MS 60000
#define TIMEOUT_MAX_MS 3600000
#define OUTPUT_DEFAULT ((int64_t)16 << 20)
#define OUTPUT_MAX ((int64_t)1 << 30)

static char *copy(struct command *c, struct json value, const char *what, struct error *err)
{
    struct buffer scratch = BUFFER_INIT;
    struct str text;
    char *out = NULL;
    if (!json_string(value, &scratch, &text) || (text.len && memchr(text.ptr, '\0', text.len)))
        error_set(err, ST_INVALID, "%s must be a text without NUL", what);
    else if (!(out = (char *)arena_copy(&c->memory, text).ptr))
        error_set(err, ST_NOMEM, "out of memory");
    buffer_clear(&scratch);
    return out;
}

static int read_program(struct command *c, const struct plugin_grants *grants, struct json q,
                        struct error *err)
{
    c->name = copy(c, json_get(q, STR("program")), "\"program\"", err);
    if (!c->name)
        return err->code;
    for (size_t i = 0; i < grants->program_count; i++)
        if (str_eq(grants->programs[i], str_from(c->name)))
            return process_program_find(c->name, c->path, err);
    return error_set(err, ST_DENIED,
                     "the plugin was not granted the program %.200s; name it in \"grants\": "
                     "{\"programs\": [...]} of plugin.json, and in \"grants.programs\" of the "
                     "configuration",
                     c->name);
}

static int read_arguments(struct command *c, struct json list, struct error *err)
{
    size_t bytes = 0, count = 0;
    if (json_exists(list) && json_type(list) != JSON_ARRAY)
        return error_set(err, ST_INVALID, "\"arguments\" must be an array of texts");
    if (json_count(list) > ARGUMENTS_COUNT_MAX)
        return error_set(err, ST_INVALID, "more than %d arguments", ARGUMENTS_COUNT_MAX);
    c->arguments = arena_alloc(&c->memory, (json_count(list) + 2) * sizeof(*c->arguments));
    if (!c->arguments)
        return error_set(err, ST_NOMEM, "out of memory");
    c->arguments[count++] = c->name;
    struct json_iter it = json_iter(list);
    while (json_next(&it)) {
        char *argument = copy(c, it.value, "each of \"arguments\"", err);
        if (!argument)
            return err->code;
        bytes += strlen(argument) + 1;
        c->arguments[count++] = argument;
    }
    return bytes <= PROCESS_ARGUMENTS_MAX
               ? ST_OK
               : error_set(err, ST_INVALID, "arguments of %zu bytes; at most %zu are allowed", bytes,
                           PROCESS_ARGUMENTS_MAX);
}

static int read_number(struct json q, const char *key, int64_t initial, int64_t most, uint64_t *out,
                       struct error *err)
{
    struct json value = json_get(q, str_from(key));
    int64_t number = initial;
    if (json_exists(value) && (!json_int64(value, &number) || number < 1 || number > most))
        return error_set(err, ST_INVALID, "\"%s\" must be an integer from 1 to %lld", key,
                         (long long)most);
    *out = (uint64_t)number;
    return ST_OK;
}

static int read_stdin(struct command *c, struct json mode, struct str input, struct error *err)
{
    static const char *const names[] = {"none", "bytes", "stream"};
    size_t found = json_exists(mode) ? 3 : STDIN_NONE;
    for (size_t i = 0; found == 3 && i < 3; i++)
        if (json_is(mode, str_from(names[i])))
            found = i;
    if (found == 3)
        return error_set(err, ST_INVALID, "\"stdin\" must be \"none\", \"bytes\" or \"stream\"");
    c->stdin_mode = (enum stdin_mode)found;
    if (input.len && c->stdin_mode != STDIN_BYTES)
        return error_set(err, ST_INVALID, "there is input, but \"stdin\" is not \"bytes\"");
    if (input.len > PROCESS_INPUT_MAX)
        return error_set(err, ST_TOO_LARGE, "an input of %zu bytes; at most %zu are allowed",
                         input.len, PROCESS_INPUT_MAX);
    return ST_OK;
}

static int check_known(struct json q, const char *const *known, size_t count, const char *what,
                       struct error *err)
{
    struct json_iter it = json_iter(q);
    if (json_type(q) != JSON_OBJECT)
        return error_set(err, ST_INVALID, "%s must be an object", what);
    while (json_next(&it)) {
        bool found = false;
        for (size_t i = 0; !found && i < count; i++)
            found = json_is(it.key, str_from(known[i]));
        if (!found)
            return error_set(err, ST_INVALID, "%s has the unknown member %.*s", what,
                             STR_ARG(json_text(it.key)));
    }
    return ST_OK;
}

static int read_paths(struct command *c, struct json paths, struct error *err)
{
    static const char *const names[] = {"none", "read", "write"};
    for (size_t i = 0; i < 3; i++)
        if (json_is(paths, str_from(names[i]))) {
            c->paths = (enum sandbox_paths)i;
            return ST_OK;
        }
    return json_exists(paths) ? error_set(err, ST_INVALID,
                                          "\"sandbox.paths\" must be \"none\", \"read\" or \"write\"")
                              : ST_OK;
}

static int read_sandbox(struct command *c, struct json sandbox, struct error *err)
{
    static const char *const known[] = {"paths", "folder"};
    struct json folder = json_get(sandbox, STR("folder"));
    if (!json_exists(sandbox))
        return ST_OK;
    c->sandboxed = true;
    int rc = check_known(sandbox, known, 2, "\"sandbox\"", err);
    if (!rc)
        rc = read_paths(c, json_get(sandbox, STR("paths")), err);
    if (!rc && json_exists(folder) && !(c->folder = copy(c, folder, "\"sandbox.folder\"", err)))
        rc = err->code;
    if (!rc && c->folder && c->paths == SANDBOX_PATHS_NONE)
        rc = error_set(err, ST_INVALID,
                       "\"sandbox.folder\" needs \"sandbox.paths\" of \"read\" or \"write\"");
    return rc;
}

static int read_check(struct command *c, struct json check, struct error *err)
{
    return json_exists(check) && !json_bool(check, &c->check)
               ? error_set(err, ST_INVALID, "\"check\" must be true or false")
               : ST_OK;
}

static int check_members(struct json q, struct error *err)
{
    static const char *const known[] = {"program",   "arguments",      "environment",
                                        "timeoutMs", "maxOutputBytes", "stdin",
                                        "sandbox",   "check"};
    return check_known(q, known, sizeof(known) / sizeof(known[0]), "the request", err);
}

static int read_all(struct command *c, const struct service_request *q, struct json params,
                    struct error *err)
{
    int rc = check_members(params, err);
    if (!rc)
        rc = read_program(c, q->grants, params, err);
    if (!rc)
        rc = read_arguments(c, json_get(params, STR("arguments")), err);
    if (!rc)
        rc = process_environment_make(q->grants, json_get(params, STR("environment")), &c->memory,
                              &c->environment, err);
    if (!rc)
        rc = read_number(params, "timeoutMs", TIMEOUT_DEFAULT_MS, TIMEOUT_MAX_MS, &c->timeout_ms,
                         err);
    if (!rc)
        rc = read_number(params, "maxOutputBytes", OUTPUT_DEFAULT, OUTPUT_MAX, &c->max_output, err);
    if (!rc)
        rc = read_sandbox(c, json_get(params, STR("sandbox")), err);
    if (!rc)
        rc = read_check(c, json_get(params, STR("check")), err);
    return rc ? rc : read_stdin(c, json_get(params, STR("stdin")), q->bytes, err);
}

int process_command_read(const struct service_request *q, struct command *c, struct error *err)
{
    struct json_doc *doc;
    int rc = json_parse(q->text, &doc, err);
    if (rc)
        return rc;
    *c = (struct command){.memory = ARENA_INIT,
                          .memory_bytes = q->grants->memory_bytes,
                          .cpu_seconds = q->grants->cpu_seconds};
    rc = read_all(c, q, json_root(doc), err);
    json_free(doc);
    if (rc)
        process_command_clear(c);
    return rc;
}

void process_command_clear(struct command *c)
{
    arena_clear(&c->memory);
}
