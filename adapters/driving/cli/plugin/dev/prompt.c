#include "adapters/driving/cli/plugin/dev/prompt.h"

#include <string.h>

#include "adapters/driven/clock/clock.h"
#include "adapters/driving/cli/about.h"
#include "adapters/driving/cli/call/arguments.h"
#include "adapters/driving/cli/call/run.h"
#include "adapters/driving/cli/plugin/dev/words.h"
#include "adapters/driving/cli/show/items.h"

#define NAME_WIDTH 24

static const char help[] =
    "  list                     what there is to call, read and render\n"
    "  TOOL name=value ...      calls a tool; quote what holds blanks: text=\"one two\"\n"
    "  TOOL {\"name\": ...}       the same, with the arguments as JSON\n"
    "  read URI                 reads a resource\n"
    "  render PROMPT name=value renders a prompt\n"
    "  quit                     ends; so does Ctrl-D\n"
    "Save a source file, and the plugin is built and loaded anew.\n";

/* ---- running ---- */

static void tell_time(uint64_t began, int code)
{
    const struct clock_port *clock = system_clock_port();
    uint64_t took = clock->monotonic_ns(clock->ctx) - began;
    fflush(stdout);
    fprintf(stderr, "[%s, %llu.%llu ms]\n", code == EXIT_DONE ? "done" : "failed",
            (unsigned long long)(took / 1000000), (unsigned long long)(took / 100000 % 10));
}

static void run_timed(struct app *app, const struct run_request *what)
{
    const struct clock_port *clock = system_clock_port();
    uint64_t began = clock->monotonic_ns(clock->ctx);
    int code = run_call(app, what);
    tell_time(began, code);
}

/* The words from number `from` on, as if they had been given with --arg. */
static void as_options(const struct words *words, int from, struct invocation *inv)
{
    for (int i = from; i < words->count && inv->given_count < MAX_GIVEN; i++)
        inv->given[inv->given_count++] = (struct given){"arg", words->list[i]};
}

/* The arguments from word number `from` on: JSON, or name=value. */
static int read_arguments(const struct words *words, int from, const struct item *tool,
                          struct json_doc **out, struct error *err)
{
    struct invocation inv = {.given_count = 0};
    const char *json = words->count > from && words->rest[from][0] == '{' ? words->rest[from] : NULL;
    if (!json)
        as_options(words, from, &inv);
    return tool ? arguments_read(&inv, tool, json, out, err)
                : arguments_read_texts(&inv, json, out, err);
}

static void call_tool(struct app *app, const struct words *words, int at)
{
    struct run_request call = {.action = ACTION_CALL, .target = str_from(words->list[at])};
    const struct item *tool;
    struct error err;
    if (item_find(app, ITEM_TOOL, call.target, "tools", &tool, &err) ||
        read_arguments(words, at + 1, tool, &call.arguments, &err))
        report_error(&err);
    else
        run_timed(app, &call);
}

static void read_or_render(struct app *app, const struct words *words, enum action action)
{
    struct run_request what = {.action = action, .target = str_from(words->list[1])};
    struct error err;
    if (action == ACTION_RENDER && read_arguments(words, 2, NULL, &what.arguments, &err))
        report_error(&err);
    else
        run_timed(app, &what);
}

/* ---- words ---- */

static void list_item(const struct page *page, const struct item *item)
{
    struct buffer scratch = BUFFER_INIT;
    struct json_doc *doc;
    if (json_parse(item->json, &doc, NULL))
        return;
    page_row(page, item->name, NAME_WIDTH, about(json_root(doc), &scratch));
    buffer_clear(&scratch);
    json_free(doc);
}

/* What the plugin has; all the others have is there to be called, too, and not of interest. */
static void list_kind(struct app *app, struct str plugin, enum item_kind kind)
{
    const struct catalog_service *catalog = app_catalog(app);
    struct call_context context = app_context(app);
    struct page page = page_open();
    const struct item *item = NULL;
    while ((item = catalog->reach(catalog->ctx, &context, kind, item ? item->order : 0)))
        if (str_eq(item->plugin_id, plugin))
            list_item(&page, item);
}

static void list(struct app *app, struct str plugin)
{
    list_kind(app, plugin, ITEM_TOOL);
    list_kind(app, plugin, ITEM_RESOURCE);
    list_kind(app, plugin, ITEM_TEMPLATE);
    list_kind(app, plugin, ITEM_PROMPT);
}

static bool is(const struct words *words, const char *word, int count)
{
    return words->count == count && strcmp(words->list[0], word) == 0;
}

static enum prompt_end obey(struct app *app, struct str plugin, const struct words *words)
{
    if (words->count == 0)
        return PROMPT_AGAIN;
    if (is(words, "quit", 1) || is(words, "exit", 1))
        return PROMPT_QUIT;
    if (is(words, "help", 1) || is(words, "?", 1))
        fputs(help, stdout);
    else if (is(words, "list", 1) || is(words, "tools", 1))
        list(app, plugin);
    else if (is(words, "read", 2))
        read_or_render(app, words, ACTION_READ);
    else if (words->count >= 2 && strcmp(words->list[0], "render") == 0)
        read_or_render(app, words, ACTION_RENDER);
    else if (words->count >= 2 && strcmp(words->list[0], "call") == 0)
        call_tool(app, words, 1);
    else
        call_tool(app, words, 0);
    return PROMPT_AGAIN;
}

enum prompt_end prompt_do(struct app *app, struct str plugin, const char *line)
{
    struct words words;
    struct error err;
    if (words_split(line, &words, &err)) {
        report_error(&err);
        return PROMPT_AGAIN;
    }
    enum prompt_end end = obey(app, plugin, &words);
    words_clear(&words);
    return end;
}
