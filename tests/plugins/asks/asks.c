/* hexmcp.test.asks: its manifest asks for everything, its one tool says hello. */
#include "hexmcp/plugin.h"
#include "hexmcp/simple.h"

#ifndef ASKS_VERSION
#define ASKS_VERSION "1.0.0"
#endif

static int32_t greet(const hexmcp_host *host, hexmcp_call call, hexmcp_str tool, hexmcp_str args,
                     hexmcp_error *err)
{
    (void)tool;
    (void)args;
    (void)err;
    return hexmcp_complete_text(host, call, HEXMCP_RESULT, hexmcp_str_from("hello"));
}

HEXMCP_SIMPLE_DEFINE("hexmcp.test.asks", ASKS_VERSION, greet);
