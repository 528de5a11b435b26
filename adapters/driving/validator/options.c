#include "adapters/driving/validator/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

const char options_help[] =
    "usage: hexmcp plugin validate FOLDER [options]\n"
    "\n"
    "Finds the mistakes of a plugin before its users do. FOLDER holds plugin.json and plugin.so.\n"
    "\n"
    "  --level N         1 (nothing is run) to 10 (everything); 5 if not given\n"
    "  --only NAMES      only these checks, by name or number, separated by commas\n"
    "  --skip NAMES      all but these\n"
    "  --format FORMAT   text, json or sarif\n"
    "  --json            the same as --format json\n"
    "  --sarif FILE      write a SARIF 2.1.0 log to FILE, too\n"
    "  --seed N          seed of everything random; printed if not given\n"
    "  --reproduce N     the same\n"
    "  --quick           repeat what is repeated a hundredth as often\n"
    "  --strict          a warning fails, too\n"
    "  --timeout SECONDS time limit of each check in place of its own\n"
    "  --in-process      no child processes, for a debugger: the first crash ends it\n"
    "  --list            the table of checks, as JSON\n"
    "  --help            this help\n"
    "\n"
    "Exit status: 0 passed, 1 failed, 2 usage, 3 the plugin crashed or took too long.\n";

struct reading {
    struct options *out;
    struct error *err;
};

static int bad(struct reading *r, const char *option, const char *value, const char *wanted)
{
    return error_set(r->err, ST_INVALID, "--%s %s: %s", option, value, wanted);
}

static int read_number(struct reading *r, const char *option, const char *value, uint64_t low,
                       uint64_t high, uint64_t *out)
{
    char *end;
    char wanted[80];
    unsigned long long number = strtoull(value, &end, 0);
    if (*value == '\0' || *value == '-' || *end || number < low || number > high) {
        snprintf(wanted, sizeof(wanted), "give a number from %llu to %llu", (unsigned long long)low,
                 (unsigned long long)high);
        return bad(r, option, value, wanted);
    }
    *out = number;
    return ST_OK;
}

static int read_names(struct reading *r, const char *option, const char *value, const char **list)
{
    size_t count = 0;
    char *rest = NULL;
    char *names = strdup(value);
    if (!names)
        return error_set(r->err, ST_NOMEM, "out of memory");
    while (list[count])
        count++;
    for (char *name = strtok_r(names, ",", &rest); name; name = strtok_r(NULL, ",", &rest)) {
        if (count + 1 >= NAMES_MAX)
            return bad(r, option, value, "too many names");
        list[count++] = name;
    }
    return ST_OK; /* `names` stays: the list points into it */
}

static int read_format(struct reading *r, const char *value)
{
    static const char *const formats[] = {"text", "json", "sarif"};
    for (int i = 0; i < 3; i++)
        if (strcmp(value, formats[i]) == 0) {
            r->out->format = (enum report_format)i;
            return ST_OK;
        }
    return bad(r, "format", value, "give text, json or sarif");
}

static int read_value(struct reading *r, const char *option, const char *value)
{
    struct options *o = r->out;
    uint64_t number = 0;
    int rc = ST_OK;
    if (strcmp(option, "level") == 0) {
        rc = read_number(r, option, value, 1, LEVEL_MAX, &number);
        o->level = (int)number;
    } else if (strcmp(option, "only") == 0) {
        rc = read_names(r, option, value, o->only);
    } else if (strcmp(option, "skip") == 0) {
        rc = read_names(r, option, value, o->skip);
    } else if (strcmp(option, "format") == 0) {
        rc = read_format(r, value);
    } else if (strcmp(option, "sarif") == 0) {
        o->sarif_file = value;
    } else if (strcmp(option, "timeout") == 0) {
        rc = read_number(r, option, value, 1, 86400, &number);
        o->timeout_s = (int)number;
    } else if (strcmp(option, "binary") == 0) {
        o->binary = value;
    } else {
        rc = read_number(r, option, value, 0, UINT64_MAX, &o->seed);
    }
    return rc;
}

static bool *switch_of(struct options *o, const char *option)
{
    const struct {
        const char *name;
        bool *value;
    } switches[] = {{"quick", &o->quick}, {"strict", &o->strict}, {"in-process", &o->in_process},
                    {"list", &o->list},   {"help", &o->help},     {"within", &o->within}};
    for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]); i++)
        if (strcmp(option, switches[i].name) == 0)
            return switches[i].value;
    return NULL;
}

static bool takes_value(const char *option)
{
    static const char *const names[] = {"level", "only",      "skip",    "format", "sarif",
                                        "seed",  "reproduce", "timeout", "binary"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(option, names[i]) == 0)
            return true;
    return false;
}

static int read_option(struct reading *r, int argc, char **argv, int *at)
{
    char option[32];
    const char *text = argv[*at] + 2;
    const char *equals = strchr(text, '=');
    size_t len = equals ? (size_t)(equals - text) : strlen(text);
    if (len >= sizeof(option))
        return error_set(r->err, ST_INVALID, "unknown option %s; --help lists all", argv[*at]);
    memcpy(option, text, len);
    option[len] = '\0';
    bool *on = switch_of(r->out, option);
    if (on) {
        *on = true;
        return equals ? error_set(r->err, ST_INVALID, "option --%s takes no value", option) : ST_OK;
    }
    if (strcmp(option, "json") == 0) {
        r->out->format = FORMAT_JSON;
        return ST_OK;
    }
    if (!takes_value(option))
        return error_set(r->err, ST_INVALID, "unknown option --%s; --help lists all", option);
    if (!equals && *at + 1 >= argc)
        return error_set(r->err, ST_INVALID, "option --%s needs a value", option);
    return read_value(r, option, equals ? equals + 1 : argv[++*at]);
}

int options_parse(int argc, char **argv, struct options *out, struct error *err)
{
    struct reading r = {out, err};
    *out = (struct options){.level = LEVEL_DEFAULT};
    if (getrandom(&out->seed, 4, 0) != 4) /* short: a person types it again */
        out->seed = 1;
    for (int at = 1; at < argc; at++) {
        int rc = ST_OK;
        if (strcmp(argv[at], "-h") == 0)
            out->help = true;
        else if (strncmp(argv[at], "--", 2) == 0)
            rc = read_option(&r, argc, argv, &at);
        else if (out->path)
            rc = error_set(err, ST_INVALID, "unexpected \"%s\"; one folder at a time", argv[at]);
        else
            out->path = argv[at];
        if (rc)
            return rc;
    }
    if (!out->path && !out->help && !out->list)
        return error_set(err, ST_INVALID,
                         "name the folder of the plugin; usage: hexmcp plugin "
                         "validate FOLDER [options]");
    return ST_OK;
}

static bool names(const char *const *list, const char *name, int number)
{
    char text[16];
    snprintf(text, sizeof(text), "%d", number);
    for (; *list; list++)
        if (strcmp(*list, name) == 0 || strcmp(*list, text) == 0)
            return true;
    return false;
}

bool options_choose(const struct options *options, const char *name, int number, int level)
{
    if (names(options->skip, name, number))
        return false;
    if (options->only[0])
        return names(options->only, name, number);
    return level <= options->level;
}
