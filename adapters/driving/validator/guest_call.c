/* One call, and what the host would say of its answer. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "adapters/driving/validator/guest.h"
#include "core/call/call.h"
#include "core/uri/uri_template.h"

#define STACK_BYTES ((size_t)8 << 20)
#define LONGEST_MS 20000u
#define LONGEST_UNJUDGED_MS 2000u
#define GRACE_MS 3000u
#define SHOWN 160

/* What is asked. The worker owns nothing of it: the caller waits for it or ends the process. */
struct question {
    struct guest *g;
    const struct guest_item *item;
    hexmcp_call id;
    hexmcp_str name, arguments, state, answers, argument;
    bool resume, completion, unjudged;
    hexmcp_error error;
    int32_t status;
    _Atomic int returned;
};

static hexmcp_str theirs(struct str text)
{
    return (hexmcp_str){text.ptr, text.len};
}

static int32_t ask_tool(struct question *q)
{
    const hexmcp_tool_1 *t = q->g->tools;
    if (!q->resume)
        return t->call(t->self, q->id, q->name, q->arguments, &q->error);
    return HEXMCP_HAS(t, resume)
               ? t->resume(t->self, q->id, q->name, q->arguments, q->state, q->answers, &q->error)
               : HEXMCP_E_UNSUPPORTED;
}

static int32_t ask_resource(struct question *q)
{
    const hexmcp_resource_1 *r = q->g->resources;
    const hexmcp_str nothing = {"", 0}, none = {"{}", 2};
    if (q->completion)
        return r->complete(r->self, q->id, q->name, q->argument, nothing, none, &q->error);
    if (!q->resume)
        return r->read(r->self, q->id, q->name, q->arguments, &q->error);
    return HEXMCP_HAS(r, resume)
               ? r->resume(r->self, q->id, q->name, q->arguments, q->state, q->answers, &q->error)
               : HEXMCP_E_UNSUPPORTED;
}

static int32_t ask_prompt(struct question *q)
{
    const hexmcp_prompt_1 *p = q->g->prompts;
    const hexmcp_str nothing = {"", 0}, none = {"{}", 2};
    if (q->completion)
        return p->complete(p->self, q->id, q->name, q->argument, nothing, none, &q->error);
    if (!q->resume)
        return p->render(p->self, q->id, q->name, q->arguments, &q->error);
    return HEXMCP_HAS(p, resume)
               ? p->resume(p->self, q->id, q->name, q->arguments, q->state, q->answers, &q->error)
               : HEXMCP_E_UNSUPPORTED;
}

static void ask(struct question *q)
{
    q->status = q->item->kind == ITEM_TOOL     ? ask_tool(q)
                : q->item->kind == ITEM_PROMPT ? ask_prompt(q)
                                               : ask_resource(q);
    struct probe *p = q->g->probe;
    pthread_mutex_lock(&p->lock);
    const struct probe_call *call = probe_find(p, q->id);
    bool follows = q->status == HEXMCP_PENDING || (call && call->answered);
    atomic_store(&q->returned, follows ? RETURNED_OPEN : RETURNED_FOR_GOOD);
    pthread_cond_broadcast(&p->change);
    pthread_mutex_unlock(&p->lock);
}

static void *work(void *arg)
{
    probe_be_worker(true);
    ask(arg);
    return NULL;
}

static bool begin(struct question *q, bool on_loop, pthread_t *thread)
{
    pthread_attr_t attributes;
    if (on_loop) {
        double begun = probe_loop_begin();
        ask(q);
        probe_loop_end(q->g->probe, begun);
        return false;
    }
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    bool made = pthread_create(thread, &attributes, work, q) == 0;
    pthread_attr_destroy(&attributes);
    if (!made)
        guest_give_up(q->g, q->item->subject,
                      "no thread can be made for the call; the plugin has "
                      "used them up");
    return true;
}

static void cancel(struct question *q)
{
    struct guest *g = q->g;
    trial_step(g->t, "cancel of %s", q->item->subject);
    if (q->item->kind == ITEM_TOOL && HEXMCP_HAS(g->tools, cancel))
        g->tools->cancel(g->tools->self, q->id);
    else if (q->item->kind == ITEM_PROMPT && HEXMCP_HAS(g->prompts, cancel))
        g->prompts->cancel(g->prompts->self, q->id);
    else if (q->item->kind != ITEM_TOOL && q->item->kind != ITEM_PROMPT &&
             HEXMCP_HAS(g->resources, cancel))
        g->resources->cancel(g->resources->self, q->id);
}

static void say_step(struct question *q)
{
    char shown[SHOWN + 8];
    size_t len = q->arguments.len < SHOWN ? q->arguments.len : SHOWN;
    for (size_t i = 0; i < len; i++) {
        char c = q->arguments.ptr[i];
        shown[i] = c >= ' ' && c < 127 ? c : '?';
    }
    snprintf(shown + len, 8, "%s", len < q->arguments.len ? "..." : "");
    trial_step(q->g->t, "%s%s with %s",
               q->resume       ? "resume of "
               : q->completion ? "complete of "
                               : "",
               q->item->subject, shown);
}

static uint64_t clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* The call did not end in time: once more with a cancellation, as the host does. */
static void wait_longer(struct question *q, struct probe_call *call, unsigned limit)
{
    struct guest *g = q->g;
    char text[200];
    probe_cancel(g->probe, call);
    cancel(q);
    say_step(q);
    probe_wait(g->probe, call, &q->returned, GRACE_MS);
    if (!atomic_load(&q->returned)) {
        snprintf(text, sizeof(text),
                 "it did not return within %u ms, nor %u ms after it was "
                 "cancelled; ask hexmcp.call/1 while it works",
                 limit, GRACE_MS);
        guest_give_up(g, q->item->subject, text);
    }
    if (!call->answered && q->status == HEXMCP_PENDING)
        tell_failure(
            g->t, q->item->subject,
            "it returned HEXMCP_PENDING and did not complete the "
            "call within %u ms, nor %u ms after it was cancelled; complete every call, also "
            "a cancelled one",
            limit, GRACE_MS);
    else if (!call->unjudged && limit < LONGEST_MS)
        tell_warning(g->t, q->item->subject, "it took longer than its timeoutMs, %u ms", limit);
}

static void take_answer(struct question *q, struct probe_call *call, struct guest_answer *out)
{
    out->status = q->status;
    out->error = q->error;
    out->answered = call->answered;
    out->outcome = call->outcome;
    out->json = call->json;
    out->json_len = call->json_len;
    call->json = NULL;
}

/* As settle() of the host. */
static void judge_status(struct question *q, const struct guest_answer *a)
{
    struct guest *g = q->g;
    const char *where = q->item->subject;
    if (a->status > HEXMCP_PENDING || a->status < HEXMCP_E_CONFIG)
        tell_failure(g->t, where,
                     "it returned the unknown status %d; return HEXMCP_OK, "
                     "HEXMCP_PENDING or one of HEXMCP_E_*",
                     a->status);
    else if (a->status == HEXMCP_OK && !a->answered)
        tell_failure(g->t, where,
                     "it returned HEXMCP_OK without completing the call; call complete() "
                     "first, or return HEXMCP_PENDING");
    else if (a->status < 0 && a->answered)
        tell_failure(g->t, where,
                     "it returned the error %d after it completed the call; do one of "
                     "both",
                     a->status);
    else if (a->status < 0 && !q->resume && !q->unjudged)
        guest_judge_error(g, where, "it", a->status, &a->error);
}

static int check_by_kind(const struct call *call, struct question *q, struct json result,
                         bool success, struct error *err)
{
    if (q->completion)
        return result_check_values(call, result, err);
    if (q->item->kind == ITEM_TOOL)
        return result_check_tool(call, result, success, err);
    if (q->item->kind == ITEM_PROMPT)
        return result_check_messages(call, result, err);
    return result_check_contents(call, result, err);
}

static void judge_result(struct question *q, struct json result, uint32_t outcome)
{
    struct guest *g = q->g;
    struct error err;
    struct item definition = {.kind = q->item->kind,
                              .name = str_from(q->item->name),
                              .local_name = str_from(q->item->name),
                              .plugin_id = subject_id(g->t->subject),
                              .json = json_text(q->item->json)};
    struct item_state state = {.definition = &definition, .output = q->item->output};
    struct call call = {.item = &state};
    if (outcome == HEXMCP_TOOL_ERROR && (q->item->kind != ITEM_TOOL || q->completion))
        tell_failure(g->t, q->item->subject,
                     "it gave a tool error, which only tools have; return an "
                     "error");
    call.request.action = q->completion                  ? ACTION_COMPLETE
                          : q->item->kind == ITEM_TOOL   ? ACTION_CALL
                          : q->item->kind == ITEM_PROMPT ? ACTION_RENDER
                                                         : ACTION_READ;
    call.request.target = str_from(q->item->name);
    if (check_by_kind(&call, q, result, outcome == HEXMCP_RESULT, &err))
        tell_failure(g->t, q->item->subject, "%s", err.text);
}

static void judge_failure(struct question *q, struct json json)
{
    int64_t code;
    if (!json_int64(json_get(json, STR("code")), &code) || code >= 0 || code < HEXMCP_E_CONFIG)
        tell_failure(q->g->t, q->item->subject,
                     "it failed without a \"code\" of HEXMCP_E_*; give "
                     "{\"code\":...,\"message\":...}");
    if (json_length(json_get(json, STR("message"))) == 0)
        tell_failure(q->g->t, q->item->subject,
                     "it failed without a \"message\"; say what failed, on "
                     "what, what to do");
}

static void judge_answer(struct question *q, const struct guest_answer *a, bool was_cancelled)
{
    struct trial *t = q->g->t;
    struct json_doc *doc;
    struct error err;
    if (!a->answered)
        return;
    if (a->outcome == HEXMCP_CANCELLED) {
        if (!was_cancelled)
            tell_failure(t, q->item->subject,
                         "it said that the call was cancelled, and nobody had "
                         "cancelled it");
        return;
    }
    if (json_parse((struct str){a->json, a->json_len}, &doc, &err)) {
        tell_failure(t, q->item->subject, "its result is no JSON: %s", err.text);
        return;
    }
    struct json root = json_root(doc);
    if (a->outcome == HEXMCP_FAIL)
        judge_failure(q, root);
    else if (a->outcome == HEXMCP_INPUT_REQUIRED && q->completion)
        tell_failure(t, q->item->subject, "it asks for input, which a completion cannot");
    else if (a->outcome != HEXMCP_INPUT_REQUIRED)
        judge_result(q, root, a->outcome);
    else if (!json_count(json_get(root, STR("requests"))) &&
             !json_exists(json_get(root, STR("state"))))
        tell_failure(t, q->item->subject,
                     "it asks for input with neither \"requests\" nor \"state\"");
    json_free(doc);
}

/* A call that may open files never runs on the loop. */
static bool names_path(const struct question *q)
{
    struct json_doc *doc;
    struct json_iter it =
        json_iter(json_get(json_get(q->item->json, STR("run")), STR("pathArguments")));
    bool named = false;
    if (json_parse((struct str){q->arguments.ptr, q->arguments.len}, &doc, NULL))
        return false;
    while (json_next(&it)) {
        struct str name;
        named =
            named || (json_plain(it.value, &name) && json_exists(json_get(json_root(doc), name)));
    }
    json_free(doc);
    return named;
}

static void run_question(struct question *q, unsigned how, struct guest_answer *out)
{
    struct guest *g = q->g;
    pthread_t thread;
    bool paths =
        json_count(json_get(json_get(q->item->json, STR("run")), STR("pathArguments"))) > 0;
    unsigned longest = how & CALL_UNJUDGED ? LONGEST_UNJUDGED_MS : LONGEST_MS;
    unsigned limit = q->item->timeout_ms < longest ? q->item->timeout_ms : longest;
    bool unjudged = (how & CALL_UNJUDGED) != 0;
    bool on_loop = q->item->run_inline && q->arguments.len <= q->item->inline_bytes &&
                   !(paths && (unjudged || names_path(q)));
    bool cancels = (how & (CALL_CANCEL_BEFORE | CALL_CANCEL_DURING | CALL_CANCEL_TWICE)) != 0;
    struct probe_call *call = probe_open(g->probe, q->item->subject, paths, limit);
    if (!call)
        guest_give_up(g, q->item->subject, "out of memory");
    q->id = call->id;
    call->unjudged = q->unjudged = unjudged;
    q->error.size = sizeof(q->error);
    if (how & CALL_CANCEL_BEFORE)
        probe_cancel(g->probe, call);
    if (how & CALL_GIVE_UP)
        call->deadline_ms = 0;
    say_step(q);
    uint64_t from = clock_ms();
    bool joined = !begin(q, on_loop, &thread);
    if (how & (CALL_CANCEL_DURING | CALL_CANCEL_TWICE)) {
        probe_cancel(g->probe, call);
        cancel(q);
        if (how & CALL_CANCEL_TWICE)
            cancel(q);
        say_step(q);
    }
    if (!probe_wait(g->probe, call, &q->returned, limit) &&
        atomic_load(&q->returned) != RETURNED_FOR_GOOD)
        wait_longer(q, call, limit);
    if (!joined)
        pthread_join(thread, NULL);
    out->took_ms = clock_ms() - from;
    cancels = cancels || call->cancelled || probe_now(g->probe) >= call->deadline_ms;
    if (how & CALL_CANCEL_AFTER)
        cancel(q);
    take_answer(q, call, out);
    judge_status(q, out);
    if (!(how & CALL_UNJUDGED))
        judge_answer(q, out, cancels || (how & CALL_GIVE_UP));
    probe_close(g->probe, call, out->status < 0 ? FATE_FAILED : FATE_GIVEN_UP);
}

/* The URI that a template makes of its variables; for others their name. */
static struct str name_for(const struct guest_item *item, struct str arguments, struct buffer *uri)
{
    struct json_doc *doc;
    if (item->kind != ITEM_TEMPLATE || json_parse(arguments, &doc, NULL))
        return str_from(item->name);
    int rc = uri_template_expand(str_from(item->name), json_root(doc), uri, NULL);
    json_free(doc);
    return rc ? str_from(item->name) : buffer_str(uri);
}

void guest_call(struct guest *g, const struct guest_item *item, struct str arguments, unsigned how,
                struct guest_answer *out)
{
    struct buffer uri = BUFFER_INIT;
    struct question q = {.g = g, .item = item, .arguments = theirs(arguments)};
    q.name = theirs(name_for(item, arguments, &uri));
    *out = (struct guest_answer){0};
    run_question(&q, how, out);
    buffer_clear(&uri);
}

void guest_resume(struct guest *g, const struct guest_item *item, struct str arguments,
                  struct str state, struct str answers, struct guest_answer *out)
{
    struct question q = {.g = g,
                         .item = item,
                         .name = theirs(str_from(item->name)),
                         .arguments = theirs(arguments),
                         .state = theirs(state),
                         .answers = theirs(answers),
                         .resume = true};
    *out = (struct guest_answer){0};
    run_question(&q, 0, out);
}

void guest_complete(struct guest *g, const struct guest_item *item, struct str argument,
                    struct guest_answer *out)
{
    struct question q = {.g = g,
                         .item = item,
                         .name = theirs(str_from(item->name)),
                         .arguments = {"", 0},
                         .argument = theirs(argument),
                         .completion = true};
    *out = (struct guest_answer){0};
    run_question(&q, 0, out);
}

void guest_answer_clear(struct guest_answer *answer)
{
    free(answer->json);
    *answer = (struct guest_answer){0};
}
