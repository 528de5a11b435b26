/*
 * SPDX-License-Identifier: MIT
 */
#include "kit/program.h"

#include "hexmcp/host/process.h"
#include "kit/encode.h"
#include "kit/pace.h"
#include "kit/wait.h"

#include <stdatomic.h>

struct running {
    struct wait wait;
    atomic_size_t bytes; /* of both streams, so far */
    struct program_end *end;
    int32_t status;
    bool short_of_memory;
    struct bytes told;
};

static int32_t on_output(void *arg, uint32_t stream, const void *data, size_t len)
{
    struct running *run = arg;
    struct bytes *to = stream == HEXMCP_PROCESS_STDERR ? &run->end->errors : &run->end->out;
    atomic_fetch_add(&run->bytes, len);
    if (!run->short_of_memory && !bytes_add(to, data, len))
        run->short_of_memory = true;
    return HEXMCP_OK;
}

static void on_end(void *arg, int32_t status, hexmcp_str json)
{
    struct running *run = arg;
    run->status = status;
    if (!bytes_add(&run->told, json.ptr, json.len))
        run->short_of_memory = true;
    wait_over(&run->wait);
}

static void put_program(hexmcp_json_writer *w, const struct program *p)
{
    hexmcp_json_begin_object(w);
    hexmcp_json_put_text(w, "program", p->name);
    hexmcp_json_key(w, "arguments");
    hexmcp_json_begin_array(w);
    for (size_t i = 0; p->arguments && p->arguments[i]; i++)
        hexmcp_json_write_text(w, p->arguments[i]);
    hexmcp_json_end_array(w);
    if (p->environment.len)
        hexmcp_json_put_raw(w, "environment", p->environment);
    if (p->sandbox.len)
        hexmcp_json_put_raw(w, "sandbox", p->sandbox);
    if (p->timeout_ms)
        hexmcp_json_put_int64(w, "timeoutMs", p->timeout_ms);
    if (p->max_output)
        hexmcp_json_put_int64(w, "maxOutputBytes", (int64_t)p->max_output);
    if (p->check)
        hexmcp_json_put_bool(w, "check", true);
    hexmcp_json_put_text(w, "stdin", p->input.ptr ? "bytes" : "none");
    hexmcp_json_end_object(w);
}

static int64_t number_of(hexmcp_str json, const char *key, int64_t otherwise)
{
    hexmcp_str value;
    int64_t number;
    if (hexmcp_json_get(json, key, &value) == HEXMCP_OK &&
        hexmcp_json_int64(value, &number) == HEXMCP_OK)
        return number;
    return otherwise;
}

static bool flag_of(hexmcp_str json, const char *key)
{
    hexmcp_str value;
    int yes = 0;
    if (hexmcp_json_get(json, key, &value) == HEXMCP_OK)
        hexmcp_json_bool(value, &yes);
    return yes;
}

static int32_t take(const hexmcp_round *r, struct running *run)
{
    struct program_end *end = run->end;
    hexmcp_str told = bytes_str(&run->told), value;
    char text[HEXMCP_ERROR_TEXT] = "the program could not be run; try again";
    if (run->status != HEXMCP_OK) {
        if (hexmcp_json_get(told, "message", &value) == HEXMCP_OK)
            hexmcp_json_string(value, text, sizeof(text), NULL);
        return hexmcp_fail(r->err, run->status, "%s", text);
    }
    if (run->short_of_memory)
        return hexmcp_fail(r->err, HEXMCP_E_NOMEM, "out of memory for the output; try again");
    end->code = (int)number_of(told, "exitCode", -1);
    end->wall_ms = number_of(told, "wallMs", 0);
    end->timed_out = flag_of(told, "timedOut");
    end->truncated = flag_of(told, "truncated");
    if (hexmcp_json_get(told, "signal", &value) == HEXMCP_OK)
        hexmcp_json_string(value, end->signal, sizeof(end->signal), NULL);
    end->plan = run->told;
    run->told = (struct bytes){0};
    return HEXMCP_OK;
}

/* A call that is given up ends when this returns, and so would the program: it is ended first. */
static void wait_with_progress(const hexmcp_round *r, const hexmcp_process_1 *process, uint64_t id,
                               const struct program *p, struct running *run)
{
    struct pace pace = pace_begin(r);
    size_t shown = utf8_cut((hexmcp_str){p->name, strlen(p->name)}, 60);
    char words[120];
    while (!wait_some(&run->wait, 100)) {
        size_t bytes = atomic_load(&run->bytes);
        snprintf(words, sizeof(words), "%.*s runs; %zu bytes of output so far",
                 (int)shown, p->name, bytes);
        if (pace_step(&pace, pace_ms(&pace), 0, words) != HEXMCP_OK)
            process->cancel(process->ctx, id);
    }
}

static int32_t ask(const hexmcp_round *r, const hexmcp_process_1 *process, const struct program *p,
                   struct running *run)
{
    const hexmcp_process_sink sink = {sizeof(sink), 0, on_output, on_end, NULL};
    hexmcp_json_writer w;
    uint64_t id = 0;
    hexmcp_json_writer_init(&w);
    put_program(&w, p);
    int32_t status = hexmcp_json_writer_status(&w);
    if (status == HEXMCP_OK)
        status = process->run(process->ctx, r->call, hexmcp_json_writer_text(&w), p->input, &sink, run,
                              &id);
    hexmcp_json_writer_free(&w);
    if (status != HEXMCP_OK)
        return hexmcp_fail(r->err, status, "%.200s cannot be started now; try again", p->name);
    wait_with_progress(r, process, id, p, run);
    return take(r, run);
}

int32_t program_run(const hexmcp_round *r, const struct program *program, struct program_end *end)
{
    const hexmcp_process_1 *process = hexmcp_round_service(r, HEXMCP_PROCESS_1);
    struct running run = {.end = end};
    *end = (struct program_end){0};
    if (!process)
        return hexmcp_fail(r->err, HEXMCP_E_DENIED,
                           "no program was granted to this tool; the operator allows one with "
                           "--allow-program NAME or \"grants.programs\" of the configuration");
    wait_begin(&run.wait);
    int32_t status = ask(r, process, program, &run);
    wait_end(&run.wait);
    bytes_free(&run.told);
    if (status != HEXMCP_OK)
        program_free(end);
    return status;
}

void program_free(struct program_end *end)
{
    bytes_free(&end->out);
    bytes_free(&end->errors);
    bytes_free(&end->plan);
}
