/*
 * What the plugin answers, without hexmcp: hexmcp/test/fake_host.h is a host that is not there. It
 * also fails the test if the plugin breaks a rule, such as answering a call twice.
 */
#include <stdio.h>
#include <string.h>

#include "hexmcp/test/fake_drafts.h"

static int count, failed;

static void check(const char *what, int good, const char *got)
{
    printf("%s %d - %s\n", good ? "ok" : "not ok", ++count, what);
    if (!good)
        printf("# %s\n", got);
    failed += !good;
}

/* Makes a call of up to four texts and compares its whole answer. */
static void expect(hexmcp_fake_plugin *p, const char *what, uint32_t kind, const char *const *given,
                   const char *json)
{
    hexmcp_str texts[4];
    hexmcp_fake_answer answer;
    unsigned n = 0;
    for (; n < 4 && given[n]; n++)
        texts[n] = hexmcp_str_from(given[n]);
    hexmcp_fake_draft(p, kind, texts, n, &answer);
    const char *got = answer.json ? answer.json : answer.error.text;
    check(what, strcmp(got, json) == 0, got);
    hexmcp_fake_answer_free(&answer);
}

static void set(hexmcp_fake_plugin *p, const char *what, const char *key, const char *value,
                const char *options, const char *json)
{
    const char *const given[] = {"space", key, value, options};
    expect(p, what, HEXMCP_FAKE_KV_SET, given, json);
}

static void try_all(hexmcp_fake_plugin *p)
{
    const char *const a[] = {"space", "a", NULL}, *const gone[] = {"space", "a", "{}", NULL},
                      *const other[] = {"another", "a", NULL}, *const query[] = {"space", "{\"limit\":1}", NULL};
    set(p, "a new key", "a", "one", "{\"ifVersion\":0}", "{\"version\":1}");
    set(p, "changed", "a", "two", "{\"ifVersion\":1}", "{\"version\":2}");
    set(p, "changed by somebody else", "a", "three", "{\"ifVersion\":1}", "{\"conflict\":2}");
    set(p, "a key that ends", "a", "x", "{\"ttlMs\":5}", "keys do not end by themselves here");
    expect(p, "read", HEXMCP_FAKE_KV_GET, a, "{\"version\":2}");
    expect(p, "another space", HEXMCP_FAKE_KV_GET, other, "there is no such key");
    set(p, "a second key", "b", "", "{}", "{\"version\":1}");
    expect(p, "the first of two", HEXMCP_FAKE_KV_LIST, query,
           "{\"keys\":[{\"key\":\"a\",\"version\":2,\"bytes\":3}],\"more\":true}");
    expect(p, "removed", HEXMCP_FAKE_KV_REMOVE, gone, "{\"removed\":true}");
    expect(p, "removed again", HEXMCP_FAKE_KV_REMOVE, gone, "{\"removed\":false}");
    expect(p, "gone", HEXMCP_FAKE_KV_GET, a, "there is no such key");
    set(p, "its version goes on", "a", "four", "{}", "{\"version\":4}");
    const char *const both[] = {"space",
                                "{\"changes\":[{\"key\":\"a\",\"remove\":true,\"ifVersion\":4},"
                                "{\"key\":\"c\",\"bytes\":3}]}",
                                "two", NULL};
    const char *const late[] = {"space",
                                "{\"changes\":[{\"key\":\"d\",\"bytes\":1},"
                                "{\"key\":\"c\",\"bytes\":1,\"ifVersion\":0}]}",
                                "xy", NULL};
    const char *const values[] = {"space", "{\"limit\":9,\"values\":true}", NULL};
    expect(p, "two changes", HEXMCP_FAKE_KV_APPLY, both, "{\"versions\":[5,1]}");
    expect(p, "two changes, one too late", HEXMCP_FAKE_KV_APPLY, late,
           "{\"conflict\":{\"key\":\"c\",\"version\":1}}");
    expect(p, "listed with values", HEXMCP_FAKE_KV_LIST, values, "{\"more\":false}");
}

int main(int argc, char **argv)
{
    hexmcp_fake_plugin p;
    hexmcp_fake_stream stream;
    hexmcp_error err = {sizeof(err), 0, ""};
    if (argc < 2)
        return 2;
    hexmcp_fake *fake = hexmcp_fake_new();
    hexmcp_fake_stream_begin(&stream, fake);
    if (hexmcp_fake_create_from(&p, fake, argv[1], &err) ||
        hexmcp_fake_init(&p, "{}", &err) || hexmcp_fake_start(&p, &err)) {
        printf("Bail out! %s\n", err.text);
        return 1;
    }
    try_all(&p);
    check("the value that was read",
          stream.pieces && stream.pieces->len == 3 && memcmp(stream.pieces->bytes, "two", 3) == 0,
          "another");
    hexmcp_fake_destroy(&p);
    hexmcp_fake_stream_end(&stream);
    hexmcp_fake_free(fake);
    printf("1..%d\n", count);
    return failed != 0;
}
