/* What a run would be, for a request that only asks. */
#include <string.h>

#include "adapters/driven/process/inside.h"
#include "core/json/writer.h"

static void put_environment(struct json_writer *w, char *const *list)
{
    json_key(w, STR("environment"));
    json_begin_array(w);
    for (; *list; list++)
        json_write_string(w, (struct str){*list, strcspn(*list, "=")});
    json_end_array(w);
}

static void put_folders(struct json_writer *w, const struct command *c,
                        const struct plugin_grants *grants, const struct path_grants *paths)
{
    bool write = c->paths == SANDBOX_PATHS_WRITE && grants->writes_paths;
    size_t count = c->paths && grants->reads_paths && paths ? paths->count : 0;
    json_key(w, STR("folders"));
    json_begin_array(w);
    for (size_t i = 0; i < count; i++) {
        json_begin_object(w);
        json_put_string(w, STR("path"), paths->at[i].folder);
        if (paths->at[i].beneath.len)
            json_put_string(w, STR("beneath"), paths->at[i].beneath);
        json_put_bool(w, STR("write"), write && paths->at[i].write);
        json_end_object(w);
    }
    json_end_array(w);
}

void process_plan_write(const struct command *c, const struct plugin_grants *grants,
                        const struct path_grants *paths, struct buffer *out)
{
    struct json_writer w = json_writer(out);
    uint64_t memory = c->memory_bytes ? c->memory_bytes : MEMORY_DEFAULT;
    json_begin_object(&w);
    json_put_string(&w, STR("path"), str_from(c->path));
    json_put_bool(&w, STR("sandbox"), c->sandboxed);
    if (c->sandboxed)
        put_folders(&w, c, grants, paths);
    put_environment(&w, c->environment);
    json_put_i64(&w, STR("timeoutMs"), (int64_t)c->timeout_ms);
    json_put_i64(&w, STR("maxOutputBytes"), (int64_t)c->max_output);
    json_put_i64(&w, STR("memoryBytes"), (int64_t)memory);
    json_put_i64(&w, STR("cpuSeconds"), c->cpu_seconds ? c->cpu_seconds : CPU_DEFAULT);
    json_end_object(&w);
}
