#include "hexmcp/plugin.h"
#include "hexmcp/simple.h"

static int32_t hello(const hexmcp_host *host, hexmcp_call call, hexmcp_str tool, hexmcp_str args,
                     hexmcp_error *err)
{
    hexmcp_str value;
    char name[401], text[420];
    (void)tool; /* there is only one */
    if (hexmcp_json_get(args, "name", &value) != HEXMCP_OK ||
        hexmcp_json_string(value, name, sizeof(name), NULL) != HEXMCP_OK)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "hello cannot read `name`: pass a string of 1 to 100 characters, no NUL");
    snprintf(text, sizeof(text), "Hello, %s!", name);
    return hexmcp_complete_text(host, call, HEXMCP_RESULT, hexmcp_str_from(text));
}

HEXMCP_SIMPLE_DEFINE("hexmcp.examples.hello", "0.1.0", hello);
