/* Any bytes as a template, in both syntaxes, over a context with a bit of everything. The first byte chooses. */
#include <assert.h>
#include <string.h>

#include "plugins/tools/template-engine/mustache.h"
#include "plugins/tools/template-engine/tera.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char context_json[] =
    "{\"a\":\"<A>\",\"n\":1.5,\"z\":0,\"t\":true,\"f\":false,\"x\":null,\"l\":[3,1,2],\"w\":[\"b\",\"a\"],"
    "\"o\":{\"a\":\"in\",\"l\":[{\"a\":1},{\"a\":2}]},\"s\":\"w\\u00f6rld a\"}";
static const char partials_json[] = "{\"p\":\"({{a}}){{#l}}{{> q}}{{/l}}\\n\",\"q\":\"{{.}}\",\"r\":\"{{> r}}\"}";

static void render(const uint8_t *data, size_t size, bool is_tera)
{
    hexmcp_error err = {.size = sizeof(err)};
    const hexmcp_round r = {.err = &err};
    struct render g;
    /* Templates end with a NUL behind them. */
    char *text = malloc(size + 1);
    assert(text);
    memcpy(text, data, size);
    text[size] = '\0';
    render_begin(&g, &r, true);
    struct value context = value_parse(&g, hexmcp_str_from(context_json));
    struct value partials = value_parse(&g, hexmcp_str_from(partials_json));
    assert(g.status == HEXMCP_OK && g.depth == 0);
    if (is_tera)
        tera_render(&g, (hexmcp_str){text, size}, &context);
    else
        mustache_render(&g, (hexmcp_str){text, size}, &context, &partials);
    assert(g.status != HEXMCP_OK || g.depth == 0);
    assert(g.status == HEXMCP_OK || (err.code == g.status && err.text[0] != '\0'));
    assert(g.memory <= MEMORY_BYTES_MAX);
    render_end(&g);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 0)
        render(data + 1, size - 1, data[0] & 1);
    return 0;
}
