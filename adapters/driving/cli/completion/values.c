#include "adapters/driving/cli/completion/values.h"

#include "adapters/driven/config/config.h"
#include "adapters/driven/plugin_host/plugin_host.h"
#include "adapters/driving/cli/about.h"
#include "adapters/driving/cli/app.h"
#include "adapters/driving/cli/client/clients.h"
#include "adapters/driving/cli/commands.h"
#include "adapters/driving/cli/completion/argument.h"

static void offer_items(struct app *app, const struct offers *offers, enum item_kind kind)
{
    const struct catalog_service *catalog = app_catalog(app);
    struct call_context context = app_context(app);
    const struct item *item = NULL;
    while ((item = catalog->reach(catalog->ctx, &context, kind, item ? item->order : 0))) {
        struct json_doc *doc;
        struct buffer scratch = BUFFER_INIT;
        if (json_parse(item->json, &doc, NULL))
            continue;
        offer(offers, item->name, "", about(json_root(doc), &scratch));
        buffer_clear(&scratch);
        json_free(doc);
    }
}

static void offer_tools(struct app *app, const struct line *line)
{
    offer_items(app, &line->offers, ITEM_TOOL);
}

static void offer_prompts(struct app *app, const struct line *line)
{
    offer_items(app, &line->offers, ITEM_PROMPT);
}

static void offer_resources(struct app *app, const struct line *line)
{
    offer_items(app, &line->offers, ITEM_RESOURCE);
    offer_items(app, &line->offers, ITEM_TEMPLATE);
}

static void offer_plugins(struct app *app, const struct line *line)
{
    struct plugin_facts facts;
    for (size_t i = 0; plugin_host_at(app_plugins(app), i, &facts); i++)
        offer(&line->offers, facts.id, "", facts.title);
}

static void offer_settings(struct app *app, const struct line *line)
{
    (void)app;
    struct str typed = line->offers.typed;
    const char *equals = typed.len ? memchr(typed.ptr, '=', typed.len) : NULL;
    size_t len = equals ? (size_t)(equals - typed.ptr) : 0;
    for (size_t i = 0; i < config_setting_count; i++) {
        const struct setting *setting = &config_settings[i];
        if (!equals) {
            offer(&line->offers, str_from(setting->key), "=", str_from(setting->help));
        } else if (str_eq(str_from(setting->key), (struct str){typed.ptr, len})) {
            struct offers values = offers_behind(&line->offers, len + 1);
            const char *words = setting->type == SETTING_CHOICE ? setting->choices
                                : setting->type == SETTING_BOOL ? "true false"
                                                                : "";
            offer_words(&values, str_from(words), ' ');
        }
    }
}

static void offer_commands(struct app *app, const struct line *line)
{
    (void)app;
    for (int i = 0; commands[i]; i++)
        if (!commands[i]->hidden && !strchr(commands[i]->name, ' '))
            offer(&line->offers, str_from(commands[i]->name), "", str_from(commands[i]->summary));
}

static void offer_clients(struct app *app, const struct line *line)
{
    (void)app;
    for (size_t i = 0; i < client_count; i++)
        offer(&line->offers, str_from(clients[i].id), "", str_from(clients[i].title));
}

static const struct {
    const char *what;
    const char *paths; /* "words": none */
    bool needs_app;
    void (*offer)(struct app *app, const struct line *line); /* NULL: paths alone */
} completers[] = {
    {"TOOL", "words", true, offer_tools},
    {"PROMPT", "words", true, offer_prompts},
    {"RESOURCE", "words", true, offer_resources},
    {"ID", "words", true, offer_plugins},
    {"ID|FOLDER", "folders", true, offer_plugins},
    {"COMMAND", "words", false, offer_commands},
    {"CLIENT", "words", false, offer_clients},
    {"KEY=VALUE", "words", false, offer_settings},
    {"NAME=VALUE", "words", true, offer_argument},
    {"NAME=FILE", "words", true, offer_argument_name},
    {"FILE", "files", false, NULL},
    {"FOLDER", "folders", false, NULL},
    {"DIR", "folders", false, NULL},
    {"FILE|FOLDER|URL", "files", false, NULL},
};

static void offer_with_app(const struct line *line,
                           void (*fn)(struct app *app, const struct line *line))
{
    struct app *app;
    struct error err;
    if (app_open(&line->inv, &app, &err))
        return;
    fn(app, line);
    app_close(app);
}

/* "NAME=FILE" behind the "=" is a FILE. */
static bool is_file_of_argument(const struct line *line, struct str what)
{
    struct str typed = line->offers.typed;
    return str_eq(what, STR("NAME=FILE")) && typed.len && memchr(typed.ptr, '=', typed.len);
}

bool offer_values(const struct line *line, struct str what)
{
    if (is_file_of_argument(line, what)) {
        const char *equals = memchr(line->offers.typed.ptr, '=', line->offers.typed.len);
        struct offers path = offers_behind(&line->offers,
                                           (size_t)(equals - line->offers.typed.ptr) + 1);
        offer_begin(&path, "files");
        return true;
    }
    for (size_t i = 0; i < sizeof(completers) / sizeof(completers[0]); i++) {
        if (!str_eq(what, str_from(completers[i].what)))
            continue;
        offer_begin(&line->offers, completers[i].paths);
        if (completers[i].needs_app)
            offer_with_app(line, completers[i].offer);
        else if (completers[i].offer)
            completers[i].offer(NULL, line);
        return true;
    }
    if (!what.len || what.ptr[0] < 'a' || what.ptr[0] > 'z')
        return false;
    offer_begin(&line->offers, "words");
    offer_words(&line->offers, what, '|');
    return true;
}
