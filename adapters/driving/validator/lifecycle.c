/* Checks 20 to 25: the life of an instance. */
#include <stdio.h>
#include <stdlib.h>

#include "adapters/driving/validator/census.h"
#include "adapters/driving/validator/checks_load.h"
#include "adapters/driving/validator/guest.h"

enum stage { STAGE_CREATED, STAGE_READY, STAGE_ASKED, STAGE_ACTIVE, STAGE_CALLED, STAGE_STOPPED };

static void call_first(struct guest *g)
{
    struct guest_items items;
    struct guest_answer answer;
    struct buffer arguments = BUFFER_INIT;
    guest_fill_scratch(g->t);
    if (guest_items(g, &items) && items.count) {
        struct generator gen = guest_generator(g, &items.at[0], g->t->seed);
        guest_arguments(g, &items.at[0], &gen, &arguments);
        if (arguments.len && items.at[0].kind != ITEM_TEMPLATE) {
            guest_call(g, &items.at[0], buffer_str(&arguments), 0, &answer);
            guest_answer_clear(&answer);
        }
    }
    buffer_clear(&arguments);
    guest_stop(g); /* what the calls were of must not go before */
    guest_items_free(&items);
}

/* Up to the stage, then destroy. */
static bool walk(struct trial *t, const struct guest *loaded, enum stage stage)
{
    struct guest g = {.t = t, .create = loaded->create, .probe = probe_new(t)};
    if (!g.probe || !guest_create(&g, NULL))
        return false;
    if ((stage >= STAGE_READY && !guest_init(&g, NULL)) ||
        (stage >= STAGE_ASKED && !guest_interfaces(&g)) ||
        (stage >= STAGE_ACTIVE && !guest_start(&g)))
        return false;
    if (stage == STAGE_CALLED)
        call_first(&g);
    if (stage >= STAGE_ACTIVE)
        guest_stop(&g);
    guest_destroy(&g);
    return trial_clean(t);
}

void check_paths(struct trial *t)
{
    struct guest g;
    if (!guest_load(&g, t))
        return;
    for (int stage = STAGE_CREATED; stage <= STAGE_STOPPED; stage++)
        if (!walk(t, &g, (enum stage)stage))
            return;
    for (int stage = STAGE_STOPPED; stage >= STAGE_CREATED; stage--)
        if (!walk(t, &g, (enum stage)stage))
            return;
}

static char *nested(const char *before, const char *after, size_t depth)
{
    struct buffer text = BUFFER_INIT;
    size_t len;
    buffer_add_str(&text, STR("{\"a\":"));
    for (size_t i = 0; i < depth; i++)
        buffer_add_str(&text, str_from(before));
    buffer_add_str(&text, STR("1"));
    for (size_t i = 0; i < depth; i++)
        buffer_add_str(&text, str_from(after));
    buffer_add_char(&text, '}');
    return buffer_take(&text, &len);
}

/* The host refuses settings that do not fit the schema, so any answer will do, but a crash. An
 * error must be a proper one. */
static bool try_config(struct trial *t, const struct guest *loaded, const char *name,
                       const char *config)
{
    struct guest g = {.t = t, .create = loaded->create, .probe = probe_new(t)};
    if (!config || !g.probe || !guest_create(&g, NULL))
        return false;
    bool works = guest_init(&g, config);
    if (works && strcmp(name, "a cut text") == 0)
        tell_note(t, "init", "it takes %s for settings; HEXMCP_E_CONFIG would help the person",
                  name);
    guest_destroy(&g);
    return trial_clean(t);
}

void check_bad_config(struct trial *t)
{
    struct guest g;
    char *deep = nested("[", "]", 100), *huge = nested("[1,", "2]", 60);
    struct buffer large = BUFFER_INIT;
    buffer_add_str(&large, STR("{\"a\":\""));
    while (large.len < (1u << 20))
        buffer_add_str(&large, STR("0123456789abcdef"));
    buffer_add_str(&large, STR("\"}"));
    buffer_add_char(&large, '\0');
    const struct {
        const char *name, *text;
    } bad[] = {
        {"nothing", ""},
        {"an array", "[]"},
        {"null", "null"},
        {"a number", "1"},
        {"a cut text", "{\"a\""},
        {"unknown keys", "{\"no such setting\":{\"x\":[1,2,3]}}"},
        {"nested arrays", deep},
        {"nested members", huge},
        {"a long text", large.data},
    };
    if (guest_load(&g, t))
        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
            if (!try_config(t, &g, bad[i].name, bad[i].text))
                break;
    free(deep);
    free(huge);
    buffer_clear(&large);
}

void check_two_instances(struct trial *t)
{
    struct guest a, b;
    if (!guest_up(&a, t))
        return;
    if (!guest_again(&b, &a)) {
        tell_failure(t, "hexmcp_plugin_create",
                     "a second instance beside the first does not come up; "
                     "keep state in the instance, not in static variables");
        return;
    }
    if (a.plugin->self && a.plugin->self == b.plugin->self)
        tell_warning(t, "hexmcp_plugin_create",
                     "two instances share one `self`, so that one cannot "
                     "be destroyed without the other; allocate it in create");
    call_first(&b);
    guest_down(&b);
    call_first(&a);
    guest_down(&a);
}

void check_stop_threads(struct trial *t)
{
    struct guest g;
    struct census then = census_take();
    if (!guest_up(&g, t))
        return;
    call_first(&g);
    guest_stop(&g);
    unsigned threads = census_settle(then.threads);
    if (threads > then.threads)
        tell_failure(t, "stop", "%u thread%s of it run%s after stop has returned; join all of them",
                     threads - then.threads, threads - then.threads == 1 ? "" : "s",
                     threads - then.threads == 1 ? "s" : "");
    guest_destroy(&g);
}

/* ---- hexmcp.state/1 ------------------------------------------------------------------------- */

struct saved {
    struct guest *g;
    struct buffer bytes;
    unsigned emits;
};

static void keep_state(void *arg, hexmcp_str bytes)
{
    struct saved *saved = arg;
    saved->emits++;
    buffer_reset(&saved->bytes, SIZE_MAX);
    buffer_add(&saved->bytes, bytes.ptr, bytes.len);
}

static const hexmcp_state_1 *state_of(struct guest *g)
{
    trial_step(g->t, "get_interface(\"" HEXMCP_STATE_1 "\")");
    const hexmcp_state_1 *state = g->plugin->get_interface(g->plugin->self, HEXMCP_STATE_1);
    if (state && HEXMCP_HAS(state, save) && HEXMCP_HAS(state, load))
        return state;
    tell_failure(g->t, "get_interface",
                 "it gives no table with save and load for \"" HEXMCP_STATE_1
                 "\", which plugin.json lists in \"provides\"");
    return NULL;
}

static bool save(struct guest *g, struct saved *out)
{
    hexmcp_error err = {.size = sizeof(err)};
    const hexmcp_state_1 *state = state_of(g);
    *out = (struct saved){.g = g};
    if (!state)
        return false;
    trial_step(g->t, "save of " HEXMCP_STATE_1);
    int32_t status = state->save(state->self, keep_state, out, &err);
    guest_judge_error(g, HEXMCP_STATE_1, "save", status, &err);
    if ((status == HEXMCP_OK) != (out->emits == 1))
        tell_failure(g->t, HEXMCP_STATE_1,
                     "save returned %d and called emit %u times; call it once, "
                     "and not with an error",
                     status, out->emits);
    if (out->bytes.len > HEXMCP_STATE_BYTES_MAX)
        tell_failure(g->t, HEXMCP_STATE_1, "the state has %zu bytes, more than 64 MiB",
                     out->bytes.len);
    return status == HEXMCP_OK;
}

/* A new instance that was given the state, up to `start`. */
static bool load_state(struct trial *t, const struct guest *loaded, struct guest *g,
                       const struct buffer *bytes, int32_t *status)
{
    hexmcp_error err = {.size = sizeof(err)};
    *g = (struct guest){.t = t, .create = loaded->create, .probe = probe_new(t)};
    if (!g->probe || !guest_create(g, NULL) || !guest_init(g, NULL))
        return false;
    const hexmcp_state_1 *state = state_of(g);
    if (!state)
        return false;
    trial_step(t, "load of " HEXMCP_STATE_1);
    *status = state->load(state->self, (hexmcp_str){bytes->data, bytes->len}, &err);
    guest_judge_error(g, HEXMCP_STATE_1, "load", *status, &err);
    return true;
}

static bool has_state(struct trial *t)
{
    if (subject_provides(t->subject, HEXMCP_STATE_1))
        return true;
    trial_skip(t, "it does not provide " HEXMCP_STATE_1);
    return false;
}

void check_state_round_trip(struct trial *t)
{
    struct guest first, second;
    struct saved then, now = {.bytes = BUFFER_INIT};
    int32_t status;
    if (!has_state(t) || !guest_up(&first, t))
        return;
    if (!save(&first, &then))
        return;
    if (load_state(t, &first, &second, &then.bytes, &status)) {
        if (status != HEXMCP_OK)
            tell_failure(t, HEXMCP_STATE_1, "load refuses with %d what save gave", status);
        else if (guest_interfaces(&second) && guest_start(&second) && save(&second, &now) &&
                 !str_eq(buffer_str(&then.bytes), buffer_str(&now.bytes)))
            tell_failure(t, HEXMCP_STATE_1,
                         "save, load and save give %zu and then %zu bytes that "
                         "differ; load what save writes",
                         then.bytes.len, now.bytes.len);
        guest_down(&second);
    }
    guest_down(&first);
    buffer_clear(&then.bytes);
    buffer_clear(&now.bytes);
}

static void try_state(struct trial *t, const struct guest *loaded, const struct buffer *bytes)
{
    struct guest g;
    int32_t status;
    if (load_state(t, loaded, &g, bytes, &status)) {
        if (status == HEXMCP_OK && guest_interfaces(&g))
            guest_start(&g);
        guest_down(&g);
    }
}

void check_bad_state(struct trial *t)
{
    struct guest g;
    struct saved good;
    struct rng rng = {t->seed};
    unsigned rounds = trial_rounds(t, 200, 20);
    if (!has_state(t) || !guest_up(&g, t) || !save(&g, &good))
        return;
    for (unsigned i = 0; i < rounds && trial_clean(t); i++) {
        struct buffer bytes = BUFFER_INIT;
        unsigned len = i % 3 ? rng_below(&rng, 200) : 0;
        if (i % 3 == 1)
            generate_damaged(&rng, buffer_str(&good.bytes), &bytes);
        else
            while (bytes.len < len)
                buffer_add_char(&bytes, (char)rng_next(&rng));
        try_state(t, &g, &bytes);
        buffer_clear(&bytes);
    }
    guest_down(&g);
    buffer_clear(&good.bytes);
}
