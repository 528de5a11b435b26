/*
 * How many values a second are migrated in memory: each is JSON text that is parsed, changed by the five
 * usual steps, and written as JSON text again. The steps are compiled once. No test of anything: prints
 * a line.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/migration/migration.h"

#define ITEMS 1000u
#define ROUNDS 1000u

static const char file[] =
    "{\"migrations\":[{\"from\":1,\"to\":2,\"steps\":["
    "{\"copy\":{\"from\":\"/id\",\"to\":\"/key\"}},"
    "{\"default\":{\"at\":\"/active\",\"value\":true}},"
    "{\"remove\":{\"at\":\"/old\"}},"
    "{\"rename\":{\"from\":\"/name\",\"to\":\"/title\"}},"
    "{\"convert\":{\"at\":\"/count\",\"to\":\"integer\"}}]}]}";

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool migrate(const struct migration_plan *plan, struct migration_work *work, struct str text,
                    struct buffer *out)
{
    struct json_doc *doc;
    struct error err;
    if (json_parse(text, &doc, &err))
        return false;
    buffer_reset(out, SIZE_MAX);
    int rc = migration_apply(plan, work, json_root(doc), out, &err);
    json_free(doc);
    return rc == ST_OK;
}

int main(void)
{
    static char items[ITEMS][128];
    static size_t lens[ITEMS];
    struct migration *m;
    struct migration_plan plan;
    struct buffer out = BUFFER_INIT;
    struct migration_work *work = migration_work_new();
    size_t bytes = 0;
    double best = 1e9;
    if (!work || migration_compile(STR(file), NULL, &m, NULL) || migration_plan(m, 1, 2, &plan, NULL))
        return 1;
    for (unsigned i = 0; i < ITEMS; i++) {
        lens[i] = (size_t)snprintf(items[i], sizeof(items[i]),
                                   "{\"id\":%u,\"name\":\"item %u\",\"count\":\"%u\",\"old\":[1,2]}", i,
                                   i, i * 7);
        bytes += lens[i];
    }
    for (unsigned r = 0; r < ROUNDS; r++) {
        double began = now();
        for (unsigned i = 0; i < ITEMS; i++)
            if (!migrate(&plan, work, (struct str){items[i], lens[i]}, &out))
                return 1;
        double took = now() - began;
        best = took < best ? took : best;
    }
    printf("migration in memory: %.0f values/s (best of %u rounds of %u, %zu bytes each)\n",
           ITEMS / best, ROUNDS, ITEMS, bytes / ITEMS);
    printf("the last one became %.*s\n", (int)out.len, out.data);
    buffer_clear(&out);
    migration_work_free(work);
    migration_free(m);
    return 0;
}
