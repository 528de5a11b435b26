/*
 * Runs the official test suite of JSON Schema, draft 2020-12, read where it lies:
 * HEXMCP_SCHEMA_SUITE, else ../shared/json-schema-test-suite beside the source tree.
 *
 * Prints TAP, a line for each file, and "schema_suite: N passed, N failed" over its cases. The
 * files under optional/ are counted apart and never fail the run.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "adapters/driven/regex/regex.h"
#include "core/schema/schema.h"

static struct schema_options options;
static bool quiet; /* single failures are not told; HEXMCP_SCHEMA_SUITE_VERBOSE tells them */
static struct schema_library *library;

struct tally {
    unsigned passed;
    unsigned failed;
};

static char *read_file(const char *path, size_t *len)
{
    FILE *file = fopen(path, "rb");
    struct buffer text = BUFFER_INIT;
    size_t got;
    if (!file)
        return NULL;
    while (buffer_reserve(&text, 65536) &&
           (got = fread(text.data + text.len, 1, text.cap - text.len, file)) > 0)
        text.len += got;
    fclose(file);
    return buffer_take(&text, len);
}

/* Every remote schema under the URI by which the suite refers to it. */
static void add_remotes(const char *folder, const char *uri)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    while (dir && (entry = readdir(dir))) {
        char path[4096], name[4096];
        struct stat st;
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        snprintf(name, sizeof(name), "%s/%s", uri, entry->d_name);
        if (stat(path, &st))
            continue;
        if (S_ISDIR(st.st_mode)) {
            add_remotes(path, name);
            continue;
        }
        size_t len;
        struct error err;
        char *text = read_file(path, &len);
        if (text && schema_library_add(library, str_from(name), (struct str){text, len}, &err))
            printf("# %s: %s\n", path, err.text);
        free(text);
    }
    if (dir)
        closedir(dir);
}

/* A refusal must say why, and only a refusal may. */
static bool as_expected(const struct schema *schema, struct json data, bool valid)
{
    struct schema_result result = SCHEMA_RESULT_INIT;
    int rc = schema_validate(schema, data, &result);
    bool good = valid ? rc == ST_OK && result.count == 0 : rc == ST_INVALID && result.count > 0;
    for (uint32_t i = 0; i < result.count; i++)
        good = good && result.faults[i].message.len > 0;
    schema_result_clear(&result);
    return good;
}

static void run_group(struct json group, struct tally *tally, const char *file)
{
    struct str description = json_text(json_get(group, STR("description")));
    struct json_iter it = json_iter(json_get(group, STR("tests")));
    struct schema *schema = NULL;
    struct error err = {0};
    struct str text = json_text(json_get(group, STR("schema")));
    int rc = schema_compile_with(text, &options, &schema, &err);
    if (rc && !quiet)
        printf("# %s: %.*s: %s\n", file, STR_ARG(description), err.text);
    while (json_next(&it)) {
        bool valid = false;
        json_bool(json_get(it.value, STR("valid")), &valid);
        if (!rc && as_expected(schema, json_get(it.value, STR("data")), valid)) {
            tally->passed++;
            continue;
        }
        tally->failed++;
        if (!quiet)
            printf("# %s: %.*s: %.*s: %s\n", file, STR_ARG(description),
                   STR_ARG(json_text(json_get(it.value, STR("description")))),
                   valid ? "should be valid" : "should be invalid");
    }
    schema_free(schema);
}

static struct tally run_file(const char *folder, const char *name)
{
    char path[4096];
    size_t len;
    struct json_doc *doc;
    struct tally tally = {0};
    struct error err;
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    char *text = read_file(path, &len);
    if (!text || json_parse_take(text, len, &doc, &err)) {
        printf("# %s cannot be read: %s\n", path, text ? err.text : "");
        tally.failed++;
        return tally;
    }
    struct json_iter it = json_iter(json_root(doc));
    while (json_next(&it))
        run_group(it.value, &tally, name);
    json_free(doc);
    return tally;
}

static int is_test_file(const struct dirent *entry)
{
    size_t len = strlen(entry->d_name);
    return len > 5 && strcmp(entry->d_name + len - 5, ".json") == 0;
}

static struct tally run_folder(const char *folder, unsigned *tests, bool required)
{
    struct dirent **names;
    struct tally all = {0};
    int count = scandir(folder, &names, is_test_file, alphasort);
    for (int i = 0; i < count; i++) {
        struct tally one = run_file(folder, names[i]->d_name);
        all.passed += one.passed;
        all.failed += one.failed;
        if (required)
            printf("%sok %u - %s: %u passed, %u failed\n", one.failed ? "not " : "", ++*tests,
                   names[i]->d_name, one.passed, one.failed);
        free(names[i]);
    }
    if (count >= 0)
        free(names);
    return all;
}

static int run(const char *suite)
{
    char path[4096];
    unsigned tests = 0;
    snprintf(path, sizeof(path), "%s/remotes", suite);
    add_remotes(path, "http://localhost:1234");
    snprintf(path, sizeof(path), "%s/tests/draft2020-12", suite);
    struct tally required = run_folder(path, &tests, true);
    quiet = !getenv("HEXMCP_SCHEMA_SUITE_VERBOSE");
    snprintf(path, sizeof(path), "%s/tests/draft2020-12/optional", suite);
    struct tally optional = run_folder(path, &tests, false);
    snprintf(path, sizeof(path), "%s/tests/draft2020-12/optional/format", suite);
    options.assert_formats = true;
    struct tally formats = run_folder(path, &tests, false);
    printf("1..%u\n", tests);
    printf("# optional: %u passed, %u failed\n", optional.passed, optional.failed);
    printf("# optional formats, asserted: %u passed, %u failed\n", formats.passed, formats.failed);
    printf("# schema_suite: %u passed, %u failed\n", required.passed, required.failed);
    fprintf(stderr, "schema_suite: %u passed, %u failed\n", required.passed, required.failed);
    return required.failed || required.passed == 0;
}

int main(void)
{
    const char *suite = getenv("HEXMCP_SCHEMA_SUITE");
    char path[4096];
    struct stat st;
    struct error err;
    struct regex_module *module;
    suite = suite ? suite : TEST_SCHEMA_SUITE;
    snprintf(path, sizeof(path), "%s/tests/draft2020-12", suite);
    if (stat(path, &st)) {
        printf("1..0 # SKIP %s is not there: git clone the repository "
               "json-schema-org/JSON-Schema-Test-Suite and set HEXMCP_SCHEMA_SUITE to it\n", suite);
        return 0;
    }
    if (regex_module_new(TEST_MODULES_DIR, &module, &err)) {
        printf("Bail out! %s\n", err.text);
        return 1;
    }
    library = schema_library_new();
    options = (struct schema_options){.regex = regex_module_port(module), .library = library};
    int rc = run(suite);
    schema_library_free(library);
    regex_module_free(module);
    return rc;
}
