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

/* Runs the hook on `data` and compares its whole answer. */
static void expect(hexmcp_fake_plugin *p, const char *what, const char *data, const char *json)
{
    const hexmcp_str texts[] = {hexmcp_str_from("keep_keys"),
                                hexmcp_str_from("BeforeToolExecution"), hexmcp_str_from(data)};
    hexmcp_fake_answer answer;
    hexmcp_fake_draft(p, HEXMCP_FAKE_HOOK_RUN, texts, 3, &answer);
    const char *got = answer.json ? answer.json : answer.error.text;
    check(what, strcmp(got, json) == 0, got);
    hexmcp_fake_answer_free(&answer);
}

int main(int argc, char **argv)
{
    hexmcp_fake_plugin p;
    if (argc < 2)
        return 2;
    hexmcp_fake_load(&p, argv[1], "{}");
    expect(&p, "a harmless call", "{\"/arguments\":{\"text\":\"hello\"}}",
           "{\"result\":\"continue\"}");
    expect(&p, "a call with a key",
           "{\"/arguments\":{\"text\":\"-----BEGIN PRIVATE KEY-----\\nMII\"}}",
           "{\"result\":\"cancel\",\"reason\":\"the arguments hold a private key; leave it out\"}");
    hexmcp_fake_unload(&p);
    printf("1..%d\n", count);
    return failed != 0;
}
