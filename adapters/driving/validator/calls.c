/* Checks 26 to 32: calls. */
#include <stdio.h>
#include <stdlib.h>

#include "adapters/driving/validator/census.h"
#include "adapters/driving/validator/checks_calls.h"
#include "adapters/driving/validator/guest.h"
#include "core/json/writer.h"

/* More than this for one call is a question, and the manifest's memoryMiB the answer. */
#define CALL_MEMORY_MIB 256u

struct session {
    struct guest g;
    struct guest_items items;
    struct buffer arguments;
};

static bool begin(struct session *s, struct trial *t)
{
    *s = (struct session){.arguments = BUFFER_INIT};
    guest_fill_scratch(t);
    return guest_up(&s->g, t) && guest_items(&s->g, &s->items);
}

static void end(struct session *s)
{
    guest_down(&s->g);
    guest_items_free(&s->items);
    buffer_clear(&s->arguments);
}

/* False if no arguments could be made that fit. */
static bool arguments_for(struct session *s, const struct guest_item *item, uint64_t round)
{
    struct generator gen = guest_generator(&s->g, item, s->g.t->seed * 31 + round);
    guest_arguments(&s->g, item, &gen, &s->arguments);
    return s->arguments.len > 0;
}

/* Is there a table of the plugin's for it? One that lists what it does not serve was told so. */
static bool served(const struct guest *g, const struct guest_item *item)
{
    return item->kind == ITEM_TOOL     ? g->tools != NULL
           : item->kind == ITEM_PROMPT ? g->prompts != NULL
                                       : g->resources != NULL;
}

void check_items(struct trial *t)
{
    struct session s;
    if (begin(&s, t)) {
        for (size_t i = 0; i < s.items.count; i++)
            if (!arguments_for(&s, &s.items.at[i], i))
                tell_note(t, s.items.at[i].subject,
                          "no arguments could be made up that fit its "
                          "schema; \"examples\" in the schema would help, and help models, too");
        end(&s);
    }
}

/* ---- input ---------------------------------------------------------------------------------- */

static void answer_request(struct json_writer *w, struct json request)
{
    struct json method = json_get(request, STR("method"));
    if (json_is(method, STR("roots/list")))
        json_write_raw(w, STR("{\"roots\":[]}"));
    else if (json_is(method, STR("sampling/createMessage")))
        json_write_raw(w, STR("{\"role\":\"assistant\",\"model\":\"none\",\"content\":{\"type\":"
                              "\"text\",\"text\":\"yes\"}}"));
    else
        json_write_raw(w, STR("{\"action\":\"decline\"}"));
}

static void write_answers(struct json requests, bool all, struct buffer *out)
{
    struct json_writer w = json_writer(out);
    struct json_iter it = json_iter(requests);
    json_begin_object(&w);
    while (all && json_next(&it)) {
        json_key_raw(&w, it.key);
        answer_request(&w, it.value);
    }
    json_end_object(&w);
}

/* Answers what it asks, as far as four rounds go. */
static void go_on(struct session *s, const struct guest_item *item, struct guest_answer *answer,
                  bool all)
{
    for (int round = 0; round < 4 && answer->outcome == HEXMCP_INPUT_REQUIRED; round++) {
        struct json_doc *doc;
        struct buffer answers = BUFFER_INIT;
        struct guest_answer next;
        if (!answer->answered ||
            json_parse((struct str){answer->json, answer->json_len}, &doc, NULL))
            return;
        struct json state = json_get(json_root(doc), STR("state"));
        write_answers(json_get(json_root(doc), STR("requests")), all, &answers);
        guest_resume(&s->g, item, buffer_str(&s->arguments),
                     json_exists(state) ? json_text(state) : STR("null"), buffer_str(&answers),
                     &next);
        buffer_clear(&answers);
        json_free(doc);
        guest_answer_clear(answer);
        *answer = next;
    }
}

/* ---- 27 ------------------------------------------------------------------------------------- */

static void complete_arguments(struct session *s, const struct guest_item *item)
{
    struct guest_answer answer;
    struct buffer name = BUFFER_INIT;
    struct json_iter it = json_iter(json_get(item->json, STR("arguments")));
    if (item->kind == ITEM_PROMPT && HEXMCP_HAS(s->g.prompts, complete))
        while (json_next(&it)) {
            buffer_reset(&name, 256);
            json_decode(json_get(it.value, STR("name")), &name);
            guest_complete(&s->g, item, buffer_str(&name), &answer);
            guest_answer_clear(&answer);
        }
    if (item->kind == ITEM_TEMPLATE && HEXMCP_HAS(s->g.resources, complete) &&
        arguments_for(s, item, 0)) {
        struct json_doc *doc;
        if (json_parse(buffer_str(&s->arguments), &doc, NULL) == ST_OK) {
            struct json_iter members = json_iter(json_root(doc));
            while (json_next(&members)) {
                buffer_reset(&name, 256);
                json_decode(members.key, &name);
                guest_complete(&s->g, item, buffer_str(&name), &answer);
                guest_answer_clear(&answer);
            }
            json_free(doc);
        }
    }
    buffer_clear(&name);
}

static unsigned long memory_limit(const struct trial *t)
{
    int64_t asked = 0;
    json_int64(subject_grant(t->subject, "memoryMiB"), &asked);
    return asked > (int64_t)CALL_MEMORY_MIB ? (unsigned long)asked : CALL_MEMORY_MIB;
}

/* The validator's own descriptors are still there. */
static void check_own(struct trial *t, const struct guest_item *item)
{
    char what[128];
    const int own[] = {0, 1, 2, t->subject->folder, t->subject->binary_fd};
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
        census_describe(own[i], what, sizeof(what));
        if (!what[0])
            tell_failure(t, item->subject,
                         "it closed the descriptor %d, which is not its own; close "
                         "only what you opened",
                         own[i]);
    }
}

static void call_item(struct session *s, const struct guest_item *item, unsigned rounds)
{
    struct trial *t = s->g.t;
    struct guest_answer answer;
    unsigned long limit = memory_limit(t), before = census_take().resident_kib;
    for (unsigned i = 0; i < rounds && trial_clean(t); i++) {
        if (!arguments_for(s, item, i))
            return;
        guest_call(&s->g, item, buffer_str(&s->arguments), 0, &answer);
        go_on(s, item, &answer, i & 1);
        guest_answer_clear(&answer);
        if (census_take().resident_kib > before + limit * 1024)
            tell_failure(t, item->subject,
                         "it takes more than %lu MiB; ask for more by \"memoryMiB\" "
                         "in \"grants\", or work in pieces",
                         limit);
        check_own(t, item);
    }
}

void check_calls(struct trial *t)
{
    struct session s;
    unsigned rounds = trial_rounds(t, 40, 8);
    unsigned descriptors = census_take().descriptors;
    if (!begin(&s, t))
        return;
    for (size_t i = 0; i < s.items.count; i++)
        if (served(&s.g, &s.items.at[i])) {
            call_item(&s, &s.items.at[i], rounds);
            complete_arguments(&s, &s.items.at[i]);
        }
    guest_stop(&s.g);
    unsigned left = census_take().descriptors;
    /* The plugin's own file and what a library keeps for good are no leak of calls. */
    if (left > descriptors + 4)
        tell_failure(t, "stop",
                     "%u descriptors are left after %u calls of each item; close what a call "
                     "opens",
                     left - descriptors, rounds);
    end(&s);
}

/* ---- 28 ------------------------------------------------------------------------------------- */

void check_bad_arguments(struct trial *t)
{
    static const char *const fixed[] = {"{}", "[]", "null", "\"text\"", "0", "", "{\"a\":"};
    struct session s;
    struct guest_answer answer;
    unsigned rounds = trial_rounds(t, 40, 10);
    if (!begin(&s, t))
        return;
    for (size_t i = 0; i < s.items.count; i++) {
        const struct guest_item *item = &s.items.at[i];
        struct guest_item unknown = *item;
        struct generator gen = guest_generator(&s.g, item, t->seed + i);
        if (!served(&s.g, item))
            continue;
        for (unsigned n = 0; n < rounds + 7; n++) {
            buffer_reset(&s.arguments, 65536);
            if (n < 7)
                buffer_add_str(&s.arguments, str_from(fixed[n]));
            else
                generate_wrong(&gen, json_get(item->json, STR("inputSchema")), &s.arguments);
            guest_call(&s.g, item, buffer_str(&s.arguments), CALL_UNJUDGED, &answer);
            guest_answer_clear(&answer);
        }
        snprintf(unknown.name, sizeof(unknown.name), "no-such-%s",
                 item->kind == ITEM_TOOL ? "tool" : "thing");
        guest_call(&s.g, &unknown, STR("{}"), CALL_UNJUDGED, &answer);
        guest_answer_clear(&answer);
    }
    end(&s);
}

/* ---- 29 ------------------------------------------------------------------------------------- */

void check_cancel(struct trial *t)
{
    static const unsigned ways[] = {CALL_CANCEL_BEFORE, CALL_CANCEL_DURING, CALL_CANCEL_AFTER,
                                    CALL_CANCEL_TWICE,
                                    CALL_CANCEL_BEFORE | CALL_CANCEL_TWICE | CALL_CANCEL_AFTER};
    struct session s;
    struct guest_answer answer;
    if (!begin(&s, t))
        return;
    for (size_t i = 0; i < s.items.count; i++)
        for (size_t way = 0; way < sizeof(ways) / sizeof(ways[0]); way++) {
            const struct guest_item *item = &s.items.at[i];
            if (!served(&s.g, item) || !arguments_for(&s, item, way))
                continue;
            guest_call(&s.g, item, buffer_str(&s.arguments), ways[way], &answer);
            guest_answer_clear(&answer);
        }
    end(&s);
}

/* ---- 30 ------------------------------------------------------------------------------------- */

#define LOOP_BUDGET_MS 10.0

/* By processor time of the loop's thread: how busy the machine is says nothing about the plugin. */
void check_threads(struct trial *t)
{
    struct session s;
    struct guest_answer answer;
    if (!begin(&s, t))
        return;
    for (size_t i = 0; i < s.items.count; i++) {
        const struct guest_item *item = &s.items.at[i];
        s.g.probe->longest_ms = 0;
        if (!served(&s.g, item))
            continue;
        for (unsigned n = 0; n < trial_rounds(t, 20, 10) && arguments_for(&s, item, n); n++) {
            guest_call(&s.g, item, buffer_str(&s.arguments), 0, &answer);
            guest_answer_clear(&answer);
        }
        if (s.g.probe->longest_ms > LOOP_BUDGET_MS)
            tell_failure(t, item->subject,
                         "one function of it took %.1f ms of the loop, more than "
                         "%.0f; give it the mode \"worker\"",
                         s.g.probe->longest_ms, LOOP_BUDGET_MS);
    }
    end(&s);
}

/* ---- 31, 32 --------------------------------------------------------------------------------- */

void check_late(struct trial *t)
{
    struct session s;
    struct guest_answer answer;
    if (!begin(&s, t))
        return;
    for (size_t i = 0; i < s.items.count; i++) {
        const struct guest_item *item = &s.items.at[i];
        if (!served(&s.g, item) || !arguments_for(&s, item, 0))
            continue;
        guest_call(&s.g, item, buffer_str(&s.arguments), CALL_GIVE_UP, &answer);
        guest_answer_clear(&answer);
        guest_call(&s.g, item, buffer_str(&s.arguments), 0, &answer);
        guest_answer_clear(&answer);
    }
    end(&s);
}

static void refuse_once(struct trial *t, struct session *s, int32_t status)
{
    struct guest_answer answer;
    atomic_store(&s->g.probe->refuse, status);
    for (size_t i = 0; i < s->items.count; i++) {
        const struct guest_item *item = &s->items.at[i];
        for (unsigned n = 0; n < trial_rounds(t, 10, 3); n++) {
            if (!served(&s->g, item) || !arguments_for(s, item, n))
                break;
            guest_call(&s->g, item, buffer_str(&s->arguments), 0, &answer);
            go_on(s, item, &answer, false);
            guest_answer_clear(&answer);
        }
    }
    atomic_store(&s->g.probe->refuse, 0);
}

/* Also while it comes up: then start may fail, with a text. */
static void refuse_start(struct trial *t, const struct guest *loaded, int32_t status)
{
    struct guest g = {.t = t, .create = loaded->create, .probe = probe_new(t)};
    hexmcp_error err = {.size = sizeof(err)};
    struct buffer settings = BUFFER_INIT;
    if (!g.probe || !guest_create(&g, NULL))
        return;
    atomic_store(&g.probe->refuse, status);
    guest_settings(t, &settings);
    buffer_add_char(&settings, '\0');
    if (guest_init(&g, settings.data) && HEXMCP_HAS(g.plugin, start)) {
        trial_step(t, "start while the host refuses everything with %d", status);
        int32_t rc = g.plugin->start(g.plugin->self, &err);
        guest_judge_error(&g, "start", "it", rc, &err);
        g.started = rc == HEXMCP_OK;
    }
    guest_down(&g);
    buffer_clear(&settings);
}

void check_refusals(struct trial *t)
{
    static const int32_t refusals[] = {HEXMCP_E_BUSY, HEXMCP_E_DENIED, HEXMCP_E_NOMEM,
                                       HEXMCP_E_UNAVAILABLE};
    struct session s;
    if (!begin(&s, t))
        return;
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]) && trial_clean(t); i++)
        refuse_once(t, &s, refusals[i]);
    if (!atomic_load(&s.g.probe->refusals))
        tell_note(t, "", "it asked no service that can refuse");
    end(&s);
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]) && trial_clean(t); i++)
        refuse_start(t, &s.g, refusals[i]);
}
