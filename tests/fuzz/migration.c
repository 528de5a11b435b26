/*
 * A file of migrations that somebody made up, and behind a NUL a value. Whatever compiles either migrates
 * the value into JSON again or says why not; to do it twice gives the same.
 */
#include <stdlib.h>

#include "core/migration/migration.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
    if (!good)
        abort();
}

static void migrate(const struct migration_plan *plan, struct migration_work *work,
                    struct json value)
{
    struct buffer first = BUFFER_INIT, second = BUFFER_INIT;
    struct json_doc *doc;
    struct error err = {0};
    int rc = migration_apply(plan, work, value, &first, &err);
    if (rc) {
        check(rc == ST_INVALID && err.text[0]);
    } else {
        /* Copies may nest deeper than documents may. */
        if (json_parse(buffer_str(&first), &doc, &err))
            check(err.code == ST_INVALID && first.len > JSON_MAX_DEPTH);
        else
            json_free(doc);
        check(!migration_apply(plan, work, value, &second, &err));
        check(str_eq(buffer_str(&first), buffer_str(&second)));
    }
    buffer_clear(&first);
    buffer_clear(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    const char *nul = size ? memchr(text, 0, size) : NULL;
    size_t file = nul ? (size_t)(nul - text) : size;
    struct str value = nul ? (struct str){nul + 1, size - file - 1} : STR("{\"a\":{\"b\":[1]}}");
    struct migration *m;
    struct migration_plan plan;
    struct json_doc *doc;
    struct error err = {0};
    if (migration_compile((struct str){text, file}, NULL, &m, &err)) {
        check(err.text[0] != '\0');
        return 0;
    }
    struct migration_work *work = migration_work_new();
    check(work != NULL);
    if (!migration_plan(m, 1, migration_latest(m), &plan, &err) && !json_parse(value, &doc, &err)) {
        migrate(&plan, work, json_root(doc));
        json_free(doc);
    }
    migration_work_free(work);
    migration_free(m);
    return 0;
}
