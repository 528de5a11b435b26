/*
 * What the plugin answers, without hexmcp: hexmcp/test/fake_host.h is a host that is not there. It
 * also fails the test if the plugin breaks a rule, such as answering a call twice.
 */
#include <stdio.h>
#include <string.h>

#include "hexmcp/test/fake_host.h"

static int count, failed;

static void check(const char *what, int good, const char *got)
{
    printf("%s %d - %s\n", good ? "ok" : "not ok", ++count, what);
    if (!good)
        printf("# %s\n", got);
    failed += !good;
}

/* Reads a URI with the variables that the host took out of it. */
static void expect(hexmcp_fake_plugin *p, const char *what, const char *uri, const char *variables,
                   const char *part)
{
    hexmcp_fake_answer answer;
    hexmcp_fake_ask(p, HEXMCP_FAKE_READ, uri, variables, NULL, NULL, &answer);
    const char *got = answer.json ? answer.json : answer.error.text;
    check(what, strstr(got, part) != NULL, got);
    hexmcp_fake_answer_free(&answer);
}

int main(int argc, char **argv)
{
    hexmcp_fake_plugin p;
    if (argc < 2)
        return 2;
    hexmcp_fake_load(&p, argv[1], "{}");
    expect(&p, "the list", "{{name}}://codes", "{}", "\\n404 Not Found\\n");
    expect(&p, "a code", "{{name}}://codes/404", "{\"code\":\"404\"}",
           "{\"contents\":[{\"uri\":\"{{name}}://codes/404\",\"mimeType\":\"text/plain\","
           "\"text\":\"Not Found\"}]}");
    expect(&p, "a code that is none", "{{name}}://codes/999", "{\"code\":\"999\"}",
           "there is no such code; {{name}}://codes lists all");
    hexmcp_fake_unload(&p);
    printf("1..%d\n", count);
    return failed != 0;
}
