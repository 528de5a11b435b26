/*
 * SPDX-License-Identifier: MIT
 */
#include "dry_run.h"

static hexmcp_str member(hexmcp_str plan, const char *key)
{
    hexmcp_str value;
    return hexmcp_json_get(plan, key, &value) == HEXMCP_OK ? value : hexmcp_str_from("null");
}

static void put_arguments(hexmcp_json_writer *w, const char *const *arguments)
{
    hexmcp_json_key(w, "arguments");
    hexmcp_json_begin_array(w);
    for (; *arguments; arguments++)
        hexmcp_json_write_text(w, *arguments);
    hexmcp_json_end_array(w);
}

static bool put_path(hexmcp_json_writer *w, hexmcp_str folder)
{
    char *path = NULL, *beneath = NULL;
    size_t len;
    struct bytes whole = {0};
    hexmcp_str value;
    bool ok = hexmcp_json_string_dup(member(folder, "path"), &path, &len) == HEXMCP_OK &&
              bytes_add(&whole, path, len);
    if (ok && hexmcp_json_get(folder, "beneath", &value) == HEXMCP_OK)
        ok = hexmcp_json_string_dup(value, &beneath, &len) == HEXMCP_OK && bytes_add(&whole, "/", 1) &&
             bytes_add(&whole, beneath, len);
    if (ok)
        hexmcp_json_put_string(w, "path", bytes_str(&whole));
    bytes_free(&whole);
    free(path);
    free(beneath);
    return ok;
}

static bool put_folders(hexmcp_json_writer *w, hexmcp_str folders)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(folders);
    hexmcp_str folder;
    bool ok = true;
    hexmcp_json_key(w, "folders");
    hexmcp_json_begin_array(w);
    while (ok && hexmcp_json_next(&it, NULL, &folder)) {
        hexmcp_json_begin_object(w);
        ok = put_path(w, folder);
        hexmcp_json_put_raw(w, "writable", member(folder, "write"));
        hexmcp_json_end_object(w);
    }
    hexmcp_json_end_array(w);
    return ok;
}

static bool put_plan(hexmcp_json_writer *w, const struct request *q, hexmcp_str plan)
{
    hexmcp_json_key(w, "would_run");
    hexmcp_json_begin_object(w);
    hexmcp_json_put_raw(w, "path", member(plan, "path"));
    put_arguments(w, q->program.arguments);
    if (q->folder)
        hexmcp_json_put_text(w, "working_directory", q->folder);
    bool ok = put_folders(w, member(plan, "folders"));
    hexmcp_json_put_raw(w, "environment", member(plan, "environment"));
    hexmcp_json_put_int64(w, "stdin_bytes", (int64_t)q->program.input.len);
    hexmcp_json_put_raw(w, "timeout_ms", member(plan, "timeoutMs"));
    hexmcp_json_put_raw(w, "max_output_bytes", member(plan, "maxOutputBytes"));
    hexmcp_json_put_raw(w, "memory_bytes", member(plan, "memoryBytes"));
    hexmcp_json_put_raw(w, "cpu_seconds", member(plan, "cpuSeconds"));
    hexmcp_json_end_object(w);
    return ok;
}

int32_t answer_dry_run(const hexmcp_round *r, const struct request *q, hexmcp_str plan)
{
    struct answer a;
    hexmcp_json_writer *w = answer_begin(&a, r);
    hexmcp_json_put_text(w, "operation", "execute");
    hexmcp_json_put_bool(w, "dry_run", true);
    if (!put_plan(w, q, plan)) {
        answer_drop(&a);
        return hexmcp_fail(r->err, HEXMCP_E_NOMEM, "out of memory for the answer; try again");
    }
    answer_text(&a, "%.200s would be run; nothing was started.", q->program.name);
    return answer_end(&a);
}
