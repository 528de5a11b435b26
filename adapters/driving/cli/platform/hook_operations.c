/* hook.list, hook.stats, hook.enable, hook.disable */
#include "adapters/driving/cli/platform/hooks.h"
#include "core/json/writer.h"

static void put_when(struct json_writer *w, const struct hook_facts *f)
{
    if (!f->tool.len && !f->target.len && !f->caller.len)
        return;
    json_key(w, STR("when"));
    json_begin_object(w);
    if (f->tool.len)
        json_put_string(w, STR("tool"), f->tool);
    if (f->target.len)
        json_put_string(w, STR("target"), f->target);
    if (f->caller.len)
        json_put_string(w, STR("caller"), f->caller);
    json_end_object(w);
}

static void put_hook(struct json_writer *w, const struct hook_facts *f)
{
    json_put_string(w, STR("kind"), f->kind);
    json_key(w, STR("points"));
    json_begin_array(w);
    for (size_t i = 0; i < f->point_count; i++)
        json_write_string(w, f->points[i]);
    json_end_array(w);
    put_when(w, f);
    json_put_i64(w, STR("priority"), f->priority);
    json_put_bool(w, STR("gates"), f->gates);
    json_put_bool(w, STR("required"), f->required);
    json_put_i64(w, STR("budgetMs"), f->budget_ms);
    json_put_bool(w, STR("enabled"), f->enabled);
}

static void put_stats(struct json_writer *w, const struct hook_facts *f)
{
    json_put_i64(w, STR("runs"), (int64_t)f->runs);
    json_put_i64(w, STR("errors"), (int64_t)f->errors);
    json_put_i64(w, STR("skipped"), (int64_t)f->skipped);
    json_key(w, STR("results"));
    json_begin_object(w);
    for (enum hook_result r = HOOK_CONTINUE; r < HOOK_RESULTS; r++)
        if (f->results[r])
            json_put_i64(w, str_from(hook_result_name(r)), (int64_t)f->results[r]);
    json_end_object(w);
    json_put_i64(w, STR("p50Ns"), (int64_t)f->p50_ns);
    json_put_i64(w, STR("p95Ns"), (int64_t)f->p95_ns);
    json_put_i64(w, STR("p99Ns"), (int64_t)f->p99_ns);
    json_put_string(w, STR("breaker"), str_from(breaker_state_name(f->breaker)));
    if (f->last_error[0])
        json_put_string(w, STR("lastError"), str_from(f->last_error));
}

static void answer(struct operation_call *call, struct buffer *out)
{
    struct error err;
    if (buffer_failed(out)) {
        error_set(&err, ST_NOMEM, "out of memory");
        operation_fail(call, &err);
    } else {
        operation_answer(call, buffer_str(out));
    }
    buffer_clear(out);
}

static void list_with(const struct hooks *hooks, struct operation_call *call,
                      void (*put)(struct json_writer *w, const struct hook_facts *f))
{
    struct buffer out = BUFFER_INIT;
    struct json_writer w = json_writer(&out);
    struct hook_facts facts;
    struct json wanted = json_get(operation_arguments(call), STR("name"));
    json_begin_object(&w);
    json_key(&w, STR("hooks"));
    json_begin_array(&w);
    for (size_t i = 0; hooks_at(hooks, i, &facts); i++) {
        if (json_exists(wanted) && !json_is(wanted, facts.name))
            continue;
        json_begin_object(&w);
        json_put_string(&w, STR("name"), facts.name);
        put(&w, &facts);
        json_end_object(&w);
    }
    json_end_array(&w);
    json_end_object(&w);
    answer(call, &out);
}

static void list(void *domain, struct operation_call *call)
{
    list_with(domain, call, put_hook);
}

static void stats(void *domain, struct operation_call *call)
{
    list_with(domain, call, put_stats);
}

static void set_enabled(struct hooks *hooks, struct operation_call *call, bool on)
{
    struct buffer name = BUFFER_INIT, out = BUFFER_INIT;
    struct json_writer w = json_writer(&out);
    struct error err;
    json_decode(json_get(operation_arguments(call), STR("name")), &name);
    if (hooks_enable(hooks, buffer_str(&name), on, &err)) {
        operation_fail(call, &err);
    } else {
        json_begin_object(&w);
        json_put_string(&w, STR("name"), buffer_str(&name));
        json_put_bool(&w, STR("enabled"), on);
        json_end_object(&w);
        answer(call, &out);
    }
    buffer_clear(&name);
}

static void enable(void *domain, struct operation_call *call)
{
    set_enabled(domain, call, true);
}

static void disable(void *domain, struct operation_call *call)
{
    set_enabled(domain, call, false);
}

#define BY_NAME(needed) \
    "{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\",\"minLength\":1," \
    "\"description\":\"name of a hook\"}}," needed "\"additionalProperties\":false}"
#define ONE BY_NAME("\"required\":[\"name\"],")

static const struct operation table[] = {
    {"hook.list", "List hooks", "All hooks in the order in which they run.", BY_NAME(""),
     OPERATION_READS, list},
    {"hook.stats", "Figures of hooks", "How often hooks ran, how long it took, what they said.",
     BY_NAME(""), OPERATION_READS, stats},
    {"hook.enable", "Enable a hook", "Lets a hook run again, and closes its breaker.", ONE,
     OPERATION_CHANGES, enable},
    {"hook.disable", "Disable a hook", "Lets nothing ask this hook until it is enabled again.", ONE,
     OPERATION_CHANGES, disable},
};

int hook_operations_add(struct operations *operations, struct hooks *hooks, struct error *err)
{
    return operations_add(operations, table, sizeof(table) / sizeof(table[0]), hooks, err);
}
