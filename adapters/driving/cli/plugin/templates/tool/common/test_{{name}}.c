/*
 * What the plugin answers, without hexmcp: hexmcp/test/fake_host.h is a host that is not there. It
 * also fails the test if the plugin breaks a rule, such as answering a call twice.
 */
#include <stdio.h>
#include <string.h>

#include "hexmcp/test/fake_host.h"

static int count, failed;

static void check(const char *what, int good)
{
    printf("%s %d - %s\n", good ? "ok" : "not ok", ++count, what);
    failed += !good;
}

/* Calls the tool and compares its whole answer. */
static void expect(hexmcp_fake_plugin *p, const char *what, const char *args, const char *json)
{
    hexmcp_fake_answer answer;
    hexmcp_fake_run(p, "count_words", args, &answer);
    int good = answer.outcome == HEXMCP_RESULT && strcmp(answer.json, json) == 0;
    check(what, good);
    if (!good)
        printf("# %s\n", answer.json ? answer.json : answer.error.text);
    hexmcp_fake_answer_free(&answer);
}

int main(int argc, char **argv)
{
    hexmcp_fake_plugin p;
    if (argc < 2)
        return 2;
    hexmcp_fake_load(&p, argv[1], "{}");
    expect(&p, "an empty text", "{\"text\":\"\"}",
           "{\"structuredContent\":{\"lines\":0,\"words\":0,\"characters\":0}}");
    expect(&p, "two lines", "{\"text\":\"one two\\nthree\"}",
           "{\"structuredContent\":{\"lines\":2,\"words\":3,\"characters\":13}}");
    expect(&p, "a letter of two bytes", "{\"text\":\"Gr\\u00fc\\u00dfe\\n\"}",
           "{\"structuredContent\":{\"lines\":1,\"words\":1,\"characters\":6}}");
    hexmcp_fake_unload(&p);
    printf("1..%d\n", count);
    return failed != 0;
}
