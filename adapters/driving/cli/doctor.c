#include "adapters/driving/doctor/doctor.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "adapters/driven/regex/regex.h"
#include "adapters/driving/cli/app.h"
#include "adapters/driving/cli/client/clients.h"
#include "adapters/driving/cli/commands.h"
#include "adapters/driving/cli/left_out.h"
#include "adapters/driving/cli/places.h"
#include "adapters/driving/cli/settings.h"
#include "core/toolset/tool_set.h"

#define DEFAULT_TIMEOUT_S 10.0
#define MAX_TIMEOUT_S 600.0

/* --only and --skip: names separated by commas. The words are cut in `text`, which they stay in. */
struct names {
    char *text[MAX_GIVEN];
    size_t texts;
    const char *list[256];
    size_t count;
};

static int read_names(const struct invocation *inv, const char *option, struct names *names,
                      struct error *err)
{
    for (int i = 0; i < inv->given_count; i++) {
        if (strcmp(inv->given[i].name, option) != 0)
            continue;
        char *text = strdup(inv->given[i].value), *rest = text;
        if (!text)
            return error_set(err, ST_NOMEM, "out of memory");
        names->text[names->texts++] = text;
        for (char *word; (word = strsep(&rest, ","));)
            if (names->count == sizeof(names->list) / sizeof(names->list[0]))
                return error_set(err, ST_INVALID, "--%s: too many names", option);
            else if (word[0])
                names->list[names->count++] = word;
    }
    return ST_OK;
}

static void free_names(struct names *names)
{
    while (names->texts)
        free(names->text[--names->texts]);
}

static int read_timeout(const struct invocation *inv, uint32_t *ms, struct error *err)
{
    const char *text = invocation_option(inv, "timeout");
    char *end;
    double seconds = text ? strtod(text, &end) : DEFAULT_TIMEOUT_S;
    if (text && (end == text || *end || !(seconds >= 0.1 && seconds <= MAX_TIMEOUT_S)))
        return error_set(err, ST_INVALID, "--timeout %s: expected seconds from 0.1 to 600", text);
    *ms = (uint32_t)(seconds * 1000);
    return ST_OK;
}

static int print_report(const struct invocation *inv, const struct doctor_report *report)
{
    struct buffer out = BUFFER_INIT;
    if (invocation_option(inv, "sarif"))
        doctor_report_sarif(report, &out);
    else if (invocation_option(inv, "json"))
        doctor_report_json(report, &out);
    else
        doctor_report_text(report, isatty(STDOUT_FILENO) && !getenv("NO_COLOR"), &out);
    bool whole = !buffer_failed(&out);
    fwrite(out.data, 1, out.len, stdout);
    buffer_clear(&out);
    if (!whole)
        return EXIT_INTERNAL;
    return doctor_report_count(report, DOCTOR_ERROR) ? EXIT_TOOL_FAILED : EXIT_DONE;
}

static const struct option_spec options_stdio[] = {
    {"json", NULL, "print JSON"},
    {"sarif", NULL, "print SARIF 2.1.0"},
    {"timeout", "SECONDS", "how long to wait for one answer; 10 if not given"},
    {"only", "CHECKS", "run these checks alone; names with commas; may be repeated"},
    {"skip", "CHECKS", "leave these checks out"},
    {"call-tools", NULL, "call also tools that may change something"},
    {NULL, NULL, NULL},
};

static int examine_with(const struct invocation *inv, const struct regex_port *regex,
                        struct doctor_stdio *what, struct error *err)
{
    struct doctor_report *report;
    what->command = (char *const *)inv->operands;
    what->call_tools = invocation_option(inv, "call-tools") != NULL;
    what->schemas = getenv("HEXMCP_MCP_SCHEMA");
    what->regex = regex;
    what->version = HEXMCP_VERSION;
    int rc = doctor_examine_stdio(what, &report, err);
    if (rc)
        return report_error(err);
    int code = print_report(inv, report);
    doctor_report_free(report);
    return code;
}

/* The module with the patterns of schemas is needed, and nothing else of the program. */
static int run_with_regex(const struct invocation *inv, struct doctor_stdio *what,
                          struct error *err)
{
    struct config *config;
    struct places *places = NULL;
    struct regex_module *regex = NULL;
    int rc = settings_load(inv, &config, err);
    if (rc)
        return report_error(err);
    rc = places_new(config, &places, err);
    if (!rc)
        rc = regex_module_new(places_modules(places), &regex, err);
    int code = rc ? report_error(err) : examine_with(inv, regex_module_port(regex), what, err);
    regex_module_free(regex);
    places_free(places);
    config_free(config);
    return code;
}

/* Folders that code is loaded from or that state is kept in. */
static size_t list_folders(const struct places *places, const char **out, size_t room,
                           char *cache, size_t cache_size)
{
    struct plugin_host_config host = {.places = NULL};
    size_t count = 0;
    places_fill(places, &host);
    out[count++] = places_modules(places);
    if (places_state(places))
        out[count++] = places_state(places);
    if (places_user_index(places)) {
        snprintf(cache, cache_size, "%s", places_user_index(places));
        char *slash = strrchr(cache, '/');
        if (slash)
            *slash = '\0';
        out[count++] = cache;
    }
    for (size_t i = 0; i < host.place_count && count < room; i++)
        out[count++] = host.places[i].path;
    return count;
}

#define CLIENTS_MAX 32

/* What clients have of us; the texts of `clients` are in `reports`. */
struct found_clients {
    struct client_report reports[CLIENTS_MAX];
    struct doctor_client clients[CLIENTS_MAX];
    size_t count;
};

static void find_clients(struct found_clients *found)
{
    for (size_t i = 0; i < client_count && found->count < CLIENTS_MAX; i++) {
        struct client_report *report = &found->reports[found->count];
        client_look(&clients[i], false, STR("hexmcp"), report);
        bool known = report->state == CLIENT_WITH || report->state == CLIENT_BROKEN;
        if (!known && report->state != CLIENT_UNREADABLE)
            continue;
        found->clients[found->count++] = (struct doctor_client){
            .title = clients[i].title, .file = report->file, .command = report->command,
            .why = known ? NULL : report->why.text, .runs = report->state == CLIENT_WITH};
    }
}

#define LEFT_OUT_MAX 64

/* The texts are copied, as they need an end. */
struct left_out_texts {
    struct doctor_left_out list[LEFT_OUT_MAX];
    char *texts[2 * LEFT_OUT_MAX];
    size_t count;
};

static void find_left_out(struct app *app, struct left_out_texts *found)
{
    struct left_out_plugin plugin;
    uint32_t at = 0;
    while (found->count < LEFT_OUT_MAX && left_out_next(app_left_out(app), &at, &plugin)) {
        char *tool = strndup(plugin.tool.ptr, plugin.tool.len);
        char *needs = strndup(plugin.needs.ptr, plugin.needs.len);
        found->texts[2 * found->count] = tool;
        found->texts[2 * found->count + 1] = needs;
        found->list[found->count++] =
            (struct doctor_left_out){tool ? tool : "a tool", needs ? needs : "a library"};
    }
}

static void look_at_tools(struct app *app, struct left_out_texts *found,
                          struct doctor_installation *what)
{
    find_left_out(app, found);
    what->left_out = found->list;
    what->left_out_count = found->count;
    struct tool_set_summary sum = tool_set_summary(app_tools(app));
    what->tools_cut = sum.cut;
    what->tool_tokens = sum.all_tokens;
}

static void free_left_out(struct left_out_texts *found)
{
    for (size_t i = 0; i < 2 * found->count; i++)
        free(found->texts[i]);
}

static int examine_installation(const struct invocation *inv, struct doctor_installation *what,
                                struct error *err)
{
    struct doctor_report *report;
    const char *folders[80];
    struct found_clients *found = calloc(1, sizeof(*found));
    char cache[PATH_MAX], program[PATH_MAX] = "hexmcp";
    struct places *places = NULL;
    struct config *config = NULL;
    struct app *app = NULL;
    struct left_out_texts left_out = {.count = 0};
    struct error broken;
    int rc = settings_load(inv, &config, &broken);
    if (!rc)
        rc = places_new(config, &places, &broken);
    if (!rc)
        rc = app_open(inv, &app, &broken);
    what->config = config;
    what->broken = rc ? &broken : NULL;
    if (app)
        look_at_tools(app, &left_out, what);
    what->plugins = app ? app_plugins(app) : NULL;
    what->bundled = places ? places_bundled(places) : NULL;
    what->modules = places ? places_modules(places) : NULL;
    what->folders = folders;
    what->folder_count = places ? list_folders(places, folders, 80, cache, sizeof(cache)) : 0;
    if (found)
        find_clients(found);
    what->clients = found ? found->clients : NULL;
    what->client_count = found ? found->count : 0;
    what->version = HEXMCP_VERSION;
    ssize_t len = readlink("/proc/self/exe", program, sizeof(program) - 1);
    program[len > 0 ? len : 6] = '\0';
    what->program = program;
    rc = doctor_examine_installation(what, &report, err);
    int code = rc ? report_error(err) : print_report(inv, report);
    if (!rc)
        doctor_report_free(report);
    free(found);
    free_left_out(&left_out);
    app_close(app);
    places_free(places);
    config_free(config);
    return code;
}

static int read_choice(const struct invocation *inv, struct names *only, struct names *skip,
                       struct doctor_choice *choice, struct error *err)
{
    int rc = read_names(inv, "only", only, err);
    if (!rc)
        rc = read_names(inv, "skip", skip, err);
    *choice = (struct doctor_choice){only->list, only->count, skip->list, skip->count};
    return rc;
}

static int run_installation(struct invocation *inv)
{
    struct names only = {.texts = 0}, skip = {.texts = 0};
    struct doctor_installation what = {.plugins = NULL};
    struct error err;
    int rc = read_choice(inv, &only, &skip, &what.choice, &err);
    int code = rc ? report_error(&err) : examine_installation(inv, &what, &err);
    free_names(&only);
    free_names(&skip);
    return code;
}

static const struct option_spec options_installation[] = {
    {"json", NULL, "print JSON"},
    {"sarif", NULL, "print SARIF 2.1.0"},
    {"only", "CHECKS", "run these checks alone; names with commas; may be repeated"},
    {"skip", "CHECKS", "leave these checks out"},
    {NULL, NULL, NULL},
};

const struct command command_doctor = {
    .name = "doctor",
    .operands = "",
    .summary = "Examine this installation, and say what is wrong with it.",
    .details = "Runs no plugin and changes nothing. Exit code 1 if there is an error; warnings and\n"
               "notes are none. \"hexmcp doctor stdio\" examines any other server.",
    .options = options_installation,
    .run = run_installation,
};

static int run_stdio(struct invocation *inv)
{
    struct names only = {.texts = 0}, skip = {.texts = 0};
    struct doctor_stdio what = {.timeout_ms = 0};
    struct error err;
    int rc = read_timeout(inv, &what.timeout_ms, &err);
    if (!rc)
        rc = read_choice(inv, &only, &skip, &what.choice, &err);
    int code = rc ? report_error(&err) : run_with_regex(inv, &what, &err);
    free_names(&only);
    free_names(&skip);
    return code;
}

const struct command command_doctor_stdio = {
    .name = "doctor stdio",
    .operands = "-- COMMAND...",
    .summary = "Examine any MCP server that speaks over stdio, and say what is wrong with it.",
    .details = "The server is started several times. Tools that do not say that they only read are\n"
               "not called. Exit code 1 if there is an error; warnings and notes are none.\n\n"
               "  hexmcp doctor stdio -- python3 my_server.py\n"
               "  hexmcp doctor stdio --skip first-answer --sarif -- npx -y some-server",
    .options = options_stdio,
    .min_operands = 1,
    .max_operands = MAX_OPERANDS - 1,
    .run = run_stdio,
};
