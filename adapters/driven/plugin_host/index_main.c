/*
 * hexmcp-index: verifies the bundles in a folder and writes the index beside them. Run at build for
 * build/plugins, at install for the installed folder, and by packagers who change file times.
 *
 *   hexmcp-index FOLDER [STAMP]
 *
 * A bundle that would be refused at run time is an error here: the mistake should show at build.
 * Schemas are compiled, all but their regular expressions, whose library hexmcp loads at run time
 * only; a wrong one shows when the tool is called first.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapters/driven/plugin_host/bundle.h"
#include "adapters/driven/plugin_host/index.h"
#include "core/schema/schema.h"
#include "ports/driven/regex.h"

#define MAX_BUNDLES 4096

static int usable(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int take_pattern(void *ctx, struct str pattern, struct regex **out, struct error *err)
{
    (void)pattern;
    (void)err;
    *out = ctx;
    return ST_OK;
}

static void drop_pattern(void *ctx, struct regex *regex)
{
    (void)ctx;
    (void)regex;
}

static int check_schema(void *ctx, struct str text, struct error *err)
{
    struct schema *schema;
    struct regex_port any_pattern = {
        .ctx = &any_pattern, .compile = take_pattern, .free = drop_pattern};
    (void)ctx;
    int rc = schema_compile_text(text, &any_pattern, &schema, err);
    if (!rc)
        schema_free(schema);
    return rc;
}

static int verify_one(const char *folder, int at, const char *name, struct record **out)
{
    const struct plugin_checks checks = {.check_schema = check_schema};
    const struct bundle_rules rules = {.checks = &checks, .trust = trust_here(true)};
    struct error err;
    if (bundle_verify(&rules, at, "", name, out, &err)) {
        fprintf(stderr, "hexmcp-index: %s/%s: %s\n", folder, name, err.text);
        return 1;
    }
    if ((*out)->refusal == REFUSED_NOT)
        return 0;
    struct str reason = record_text(*out, TEXT_REASON);
    fprintf(stderr, "hexmcp-index: %s/%s: %.*s\n", folder, name, STR_ARG(reason));
    return 1;
}

/* Returns how many bundles are bad. */
static int verify_all(const char *folder, int at, struct record **records, size_t *count)
{
    struct dirent **names;
    int bad = 0;
    int found = scandir(folder, &names, usable, alphasort);
    for (int i = 0; i < found; i++) {
        char manifest[512];
        snprintf(manifest, sizeof(manifest), "%s/plugin.json", names[i]->d_name);
        if (*count < MAX_BUNDLES && faccessat(at, manifest, F_OK, 0) == 0)
            bad += verify_one(folder, at, names[i]->d_name, &records[(*count)++]);
        free(names[i]);
    }
    if (found >= 0)
        free(names);
    return bad;
}

static int write_stamp(const char *path)
{
    int fd = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644) : -1;
    if (fd >= 0)
        close(fd);
    return path && fd < 0;
}

int main(int argc, char **argv)
{
    static struct record *records[MAX_BUNDLES];
    char path[4096];
    struct error err;
    size_t count = 0;
    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: hexmcp-index FOLDER [STAMP]\n");
        return 2;
    }
    int at = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (at < 0) {
        fprintf(stderr, "hexmcp-index: %s: %s\n", argv[1], strerror(errno));
        return 1;
    }
    int bad = verify_all(argv[1], at, records, &count);
    snprintf(path, sizeof(path), "%s/index", argv[1]);
    if (!bad && index_write(path, true, (const struct record *const *)records, count, &err)) {
        fprintf(stderr, "hexmcp-index: %s\n", err.text);
        bad++;
    }
    for (size_t i = 0; i < count; i++)
        free(records[i]);
    close(at);
    return bad || write_stamp(argv[2]) ? 1 : 0;
}
