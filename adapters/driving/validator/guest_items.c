/* What can be asked of the plugin, and with what. */
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/driving/cli/plugin_checks.h"
#include "adapters/driving/validator/guest.h"
#include "core/json/writer.h"
#include "core/schema/schema.h"
#include "core/uri/uri_template.h"

#define TRIES 20

static const struct {
    const char *list, *name, *word;
} kinds[ITEM_KINDS] = {
    {"tools", "name", "tool"},
    {"resources", "uri", "resource"},
    {"resourceTemplates", "uriTemplate", "resource template"},
    {"prompts", "name", "prompt"},
};

static struct schema *compile(struct trial *t, const char *subject, struct json schema)
{
    struct schema *compiled;
    struct error err;
    if (!json_exists(schema))
        return NULL;
    const struct plugin_checks *rules = t->rules;
    const struct plugin_checker *checker = rules->ctx;
    if (schema_compile_text(json_text(schema), checker->regex, &compiled, &err) == ST_OK)
        return compiled;
    tell_failure(t, subject, "its schema does not compile: %s", err.text);
    return NULL;
}

static bool add_item(struct guest *g, struct guest_items *items, enum item_kind kind,
                     struct json json, struct json_doc *doc)
{
    struct guest_item *grown = realloc(items->at, (items->count + 1) * sizeof(*grown));
    struct buffer name = BUFFER_INIT;
    int64_t timeout = 30000, inline_bytes = 4096;
    if (!grown)
        return false;
    items->at = grown;
    struct guest_item *item = &grown[items->count++];
    struct json run = json_get(json, STR("run"));
    *item = (struct guest_item){.kind = kind, .json = json, .doc = doc};
    json_decode(json_get(json, str_from(kinds[kind].name)), &name);
    snprintf(item->name, sizeof(item->name), "%.*s", STR_ARG(buffer_str(&name)));
    snprintf(item->subject, sizeof(item->subject), "%s \"%.240s\"", kinds[kind].word, item->name);
    buffer_clear(&name);
    item->run_inline = kind == ITEM_TOOL && json_is(json_get(run, STR("mode")), STR("inline"));
    json_int64(json_get(run, STR("timeoutMs")), &timeout);
    item->timeout_ms = (uint32_t)timeout;
    json_int64(json_get(run, STR("maxInlineBytes")), &inline_bytes);
    item->inline_bytes = (uint32_t)inline_bytes;
    item->input = compile(g->t, item->subject, json_get(json, STR("inputSchema")));
    item->output = compile(g->t, item->subject, json_get(json, STR("outputSchema")));
    return true;
}

static bool add_published(struct guest *g, struct guest_items *items)
{
    bool added = true;
    for (struct probe_item *p = g->probe->items; p && added; p = p->next) {
        struct json_doc *doc;
        if (json_parse(str_from(p->definition), &doc, NULL) == ST_OK)
            added = add_item(g, items, (enum item_kind)p->kind, json_root(doc), doc);
    }
    return added;
}

bool guest_items(struct guest *g, struct guest_items *out)
{
    bool added = true;
    *out = (struct guest_items){NULL, 0};
    for (int kind = 0; kind < ITEM_KINDS && added; kind++) {
        struct json_iter it =
            json_iter(json_get(subject_json(g->t->subject), str_from(kinds[kind].list)));
        while (added && json_next(&it))
            added = add_item(g, out, (enum item_kind)kind, it.value, NULL);
    }
    return added && add_published(g, out);
}

void guest_items_free(struct guest_items *items)
{
    for (size_t i = 0; i < items->count; i++) {
        schema_free(items->at[i].input);
        schema_free(items->at[i].output);
        json_free(items->at[i].doc);
    }
    free(items->at);
    *items = (struct guest_items){NULL, 0};
}

struct generator guest_generator(struct guest *g, const struct guest_item *item, uint64_t seed)
{
    return (struct generator){
        .rng = {seed},
        .root = json_get(item->json, STR("inputSchema")),
        .paths = json_get(json_get(item->json, STR("run")), STR("pathArguments")),
        .folder = g->t->scratch,
    };
}

static bool fits(const struct schema *schema, const struct buffer *text)
{
    struct json_doc *doc;
    if (!schema)
        return true;
    if (json_parse(buffer_str(text), &doc, NULL))
        return false;
    bool fit = schema_check(schema, json_root(doc), NULL) == ST_OK;
    json_free(doc);
    return fit;
}

static void tool_arguments(const struct guest_item *item, struct generator *gen, struct buffer *out)
{
    struct json schema = json_get(item->json, STR("inputSchema"));
    for (int tries = 0; tries < TRIES; tries++) {
        buffer_reset(out, 65536);
        generate_value(gen, schema, out);
        if (fits(item->input, out))
            return;
    }
    buffer_reset(out, 65536);
    buffer_add_str(out, STR("{}"));
    if (!fits(item->input, out))
        buffer_reset(out, 65536);
}

static void prompt_arguments(const struct guest_item *item, struct generator *gen,
                             struct buffer *out)
{
    struct json_writer w = json_writer(out);
    struct json_iter it = json_iter(json_get(item->json, STR("arguments")));
    bool required;
    json_begin_object(&w);
    while (json_next(&it)) {
        required = false;
        json_bool(json_get(it.value, STR("required")), &required);
        if (!required && rng_below(&gen->rng, 2))
            continue;
        json_write_raw(&w, json_text(json_get(it.value, STR("name"))));
        buffer_add_char(out, ':');
        w.comma = false;
        json_write_string(&w, rng_below(&gen->rng, 2) ? STR("a value") : STR("1"));
    }
    json_end_object(&w);
}

/* Every variable of the template is "a1". */
static void template_variables(const struct guest_item *item, struct buffer *out)
{
    struct json_writer w = json_writer(out);
    struct str name;
    json_begin_object(&w);
    for (size_t i = 0; uri_template_variable(str_from(item->name), i, &name); i++)
        json_put_string(&w, name, STR("a1"));
    json_end_object(&w);
}

void guest_arguments(struct guest *g, const struct guest_item *item, struct generator *gen,
                     struct buffer *out)
{
    (void)g;
    buffer_reset(out, 65536);
    if (item->kind == ITEM_TOOL)
        tool_arguments(item, gen, out);
    else if (item->kind == ITEM_PROMPT)
        prompt_arguments(item, gen, out);
    else if (item->kind == ITEM_TEMPLATE)
        template_variables(item, out);
    else
        buffer_add_str(out, STR("{}"));
}

static void write_file(const char *folder, const char *name, const char *text, size_t len)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0)
        return;
    if (write(fd, text, len) < 0)
        unlink(path);
    close(fd);
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *place)
{
    (void)st;
    if (place->level == 0)
        return 0;
    return type == FTW_DP ? rmdir(path) : unlink(path);
}

void guest_fill_scratch(struct trial *t)
{
    static const char bytes[] = "\0\1\2\377binary\n";
    char path[512];
    nftw(t->scratch, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    snprintf(path, sizeof(path), "%s/folder", t->scratch);
    mkdir(path, 0755);
    write_file(t->scratch, "notes.txt", "one\ntwo\nthree\n", 14);
    write_file(t->scratch, "folder/more.txt", "hello\n", 6);
    write_file(t->scratch, "data.bin", bytes, sizeof(bytes));
}
