/*
 * test_contract PLUGIN CONFIG PART [--other PLUGIN CONFIG] [--server PROGRAM] [--slow CONFIG]
 *               [--refused CONFIG] [--memory] [--no-dump]
 *
 * Holds a storage plugin against the contract of include/hexmcp/ext/draft. PART is one of the names in
 * `parts`. With `append SPACE STREAM COUNT` as PART it is the second process of a test.
 */
#include "contract.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

struct settings settings;

int open_store(void **state)
{
    struct store *s = malloc(sizeof(*s));
    if (!s)
        return 1;
    store_open(s, settings.plugin, settings.config);
    *state = s;
    return 0;
}

int close_store(void **state)
{
    store_close(*state);
    free(*state);
    return 0;
}

const char *fresh(const char *name)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return textf("%s/%ld-%lld%09ld", name, (long)getpid(), (long long)t.tv_sec, t.tv_nsec);
}

const char *event(const char *type, int n)
{
    return textf("{\"id\":\"0190aaaa-0000-7000-8000-%012d\",\"type\":\"%s\",\"schema\":1,"
                 "\"at\":\"2026-01-31T12:00:%02d.%03dZ\",\"correlation\":\"c%d\",\"caller\":\"local\","
                 "\"tenant\":\"default\",\"data\":{\"n\":%d}}",
                 n, type, n / 1000 % 60, n % 1000, n, n);
}

const char *batch(const char *key, const char *stream, const char *expected, const char *type, int n,
                  int count)
{
    const char *events = event(type, n);
    for (int i = 1; i < count; i++)
        events = textf("%s,%s", events, event(type, n + i));
    return textf("{\"key\":\"%s\",\"streams\":[{\"stream\":\"%s\",\"expected\":%s,\"events\":[%s]}]}",
                 key, stream, expected, events);
}

static void read_options(int argc, char **argv)
{
    for (int i = 4; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(argv[i], "--memory") == 0)
            settings.is_memory = 1;
        else if (strcmp(argv[i], "--no-dump") == 0)
            settings.no_dump = 1;
        else if (strcmp(argv[i], "--server") == 0)
            settings.server = value;
        else if (strcmp(argv[i], "--slow") == 0)
            settings.slow = value;
        else if (strcmp(argv[i], "--refused") == 0)
            settings.refused = value;
        else if (strcmp(argv[i], "--other") == 0 && i + 2 < argc) {
            settings.other = value;
            settings.other_config = argv[i + 2];
        }
    }
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(void);
    } parts[] = {{"events", run_events}, {"projections", run_projections}, {"values", run_values},
                 {"blobs", run_blobs},   {"search", run_search},           {"dump", run_dump},
                 {"life", run_life},     {"faults", run_faults}};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    settings.self = argv[0];
    if (argc < 4)
        return 2;
    settings.plugin = argv[1];
    settings.config = argv[2];
    if (strcmp(argv[3], "append") == 0 && argc == 7)
        return append_many(argv[4], argv[5], atoi(argv[6]));
    read_options(argc, argv);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        if (strcmp(argv[3], parts[i].name) == 0)
            return parts[i].run();
    fprintf(stderr, "there is no part %s\n", argv[3]);
    return 2;
}
