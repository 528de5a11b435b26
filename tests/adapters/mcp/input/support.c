#include "tests/adapters/mcp/input/support.h"

#include <stdlib.h>
#include <string.h>

static char *turn_quotes(const char *text)
{
    char *copy = strdup(text);
    assert_non_null(copy);
    for (char *at = copy; *at; at++)
        if (*at == '\'')
            *at = '"';
    return copy;
}

struct text text_of(const char *json)
{
    struct text t = {.bytes = turn_quotes(json)};
    struct error err;
    if (json_parse(str_from(t.bytes), &t.doc, &err))
        fail_msg("%s in %s", err.text, t.bytes);
    t.root = json_root(t.doc);
    return t;
}

void text_free(struct text *t)
{
    json_free(t->doc);
    free(t->bytes);
}

void assert_text(struct str got, const char *wanted)
{
    char *turned = turn_quotes(wanted);
    if (!str_eq(got, str_from(turned)))
        fail_msg("\n  got    %.*s\n  wanted %s", STR_ARG(got), turned);
    free(turned);
}

void assert_message(const struct error *err, const char *wanted)
{
    assert_text(str_from(err->text), wanted);
}

struct client_abilities abilities_of(const char *capabilities, enum revision revision)
{
    struct text t = text_of(capabilities);
    struct client_abilities abilities = client_abilities_read(t.root, revision);
    text_free(&t);
    return abilities;
}
