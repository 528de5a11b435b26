/* "hexmcp plugin new": the folder of a plugin that builds, is tested, and can be changed. */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "adapters/driven/plugin_host/names.h"
#include "adapters/driving/cli/commands.h"
#include "adapters/driving/cli/places.h"
#include "adapters/driving/cli/plugin/project.h"
#include "core/base/nearest.h"

#define NAME_MAX_BYTES 48
#define KINDS "tool, provider, storage, hook, resource"
#define LANGUAGES "c, c++, rust"

/* What a language needs. */
static const struct {
    const char *name, *suffix, *packages;
} languages[] = {{"c", "c", "gcc libc6-dev"}, {"c++", "cpp", "gcc g++ libc6-dev"},
                 {"rust", "rs", "gcc libc6-dev rustc"}};

/* What is asked for, checked, in the forms that the templates use. */
struct wish {
    const char *kind, *language, *name, *directory;
    char id[128];
    char symbol[NAME_MAX_BYTES + 1]; /* word_counter */
    char title[NAME_MAX_BYTES + 1];  /* Word counter */
    char source[NAME_MAX_BYTES + 8]; /* word-counter.c */
    const char *packages;            /* of Debian */
};

/* `word` if it is one of `words`, "a, b, c"; else NULL, with the nearest one in *near. */
static const char *choose(const char *word, const char *words, struct nearest *near)
{
    *near = (struct nearest){.word = str_from(word)};
    while (*words) {
        size_t len = strcspn(words, ",");
        if (strlen(word) == len && memcmp(word, words, len) == 0)
            return word;
        nearest_offer(near, (struct str){words, len});
        words += len;
        words += strspn(words, ", ");
    }
    return NULL;
}

static int check_choice(const char *option, const char *given, const char *words, struct error *err)
{
    struct nearest near;
    if (choose(given, words, &near))
        return ST_OK;
    if (near.best.len)
        return error_set(err, ST_INVALID, "--%s %s: there is no such %s; did you mean %.*s?",
                         option, given, option, STR_ARG(near.best));
    return error_set(err, ST_INVALID, "--%s %s: there is no such %s; there are %s", option, given,
                     option, words);
}

static bool is_name(const char *name)
{
    size_t len = strlen(name);
    if (len == 0 || len > NAME_MAX_BYTES || name[0] < 'a' || name[0] > 'z' || name[len - 1] == '-')
        return false;
    return strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == len && !strstr(name, "--");
}

static void fill_words(struct wish *wish)
{
    size_t len = strlen(wish->name);
    for (size_t i = 0; i <= len; i++) {
        wish->symbol[i] = wish->name[i] == '-' ? '_' : wish->name[i];
        wish->title[i] = wish->name[i] == '-' ? ' ' : wish->name[i];
    }
    wish->title[0] = (char)toupper((unsigned char)wish->title[0]);
    for (size_t i = 0; i < sizeof(languages) / sizeof(languages[0]); i++)
        if (strcmp(languages[i].name, wish->language) == 0) {
            snprintf(wish->source, sizeof(wish->source), "%s.%s", wish->name, languages[i].suffix);
            wish->packages = languages[i].packages;
        }
}

static int take_id(const struct invocation *inv, struct wish *wish, struct error *err)
{
    const char *id = invocation_option(inv, "id");
    if (!id) {
        snprintf(wish->id, sizeof(wish->id), "local.%s", wish->name);
        return ST_OK;
    }
    if (!name_is_plugin_id(str_from(id)))
        return error_set(err, ST_INVALID,
                         "--id %s: is no id of a plugin; write a domain of yours backwards and the "
                         "name: org.example.%s (a-z 0-9 - and dots, at most 127 bytes)",
                         id, wish->name);
    snprintf(wish->id, sizeof(wish->id), "%s", id);
    return ST_OK;
}

static int read_wish(const struct invocation *inv, struct wish *wish, struct error *err)
{
    const char *kind = invocation_option(inv, "kind");
    const char *language = invocation_option(inv, "language");
    const char *directory = invocation_option(inv, "directory");
    *wish = (struct wish){.kind = kind, .language = language ? language : "c",
                          .name = inv->operands[0]};
    wish->directory = directory ? directory : wish->name;
    if (!kind)
        return error_set(err, ST_INVALID, "say what it shall provide: --kind with one of " KINDS);
    int rc = check_choice("kind", kind, KINDS, err);
    if (!rc)
        rc = check_choice("language", wish->language, LANGUAGES, err);
    if (!rc && !is_name(wish->name))
        rc = error_set(err, ST_INVALID,
                       "%s: cannot be the name of a plugin; use a-z, 0-9 and single dashes, a "
                       "letter first, at most %d characters: word-counter",
                       wish->name, NAME_MAX_BYTES);
    if (!rc && !wish->directory[0])
        rc = error_set(err, ST_INVALID, "--directory: the name of the folder is empty");
    if (!rc)
        rc = take_id(inv, wish, err);
    if (!rc)
        fill_words(wish);
    return rc;
}

/* Is there a template of this kind in this language? */
static int check_template(const char *folder, const struct wish *wish, struct error *err)
{
    char path[PATH_MAX];
    struct stat st;
    if (stat(folder, &st) != 0)
        return error_set(err, ST_UNAVAILABLE,
                         "the templates cannot be read (%s: %s); install hexmcp anew, with the "
                         "headers for plugins",
                         folder, strerror(errno));
    snprintf(path, sizeof(path), "%s/%s/%s", folder, wish->kind, wish->language);
    if (stat(path, &st) != 0)
        return error_set(err, ST_NOT_FOUND,
                         "there is no template of a %s in %s; leave --language out for one in c",
                         wish->kind, wish->language);
    return ST_OK;
}

static int make(const struct wish *wish, struct error *err)
{
    char folder[PATH_MAX - 64], common[PATH_MAX], language[PATH_MAX], kind[PATH_MAX],
        both[PATH_MAX];
    const char *const layers[] = {common, language, kind, both, NULL};
    const struct template_value values[] = {
        {"name", wish->name},     {"id", wish->id},
        {"symbol", wish->symbol}, {"title", wish->title},
        {"source", wish->source}, {"packages", wish->packages},
        {"hexmcp", HEXMCP_VERSION}, {NULL, NULL},
    };
    if (!places_templates(folder, sizeof(folder)))
        return error_set(err, ST_UNAVAILABLE, "/proc/self/exe cannot be read; is /proc mounted?");
    int rc = check_template(folder, wish, err);
    if (rc)
        return rc;
    snprintf(common, sizeof(common), "%s/common", folder);
    snprintf(language, sizeof(language), "%s/language/%s", folder, wish->language);
    snprintf(kind, sizeof(kind), "%s/%s/common", folder, wish->kind);
    snprintf(both, sizeof(both), "%s/%s/%s", folder, wish->kind, wish->language);
    return project_make(layers, wish->directory, values, err);
}

static int run(struct invocation *inv)
{
    struct wish wish;
    struct error err;
    if (read_wish(inv, &wish, &err) || make(&wish, &err))
        return report_error(&err);
    printf("%s has a plugin with the id %s. Next:\n\n"
           "  cd %s\n"
           "  meson setup build && meson compile -C build\n"
           "  meson test -C build\n"
           "  hexmcp plugin validate build/%s\n\n"
           "README.md there says more.\n",
           wish.directory, wish.id, wish.directory, wish.id);
    return EXIT_DONE;
}

static const struct option_spec options[] = {
    {"kind", "tool|provider|storage|hook|resource", "what the plugin provides"},
    {"id", "REVERSE.DOMAIN.NAME", "its id, for good (default: local.NAME)"},
    {"language", "c|c++|rust", "what it is written in (default: c)"},
    {"directory", "DIR", "the folder to make (default: NAME)"},
    {NULL, NULL, NULL},
};

const struct command command_plugin_new = {
    .name = "plugin new",
    .operands = "NAME",
    .summary = "Begin a plugin: a folder with source, test, manifest and build file.",
    .details = "What is made works at once and is meant to be changed. It builds with meson, and knows\n"
               "hexmcp by its headers alone. No file is ever overwritten.\n\n"
               "  hexmcp plugin new --kind tool word-counter --id org.example.word-counter",
    .options = options,
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
