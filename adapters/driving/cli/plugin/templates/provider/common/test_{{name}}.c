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

/* Makes a call with one text and compares its whole answer. */
static void expect(hexmcp_fake_plugin *p, const char *what, uint32_t kind, const char *request,
                   const char *json)
{
    const hexmcp_str texts[] = {hexmcp_str_from(request)};
    hexmcp_fake_answer answer;
    hexmcp_fake_draft(p, kind, texts, 1, &answer);
    const char *got = answer.json ? answer.json : answer.error.text;
    check(what, strcmp(got, json) == 0, got);
    hexmcp_fake_answer_free(&answer);
}

#define REQUEST(stream)                                                                          \
    "{\"model\":\"parrot\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\","    \
    "\"text\":\"say hello\"}]}],\"stream\":" stream "}"
#define ANSWER                                                                                   \
    "{\"model\":\"parrot\",\"content\":[{\"type\":\"text\",\"text\":\"say hello\"}],"            \
    "\"stopReason\":\"endTurn\",\"usage\":{\"inputTokens\":2,\"outputTokens\":2}}"

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
    expect(&p, "the models", HEXMCP_FAKE_MODELS, "",
           "{\"models\":[{\"id\":\"parrot\",\"title\":\"Parrot\",\"input\":[\"text\"],"
           "\"can\":[\"stream\"]}]}");
    expect(&p, "an answer in one piece", HEXMCP_FAKE_GENERATE, REQUEST("false"), ANSWER);
    check("without pieces", stream.pieces == NULL, "there are pieces");
    expect(&p, "an answer in pieces", HEXMCP_FAKE_GENERATE, REQUEST("true"), ANSWER);
    const char *piece = stream.pieces ? stream.pieces->json : "no piece";
    check("the first piece", strcmp(piece, "{\"type\":\"text\",\"index\":0,\"text\":\"say \"}") == 0,
          piece);
    expect(&p, "nothing to repeat", HEXMCP_FAKE_GENERATE, "{\"messages\":[]}",
           "parrot needs a message with a text");
    hexmcp_fake_destroy(&p);
    hexmcp_fake_stream_end(&stream);
    hexmcp_fake_free(fake);
    printf("1..%d\n", count);
    return failed != 0;
}
