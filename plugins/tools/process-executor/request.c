/*
 * SPDX-License-Identifier: MIT
 */
#include "request.h"

#include <string.h>

#define ARGUMENTS_MAX 256
#define ARGUMENT_BYTES_MAX 65536
#define NAME_BYTES_MAX 4096
#define VALUE_BYTES_MAX 4096
#define STDIN_BYTES_MAX ((size_t)8 << 20)

/* PATH is not among them: a program starts no other, and the host sets it. */
static const char *const variables[] = {"HOME", "USER", "SHELL", "TERM", "LANG", "LC_ALL", "TZ"};

static bool is_variable(hexmcp_str name)
{
    for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++)
        if (hexmcp_json_equals(name, variables[i]))
            return true;
    return false;
}

static hexmcp_str read_environment(struct args *args)
{
    struct args part = args_object(args, "environment");
    hexmcp_json_iter it = hexmcp_json_iter_begin(part.json);
    hexmcp_str name, value;
    while (part.json.len && hexmcp_json_next(&it, &name, &value)) {
        if (!is_variable(name))
            args_fail(args, HEXMCP_E_DENIED,
                      "environment: %.*s cannot be set; give only HOME, USER, SHELL, TERM, LANG, LC_ALL "
                      "and TZ",
                      name.len < 200 ? (int)name.len : 200, name.ptr);
        args_string(&part, value, "value", VALUE_BYTES_MAX);
    }
    return part.json;
}

static void put_sandbox(struct request *q)
{
    hexmcp_json_writer *w = &q->sandbox;
    hexmcp_json_begin_object(w);
    hexmcp_json_put_text(w, "paths", !q->folder ? "none" : q->writable ? "write" : "read");
    if (q->folder)
        hexmcp_json_put_text(w, "folder", q->folder);
    hexmcp_json_end_object(w);
}

int32_t request_read(struct args *args, struct request *q)
{
    size_t count;
    *q = (struct request){0};
    hexmcp_json_writer_init(&q->sandbox);
    q->program.name = args_needed(args, "executable", NAME_BYTES_MAX);
    const char *const *given = args_texts(args, "arguments", ARGUMENTS_MAX, ARGUMENT_BYTES_MAX, &count);
    const char **list = args_memory(args, (count + 1) * sizeof(*list));
    q->program.environment = read_environment(args);
    q->program.input = args_bytes(args, "stdin", STDIN_BYTES_MAX);
    q->program.timeout_ms = (uint32_t)args_int(args, "timeout_ms", 1, 300000, 30000);
    q->program.max_output = OUTPUT_MAX;
    q->folder = args_text(args, "working_directory", NAME_BYTES_MAX, NULL);
    q->writable = args_bool(args, "writable", false);
    q->program.check = args_bool(args, "dry_run", false);
    if (q->writable && !q->folder)
        args_fail(args, HEXMCP_E_INVALID,
                  "writable needs working_directory: without it the program reaches no granted folder");
    if (args_status(args) != HEXMCP_OK)
        return args_status(args);
    if (count)
        memcpy(list, given, count * sizeof(*list));
    list[count] = NULL;
    q->program.arguments = list;
    put_sandbox(q);
    q->program.sandbox = hexmcp_json_writer_text(&q->sandbox);
    return HEXMCP_OK;
}

void request_clear(struct request *q)
{
    hexmcp_json_writer_free(&q->sandbox);
}
