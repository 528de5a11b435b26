/* Checks 33, 37 and 40: much, forbidden, and often. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "adapters/driving/validator/allowed.h"
#include "adapters/driving/validator/census.h"
#include "adapters/driving/validator/checks_calls.h"
#include "adapters/driving/validator/guest.h"
#include "adapters/driving/validator/watch.h"

#define GROWTH_KIB 8192ul

static uint64_t seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec;
}

#define QUICK_S 2u

/* Half of the time limit is for the rounds, the rest for what the machine does besides. */
static uint64_t enough(const struct trial *t)
{
    int limit = t->options->timeout_s ? t->options->timeout_s : t->check->seconds;
    return seconds_now() + (t->options->quick ? QUICK_S : (uint64_t)limit / 2);
}

static bool served(const struct guest *g, const struct guest_item *item)
{
    return item->kind == ITEM_TOOL     ? g->tools != NULL
           : item->kind == ITEM_PROMPT ? g->prompts != NULL
                                       : g->resources != NULL;
}

/* ---- 33 ------------------------------------------------------------------------------------- */

static void fuzz_call(struct guest *g, const struct guest_item *item, struct generator *gen)
{
    struct buffer arguments = BUFFER_INIT, damaged = BUFFER_INIT;
    struct guest_answer answer;
    unsigned kind = rng_below(&gen->rng, 4);
    guest_arguments(g, item, gen, &arguments);
    if (kind == 2 && item->kind == ITEM_TOOL) {
        buffer_reset(&arguments, 65536);
        generate_wrong(gen, json_get(item->json, STR("inputSchema")), &arguments);
    }
    if (kind == 3)
        generate_damaged(&gen->rng, buffer_str(&arguments), &damaged);
    if (arguments.len)
        guest_call(g, item, buffer_str(kind == 3 ? &damaged : &arguments),
                   kind < 2 ? 0 : CALL_UNJUDGED, &answer);
    if (arguments.len)
        guest_answer_clear(&answer);
    buffer_clear(&arguments);
    buffer_clear(&damaged);
}

static void fuzz_settings(struct trial *t, const struct guest *loaded, struct rng *rng)
{
    struct json schema = json_get(subject_json(t->subject), STR("config"));
    struct generator gen = {.rng = {rng_next(rng)}, .root = schema};
    struct buffer settings = BUFFER_INIT, damaged = BUFFER_INIT;
    struct guest g = {.t = t, .create = loaded->create, .probe = probe_new(t)};
    if (rng_below(rng, 2))
        generate_wrong(&gen, schema, &settings);
    else
        generate_value(&gen, schema, &settings);
    if (rng_below(rng, 2))
        generate_damaged(rng, buffer_str(&settings), &damaged);
    struct buffer *chosen = damaged.len ? &damaged : &settings;
    buffer_add_char(chosen, '\0');
    if (g.probe && guest_create(&g, NULL)) {
        if (guest_init(&g, chosen->data))
            guest_interfaces(&g);
        guest_destroy(&g);
    }
    buffer_clear(&settings);
    buffer_clear(&damaged);
}

void check_fuzz(struct trial *t)
{
    struct guest g;
    struct guest_items items;
    struct rng rng = {t->seed};
    uint64_t end = enough(t);
    unsigned rounds = trial_rounds(t, 2000, 40);
    guest_fill_scratch(t);
    if (!guest_up(&g, t) || !guest_items(&g, &items))
        return;
    for (unsigned n = 0; n < rounds && trial_clean(t) && seconds_now() < end; n++)
        for (size_t i = 0; i < items.count; i++) {
            struct generator gen = guest_generator(&g, &items.at[i], rng_next(&rng));
            if (served(&g, &items.at[i]))
                fuzz_call(&g, &items.at[i], &gen);
        }
    for (unsigned n = 0; n < rounds / 10 && trial_clean(t) && seconds_now() < end; n++)
        fuzz_settings(t, &g, &rng);
    guest_down(&g);
    guest_items_free(&items);
}

/* ---- 37 ------------------------------------------------------------------------------------- */

/* On the thread that made the call, in the middle of it. */
static bool report_call(void *arg, const char *what, const char *object)
{
    struct trial *t = arg;
    const char *asks = "";
    if (probe_is_inside() || allowed_object(t, what, object, &asks))
        return true;
    tell_failure(t, t->subject->binary, "it tried to %s%s%s while %s; %s", what, *object ? " " : "",
                 object, t->board->step, asks);
    return false;
}

void check_system_calls(struct trial *t)
{
    struct guest g;
    struct guest_items items;
    struct guest_answer answer;
    struct buffer arguments = BUFFER_INIT;
    guest_fill_scratch(t);
    guest_preload(t);
    if (!watch_begin(WATCH_WORLD, report_call, t)) {
        trial_skip(t, "this kernel or processor lets no process watch its system calls");
        return;
    }
    if (!guest_up(&g, t))
        return;
    probe_enter(); /* compiling schemas and making arguments is not the plugin's doing */
    bool listed = guest_items(&g, &items);
    probe_leave();
    for (size_t i = 0; listed && i < items.count; i++)
        for (unsigned n = 0; n < trial_rounds(t, 20, 6) && served(&g, &items.at[i]); n++) {
            struct generator gen = guest_generator(&g, &items.at[i], t->seed + n);
            probe_enter();
            guest_arguments(&g, &items.at[i], &gen, &arguments);
            probe_leave();
            if (!arguments.len)
                continue;
            guest_call(&g, &items.at[i], buffer_str(&arguments), 0, &answer);
            guest_answer_clear(&answer);
        }
    guest_down(&g);
    guest_items_free(&items);
    buffer_clear(&arguments);
}

/* ---- 40 ------------------------------------------------------------------------------------- */

#define SETS 8

static bool make_sets(struct guest *g, const struct guest_item *item, struct buffer *sets)
{
    for (unsigned n = 0; n < SETS; n++) {
        struct generator gen = guest_generator(g, item, g->t->seed + n);
        guest_arguments(g, item, &gen, &sets[n]);
        if (!sets[n].len)
            return false;
    }
    return true;
}

/* Returns how many calls were made. */
static unsigned call_often(struct guest *g, const struct guest_item *item, unsigned calls,
                           uint64_t end)
{
    struct buffer sets[SETS] = {BUFFER_INIT};
    struct guest_answer answer;
    unsigned made = 0;
    if (make_sets(g, item, sets))
        for (; made < calls && trial_clean(g->t) && seconds_now() < end; made++) {
            guest_call(g, item, buffer_str(&sets[made % SETS]), 0, &answer);
            guest_answer_clear(&answer);
        }
    for (unsigned n = 0; n < SETS; n++)
        buffer_clear(&sets[n]);
    return made;
}

void check_slope(struct trial *t)
{
    struct guest g;
    struct guest_items items;
    unsigned calls = trial_rounds(t, 100000, 400), made = 0;
    guest_fill_scratch(t);
    if (!guest_up(&g, t) || !guest_items(&g, &items))
        return;
    unsigned each = items.count ? calls / (unsigned)items.count + 1 : 0;
    uint64_t end = enough(t), warm = end - (end - seconds_now()) / 2;
    for (size_t i = 0; i < items.count; i++)
        if (served(&g, &items.at[i]))
            call_often(&g, &items.at[i], each / 10 + SETS, warm);
    struct census then = census_take();
    for (size_t i = 0; i < items.count; i++)
        if (served(&g, &items.at[i]))
            made += call_often(&g, &items.at[i], each, end);
    struct census now = census_take();
    if (now.resident_kib > then.resident_kib + GROWTH_KIB)
        tell_failure(t, t->subject->binary,
                     "%lu KiB more are in use after %u calls; free what a call "
                     "allocates",
                     now.resident_kib - then.resident_kib, made);
    if (now.descriptors > then.descriptors + 8)
        tell_failure(t, t->subject->binary,
                     "%u descriptors more are open after %u calls; close what a "
                     "call opens",
                     now.descriptors - then.descriptors, made);
    if (census_settle(then.threads + 8) > then.threads + 8)
        tell_failure(t, t->subject->binary, "%u threads more run after %u calls; join them",
                     now.threads - then.threads, made);
    guest_down(&g);
    guest_items_free(&items);
}
