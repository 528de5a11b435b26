#include "adapters/driving/cli/completion/argument.h"

#include "adapters/driving/cli/about.h"
#include "adapters/driving/cli/call/arguments.h"
#include "core/uri/uri_template.h"

/* What the line is about: its first operand. */
static const struct item *find_item(struct app *app, const struct line *line)
{
    const struct catalog_service *catalog = app_catalog(app);
    struct call_context context = app_context(app);
    const char *operands = line->inv.command->operands;
    enum item_kind kind = strncmp(operands, "PROMPT", 6) == 0     ? ITEM_PROMPT
                          : strncmp(operands, "RESOURCE", 8) == 0 ? ITEM_TEMPLATE
                                                                  : ITEM_TOOL;
    if (line->inv.operand_count < 1)
        return NULL;
    return catalog->find(catalog->ctx, &context, kind, str_from(line->inv.operands[0]));
}

static bool is_given(const struct line *line, struct str name)
{
    for (int i = 0; i < line->inv.given_count; i++) {
        const struct given *given = &line->inv.given[i];
        if (strncmp(given->name, "arg", 3) == 0 &&
            str_eq((struct str){given->value, strcspn(given->value, "=")}, name))
            return true;
    }
    return false;
}

/* ---- names ---- */

static void offer_name(const struct line *line, struct json name, struct json definition)
{
    struct buffer scratch = BUFFER_INIT, text = BUFFER_INIT;
    struct str plain;
    if (json_string(name, &text, &plain) && !is_given(line, plain))
        offer(&line->offers, plain, "=", about(definition, &scratch));
    buffer_clear(&scratch);
    buffer_clear(&text);
}

static void offer_properties(const struct line *line, struct json tool)
{
    struct json_iter it =
        json_iter(json_get(json_get(tool, STR("inputSchema")), STR("properties")));
    while (json_next(&it))
        offer_name(line, it.key, it.value);
}

static void offer_prompt_arguments(const struct line *line, struct json prompt)
{
    struct json_iter it = json_iter(json_get(prompt, STR("arguments")));
    while (json_next(&it))
        offer_name(line, json_get(it.value, STR("name")), it.value);
}

static void offer_variables(const struct line *line, struct str template)
{
    struct str name;
    for (size_t i = 0; uri_template_variable(template, i, &name); i++)
        if (!is_given(line, name))
            offer(&line->offers, name, "=", STR(""));
}

static void offer_names(const struct line *line, const struct item *item)
{
    struct json_doc *doc;
    if (json_parse(item->json, &doc, NULL))
        return;
    if (item->kind == ITEM_TOOL)
        offer_properties(line, json_root(doc));
    else if (item->kind == ITEM_PROMPT)
        offer_prompt_arguments(line, json_root(doc));
    else
        offer_variables(line, item->name);
    json_free(doc);
}

/* ---- values that a schema names ---- */

static void offer_value(const struct offers *offers, struct json value)
{
    struct buffer scratch = BUFFER_INIT;
    struct str text;
    if (!json_string(value, &scratch, &text))
        text = json_text(value);
    offer(offers, text, "", STR(""));
    buffer_clear(&scratch);
}

/* Those of the schema itself and of its branches. */
static void offer_of_schema(const struct offers *offers, struct json schema, int depth)
{
    static const char *const branches[] = {"anyOf", "oneOf"};
    struct json_iter it = json_iter(json_get(schema, STR("enum")));
    while (json_next(&it))
        offer_value(offers, it.value);
    if (json_exists(json_get(schema, STR("const"))))
        offer_value(offers, json_get(schema, STR("const")));
    if (json_is(json_get(schema, STR("type")), STR("boolean")))
        offer_words(offers, STR("true false"), ' ');
    for (size_t i = 0; depth > 0 && i < sizeof(branches) / sizeof(branches[0]); i++) {
        it = json_iter(json_get(schema, str_from(branches[i])));
        while (json_next(&it))
            offer_of_schema(offers, it.value, depth - 1);
    }
    if (!json_exists(json_get(schema, STR("enum"))))
        offer_value(offers, json_get(schema, STR("default")));
}

static void offer_of_tool(const struct offers *offers, const struct item *tool, struct str name)
{
    struct json_doc *doc;
    if (json_parse(tool->json, &doc, NULL))
        return;
    struct json input = json_get(json_root(doc), STR("inputSchema"));
    offer_of_schema(offers, json_get(json_get(input, STR("properties")), name), 2);
    json_free(doc);
}

/* ---- values that a plugin completes ---- */

struct asked {
    const struct offers *offers;
    bool done;
};

static void on_done(void *user, const struct call_outcome *outcome)
{
    struct asked *asked = user;
    struct json_iter it = json_iter(json_get(outcome->result, STR("values")));
    while (outcome->end == CALL_RESULT && json_next(&it))
        offer_value(asked->offers, it.value);
    asked->done = true;
}

static void offer_of_plugin(struct app *app, const struct line *line, const struct offers *offers,
                            const struct item *item, struct str name)
{
    static const struct call_observer observer = {.done = on_done};
    const struct call_service *calls = app_calls(app);
    struct asked asked = {.offers = offers};
    struct json_doc *known;
    struct error err;
    uint64_t id;
    if (arguments_read_texts(&line->inv, NULL, &known, &err))
        return;
    struct call_request call = {
        .action = ACTION_COMPLETE,
        .of = item->kind,
        .target = item->name,
        .arguments = json_root(known),
        .argument = name,
        .value = offers->typed,
        .context = app_context(app),
        .observer = &observer,
        .user = &asked,
    };
    /* `known` is left to the end of the process: a plugin that hangs may still read it. */
    if (calls->call(calls->ctx, &call, &id, &err) == ST_OK)
        app_run_until(app, &asked.done);
}

void offer_argument_name(struct app *app, const struct line *line)
{
    const struct item *item = find_item(app, line);
    if (item)
        offer_names(line, item);
}

void offer_argument(struct app *app, const struct line *line)
{
    const struct item *item = find_item(app, line);
    struct str typed = line->offers.typed;
    const char *equals = typed.len ? memchr(typed.ptr, '=', typed.len) : NULL;
    if (!item)
        return;
    if (!equals) {
        offer_names(line, item);
        return;
    }
    struct str name = {typed.ptr, (size_t)(equals - typed.ptr)};
    struct offers values = offers_behind(&line->offers, name.len + 1);
    if (item->kind == ITEM_TOOL)
        offer_of_tool(&values, item, name);
    else
        offer_of_plugin(app, line, &values, item, name);
}
