/* "hexmcp plugin trust" and "hexmcp plugin untrust". */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapters/driven/clock/clock.h"
#include "adapters/driving/cli/app.h"
#include "adapters/driving/cli/commands.h"
#include "adapters/driving/cli/plain.h"
#include "adapters/driving/cli/plugin/find.h"
#include "adapters/driving/cli/plugin/judge.h"
#include "core/json/writer.h"
#include "core/policy/grants_text.h"
#include "core/policy/plugin_grants.h"

/* What is trusted, or only shown. */
struct trusting {
    const struct invocation *inv;
    struct plugin_lock *lock;
    struct plugin_facts facts;
    struct judged_bundle judged;
    struct lock_digests digests;
    struct json_doc *granted; /* what is asked for less what is denied */
};

static void trusting_clear(struct trusting *t)
{
    judged_bundle_clear(&t->judged);
    json_free(t->granted);
}

static struct json granted_of(const struct trusting *t)
{
    return t->granted ? json_root(t->granted) : t->judged.bundle.asked;
}

/* ---- what can be trusted ---- */

static int check_facts(const struct plugin_facts *facts, struct error *err)
{
    if (facts->origin == PLUGIN_BUNDLED)
        return error_set(err, ST_INVALID,
                         "%.*s comes with hexmcp and needs no trust; what it gets of what it asks for "
                         "stands in \"grants\" of the configuration",
                         STR_ARG(facts->id));
    if (facts->refusal == REFUSED_NOT || facts->refusal == REFUSED_HELD ||
        facts->refusal == REFUSED_ISOLATION || facts->refusal == REFUSED_DUPLICATE)
        return ST_OK;
    return error_set(err, ST_DENIED, "the plugin %.*s cannot be trusted: %.*s", STR_ARG(facts->id),
                     STR_ARG(facts->reason));
}

static int find(const struct app *app, struct trusting *t, struct error *err)
{
    const char *word = t->inv->operands[0];
    size_t index;
    int rc = strchr(word, '/')
                 ? plugin_find_folder(app_plugins(app), word, &t->facts, err)
                 : plugin_find(app_plugins(app), str_from(word), &index, &t->facts, err);
    return rc ? rc : check_facts(&t->facts, err);
}

static int deny_one(struct trusting *t, const char *text, struct error *err)
{
    struct buffer left = BUFFER_INIT;
    struct json_doc *fresh;
    size_t len = strcspn(text, "="), size;
    struct str value = str_from(text[len] ? text + len + 1 : "");
    int rc = plugin_grants_deny(granted_of(t), (struct str){text, len}, value, &left, err);
    if (rc) {
        buffer_clear(&left);
        return error_prefix(err, "--deny %s: ", text);
    }
    char *data = buffer_take(&left, &size);
    rc = data ? json_parse_take(data, size, &fresh, err)
              : error_set(err, ST_NOMEM, "out of memory");
    if (rc)
        return rc;
    json_free(t->granted);
    t->granted = fresh;
    return ST_OK;
}

static int deny(struct trusting *t, struct error *err)
{
    int rc = ST_OK;
    for (int i = 0; !rc && i < t->inv->given_count; i++)
        if (strcmp(t->inv->given[i].name, "deny") == 0)
            rc = deny_one(t, t->inv->given[i].value, err);
    return rc;
}

static int gather(struct app *app, struct trusting *t, struct error *err)
{
    int rc = find(app, t, err);
    if (!rc)
        rc = judged_bundle_make(&t->facts, &t->judged, err);
    if (!rc)
        rc = judged_bundle_define(&t->facts, &t->judged, err);
    if (!rc)
        rc = plugin_lock_digests(t->lock, &t->judged.bundle, &t->digests, err);
    return rc ? rc : deny(t, err);
}

/* ---- showing ---- */

static void print_fact(const char *name, struct str value)
{
    if (!value.len)
        return;
    printf("  %-10s ", name);
    plain_print(value);
    putchar('\n');
}

static void print_buffer(struct buffer *text)
{
    plain_print(buffer_str(text));
    buffer_clear(text);
}

static void show_plugin(const struct trusting *t)
{
    const struct plugin_facts *f = &t->facts;
    plain_print(f->id);
    putchar(' ');
    plain_print(f->version);
    putchar('\n');
    print_fact("title", f->title);
    print_fact("what", f->description);
    print_fact("licence", f->license);
    print_fact("place", str_from(t->judged.path));
    print_fact("program", str_from(t->digests.binary));
    print_fact("manifest", str_from(t->digests.manifest));
    printf("  %-10s %u tool%s%s\n", "offers", f->tool_count, f->tool_count == 1 ? "" : "s",
           f->dynamic ? ", and more while it runs" : "");
}

static void show_wishes(const struct trusting *t)
{
    struct buffer text = BUFFER_INIT;
    puts("\nThis plugin wants to:");
    grants_describe(t->judged.bundle.asked, STR("  - "), &text);
    print_buffer(&text);
    if (!t->granted)
        return;
    puts("\nIt gets all but:");
    grants_differ(granted_of(t), t->judged.bundle.asked, &text);
    print_buffer(&text);
}

static bool is_here(const struct trusting *t, const struct lock_entry *entry)
{
    struct buffer place = BUFFER_INIT;
    json_quote(&place, str_from(t->judged.path));
    bool here = str_eq(buffer_str(&place), entry->place);
    buffer_clear(&place);
    return here;
}

/* What was said of it before; true if it is still so. */
static bool show_before(struct trusting *t)
{
    struct lock_entry entry;
    struct buffer text = BUFFER_INIT;
    struct error err;
    if (!plugin_lock_find(t->lock, t->facts.id, &entry)) {
        puts("\nIt is not trusted.");
        return false;
    }
    if (plugin_lock_difference(t->lock, &t->judged.bundle, &text, &err))
        buffer_add_str(&text, str_from(err.text));
    bool same = text.len == 0, here = is_here(t, &entry);
    printf("\nIt was trusted at %.*s%s.%s\n", STR_ARG(entry.confirmed),
           here ? "" : ", in another folder", same ? "" : " Since then this changed:");
    print_buffer(&text);
    if (same) {
        grants_differ(entry.granted, entry.asked, &text);
        if (text.len)
            puts("It was not granted:");
        print_buffer(&text);
    }
    return same && here;
}

/* ---- asking ---- */

static bool ask(void)
{
    char answer[16];
    fputs("\nTrust this plugin and enable it? [y/N] ", stdout);
    fflush(stdout);
    if (!fgets(answer, sizeof(answer), stdin))
        return false;
    struct str said = {answer, strcspn(answer, "\r\n")};
    return str_eq(said, STR("y")) || str_eq(said, STR("Y")) || str_eq(said, STR("yes"));
}

static int nothing(const char *why)
{
    fflush(stdout);
    fprintf(stderr, "hexmcp: nothing was changed%s\n", why);
    return EXIT_USAGE;
}

static int confirm(const struct trusting *t)
{
    struct error err;
    bool terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    if (!invocation_option(t->inv, "yes") && !terminal)
        return nothing("; --yes trusts the plugin without asking, --show only shows it");
    if (!invocation_option(t->inv, "yes") && !ask())
        return nothing("");
    if (plugin_lock_trust(t->lock, &t->judged.bundle, &t->digests, granted_of(t),
                          system_clock_port(), &err))
        return report_error(&err);
    printf("\n%.*s %.*s is trusted and enabled; it stands in %.*s.\n", STR_ARG(t->facts.id),
           STR_ARG(t->facts.version), STR_ARG(plugin_lock_path(t->lock)));
    return EXIT_DONE;
}

static int trust(struct app *app, const struct invocation *inv)
{
    struct trusting t = {.inv = inv, .lock = plugin_judge_lock(app_judge(app))};
    struct error err;
    int code;
    if (gather(app, &t, &err)) {
        code = report_error(&err);
    } else {
        show_plugin(&t);
        show_wishes(&t);
        bool same = show_before(&t);
        code = invocation_option(inv, "show") || (same && !t.granted) ? EXIT_DONE : confirm(&t);
    }
    trusting_clear(&t);
    return code;
}

/* A folder is looked at as with --plugin, and nothing of it is run. */
static int run_trust(struct invocation *inv)
{
    if (strchr(inv->operands[0], '/') && inv->given_count < MAX_GIVEN)
        inv->given[inv->given_count++] = (struct given){"plugin", inv->operands[0]};
    return app_run(inv, trust);
}

static int untrust(struct app *app, const struct invocation *inv)
{
    struct error err;
    if (plugin_lock_untrust(plugin_judge_lock(app_judge(app)), str_from(inv->operands[0]), &err))
        return report_error(&err);
    printf("%s is not trusted any more.\n", inv->operands[0]);
    return EXIT_DONE;
}

static int run_untrust(struct invocation *inv)
{
    return app_run(inv, untrust);
}

static const struct option_spec options[] = {
    {"yes", NULL, "trust it without asking"},
    {"show", NULL, "only show it, and what changed since it was trusted"},
    {"deny", "KEY=VALUE", "do not grant VALUE of what it asks for under KEY, e.g. programs=git; "
                          "KEY alone: nothing of it; may be repeated"},
    {NULL, NULL, NULL},
};

const struct command command_plugin_trust = {
    .name = "plugin trust",
    .operands = "ID|FOLDER",
    .summary = "Show what a plugin asks for, and enable it with that when you say yes.",
    .details = "Nothing of the plugin is run. What is trusted is this very program with these tools and\n"
               "these grants; it stands in the lock file. When one of them changes, the plugin is held\n"
               "until it is trusted anew, and --show says what changed.\n"
               "Without a terminal nothing is changed unless --yes is given, and the exit code is 2.",
    .options = options,
    .min_operands = 1,
    .max_operands = 1,
    .run = run_trust,
};

const struct command command_plugin_untrust = {
    .name = "plugin untrust",
    .operands = "ID",
    .summary = "Take back what \"plugin trust\" has said.",
    .min_operands = 1,
    .max_operands = 1,
    .run = run_untrust,
};
