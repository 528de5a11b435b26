/* Checks 36 and 38: the plugin in the real server, in a helper process. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "adapters/driving/validator/checks_calls.h"
#include "adapters/driving/validator/guest.h"
#include "adapters/driving/validator/server.h"

#define PATIENCE_MS 30000u

/* Nothing of the plugin runs here: only its manifest is read. */
static bool items_of(struct trial *t, struct guest *g, struct guest_items *items)
{
    *g = (struct guest){.t = t, .probe = probe_new(t)};
    guest_fill_scratch(t);
    return g->probe && guest_items(g, items);
}

static bool is_tool(const struct guest_item *item)
{
    return item->kind == ITEM_TOOL;
}

/* A first call, so that the plugin is loaded. False, and the check skipped, if no helper runs. */
static bool wake(struct server *s, const struct guest_item *item, struct str arguments)
{
    struct buffer answer = BUFFER_INIT;
    trial_step(s->t, "%s in hexmcp serve", item->subject);
    bool answered =
        server_answer(s, server_send(s, str_from(item->name), arguments), PATIENCE_MS, &answer);
    buffer_clear(&answer);
    if (!answered)
        tell_failure(s->t, item->subject, "hexmcp serve did not answer its call within %u s",
                     PATIENCE_MS / 1000);
    else if (!server_helper(s))
        trial_skip(s->t, "this hexmcp runs no plugin in a helper process");
    return answered && server_helper(s);
}

static bool ask(struct server *s, const struct guest_item *item, struct str arguments,
                struct buffer *out)
{
    if (server_answer(s, server_send(s, str_from(item->name), arguments), PATIENCE_MS, out))
        return true;
    tell_failure(s->t, item->subject, "hexmcp serve did not answer its call within %u s",
                 PATIENCE_MS / 1000);
    return false;
}

/* "result", "error", or "tool error": what is left of an answer that differs from call to call. */
static const char *kind_of(const struct buffer *answer)
{
    if (str_starts(buffer_str(answer), STR("error")))
        return "error";
    return memmem(answer->data, answer->len, "\"isError\":true", 14) ? "tool error" : "result";
}

static int shown(struct str text)
{
    return text.len < 120 ? (int)text.len : 120;
}

struct pair {
    struct server helper, process;
};

/* Longer calls are not compared. */
static unsigned patience(const struct trial *t)
{
    return t->options->quick ? 1500 : 8000;
}

/* The same call in both, each from the same files; once more in the process tells whether its answer
 * is always the same. False if the next one makes no sense. */
static bool compare(struct pair *pair, const struct guest_item *item, struct str arguments)
{
    struct buffer a = BUFFER_INIT, b = BUFFER_INIT, again = BUFFER_INIT;
    struct trial *t = pair->helper.t;
    guest_fill_scratch(t);
    bool quick = server_answer(&pair->process,
                               server_send(&pair->process, str_from(item->name), arguments),
                               patience(t), &b);
    if (!quick)
        tell_note(t, item->subject, "a call of it takes longer than %u ms; it was not compared",
                  patience(t));
    guest_fill_scratch(t);
    bool answered = quick && ask(&pair->process, item, arguments, &again);
    guest_fill_scratch(t);
    answered = answered && ask(&pair->helper, item, arguments, &a);
    /* Operations answer from a store, and each of the two servers has its own. */
    bool steady = answered && str_eq(buffer_str(&b), buffer_str(&again)) &&
                  !json_exists(subject_grant(t->subject, "operations"));
    if (answered && steady && !str_eq(buffer_str(&a), buffer_str(&b)))
        tell_failure(t, item->subject, "with %.*s it gives another answer in a helper: %.*s",
                     shown(arguments), arguments.ptr, (int)(a.len < 240 ? a.len : 240), a.data);
    if (answered && !steady && strcmp(kind_of(&a), kind_of(&b)) != 0)
        tell_failure(t, item->subject,
                     "with %.*s it gives a %s in a helper, and a %s in the process",
                     shown(arguments), arguments.ptr, kind_of(&a), kind_of(&b));
    buffer_clear(&a);
    buffer_clear(&b);
    buffer_clear(&again);
    return answered;
}

/* False if no helper runs, or the server answers no more. */
static bool compare_item(struct pair *pair, struct guest *g, const struct guest_item *item,
                         bool *woken)
{
    struct buffer arguments = BUFFER_INIT;
    bool on = true;
    for (unsigned n = 0; on && n < trial_rounds(g->t, 20, 4); n++) {
        struct generator gen = guest_generator(g, item, g->t->seed + n);
        guest_arguments(g, item, &gen, &arguments);
        if (!arguments.len)
            break;
        on = *woken || wake(&pair->helper, item, buffer_str(&arguments));
        *woken = *woken || on;
        trial_step(g->t, "%s in hexmcp serve", item->subject);
        if (on && !compare(pair, item, buffer_str(&arguments)))
            break;
    }
    buffer_clear(&arguments);
    return on && trial_clean(g->t);
}

static void compare_all(struct pair *pair, struct guest *g, const struct guest_items *items)
{
    bool woken = false, on = true;
    for (size_t i = 0; on && i < items->count; i++)
        if (is_tool(&items->at[i]))
            on = compare_item(pair, g, &items->at[i], &woken);
    if (on && !woken)
        trial_skip(g->t, "it lists no tool that arguments could be made up for");
}

void check_isolated(struct trial *t)
{
    struct guest g;
    struct guest_items items;
    struct pair pair;
    if (!items_of(t, &g, &items))
        return;
    if (server_start(&pair.helper, t, true) && server_start(&pair.process, t, false)) {
        compare_all(&pair, &g, &items);
        server_stop(&pair.helper);
        server_stop(&pair.process);
    }
    guest_items_free(&items);
    probe_free(g.probe);
}

/* ---- 38 ------------------------------------------------------------------------------------- */

/* After the helper was killed there is a new one in the end; until then calls fail. */
static void call_until_well(struct server *s, const struct guest_item *item, struct str arguments)
{
    struct buffer answer = BUFFER_INIT;
    bool well = false;
    for (int tries = 0; tries < 40 && !well; tries++) {
        if (!ask(s, item, arguments, &answer))
            break;
        well = server_helper(s) != 0 && !memmem(answer.data, answer.len, "signal 9", 8);
        if (!well)
            usleep(250000);
    }
    if (!well)
        tell_failure(s->t, item->subject, "it does not come back after its helper was killed: %.*s",
                     (int)(answer.len < 240 ? answer.len : 240), answer.data ? answer.data : "");
    buffer_clear(&answer);
}

static void kill_in_call(struct server *s, const struct guest_item *item, struct str arguments)
{
    struct buffer answer = BUFFER_INIT;
    pid_t helper = server_helper(s);
    unsigned long id = server_send(s, str_from(item->name), arguments);
    trial_step(s->t, "killing the helper during %s", item->subject);
    if (helper)
        kill(helper, SIGKILL);
    if (!server_answer(s, id, PATIENCE_MS, &answer))
        tell_failure(s->t, item->subject, "its call got no answer after the helper was killed");
    if (!server_lives(s))
        tell_failure(s->t, "hexmcp serve", "it ended with the helper");
    buffer_clear(&answer);
}

void check_killed(struct trial *t)
{
    struct guest g;
    struct guest_items items;
    struct server s;
    struct buffer arguments = BUFFER_INIT;
    if (!items_of(t, &g, &items))
        return;
    size_t first = 0;
    while (first < items.count && !is_tool(&items.at[first]))
        first++;
    if (first < items.count) {
        struct generator gen = guest_generator(&g, &items.at[first], t->seed);
        guest_arguments(&g, &items.at[first], &gen, &arguments);
    }
    if (!arguments.len) {
        trial_skip(t, "it lists no tool that arguments could be made up for");
    } else if (server_start(&s, t, true)) {
        if (wake(&s, &items.at[first], buffer_str(&arguments))) {
            kill_in_call(&s, &items.at[first], buffer_str(&arguments));
            call_until_well(&s, &items.at[first], buffer_str(&arguments));
        }
        server_stop(&s);
    }
    buffer_clear(&arguments);
    guest_items_free(&items);
    probe_free(g.probe);
}
